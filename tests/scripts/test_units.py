"""The unit as systemd sees it: correct, tightly boxed in, and still of use with systemd 237 (Ubuntu 18.04, JetPack 4)."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SYSTEMD = ROOT / "systemd"
UNIT = SYSTEMD / "heartsound.service"
OLDEST = 237

# Each directive of the unit with the version of systemd that it came with (systemd's NEWS, and the man pages' "Added in version").
SINCE = {
    **dict.fromkeys(
        """Description Documentation After Type NotifyAccess ExecStart ExecReload ExecStopPost TimeoutStartSec TimeoutStopSec WatchdogSec Restart RestartSec User Group
        SupplementaryGroups UMask Environment EnvironmentFile LimitCORE OOMScoreAdjust NoNewPrivileges CapabilityBoundingSet PrivateTmp SystemCallFilter
        SystemCallErrorNumber SystemCallArchitectures RestrictAddressFamilies DevicePolicy DeviceAllow WantedBy RuntimeDirectory RuntimeDirectoryMode""".split(), 211),
    "ProtectHome": 214, "ProtectSystem": 214, "TasksMax": 227, "KillMode": 211, "OOMPolicy": 243, "AmbientCapabilities": 229, "StartLimitIntervalSec": 230, "MemoryMax": 231, "RestrictRealtime": 231,
    "ProtectKernelTunables": 232, "ProtectKernelModules": 232, "ProtectControlGroups": 232, "RemoveIPC": 232, "RestrictNamespaces": 233,
    "StateDirectory": 235, "StateDirectoryMode": 235, "CacheDirectory": 235, "CacheDirectoryMode": 235, "ConfigurationDirectory": 235, "ConfigurationDirectoryMode": 235,
    "LockPersonality": 235, "KeyringMode": 235, "PrivateMounts": 239, "ProtectHostname": 242, "RestrictSUIDSGID": 242, "ProtectKernelLogs": 244, "ProtectClock": 245,
    "ProtectProc": 247, "LoadCredential": 247,
}

# The service is broken, or unsafe, without these: they must be known to the oldest systemd.
ESSENTIAL = """User Group SupplementaryGroups Type NotifyAccess ExecStart WatchdogSec Restart StartLimitIntervalSec StateDirectory CacheDirectory RuntimeDirectory NoNewPrivileges
    CapabilityBoundingSet ProtectSystem ProtectHome PrivateTmp DevicePolicy DeviceAllow SystemCallFilter RestrictAddressFamilies RestrictNamespaces MemoryMax LimitCORE""".split()

# Groups of system calls that 237 knows (src/shared/seccomp-util.c of that version); @system-service came with 239.
GROUPS_237 = set("""@default @aio @basic-io @chown @clock @cpu-emulation @debug @file-system @io-event @ipc @keyring @memlock @module @mount @network-io @obsolete @privileged
    @process @raw-io @reboot @resources @setuid @signal @swap @sync @timer""".split())


def directives(file: Path) -> list[tuple[str, str]]:
    lines = [line for line in file.read_text().splitlines() if line and not line.startswith(("#", "["))]
    return [tuple(line.split("=", 1)) for line in lines]


def values(name: str) -> list[str]:
    return [word for key, value in directives(UNIT) if key == name for word in value.split()]


def run(*command, **more) -> subprocess.CompletedProcess:
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60, **more)


@pytest.fixture(scope="module")
def system(tmp_path_factory) -> Path:
    """The root of a system that the service could be installed on, as far as systemd's analyser looks."""
    root = tmp_path_factory.mktemp("system")
    for program in ("opt/heartsound/current/bin/heartsound", "bin/kill"):
        (root / program).parent.mkdir(parents=True, exist_ok=True)
        (root / program).write_text("#!/bin/sh\n")
        (root / program).chmod(0o755)
    units = root / "etc/systemd/system"
    units.mkdir(parents=True)
    (units / UNIT.name).write_text(UNIT.read_text())
    for target in ("sysinit", "basic", "shutdown", "multi-user", "sound", "network"):
        (units / f"{target}.target").write_text("[Unit]\nDefaultDependencies=no\n")
    return root


def test_unit_verify_finds_nothing(system):
    done = run("systemd-analyze", "verify", f"--root={system}", "--man=no", UNIT.name)
    assert done.returncode == 0 and done.stdout + done.stderr == ""


@pytest.mark.parametrize("unit", [SYSTEMD / "heartsound-update.service", ROOT / "deploy/usb/heartsound-stick@.service", ROOT / "deploy/hooks/rauc/heartsound-mark-good.service"])
def test_units_of_the_updater_verify_finds_nothing_and_the_oldest_systemd_knows_them(system, unit):
    for program in ("var/lib/heartsound-update/updater/update.sh", "opt/heartsound/current/deploy/usb/install-from-stick.sh", "opt/heartsound/current/deploy/hooks/rauc/mark-good.sh"):
        (system / program).parent.mkdir(parents=True, exist_ok=True)
        (system / program).write_text("#!/bin/sh\n")
        (system / program).chmod(0o755)
    placed = system / "etc/systemd/system" / unit.name.replace("@", "@sda1")
    placed.write_text(unit.read_text())
    done = run("systemd-analyze", "verify", f"--root={system}", "--man=no", placed.name)
    placed.unlink()
    assert done.returncode == 0 and done.stdout + done.stderr == ""
    known = SINCE | dict.fromkeys(["ConditionPathExists", "Before", "ExecStartPre", "TimeoutStartSec", "TimeoutStopSec", "SuccessExitStatus", "RemainAfterExit"], 211)
    assert {name: known.get(name) for name, _ in directives(unit) if known.get(name, 999) > OLDEST} == {}


