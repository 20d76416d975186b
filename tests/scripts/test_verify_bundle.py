"""scripts/verify-bundle.sh against bundles that somebody tampered with: none is unpacked, and the exit code says of which kind the trouble is."""

import gzip
import io
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VERIFY = ROOT / "scripts/verify-bundle.sh"
FOLDER = "heartsound-edge-1.2.3-linux-x64"
CONTENT = {"LICENSE": b"licence\n", "bin/heartsound": b"#!/bin/sh\necho hello\n", "bin/app/heartsound.dll": bytes(range(256)) * 40, "docs/Nothing": b"", "docs/a.md": b"words\n"}

# What the script may use, beside the verifier: none of it is newer than Ubuntu 18.04's, and nothing else is on the PATH in these tests.
TOOLS = """awk base64 basename cat chmod cmp comm cp cut df dirname find getconf gzip head mktemp mv od printf rm sed sh sha256sum sort stat sync tail tar tr uname wc zstd""".split()


def run(*command, **more) -> subprocess.CompletedProcess:
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60, **more)


@pytest.fixture(scope="module")
def keys(tmp_path_factory) -> Path:
    """The publisher's pair, and a stranger's in `stranger/`."""
    folder = tmp_path_factory.mktemp("keys")
    for where, name in ((folder, "publisher"), (folder / "stranger", "stranger")):
        done = run(ROOT / "scripts/make-signing-key.sh", where, "--name", name)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def path_with(tmp_path_factory):
    """A PATH with the tools and that verifier alone."""
    def make(*verifiers: str) -> str:
        folder = tmp_path_factory.mktemp("path")
        for tool in [*TOOLS, *verifiers]:
            (folder / tool).symlink_to(shutil.which(tool))
        return str(folder)

    return make


@pytest.fixture(scope="module")
def tools(path_with) -> str:
    return path_with("minisign")


def member(name: str, content: bytes = b"", mode: int = 0o644, kind: bytes = tarfile.REGTYPE, link: str = "") -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name if name.startswith("/") or name.startswith("..") else f"{FOLDER}/{name}".rstrip("/"))
    info.size, info.mode, info.type, info.linkname = len(content), mode, kind, link
    return info, content


class Forge:
    """A bundle in the making: what publish.sh makes, and hooks for what somebody might do to it."""

    def __init__(self, folder: Path, keys: Path):
        self.folder, self.key = folder, keys / "publisher.key"
        self.content = dict(CONTENT)
        self.platform, self.version = "linux-x64", "1.2.3"
        self.edit_manifest = self.edit_signed = lambda text: text
        self.edit_members = lambda members: members
        self.sign_options = ["-l"]

    def manifest(self) -> bytes:
        place = self.folder / "content"
        for name, data in self.content.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(data)
            (place / name).chmod(0o755 if name == "bin/heartsound" else 0o644)
        done = run(sys.executable, ROOT / "scripts/bundle_files.py", "manifest", place, "--version", self.version, "--platform", self.platform, "--commit", "0" * 40, "--epoch", 1700000000, "--onnxruntime", "1.29.0")
        assert done.returncode == 0, done.stderr
        return self.edit_manifest((place / "manifest.json").read_text()).encode()

    def write(self, format_=tarfile.USTAR_FORMAT) -> Path:
        manifest = self.manifest()
        (self.folder / "m").write_bytes(manifest)
        done = run("minisign", "-S", *self.sign_options, "-s", self.key, "-m", self.folder / "m", "-x", self.folder / "s", "-t", "x", input="")
        assert done.returncode == 0, done.stderr
        folders = sorted({str(parent) for name in self.content for parent in Path(name).parents if str(parent) != "."})
        members = [member("", mode=0o755, kind=tarfile.DIRTYPE), member("manifest.json", self.edit_signed(manifest)), member("manifest.json.minisig", (self.folder / "s").read_bytes()),
                   *(member(name, mode=0o755, kind=tarfile.DIRTYPE) for name in folders),
                   *(member(name, data, 0o755 if name == "bin/heartsound" else 0o644) for name, data in sorted(self.content.items()))]
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w", format=format_) as archive:
            for info, data in self.edit_members(members):
                archive.addfile(info, io.BytesIO(data))
        return self.compressed(stream.getvalue())

    def compressed(self, data: bytes) -> Path:
        bundle = self.folder / f"{FOLDER}.tar.zst"
        subprocess.run(["zstd", "-q", "-f", "-", "-o", bundle], input=data, check=True)
        return bundle


