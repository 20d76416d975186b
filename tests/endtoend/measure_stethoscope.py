"""How soon `heartsound run` sees each fault of a stethoscope, and how soon it listens again: seconds until the log says so, for docs/capture.md.

    /usr/bin/python3 tests/endtoend/measure_stethoscope.py [TRIES]     # 10 tries take about 8 minutes
"""

import random
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

from program import DEADLINE, MODEL, heartsound, running
from stethoscope import StandIn, virtual_stethoscope

FAULTS = {
    "frozen": "frozen", "remainder": "frozen", "overflowed": "frozen", "error": "unplugged", "zeros": "silent", "stuck": "stuck",
    "sound speed=1.5": "rateMismatch", "sound speed=0.7": "rateMismatch", "overrun": "overrun",
}


def seconds_until(run, known: int, *wanted: str) -> float:
    """From now until the log names one of the states, after the first ``known`` that it has named before."""
    began = time.monotonic()
    while not set(wanted) & set(states(run)[known:]):
        assert time.monotonic() < began + DEADLINE, run.err
        time.sleep(0.002)
    return time.monotonic() - began


def states(run) -> list[str]:
    return [m[1] for m in re.finditer(r"Capture(?: has failed| is degraded| is well again)?: (\w+)", run.err)]


def tell(what: str, times: list[float]) -> None:
    print(f"{what:42} n={len(times):3}  median {statistics.median(times):5.2f} s  worst {max(times):5.2f} s", flush=True)


def faults(folder: Path, tries: int) -> None:
    """With the stand-in, which is as fast as a USB stethoscope: 10 ms of sound every 10 ms."""
    device = StandIn(folder / "standin")
    with running(folder / "run", "run", "--model", MODEL, "--verbose", "--capture-name", "Stand-in", "--channel", "2", env=device.env) as run:
        seconds_until(run, 0, "listening")
        for fault, state in FAULTS.items():
            seen, well = [], []
            for _ in range(tries):
                time.sleep(2 + random.random())
                known = len(states(run))
                device.play(fault)
                seen.append(seconds_until(run, known, state))
                time.sleep(random.random())
                known = len(states(run))
                device.play("sound")
                well.append(seconds_until(run, known, "listening"))
            tell(f"{fault}: seen as {state}", seen)
            tell(f"{fault}: over, listening again", well)


def pulseaudio(folder: Path, tries: int) -> None:
    """With the real PortAudio. What it listens to is no card, so nothing says when it is there again but the next try."""
    heart = folder / "heart.wav"
    assert heartsound("simulate", "--out", heart, "--rate", "8000", "--seconds", "300").code == 0
    with virtual_stethoscope(folder / "pulse") as device:
        device.play(heart)
        with running(folder / "run2", "run", "--model", MODEL, "--verbose", "--capture-name", "stethoscope", env=device.env) as run:
            seconds_until(run, 0, "listening")
            gone, back, hung, on = [], [], [], []
            for _ in range(tries):
                time.sleep(2 + random.random())
                known = len(states(run))
                device.pull()
                gone.append(seconds_until(run, known, "unplugged", "frozen"))
                time.sleep(random.uniform(1, 12))
                known = len(states(run))
                device.plug()
                device.play(heart)
                back.append(seconds_until(run, known, "listening"))
            tell("sink unloaded: seen", gone)
            tell("sink loaded 1-12 s later: first good sample", back)
            for _ in range(tries):
                time.sleep(3 + random.random())
                known = len(states(run))
                device.hang()
                hung.append(seconds_until(run, known, "frozen"))
                known = len(states(run))
                device.go_on()
                on.append(seconds_until(run, known, "listening"))
            tell("server stopped (SIGSTOP): seen as frozen", hung)
            tell("server goes on: first good sample", on)


if __name__ == "__main__":
    how_often = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    with tempfile.TemporaryDirectory() as place:
        faults(Path(place), how_often)
        pulseaudio(Path(place), how_often)
