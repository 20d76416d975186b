"""The stethoscope is found by what it is, with other microphones beside it; the log says by which rule."""

import json

import pytest

from device import wait_for
from machine import OTHER, STETHOSCOPE, TWIN


@pytest.fixture(scope="module")
def crowd(sockets, hearts):
    """Two stethoscopes of a kind, and another microphone."""
    sockets.unplug_all()
    for microphone in (OTHER, TWIN, STETHOSCOPE):
        sockets.play(microphone, hearts.normal)
        sockets.plug(microphone)
    yield sockets
    sockets.unplug_all()


@pytest.mark.parametrize("rule", ["usbPath", "usbId", "alsaCard", "name"])
def test_each_rule_finds_the_one_that_is_meant(crowd, device, guest, rule):
    """Asked of doctor, which chooses as the service does and takes a quarter of the time."""
    wanted, value = {
        "usbPath": lambda: (TWIN, crowd.path(TWIN)),
        "usbId": lambda: (STETHOSCOPE, f"1209:5a7e:{STETHOSCOPE.serial}"),
        "alsaCard": lambda: (OTHER, OTHER.card),
        "name": lambda: (OTHER, "desk mic"),
    }[rule]()
    device.write_settings(capture={"usbId": None, rule: value})
    finding = json.loads(guest.run("heartsound doctor --only microphones --json; true"))["findings"][0]
    assert finding["level"] == "ok", finding
    assert wanted.serial in finding["message"] and f"chosen by {rule}" in finding["message"], finding


@pytest.mark.long
def test_several_that_match_are_named_and_the_one_that_is_left_is_taken(crowd, device):
    mark = device.start(capture={"usbId": "1209:5a7e"})
    several = device.journal.until("Capture has failed: severalMatch", 60, mark).text
    assert STETHOSCOPE.serial in several and TWIN.serial in several and OTHER.serial not in several
    assert "Fault" in device.wait_status("fault", 20)
    mark = device.journal.mark()
    crowd.unplug(TWIN)
    opened = device.journal.until("Opened ", 30, mark).text
    assert STETHOSCOPE.serial in opened and "chosen by usbId 1209:5a7e" in opened
    before = crowd.given(STETHOSCOPE)
    device.journal.until("Capture is well again: listening", 30, mark)
    wait_for(lambda: crowd.given(STETHOSCOPE), lambda given: given > before, 10)
