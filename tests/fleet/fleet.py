"""bin/heartsound fleet-sim, its report, and a mosquitto that is set up for it."""

import json
import subprocess
from pathlib import Path

from broker import Broker
from program import ROOT, Done, Running, heartsound

DEPLOY = ROOT / "deploy/fleet"


class FleetBroker(Broker):
    """A mosquitto with deploy/fleet/mosquitto.conf, or with what mosquitto does by itself."""

    def __init__(self, folder: Path, tuned: bool = True):
        super().__init__(folder)
        more = (DEPLOY / "mosquitto.conf").read_text() if tuned else ""
        self._config.write_text(self._config.read_text().replace("log_type all", "log_type notice") + more)

    @property
    def pid(self) -> int:
        return self._process.pid


def fleet_sim(*arguments, brokers) -> Done:
    return heartsound("fleet-sim", "--broker", *brokers, "--json", *map(str, arguments))


def start_fleet(folder: Path, *arguments, brokers) -> Running:
    return Running(folder, "fleet-sim", "--broker", *brokers, "--json", *map(str, arguments))


def report(done: Done) -> dict:
    assert done.out, done.err
    return json.loads(done.out)


def whole(report: dict, verdicts: int, in_order: bool = True) -> None:
    """Every verdict was acknowledged and arrived, each series in order where that is asked for."""
    counts = report["verdicts"]
    assert (counts["made"], counts["acknowledged"], counts["arrived"]) == (verdicts, verdicts, verdicts), report
    assert counts["lost"] == 0 and (counts["outOfOrder"] == 0 or not in_order) and report["heldBack"] == 0, report


def arrived(running: Running) -> int:
    """By the newest line of progress."""
    lines = [line for line in running.err.splitlines() if " arrived" in line]
    return int(lines[-1].split(" arrived")[0].split()[-1]) if lines else 0


def load_average() -> float:
    return float(Path("/proc/loadavg").read_text().split()[0])


def client(name: str, port: int, *arguments, **more) -> subprocess.CompletedProcess:
    """One of Debian's own clients, mosquitto_pub or mosquitto_sub."""
    return subprocess.run([name, "-h", "127.0.0.1", "-p", str(port), *arguments], capture_output=True, text=True, timeout=60, **more)
