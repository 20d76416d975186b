"""The button, its contact bouncing as contacts do: short starts and ends an examination, long says "it is me"."""

import json
import re
import time

import pytest

from device import wait_for
from patterns import ACTIVITIES, deviations, hold

BOUNCES = 5


@pytest.fixture
def idle(service, alone, messages):
    """The service, listening, with no examination under way: it waits for the button."""
    service.use(examination={"start": "button", "seconds": 20})
    live(messages, '"phase":"idle"', 60)
    return service


def presses(idle, mark: int, expected: int) -> list[str]:
    """What the journal says of the button since then; it may come later than what the broker says."""

    def told() -> list[str]:
        return re.findall(r"\[3213\] Button: (\w+) press", "\n".join(event.text for event in idle.journal.since(mark)))

    return wait_for(told, lambda found: len(found) >= expected, 10)


def live(messages, what: str, seconds: float = 20) -> dict:
    """The next live message in which ``what`` is found."""
    event = messages.until(f"^heartsound/rig/live .*{what}", seconds, messages.mark())
    return json.loads(event.text.split(" ", 1)[1])


def test_short_press_starts_an_examination_and_the_next_ends_it_with_a_verdict(idle, chip, messages):
    mark = idle.journal.mark()
    chip.press(0.3, BOUNCES)
    live(messages, '"phase":"examining".*"heartRateBpm":[0-9]|"heartRateBpm":[0-9].*"phase":"examining"', 40)
    assert presses(idle, mark, 1) == ["Short"]

    told = messages.mark()
    chip.press(0.3, BOUNCES)
    verdict = json.loads(messages.until("^heartsound/rig/verdict ", 20, told).text.split(" ", 1)[1])
    assert verdict["examination"]["endSeconds"] - verdict["examination"]["startSeconds"] < 19
    live(messages, '"phase":"idle"')
    assert presses(idle, mark, 2) == ["Short", "Short"]


def test_a_touch_that_only_bounces_is_no_press(idle, chip, messages):
    mark = idle.journal.mark()
    chip.touch(BOUNCES)
    live(messages, '"phase":"idle"')
    live(messages, '"phase":"idle"')
    time.sleep(2)  # the journal comes later than the broker, and a press that it tells of late is one
    assert presses(idle, mark, 0) == []


def test_long_press_identifies_the_device_and_starts_nothing(idle, chip, messages, figures):
    mark = idle.journal.mark()
    chip.press(2.6, BOUNCES)
    live(messages, '"scene":"identify"')
    figures["lamps: identify, by the button"] = hold(deviations(chip.watch(3), ACTIVITIES["identify"]))
    assert presses(idle, mark, 1) == ["Long"]
    live(messages, '"scene":"listening"', 30)
    assert live(messages, '"phase"')["phase"] == "idle"
