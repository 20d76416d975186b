"""Bundles as scripts/publish.sh makes them, and ones in which something is wrong: unpacked, altered, described and signed anew with the rig's own key."""

import functools
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from device import MODEL, ROOT

PLATFORM = "linux-x64"
PROGRAM, MODELS = ["--ready-to-run", "--platform", PLATFORM], ["--models-only"]  # an emulated machine compiles slowly
CACHE = ROOT / ".cache/rig/published"
COMPILED = "rig-0000"  # the version that publish.sh compiled in; those of the rig are as long, and take its place


class Bundles:
    """Made in ``folder`` when they are asked for; whoever has ``keys`` trusts them."""

    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._key = self._new_key("maker")
        self.keys = folder / "trusted-keys"
        self.keys.mkdir()
        shutil.copy(self._key.with_suffix(".pub"), self.keys)

    def publish(self) -> None:
        """Compiles and packs what all others are made of, where that has not been done yet."""
        for options in (PROGRAM, MODELS):
            self._publish(options)

    def program(self, version: str, change: Callable[[Path], None] = lambda folder: None, trusted: bool = True) -> Path:
        """The program with one model. ``change`` alters what is in it before it is described and signed; not ``trusted``: by somebody else's key."""
        assert len(version) == len(COMPILED)

        def rename(folder: Path) -> None:
            for name in ("heartsound", "HeartSound.Native", "HeartSound.Signal"):
                library = folder / f"bin/app/{name}.dll"
                data = library.read_bytes()
                for coding in ("utf-8", "utf-16-le"):  # the attribute that is read, and the resource that people see
                    data = data.replace(COMPILED.encode(coding), version.encode(coding))
                library.write_bytes(data)
            change(folder)

        return self._made(f"heartsound-edge-{version}-{PLATFORM}", version, PROGRAM, rename, trusted)

    def models(self, version: str, change: Callable[[Path], None] = lambda folder: None) -> Path:
        """A bundle of the one model alone."""
        return self._made(f"heartsound-models-{version}", version, MODELS, change, True)

    def _publish(self, options: list[str]) -> None:
        kept = published(options)
        if kept.exists():
            return
        out = self._folder / f"published{len(list(self._folder.iterdir()))}"
        _run(ROOT / "scripts/publish.sh", *options, "--version", COMPILED, "--models", MODEL, "--key", self._key, "--out", out)
        _run("tar", "--zstd", "-xf", next(out.glob("*.tar.zst")), "-C", out)
        for old in CACHE.glob(f"{options[-1].strip('-')}-*"):
            shutil.rmtree(old)
        CACHE.mkdir(parents=True, exist_ok=True)
        shutil.move(next(path for path in out.iterdir() if path.is_dir()), kept)

    def _made(self, name: str, version: str, options: list[str], change: Callable[[Path], None], trusted: bool) -> Path:
        bundle = self._folder / f"{name}.tar.zst"
        if bundle.exists():
            return bundle
        work = self._folder / "work"
        shutil.rmtree(work, ignore_errors=True)
        folder = work / name
        shutil.copytree(published(options), folder)
        was = json.loads((folder / "manifest.json").read_text())
        for file in ("manifest.json", "manifest.json.minisig"):
            (folder / file).unlink()
        change(folder)
        facts = ["--kind", was["kind"], "--version", version, "--platform", was["platform"], "--commit", was["commit"], "--epoch", "1795300000"]
        _run("/usr/bin/python3", ROOT / "scripts/bundle_files.py", "manifest", folder, *facts, "--onnxruntime", was.get("onnxRuntime", ""))
        _run("minisign", "-S", "-l", "-s", self._key if trusted else self._new_key("stranger"), "-m", folder / "manifest.json", "-x", folder / "manifest.json.minisig")
        # Manifest and signature in front, as publish.sh packs them.
        first = [name, f"{name}/manifest.json", f"{name}/manifest.json.minisig"]
        rest = sorted(str(path.relative_to(work)) for path in folder.rglob("*") if path.name not in ("manifest.json", "manifest.json.minisig"))
        (work / "list").write_text("\n".join(first + rest) + "\n")
        _run("tar", "-C", work, "--format=ustar", "--no-recursion", "--owner=0", "--group=0", "--numeric-owner", "-cf", work / "bundle.tar", "-T", work / "list")
        _run("zstd", "-q", "-3", "--check", work / "bundle.tar", "-o", bundle)
        shutil.rmtree(work)
        return bundle

    def _new_key(self, name: str) -> Path:
        if not (self._folder / f"{name}.key").exists():
            _run(ROOT / "scripts/make-signing-key.sh", self._folder, "--name", name)
        return self._folder / f"{name}.key"


def published(options: list[str]) -> Path:
    """What publish.sh makes of this checkout with these options, unpacked; kept until something of what it ships has changed."""
    return CACHE / f"{options[-1].strip('-')}-{_sources()}"


def damaged(bundle: Path) -> Path:
    """A copy of it in which one byte in the middle has another value."""
    copy = bundle.parent / "damaged" / bundle.name
    copy.parent.mkdir(exist_ok=True)
    data = bytearray(bundle.read_bytes())
    data[len(data) // 2] ^= 0xFF
    copy.write_bytes(data)
    return copy


def with_run(shell: str) -> Callable[[Path], None]:
    """The program's launcher, in which `run` alone does something else: shell code."""

    def change(folder: Path) -> None:
        launcher = folder / "bin/heartsound"
        lines = launcher.read_text().splitlines()
        launcher.write_text("\n".join([lines[0], f'if [ "${{1:-}}" = run ]; then {shell}; fi', *lines[1:]]) + "\n")

    return change


def other_goldens(folder: Path) -> None:
    """The model's goldens promise other logits than it has: all hashes are right, and so is the signature."""
    for file in folder.rglob("golden.json"):
        goldens = json.loads(file.read_text())
        _shift(goldens)
        file.write_text(json.dumps(goldens))


def _shift(value) -> None:
    """Every list of numbers under a key named logits, wherever it is."""
    for name, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        if name == "logits":
            _add(inner)
        else:
            _shift(inner)


def _add(numbers: list) -> None:
    for at, number in enumerate(numbers):
        if isinstance(number, list):
            _add(number)
        else:
            numbers[at] = number + 0.5


@functools.cache
def _sources() -> str:
    """Says the same as long as nothing has changed of what goes into a bundle; as it was when the run began."""
    places = ["src", "scripts", "systemd", "deploy", "docs", "models", "LICENSE", "Directory.Build.props", "Directory.Packages.props", "global.json"]
    commands = (["ls-files", "-s"], ["diff", "HEAD"], ["ls-files", "--others", "--exclude-standard"])
    said = b"".join(subprocess.run(["git", "-C", ROOT, *command, "--", *places], check=True, capture_output=True).stdout for command in commands)
    return hashlib.sha256(said).hexdigest()[:12]


def _run(*command) -> None:
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        Bundles(Path(scratch) / "bundles").publish()
