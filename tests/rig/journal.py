"""What happened, and when: the service's journal in the guest, and what came to the broker outside, both by the host's clock."""

import json
import re
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from guest import Guest


@dataclass(frozen=True)
class Event:
    """``at`` is the host's time in seconds since 1970."""

    at: float
    text: str


class Events:
    """Events as they come, read by a thread of its own; ``until`` waits for one."""

    def __init__(self, process: subprocess.Popen, parse, log: Path | None = None):
        self._process, self._parse, self._log = process, parse, log
        self._events: list[Event] = []
        self._arrived = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(10)

    def drain(self) -> None:
        """Of a process that has ended: waits until its last line was read."""
        self._reader.join(10)

    def mark(self) -> int:
        """Now, as a place among the events."""
        with self._arrived:
            return len(self._events)

    def since(self, mark: int) -> list[Event]:
        with self._arrived:
            return self._events[mark:]

    def until(self, pattern: str, seconds: float, mark: int = 0) -> Event:
        """The first event since ``mark`` in which ``pattern`` is found; fails when none comes within so many seconds."""
        end = time.monotonic() + seconds
        with self._arrived:
            at = mark
            while True:
                for event in self._events[at:]:
                    at += 1
                    if re.search(pattern, event.text):
                        return event
                if not self._arrived.wait(end - time.monotonic()) and time.monotonic() >= end:
                    raise AssertionError(f"'{pattern}' did not come in {seconds} s, only:\n" + "\n".join(e.text for e in self._events[mark:][-40:]))

    def _read(self) -> None:
        for line in self._process.stdout:
            event = self._parse(line)
            if event is None:
                continue
            if self._log is not None:
                with self._log.open("a") as log:
                    log.write(f"{event.at:.2f} {event.text}\n")
            with self._arrived:
                self._events.append(event)
                self._arrived.notify_all()


def journal(guest: Guest, unit: str, log: Path) -> Events:
    """The unit's journal from now on, what systemd says of the unit included; also written to a file."""
    ahead = clock_ahead(guest)

    def parse(line: bytes) -> Event | None:
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:
            return None
        text = entry.get("MESSAGE", "")
        return Event(int(entry["__REALTIME_TIMESTAMP"]) / 1e6 - ahead, text if isinstance(text, str) else bytes(text).decode(errors="replace"))

    return Events(guest.background(f"exec journalctl --unit={unit} --follow --lines=0 --output=json", subprocess.PIPE), parse, log)


def messages(port: int, log: Path) -> Events:
    """What comes to the broker from now on (and what it retains), as ``topic payload``; also written to a file."""
    client = ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(port), "-q", "1", "-t", "heartsound/#", "-F", "%U %t %p"]

    def parse(line: bytes) -> Event:
        at, text = line.decode(errors="replace").rstrip("\n").split(" ", 1)
        return Event(float(at), text)

    return Events(subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *client], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, bufsize=0), parse, log)


def clock_ahead(guest: Guest) -> float:
    """How many seconds the guest's clock is ahead of the host's: of five tries the one that took least."""
    tries = []
    for _ in range(5):
        before = time.time()
        there = float(guest.run("date +%s.%N"))
        after = time.time()
        tries.append((after - before, there - (before + after) / 2))
    return min(tries)[1]
