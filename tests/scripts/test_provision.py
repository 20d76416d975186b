"""scripts/provision.sh against bare machines behind real sshds on loopback (devices.py): whole runs, a second one that changes nothing, a table that is refused, secrets that nobody sees."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from devices import ROOT, SSHD, Farm

pytestmark = pytest.mark.skipif(SSHD is None, reason="sshd is missing: scripts/setup.sh test")

HEADER = "host,name,board,stethoscope,start,providers,broker_host,broker_port,broker_tls,broker_user,timezone,site\n"
DPKG = """#!/bin/bash
# Every package is installed that the file `packages` names.
name=${@: -1}
grep -qxF "$name" "$HEARTSOUND_ROOT/packages" && printf 'ii '"""
APT_CACHE = '#!/bin/bash\n[ "$2" = libasound2t64 ] || [ "$2" = libgpiod3 ] || printf "x:\\n  Candidate: 1.0\\n"\n'
APT_GET = '#!/bin/bash\necho "$*" >>"$HEARTSOUND_ROOT/apt.calls"\ncase "$*" in *\' install \'*) for p in ${@:1}; do [[ $p == -* || $p == *=* ]] || echo "$p" >>"$HEARTSOUND_ROOT/packages"; done ;; esac\n'
SECRET = "sesam öffne\"dich 7'$x"


@pytest.fixture(scope="module")
def farm(tmp_path_factory):
    farm = Farm(tmp_path_factory.mktemp("p"))
    yield farm
    farm.stop()


@pytest.fixture(scope="module")
def runtime(farm) -> Path:
    folder = farm.folder / "dotnet"
    (folder / "shared/Microsoft.AspNetCore.App/10.0.1").mkdir(parents=True)
    (folder / "dotnet").write_bytes(b"\x7fELF" + bytes(14) + b"\xb7\x00" + bytes(40))
    (folder / "dotnet").chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def certificates(farm) -> Path:
    folder = farm.folder / "ca"
    for words in (["ca"], ["client", "icu"], ["client", "lost"]):
        assert subprocess.run([ROOT / "scripts/make-certificates.sh", folder, *words], capture_output=True).returncode == 0
    (folder / "lost.crt").write_bytes((folder / "icu.crt").read_bytes())
    return folder


def bare(farm, name: str, systemd: int):
    """A machine with nothing of ours on it."""
    device = farm.add(name)
    (device.root / "opt/heartsound/current").unlink()
    (device.folder / "bin/heartsound-update").unlink()
    device.write("systemd", str(systemd))
    device.write("packages", "openssl\n")
    for tool, text in {"dpkg-query": DPKG, "apt-cache": APT_CACHE, "apt-get": APT_GET, "chown": "#!/bin/sh\nexit 0\n", "chgrp": "#!/bin/sh\nexit 0\n",
                       # Every file is of whom it should be of.
                       "stat": '#!/bin/bash\ncase "$2" in %U) case $3 in */secrets/*) echo heartsound ;; *) echo root ;; esac ;; %G) case $3 in */secrets) echo heartsound ;; *) echo root ;; esac ;; *) exec /usr/bin/stat "$@" ;; esac\n',
                       "systemd-sysusers": '#!/bin/sh\necho "heartsound:x:999:" >>"$HEARTSOUND_ROOT/etc/passwd"\n'}.items():
        device.tool(tool, text)
    return device


def contents(device) -> dict[str, bytes]:
    """Every file that is not the stand-ins' own notebook."""
    skip = ("units", "systemctl.calls", "systemd-run.calls", "updater.calls", "apt.calls", "timedatectl.calls", "var/lib/heartsound-update/runs")
    return {str(p.relative_to(device.root)): p.read_bytes() for p in sorted(device.root.rglob("*")) if p.is_file() and not str(p.relative_to(device.root)).startswith(skip)}


