"""Bundles as scripts/publish.sh makes them, and ones in which something is wrong: unpacked, altered, described and signed anew with the rig's own key."""

import hashlib
import json
import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

from device import MODEL, ROOT

PLATFORM = "linux-x64"


class Bundles:
    """Makes them in ``folder`` when they are asked for; whoever has ``keys`` trusts them."""

    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._program = folder, None
        _run(ROOT / "scripts/make-signing-key.sh", folder / "key")
        self.keys = folder / "trusted-keys"
        self.keys.mkdir()
        for public in (folder / "key").glob("*.pub"):
            shutil.copy(public, self.keys)

    def program(self, version: str, change: Callable[[Path], None] = lambda folder: None, key: Path | None = None) -> Path:
        """The program with one model; ``change`` alters what is in it before it is signed, by ``key`` where that is another one."""
        name = f"heartsound-edge-{version}-{PLATFORM}"
        return self._pack(self._published(), name, version, change, key)

    def models(self, version: str, change: Callable[[Path], None] = lambda folder: None) -> Path:
        """A model bundle of the same one model."""
        source = self._folder / "models"
        if not source.exists():
            shutil.copytree(ROOT / "models" / MODEL, source / MODEL)
            manifest = {
                "schema": 1, "kind": "models", "name": "heartsound-models", "platform": "any", **{name: self._manifest()[name] for name in ("commit", "created", "models")},
            }
            (source / "manifest.json").write_text(json.dumps(manifest))
        return self._pack(source, f"heartsound-models-{version}", version, change, None)

    def stranger(self) -> Path:
        """A key that no device trusts."""
        folder = self._folder / "stranger"
        if not folder.exists():
            _run(ROOT / "scripts/make-signing-key.sh", folder)
        return _private(folder)

    def _manifest(self) -> dict:
        return json.loads((self._published() / "manifest.json").read_text())

    def _published(self) -> Path:
        """What publish.sh made, unpacked."""
        if self._program is None:
            out = self._folder / "published"
            _run(ROOT / "scripts/publish.sh", "--platform", PLATFORM, "--version", "published", "--key", _private(self._folder / "key"), "--out", out)
            _run("tar", "--zstd", "-xf", next(out.glob("*.tar.zst")), "-C", self._folder)
            self._program = self._folder / f"heartsound-edge-published-{PLATFORM}"
            for model in (self._program / "models").iterdir():
                if model.is_dir() and model.name != MODEL:
                    shutil.rmtree(model)  # nine models are a hundred megabytes through an emulated machine
        return self._program

    def _pack(self, source: Path, name: str, version: str, change: Callable[[Path], None], key: Path | None) -> Path:
        bundle = self._folder / f"{name}.tar.zst"
        if bundle.exists():
            return bundle
        work = self._folder / "work"
        shutil.rmtree(work, ignore_errors=True)
        folder = work / name
        shutil.copytree(source, folder)
        change(folder)
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest["version"] = version
        manifest["models"] = [model for model in manifest["models"] if model["id"] == MODEL]
        manifest["files"] = {str(file.relative_to(folder)): _described(file) for file in sorted(folder.rglob("*")) if file.is_file() and not file.name.startswith("manifest.json")}
        (folder / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
        sign(folder, key or _private(self._folder / "key"))
        _run("tar", "-C", work, "--owner=0", "--group=0", "--numeric-owner", "--sort=name", "-I", "zstd -T0 -3", "-cf", bundle, name)
        shutil.rmtree(work)
        return bundle


def sign(folder: Path, key: Path) -> None:
    (folder / "manifest.json.minisig").unlink(missing_ok=True)
    _run("minisign", "-S", "-W", "-s", key, "-m", folder / "manifest.json", "-x", folder / "manifest.json.minisig")


def _described(file: Path) -> dict:
    data = file.read_bytes()
    return {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "mode": f"{stat.S_IMODE(file.stat().st_mode):o}"}


def _private(folder: Path) -> Path:
    return next(file for file in folder.iterdir() if file.suffix != ".pub")


def _run(*command) -> None:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
