"""scripts/update.sh on a device in a folder: what is installed, what is refused, what is taken back, and that a power cut at any point leaves a device that works."""

import json
import os
import random
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from device import ROOT, Device

CONFIRMED, REFUSED, ROLLED_BACK, BROKEN, BUSY = 0, 10, 11, 12, 13


@pytest.fixture
def folder(place):
    with tempfile.TemporaryDirectory(dir=place) as folder:
        yield Path(folder)


@pytest.fixture
def device(installed, folder):
    return installed.clone(folder / "root")


def assert_as_before(device: Device, version: str = "1.0.0") -> None:
    assert device.link("current") == f"releases/{version}" and device.running == version and f"# of {version}" in device.unit
    assert not (device.state / "pending").exists() and not device.is_held
    assert not list(device.opt.glob("*/*.unpacking.*")) and not list(device.root.rglob("*.new"))


def test_install_on_a_bare_machine_makes_everything(installed):
    assert_as_before(installed)
    status = installed.status
    assert (status["current"], status["previous"], status["result"], status["underWay"]) == ("1.0.0", None, "confirmed", False)
    for path in ("usr/local/sbin/heartsound-update", "etc/systemd/system/heartsound-update.service", "etc/systemd/system/multi-user.target.wants/heartsound-update.service", "etc/udev/rules.d/61-heartsound-stick.rules",
                 "etc/heartsound/settings.json", "etc/sysusers.d/heartsound.conf"):
        assert os.path.lexists(installed.root / path), path


def test_install_of_the_next_goes_through_its_phases_and_keeps_the_one_before(device):
    done = device.run("install", device.bundle("1.1.0"))
    assert done.returncode == CONFIRMED, done.stderr
    phases = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("PHASE ")]
    assert phases == ["verify", "unpack", "check", "engine", "idle", "switch", "restart", "health", "confirmed"]
    assert_as_before(device, "1.1.0")
    assert (device.link("previous"), device.status["previous"]) == ("releases/1.0.0", "1.0.0")
    asked = device.asked()
    assert any("1.1.0 health" in line and "--broker" in line and "--no-worse-than" in line and "--software 1.1.0" in line for line in asked)
    assert asked.index(next(a for a in asked if a.startswith("1.1.0 settings check"))) < len(asked) - 1

    again = device.run("install", device.bundle("1.1.0"))
    assert again.returncode == CONFIRMED and "installed already" in again.stdout

    third = device.run("install", device.bundle("1.2.0"))
    assert third.returncode == CONFIRMED and {path.name for path in (device.opt / "releases").iterdir()} == {"1.1.0", "1.2.0"}, "two are kept"

    back = device.run("rollback")
    assert back.returncode == CONFIRMED, back.stderr
    assert_as_before(device, "1.1.0")
    assert device.link("previous") == "releases/1.2.0"


@pytest.mark.parametrize("behaviour, word", [
    ("crash", "ended 9 times"), ("hang", "does not run"), ("brokerless", "broker"), ("worse", "worse than before"), ("wanders", "started anew"), ("dies", "it was well, and ended"), ("unit", "systemd does not start it"),
])
def test_install_what_does_not_work_is_taken_back(device, behaviour, word):
    bundle = device.bundle("2.0.0", "well", unit="[Service\nbroken\n") if behaviour == "unit" else device.bundle("2.0.0", behaviour)
    done = device.run("install", bundle, *(["--settle", "1"] if behaviour == "wanders" else []))
    assert done.returncode == ROLLED_BACK and word in done.stderr, done.stdout + done.stderr
    assert_as_before(device)
    status = device.status
    assert (status["result"], status["failed"], status["current"]) == ("rolledBack", "2.0.0", "1.0.0") and word in status["reason"]
    assert word in (device.opt / "releases/2.0.0.failed/FAILED").read_text()
    if behaviour == "crash":
        again = device.run("install", bundle)
        assert again.returncode == REFUSED and "failed on this device before" in again.stderr and "--again" in again.stderr
        assert device.run("install", bundle, "--again", "--dry-run").returncode == CONFIRMED
        assert device.run("install", device.bundle("2.0.0")).returncode == CONFIRMED, "another bundle of that version"
        assert device.status["failed"] is None


