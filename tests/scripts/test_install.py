"""scripts/install.sh into a folder that stands for a system: everything in its place, twice without harm, and away again."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INSTALL = ROOT / "scripts/install.sh"


def install(*options) -> subprocess.CompletedProcess:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HEARTSOUND_")}
    return subprocess.run([INSTALL, *map(str, options)], cwd="/", capture_output=True, text=True, timeout=120, env=clean)


def contents(folder: Path) -> dict[str, bytes | str]:
    """Every file and link, without the program's release."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if "releases/" in name or path.is_dir() and not path.is_symlink():
            continue
        found[name] = os.readlink(path) if path.is_symlink() else path.read_bytes()
    return found


@pytest.fixture(scope="module")
def system(tmp_path_factory) -> Path:
    """A system on which it was installed twice."""
    assert (ROOT / "bin/app/heartsound.dll").exists(), "the program is missing: run scripts/build.sh"
    root = tmp_path_factory.mktemp("system")
    done = install("--root", root, "--systemd", 252)
    assert done.returncode == 0, done.stderr
    first = contents(root)
    again = install("--root", root, "--systemd", 252)
    assert again.returncode == 0 and "is there and stays" in again.stdout
    assert contents(root) == first
    return root


def test_install_puts_everything_in_its_place(system):
    there = contents(system)
    assert there["etc/systemd/system/heartsound.service"] == (ROOT / "systemd/heartsound.service").read_bytes()
    assert there["etc/systemd/system/multi-user.target.wants/heartsound.service"] == "../heartsound.service"
    assert there["usr/local/bin/heartsound"] == "/opt/heartsound/current/bin/heartsound"
    assert {"etc/sysusers.d/heartsound.conf", "etc/tmpfiles.d/heartsound.conf", "etc/udev/rules.d/60-heartsound.rules", "etc/heartsound/settings.json"} <= there.keys()
    assert not any("service.d" in name for name in there), "systemd 252 does not know what is in the drop-ins"
    release = system / "opt/heartsound/current"
    assert (release / "models").is_dir() and (release / "deploy/settings.schema.json").exists() and (release / "docs/settings.md").exists()


def test_install_what_lies_there_runs_and_reads_its_settings(system):
    program = system / "opt/heartsound/current/bin/heartsound"
    for arguments in (["settings", "check", system / "etc/heartsound/settings.json"], ["model", "verify"]):
        done = subprocess.run([program, *map(str, arguments)], cwd="/", capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
    shown = subprocess.run([program, "model", "show"], cwd="/", capture_output=True, text=True, timeout=120).stdout
    assert str((system / "opt/heartsound/releases").resolve()) in shown, "its own model"
    assert not any(path.stat().st_mode & 0o022 for path in (system / "opt/heartsound/releases").rglob("*")), "nobody but root may change the program"


def test_install_of_a_younger_systemd_brings_its_drop_ins_and_of_an_older_one_takes_them_away(system):
    dropin = system / "etc/systemd/system/heartsound.service.d/254-backoff.conf"
    assert install("--root", system, "--systemd", "255.4-1ubuntu8").returncode == 0 and dropin.exists()
    assert install("--root", system, "--systemd", "237").returncode == 0 and not dropin.exists()


def test_install_invalid_settings_installs_nothing(tmp_path):
    settings = tmp_path / "settings.json"
    settings.write_text('{ "capture": { "channel": 0 } }')
    (tmp_path / "root").mkdir()
    done = install("--root", tmp_path / "root", "--settings", settings)
    assert done.returncode != 0 and "capture.channel is 0" in done.stderr and contents(tmp_path / "root") == {}


def test_install_dry_run_does_nothing(tmp_path):
    done = install("--root", tmp_path, "--dry-run")
    assert done.returncode == 0 and "heartsound.service" in done.stdout and contents(tmp_path) == {}


@pytest.mark.parametrize("options, named", [(["--no-such-option"], "--no-such-option"), (["--root"], "--root"), (["--dotnet", "/nonexistent", "--root", "/nonexistent", "--dry-run"], "/nonexistent")])
def test_install_what_is_no_good_is_refused_by_name(options, named):
    done = install(*options)
    assert done.returncode == 1 and named in done.stderr


def test_install_help_explains_itself():
    done = install("--help")
    assert done.returncode == 0 and "--uninstall" in done.stdout


def test_uninstall_leaves_settings_and_state_until_they_are_asked_for(tmp_path):
    """A small stand-in for what an installation leaves: the real one is 150 MB."""
    for name in ("opt/heartsound/releases/1/x", "etc/systemd/system/heartsound.service", "etc/heartsound/settings.json", "var/lib/heartsound/records/1", "etc/passwd"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    assert install("--root", tmp_path, "--uninstall").returncode == 0
    assert contents(tmp_path).keys() == {"etc/heartsound/settings.json", "var/lib/heartsound/records/1", "etc/passwd"}
    assert install("--root", tmp_path, "--uninstall", "--purge").returncode == 0
    assert contents(tmp_path).keys() == {"etc/passwd"}
