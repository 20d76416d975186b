"""scripts/deploy.sh against devices behind real sshds on loopback (devices.py): whole updates, lines that are cut at the worst moment, devices that fail or are not there, and an interrupt."""

import json
import os
import shutil
import signal
import subprocess
import time

import pytest
from devices import ROOT, SSHD, Farm, until

pytestmark = pytest.mark.skipif(SSHD is None, reason="sshd is missing: scripts/setup.sh test")


@pytest.fixture(scope="module")
def farm(tmp_path_factory):
    farm = Farm(tmp_path_factory.mktemp("f"))
    for name in ("a", "b", "c"):
        farm.add(name)
    yield farm
    farm.stop()


@pytest.fixture
def devices(farm):
    """Three devices that have 0.1.0 and are well."""
    for device in farm.devices:
        device.stop_units()
        for name in ("fate", "slow", "uid", "sudo.password", "updater.calls", "state.json", "cut-next"):
            (device.root / name).unlink(missing_ok=True)
        device.write("uid", "1000")
        device.write("arch", "aarch64")
        device.write("glibc", "2.31")
        shutil.rmtree(device.root / "var/lib/heartsound-update", ignore_errors=True)
        for link in ("current", "previous", "models"):
            (device.root / "opt/heartsound" / link).unlink(missing_ok=True)
        (device.root / "opt/heartsound/current").symlink_to("releases/0.1.0")
        device.tool("dd", '#!/bin/sh\necho "$*" >>"$HEARTSOUND_ROOT/dd.calls"\nwhile [ -e "$HEARTSOUND_ROOT/hold-dd" ] && [ -s "$HEARTSOUND_ROOT/dd.calls" ] && [ "$(wc -l <"$HEARTSOUND_ROOT/dd.calls")" -gt 1 ]; '
                          'do sleep 0.02; done\nexec /bin/dd "$@"\n')
        (device.root / "dd.calls").unlink(missing_ok=True)
    return farm.devices


@pytest.fixture(scope="module")
def bundle(farm):
    return farm.bundle("0.2.0", bulk=10_000_000)


def results(done) -> dict[str, dict]:
    return {found["name"]: found for found in map(json.loads, done.stdout.splitlines())}


def installs(device) -> list[str]:
    return [line for line in device.read("updater.calls").splitlines() if line.startswith("install")]


def test_update_of_two_devices_is_confirmed_on_both_and_sudos_password_is_seen_by_nobody(farm, devices, bundle, tmp_path):
    a, b, _ = devices
    secret = "Kardia 7'\"$"
    b.write("sudo.password", secret)
    done = farm.run("deploy.sh", a.host, b.host, bundle, "--keys", farm.keys, "--json", "--wait-idle", 7, "--health-timeout", 9, "--settle", 5, "--ask-sudo-password", "--logs-to", tmp_path, typed=secret + "\n")
    assert done.returncode == 0, done.stderr
    found = results(done)
    assert all(found[d.host]["outcome"] == "confirmed" and found[d.host]["version"] == "0.2.0" and d.current() == "0.2.0" for d in (a, b))
    assert "2 confirmed" in done.stderr and "0.1.0 → 0.2.0" in found[a.host]["message"]
    assert installs(a)[0].endswith(f"{bundle.name} --wait-idle 7 --health-timeout 9 --settle 5") and "--unit=heartsound-update-" in a.read("systemd-run.calls")
    assert not list((a.root / "var/lib/heartsound-update/incoming").iterdir()), "what was installed need not lie there twice"
    seen = done.stdout + done.stderr + "".join(d.read("systemd-run.calls") + d.read("dd.calls") for d in (a, b)) + "".join(log.read_text() for log in tmp_path.iterdir())
    assert "Kardia" not in seen


def test_line_that_is_cut_while_sending_and_while_following_costs_nothing(farm, devices, bundle):
    """The cable is pulled in the second piece, and once more while the engine is built; a power cut comes to the other device, whose updater tells afterwards."""
    a, b, _ = devices
    a.write("hold-dd", "")
    a.write("slow", "engine")
    b.write("slow", "health")
    running = farm.begin("deploy.sh", a.host, b.host, bundle, "--keys", farm.keys, "--json")
    until(lambda: a.read("dd.calls").count("\n") == 2)
    a.cut()
    (a.root / "hold-dd").unlink()
    until(lambda: installs(a))
    a.cut()
    until(lambda: list((b.root / "units").glob("*")) and "at health" in "".join(log.read_text() for log in (b.root / "var/lib/heartsound-update/runs").glob("*/log")))
    b.write("state.json", json.dumps({"schema": 1, "underWay": False, "result": "confirmed", "version": "0.2.0", "reason": None}))
    b.stop_units()
    b.cut()
    time.sleep(0.3)
    (a.root / "slow").unlink()
    out, errors = running.communicate(timeout=200)
    assert running.returncode == 0, errors
    assert a.current() == "0.2.0" and len(installs(a)) == 1, "the updater was started once, and went on without a line"
    offsets = [int(word.removeprefix("seek=")) for line in a.read("dd.calls").splitlines() for word in line.split() if word.startswith("seek=")]
    assert len(offsets) == 4 and offsets == sorted(offsets) and offsets[2] >= offsets[1], f"only what had not come of the piece that was cut is sent again: {offsets}"
    assert "line is cut" in errors
    assert {json.loads(line)["outcome"] for line in out.splitlines()} == {"confirmed"}


