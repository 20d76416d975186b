"""bin/heartsound as its users start it: arguments in, exit code and texts out. Whatever it is given, it must not crash."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEARTSOUND = ROOT / "bin/heartsound"
MODEL = ROOT / "models/physionet2016-resnet18"
RUNTIMES = ROOT / ".native/onnxruntime"

OK, USAGE, SOME_FAILED, SETUP, NOT_REPRODUCED, NOT_DELIVERED, INTERRUPTED = 0, 2, 3, 4, 5, 6, 130
DEADLINE = 300  # seconds until a run counts as hung; far from what it takes, and nothing is asserted about time


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
    """This one's, without what would choose another model or runtime, and with plain texts."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HEARTSOUND_")}
    return {**kept, "NO_COLOR": "1", "LC_ALL": "C.UTF-8", **changes}


def heartsound(*arguments, env: dict[str, str] | None = None, cwd=None, user: int | None = None) -> Done:
    done = subprocess.run(
        [HEARTSOUND, *map(os.fspath, arguments)],
        stdin=subprocess.DEVNULL, capture_output=True, env=environment(**(env or {})), cwd=cwd, user=user, timeout=DEADLINE,
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    assert_no_crash(done.returncode, err)
    return Done(done.returncode, out, err)


def classify(*arguments, **more) -> Done:
    return heartsound("classify", "--json", *arguments, **more)


def assert_no_crash(code: int, err: str) -> None:
    """Exit code 1 is 'something nobody foresaw', negative and above 130 are signals; a stack trace is for nobody who uses this."""
    assert code in range(INTERRUPTED + 1) and code != 1, f"exit code {code}:\n{err}"
    assert "Unhandled exception" not in err and "\n   at " not in err, err