@pytest.mark.parametrize("behaviour, word", [("goldens", "does not reproduce"), ("unsettled", "examination.seconds is no number"), ("engineless", "engine cannot be built")])
def test_install_what_can_be_found_out_before_is_refused_and_nothing_was_touched(device, behaviour, word):
    (device.world / "provider").write_text("TensorRt")
    state = device.root / "run/heartsound/state.json"
    state.write_text(state.read_text().replace('"provider":"Cpu"', '"provider":"TensorRt"'))
    before = (device.world / "systemctl").read_text()
    done = device.run("install", device.bundle("2.0.0", behaviour))
    assert done.returncode == REFUSED and word in done.stderr
    assert_as_before(device)
    assert [path.name for path in (device.opt / "releases").iterdir()] == ["1.0.0"]
    assert all(line.startswith("is-active") for line in (device.world / "systemctl").read_text()[len(before):].splitlines()), "nothing was stopped or started"
    assert (device.status["result"], device.status["phase"]) == ("refused", "engine" if behaviour == "engineless" else "check")
    if behaviour == "engineless":
        assert device.run("install", device.bundle("2.0.0", behaviour), "--without-engine").returncode == CONFIRMED


def test_install_without_an_engine_where_the_cpu_computes_today_goes_on(device):
    done = device.run("install", device.bundle("2.0.0", "engineless"))
    assert done.returncode == CONFIRMED and "the CPU computes, as it does now" in done.stdout


def test_install_what_is_not_ours_or_not_for_here_is_refused_before_it_is_unpacked(device, folder):
    bundle = device.bundle("2.0.0")
    (device.root / "etc/heartsound/trusted-keys/publisher.pub").rename(folder / "publisher.pub")
    stranger = device.run("install", bundle)
    shutil.move(folder / "publisher.pub", device.root / "etc/heartsound/trusted-keys/publisher.pub")
    cut_off = folder / bundle.name
    cut_off.write_bytes(bundle.read_bytes()[:-500])
    other = device.bundle("2.0.0", platform="linux-sparc")
    for done, word in ((stranger, "nothing is trusted"), (device.run("install", cut_off), "damaged"), (device.run("install", other), "linux-sparc"), (device.run("install", folder / "none"), "no file")):
        assert done.returncode == REFUSED and word in done.stderr, done.stderr
    assert device.run("verify", bundle).returncode == 0 and device.run("verify", cut_off).returncode == 21
    assert_as_before(device)


def test_install_damage_that_only_unpacking_meets_leaves_nothing(device, folder):
    bundle = device.bundle("2.0.0", extra={"bin/app/big": "".join(random.Random(1).choices("0123456789abcdef", k=12_000_000))})
    damaged = folder / bundle.name
    content = bytearray(bundle.read_bytes())
    content[-100_000] ^= 1
    damaged.write_bytes(content)
    dry = device.run("install", damaged, "--dry-run")
    assert dry.returncode == REFUSED and "damaged" in dry.stderr, dry.stderr
    done = device.run("install", damaged)
    assert done.returncode == REFUSED and "damaged" in done.stderr and "PHASE unpack" in done.stdout, done.stdout + done.stderr
    assert device.status["result"] == "refused" and {path.name for path in (device.opt / "releases").iterdir()} == {"1.0.0"}
    assert_as_before(device)
    assert device.run("install", bundle).returncode == CONFIRMED


def test_install_of_something_else_that_calls_itself_the_same_is_refused(device):
    done = device.run("install", device.bundle("1.0.0", extra={"bin/app/other": "x"}))
    assert done.returncode == REFUSED and "calls itself 1.0.0 too" in done.stderr
    older = device.run("install", device.bundle("0.9.0"), "--only-newer")
    assert older.returncode == REFUSED and "not newer" in older.stderr
    assert_as_before(device)


def test_install_waits_for_the_end_of_the_examination_and_gives_up(device):
    (device.world / "busy").touch()
    bundle = device.bundle("1.1.0")
    refused = device.run("install", bundle)
    assert refused.returncode == REFUSED and "An examination is under way" in refused.stderr
    assert_as_before(device)
    assert device.running == "1.0.0", "it was not even stopped"
    assert device.run("rollback").returncode == REFUSED, "there is none before"
    (device.world / "running").unlink()  # a service that does not run examines nobody
    assert device.run("install", bundle).returncode == CONFIRMED


