"""How long it takes from the last sample of an examination to the lamp, and to a subscriber at the broker: of `heartsound run` with a simulated heart in real time,
a mosquitto on this machine and the lamps on a terminal. For docs/performance.md.

    /usr/bin/python3 tests/endtoend/measure_latency.py [VERDICTS]     # 7.5 s each; 50 by default
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from broker import Broker
from program import HEARTSOUND, environment

# An examination ends with a window, so that the network is on the way. The lamp of a verdict goes out after 5 s, so that the next lights it anew.
RUN = ("run", "--simulate", "--examination", "always", "--examination-seconds", "7.5", "--set", "lights.verdictSeconds=5", "--lights", "terminal", "--set", "lights.lampTest=false")


def timed_lines(stream, into: list) -> threading.Thread:
    def read():
        for line in iter(stream.readline, b""):
            into.append((time.monotonic(), line.decode()))

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread


def show(what: str, seconds: list[float]) -> None:
    ms = sorted(1000 * s for s in seconds)
    print(f"{what:46} n={len(ms):3}  p50 {statistics.median(ms):6.1f} ms  p90 {ms[int(0.9 * (len(ms) - 1))]:6.1f} ms  worst {ms[-1]:6.1f} ms", flush=True)


def main(verdicts: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        broker = Broker(Path(folder) / "broker").start()
        heard, lamps = [], []
        witness = subprocess.Popen(["mosquitto_sub", "-h", "127.0.0.1", "-p", str(broker.port), "-t", "heartsound/+/verdict"], stdout=subprocess.PIPE)
        device = subprocess.Popen([HEARTSOUND, *RUN, "--broker", broker.address], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment())
        try:
            timed_lines(witness.stdout, heard)
            timed_lines(device.stderr, lamps)
            while len(heard) < verdicts and device.poll() is None:
                time.sleep(0.1)
        finally:
            device.send_signal(signal.SIGTERM)
            device.wait(20)
            witness.kill()
            broker.stop()
    lit = [at for at, line in lamps if line.startswith("lights: ") and line.rstrip().endswith(("normal", "abnormal", "tell"))]
    messages = [(at, json.loads(line)) for at, line in heard[1:]]  # the first while everything is compiled
    said = [message["monotonicSeconds"] for _, message in messages]
    last_sample = [at - message["latencyMs"] / 1000 for at, (_, message) in zip(said, messages)]
    show("last sample to verdict (the network included)", [message["latencyMs"] / 1000 for _, message in messages])
    show("verdict to subscriber", [at - then for (at, _), then in zip(messages, said)])
    show("last sample to subscriber", [at - then for (at, _), then in zip(messages, last_sample)])
    lamp = [min((at for at in lit if at >= then), default=None) for then in said]
    shown = [(at, then, sample) for at, then, sample in zip(lamp, said, last_sample) if at is not None and at < then + 1]
    show("verdict to lamp", [at - then for at, then, _ in shown])
    show("last sample to lamp", [at - sample for at, _, sample in shown])
    if len(shown) < len(said):
        print(f"{len(said) - len(shown)} verdicts changed no lamp", file=sys.stderr)


if __name__ == "__main__":
    os.chdir(Path(__file__).parents[2])
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