def test_two_bare_machines_become_devices_and_a_second_run_changes_only_what_is_new(farm, runtime, certificates):
    """One has a password and a systemd that looks into /etc/credstore, the other a certificate and one that knows no credentials."""
    ward, icu = bare(farm, "ward", 252), bare(farm, "icu", 245)
    icu.write("proc/device-tree/compatible", "nvidia,p3768-0000+p3767-0005\0nvidia,tegra234\0")
    table = farm.folder / "devices.csv"
    table.write_text("# the house\n" + HEADER + f'{ward.host},ward,jetson-xavier-nx,1209:5a7e,contact,cuda cpu,broker.ward,8883,yes,ward,Europe/Berlin,"Ward 3, bed 1"\n'
                     f"{icu.host},icu,jetson-orin-nano,1209:5a7e:S1,button,,broker.ward,8884,mutual,,,\n")
    passwords = farm.folder / "passwords"
    passwords.write_text(f"ward:{SECRET}\n")
    passwords.chmod(0o600)
    words = ("provision.sh", "--hosts", table, "--bundle", farm.bundle("0.2.0", bulk=50000), "--keys", farm.keys, "--dotnet", runtime, "--certificates", certificates, "--passwords", passwords,
             "--reports", farm.folder / "reports", "--health-timeout", 240, "--settle", 5, "--json")
    before = contents(ward)
    dry = farm.run(*words, "--dry-run")
    assert dry.returncode == 0 and "would change" in dry.stdout and contents(ward) == before, dry.stderr

    done = farm.run(*words)
    assert done.returncode == 0, done.stderr
    assert {json.loads(line)["outcome"] for line in done.stdout.splitlines()} == {"provisioned"}
    settings = ward.read("etc/heartsound/settings.json")
    assert all(part in settings for part in ('"device": "ward"', '"usbId": "1209:5a7e"', '"providers": ["cuda", "cpu"]', '"port": 8883,', '"username": "ward"', '"enabled": true', '"caFile": "/etc/heartsound/ca.crt"'))
    assert "passwordFile" not in settings and ward.read("etc/credstore/broker-password").rstrip("\n") == SECRET
    assert (ward.root / "etc/credstore/broker-password").stat().st_mode & 0o777 == 0o600 and (ward.root / "etc/credstore").stat().st_mode & 0o777 == 0o700
    other = icu.read("etc/heartsound/settings.json")
    assert '"keyFile": "/etc/heartsound/secrets/broker-key"' in other and '"certificateFile": "/etc/heartsound/device.crt"' in other and "username" not in other and "providers\":" not in other
    assert icu.read("etc/heartsound/secrets/broker-key") == (certificates / "icu.key").read_text() and (icu.root / "etc/heartsound/secrets/broker-key").stat().st_mode & 0o777 == 0o600
    for device in (ward, icu):
        assert device.current() == "0.2.0" and (device.root / "opt/heartsound/dotnet/dotnet").exists() and device.read("etc/heartsound/trusted-keys/maker.pub")
        assert "install" in device.read("apt.calls") and "libasound2 " in device.read("apt.calls") + " " and "enable --quiet heartsound.service" in device.read("systemctl.calls")
    assert ward.read("timedatectl.calls").strip() == "set-timezone Europe/Berlin"
    assert "--health-timeout 240 --settle 5" in ward.read("systemd-run.calls")

    report = (farm.folder / "reports/ward.txt").read_text()
    assert "Ward 3, bed 1" in report and "changed: /etc/credstore/broker-password" in report and "l4t=35.4.1" in report and "warning  microphones" in report
    everything = done.stdout + done.stderr + dry.stdout + dry.stderr + report + ward.read("systemd-run.calls") + "".join(p.read_text() for p in (ward.root / "var/lib/heartsound-update/runs").glob("*/log"))
    assert "sesam" not in everything and "PRIVATE KEY" not in everything

    # Again: nothing is changed on the one; on the other, whose row is another now, what comes of it.
    there = contents(ward)
    table.write_text(table.read_text().replace(",broker.ward,8884", ",other.ward,8884"))
    again = farm.run(*words)
    found = {json.loads(line)["name"]: json.loads(line) for line in again.stdout.splitlines()}
    assert again.returncode == 0 and found["ward"]["outcome"] == "unchanged" and found["icu"]["changes"] == 2, again.stdout
    assert contents(ward) == there and "restart heartsound.service" not in ward.read("systemctl.calls")
    assert "other.ward" in icu.read("etc/heartsound/settings.json") and "restart heartsound.service" in icu.read("systemctl.calls")

    # Settings that the program refuses never get there.
    table.write_text(table.read_text().replace(",broker.ward,8883", ",wrong.ward,8883"))
    refused = farm.run(*words, "ward")
    assert refused.returncode == 3 and "refuses the settings: settings: it is wrong" in refused.stdout and ward.read("etc/heartsound/settings.json") == settings

    away = farm.run("provision.sh", "--undo", "--purge", "--hosts", table)
    assert away.returncode == 0, away.stdout
    left = [name for name in contents(ward) if "heartsound" in name or "credstore" in name]
    assert not left and "apt-get remove" in away.stdout and ward.read("timedatectl.calls").count("\n") == 1


