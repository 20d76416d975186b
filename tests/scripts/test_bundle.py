"""scripts/publish.sh: what it makes of a program is complete, the same each time, accepted by the verifier, and runs where it is unpacked."""

import datetime
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import bundle_files  # noqa: E402
PUBLISH = ROOT / "scripts/publish.sh"
SCHEMAS = ROOT / ".native/schemas"


def run(*command, **more) -> subprocess.CompletedProcess:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HEARTSOUND_")} | more.pop("environment", {})
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=120, env=environment, cwd="/", **more)


@pytest.fixture(scope="module")
def keys(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    assert run(ROOT / "scripts/make-signing-key.sh", folder).returncode == 0
    return folder


@pytest.fixture(scope="module")
def publish(keys):
    """Packs the program that scripts/build.sh left: compiling it anew is what scripts/check-reproducible.sh does, in minutes."""
    assert (ROOT / "bin/app/heartsound.dll").exists(), "the program is missing: run scripts/build.sh"

    def make(out: Path, *options, **more) -> subprocess.CompletedProcess:
        return run(PUBLISH, "--key", keys / "heartsound.key", "--out", out, "--program", ROOT / "bin/app", *options, **more)

    return make


def unpacked(bundle: Path, keys: Path, target: Path) -> tuple[Path, dict]:
    done = run(ROOT / "scripts/verify-bundle.sh", bundle, "--keys", keys, "--unpack", target)
    assert done.returncode == 0, done.stderr
    return target, json.loads((target / "manifest.json").read_text())


@pytest.fixture(scope="module")
def here(publish, keys, tmp_path_factory) -> tuple[Path, dict]:
    """A bundle for this machine, with one model, unpacked."""
    folder = tmp_path_factory.mktemp("here")
    done = publish(folder, "--platform", "linux-x64", "--version", "9.8.7-test", "--models", "physionet2016-cnn-small", "--onnxruntime", "1.17.3")
    assert done.returncode == 0, done.stderr
    bundle = folder / "heartsound-edge-9.8.7-test-linux-x64.tar.zst"
    assert [path.name for path in folder.iterdir()] == [bundle.name] and f"SHA-256 {sha256(bundle)}" in done.stdout
    return unpacked(bundle, keys, folder / "unpacked")


@pytest.fixture(scope="module")
def jetson(publish, keys, tmp_path_factory) -> tuple[Path, dict]:
    """One for a Jetson, without models, unpacked; the bundle lies beside it."""
    folder = tmp_path_factory.mktemp("jetson")
    done = publish(folder, "--version", "9.8.7-test", "--models", "none", environment={"TZ": "UTC", "LC_ALL": "C"})
    assert done.returncode == 0, done.stderr
    return unpacked(folder / "heartsound-edge-9.8.7-test-linux-arm64.tar.zst", keys, folder / "unpacked")


def sha256(path: Path) -> str:
    return run("sha256sum", path).stdout.split()[0]


def test_bundle_says_what_it_is(here):
    folder, manifest = here
    assert {key: manifest[key] for key in ("schema", "kind", "name", "version", "platform", "onnxRuntime", "dotnet")} == {
        "schema": 1, "kind": "program", "name": "heartsound-edge", "version": "9.8.7-test", "platform": "linux-x64", "onnxRuntime": "1.17.3", "dotnet": {"framework": "10.0", "selfContained": False}}
    assert manifest["commit"] == run("git", "-C", ROOT, "rev-parse", "HEAD").stdout.strip()
    epoch = int(run("git", "-C", ROOT, "show", "-s", "--format=%ct", "HEAD").stdout)
    assert manifest["created"] == datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert manifest["models"] == [{"id": "physionet2016-cnn-small", "version": "1.0.0", "sha256": sha256(folder / "models/physionet2016-cnn-small/model.onnx")}]


def test_bundle_has_what_a_device_needs_and_no_more(here):
    names = here[1]["files"].keys()
    assert {"LICENSE", "THIRD-PARTY-LICENCES.txt", "sbom.cdx.json", "bin/heartsound", "bin/app/heartsound.dll", "bin/app/runtimes/linux-x64/native/libonnxruntime.so.1", "bin/app/boards/jetson-nano.json",
            "models/physionet2016-cnn-small/golden.json", "deploy/udev/60-heartsound.rules", "systemd/heartsound.service", "scripts/install.sh", "scripts/lib.sh", "scripts/update.sh", "scripts/verify-bundle.sh", "deploy/l4t/onnxruntime.table", "docs/settings.md"} <= names
    assert ("bin/app/dashboard/index.html" in names) == (ROOT / "bin/app/dashboard/index.html").exists()
    assert not [name for name in names if re.search(r"\.(pdb|xml|cs|py)$|/\.|^scripts/(build|build-dashboard|test|setup|publish|deploy|provision|train|get-.*)\.sh|^docs/.*/", name)]
    assert [name for name, entry in here[1]["files"].items() if entry["mode"] == "755" and not name.startswith(("scripts/", "deploy/"))] == ["bin/heartsound"]


def test_bundle_for_a_jetson_runs_on_the_glibc_of_jetpack_4(jetson):
    """Ubuntu 18.04 has glibc 2.27 and, of GCC 8, GLIBCXX_3.4.25 and CXXABI_1.3.11. What readelf finds is what the manifest says."""
    folder, manifest = jetson
    library, = folder.glob("bin/app/runtimes/*/native/*")
    assert library.parent.parent.name == "linux-arm64" and library.name == "libonnxruntime.so.1"
    needs: dict[str, tuple] = {}
    for kind, version in re.findall(r"Name: (GLIBC|GLIBCXX|CXXABI)_([0-9.]+)", run("readelf", "--version-info", library).stdout):
        needs[kind] = max(needs.get(kind, ()), tuple(map(int, version.split("."))))
    assert manifest["minGlibc"] == "2.27" == ".".join(map(str, needs["GLIBC"])) and manifest["onnxRuntime"] == "1.17.3"
    assert needs["GLIBCXX"] <= (3, 4, 25) and needs["CXXABI"] <= (1, 3, 11)
    assert manifest["models"] == [] and "Machine:                           AArch64" in run("readelf", "-h", library).stdout


def test_bundle_newer_onnx_runtime_raises_the_floor(tmp_path):
    shutil.copy(ROOT / ".native/onnxruntime/1.29.0/linux-arm64/libonnxruntime.so.1", tmp_path)
    assert bundle_files.glibc(tmp_path) == "2.28"


def test_bundle_unpacked_runs_with_its_own_model_and_library(here):
    folder, _ = here
    done = run(folder / "bin/heartsound", "model", "verify")
    assert done.returncode == 0, done.stderr
    shown = run(folder / "bin/heartsound", "model", "show").stdout
    assert str(folder.resolve()) in shown


def test_bundle_can_be_installed_from_where_it_lies(here, tmp_path):
    done = run(here[0] / "scripts/install.sh", "--root", tmp_path, "--systemd", "237")
    assert done.returncode == 0, done.stderr
    release = tmp_path / "opt/heartsound/current"
    assert (release / "bin/app/runtimes/linux-x64/native/libonnxruntime.so.1").exists() and (release / "models/physionet2016-cnn-small/model.onnx").exists()


# --- the list of parts -------------------------------------------------------------------------------------------------------------------------------------------------

def validator() -> jsonschema.Draft7Validator:
    schema, spdx, jsf = (json.loads((SCHEMAS / name).read_text()) for name in ("bom-1.6.json", "spdx.json", "jsf-0.82.json"))
    base = "http://cyclonedx.org/schema/"
    store = {f"{base}spdx.SNAPSHOT.schema.json": spdx, f"{base}jsf-0.82.SNAPSHOT.schema.json": jsf}
    return jsonschema.Draft7Validator(schema, resolver=jsonschema.RefResolver(schema["$id"], schema, store=store), format_checker=jsonschema.draft7_format_checker)


def test_sbom_is_cyclonedx(here, jetson):
    for folder, _ in (here, jetson):
        sbom = json.loads((folder / "sbom.cdx.json").read_text())
        assert [error.message for error in validator().iter_errors(sbom)] == []
        references = [component["bom-ref"] for component in sbom["components"]]
        assert len(set(references)) == len(references) and sbom["dependencies"][0]["dependsOn"] == references


def test_sbom_schema_would_find_a_mistake(here):
    sbom = json.loads((here[0] / "sbom.cdx.json").read_text())
    sbom["components"][0]["licenses"] = [{"license": {"id": "No-Such-Licence"}}]
    sbom["components"][1]["hashes"] = [{"alg": "SHA-512", "content": "short"}]
    assert len(list(validator().iter_errors(sbom))) == 2


def test_sbom_names_every_library_with_version_licence_and_hash(here):
    folder, manifest = here
    components = {component["name"]: component for component in json.loads((folder / "sbom.cdx.json").read_text())["components"]}
    deps = json.loads((folder / "bin/app/heartsound.deps.json").read_text())
    packages = {key.split("/")[0]: key.split("/")[1] for key, value in deps["libraries"].items() if value["type"] == "package"}
    assert packages and {name: components[name]["version"] for name in packages} == packages
    shipped = {Path(name).name for name in manifest["files"] if name.startswith("bin/app/") and name.endswith(".dll")}
    named = {Path(file).name for library in deps["targets"][".NETCoreApp,Version=v10.0"].values() for file in library.get("runtime", {})}
    assert shipped == named, "a library that no package accounts for"
    assert all(component.get("hashes") and (component.get("licenses") or component["type"] == "machine-learning-model") for component in components.values())
    assert components["onnxruntime"]["hashes"] == [{"alg": "SHA-256", "content": sha256(folder / "bin/app/runtimes/linux-x64/native/libonnxruntime.so.1")}]
    assert components["physionet2016-cnn-small"]["type"] == "machine-learning-model"
    assert ("mqtt" in components) == ("bin/app/dashboard/index.html" in manifest["files"])


def test_licences_of_every_library_are_there_in_full(here):
    folder, _ = here
    text = (folder / "THIRD-PARTY-LICENCES.txt").read_text()
    for component in json.loads((folder / "sbom.cdx.json").read_text())["components"]:
        if component["type"] == "library" and not component["purl"].startswith("pkg:npm/") or component["name"] == "onnxruntime":
            assert text.count(f"{component['name']} {component['version']}") >= 2, f"{component['name']}: once in the list, once above a text"
    assert "Permission is hereby granted, free of charge" in text and "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION" in text


# --- the same each time ------------------------------------------------------------------------------------------------------------------------------------------------

def test_bundle_is_the_same_whenever_and_by_whomever_it_is_made(jetson, publish, tmp_path):
    old = os.umask(0o077)
    try:
        done = publish(tmp_path, "--version", "9.8.7-test", "--models", "none", environment={"TZ": "Asia/Kathmandu", "LC_ALL": "C.UTF-8", "SOURCE_DATE_EPOCH": "1"})
    finally:
        os.umask(old)
    assert done.returncode == 0, done.stderr
    again, = tmp_path.iterdir()
    assert sha256(again) == sha256(jetson[0].parent / again.name)


def test_models_are_a_bundle_of_their_own(keys, tmp_path):
    done = run(PUBLISH, "--key", keys / "heartsound.key", "--out", tmp_path, "--models-only", "--version", "2026.1", "--models", "pascal-cnn-small,yaseen-cnn-small")
    assert done.returncode == 0, done.stderr
    folder, manifest = unpacked(tmp_path / "heartsound-models-2026.1.tar.zst", keys, tmp_path / "set")
    assert (manifest["kind"], manifest["name"], manifest["platform"], "minGlibc" in manifest) == ("models", "heartsound-models", "any", False)
    assert [model["id"] for model in manifest["models"]] == ["pascal-cnn-small", "yaseen-cnn-small"]
    assert manifest["files"].keys() == {f"{model}/{file}" for model in ("pascal-cnn-small", "yaseen-cnn-small") for file in ("model.onnx", "golden.json", "labels.txt", "CARD.md")}
    assert run(ROOT / "scripts/verify-bundle.sh", tmp_path / "heartsound-models-2026.1.tar.zst", "--keys", keys, "--for-this-machine").returncode == 0


# --- what is refused ---------------------------------------------------------------------------------------------------------------------------------------------------

def runtime(folder: Path, machine: bytes, version: str = "10.0.9") -> Path:
    """What the archive of a .NET runtime unpacks to, as far as it is looked at."""
    (folder / "host/fxr").mkdir(parents=True)
    for name in ("Microsoft.NETCore.App", "Microsoft.AspNetCore.App"):
        (folder / "shared" / name / version).mkdir(parents=True)
        (folder / "shared" / name / version / "libx.so").write_bytes(b"x")
    (folder / "dotnet").write_bytes(b"\x7fELF" + bytes(14) + machine + bytes(44))
    (folder / "LICENSE.txt").write_text("the runtime's licence\n")
    return folder


def test_runtime_of_the_right_processor_goes_into_the_bundle(publish, keys, tmp_path):
    done = publish(tmp_path, "--version", "1", "--models", "none", "--dotnet", runtime(tmp_path / "dotnet", b"\xb7\0"))
    assert done.returncode == 0, done.stderr
    folder, manifest = unpacked(tmp_path / "heartsound-edge-1-linux-arm64.tar.zst", keys, tmp_path / "unpacked")
    assert manifest["dotnet"]["selfContained"] is True and manifest["files"]["dotnet/dotnet"]["mode"] == "755"
    assert "Microsoft.AspNetCore.App 10.0.9" in (folder / "THIRD-PARTY-LICENCES.txt").read_text() and (folder / "dotnet/LICENSE.txt").exists()


@pytest.mark.parametrize("machine, version, words", [(b"\x3e\0", "10.0.9", "is not for linux-arm64"), (b"\xb7\0", "8.0.1", "the program needs 10")])
def test_runtime_that_would_not_run_the_program_is_refused(publish, tmp_path, machine, version, words):
    done = publish(tmp_path / "out", "--dotnet", runtime(tmp_path / "dotnet", machine, version))
    assert done.returncode == 1 and words in done.stderr and not (tmp_path / "out").exists()


@pytest.mark.parametrize("options, words", [
    (["--version", "../1"], "is no version"), (["--version", "1 2"], "is no version"), (["--platform", "linux-arm"], "is no platform"), (["--models", "no-such"], "no model 'no-such'"), (["--models", "../src"], "no model"),
    (["--onnxruntime", "1.2.3"], "there are: 1.11.0 1.17.3 1.29.0"), (["--dotnet", "/no/such"], "/no/such has no dotnet"), (["--program", "/no/such"], "holds no heartsound.dll"), (["--models-only", "--self-contained"], "does not go with"),
    (["--models-only", "--ready-to-run"], "does not go with"), (["--ready-to-run", "--program", "bin/app"], "leave one of them out"),
    (["--key", "/no/such"], "cannot be read"), (["--no-such"], "--no-such")], ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_publish_what_cannot_be_made_is_refused_before_anything_is_written(keys, tmp_path, options, words):
    done = run(PUBLISH, "--key", keys / "heartsound.key", "--out", tmp_path / "out", *options)
    assert done.returncode == 1 and words in done.stderr and not (tmp_path / "out").exists()


def test_publish_without_a_key_is_refused(tmp_path):
    done = run(PUBLISH, "--out", tmp_path / "out")
    assert done.returncode == 1 and "make-signing-key.sh" in done.stderr


def test_publish_dry_run_does_nothing_and_help_explains(publish, tmp_path):
    done = publish(tmp_path / "out", "--dry-run", "--version", "1")
    assert done.returncode == 0 and "Would make" in done.stdout and not (tmp_path / "out").exists()
    assert "--self-contained" in run(PUBLISH, "--help").stdout and "--keep" in run(ROOT / "scripts/check-reproducible.sh", "--help").stdout
