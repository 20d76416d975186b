"""What calls the updater: Mender's, RAUC's and balena's hooks and the USB stick, each called as its tool would call it."""

import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from device import ROOT, Device, script

HOOKS = ROOT / "deploy/hooks"


@pytest.fixture
def device(installed, place):
    """With heartsound-update and heartsound on the PATH, as on a device."""
    device = installed.clone(Path(tempfile.mkdtemp(dir=place)) / "root")
    script(device.world / "bin/heartsound-update", f"""#!/bin/sh
verb=$1; shift
case $verb in install | rollback) set -- --settle 0 --health-timeout 0 "$@" ;; esac
exec {device.opt}/current/scripts/update.sh "$verb" "$@" --root {device.root}
""")
    script(device.world / "bin/heartsound", f"""#!/bin/sh
exec {device.opt}/current/bin/heartsound "$@"
""")
    return device


def call(device: Device, *command, **env) -> subprocess.CompletedProcess:
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=150, env={"PATH": f"{device.world}/bin:{os.environ['PATH']}", "HEARTSOUND_WAIT_IDLE": "1", **env})


def payload(folder: Path, *bundles: Path) -> Path:
    """Mender's folder for an update module."""
    for name in ("files", "tmp", "header"):
        (folder / name).mkdir(parents=True)
    for bundle in bundles:
        shutil.copy(bundle, folder / "files")
    return folder


def test_mender_installs_commits_and_rolls_back(device, tmp_path):
    module = HOOKS / "mender/heartsound-bundle"
    folder = payload(tmp_path / "payload", device.bundle("1.1.0"), device.bundle("7", kind="models"))
    assert call(device, module, "NeedsArtifactReboot").stdout == "No\n" and call(device, module, "SupportsRollback").stdout == "Yes\n"
    assert call(device, module, "Download", folder).stdout == ""
    done = call(device, module, "ArtifactInstall", folder)
    assert done.returncode == 0 and done.stdout == "", done.stderr
    assert (device.running, device.link("models")) == ("1.1.0", "model-sets/7")
    assert call(device, module, "ArtifactCommit", folder).returncode == 0
    assert call(device, module, "Cleanup", folder).stdout == ""
    (device.root / "run/heartsound/state.json").unlink()
    assert call(device, module, "ArtifactCommit", folder).returncode == 1
    device.start()

    # Models that were the first of their kind are not taken back by a rollback to nothing; the program is.
    assert call(device, module, "ArtifactRollback", folder).returncode == 1
    assert device.running == "1.0.0"
    assert call(device, module, "ArtifactFailure", folder).returncode == 0
    assert call(device, module, "WhateverComesLater", folder).stdout == ""


def test_mender_what_was_refused_or_rolled_back_by_itself_is_not_rolled_back_again(device, tmp_path):
    module = HOOKS / "mender/heartsound-bundle"
    for number, behaviour in enumerate(("crash", "goldens")):
        folder = payload(tmp_path / f"payload{number}", device.bundle(f"1.{number + 1}.0", behaviour))
        assert call(device, module, "ArtifactInstall", folder).returncode == 1
        assert call(device, module, "ArtifactRollback", folder).returncode == 0 and device.running == "1.0.0"
    nothing = payload(tmp_path / "nothing")
    assert call(device, module, "ArtifactInstall", nothing).returncode == 1


def test_rauc_verifies_before_and_installs_after_the_slots(device, tmp_path):
    shutil.copy(device.bundle("1.1.0"), tmp_path)
    for name in ("RAUC_BUNDLE_MOUNT_POINT", "RAUC_UPDATE_SOURCE"):
        assert call(device, HOOKS / "rauc/pre-install.sh", **{name: str(tmp_path)}).returncode == 0
    assert device.running == "1.0.0"
    done = call(device, HOOKS / "rauc/post-install.sh", RAUC_BUNDLE_MOUNT_POINT=str(tmp_path))
    assert done.returncode == 0 and device.running == "1.1.0", done.stderr
    bundle = next(tmp_path.glob("*.zst"))
    bundle.write_bytes(bundle.read_bytes()[:-100])
    assert call(device, HOOKS / "rauc/pre-install.sh", RAUC_BUNDLE_MOUNT_POINT=str(tmp_path)).returncode == 1
    assert call(device, HOOKS / "rauc/post-install.sh", RAUC_BUNDLE_MOUNT_POINT=str(tmp_path)).returncode == 1
    assert "handler" in call(device, HOOKS / "rauc/post-install.sh").stderr


def test_rauc_a_slot_is_good_when_the_service_is_well(device):
    script(device.world / "bin/rauc", f'#!/bin/sh\necho "$*" >>{device.world}/rauc\n')
    assert call(device, HOOKS / "rauc/mark-good.sh", HEARTSOUND_HEALTH_TIMEOUT="0").returncode == 0
    (device.root / "run/heartsound/state.json").unlink()
    assert call(device, HOOKS / "rauc/mark-good.sh", HEARTSOUND_HEALTH_TIMEOUT="0").returncode == 1
    assert (device.world / "rauc").read_text().splitlines() == ["status mark-good", "status mark-bad"]


class Supervisor(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"status":"Idle","update_pending":true,"update_downloaded":true}')

    def log_message(self, *_):
        pass


