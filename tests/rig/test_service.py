"""The unit under the real systemd: what it may, what it says, and that it always comes back."""

import re
import subprocess

import pytest

from device import START_SECONDS, UNIT, wait_for

HUNG = 7
SLOWER = 2  # what a stop does for the first time, .NET has to compile, which an emulated machine takes ten times as long for


def restarted(device, mark: int, seconds: float = START_SECONDS) -> None:
    """Waits until systemd has started it again and it listens."""
    device.journal.until("Scheduled restart job", seconds, mark)
    device.journal.until("Capture.*listening", seconds, mark)
    wait_for(lambda: device.show("ActiveState"), lambda state: state == "active", seconds)


def test_is_ready_and_says_in_one_line_what_it_does(listening, guest):
    assert listening.show("ActiveState") == "active" and listening.show("SubState") == "running"
    assert re.search(r'^ *Status: "\w+.*"$', guest.run(f"systemctl status --no-pager {UNIT}"), re.MULTILINE)


def test_runs_as_its_own_user_without_privileges_and_holds_its_devices(listening, guest):
    assert guest.run(f"stat -c %U /proc/{listening.pid}").strip() == "heartsound"
    facts = dict(re.findall(r"^(\w+):\s*(.*)$", guest.run(f"cat /proc/{listening.pid}/status"), re.MULTILINE))
    assert facts["NoNewPrivs"] == "1" and facts["Seccomp"] == "2"
    assert all(int(facts[name], 16) == 0 for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb"))
    opened = guest.run(f"ls -l /proc/{listening.pid}/fd")
    assert "/dev/snd/pcm" in opened
    assert "gpiochip" in opened or "gpio-line" in opened, opened


def test_cannot_write_outside_its_directories(listening, guest):
    """In the service's own view of the file system: as its user, and where it is read-only even as root."""
    view = f"nsenter --mount --target {listening.pid}"
    as_user = f"{view} setpriv --reuid heartsound --regid heartsound --clear-groups"
    system = ["/opt/heartsound/current/bin/app/heartsound.dll", "/usr/bin/evil", "/root/evil", "/home/evil", "/var/lib/evil", "/boot/evil"]
    written = guest.run("; ".join(
        [f"{as_user} sh -c 'echo evil >>{path}' && echo {path}" for path in ["/etc/heartsound/settings.json", *system]]
        + [f"{view} sh -c 'echo evil >>{path}' && echo {path} as root" for path in system]
        + ["true"]
    ))
    assert written == ""


def test_writes_in_its_own_directories(listening, guest):
    folders = "/var/lib/heartsound /var/cache/heartsound /run/heartsound"
    as_user = f"nsenter --mount --target {listening.pid} setpriv --reuid heartsound --regid heartsound --clear-groups"
    guest.run(f"{as_user} sh -c 'set -e; for folder in {folders}; do touch $folder/rig; rm $folder/rig; done'")


def test_other_devices_are_closed_to_it(listening, guest):
    """The disk, as root would see it from within the unit's control group."""
    group = listening.show("ControlGroup")
    code = guest.code(f"sh -c 'echo $$ >/sys/fs/cgroup{group}/cgroup.procs && head -c 1 /dev/vda'")
    assert code != 0


def test_exposure_of_the_live_unit_is_below_two(listening, guest, figures):
    report = guest.run(f"systemd-analyze security --no-pager {UNIT}")
    exposure = float(re.search(r"Overall exposure level for \S+: ([\d.]+)", report).group(1))
    figures["systemd-analyze security"] = f"{exposure}"
    assert exposure < 2.0, report
    problems = guest.run(f"systemd-analyze verify {UNIT} 2>&1").strip()
    assert problems == ""


def test_reload_takes_valid_settings_and_refuses_others(listening, guest):
    pid, mark = listening.pid, listening.journal.mark()
    listening.write_settings(examination={"start": "always", "seconds": 60})
    reload(listening, guest)
    assert "examination.seconds" in listening.journal.until("[Ss]ettings", 20, mark).text

    mark = listening.journal.mark()
    listening.write_settings(examination={"start": "always", "seconds": 3})
    reload(listening, guest)
    refused = listening.journal.until(r"examination\.seconds", 20, mark)
    assert "from 5 to 600" in refused.text, refused
    assert "settings" in listening.wait_status("settings", 20).lower()

    listening.write_settings()
    reload(listening, guest)
    assert listening.pid == pid, "a reload is no restart"


def reload(device, guest) -> None:
    """`systemctl reload` waits for the signal to be sent, not for READY."""
    guest.run(f"systemctl reload {UNIT}", timeout=60)
    wait_for(lambda: device.show("ActiveState"), lambda state: state == "active", 30)


@pytest.mark.long
def test_killed_it_is_started_again(listening, guest, figures):
    mark = listening.journal.mark()
    pid = listening.pid
    guest.run(f"kill -KILL {pid}")
    restarted(listening, mark)
    assert listening.pid != pid


@pytest.mark.long
def test_stopped_dead_in_its_tracks_the_watchdog_starts_it_again(listening, guest, figures):
    """SIGSTOP: no thread runs, so none can end the process; systemd has to see it."""
    mark = listening.journal.mark()
    pid = listening.pid
    stopped = guest.run("date +%s.%N")
    guest.run(f"kill -STOP {pid}")
    event = listening.journal.until("Watchdog timeout", 90, mark)
    figures["watchdog: stopped process seen after"] = f"{event.at + listening.clock_ahead() - float(stopped):.1f} s (WatchdogSec=30)"
    restarted(listening, mark)
    assert listening.pid != pid and listening.show("NRestarts") != "0"


@pytest.mark.long
def test_one_hung_thread_ends_the_process_with_its_own_code(listening, guest, figures):
    """The capture thread alone is held, as a call into PortAudio that never returns would hold it: the rest of the process lives, and says so."""
    pid = listening.pid
    mark = listening.journal.mark()
    thread = guest.run(f"grep -lx capture /proc/{pid}/task/*/comm | cut -d / -f 5").split()[0]
    held = guest.run("date +%s.%N")
    holder = guest.background(f"exec hold-thread {thread}", subprocess.DEVNULL)
    try:
        event = listening.journal.until(f"code=exited, status={HUNG}", 90, mark)
    finally:
        holder.kill()
        holder.wait()
    figures["watchdog: hung capture thread ends the process after"] = f"{event.at + listening.clock_ahead() - float(held):.1f} s, exit code {HUNG}"
    restarted(listening, mark)


def test_stops_within_two_seconds_and_says_goodbye(listening, guest, broker, figures):
    mark = listening.journal.mark()
    took = listening.stop()
    figures["SIGTERM to the end"] = f"{took:.2f} s"
    assert listening.show("Result") == "success" and listening.show("ExecMainStatus") == "0"
    assert took < 2 * SLOWER, listening.journal.since(mark)
    assert '"stopped"' in broker.retained("heartsound/rig/status").payload
