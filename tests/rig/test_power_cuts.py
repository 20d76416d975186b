"""Power fails at the worst moments: the device starts into a release that works, finishes the update or takes it back, and has lost no verdict that it had stored."""

import time

import pytest

from bundles import with_run
from device import wait_for
from field import A, B, BARE, EXAMINATION_SECONDS, NAME, SETTLE

pytestmark = BARE


def test_while_a_verdict_is_stored_and_the_broker_is_away(working, figures):
    field = working
    last = field.messages.until(f"^heartsound/{NAME}/verdict ", 60, field.messages.mark())
    boot = field.archive.verdicts()[-1]["bootId"]
    count = field.archive.count()
    field.ward.stop()
    # Examinations follow each other: in the moment of a verdict.
    time.sleep(max(0.0, last.at + 4 * (EXAMINATION_SECONDS + 0.2) - time.time()))
    field.cut_power()
    field.ward.start()
    field.works(A)
    stored = sum(verdict["bootId"] == boot for verdict in field.archive.verdicts()[count:])
    figures["power cut in the moment of a verdict, broker away for 40 s"] = f"{stored} verdicts waited on disk; {field.archive.audit()}"
    assert stored >= 2


def cut_at(field, bundle, phase: str) -> None:
    running = field.technician.updater("install", field.technician.bring(bundle), *SETTLE)
    running.until(f"^PHASE {phase}", 300)
    # Said before it is written down: what the updater tells of it is written when its journal is on the disk, and what is cut here is the phase itself.
    wait_for(lambda: field.guest.run("cat /var/lib/heartsound-update/state.json || true"), lambda text: f'"phase": "{phase}"' in text, 30)
    field.cut_power()
    running.kill()


def test_while_it_unpacks_nothing_has_happened(working, figures):
    cut_at(working, working.bundles.program(B), "unpack")
    working.works(A)
    ended = working.update_ends()
    assert ended["result"] == "refused" and ended["current"] == A, ended
    assert "rig-000B" not in working.guest.run("ls /opt/heartsound/releases"), "what was unpacked half is still there"
    figures["power cut: while it unpacks"] = f"{ended['result']}, {A} works"


@pytest.mark.long
@pytest.mark.parametrize("phase", ["switch", "health"])
def test_in_the_middle_it_is_finished_or_taken_back(working, phase, figures):
    cut_at(working, working.bundles.program(B), phase)
    ended = working.update_ends()
    assert ended["result"] in ("confirmed", "rolledBack"), ended
    version = {"confirmed": B, "rolledBack": A}[ended["result"]]
    working.works(version)
    figures[f"power cut: {phase}"] = f"{ended['result']}, {version} works"


@pytest.mark.long
def test_right_after_the_switch_to_one_that_does_not_start(working, figures):
    """What cannot work is taken back at the next start, though the updater that installed it is gone."""
    cut_at(working, working.bundles.program("rig-DEAD", with_run("exit 134")), "restart")
    assert working.update_ends(400)["result"] == "rolledBack"
    working.works(A)
    figures["power cut: right after the switch to one that does not start"] = "rolledBack, the one before works"
