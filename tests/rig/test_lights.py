"""The lamps' pictures, as the chip has seen them, held against what docs/lights.md promises. Those that the other tests meet on their way (waiting, fault, identify, verdicts)
are held there."""

import json
import subprocess

import pytest

from chip import NORMAL
from patterns import ACTIVITIES, ALL, deviations, heart, hold


@pytest.fixture
def show(guest, device, chip):
    """show(picture, seconds) → what the lamps do while `heartsound lights` plays it."""

    def play(name: str, seconds: float):
        player = guest.background(f"exec heartsound lights --show {name} --lights gpio --board rig --seconds {seconds}", subprocess.PIPE)
        said = player.stdout.read().decode()
        assert player.wait(60) == 0, said
        return chip.steps()[2:-2]  # the first are late, as .NET compiles them, and the last belong to the end

    return play


@pytest.mark.long
def test_picture_that_a_technician_asks_for(show, figures):
    steps = show("paused", 10)
    figures["lamps: paused"] = hold(deviations(steps, ACTIVITIES["paused"]))
    assert not any(NORMAL in step.lit for step in steps)


def test_starting_then_listening_in_the_rhythm_of_the_heart(service, alone, messages, chip, figures):
    """From the start of the service on: lamp test, starting, no rhythm yet, and in the end the heart that is heard."""
    service.stop()
    chip.clear()
    service.start()
    steps = chip.steps()
    assert steps[0].lit == frozenset(ALL) and abs(steps[0].seconds - 1) < 0.3
    figures["lamps: starting, while the model is loaded"] = hold(deviations(steps[3:9], ACTIVITIES["starting"]), late=400)  # .NET compiles all the while

    service.settle()
    event = messages.until('^heartsound/rig/live .*"scene":"listening".*"heartRateBpm":[0-9]', 60, messages.mark())
    bpm = json.loads(event.text.split(" ", 1)[1])["heartRateBpm"]
    assert 70 < bpm < 74
    figures["lamps: in the rhythm of a heart at 72 a minute"] = hold(deviations(service.undisturbed(lambda: chip.watch(6)), heart(round(bpm))))


def test_updating(listening, guest, chip, messages, figures):
    """What updates the device says so with a file; the examination under way comes to its end first, here by a press of the button."""
    mark = listening.journal.mark()
    guest.run("touch /run/heartsound/updating")
    try:
        listening.journal.until("An update wants in", 20, mark)
        chip.press(0.3)
        messages.until('^heartsound/rig/live .*"scene":"updating"', 30, messages.mark())
        figures["lamps: updating"] = hold(deviations(chip.watch(5), ACTIVITIES["updating"]))
    finally:
        guest.run("rm /run/heartsound/updating")  # or no examination begins any more
