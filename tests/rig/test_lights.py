"""Every picture of the lamps, as the chip has seen it, held against what docs/lights.md promises. What the running service shows when is in test_unplug.py and test_verdicts.py."""

import subprocess
import time

import pytest

from chip import NORMAL
from patterns import ACTIVITIES, ALL, VERDICTS, deviations, heart, hold, verdict_deviations
from chip import ACTIVITY, blinks

SECONDS = 7


@pytest.fixture
def show(guest, device, chip):
    """show(picture) → what the lamps do for some seconds while `heartsound lights` plays it."""

    def play(name: str):
        player = guest.background(f"exec heartsound lights --show {name} --lights gpio --board rig --seconds {SECONDS}", subprocess.PIPE)
        said = player.stdout.read().decode()
        assert player.wait(60) == 0, said
        # The last steps belong to the end.
        return chip.steps()[:-2]

    return play


@pytest.mark.parametrize("picture", ACTIVITIES)
def test_picture_of_what_the_device_does(show, figures, picture):
    figures[f"lamps: {picture}"] = hold(deviations(show(picture), ACTIVITIES[picture]))


def test_listening_in_the_rhythm_of_a_heart(show, figures):
    figures["lamps: listening, 72 a minute"] = hold(deviations(show("listening"), heart(72)))


def test_lamp_test_lights_all_at_once(show):
    first = show("lampTest")[0]
    assert first.lit == frozenset(ALL) and abs(first.seconds - 1) < 0.1


@pytest.mark.parametrize("verdict", VERDICTS)
def test_picture_of_a_verdict(show, figures, verdict):
    figures[f"lamps: {verdict}"] = hold(verdict_deviations(show(verdict), verdict))


def test_normal_is_the_only_picture_with_green(show):
    steps = show("normal")
    assert all(NORMAL in step.lit for step in steps[1:])
    assert [blink.lit for blink in blinks(steps, ACTIVITY)].count(True) > 4
