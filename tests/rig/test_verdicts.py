"""A heart is played into the stethoscope's USB plug: its verdict is on the lamps, and comes to the broker outside."""

import json

import pytest

from chip import ABNORMAL, ACTIVITY, NORMAL, UNSURE, blinks
from machine import OTHER, STETHOSCOPE, TWIN
from patterns import ACTIVITIES, hold, lamp_deviations, verdict_deviations

VERDICT_LAMPS = frozenset((NORMAL, UNSURE, ABNORMAL))


@pytest.fixture(scope="module")
def waiting(service, sockets, hearts, messages):
    """The service, to which nobody holds a heart yet: contact starts an examination of 10 s. The tests follow each other, from heart to heart."""
    for microphone in (TWIN, OTHER):
        if sockets.is_attached(microphone):
            sockets.unplug(microphone)
    sockets.play(STETHOSCOPE, hearts.quiet)
    if not sockets.is_attached(STETHOSCOPE):
        sockets.plug(STETHOSCOPE)
    service.use(examination={"start": "contact", "seconds": 10})
    return service


def scene(messages, name: str, seconds: float = 30) -> None:
    messages.until(f'^heartsound/rig/live .*"scene":"{name}"', seconds, messages.mark())


def verdict(messages, mark: int, wanted: str, seconds: float = 60) -> dict:
    event = messages.until(f'^heartsound/rig/verdict .*"verdict":"{wanted}"', seconds, mark)
    return json.loads(event.text.split(" ", 1)[1])


def examine(service, sockets, messages, chip, file, wanted: str) -> tuple[dict, list]:
    """Lifts the stethoscope, lays it on another heart, and takes the verdict, and what the lamps do then."""
    mark = messages.mark()
    sockets.play(STETHOSCOPE, file)
    told = verdict(messages, mark, wanted)
    return told, service.undisturbed(lambda: chip.watch(6))


def test_without_contact_it_waits(waiting, chip, messages, figures):
    scene(messages, "waitingForContact", 60)
    steps = waiting.undisturbed(lambda: chip.watch(7))
    pattern = [(ACTIVITY in lamps, ms) for lamps, ms in ACTIVITIES["waiting"]]  # a verdict of the tests before may still be lit beside it
    figures["lamps: waiting for contact"] = hold(lamp_deviations(blinks(steps, ACTIVITY), pattern))


def test_normal_heart_is_normal_on_the_lamps_and_at_the_broker(waiting, sockets, hearts, messages, chip):
    told, steps = examine(waiting, sockets, messages, chip, hearts.normal, "normal")
    assert told["alarm"] is False and told["device"] == "rig" and 70 < told["heartRateBpm"] < 74
    assert all(step.lit & VERDICT_LAMPS == {NORMAL} for step in steps)


def test_lifted_the_verdict_stands_until_the_next_contact(waiting, sockets, hearts, messages, chip):
    sockets.play(STETHOSCOPE, hearts.quiet)
    scene(messages, "waitingForContact", 60)
    assert all(step.lit & VERDICT_LAMPS == {NORMAL} for step in waiting.undisturbed(lambda: chip.watch(2)))


def test_murmur_is_abnormal_on_the_lamps_and_at_the_broker(waiting, sockets, hearts, messages, chip, figures):
    told, steps = examine(waiting, sockets, messages, chip, hearts.murmur, "abnormal")
    assert told["alarm"] is True
    assert not any(NORMAL in step.lit for step in steps)
    figures["lamps: abnormal"] = hold(verdict_deviations(steps, "abnormal"))


def test_noise_is_cannot_tell_with_what_to_do(waiting, sockets, hearts, messages, chip, figures):
    sockets.play(STETHOSCOPE, hearts.quiet)
    scene(messages, "waitingForContact", 60)
    told, steps = examine(waiting, sockets, messages, chip, hearts.noise, "inconclusive")
    assert told["reason"] and told["advice"] and told["alarm"] is None
    assert not any(NORMAL in step.lit for step in steps)
    figures["lamps: cannot tell"] = hold(verdict_deviations(steps, "cannotTell"))