@pytest.fixture
def forge(tmp_path, keys) -> Forge:
    (tmp_path / "forge").mkdir()
    return Forge(tmp_path / "forge", keys)


@pytest.fixture
def verify(tmp_path, keys, tools):
    """Runs the script with the tools alone; what is not good must leave nothing behind, neither beside the target nor outside it."""
    def check(bundle: Path, *options, path: str = tools, trusted: Path = keys) -> subprocess.CompletedProcess:
        place = tmp_path / "opt/releases"
        place.mkdir(parents=True, exist_ok=True)
        temporary = tmp_path / "tmp"
        temporary.mkdir(exist_ok=True)
        done = run(VERIFY, bundle, "--keys", trusted, *options, cwd=place, env={"PATH": path, "TMPDIR": str(temporary)})
        assert list(temporary.iterdir()) == [], "it tidies up"
        if done.returncode != 0:
            assert list(place.iterdir()) == [] and done.stdout == "" and done.stderr.startswith("verify-bundle: ")
            assert sorted(path.name for path in (tmp_path / "opt").iterdir()) == ["releases"]
        return done

    return check


def refused(verify, bundle: Path, code: int, words: str, *options) -> None:
    done = verify(bundle, "--unpack", "here", *options)
    assert done.returncode == code and words in done.stderr, (done.returncode, done.stdout, done.stderr)


# --- what is good ----------------------------------------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("verifier", ["minisign", "signify-openbsd", "openssl"])
def test_good_bundle_is_good_to_every_verifier_and_a_strangers_to_none(forge, verify, path_with, keys, verifier):
    bundle, path = forge.write(), path_with(verifier)
    done = verify(bundle, path=path)
    assert done.returncode == 0 and "program 1.2.3 for linux-x64" in done.stdout and f"signed by publisher.pub (checked with {verifier})" in done.stdout, done.stderr
    assert verify(bundle, path=path, trusted=keys / "stranger").returncode == 20
    forge.edit_signed = lambda manifest: manifest.replace(b"1.2.3", b"1.2.4")
    assert verify(forge.write(), path=path).returncode == 20


