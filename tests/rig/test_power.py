"""The power fails; the device comes back by itself, with no stethoscope, and gets one later."""

import json

from chip import ABNORMAL, UNSURE
from device import START_SECONDS, UNIT, wait_for
from machine import STETHOSCOPE


def test_power_cut_is_told_by_the_will_and_the_device_comes_back_by_itself(guest, device, sockets, hearts, chip, broker, messages, figures):
    sockets.unplug_all()
    device.start(examination={"start": "always", "seconds": 10})
    assert json.loads(broker.retained("heartsound/rig/status").payload)["status"] == "online"
    session = json.loads(broker.retained("heartsound/rig/status").payload)["session"]

    guest.cut_power()
    wait_for(lambda: json.loads(broker.retained("heartsound/rig/status").payload)["status"], lambda status: status == "offline", 60)

    # Boots from the same disk; nobody starts anything.
    guest.boot(fresh=False)
    wait_for(lambda: guest.run(f"systemctl is-active {UNIT}; true").strip(), lambda state: state == "active", START_SECONDS)
    status = json.loads(broker.retained("heartsound/rig/status").payload)
    assert status["status"] == "online" and status["session"] != session
    device.follow_again()

    # Absent at boot: a fault that is shown, and no reason not to be there.
    wait_for(lambda: json.loads(broker.retained("heartsound/rig/health").payload)["parts"]["capture"]["cause"], lambda cause: cause == "notFound", 30)
    assert any(step.lit == {UNSURE, ABNORMAL} for step in chip.watch(4))
    assert guest.run("fsck.ext4 -n /dev/vda 2>&1 | tail -1; true")

    told, mark = messages.mark(), device.journal.mark()
    sockets.play(STETHOSCOPE, hearts.normal)
    sockets.plug(STETHOSCOPE)
    device.journal.until("Capture is well again: listening", 60, mark)
    messages.until('^heartsound/rig/verdict .*"verdict":"normal"', 60, told)
    sockets.unplug_all()