def test_a_machine_that_does_not_fit_its_row_stops_all(farm, runtime):
    good, bad = bare(farm, "good", 252), bare(farm, "bad", 229)
    bad.write("proc/meminfo", "MemTotal: 500000 kB\n")
    bad.write("proc/device-tree/compatible", "nvidia,p3768-0000+p3767-0005\0")
    table = farm.folder / "two.csv"
    table.write_text(f"host,name,board\n{good.host},good,\n{bad.host},bad,jetson-xavier-nx\n")
    before = contents(good), contents(bad)
    done = farm.run("provision.sh", "--hosts", table, "--bundle", farm.bundle("0.2.1"), "--keys", farm.keys, "--no-packages", "--json")
    found = {json.loads(line)["name"]: json.loads(line)["message"] for line in done.stdout.splitlines()}
    assert done.returncode == 10 and (contents(good), contents(bad)) == before
    assert "no ASP.NET Core 10 runtime: --dotnet" in found["good"]
    assert all(part in found["bad"] for part in ("the table says jetson-xavier-nx, and it is jetson-orin-nano", "systemd 237", "488 MB of memory"))


@pytest.mark.parametrize("rows, named", [
    ("10.0.0.1,a,,,,,,,,,,\n10.0.0.1,b,,,,,,,,,,\n", "the host '10.0.0.1' is there twice"),
    ("10.0.0.1,a,,,,,,,,,,\n10.0.0.2,a,,,,,,,,,,\n", "the name 'a' is there twice"),
    ("10.0.0.1,a,,1209:5a7e:S1,,,,,,,,\n10.0.0.2,b,,1209:5a7e:S1,,,,,,,,\n", "b: the stethoscope 1209:5a7e:S1 is at a already"),
    ("10.0.0.1,a b,,,,,,,,,,\n", "'a b' is no name of a device"),
    (",a,,,,,,,,,,\n", "line 2: a has no host"),
    ("-oProxyCommand=x,a,,,,,,,,,,\n", "is no host"),
    ("10.0.0.1,a,raspberry,,,,,,,,,\n", "known are: jetson-nano jetson-orin-nano jetson-xavier-nx rig"),
    ("10.0.0.1,a,,12:5a7e,,,,,,,,\n", "a: stethoscope is '12:5a7e'"),
    ("10.0.0.1,a,,,never,,,,,,,\n", "a: start is 'never'"),
    ("10.0.0.1,a,,,,cuda gpu,,,,,,\n", "providers"),
    ("10.0.0.1,a,,,,,b.ward,99999,yes,,,\n", "broker_port is '99999'"),
    ("10.0.0.1,a,,,,,b.ward,,,,,\n", "a broker on another machine needs yes or mutual"),
    ("10.0.0.1,a,,,,,,,yes,,,\n", "and there is no broker_host"),
    ("10.0.0.1,a,,,,,b.ward,,yes,a,,\n", "--passwords has no line 'a:…'"),
    ("10.0.0.1,a,,,,,b.ward,,mutual,,,\n", "--certificates DIR must name"),
    ("10.0.0.1,a,,,,,,,,,Europe/Atlantis,\n", "there is no such time zone"),
    ('10.0.0.1,a,,,,,,,,,,"Ward\n', "quotation mark is never closed"),
    ("10.0.0.1,a,,,,,,,,,,x,y\n", "13 fields for 12 columns"),
])
def test_table_that_is_no_good_is_refused_before_any_device_is_touched(tmp_path, rows, named):
    """The hosts are not there: had it tried one, it would have said that."""
    (tmp_path / "devices.csv").write_text(HEADER + rows)
    done = subprocess.run([ROOT / "scripts/provision.sh", "--hosts", tmp_path / "devices.csv", "--bundle", "none"], capture_output=True, text=True, timeout=30, cwd="/")
    assert done.returncode == 1 and named in done.stderr and done.stdout == "", done.stderr


