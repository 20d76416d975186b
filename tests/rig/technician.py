"""The technician's hands: the scripts of the host through a line that can be cut, and the device's own updater."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from device import ROOT
from guest import Guest
from journal import Event, Events

sys.path.append(str(ROOT / "tests/endtoend"))
from proxy import Proxy  # noqa: E402

UPDATER = "heartsound-update"
INCOMING = "/root/bundles"

# What heartsound-update says with its exit code.
CONFIRMED, REFUSED, ROLLED_BACK, BROKEN, BUSY = 0, 10, 11, 12, 13


@dataclass(frozen=True)
class Answer:
    """What a script said and how it ended."""

    code: int
    text: str
    devices: list[dict]  # of --json

    @property
    def outcome(self) -> str:
        return self.devices[0]["outcome"] if self.devices else ""


class Running:
    """A script that was started; its lines as they come."""

    def __init__(self, process: subprocess.Popen, log: Path | None = None):
        self._process = process
        self._lines = Events(process, lambda line: Event(time.time(), line.decode(errors="replace").rstrip("\n")), log)

    @property
    def text(self) -> str:
        return "\n".join(event.text for event in self._lines.since(0))

    def until(self, pattern: str, seconds: float) -> Event:
        return self._lines.until(pattern, seconds)

    def end(self, seconds: float) -> int:
        """Waits for its end; its exit code."""
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"not ended after {seconds} s:\n{self.text}") from None
        self._lines.drain()
        return code

    def kill(self) -> None:
        """It and what it has started, unless it has ended: its number may be somebody else's then."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)


class Technician:
    """Somebody at another computer. ``line`` is the network between: `line.cut()` cuts what is connected."""

    def __init__(self, guest: Guest, folder: Path, log: Path):
        self._guest, self._folder, self._log = guest, folder, log
        folder.mkdir(parents=True, exist_ok=True)
        self._at_work: list[Running] = []
        self.line = Proxy(guest.port)

    def close(self) -> None:
        for running in self._at_work:
            running.kill()
        self.line.close()

    def start(self, script: str, *words, root: Path = ROOT) -> Running:
        """One of scripts/, told how to reach the device as its first user, who may use sudo."""
        way = [
            "--user", "technician", "--identity", self._guest.key, "--port", self.line.port, "--accept-new-host-keys",
            "--ssh-option", f"UserKnownHostsFile={self._folder}/known_hosts",
        ]
        command = [str(word) for word in (root / "scripts" / script, *words, *way)]
        environment = {**os.environ, "HOME": str(self._folder), "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}
        return self._follow(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, start_new_session=True))

    def run(self, script: str, *words, seconds: float = 600) -> Answer:
        return answer(self.start(script, *words), seconds)

    def updater(self, *words) -> Running:
        """heartsound-update on the device itself, as root, followed over ssh."""
        return self._follow(self._guest.background(f"exec {UPDATER} {' '.join(map(str, words))} 2>&1", subprocess.PIPE))

    def _follow(self, process: subprocess.Popen) -> Running:
        running = Running(process, self._log)
        self._at_work.append(running)
        return running

    def bring(self, bundle: Path) -> str:
        """Copies a bundle to the device without any script; where it lies then."""
        self._guest.put(bundle.parent, INCOMING, bundle.name)
        return f"{INCOMING}/{bundle.name}"

    def status(self) -> dict:
        """What the updater says of itself."""
        return json.loads(self._guest.run(f"{UPDATER} status --json"))


def answer(running: Running, seconds: float) -> Answer:
    code = running.end(seconds)
    devices = [json.loads(line) for line in running.text.splitlines() if re.match(r'^\{.*"outcome"', line)]
    return Answer(code, running.text, devices)
