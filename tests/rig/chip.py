"""The lamps and the button as the board has them: what the GPIO chip has logged, and what drives its inputs."""

import time
from dataclasses import dataclass

from guest import Guest

FOLDER = "/sys/devices/platform/rig_gpio"
ACTIVITY, NORMAL, UNSURE, ABNORMAL = "activity", "normal", "unsure", "abnormal"
LINES = {ACTIVITY: 0, NORMAL: 1, UNSURE: 2, ABNORMAL: 3}  # deploy/boards/rig.json
BUTTON = 4


@dataclass(frozen=True)
class Step:
    """Lamps that stayed as they were for a while; ``seconds`` is None for the last, which still lasts."""

    start: float
    lit: frozenset[str]
    seconds: float | None


@dataclass(frozen=True)
class Blink:
    """One lamp, lit or dark for a while."""

    start: float
    lit: bool
    seconds: float


class Chip:
    def __init__(self, guest: Guest):
        self._guest = guest

    def clear(self) -> None:
        self._guest.run(f"echo >{FOLDER}/log")

    def lit(self) -> frozenset[str]:
        """The lamps that are lit now."""
        return _names(int(self._guest.run(f"cat {FOLDER}/out"), 16))

    def steps(self) -> list[Step]:
        """What the lamps did since ``clear``, by the guest's monotonic clock. What lasted under 5 ms is a lamp that was switched after another, and is left out."""
        entries = [(int(us) / 1e6, _names(int(mask, 16))) for us, mask in (line.split() for line in self._guest.run(f"cat {FOLDER}/log").splitlines())]
        steps: list[Step] = []
        for (start, lit), (end, _) in zip(entries, entries[1:] + [(None, None)]):
            if end is not None and end - start < 0.005:
                continue
            if steps and steps[-1].lit == lit:
                start = steps.pop().start
            steps.append(Step(start, lit, None if end is None else end - start))
        return steps

    def clock(self) -> float:
        """What to add to the guest's monotonic clock to have its time since 1970; right to some 10 ms."""
        up, now = self._guest.run("cut -d ' ' -f 1 /proc/uptime; date +%s.%N").split()
        return float(now) - float(up)

    def watch(self, seconds: float) -> list[Step]:
        """What the lamps do from now on for so long; without the first and the last step, whose lengths are not known."""
        self.clear()
        time.sleep(seconds)
        return self.steps()[:-1]

    def press(self, seconds: float, bounces: int = 0) -> None:
        """Presses the button (which pulls its line low) and lets go; its contact opens and closes ``bounces`` times, each within 2 ms, at both ends."""
        self._guest.run(f"{_BOUNCE} bounce {bounces}; echo {_button(True)} >{FOLDER}/in; sleep {seconds}; bounce {bounces}; echo {_button(False)} >{FOLDER}/in")

    def touch(self, bounces: int) -> None:
        """Opens and closes the contact without ever pressing the button."""
        self._guest.run(f"{_BOUNCE} bounce {bounces}")

    def kill(self, *lamps: str) -> None:
        """Lets the lines of these lamps, and no others, read low whatever drives them."""
        self._guest.run(f"echo {sum(1 << LINES[lamp] for lamp in lamps):04x} >{FOLDER}/dead")

    def release(self) -> None:
        """The button as it is when nobody touches it."""
        self._guest.run(f"echo {_button(False)} >{FOLDER}/in")


def blinks(steps: list[Step], lamp: str) -> list[Blink]:
    """What one lamp did, its first and last state left out: their lengths are not known."""
    found: list[list] = []
    for step in steps:
        if step.seconds is None:
            break
        if found and found[-1][1] == (lamp in step.lit):
            found[-1][2] += step.seconds
        else:
            found.append([step.start, lamp in step.lit, step.seconds])
    return [Blink(*values) for values in found[1:-1]]


def _button(pressed: bool) -> str:
    return f"{0xFFFF ^ pressed << BUTTON:04x}"


# Shell: pressed and let go, so many times, without starting a program in between.
_BOUNCE = f"bounce() {{ for i in $(seq $1); do echo {_button(True)} >{FOLDER}/in; echo {_button(False)} >{FOLDER}/in; done; }};"


def _names(mask: int) -> frozenset[str]:
    return frozenset(name for name, line in LINES.items() if mask >> line & 1)