def test_of_three_devices_one_goes_back_and_one_is_broken(farm, devices, bundle, tmp_path):
    a, b, c = devices
    b.write("fate", "rolledBack")
    c.write("fate", "broken")
    done = farm.run("deploy.sh", a.host, b.host, c.host, bundle, "--keys", farm.keys, "--json", "--logs-to", tmp_path)
    found = results(done)
    assert done.returncode == 3 and [found[d.host]["outcome"] for d in devices] == ["confirmed", "rolledBack", "broken"]
    assert "it did not get healthy" in found[b.host]["message"] and b.current() == "0.1.0"
    assert any("PHASE rolledBack" in log.read_text() for log in tmp_path.iterdir())


def test_canary_that_fails_leaves_the_others_alone(farm, devices, bundle):
    a, b, c = devices
    a.write("fate", "rolledBack")
    done = farm.run("deploy.sh", a.host, b.host, c.host, bundle, "--keys", farm.keys, "--first", 1, "--json")
    assert done.returncode == 3 and {results(done)[d.host]["outcome"] for d in (b, c)} == {"notStarted"}
    assert not installs(b) and not installs(c) and not b.read("dd.calls")


def test_after_so_many_failures_no_further_device_is_begun_with(farm, devices, bundle):
    for device in devices:
        device.write("fate", "refused")
    done = farm.run("deploy.sh", *(d.host for d in devices), bundle, "--keys", farm.keys, "--max-failures", 2, "--jobs", 1, "--json")
    assert done.returncode == 10, "the updaters refused: nothing was changed"
    assert [results(done)[d.host]["outcome"] for d in devices] == ["refused", "refused", "notStarted"] and "the disk is too small" in done.stdout


def test_devices_that_are_not_ready_stop_all_before_any_is_changed(farm, devices, bundle):
    """Each for another reason, and each says what to do."""
    a, b, c = devices
    a.write("arch", "x86_64")
    b.write("glibc", "2.23")
    b.write("units/heartsound-update-0123-x", str(os.getpid()))
    a.write("units/heartsound-update-4567-x", str(os.getpid()))
    a.write("var/lib/heartsound-update/runs/4567-x/exit", "0\n")  # it is over, and systemd does not know yet
    c.write("sudo.password", "x")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", farm.folder / "another"], check=True)
    strange = farm.add("strange", farm.folder / "another")
    try:
        done = farm.run("deploy.sh", a.host, b.host, c.host, strange.host, "127.0.0.1:9", bundle, "--keys", farm.keys, "--json")
    finally:
        farm.devices.remove(strange)
        strange.stop()
        (b.root / "units/heartsound-update-0123-x").unlink()
        (a.root / "units/heartsound-update-4567-x").unlink()
        shutil.rmtree(a.root / "var/lib/heartsound-update/runs/4567-x")
    found = results(done)
    assert done.returncode == 10
    assert "for linux-arm64, the device is linux-x64" in found[a.host]["message"] and "4567-x" not in found[a.host]["message"]
    assert "2.23" in found[b.host]["message"] and "another update is under way there (0123-x)" in found[b.host]["message"]
    assert "--ask-sudo-password" in found[c.host]["message"]
    assert "ssh-copy-id" in found[strange.host]["message"] and "no ssh server listens" in found["127.0.0.1:9"]["message"]
    assert not any(installs(d) or d.read("dd.calls") for d in devices)


def test_only_ready_updates_the_others_and_dry_run_nobody(farm, devices, bundle):
    a, b, c = devices
    b.write("arch", "x86_64")
    (c.root / "opt/heartsound/current").unlink()
    (c.root / "opt/heartsound/current").symlink_to("releases/0.2.0")
    words = ("deploy.sh", a.host, b.host, c.host, bundle, "--keys", farm.keys, "--only-ready")
    dry = farm.run(*words, "--dry-run")
    assert "would bring heartsound-edge-0.2.0" in dry.stdout and a.current() == "0.1.0" and not a.read("dd.calls")
    done = farm.run(*words)
    assert done.returncode == 3 and "1 confirmed" in done.stdout and "1 unchanged" in done.stdout and a.current() == "0.2.0" and b.current() == "0.1.0" and not installs(c)


