"""systemd's side of the notify socket, played by the test: what the service says, in order and with the time it came."""

import os
import signal
import socket
import subprocess
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from program import DEADLINE, HEARTSOUND, Done, assert_no_crash, environment, wait_until


class Supervisor:
    """bin/heartsound with a notify socket and, where one is asked for, a watchdog."""

    def __init__(self, folder: Path, *arguments, watchdog_seconds: float | None = None, abstract: bool = False, stdout=None, env: dict[str, str] | None = None, command=HEARTSOUND, **popen):
        folder.mkdir(parents=True, exist_ok=True)
        self._out, self._err = folder / "stdout", folder / "stderr"
        address = f"@{folder}/notify" if abstract else f"{folder}/notify"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address.replace("@", "\0", 1) if abstract else address)
        self._socket.settimeout(0.1)
        told = {"NOTIFY_SOCKET": address, **(env or {})}
        if watchdog_seconds is not None:
            told["WATCHDOG_USEC"] = str(int(watchdog_seconds * 1e6))
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.started = time.monotonic()
            self._process = subprocess.Popen([command, *map(os.fspath, arguments)], stdin=subprocess.DEVNULL, stdout=stdout or out, stderr=err, env=environment(**told), **popen)
        self.messages: list[tuple[float, dict[str, str]]] = []
        self._listening = True
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        while self._listening:
            try:
                text = self._socket.recv(65536).decode()
            except TimeoutError:
                continue
            assert len(text) <= 4096, "systemd reads no more"
            self.messages.append((time.monotonic(), dict(line.split("=", 1) for line in text.split("\n"))))

    def all(self, name: str) -> list[str]:
        return [message[name] for _, message in list(self.messages) if name in message]

    def times(self, name: str) -> list[float]:
        return [at for at, message in list(self.messages) if name in message]

    @property
    def err(self) -> str:
        return self._err.read_text()

    @property
    def out(self) -> str:
        return self._out.read_text()

    @property
    def pid(self) -> int:
        return self._process.pid

    def until(self, condition) -> None:
        wait_until(lambda: condition(self) or self._process.poll() is not None, lambda: f"{self.messages}\n{self.err}")
        assert condition(self), f"ended with {self._process.returncode}: {self.messages}\n{self.err}"

    def until_ready(self) -> None:
        self.until(lambda s: s.all("READY"))

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self) -> Done:
        code = self._process.wait(DEADLINE)
        assert_no_crash(code, self.err)
        return Done(code, self.out, self.err)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._listening = False
        self._thread.join()
        self._socket.close()


@contextmanager
def supervised(folder: Path, *arguments, **more):
    """A Supervisor that is gone afterwards, with its process."""
    supervisor = Supervisor(folder, *arguments, **more)
    try:
        yield supervisor
    finally:
        supervisor.close()
