"""What the lamps shall do, as docs/lights.md tells it to people: written down once more, so that the program is held to what was promised and not to itself."""

from statistics import median

from chip import ABNORMAL, ACTIVITY, NORMAL, UNSURE, Blink, Step, blinks

ALL = (ACTIVITY, NORMAL, UNSURE, ABNORMAL)
DARK = ()
TROUBLE = (UNSURE, ABNORMAL)

# Lamps and milliseconds, over and over.
ACTIVITIES = {
    "starting": [((ACTIVITY,), 500), (DARK, 500)],
    "waiting": [((ACTIVITY,), 120), (DARK, 200), ((ACTIVITY,), 120), (DARK, 2560)],
    "listeningNoRate": [*[((ACTIVITY,), 100), (DARK, 100)] * 3, ((ACTIVITY,), 100), (DARK, 1600)],
    "fault": [(TROUBLE, 900), (DARK, 300), (TROUBLE, 300), (DARK, 300), (TROUBLE, 300), (DARK, 900)],
    "updating": [((ACTIVITY,), 900), (DARK, 300), ((UNSURE,), 300), (DARK, 900)],
    "paused": [((ACTIVITY, UNSURE), 1000), (DARK, 3000)],
    "identify": [((ACTIVITY, UNSURE, ABNORMAL), 100), (DARK, 100)],
}
FLASH = 150  # of a heart's beat, at rates up to 160 a minute
VERDICTS = {
    "abnormal": (ABNORMAL, [(True, 350), (False, 150), (True, 350), (False, 150), (True, 350), (False, 1050)]),
    "cannotTell": (UNSURE, [(True, 1500), (False, 1000)]),
}

# An emulated machine wakes late now and then. A whole pattern is judged by the middle of its deviations, each step by this.
LATE_MS = 90
TYPICAL_MS = 15


def heart(bpm: float) -> list[tuple[tuple[str, ...], float]]:
    beat = round(60_000 / bpm)
    return [((ACTIVITY,), FLASH), (DARK, beat - FLASH)]


def deviations(steps: list[Step], pattern: list[tuple[tuple[str, ...], float]]) -> list[float]:
    """By how many milliseconds each step was longer than it should be. Fails when the lamps show another pattern."""
    assert len(steps) >= len(pattern), f"only {len(steps)} steps were seen: {steps}"
    shown = [(step.lit, 1000 * step.seconds) for step in steps]
    return _deviations(shown, [(frozenset(lamps), ms) for lamps, ms in pattern])


def lamp_deviations(seen: list[Blink], pattern: list[tuple[bool, float]]) -> list[float]:
    """The same for one lamp of several."""
    assert len(seen) >= len(pattern), f"only {len(seen)} blinks were seen: {seen}"
    return _deviations([(blink.lit, 1000 * blink.seconds) for blink in seen], pattern)


def verdict_deviations(steps: list[Step], verdict: str) -> list[float]:
    lamp, pattern = VERDICTS[verdict]
    return lamp_deviations(blinks(steps, lamp), pattern)


def hold(values: list[float], late: float = LATE_MS) -> str:
    """Fails when the lamps are late; what they were, to print."""
    typical, worst = median(map(abs, values)), max(map(abs, values))
    assert typical <= TYPICAL_MS and worst <= late, f"off by {[round(value) for value in values]} ms"
    return f"{len(values)} steps, median {typical:.1f} ms, worst {worst:.0f} ms off"


def _deviations(shown: list[tuple], pattern: list[tuple]) -> list[float]:
    """Tries every phase in which the lamps may be, and takes the one that fits best."""
    tries = []
    for phase in range(len(pattern)):
        expected = [pattern[(phase + i) % len(pattern)] for i in range(len(shown))]
        if all(seen[0] == wanted[0] for seen, wanted in zip(shown, expected)):
            tries.append([seen[1] - wanted[1] for seen, wanted in zip(shown, expected)])
    assert tries, f"another pattern: {[(state if isinstance(state, bool) else sorted(state), round(ms)) for state, ms in shown]}"
    return min(tries, key=lambda values: sum(map(abs, values)))
