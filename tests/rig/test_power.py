"""The power fails; the device comes back by itself, with no stethoscope, and gets one later."""

import json

import pytest

from chip import ABNORMAL, UNSURE
from device import START_SECONDS, UNIT, wait_for
from machine import STETHOSCOPE


@pytest.mark.long
def test_power_cut_is_told_by_the_will_and_the_device_comes_back_by_itself(listening, guest, sockets, chip, broker, messages):
    assert json.loads(broker.retained("heartsound/rig/status").payload)["status"] == "online"
    session = json.loads(broker.retained("heartsound/rig/status").payload)["session"]

    guest.run("sync")  # the settings; what was never written is another matter
    guest.cut_power()
    listening.forget()
    wait_for(lambda: json.loads(broker.retained("heartsound/rig/status").payload)["status"], lambda status: status == "offline", 60)

    # Boots from the same disk; nobody starts anything.
    guest.boot(fresh=False)
    wait_for(lambda: guest.run(f"systemctl is-active {UNIT}; true").strip(), lambda state: state == "active", START_SECONDS)
    status = json.loads(broker.retained("heartsound/rig/status").payload)
    assert status["status"] == "online" and status["session"] != session
    listening.follow_again()

    # Absent at boot: a fault that is shown, and no reason not to be there.
    wait_for(lambda: json.loads(broker.retained("heartsound/rig/health").payload)["parts"]["capture"]["cause"], lambda cause: cause == "notFound", 30)
    assert any(step.lit == {UNSURE, ABNORMAL} for step in chip.watch(4))

    told, mark = messages.mark(), listening.journal.mark()
    sockets.plug(STETHOSCOPE)
    listening.journal.until("Capture is well again: listening", 60, mark)
    messages.until('^heartsound/rig/live .*"scene":"listening".*"heartRateBpm":[0-9]', 60, told)