def test_unit_of_the_updater_is_done_with_the_files_before_the_service_starts():
    unit = dict(directives(SYSTEMD / "heartsound-update.service"))
    assert unit["Before"] == "heartsound.service" and unit["ExecStartPre"].endswith("resume --files") and unit["ExecStart"].endswith("resume")
    assert unit["ConditionPathExists"] == "/var/lib/heartsound-update/pending"


def test_verify_would_find_a_mistake(system):
    unit = system / "etc/systemd/system/mistaken.service"
    unit.write_text(UNIT.read_text().replace("WatchdogSec=", "WatchdogSecs=").replace("/current/bin/heartsound", "/current/bin/heartsuond"))
    done = run("systemd-analyze", "verify", f"--root={system}", "--man=no", unit.name)
    unit.unlink()
    assert "WatchdogSecs" in done.stderr and "heartsuond" in done.stderr


def test_unit_exposure_is_below_two():
    done = run("systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=19", UNIT)
    exposure = float(re.search(r"Overall exposure level for heartsound.service: ([0-9.]+)", done.stdout)[1])
    assert done.returncode == 0 and exposure < 2.0, done.stdout


def test_unit_every_directive_has_its_version_and_the_essential_ones_are_old_enough():
    names = {name for name, _ in directives(UNIT)}
    assert names <= SINCE.keys(), f"which version of systemd brought {names - SINCE.keys()}?"
    assert set(ESSENTIAL) <= names
    assert {name: SINCE[name] for name in ESSENTIAL if SINCE[name] > OLDEST} == {}


def test_unit_drop_ins_are_named_after_the_version_that_knows_them():
    for file in (SYSTEMD / "heartsound.service.d").glob("*"):
        assert re.fullmatch(r"2[0-9]{2}-[a-z]+\.conf", file.name) and int(file.name[:3]) > OLDEST


def test_unit_system_calls_are_spelt_out_in_words_that_the_oldest_systemd_knows():
    """237 begins an allow-list when it sees the first word, and leaves out what it does not know: a list of @system-service alone would forbid everything."""
    filters = [value.split() for name, value in directives(UNIT) if name == "SystemCallFilter"]
    assert {word for words in filters for word in words if word.startswith(("@", "~"))} <= GROUPS_237
    assert filters[0][0].startswith("@"), "an allow-list"


def test_unit_system_calls_are_those_of_a_service_and_none_that_it_has_no_business_with():
    allowed = system_calls(values("SystemCallFilter"))
    assert allowed <= system_calls(["@system-service"]) | {"membarrier", "sched_getaffinity"}
    for group in ("@chown", "@setuid", "@keyring", "@resources", "@mount", "@module", "@raw-io", "@reboot", "@swap", "@debug", "@clock", "@cpu-emulation", "@obsolete", "@privileged"):
        # What is in @default too, systemd always allows; without sched_setaffinity CoreCLR does not start, and setpriority is for the building of engines.
        assert not (allowed & system_calls([group])) - system_calls(["@default"]) - {"sched_setaffinity", "setpriority"}, group


def system_calls(words: list[str]) -> set[str]:
    calls = set()
    for word in words:
        if not word.startswith("@"):
            calls.add(word)
            continue
        lines = run("systemd-analyze", "--no-pager", "syscall-filter", word).stdout.splitlines()[1:]
        calls |= system_calls([line.strip() for line in lines if line.strip() and not line.strip().startswith("#")])
    return calls


def test_unit_what_the_runtime_and_the_gpu_need_is_not_taken_away():
    names = dict(directives(UNIT))
    assert "MemoryDenyWriteExecute" not in names, "the JIT compiler writes code"
    assert "PrivateDevices" not in names and "ProcSubset" not in names, "sound, GPIO and GPU; /proc/asound"
    assert {"char-alsa", "char-gpiochip", "/dev/nvmap"} <= set(values("DeviceAllow"))


def test_sysusers_make_the_user_and_its_groups(tmp_path):
    """Twice, as on an update."""
    (tmp_path / "etc").mkdir()
    for _ in range(2):
        done = run("systemd-sysusers", f"--root={tmp_path}", SYSTEMD / "heartsound.sysusers")
        assert done.returncode == 0, done.stderr
    user, = [line for line in (tmp_path / "etc/passwd").read_text().splitlines() if line.startswith("heartsound:")]
    assert user.endswith("/nologin") and ":/var/lib/heartsound:" in user
    groups = {line.split(":")[0]: line.split(":")[3] for line in (tmp_path / "etc/group").read_text().splitlines()}
    assert all("heartsound" in groups[group].split(",") for group in values("SupplementaryGroups"))
    assert dict(directives(UNIT))["User"] == "heartsound"