def test_all_that_is_wrong_is_said_at_once_with_columns_passwords_and_certificates(farm, certificates):
    table, passwords = farm.folder / "bad.csv", farm.folder / "others"
    table.write_text("host,name,broker_host,broker_tls,broker_user,colour\nh1,lost,b,mutual,,red\nh2,nocert,b,mutual,,\nh3,x,b,yes,,\n")
    passwords.write_text("x:1\nx:2\n")
    words = [ROOT / "scripts/provision.sh", "--hosts", table, "--bundle", "none", "--certificates", certificates, "--passwords", passwords]
    readable = subprocess.run(words, capture_output=True, text=True, timeout=30, cwd="/")
    assert readable.returncode == 1 and "others can read" in readable.stderr
    passwords.chmod(0o600)
    done = subprocess.run(words, capture_output=True, text=True, timeout=30, cwd="/")
    assert done.returncode == 1
    for named in ("the column 'colour' is used nowhere", "lost.crt is for another device", "lost.key is not the key of", "nocert.crt'", "more than one line for: x", "no broker_user that it would be for"):
        assert named in done.stderr, done.stderr


def test_the_example_of_the_table_is_a_good_one(certificates, tmp_path):
    """Everything but the bundle, which is asked for after the table."""
    passwords = tmp_path / "passwords"
    passwords.write_text("ward-3-bed-1:a\nward-3-bed-2:b\n")
    passwords.chmod(0o600)
    assert subprocess.run([ROOT / "scripts/make-certificates.sh", certificates, "client", "icu-1"], capture_output=True).returncode == 0
    done = subprocess.run([ROOT / "scripts/provision.sh", "--hosts", ROOT / "deploy/devices.example.csv", "--bundle", "/nonexistent/heartsound-edge-1-linux-arm64.tar.zst", "--passwords", passwords,
                           "--certificates", certificates], capture_output=True, text=True, timeout=30, cwd="/")
    assert "there is no bundle" in done.stderr and done.returncode == 1, done.stderr


def test_settings_of_every_kind_of_row_are_settings_that_the_program_takes(tmp_path):
    """What the template makes is held against the program itself, not against what we think that it takes."""
    program = ROOT / "bin/heartsound"
    if not program.exists():
        pytest.skip("the program is missing: run scripts/build.sh")
    table = tmp_path / "devices.csv"
    table.write_text(HEADER + "h1,plain,,,,,,,,,,\nh2,full,jetson-nano,1209:5A7E:S-1,always,tensorRt cuda cpu,b.ward,8883,yes,ü \"x\",Europe/Berlin,x\nh3,own,,,button,cpu,b.ward,,mutual,,,\nh4,open,,,,,b.ward,1883,plain-text,u,,\n")
    passwords = tmp_path / "passwords"
    passwords.write_text("full:1\nopen:2\n")
    made = subprocess.run(["bash", "-c", f"""source {ROOT}/scripts/lib.sh; for part in devices ssh table bundle rows; do source {ROOT}/scripts/lib-$part.sh; done
        hosts_file={table} certificates='' passwords={passwords} template={ROOT}/deploy/settings.template.json
        load_devices; for i in 0 1 2 3; do settings_of $i /etc/heartsound/secrets/broker-password /etc/heartsound/secrets/broker-key >{tmp_path}/$i.json; done"""], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    for i in range(4):
        checked = subprocess.run([program, "settings", "check", tmp_path / f"{i}.json"], capture_output=True, text=True, timeout=60, env={**os.environ, "DOTNET_TieredPGO": "0"})
        assert checked.returncode == 0, checked.stdout + checked.stderr + (tmp_path / f"{i}.json").read_text()


def test_help_explains_itself():
    done = subprocess.run([ROOT / "scripts/provision.sh", "--help"], capture_output=True, text=True, timeout=20, cwd="/")
    assert done.returncode == 0 and "--passwords FILE" in done.stdout and done.stderr == ""
