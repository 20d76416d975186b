"""Devices that are none: a real sshd on loopback each, whose shell has a PATH of stand-ins and a folder for a root. For test_deploy.py and test_provision.py."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
SSHD = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")

UPDATER = """#!/bin/bash
# Stands in for heartsound-update: says its phases, waits where the test wants it to, and ends as the file `fate` says.
root=$HEARTSOUND_ROOT
fate=$(cat "$root/fate" 2>/dev/null || echo confirmed)
echo "$*" >>"$root/updater.calls"
case $1 in
    status) cat "$root/state.json" 2>/dev/null || echo '{"schema":1,"phase":"idle"}' ; exit ;;
    rollback) echo "PHASE switch back"; ln -sfn "$(readlink "$root/opt/heartsound/previous")" "$root/opt/heartsound/current"; echo "PHASE confirmed back"; exit 0 ;;
esac
bundle=$2
[ -f "$bundle" ] || { echo "no bundle"; exit 10; }
version=$(basename "$bundle" .tar.zst | sed 's/^heartsound-edge-//; s/-linux-.*//')
read -r slow <"$root/slow" 2>/dev/null
[ "$fate" != refused ] || { echo "PHASE refused the disk is too small"; exit 10; }
for phase in verify unpack check engine idle switch restart health; do
    echo "PHASE $phase at $phase"
    [ "$phase" != "$slow" ] || while [ -e "$root/slow" ]; do sleep 0.05; done
done
case $fate in
    confirmed)
        mkdir -p "$root/opt/heartsound/releases/$version"
        [ ! -e "$root/opt/heartsound/current" ] || ln -sfn "$(readlink "$root/opt/heartsound/current")" "$root/opt/heartsound/previous"
        ln -sfn "releases/$version" "$root/opt/heartsound/current"
        mkdir -p "$root/usr/local/sbin"; cp "$0" "$root/usr/local/sbin/heartsound-update" 2>/dev/null
        echo "PHASE confirmed $version" ;;
    rolledBack) echo "PHASE rolledBack it did not get healthy"; exit 11 ;;
    broken) echo "PHASE rolledBack it did not get healthy, nor does the old one"; exit 12 ;;
esac
"""

STAND_INS = {
    "id": '[ "$1" = -u ] && exec cat "$HEARTSOUND_ROOT/uid"; [ "$1" = heartsound ] && exec grep -q "^heartsound:" "$HEARTSOUND_ROOT/etc/passwd"; exec /usr/bin/id "$@"',
    # As sudo does: a password only where it is needed, read from standard input up to the end of its line; root's id behind it.
    "sudo": """
stdin='' never=''
while :; do case $1 in -n) never=yes; shift ;; -k) shift ;; -S) stdin=yes; shift ;; -p) shift 2 ;; --) shift; break ;; *) break ;; esac; done
if [ -s "$HEARTSOUND_ROOT/sudo.password" ]; then
    [ -z "$never" ] || { echo "sudo: a password is required" >&2; exit 1; }
    [ -n "$stdin" ] || exit 1
    IFS= read -r given
    [ "$given" = "$(cat "$HEARTSOUND_ROOT/sudo.password")" ] || { echo "sudo: 1 incorrect password attempt" >&2; exit 1; }
fi
AS_ROOT=yes exec "$@" """,
    "systemctl": """
