"""bin/heartsound as its users start it: arguments in, exit code and texts out. Whatever it is given, it must not crash."""

import json
import os
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEARTSOUND = ROOT / "bin/heartsound"
MODEL = ROOT / "models/physionet2016-cnn-small"
RUNTIMES = ROOT / ".native/onnxruntime"

OK, USAGE, SOME_FAILED, SETUP, NOT_REPRODUCED, NOT_DELIVERED, INTERRUPTED = 0, 2, 3, 4, 5, 6, 130
DEADLINE = 120  # seconds until a run counts as hung; far from what it takes, and nothing is asserted about time


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict]:
        """Standard output as JSON lines; fails when there is anything else on it."""
        objects = [json.loads(line) for line in self.out.splitlines()]
        assert all(isinstance(o, dict) for o in objects), self.out
        return objects


def environment(**changes: str) -> dict[str, str]:
    """This one's, without what would choose another model or runtime, and with a terminal that could show colours: none may come all the same."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HEARTSOUND_") and name != "NO_COLOR"}
    return {**kept, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **changes}


def heartsound(*arguments, env: dict[str, str] | None = None, cwd=None, user: int | None = None) -> Done:
    done = subprocess.run(
        [HEARTSOUND, *map(os.fspath, arguments)],
        stdin=subprocess.DEVNULL, capture_output=True, env=environment(**(env or {})), cwd=cwd, user=user, timeout=DEADLINE,
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    assert_no_crash(done.returncode, err)
    assert "\x1b" not in out + err, "escape codes for what is no terminal"
    return Done(done.returncode, out, err)


def classify(*arguments, **more) -> Done:
    return heartsound("classify", "--json", *arguments, **more)


class Running:
    """bin/heartsound at work in the background, what it says going to files in ``folder``."""

    def __init__(self, folder: Path, *arguments, env: dict[str, str] | None = None, stdout: int | None = None):
        folder.mkdir(parents=True, exist_ok=True)
        self._out, self._err = folder / "stdout", folder / "stderr"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self._process = subprocess.Popen([HEARTSOUND, *map(os.fspath, arguments)], stdin=subprocess.DEVNULL, stdout=stdout or out, stderr=err, env=environment(**(env or {})))

    @property
    def out(self) -> str:
        return self._out.read_text()

    @property
    def err(self) -> str:
        return self._err.read_text()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def until(self, condition) -> None:
        """Waits for ``condition(self)``; fails when the program ends before, or hangs."""
        wait_until(lambda: condition(self) or self.ended, lambda: f"out:\n{self.out}\nerr:\n{self.err}")
        assert condition(self), f"ended with {self._process.returncode}:\n{self.err}"

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def end(self, signal: int | None = None) -> Done:
        """Sends the signal, if one is given, and waits for the end."""
        if signal is not None:
            self._process.send_signal(signal)
        code = self._process.wait(DEADLINE)
        assert_no_crash(code, self.err)
        return Done(code, self.out, self.err)


@contextmanager
def running(folder: Path, *arguments, env: dict[str, str] | None = None):
    """A Running that is gone afterwards, whatever happens."""
    process = Running(folder, *arguments, env=env)
    try:
        yield process
    finally:
        process.kill()


def wait_until(condition, describe=lambda: "") -> None:
    until = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < until, f"nothing happened in {DEADLINE} s; {describe()}"
        time.sleep(0.02)


def assert_no_crash(code: int, err: str) -> None:
    """Exit code 1 is 'something nobody foresaw', negative and above 130 are signals; a stack trace is for nobody who uses this."""
    assert code in range(INTERRUPTED + 1) and code != 1, f"exit code {code}:\n{err}"
    assert "Unhandled exception" not in err and "\n   at " not in err, err
