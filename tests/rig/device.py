"""The product in the guest: installed by its own script, told by its settings, run by systemd."""

import json
import re
import shlex
import time
from pathlib import Path

from guest import Guest
from journal import Events, clock_ahead, journal

ROOT = Path(__file__).parents[2]
MODEL = "physionet2016-cnn-small"
UNIT = "heartsound.service"
SETTINGS = "/etc/heartsound/settings.json"
START_SECONDS = 150  # an emulated machine compiles the program and tries its goldens in 20 s, with others at work in three times that


def install(guest: Guest, release: Path) -> None:
    """As a person would from a bundle that lies unpacked there; with one model."""
    guest.put(release, "/root/release")
    guest.run("/root/release/scripts/install.sh")


class Device:
    """The service. ``settings`` in the tests are what differs from those of this rig."""

    def __init__(self, guest: Guest, broker_port: int, log: Path):
        self._guest, self._log = guest, log
        self._base = {
            "device": "rig",
            "capture": {"usbId": "1209:5a7e"},
            "examination": {"start": "always", "seconds": 120},
            "lights": {"kind": "gpio", "board": "rig"},
            "broker": {"host": "10.0.2.2", "port": broker_port, "allowPlainText": True},
        }
        self._in_force: dict | None = None  # settings with which it was started
        self.journal: Events = journal(guest, UNIT, log)

    def close(self) -> None:
        self.journal.stop()

    def write_settings(self, **settings) -> None:
        """Each section replaces or adds to that of the rig; a section that is None is left out."""
        merged = {**self._base}
        for section, values in settings.items():
            merged[section] = {**merged.get(section, {}), **values} if isinstance(values, dict) else values
        self._guest.write(SETTINGS, json.dumps({name: values for name, values in merged.items() if values is not None}, indent=2))
        self._guest.run(f"chmod 644 {SETTINGS}")

    def start(self, **settings) -> int:
        """Starts it with these settings and waits for READY. Returns the place in the journal just before."""
        self.write_settings(**settings)
        mark = self.journal.mark()
        self._guest.run(f"systemctl restart {UNIT}", timeout=START_SECONDS)
        self._in_force = settings
        return mark

    def use(self, **settings) -> None:
        """Lets it run with these settings: where it runs already and only examinations differ, which a reload takes, it is not started again."""
        others = [{name: values for name, values in told.items() if name != "examination"} for told in (settings, self._in_force or {})]
        if self._in_force is None or others[0] != others[1] or self.show("ActiveState") != "active":
            mark = self.start(**settings)
            self.journal.until("Capture.*listening", 90, mark)
        elif settings != self._in_force:
            self.write_settings(**settings)
            self._guest.run(f"systemctl reload {UNIT}", timeout=60)
            wait_for(lambda: self.show("ActiveState"), lambda state: state == "active", 30)
            self._in_force = settings
        self.settle()

    def settle(self, seconds: float = 90) -> None:
        """Waits until nothing was wrong with the stethoscope for 4 s: an emulated machine that has just compiled a program gets samples late, and says so."""
        wait_for(self._last_trouble, lambda at: time.time() - at > 4, seconds)

    def undisturbed(self, watch):
        """What ``watch`` returns when nothing was wrong with the stethoscope meanwhile; called again when something was."""
        for _ in range(6):
            self.settle()
            began = time.time()
            seen = watch()
            time.sleep(0.5)
            if self._last_trouble() < began:
                return seen
        raise AssertionError("the emulated machine is too slow for its stethoscope: it loses samples all the time")

    def _last_trouble(self) -> float:
        return max((event.at for event in self.journal.since(0) if re.search("Capture (has failed|is degraded|is well again)|Opened ", event.text)), default=0)

    def forget(self) -> None:
        """It was stopped, or its machine was."""
        self._in_force = None

    def stop(self) -> float:
        """Stops it; the seconds from SIGTERM until the process was gone, by the guest's clock."""
        self.forget()
        before, gone = self._guest.run(
            f"cut -d ' ' -f 1 /proc/uptime; systemctl stop {UNIT}; systemctl show --property=ExecMainExitTimestampMonotonic --value {UNIT}", timeout=60
        ).split()
        return int(gone) / 1e6 - float(before)

    def show(self, name: str) -> str:
        """A property of the unit, as systemd knows it."""
        return self._guest.run(f"systemctl show --property={shlex.quote(name)} --value {UNIT}").strip()

    @property
    def pid(self) -> int:
        return int(self.show("MainPID"))

    def status(self) -> str:
        """The line that a person reads in `systemctl status`."""
        return self.show("StatusText")

    def wait_status(self, word: str, seconds: float) -> str:
        """Waits until the status line holds a word, in any case; returns the line."""
        return wait_for(self.status, lambda line: word.lower() in line.lower(), seconds)

    def follow_again(self) -> None:
        """After a cold boot: another journal."""
        self.journal.stop()
        self.journal = journal(self._guest, UNIT, self._log)

    def clock_ahead(self) -> float:
        return clock_ahead(self._guest)


def wait_for(read, is_right, seconds: float):
    """Reads until it is right; fails with what was read last when it does not become so in time."""
    end = time.monotonic() + seconds
    while True:
        value = read()
        if is_right(value):
            return value
        assert time.monotonic() < end, f"after {seconds} s still: {value}"
        time.sleep(0.2)