echo "$*" >>"$HEARTSOUND_ROOT/systemctl.calls"
case "$1 $2" in
    '--version '*) echo "systemd $(cat "$HEARTSOUND_ROOT/systemd" 2>/dev/null || echo 252) (252.39-1~deb12u1)" ;;
    'is-enabled --quiet') [ -e "$HEARTSOUND_ROOT/enabled" ] ;;
    'enable --quiet') touch "$HEARTSOUND_ROOT/enabled" ;;
    'is-active --quiet') [ "$3" != heartsound.service ] || exec [ -e "$HEARTSOUND_ROOT/enabled" ]; u=${3%.service}; [ -s "$HEARTSOUND_ROOT/units/$u" ] && kill -0 "$(cat "$HEARTSOUND_ROOT/units/$u")" 2>/dev/null ;;
    'list-units '*) for u in "$HEARTSOUND_ROOT"/units/*; do [ -s "$u" ] && kill -0 "$(cat "$u")" 2>/dev/null && echo "$(basename "$u").service loaded active running x"; done; exit 0 ;;
esac""",
    "systemd-run": """
echo "$*" >>"$HEARTSOUND_ROOT/systemd-run.calls"
while :; do case $1 in --unit=*) unit=${1#--unit=}; shift ;; --*) shift ;; *) break ;; esac; done
mkdir -p "$HEARTSOUND_ROOT/units"
setsid "$@" >/dev/null 2>&1 </dev/null &
echo $! >"$HEARTSOUND_ROOT/units/$unit" """,
    "uname": '[ "$1" = -m ] && exec cat "$HEARTSOUND_ROOT/arch"; exec /usr/bin/uname "$@"',
    "getconf": 'echo "glibc $(cat "$HEARTSOUND_ROOT/glibc")"',
    "timedatectl": 'case "$*" in *NTPSynchronized*) echo yes ;; *set-timezone*) echo "$*" >>"$HEARTSOUND_ROOT/timedatectl.calls"; ln -sfn "/usr/share/zoneinfo/$2" "$HEARTSOUND_ROOT/etc/localtime" ;; esac',
    "journalctl": 'echo "$*" >>"$HEARTSOUND_ROOT/journalctl.calls"; echo "2026-03-01 heartsound[1]: listening ($*)"; case "$*" in *--follow*) exec sleep 60 ;; esac',
    "dotnet": 'cat "$HEARTSOUND_ROOT/runtimes" 2>/dev/null',
    "getent": 'echo "$2:x:29:"',
    "heartsound": 'case "$1" in health) echo \'{"schema":1,"ready":true,"level":"ok","scene":"waiting","provider":"cpu","model":{"id":"m1"},"broker":{"configured":true,"connected":true}}\' ;;'
                  ' doctor) cat "$HEARTSOUND_ROOT/doctor.json" ;; settings) ! grep -q "wrong" "$3" || { echo "settings: it is wrong" >&2; exit 4; } ;; esac',
}


class Device:
    """One sshd, its folder for a root, and what it is like."""

    def __init__(self, folder: Path, name: str, key: Path):
        self.name, self.root, self.folder = name, folder / name / "root", folder / name
        tools = self.folder / "bin"
        tools.mkdir(parents=True)
        for where in ("etc/heartsound/trusted-keys", "opt/heartsound/releases/0.1.0", "var/lib", "proc/device-tree", "usr/local/sbin", "etc/systemd/system"):
            (self.root / where).mkdir(parents=True)
        for tool, text in STAND_INS.items():
            self.tool(tool, "#!/bin/sh\n" + text.strip() + "\n")
        self.tool("heartsound-update", UPDATER)
        (self.root / "opt/heartsound/current").symlink_to("releases/0.1.0")
        for file, text in {"uid": "1000", "arch": "aarch64", "glibc": "2.31", "etc/os-release": 'ID=ubuntu\nVERSION_ID="20.04"\nPRETTY_NAME="Ubuntu 20.04.6 LTS"\n',
                           "etc/nv_tegra_release": "# R35 (release), REVISION: 4.1, GCID: 33958178, BOARD: t186ref, EABI: aarch64\n", "etc/passwd": "",
                           "proc/device-tree/model": "NVIDIA Jetson Xavier NX Developer Kit\0", "proc/device-tree/compatible": "nvidia,p3449-0000+p3668-0000\0nvidia,tegra194\0",
                           "doctor.json": json.dumps({"findings": [{"id": "system", "level": "ok", "message": "fine"}, {"id": "microphones", "level": "failed", "message": "none", "fix": "plug it in"}]}),
                           "proc/meminfo": "MemTotal:        7000000 kB\n"}.items():
            (self.root / file).parent.mkdir(parents=True, exist_ok=True)
            (self.root / file).write_text(text)
        host_key = self.folder / "host_key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", host_key], check=True)
        shell = self.folder / "shell"
        shell.write_text(f"#!/bin/sh\nexport HEARTSOUND_ROOT={self.root} HOME={self.root} PATH={tools}:/usr/bin:/bin\ncd {self.root}\n"
                         f'[ ! -e {self.root}/cut-next ] || {{ rm {self.root}/cut-next; kill -9 $PPID; }}\nexec sh -c "$SSH_ORIGINAL_COMMAND"\n')
        shell.chmod(0o755)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        config = self.folder / "sshd_config"
        config.write_text(f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {host_key}\nAuthorizedKeysFile {key}.pub\nStrictModes no\nUsePAM no\nPidFile none\nPasswordAuthentication no\n"
                          f"KbdInteractiveAuthentication no\nForceCommand {shell}\nLogLevel QUIET\nPermitRootLogin yes\nMaxStartups 100\n")
        self.config = config
        self.server = None
        self.start()

    def tool(self, name: str, text: str) -> None:
        path = self.folder / "bin" / name
        path.write_text(text)
        path.chmod(0o755)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def known_host(self) -> str:
        return f"[127.0.0.1]:{self.port} " + " ".join((self.folder / "host_key.pub").read_text().split()[:2])

    def start(self) -> None:
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd asks for it where root starts it; its unit would have made it
        self.server = subprocess.Popen([SSHD, "-D", "-e", "-f", self.config], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError("sshd does not listen")

    def connections(self) -> list[int]:
        """The processes of sshd that serve a line."""
        found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.server.pid)], capture_output=True, text=True).stdout.split()
        return [int(pid) for pid in found]

    def cut(self) -> None:
        """The line is cut, as a cable is pulled: nothing on the device is told to end."""
        for pid in self.connections():
            os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        self.cut()
        self.server.terminate()
        self.server.wait(10)
        self.stop_units()

    def stop_units(self) -> None:
        """As a power cut does: what runs detached is gone, and has said nothing more."""
        for unit in (self.root / "units").glob("*"):
            try:
                os.killpg(int(unit.read_text()), signal.SIGKILL)
            except (ProcessLookupError, ValueError):
                pass
            unit.unlink()

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def read(self, name: str) -> str:
        path = self.root / name
        return path.read_text() if path.exists() else ""

    def current(self) -> str:
        return os.readlink(self.root / "opt/heartsound/current").removeprefix("releases/")


class Farm:
    """Several devices, and a computer of a technician: a copy of the scripts, known hosts, a key."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.key = folder / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key], check=True)
        self.checkout = folder / "checkout"
        shutil.copytree(ROOT / "scripts", self.checkout / "scripts")
        shutil.copytree(ROOT / "deploy", self.checkout / "deploy")
        shutil.copytree(ROOT / "systemd", self.checkout / "systemd")
        # The bundle's own checks have tests of their own; here what counts is whether they are asked, and believed.
        verify = self.checkout / "scripts/verify-bundle.sh"
        verify.write_text('#!/bin/sh\ncase $1 in *forged*) echo "the signature is not of these keys" >&2; exit 20 ;; esac\n'
                          '[ "$4" != --manifest ] || tar --zstd -xOf "$1" --wildcards "*/manifest.json" >"$5"\n')
        verify.chmod(0o755)
        updater = self.checkout / "scripts/update.sh"
        updater.write_text(UPDATER)
        updater.chmod(0o755)
        self.keys = folder / "keys"
        self.keys.mkdir()
        (self.keys / "maker.pub").write_text("untrusted comment: maker\nRWQ\n")
        self.devices: list[Device] = []

    def add(self, name: str, key: Path | None = None) -> Device:
        """One more device; it lets in who has the key, by custom ours."""
        device = Device(self.folder, name, key or self.key)
        self.devices.append(device)
        known = self.folder / "known_hosts"
        known.write_text("".join(d.known_host + "\n" for d in self.devices))
        return device

    def stop(self) -> None:
        for device in self.devices:
            device.stop()

    def bundle(self, version: str, platform: str = "linux-arm64", bulk: int = 0, prefix: str = "heartsound-edge") -> Path:
        name = f"{prefix}-{version}-{platform}" if platform != "any" else f"{prefix}-{version}"
        tree = self.folder / "bundles" / name
        tree.mkdir(parents=True, exist_ok=True)
        (tree / "manifest.json").write_text(json.dumps({"schema": 1, "kind": "models" if platform == "any" else "program", "name": prefix, "version": version, "platform": platform,
                                                        "minGlibc": "2.27", "models": [{"id": "m", "version": "9"}], "files": {"bin/heartsound": {"sha256": "0", "size": 1000000, "mode": "755"}}}))
        (tree / "bulk").write_bytes(os.urandom(bulk))
        file = tree.parent / f"{name}.tar.zst"
        subprocess.run(["tar", "--zstd", "-cf", file, "-C", tree.parent, f"{name}/manifest.json", f"{name}/bulk"], check=True)
        return file

    def command(self, script: str, *arguments, known: bool = True) -> list[str]:
        return [str(self.checkout / "scripts" / script), *map(str, arguments), "--identity", str(self.key),
                "--ssh-option", f"UserKnownHostsFile={self.folder / ('known_hosts' if known else 'nobody_known')}", "--ssh-option", "GlobalKnownHostsFile=/dev/null"]

    def environment(self) -> dict[str, str]:
        return {"PATH": f"{os.environ['PATH']}:/usr/sbin", "HOME": str(self.folder), "TERM": "dumb", "LC_ALL": "C.UTF-8"}

    def run(self, script: str, *arguments, typed: str = "", **options) -> subprocess.CompletedProcess:
        return subprocess.run(self.command(script, *arguments, **options), cwd="/", capture_output=True, text=True, timeout=240, env=self.environment(), input=typed)

    def begin(self, script: str, *arguments) -> subprocess.Popen:
        return subprocess.Popen(self.command(script, *arguments), cwd="/", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.environment(), stdin=subprocess.DEVNULL, start_new_session=True)


def until(condition, seconds: float = 120) -> None:
    """Waits for what must come."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)
