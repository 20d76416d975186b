"""Pytest's side of the technician's half hour: a machine without the product, a ward with its broker, bundles, and hands."""

import json
import re
from pathlib import Path

import pytest

import journal
from bundles import Bundles
from device import ROOT, START_SECONDS, UNIT, Device, wait_for
from guest import Guest
from machine import RESULTS, STETHOSCOPE, Hearts
from technician import Technician
from usb import Usb
from ward import OUTSIDE, Archive, Ward

# The guest of these tests has nothing of ours in it when the first of them begins.
BARE = pytest.mark.parametrize("guest", ["bare"], indirect=True, scope="session")

NAME = "rig"
EXAMINATION_SECONDS = 10
A, B = "rig-000A", "rig-000B"
SETTLE = ("--settle", "5")  # here is nobody for whom a service that falls half a minute later would be a danger


class Field:
    """What every test of a technician's work has at hand. The tests follow each other on one device, and each leaves it working."""

    def __init__(self, guest: Guest, sockets: Usb, hearts: Hearts, folder: Path):
        self.guest, self.folder, self._sockets, self._hearts = guest, folder, sockets, hearts
        self.ward = Ward(folder / "ward").start()
        self.ward.make("client", NAME)
        self.messages = journal.messages(self.ward.port, RESULTS / "messages.log")
        self.archive = Archive(self.ward)
        self.bundles = Bundles(folder / "bundles")
        self.technician = Technician(guest, folder / "technician", RESULTS / "technician.log")
        self.device = Device(guest, self.ward.port, RESULTS / "journal.log")
        self.plug()

    def close(self) -> None:
        for part in (self.device, self.technician, self.archive):
            part.close()
        self.messages.stop()
        self.ward.stop()

    def plug(self) -> None:
        """A stethoscope that lies on a heart."""
        self._sockets.play(STETHOSCOPE, self._hearts.normal)
        if not self._sockets.is_attached(STETHOSCOPE):
            self._sockets.plug(STETHOSCOPE)

    def table(self) -> Path:
        """The technician's table of devices: this one."""
        table = self.folder / "devices.csv"
        table.write_text(
            "host,name,stethoscope,start,broker_host,broker_port,broker_tls,site\n"
            f"127.0.0.1,{NAME},1209:5a7e,always,{OUTSIDE},{self.ward.tls_port},mutual,\"A ward, in a virtual machine\"\n"
        )
        return table

    def template(self) -> Path:
        """The settings that all devices of this ward share."""
        text = (ROOT / "deploy/settings.template.json").read_text()
        text, times = re.subn(r'("start": @start@,)', rf'\1 "seconds": {EXAMINATION_SECONDS},', text)
        assert times == 1
        at = text.rindex("}")
        template = self.folder / "settings.template.json"
        template.write_text(text[:at] + '  "lights": { "kind": "gpio", "board": "rig" },\n' + text[at:])
        return template

    def current(self) -> str:
        return self.guest.run("basename $(readlink /opt/heartsound/current)").strip()

    def status(self) -> dict:
        return self.ward.told(f"heartsound/{NAME}/status")

    def works(self, version: str, seconds: float = START_SECONDS) -> None:
        """This release is the one in use, says so at the broker, and judges a heart from now on."""
        mark = self.messages.mark()
        wait_for(self.current, lambda current: current == version, seconds)
        wait_for(lambda: self.device.show("ActiveState"), lambda state: state == "active", seconds)
        wait_for(self.status, lambda status: (status["status"], status["software"]) == ("online", version), seconds)
        self.messages.until(f'^heartsound/{NAME}/verdict .*"software":"{version}"', seconds, mark)

    def install(self, bundle: Path, *options: str, seconds: float = 400) -> tuple[int, str]:
        """By the updater on the device itself; its exit code, and what it said."""
        running = self.technician.updater("install", self.technician.bring(bundle), *SETTLE, *options)
        return running.end(seconds), running.text

    def cut_power(self) -> None:
        """And boots again from the same disk; nobody starts anything."""
        self.guest.cut_power()
        self.device.forget()
        self.guest.boot(fresh=False)
        self.device.follow_again()
        self.plug()

    def update_ends(self, seconds: float = 300) -> dict:
        """Waits until no update is under way; what the updater says then."""
        return wait_for(self.technician.status, lambda status: not status["underWay"], seconds)

    def whole_examinations(self, since: int) -> int:
        """Fails when an examination of which something was heard since then was cut short or has no verdict, but for the one under way; how many there were."""
        seen, verdicts = [], {}
        for event in self.messages.since(since):
            topic, payload = event.text.split(" ", 1)
            if topic.endswith("/live") and (message := json.loads(payload)).get("examination"):
                seen.append(message["examination"])
            elif topic.endswith("/verdict"):
                message = json.loads(payload)["examination"]
                verdicts[message["id"]] = message
        seen = list(dict.fromkeys(seen))
        for examination in seen[:-1]:
            assert examination in verdicts, f"{examination} has no verdict"
            times = verdicts[examination]
            assert times["endSeconds"] - times["startSeconds"] > EXAMINATION_SECONDS - 0.5, times
        return len(seen)

    def active_since(self) -> tuple[str, str]:
        """The service's process, to see whether it was started anew."""
        return self.device.show("MainPID"), self.device.show("ActiveEnterTimestampMonotonic")


@pytest.fixture(scope="session")
def field(guest, sockets, hearts, tmp_path_factory):
    field = Field(guest, sockets, hearts, tmp_path_factory.mktemp("field"))
    yield field
    field.close()


@pytest.fixture
def working(field):
    """The device with release A, provisioned where that has not happened yet."""
    if field.guest.code("test -e /opt/heartsound/current") != 0:
        provision(field)
    if field.current() != A:
        field.install(field.bundles.program(A))
    field.works(A)
    yield field
    field.archive.audit()


def provision(field: Field):
    """scripts/provision.sh, as a technician calls it."""
    return field.technician.run(
        "provision.sh", "--hosts", field.table(), "--bundle", field.bundles.program(A), "--keys", field.bundles.keys, "--certificates", field.ward.authority,
        "--template", field.template(), "--reports", field.folder / "reports", "--json", *SETTLE,
    )


def fingerprint(guest: Guest) -> str:
    """Every file that provisioning could touch: name, kind, owner, mode, time of change, content; and the service's process."""
    places = "/etc /opt/heartsound /usr/local /var/lib/heartsound-update"
    return guest.run(
        f"find {places} -not -path '*/heartsound-update/runs*' -printf '%p %y %U:%G %m %T@ %l\\n' | sort; "
        f"find {places} -type f -not -path '*/heartsound-update/*' -exec sha256sum {{}} + | sort; systemctl show --property=MainPID {UNIT}"
    )


