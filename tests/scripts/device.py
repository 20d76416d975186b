"""A device in a folder, for the updater: the real scripts, signed bundles, and stand-ins for systemd and the program that do what they are told and write down what was done."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLATFORM = {"x86_64": "linux-x64", "aarch64": "linux-arm64"}[os.uname().machine]

# The program of a release. What it does is in the file `behaviour` beside it: well, crash, hang, goldens, brokerless, wanders (well at first), unsettled (does not take the settings),
# worse (its stethoscope has failed), engineless, late (ready after two seconds), dies (well by its own last word).
PROGRAM = r"""#!/bin/bash
here=$(dirname "$(readlink -f "$0")") world=$here/../../../../../world
does=$(cat "$here/behaviour") version=$(cat "$here/version")
echo "$version $*${HEARTSOUND_MODELS:+ models=$HEARTSOUND_MODELS}" >>"$world/asked"
case "$1 ${2:-}" in
    "settings check") [ "$does" != unsettled ] || { echo "examination.seconds is no number" >&2; exit 4; } ;;
    "settings show") echo '{"settings":{"device":"bed-7"}}' ;;
    "engine build") echo "elapsed 1 s"; [ "$does" != engineless ] || exit 5 ;;
    "model verify") grep -qs bad "${HEARTSOUND_MODELS:-$world/../opt/heartsound/models}/small/model.onnx" && exit 5; [ "$does" != goldens ] || exit 5 ;;
    "run ")
        [ "$does" != crash ] || { echo 9 >"$world/restarts"; exit 1; }
        [ "$does" != hang ] || exit 0
        [ "$does" != late ] || [ -n "${late:-}" ] || { (sleep 2; late=over "$0" run; touch "$world/running") >/dev/null 2>&1 & exit 1; }
        session=$(date +%s%N) connected=true level=ok
        [ "$does" != brokerless ] || connected=false
        [ "$does" != worse ] || level=failed
        mkdir -p "$world/../run/heartsound"
        echo "{\"schema\":1,\"software\":\"$version\",\"session\":\"$session\",\"capture\":\"$level\",\"provider\":\"$(cat "$world/provider" 2>/dev/null || echo Cpu)\",\"broker\":{\"configured\":true,\"connected\":$connected}}" >"$world/../run/heartsound/state.json" ;;
    "health "*)
        said=$(cat "$world/../run/heartsound/state.json" 2>/dev/null) reason=''
        [ -n "$said" ] || reason="the service does not run"
        case " $* " in *" --idle "*) [ ! -e "$world/busy" ] || reason="An examination is under way"
            [ -e "$world/../run/heartsound/updating" ] || reason="nobody holds" ;; esac
        case " $* " in *" --broker "*) [[ $said == *'"connected":true'* ]] || reason="${reason:-The broker does not know this run}" ;; esac
        case " $* " in *" --no-worse-than "*) [[ $said == *'"capture":"ok"'* ]] || reason="${reason:-Capture is worse than before}" ;; esac
        [[ $* =~ --software\ ([^ ]+) ]] && [[ $said != *"\"software\":\"${BASH_REMATCH[1]}\""* ]] && reason="${reason:-another version runs}"
        if [ -z "$reason" ] && [[ "$*" == *"--settle "[1-9]* ]] && [ "$does" = wanders ]; then echo '{"ok":false,"wasWell":true,"reasons":["It was well, and then was started anew."]}'; exit 8; fi
        [ "$does" != dies ] || echo 1 >"$world/restarts"
        [ -n "$reason" ] || { echo "$said"; exit 0; }
        case " $* " in *" --json "*) echo "{\"ok\":false,\"reasons\":[\"$reason\"]}" ;; *) echo "$reason" >&2 ;; esac
        exit 8 ;;
esac
"""

# systemd: starts what `current` points to, where the unit is one that it can read.
SYSTEMCTL = r"""#!/bin/bash
world=$(dirname "$(readlink -f "$0")")/.. root=$(dirname "$(readlink -f "$0")")/../..
echo "$*" >>"$world/systemctl"
case "$*" in
    "is-active"*) [ -e "$world/running" ] ;;
    "stop"*) rm -f "$world/running" "$root/run/heartsound/state.json" ;;
    "start"*)
        grep -q '^ExecStart=' "$root/etc/systemd/system/heartsound.service" || exit 1
        echo 0 >"$world/restarts"
        if "$root/opt/heartsound/current/bin/heartsound" run; then touch "$world/running"; fi ;;
    "show"*) cat "$world/restarts" 2>/dev/null || echo 0 ;;