def test_unpack_good_bundle_holds_what_was_signed_with_its_modes(forge, verify, tmp_path):
    done = verify(forge.write(), "--for-this-machine", "--unpack", "here", "--manifest", tmp_path / "manifest.json")
    assert done.returncode == 0, done.stderr
    place = tmp_path / "opt/releases/here"
    assert {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*") if path.is_file() and "manifest" not in path.name} == CONTENT
    assert (place / "bin/heartsound").stat().st_mode & 0o7777 == 0o755 and (place / "docs/a.md").stat().st_mode & 0o7777 == 0o644 and place.stat().st_mode & 0o7777 == 0o755
    assert (place / "manifest.json").read_bytes() == (tmp_path / "manifest.json").read_bytes()
    assert [path.name for path in place.parent.iterdir()] == ["here"]


def test_good_bundle_second_key_of_a_rotation_is_enough(forge, verify, tmp_path, keys):
    trusted = tmp_path / "trusted"
    trusted.mkdir()
    for file in (keys / "stranger/stranger.pub", keys / "publisher.pub"):
        shutil.copy(file, trusted)
    (trusted / "0-broken.pub").write_text("no key\n")
    assert "signed by publisher.pub" in verify(forge.write(), trusted=trusted).stdout


# --- the signature ---------------------------------------------------------------------------------------------------------------------------------------------------

def test_signature_of_a_stranger_is_refused(forge, verify, keys):
    forge.key = keys / "stranger/stranger.key"
    refused(verify, forge.write(), 20, "not signed by any of the 1 trusted keys")


def test_signature_no_trusted_keys_means_no_trust(forge, verify, tmp_path):
    (tmp_path / "none").mkdir()
    done = verify(forge.write(), trusted=tmp_path / "none")
    assert done.returncode == 20 and "holds no public key" in done.stderr


def test_signature_of_another_bundle_is_refused(forge, verify):
    other = run("minisign", "-S", "-l", "-s", forge.key, "-m", ROOT / "LICENSE", "-x", forge.folder / "other", input="")
    assert other.returncode == 0
    forge.edit_members = lambda members: [*members[:2], member("manifest.json.minisig", (forge.folder / "other").read_bytes()), *members[3:]]
    refused(verify, forge.write(), 20, "not signed by any")


@pytest.mark.parametrize("missing", [1, 2], ids=["manifest", "signature"])
def test_signature_or_manifest_missing_is_refused(forge, verify, missing):
    forge.edit_members = lambda members: [m for i, m in enumerate(members) if i != missing]
    refused(verify, forge.write(), 20, "is not signed")


def test_signature_prehashed_is_refused_by_name(forge, verify):
    """minisign would take it, signify and OpenSSL would not: one rule for all."""
    forge.sign_options = []
    refused(verify, forge.write(), 20, "minisign -S -l")


def test_nothing_that_verifies_is_an_error_and_never_a_yes(forge, verify, path_with, tmp_path):
    old = tmp_path / "old"
    old.mkdir()
    (old / "openssl").write_text("#!/bin/sh\necho OpenSSL 1.1.1f  31 Mar 2020\n")
    (old / "openssl").chmod(0o755)
    done = verify(forge.write(), path=f"{path_with()}:{old}")
    assert done.returncode == 1 and "apt-get install signify-openbsd" in done.stderr


# --- the archive -----------------------------------------------------------------------------------------------------------------------------------------------------

def changed(file: str, **how):
    """Replaces a member's content or attributes."""
    def edit(members):
        for info, data in members:
            if info.name == f"{FOLDER}/{file}":
                data = how.get("content", data)
                info.size = len(data)
                for key in ("mode", "type", "linkname", "name"):
                    setattr(info, key, how.get(key, getattr(info, key)))
                if info.type != tarfile.REGTYPE:
                    data, info.size = b"", 0
            yield info, data

    return edit


ATTACKS = {
    "one byte of a file changed": (changed("docs/a.md", content=b"wordz\n"), "docs/a.md"),
    "a file longer than signed": (changed("docs/a.md", content=b"words and more\n"), "docs/a.md has 15 bytes"),
    "a file huge": (changed("docs/a.md", content=bytes(64 << 20)), "damaged"),
    "a file missing": (lambda members: members[:-1], "docs/a.md is missing"),
    "an extra file": (lambda members: [*members, member("docs/b.md", b"x")], "docs/b.md is not in the manifest"),
    "an extra folder": (lambda members: [*members, member("etc", mode=0o755, kind=tarfile.DIRTYPE)], "etc/ is not the manifest's"),
    "a file twice": (lambda members: [*members, member("docs/a.md", b"words\n")], "docs/a.md is there twice"),
    "a second manifest": (lambda members: [*members, member("manifest.json", b"{}")], "manifest.json is there twice"),
    "a path that climbs out": (lambda members: [*members, member("../../../evil", b"x")], "evil"),
    "a name that climbs out": (lambda members: [*members, member("../evil", b"x")], "evil"),
    "an absolute path": (lambda members: [*members, member("/etc/passwd", b"x")], "/etc/passwd"),
    "a file renamed to an absolute path": (changed("docs/a.md", name="/etc/passwd"), "/etc/passwd"),
    "a symbolic link beside": (lambda members: [*members, member("docs/c", kind=tarfile.SYMTYPE, link="/etc/passwd")], "no plain file"),
    "a symbolic link for a file": (changed("docs/a.md", type=tarfile.SYMTYPE, linkname="/etc/passwd"), "no plain file"),
    "a symbolic link for a folder": (lambda members: [member("docs", kind=tarfile.SYMTYPE, link="/tmp") if info.name.endswith("/docs") else (info, data) for info, data in members], "no plain file"),
    "a hard link for a file": (changed("docs/a.md", type=tarfile.LNKTYPE, linkname=f"{FOLDER}/LICENSE"), "no plain file"),
    "a device": (changed("docs/a.md", type=tarfile.CHRTYPE), "no plain file"),
    "a pipe": (changed("docs/a.md", type=tarfile.FIFOTYPE), "no plain file"),
    "a file executable": (changed("docs/a.md", mode=0o755), "has the mode"),
    "a file setuid": (changed("bin/heartsound", mode=0o4755), "has the mode"),
    "a folder that all may write": (changed("docs", mode=0o777), "has the mode"),
    "a name with a space": (lambda members: [*members, member("docs/a b", b"x")], "damaged"),
    "a name with a line break": (lambda members: [*members, member("docs/a\nb", b"x")], "damaged"),
    "another folder": (lambda members: [(setattr(info, "name", info.name.replace("1.2.3", "1.2.4")) or info, data) for info, data in members], "the manifest says heartsound-edge-1.2.3"),
    "a folder of another kind": (lambda members: [(setattr(info, "name", info.name.replace("heartsound-edge", "other")) or info, data) for info, data in members], "does not begin with a folder"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_archive_that_is_not_the_manifests_is_damaged(forge, verify, attack):
    forge.edit_members, words = ATTACKS[attack]
    refused(verify, forge.write(), 21, words)


def test_archive_checksum_is_found_without_unpacking_too(forge, verify):
    forge.edit_members = changed("docs/a.md", content=b"wordz\n")
    bundle = forge.write()
    done = verify(bundle)
    assert done.returncode == 21 and "the checksum of docs/a.md" in done.stderr
    brief = verify(bundle, "--signature-only")
    assert brief.returncode == 0 and "what it holds was not looked at" in brief.stdout and "good" not in brief.stdout


def test_signature_only_refuses_what_the_manifest_can_show(forge, verify, keys, tmp_path):
    bundle, manifest = forge.write(), tmp_path / "manifest.json"
    assert verify(bundle, "--signature-only", "--manifest", manifest).returncode == 0 and b'"kind": "program"' in manifest.read_bytes()
    done = verify(bundle, "--signature-only", "--manifest", tmp_path / "none", trusted=keys / "stranger")
    assert done.returncode == 20 and not (tmp_path / "none").exists()


def test_archive_pax_header_that_renames_a_file_is_seen(forge, verify):
    def edit(members):
        for info, data in members:
            if info.name.endswith("docs/a.md"):
                info.pax_headers = {"path": "../../evil"}
            yield info, data

    forge.edit_members = edit
    refused(verify, forge.write(tarfile.PAX_FORMAT), 21, "evil")


def test_archive_flipped_bits_and_cuts_anywhere_are_damage(forge, verify):
    """Also in the front, where the signature lies: it is never good, and never called unsigned where it is only cut off."""
    forge.content["bin/app/heartsound.dll"] = os.urandom(5_000_000)
    bundle = forge.write()
    whole = bundle.read_bytes()
    for at in (100, len(whole) // 2, len(whole) - 3):
        bundle.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1:])
        done = verify(bundle)
        assert done.returncode == 21 or at == 100 and done.returncode == 20, (at, done.stdout, done.stderr)
    for length in (3, 40, len(whole) // 2, len(whole) - 1):
        bundle.write_bytes(whole[:length])
        refused(verify, bundle, 21, "damaged")


@pytest.mark.parametrize("content, words", [(b"", "it is empty"), (b"PK\3\4 no such thing", "no zstd file"), (gzip.compress(b"x" * 100), "no zstd file")], ids=["empty", "zip", "gzip"])
def test_archive_that_is_none_is_damaged(forge, verify, content, words):
    bundle = forge.folder / "x.tar.zst"
    bundle.write_bytes(content)
    refused(verify, bundle, 21, words)


def test_archive_without_a_tar_inside_is_damaged(forge, verify):
    refused(verify, forge.compressed(b"no tar at all\n" * 1000), 21, "does not begin with a folder")


def test_archive_whose_front_is_endless_is_not_read_to_its_end(forge, keys, tools):
    """A quarter of a gigabyte of nothing before the manifest: 4 MiB of it are looked at, where no file may grow over 5 MiB."""
    bundle = forge.folder / "bomb.tar.zst"
    with bundle.open("wb") as out:
        subprocess.run("head -c 256M /dev/zero | zstd -q -1", shell=True, stdout=out, check=True)
    done = run("sh", "-c", 'ulimit -f 10240; exec "$@"', "sh", VERIFY, bundle, "--keys", keys, env={"PATH": tools})
    assert done.returncode == 21 and "does not begin with a folder" in done.stderr


# --- the manifest, signed by the right key all the same ----------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("old, new, code, words", [
    ('"docs/a.md"', '"docs/../../a.md"', 21, "leads elsewhere"),
    ('"docs/a.md"', '"/etc/passwd"', 21, "leads elsewhere"),
    ('"docs/a.md"', '"./docs/a.md"', 21, "leads elsewhere"),
    ('"docs/a.md"', '"docs/a b.md"', 21, "not understood"),
    ('"docs/a.md"', '"LICENSE"', 21, "stands there twice"),
    ('"docs/a.md"', '"manifest.json"', 21, "lists itself"),
    ('"mode": "755"', '"mode": "4755"', 21, "not understood"),
    ('  }\n}\n', '', 21, "cut off"),
    ('"schema": 1', '"schema": 2', 22, "bundle of kind 2"),
    ('"schema": 1', '"schema": true', 22, "Update this machine's"),
    ('"kind": "program"', '"kind": "firmware"', 22, "firmware"),
], ids=lambda value: str(value)[:24])
def test_manifest_that_cannot_be_right_is_refused_although_it_is_signed(forge, verify, old, new, code, words):
    forge.edit_manifest = lambda text: text.replace(old, new)
    refused(verify, forge.write(), code, words)


def test_machine_other_processor_is_refused_where_it_is_asked_for(forge, verify):
    forge.platform = "linux-arm64"
    forge.edit_members = lambda members: [(setattr(info, "name", info.name.replace("linux-x64", "linux-arm64")) or info, data) for info, data in members]
    bundle = forge.write()
    assert verify(bundle).returncode == 0
    refused(verify, bundle, 22, "this machine is linux-x64", "--for-this-machine")


@pytest.mark.parametrize("floor, code", [("2.27", 0), ("2.4", 0), ("2.100", 22), ("3.0", 22)])
def test_machine_older_glibc_is_refused(forge, verify, floor, code):
    forge.edit_manifest = lambda text: text.replace('"minGlibc": "2.27"', f'"minGlibc": "{floor}"')
    done = verify(forge.write(), "--for-this-machine")
    assert done.returncode == code and (code == 0 or f"needs glibc {floor}" in done.stderr)


# --- wrong use ---------------------------------------------------------------------------------------------------------------------------------------------------------

def test_use_that_cannot_work_is_refused_before_anything_is_read(forge, verify, tmp_path):
    bundle = forge.write()
    for options, words in ((["--unpack", str(tmp_path)], "is there already"), (["--unpack", "/no/such/folder/x"], "is no folder"), (["--keys"], "--keys needs a value"), (["--no-such"], "--no-such"), (["second"], "one bundle at a time"),
                           (["--signature-only", "--unpack", str(tmp_path / "new")], "exclude each other")):
        done = verify(bundle, *options)
        assert done.returncode == 1 and words in done.stderr
    assert run(VERIFY, bundle).returncode == 1 and run(VERIFY, "/no/such/bundle", "--keys", "x").returncode == 1
    assert "--for-this-machine" in run(VERIFY, "--help").stdout


def test_unpack_missing_tool_is_named(forge, verify, path_with, tmp_path):
    path = Path(path_with("minisign"))
    (path / "zstd").unlink()
    done = verify(forge.write(), path=str(path))
    assert done.returncode == 1 and "apt-get install zstd" in done.stderr


def test_make_signing_key_never_overwrites_and_hides_the_private_half(tmp_path, keys):
    assert (keys / "publisher.key").stat().st_mode & 0o777 == 0o600 and (keys / "publisher.pub").stat().st_mode & 0o777 == 0o644
    before = (keys / "publisher.key").read_bytes()
    done = run(ROOT / "scripts/make-signing-key.sh", keys, "--name", "publisher")
    assert done.returncode == 1 and "is there already" in done.stderr and (keys / "publisher.key").read_bytes() == before