def test_install_the_service_is_held_while_it_is_changed(device):
    """From before the examination's end until it is well; asked by the program's stand-in, which finds it missing otherwise."""
    done = device.run("install", device.bundle("1.1.0"))
    assert done.returncode == CONFIRMED and not device.is_held
    assert any(" --idle " in line for line in device.asked())


def test_install_one_at_a_time(device):
    lock = subprocess.Popen(["flock", device.state / "lock", "sh", "-c", "echo held; exec sleep 30"], stdout=subprocess.PIPE, text=True)
    try:
        assert lock.stdout.readline() == "held\n"
        done = device.run("install", device.bundle("1.1.0"))
        assert done.returncode == BUSY and "another update is under way" in done.stderr
    finally:
        lock.kill()
        subprocess.run(["pkill", "-P", str(lock.pid)], check=False)
    assert_as_before(device)


def test_install_dry_run_says_the_steps_and_does_none(device):
    before = sorted(map(str, device.root.rglob("*")))
    done = device.run("install", device.bundle("1.1.0"), "--dry-run")
    assert done.returncode == 0 and "would unpack" in done.stdout and "instead of to releases/1.0.0" in done.stdout
    assert sorted(map(str, device.root.rglob("*"))) == before


def test_models_are_installed_by_themselves_held_against_their_goldens_and_taken_back(device):
    done = device.run("install", device.bundle("7", kind="models"))
    assert done.returncode == CONFIRMED, done.stderr
    assert device.link("models") == "model-sets/7" and device.running == "1.0.0"
    assert any(line.startswith("1.0.0 model verify") and line.endswith("model-sets/7") for line in device.asked()), "before they are in use"
    bad = device.run("install", device.bundle("8", kind="models", model="bad"))
    assert bad.returncode == REFUSED and "goldens" in bad.stderr and device.link("models") == "model-sets/7"
    assert device.run("install", device.bundle("9", kind="models")).returncode == CONFIRMED
    assert device.run("rollback", "--models").returncode == CONFIRMED and device.link("models") == "model-sets/7"
    status = device.status
    assert (status["models"], status["modelsPrevious"], status["current"]) == ("7", "9", "1.0.0")
    assert device.run("clean", "--keep", "1").returncode == 0
    assert {path.name for path in (device.opt / "model-sets").iterdir()} == {"7", "9"}, "what a link points to stays"


def test_rollback_to_what_does_not_work_comes_back(device):
    assert device.run("install", device.bundle("1.1.0")).returncode == CONFIRMED
    (device.opt / "releases/1.0.0/bin/behaviour").chmod(0o644)
    (device.opt / "releases/1.0.0/bin/behaviour").write_text("crash")
    damaged = device.run("rollback")
    assert damaged.returncode == REFUSED and "damaged" in damaged.stderr
    manifest = device.opt / "releases/1.0.0/manifest.json"
    manifest.write_text("\n".join(line for line in manifest.read_text().splitlines() if "behaviour" not in line))
    done = device.run("rollback")
    assert done.returncode == ROLLED_BACK
    assert_as_before(device, "1.1.0")
    assert (device.opt / "releases/1.0.0").is_dir(), "what was there before stays where it is"


def test_install_the_one_before_has_time_to_come_back_however_little_the_new_one_has(device):
    (device.opt / "releases/1.0.0/bin/behaviour").write_text("late")
    done = device.run("install", device.bundle("2.0.0", "hang"), "--health-timeout", 0)
    assert done.returncode == ROLLED_BACK and device.running == "1.0.0", done.stdout + done.stderr


def test_install_neither_works_says_so(device):
    (device.opt / "releases/1.0.0/bin/behaviour").write_text("crash")
    done = device.run("install", device.bundle("2.0.0", "hang"))
    assert done.returncode == BROKEN and device.status["result"] == "broken" and device.link("current") == "releases/1.0.0"


CUTS = [*(f"after pending:{phase}" for phase in ("unpack", "idle", "switch", "restart", "health", "confirmed")), "before 1.1.0", "before current", "after current", "after previous"]
CUTS_BACK = ["after pending:rollback", "before 1.1.0.failed"]


