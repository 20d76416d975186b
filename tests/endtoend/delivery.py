"""A device that gives verdicts by the hundred, a broker that can be broken, a witness, and what must be true afterwards."""

import json
import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from audit import Audit, audit, note
from broker import Broker
from program import ROOT, Done, Running, wait_until
from proxy import Faults, Proxy
from witness import Witness

DEVICE = "bed-7"
OUTBOX = "outbox.db"
SECONDS = 5  # of sound a verdict, the least there is


class Mosquitto(Broker):
    """A broker that keeps what it has acknowledged for who has a session, whatever the number; and that can be killed, paused, and robbed of its memory."""

    def __init__(self, folder: Path, *lines: str):
        super().__init__(folder)
        self.folder = folder
        with self._config.open("a") as config:
            # 0 is no limit. What is handed on at once is not lost with the broker.
            config.write("\n".join(["max_inflight_messages 0", "max_queued_messages 0", *lines]) + "\n")

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._process = None

    def save(self) -> None:
        """Writes its sessions to its database now, and not at its end alone."""
        database = self.folder / "mosquitto.db"
        before = database.stat().st_mtime_ns if database.exists() else 0
        self._process.send_signal(signal.SIGUSR1)
        wait_until(lambda: database.exists() and database.stat().st_mtime_ns > before, lambda: self.log[-2000:])

    def forget(self) -> None:
        (self.folder / "mosquitto.db").unlink(missing_ok=True)

    def pause(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        if self._process is not None:
            self.kill()


class Device:
    """``heartsound run`` with a simulated heart that beats ``speed`` times too fast, started, killed and stopped as often as one likes: one outbox, one name."""

    def __init__(self, folder: Path, address: str, name: str = DEVICE, speed: float = 400, outbox: Path | None = None, env: dict[str, str] | None = None):
        self.folder, self.name, self.outbox = folder, name, outbox or folder / "outbox"
        self._address, self._speed, self._env = address, speed, env
        self._runs: list[Running] = []
        self._said: list[dict] = []

    def start(self, *more: str, quiet: bool = False, stdout: int | None = None) -> Running:
        """``quiet``: gives no verdicts of its own, and only delivers what waits."""
        told = ["--examination", "button"] if quiet else ["--examination", "always", "--examination-seconds", str(SECONDS), "--speed", str(self._speed)]
        run = Running(
            self.folder / f"run-{len(self._runs)}", "run", "--simulate", "--json", "--device", self.name, "--broker", self._address,
            "--outbox", self.outbox, "--lights", "none", *told, *more, env=self._env, stdout=stdout,
        )
        self._runs.append(run)
        return run

    @property
    def run(self) -> Running:
        return self._runs[-1]

    def until(self, condition) -> None:
        """Waits for ``condition(run)``; fails when the program ends before, or hangs."""
        run = self.run
        wait_until(lambda: condition(run) or run.ended, lambda: f"{self.count()} verdicts said\n{run.err[-2000:]}")
        assert condition(run), f"ended:\n{run.err[-2000:]}"

    def kill(self) -> None:
        self.run.kill()

    def stop(self) -> Done:
        """Asks it to end, once it listens: before, nobody minds the signal."""
        self.until(lambda run: "Listening to" in run.err)
        return self.run.end(signal.SIGTERM)

    @property
    def said(self) -> list[dict]:
        """Every verdict that the device has told whoever stands beside it, in order. A line that a killed run did not finish is none."""
        lines = [line for run in self._runs for line in run.out.split("\n")[:-1]]
        self._said += [json.loads(line) for line in lines[len(self._said) :]]
        return list(self._said)

    def count(self) -> int:
        return sum(run.out.count("\n") for run in self._runs)

    def until_said(self, count: int) -> None:
        self.until(lambda _: self.count() >= count)

    def say(self, more: int) -> None:
        """Waits for that many verdicts from now on."""
        self.until_said(self.count() + more)

    def stored(self) -> list[int]:
        """What waits in the outbox's file; only of a device that does not run, for it lets nobody else in."""
        with closing(sqlite3.connect(self.outbox / OUTBOX)) as file:
            return [position for position, in file.execute("SELECT position FROM verdict ORDER BY position")]

    def close(self) -> None:
        for run in self._runs:
            run.kill()


class Bench:
    """A device, a broker, the bad network between them, and the witness; all gone afterwards. The network lets the device through only while the witness is there:
    a broker that has lost its sessions acknowledges what nobody hears, and that is no fault of the device."""

    def __init__(self, folder: Path, faults: Faults = Faults(), direct: bool = False, seed: int = 1, there: bool = True, **device):
        self.broker = Mosquitto(folder / "broker").start()
        self.witness = Witness(self.broker.port)
        wait_until(self.witness.is_there)
        self.broker.save()
        self.proxy = Proxy(self.broker.port, faults, seed, gate=lambda: self.is_open and self.witness.is_there())
        self.is_open = there
        self.device = Device(folder / "device", self.broker.address if direct else self.proxy.address, **device)

    def __enter__(self) -> "Bench":
        return self

    def __exit__(self, *_) -> None:
        self.device.close()
        self.proxy.close()
        self.witness.close()
        self.broker.end()

    def shut(self) -> None:
        """The device cannot reach its broker until ``open``."""
        self.is_open = False
        self.proxy.cut()

    def open(self) -> None:
        self.is_open = True

    def arrived(self) -> int:
        return len(self.witness.on(f"heartsound/{self.device.name}/verdict"))

    def heard(self) -> set[str]:
        """The ids of all that arrived."""
        return {a.json["id"] for a in self.witness.on(f"heartsound/{self.device.name}/verdict")}

    def catch_up(self) -> None:
        """Waits until everything that has been said by now has arrived."""
        said = {v["id"] for v in self.device.said}
        self.device.until(lambda _: said <= self.heard())

    def hear(self, more: int) -> None:
        """Waits for that many arrivals from now on."""
        before = self.arrived()
        self.device.until(lambda _: self.arrived() >= before + more)

    def until_part(self, cause: str, name: str = "outbox") -> dict:
        """Waits until the device says that of a part of itself."""
        self.device.until(lambda _: (part(self.witness, self.device, name) or {}).get("cause") == cause)
        return part(self.witness, self.device, name)

    def deliver(self, fault: str, how: str, unsaid: int = 0) -> Audit:
        return drain(self.device, self.witness, fault, how, unsaid)


def assert_delivered(device: Device, witness: Witness, fault: str, how: str, unsaid: int = 0) -> Audit:
    """Waits until everything the device said has arrived, and holds it against what it said."""

    said = {v["id"] for v in device.said}
    try:
        wait_until(lambda: said <= {a.json["id"] for a in witness.on(f"heartsound/{device.name}/verdict")})
    except AssertionError:
        pass  # the audit says it better
    result = audit(device.name, device.said, witness.arrivals, unsaid)
    assert not result.faults(), f"{result.faults()}\n{device.run.err[-3000:]}"
    assert result.verdicts >= device.count() > 0
    note(fault, how, result)
    return result


def drain(device: Device, witness: Witness, fault: str, how: str, unsaid: int = 0) -> Audit:
    """The service ends, starts again without a heart, and delivers what waits; nothing is lost, and nothing of it stays in the outbox."""
    device.stop()
    device.start(quiet=True)
    result = assert_delivered(device, witness, fault, how, unsaid)
    device.stop()
    for _ in range(3):  # what was delivered in the last moment may not have been acknowledged before it
        if not device.stored():
            return result
        device.start(quiet=True)
        online = statuses(witness, device).count("online")
        device.until(lambda _: statuses(witness, device).count("online") > online)
        device.stop()
    raise AssertionError(f"what was acknowledged is still in the outbox: {device.stored()}")


def health(witness: Witness, device: Device) -> list[dict]:
    """Every health message of the device so far that was news."""
    return [a.json for a in witness.on(f"heartsound/{device.name}/health") if not a.retained]


def part(witness: Witness, device: Device, name: str = "outbox") -> dict | None:
    """How that part of the device is by its last word."""
    messages = health(witness, device)
    return messages[-1]["parts"].get(name) if messages else None


def statuses(witness: Witness, device: Device) -> list[str]:
    return [a.json["status"] for a in witness.on(f"heartsound/{device.name}/status") if not a.retained]


def stand_in(folder: Path, name: str) -> Path:
    """tests/standins/NAME.c, compiled for LD_PRELOAD."""
    folder.mkdir(parents=True, exist_ok=True)
    library = folder / f"{name}.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-o", library, ROOT / f"tests/standins/{name}.c"], check=True)
    return library