def test_balena_holds_its_lock_while_an_examination_is_under_way(tmp_path):
    lock, run = tmp_path / "balena/updates.lock", tmp_path / "run"
    run.mkdir()
    server = HTTPServer(("127.0.0.1", 0), Supervisor)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def say(idle: bool, age: float = 0) -> None:
        text = json.dumps({"schema": 1, "monotonic": time.clock_gettime(time.CLOCK_BOOTTIME) - age, "idle": idle}, separators=(",", ":"))
        (run / "state.json").write_text(text)

    def until(condition) -> None:
        end = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < end
            time.sleep(0.05)

    def is_locked_for_the_host() -> bool:
        return subprocess.run(["flock", "-n", lock, "true"], check=False).returncode != 0

    say(idle=False)
    beside = subprocess.Popen([HOOKS / "balena/update-lock.sh"], env={"PATH": os.environ["PATH"], "BALENA_LOCK": str(lock), "RUNTIME_DIRECTORY": str(run), "BALENA_SUPERVISOR_ADDRESS": f"http://127.0.0.1:{server.server_port}"})
    try:
        until(lock.exists)
        until(is_locked_for_the_host)
        until((run / "updating").exists)  # an update is downloaded: no other examination begins
        say(idle=True)
        until(lambda: not lock.exists())
        say(idle=False)
        until(lock.exists)
        say(idle=False, age=60)  # it hangs
        until(lambda: not lock.exists())
        lock.write_text("supervisor")
        (run / "updating").unlink()
        until((run / "updating").exists)
        say(idle=False)
        beside.terminate()
        assert beside.wait(10) == 0 and lock.read_text() == "supervisor", "somebody else's stays"
    finally:
        beside.kill()
        server.shutdown()


MOUNT = """#!/bin/bash
# mount, umount and mountpoint of a stick that is a folder: what is mounted is a copy of it.
place=${*: -1} stick=$(dirname "$(readlink -f "$0")")/../stick
echo "${0##*/} $*" >>"$stick.log"
case ${0##*/} in
    mount) [ -d "$stick" ] && { [[ $* != *rw,* ]] || [ ! -e "$stick.readonly" ]; } && cp -a "$stick/." "$place/" && { [[ $* != *rw,* ]] || touch "$stick.rw"; } && touch "$stick.mounted" ;;
    umount) [ ! -e "$stick.rw" ] || cp -a "$place/." "$stick/"; rm -rf "${place:?}"/* "$stick.rw" "$stick.mounted" ;;
    mountpoint) [ -e "$stick.mounted" ] ;;
esac
"""


@pytest.fixture
def stick(device):
    for name in ("mount", "umount", "mountpoint"):
        script(device.world / "bin" / name, MOUNT)
    (device.root / "etc/heartsound/stick-updates").touch()
    folder = device.world / "stick/heartsound-update"
    folder.mkdir(parents=True)
    return folder


def test_stick_installs_the_newest_that_is_ours_and_writes_what_came_of_it(device, stick):
    shutil.copy(device.bundle("1.1.0"), stick)
    shutil.copy(device.bundle("1.2.0"), stick)
    shutil.copy(device.bundle("7", kind="models"), stick.parent)
    shutil.copy(device.bundle("1.3.0"), stick)
    forged = stick / device.bundle("1.3.0").name
    forged.write_bytes(forged.read_bytes()[:-300])
    done = call(device, ROOT / "deploy/usb/install-from-stick.sh", "/dev/sdx1", "--root", device.root)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (device.running, device.link("models")) == ("1.2.0", "model-sets/7")
    result = json.loads((device.world / "stick/heartsound-bed-7-result.json").read_text())
    assert (result["device"], result["exit"], [(r["bundle"], r["exit"]) for r in result["results"]]) == (
        "bed-7", 0, [(f"heartsound-edge-1.2.0-{device.bundle('1.2.0').name.split('-', 3)[3].removesuffix('.tar.zst')}.tar.zst", 0), ("heartsound-models-7.tar.zst", 0)])
    log = (device.world / "stick.log").read_text()
    assert log.index("mount -o ro,nosuid,nodev,noexec") < log.index("mount -o rw,nosuid,nodev,noexec") and log.rstrip().splitlines()[-2].startswith("umount")
    assert not list((device.state / "incoming").iterdir())


def test_stick_with_an_older_one_changes_nothing_and_a_read_only_one_is_no_fault(device, stick):
    shutil.copy(device.bundle("0.9.0"), stick)
    (device.world / "stick.readonly").touch()
    done = call(device, ROOT / "deploy/usb/install-from-stick.sh", "/dev/sdx1", "--root", device.root)
    assert done.returncode == 10 and device.running == "1.0.0" and "cannot be written to the stick" in done.stderr


def test_stick_is_not_even_mounted_where_nobody_allowed_it(device, stick):
    (device.root / "etc/heartsound/stick-updates").unlink()
    shutil.copy(device.bundle("1.1.0"), stick)
    done = call(device, ROOT / "deploy/usb/install-from-stick.sh", "/dev/sdx1", "--root", device.root)
    assert done.returncode == 10 and device.running == "1.0.0" and not (device.world / "stick.log").exists()
