"""The unit under the real systemd: what it may, what it says, and that it always comes back."""

import re
import subprocess

import pytest

from device import START_SECONDS, UNIT, wait_for
from machine import STETHOSCOPE

HUNG = 7


@pytest.fixture(scope="module")
def running(service, sockets, hearts):
    """The service, READY and listening. The tests leave it so."""
    sockets.unplug_all()
    sockets.play(STETHOSCOPE, hearts.normal)
    sockets.plug(STETHOSCOPE)
    mark = service.start()
    service.journal.until("Capture.*listening", 60, mark)
    yield service
    service.stop()
    sockets.unplug_all()


def restarted(device, mark: int, seconds: float = START_SECONDS) -> None:
    """Waits until systemd has started it again and it listens."""
    device.journal.until("Scheduled restart job", seconds, mark)
    device.journal.until("Capture.*listening", seconds, mark)
    wait_for(lambda: device.show("ActiveState"), lambda state: state == "active", 60)


def test_is_ready_and_says_in_one_line_what_it_does(running, guest):
    assert running.show("ActiveState") == "active" and running.show("SubState") == "running"
    assert running.status(), "no status line"
    assert running.status() in guest.run(f"systemctl status --no-pager {UNIT}")


def test_runs_as_its_own_user_without_privileges_and_holds_its_devices(running, guest):
    assert guest.run(f"stat -c %U /proc/{running.pid}").strip() == "heartsound"
    facts = dict(re.findall(r"^(\w+):\s*(.*)$", guest.run(f"cat /proc/{running.pid}/status"), re.MULTILINE))
    assert facts["NoNewPrivs"] == "1" and facts["Seccomp"] == "2"
    assert all(int(facts[name], 16) == 0 for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb"))
    opened = guest.run(f"ls -l /proc/{running.pid}/fd")
    assert "/dev/snd/pcm" in opened
    assert "gpiochip" in opened or "gpio-line" in opened, opened


@pytest.mark.parametrize("path", ["/etc/heartsound/settings.json", "/opt/heartsound/current/bin/app/heartsound.dll", "/usr/bin/evil", "/root/evil", "/home/evil", "/sys/kernel/evil"])
def test_cannot_write_outside_its_directories(running, guest, path):
    """In the service's own view of the file system, as its user."""
    inside = f"nsenter --mount --target {running.pid} setpriv --reuid heartsound --regid heartsound --clear-groups"
    assert guest.code(f"{inside} sh -c 'echo evil >>{path}'") != 0
    assert guest.code(f"nsenter --mount --target {running.pid} sh -c 'echo evil >>{path}'") != 0, "even root could not, there"


@pytest.mark.parametrize("folder", ["/var/lib/heartsound", "/var/cache/heartsound", "/run/heartsound"])
def test_writes_in_its_own_directories(running, guest, folder):
    guest.run(f"nsenter --mount --target {running.pid} setpriv --reuid heartsound --regid heartsound --clear-groups sh -c 'touch {folder}/rig && rm {folder}/rig'")


def test_other_devices_are_closed_to_it(running, guest):
    """The disk, as root would see it from within the unit's control group."""
    group = running.show("ControlGroup")
    code = guest.code(f"sh -c 'echo $$ >/sys/fs/cgroup{group}/cgroup.procs && head -c 1 /dev/vda'")
    assert code != 0


def test_exposure_of_the_live_unit_is_below_two(running, guest, figures):
    report = guest.run(f"systemd-analyze security --no-pager {UNIT}")
    exposure = float(re.search(r"Overall exposure level for \S+: ([\d.]+)", report).group(1))
    figures["systemd-analyze security"] = f"{exposure}"
    assert exposure < 2.0, report
    problems = guest.run(f"systemd-analyze verify {UNIT} 2>&1").strip()
    assert problems == ""


def test_reload_takes_valid_settings_and_refuses_others(running, guest):
    pid = running.pid
    running.write_settings(examination={"start": "always", "seconds": 11})
    guest.run(f"systemctl reload {UNIT}", timeout=60)
    assert running.show("ActiveState") == "active"
    assert "examination.seconds" in running.status(), running.status()

    mark = running.journal.mark()
    running.write_settings(examination={"start": "always", "seconds": 3})
    guest.run(f"systemctl reload {UNIT}", timeout=60)
    refused = running.journal.until(r"\[1231\]|examination\.seconds", 20, mark)
    assert "examination.seconds" in refused.text
    assert "refused" in running.status(), running.status()

    running.write_settings()
    guest.run(f"systemctl reload {UNIT}", timeout=60)
    assert running.pid == pid, "a reload is no restart"


def test_killed_it_is_started_again(running, guest, figures):
    mark = running.journal.mark()
    pid = running.pid
    guest.run(f"kill -KILL {pid}")
    restarted(running, mark)
    assert running.pid != pid


def test_stopped_dead_in_its_tracks_the_watchdog_starts_it_again(running, guest, figures):
    """SIGSTOP: no thread runs, so none can end the process; systemd has to see it."""
    mark = running.journal.mark()
    pid = running.pid
    stopped = guest.run("date +%s.%N")
    guest.run(f"kill -STOP {pid}")
    event = running.journal.until("Watchdog timeout", 90, mark)
    figures["watchdog: stopped process seen after"] = f"{event.at + running.clock_ahead() - float(stopped):.1f} s (WatchdogSec=30)"
    restarted(running, mark)
    assert running.pid != pid and running.show("NRestarts") != "0"


def test_one_hung_thread_ends_the_process_with_its_own_code(running, guest, figures):
    """The capture thread alone is held, as a call into PortAudio that never returns would hold it: the rest of the process lives, and says so."""
    pid = running.pid
    mark = running.journal.mark()
    thread = guest.run(f"grep -lx capture /proc/{pid}/task/*/comm | cut -d / -f 5").split()[0]
    held = guest.run("date +%s.%N")
    holder = guest.background(f"exec hold-thread {thread}", subprocess.DEVNULL)
    try:
        event = running.journal.until(f"code=exited, status={HUNG}", 90, mark)
    finally:
        holder.kill()
        holder.wait()
    figures["watchdog: hung capture thread ends the process after"] = f"{event.at + running.clock_ahead() - float(held):.1f} s, exit code {HUNG}"
    restarted(running, mark)


def test_stops_within_two_seconds_and_says_goodbye(running, guest, broker, figures):
    mark = running.journal.mark()
    took = running.stop()
    figures["SIGTERM to the end"] = f"{took:.2f} s"
    assert running.show("Result") == "success" and running.show("ExecMainStatus") == "0"
    assert took < 2, running.journal.since(mark)
    assert '"stopped"' in broker.retained("heartsound/rig/status").payload