def test_unknown_host_key_is_refused_and_taken_when_asked(farm, devices, bundle):
    refused = farm.run("deploy.sh", "status", devices[0].host, known=False)
    assert refused.returncode == 10 and "--accept-new-host-keys" in refused.stdout
    assert farm.run("deploy.sh", "status", devices[0].host, "--accept-new-host-keys", known=False).returncode == 0


def test_forged_bundle_goes_nowhere(farm, devices, bundle):
    forged = farm.folder / "bundles" / "heartsound-edge-9-forged-linux-arm64.tar.zst"
    shutil.copy(bundle, forged)
    for device in devices:
        device.stop()
    try:
        done = farm.run("deploy.sh", devices[0].host, forged, "--keys", farm.keys)
    finally:
        for device in devices:
            device.start()
    assert done.returncode == 10 and "not of these keys" in done.stderr and "nothing was sent" in done.stderr


def test_interrupt_ends_here_and_goes_on_there_and_can_be_taken_up_again(farm, devices, bundle):
    a = devices[0]
    a.write("slow", "engine")
    running = farm.begin("deploy.sh", a.host, bundle, "--keys", farm.keys)
    until(lambda: installs(a))
    os.killpg(running.pid, signal.SIGINT)
    out, _ = running.communicate(timeout=100)
    assert running.returncode == 130 and "go on with it" in out
    leftover = subprocess.run(["pgrep", "-f", f"-p {a.port} -- 127.0.0.1"], capture_output=True, text=True).stdout
    assert not leftover, "no line is left open"
    again = farm.begin("deploy.sh", a.host, bundle, "--keys", farm.keys)
    time.sleep(0.5)
    (a.root / "slow").unlink()
    out, errors = again.communicate(timeout=200)
    assert again.returncode == 0 and len(installs(a)) == 1 and a.current() == "0.2.0", out + errors


def test_status_and_rollback(farm, devices, bundle):
    a = devices[0]
    (a.root / "opt/heartsound/previous").symlink_to("releases/0.0.9")
    back = farm.run("deploy.sh", "rollback", a.host)
    assert back.returncode == 0 and "back at 0.0.9" in back.stdout and a.current() == "0.0.9"
    told = farm.run("deploy.sh", "status", a.host, "--json")
    found = results(told)[a.host]
    assert told.returncode == 0 and found["outcome"] == "ok" and found["version"] == "0.0.9" and found["provider"] == "cpu" and "broker connected" in found["message"]


def test_logs_are_followed_on_after_the_line_was_cut(farm, devices):
    a = devices[0]
    (a.root / "journalctl.calls").unlink(missing_ok=True)
    following = farm.begin("deploy.sh", "logs", "--follow", "--since", "2 hours ago", a.host)
    for lines in (1, 2):
        until(lambda: a.read("journalctl.calls").count("--follow") == lines)
        if lines == 1:
            a.cut()
    os.killpg(following.pid, signal.SIGINT)
    out, _ = following.communicate(timeout=100)
    assert following.returncode == 130 and f"{a.host} | 2026" in out and "--since=2 hours ago" in out and "the line was cut" in out


def test_offline_writes_a_stick_that_says_what_is_on_it(farm, bundle, tmp_path):
    done = farm.run("deploy.sh", "--offline", tmp_path, bundle, "--keys", farm.keys)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "heartsound-update"
    assert subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder).returncode == 0
    assert (folder / bundle.name).read_bytes() == bundle.read_bytes() and "0.2.0" in (folder / "README.txt").read_text()


@pytest.mark.parametrize("words, named", [((), "which bundle"), (("a", "b"), "….tar.zst"), (("--no-such-option",), "--no-such-option"), (("--jobs", "0"), "--jobs"), (("a:b", "x.tar.zst"), "'a:b' is no host"),
                                          (("h", "h", "x.tar.zst"), "is there twice"), (("h", "/nonexistent/heartsound-edge-1-linux-x64.tar.zst"), "there is no bundle")])
def test_what_is_no_good_is_refused_by_name(words, named):
    done = subprocess.run([ROOT / "scripts/deploy.sh", *words], capture_output=True, text=True, timeout=20, cwd="/")
    assert done.returncode == 1 and named in done.stderr, done.stderr


def test_help_explains_itself():
    done = subprocess.run([ROOT / "scripts/deploy.sh", "--help"], capture_output=True, text=True, timeout=20, cwd="/")
    assert done.returncode == 0 and "--first N" in done.stdout and "--accept-new-host-keys" in done.stdout and done.stderr == ""