esac
"""

# mv, sync and rm, each of which is a moment at which the power may go: at the moment that the test names everything ends, before it or after it. A moment is a number, or what is
# moved: `pending:PHASE` for the journal's entry of a phase, else the name of what comes to be.
CUT = r"""#!/bin/bash
tool=${0##*/} world=$(dirname "$(readlink -f "$0")")/..
[[ ${*: -1} != */updating ]] || exec "@tool@" "$@" # in memory, as often as a second passes
at=$(cat "$world/cut") count=$(($(cat "$world/count" 2>/dev/null || echo 0) + 1)) what=''
echo "$count" >"$world/count"
if [ "$tool" = mv ]; then
    what=${*: -1} what=${what##*/}
    [ "$what" != pending ] || what=pending:$(sed -n 's/^phase=//p' "${*: -2:1}")
fi
cut() { case $at in "$1 $count" | "$1 $what") kill -9 -- "-$(cat "$world/group")" ;; esac; }
cut before
"@tool@" "$@"; code=$?
cut after
exit $code
"""


def memory() -> Path:
    """A folder of the memory's where there is one that may be executed from, else of the disk's: what is flushed here waits for nobody."""
    place = Path("/dev/shm")
    return place if place.is_dir() and os.access(place, os.W_OK) and not os.statvfs(place).f_flag & os.ST_NOEXEC else Path(tempfile.gettempdir())


@cache
def keys(folder: Path) -> Path:
    done = subprocess.run([ROOT / "scripts/make-signing-key.sh", folder, "--name", "publisher"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return folder


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def onnx(version: str, note: str) -> bytes:
    """As much of a model as a manifest is made from: metadata and nothing to compute."""
    def text(field: int, value: bytes) -> bytes:
        assert len(value) < 128
        return bytes([field << 3 | 2, len(value)]) + value

    return text(14, text(1, b"heartsound.manifest") + text(2, json.dumps({"id": "small", "version": version, "note": note}).encode()))


class Device:
    def __init__(self, root: Path, keys_folder: Path):
        self.root, self.world, self.keys = root, root / "world", keys(keys_folder)
        self.opt, self.state = root / "opt/heartsound", root / "var/lib/heartsound-update"
        script(self.world / "bin/systemctl", SYSTEMCTL)
        trusted = root / "etc/heartsound/trusted-keys"
        trusted.mkdir(parents=True)
        shutil.copy(self.keys / "publisher.pub", trusted)

    def clone(self, root: Path) -> "Device":
        """The same device at another place."""
        subprocess.run(["cp", "-a", self.root, root], check=True)
        other = object.__new__(Device)
        other.__dict__.update(self.__dict__, root=root, world=root / "world", opt=root / "opt/heartsound", state=root / "var/lib/heartsound-update")
        return other

    def bundle(self, version: str, behaviour: str = "well", unit: str | None = None, kind: str = "program", model: str = "good", platform: str = PLATFORM, extra: dict[str, str] | None = None) -> Path:
        return self._bundle(self.keys, version, behaviour, unit, kind, model, platform, tuple((extra or {}).items()))

    @staticmethod
    @cache
    def _bundle(keys_folder: Path, version: str, behaviour: str, unit: str | None, kind: str, model: str, platform: str, extra: tuple) -> Path:
        """The same one is made once."""
        name = f"heartsound-edge-{version}-{platform}" if kind == "program" else f"heartsound-models-{version}"
        work = Path(tempfile.mkdtemp(dir=keys_folder))
        folder = work / name
        if kind == "program":
            script(folder / "bin/heartsound", PROGRAM)
            for file, text in (("behaviour", behaviour), ("version", version), ("app/heartsound.dll", "program")):
                (folder / "bin" / file).parent.mkdir(parents=True, exist_ok=True)
                (folder / "bin" / file).write_text(text)
            for name_ in ("install.sh", "lib.sh", "update.sh", "verify-bundle.sh"):
                script(folder / "scripts" / name_, (ROOT / "scripts" / name_).read_text())
            for part in ("systemd", "deploy/udev", "deploy/usb"):
                shutil.copytree(ROOT / part, folder / part, copy_function=shutil.copy)
            (folder / "systemd/heartsound.service").write_text((ROOT / "systemd/heartsound.service").read_text() + f"# of {version}\n" if unit is None else unit)
        else:
            (folder / "small").mkdir(parents=True)
            (folder / "small/model.onnx").write_bytes(onnx(version, model))
            platform = "any"
        for path, text in extra:
            (folder / path).write_text(text)
        for path in folder.rglob("*"):
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        subprocess.run([sys.executable, ROOT / "scripts/bundle_files.py", "manifest", folder, "--kind", kind, "--version", version, "--platform", platform, "--commit", "0" * 40, "--epoch", "1700000000",
                        *(["--onnxruntime", "1.29.0"] if kind == "program" else [])], check=True)
        subprocess.run(["minisign", "-S", "-l", "-s", keys_folder / "publisher.key", "-m", folder / "manifest.json", "-x", folder / "manifest.json.minisig", "-t", "x"], input=b"", capture_output=True, check=True)
        files = [f"{folder.name}/{file}" for file in ("manifest.json", "manifest.json.minisig")]
        subprocess.run(["tar", "--format=ustar", "--owner=0", "--group=0", "--no-recursion", "-cf", work / "tar", folder.name, *files,
                        *sorted(f"{folder.name}/{path.relative_to(folder)}" for path in folder.rglob("*") if f"{folder.name}/{path.name}" not in files)], cwd=work, check=True)
        bundle = work / f"{folder.name}.tar.zst"
        subprocess.run(["zstd", "-q", "-1", "-f", work / "tar", "-o", bundle], check=True)
        return bundle

    def run(self, *arguments, script_: Path | None = None, cut: str | None = None, env: dict[str, str] | None = None) -> subprocess.CompletedProcess:
        """The updater, in a session of its own, as after a power cut where ``cut`` says when."""
        updater = script_ or next(path for path in (self.opt / "current/scripts/update.sh", ROOT / "scripts/update.sh") if path.exists())
        quick = ["--settle", "0", "--wait-idle", "1", "--health-timeout", "0"] if arguments[0] in ("install", "rollback", "resume") else []
        for name in ("cut", "count"):
            (self.world / name).unlink(missing_ok=True)
        for tool in ("sync", "mv", "rm"):
            if cut is not None:
                script(self.world / "bin" / tool, CUT.replace("@tool@", shutil.which(tool)))
            else:
                (self.world / "bin" / tool).unlink(missing_ok=True)
        if cut is not None:
            (self.world / "cut").write_text(cut)
        options = [arguments[0], *quick, *map(str, arguments[1:]), "--root", str(self.root)]
        start = ["bash", "-c", 'echo $$ >"$0"; exec "$@"', self.world / "group", updater, *options]
        process = subprocess.Popen(start, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, cwd="/",
                                   env={"PATH": f"{self.world}/bin:{os.environ['PATH']}", **(env or {})})
        try:
            out, err = process.communicate(timeout=150)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        return subprocess.CompletedProcess(start, process.returncode, out, err)

    def boot(self) -> list[subprocess.CompletedProcess]:
        """What happens after a power cut: what was in memory is gone, the updater's unit runs if something is pending, and the service starts in between."""
        shutil.rmtree(self.root / "run", ignore_errors=True)
        (self.world / "running").unlink(missing_ok=True)
        done = []
        pending = (self.state / "pending").exists()
        updater = self.state / "updater/update.sh"
        if pending:
            done.append(self.run("resume", "--files", script_=updater))
        if (self.opt / "current").is_symlink() and (self.root / "etc/systemd/system/multi-user.target.wants/heartsound.service").is_symlink():
            subprocess.run([self.world / "bin/systemctl", "start", "heartsound.service"], check=False)
        if pending:
            done.append(self.run("resume", script_=updater))
        return done

    def start(self) -> None:
        subprocess.run([self.world / "bin/systemctl", "start", "heartsound.service"], check=True)

    @property
    def status(self) -> dict:
        done = self.run("status", "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    @property
    def running(self) -> str | None:
        """Version of the service that runs."""
        file = self.root / "run/heartsound/state.json"
        return json.loads(file.read_text())["software"] if (self.world / "running").exists() and file.exists() else None

    def link(self, name: str) -> str | None:
        path = self.opt / name
        return os.readlink(path) if path.is_symlink() else None

    @property
    def unit(self) -> str:
        return (self.root / "etc/systemd/system/heartsound.service").read_text()

    @property
    def is_held(self) -> bool:
        return (self.root / "run/heartsound/updating").exists()

    def asked(self) -> list[str]:
        return (self.world / "asked").read_text().splitlines()
