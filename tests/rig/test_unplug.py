"""The stethoscope is pulled, comes back, is silent, freezes, is absent: seen within 2 s, shown as a fault, no verdict from it, and listened to again."""

import json
import re
import time
from statistics import median

import pytest

from chip import ABNORMAL, NORMAL, UNSURE
from machine import OTHER, STETHOSCOPE
from patterns import ACTIVITIES, deviations, hold

SEEN_SECONDS = 2
BACK_SECONDS = 5
WINDOW_SECONDS = 5
TIMES, WINDOWS = 10, 4  # so many of them until the first good window
TROUBLE = frozenset((UNSURE, ABNORMAL))


def pull(listening, usb, state: str = "unplugged") -> float:
    """Pulls it; the seconds until the device said so."""
    mark, at = listening.journal.mark(), time.time()
    usb.unplug(STETHOSCOPE, wait=False)
    return listening.journal.until(f"Capture has failed: {state}", 20, mark).at - at


def plug(listening, usb) -> tuple[float, float]:
    """Plugs it in; the times at which the kernel had its card, and at which the device listened to it."""
    mark = listening.journal.mark()
    usb.plug(STETHOSCOPE)
    there = time.time()
    return there, listening.journal.until("Capture is well again: listening", 60, mark).at


def test_pulled_it_is_seen_shown_and_judged_by_nobody(listening, sockets, chip, messages, figures):
    clock = chip.clock() - listening.clock_ahead()
    chip.clear()
    mark = messages.mark()
    at = time.time()
    seen = pull(listening, sockets)
    time.sleep(10)
    steps = chip.steps()
    shown = next(step.start + clock - at for step in steps if step.lit == TROUBLE)
    figures["unplugged: seen, shown by the lamps"] = f"{seen:.2f} s, {shown:.2f} s"
    assert seen <= SEEN_SECONDS and shown <= SEEN_SECONDS + 0.5

    fault = [step for step in steps if step.start + clock - at > SEEN_SECONDS][1:-1]
    figures["lamps: fault while it is unplugged"] = hold(deviations(fault, ACTIVITIES["fault"]))
    assert not any(NORMAL in step.lit for step in fault)
    assert "plug it in" in listening.status().lower(), listening.status()
    late = [m for m in messages.since(mark) if m.at > at + SEEN_SECONDS and "/verdict" in m.text.split()[0]]
    assert not late, late


@pytest.mark.long
def test_pulled_and_plugged_in_ten_times_it_listens_again_each_time(listening, sockets, messages, figures):
    seen, back, good = [], [], []
    for time_ in range(TIMES):
        seen.append(pull(listening, sockets))
        mark = messages.mark()
        there, listens = plug(listening, sockets)
        back.append(listens - there)
        if time_ < WINDOWS:
            good.append(messages.until('^heartsound/rig/live .*"scene":"listening".*"heartRateBpm":[0-9]', 60, mark).at - there)
    figures[f"unplugged: seen, {TIMES} times"] = summary(seen)
    figures[f"plugged in again: listening after the card was there, {TIMES} times"] = summary(back)
    figures[f"plugged in again: first good window, {WINDOWS} times"] = summary(good)
    assert max(seen) <= SEEN_SECONDS
    assert max(back) <= BACK_SECONDS
    assert max(good) <= BACK_SECONDS + WINDOW_SECONDS + 1


def summary(values: list[float]) -> str:
    return f"p50 {median(values):.2f} s, max {max(values):.2f} s"


def test_plugged_in_elsewhere_as_another_card_it_is_still_the_same(listening, sockets, guest):
    """Another device takes its port and its card number meanwhile."""
    was = sockets.path(STETHOSCOPE), card(guest)
    pull(listening, sockets)
    sockets.plug(OTHER)
    mark = listening.journal.mark()
    plug(listening, sockets)
    now = sockets.path(STETHOSCOPE), card(guest)
    assert now[0] != was[0] and now[1] != was[1], (was, now)
    assert now[0] in listening.journal.until("Opened ", 5, mark).text
    pull(listening, sockets)
    sockets.unplug(OTHER)


def card(guest) -> str:
    return re.search(r"^ *(\d+) \[Stethoscope", guest.run("cat /proc/asound/cards"), re.MULTILINE).group(1)


@pytest.mark.parametrize("state, begin", [
    ("silent", lambda usb: usb.hold(STETHOSCOPE, 0)),
    pytest.param("stuck", lambda usb: usb.hold(STETHOSCOPE, 1234), marks=pytest.mark.long),
    pytest.param("frozen", lambda usb: usb.freeze(STETHOSCOPE), marks=pytest.mark.long),
])
def test_present_and_useless_it_is_seen_and_recovered_from(listening, sockets, hearts, chip, messages, figures, state, begin):
    mark, told, at = listening.journal.mark(), messages.mark(), time.time()
    begin(sockets)
    seen = listening.journal.until(f"Capture has failed: {state}", 20, mark).at - at
    figures[f"{state}: seen"] = f"{seen:.2f} s"
    assert seen <= SEEN_SECONDS
    time.sleep(3)
    assert not any(NORMAL in step.lit for step in chip.watch(3))
    mark, at = listening.journal.mark(), time.time()
    sockets.play(STETHOSCOPE, hearts.normal)
    back = listening.journal.until("Capture is well again: listening", 90, mark).at - at
    figures[f"{state}: over, listening again"] = f"{back:.2f} s"
    for event in messages.since(told):
        topic, payload = event.text.split(" ", 1)
        if topic.endswith("/verdict"):
            assert json.loads(payload)["verdict"] != "abnormal"
