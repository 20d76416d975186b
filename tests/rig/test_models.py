"""Models go their own way: a bundle of them comes and goes while the program stays; and a stick does what a line does."""

import json
import subprocess
import time

import pytest

from bundles import other_goldens
from device import wait_for
from field import A, B, BARE, NAME, SETTLE
from technician import CONFIRMED, REFUSED, answer

pytestmark = [BARE, pytest.mark.long]
MODELS = "rig-M001"


def sets(field) -> str:
    return field.guest.run("readlink /opt/heartsound/models || true").strip()


def test_models_come_and_go_without_the_program(working, figures):
    field = working
    began = time.monotonic()
    done = answer(field.technician.start("deploy.sh", "127.0.0.1", field.bundles.models(MODELS), "--keys", field.bundles.keys, "--json"), 400)
    figures["models: new ones, by deploy.sh"] = f"{time.monotonic() - began:.0f} s"
    assert (done.code, done.outcome) == (0, "confirmed"), done.text
    assert sets(field).endswith(MODELS)
    field.works(A)

    code, text = field.install(field.bundles.models("rig-M0XX", other_goldens))
    assert code == REFUSED, text
    assert sets(field).endswith(MODELS)

    done = answer(field.technician.start("deploy.sh", "rollback", "127.0.0.1", "--models", "--json"), 400)
    assert (done.code, done.outcome) == (REFUSED, "refused") and "rm /opt/heartsound/models" in done.text, done.text
    field.guest.run("rm /opt/heartsound/models && systemctl restart heartsound")  # as it says: there was no set before
    field.works(A)


def test_stick_does_what_a_line_does(working, figures):
    """Plugged into a device that was told to take sticks: it installs itself, and what came of it is on the stick."""
    field = working
    folder, stick = field.folder / "stick", field.folder / "stick.img"
    folder.mkdir()
    done = answer(field.technician.start("deploy.sh", "--offline", folder, field.bundles.program(B), "--keys", field.bundles.keys), 60)
    assert done.code == 0, done.text
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-L", "HEARTSOUND", "-d", folder, stick, "64M"], check=True, capture_output=True)
    # The rig's socket is no USB; the rule of the device wants one.
    field.guest.write("/etc/udev/rules.d/60-rig.rules", 'KERNEL=="vdb", SUBSYSTEM=="block", ENV{ID_BUS}="usb"\n')
    field.guest.run("touch /etc/heartsound/stick-updates; udevadm control --reload")
    began = time.monotonic()
    field.guest.plug_disk(stick)
    wait_for(field.current, lambda current: current == B, 300)
    ended = field.update_ends()
    assert (ended["result"], ended["version"]) == ("confirmed", B), ended
    wait_for(lambda: field.guest.run("systemctl show --property=ActiveState --value heartsound-stick@vdb.service").strip(), lambda state: state != "activating", 60)
    figures["stick: plugged in until it was confirmed"] = f"{time.monotonic() - began:.0f} s"
    field.guest.unplug_disk()
    field.guest.run("rm /etc/heartsound/stick-updates")
    result = json.loads(subprocess.run(["debugfs", "-R", f"cat heartsound-{NAME}-result.json", stick], check=True, capture_output=True, text=True).stdout)
    assert result["exit"] == 0 and result["device"] == NAME, result
    field.works(B)
    back = field.technician.updater("rollback", *SETTLE)
    assert back.end(300) == CONFIRMED, back.text
