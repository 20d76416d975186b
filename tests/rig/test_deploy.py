"""A new version comes by scripts/deploy.sh over a line that is cut, goes by hand, and never in the middle of an examination; the broker sees every verdict."""

import time

import pytest

from chip import UNSURE, Chip, blinks
from device import wait_for
from field import A, B, BARE, SETTLE
from technician import CONFIRMED, answer

pytestmark = BARE


def deploy(field, *words):
    return field.technician.start("deploy.sh", *words, "--keys", field.bundles.keys, "--json", "--patience", 120)


def test_new_version_is_confirmed_though_the_line_is_cut_twice(working, figures):
    field, chip = working, Chip(working.guest)
    bundle = field.bundles.program(B)
    since = field.messages.mark()
    began = time.monotonic()
    passed = field.technician.line.counters.passed
    running = deploy(field, "127.0.0.1", bundle, *SETTLE)
    wait_for(lambda: field.technician.line.counters.passed - passed, lambda bytes_: bytes_ > bundle.stat().st_size / 2, 120)
    field.technician.line.cut()  # half of it is there
    running.until(r"^ *\S+ +(check|engine|idle) ", 300)
    field.technician.line.cut()  # the update is under way; it goes on by itself
    chip.clear()
    done = answer(running, 600)
    figures["deploy: new version, line cut twice, until it was confirmed"] = f"{time.monotonic() - began:.0f} s"
    assert (done.code, done.outcome) == (CONFIRMED, "confirmed"), done.text
    sent = field.technician.line.counters.passed - passed
    assert sent < 1.6 * bundle.stat().st_size, "the upload began anew"
    field.works(B)
    figures["deploy: examinations meanwhile, none cut short"] = str(field.whole_examinations(since))
    assert any('"scene":"updating"' in event.text for event in field.messages.since(since))
    assert any(blink.lit and abs(blink.seconds - 0.3) < 0.1 for blink in blinks(chip.steps(), UNSURE)), "the lamps did not say that it updates"
    figures["deploy: verdicts at the broker"] = field.archive.audit()


@pytest.mark.long
def test_status_tells_what_runs_there(field):
    done = answer(deploy(field, "status", "127.0.0.1"), 120)
    assert done.code == 0 and done.devices[0]["version"] == B, done.text


@pytest.mark.long
def test_back_by_hand(field, figures):
    began = time.monotonic()
    done = answer(deploy(field, "rollback", "127.0.0.1", *SETTLE), 400)
    figures["rollback by hand"] = f"{time.monotonic() - began:.0f} s"
    assert (done.code, done.outcome) == (0, "confirmed"), done.text
    field.works(A)
    field.archive.audit()