def cut(installed: Device, folder, at: str, behaviour: str) -> None:
    device = installed.clone(folder / at.replace(" ", "-").replace(":", "-"))
    killed = device.run("install", device.bundle("1.1.0", behaviour), cut=at)
    assert killed.returncode == -9, f"{at}: {killed.stdout}{killed.stderr}"
    reached = killed.stdout
    boots = device.boot()
    said = f"{at}: {reached}\n" + "\n".join(f"{boot.returncode}: {boot.stdout}{boot.stderr}" for boot in boots)
    assert all(boot.returncode in (0, ROLLED_BACK) for boot in boots), said
    current = device.link("current")
    assert current == "releases/1.0.0" or behaviour == "well" and current == "releases/1.1.0", said
    assert device.running == current.split("/")[1] and f"# of {device.running}" in device.unit, said
    assert not (device.state / "pending").exists() and not device.is_held, said
    if device.status["version"] == "1.1.0":
        assert (device.status["result"] == "confirmed") == (current == "releases/1.1.0"), f"{said}\n{device.status}"
    if not at.endswith(("unpack", "before current", "rollback", "0")):
        return
    # Cut before it could show what it is: it comes again, and nobody holds the power against it.
    version = "1.1.0" if behaviour == "well" and current == "releases/1.0.0" else "1.2.0"
    follower = device.run("install", device.bundle(version))
    assert follower.returncode == CONFIRMED, f"{said}\n{follower.stdout}{follower.stderr}"
    assert_as_before(device, version)
    assert not list(device.root.rglob("*.unpacking.*")), said


def test_power_cut_at_every_phase_leaves_a_device_that_works(installed, folder):
    with ThreadPoolExecutor(3) as pool:
        for case in [pool.submit(cut, installed, folder, at, "well") for at in CUTS] + [pool.submit(cut, installed, folder, at, "crash") for at in CUTS_BACK]:
            case.result()


@pytest.mark.skipif("HEARTSOUND_EVERY_CUT" not in os.environ, reason="minutes: before and after every single write; HEARTSOUND_EVERY_CUT=1 runs it, 5 every fifth")
@pytest.mark.parametrize("behaviour", ["well", "crash"])
def test_power_cut_at_every_write_leaves_a_device_that_works(installed, folder, behaviour):
    whole = installed.clone(folder / "whole")
    whole.run("install", whole.bundle("1.1.0", behaviour), cut="never")
    count = int((whole.world / "count").read_text())
    with ThreadPoolExecutor(4) as pool:
        for case in [pool.submit(cut, installed, folder, f"{when} {number}", behaviour) for number in range(1, count + 1, int(os.environ["HEARTSOUND_EVERY_CUT"])) for when in ("before", "after")]:
            case.result()


def test_power_cuts_again_and_again_before_it_is_well_take_it_back(device):
    assert device.run("install", device.bundle("1.1.0"), cut="after pending:health").returncode == -9
    for _ in range(2):
        assert device.run("resume", "--files", script_=device.state / "updater/update.sh").returncode == 0
        assert device.link("current") == "releases/1.1.0"
    done = device.boot()
    assert done[-1].returncode == ROLLED_BACK and "3 times" in device.status["reason"]
    assert_as_before(device)


def test_resume_where_nothing_was_interrupted_does_nothing(device):
    done = device.run("resume")
    assert done.returncode == 0 and "Nothing was interrupted" in done.stdout
    assert_as_before(device)


@pytest.mark.parametrize("options, word", [([], "what shall be done"), (["install"], "which bundle"), (["instal", "x"], "instal"), (["rollback", "--no-such"], "--no-such"), (["clean", "--keep", "x"], "--keep")])
def test_misuse_is_named(options, word):
    done = subprocess.run([ROOT / "scripts/update.sh", *options], capture_output=True, text=True, timeout=20)
    assert done.returncode == 2 and word in done.stderr


def test_help_names_every_exit_code():
    done = subprocess.run([ROOT / "scripts/update.sh", "--help"], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0 and all(code in done.stdout for code in ("0 confirmed", "10 refused", "11 rolled back", "12 rolled back", "13 another"))


def test_whoever_only_asks_leaves_an_update_under_way_alone(device):
    """What it has lent to the service's user, and what it compares with, are its own."""
    lent = [device.root / "run/heartsound-update" / name for name in ("before.json", "credentials/broker-key")]
    for file in lent:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("{}")
    device.run("status")
    device.run("verify", device.bundle("1.0.0"))
    assert all(file.exists() for file in lent)


def test_status_is_for_people_and_programs(device):
    assert "program:  1.0.0" in device.run("status").stdout
    assert json.loads(device.run("status", "--json").stdout)["kind"] == "program"
