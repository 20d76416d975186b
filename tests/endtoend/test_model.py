"""``model show`` and ``model verify``, and what every verb says to a model or a runtime that is no good."""

import base64
import hashlib
import json
import platform
import shutil
import struct
import subprocess
from pathlib import Path

import numpy as np
import onnx
import pytest

from program import DEADLINE, HEARTSOUND, MODEL, NOT_REPRODUCED, OK, RUNTIMES, SETUP, USAGE, classify, environment, heartsound

SHA256 = hashlib.sha256((MODEL / "model.onnx").read_bytes()).hexdigest() if (MODEL / "model.onnx").exists() else ""
KEY = "heartsound.manifest"


def manifest_of(path: Path) -> dict:
    return json.loads(next(p.value for p in onnx.load(path).metadata_props if p.key == KEY))


def test_show_says_what_the_model_is():
    done = heartsound("model", "show")
    manifest = manifest_of(MODEL / "model.onnx")
    assert done.code == OK and done.err == ""
    text = "".join(done.out.split())  # a narrow terminal wraps anywhere
    assert all(part in text for part in (manifest["id"], manifest["version"], SHA256, "normal,abnormal;alarm:abnormal", "2000Hz" if manifest["frontEnd"]["sampleRateHz"] == 2000 else "Hz"))


def test_show_json_is_the_manifest_in_the_file():
    done = heartsound("model", "show", "--json", "--model", MODEL)
    shown, written = json.loads(done.out), manifest_of(MODEL / "model.onnx")
    assert done.code == OK and done.err == ""
    for name, value in written.items():
        if isinstance(value, dict):
            assert {k: shown[name][k] for k in value} == value, name
        else:
            assert shown[name] == value, name


def test_verify_reproduces_the_goldens_on_this_machine():
    done = heartsound("model", "verify")
    assert done.code == OK and "is reproduced on Cpu" in done.out and "✖" not in done.out


def test_verify_json_gives_every_golden_with_its_differences():
    done = heartsound("model", "verify", "--json", "--model", MODEL / "model.onnx")
    (result,) = done.lines
    goldens = json.loads((MODEL / "golden.json").read_text())["cases"]
    assert done.code == OK and result["reproduced"] is True and result["sha256"] == SHA256 and result["provider"] == "Cpu" and result["providerNotes"] == []
    assert [c["name"] for c in result["cases"]] == [c["name"] for c in goldens]
    assert all(c["fault"] is None and c["windows"] >= 1 and 0 <= c["featureError"] <= 1e-3 and 0 <= c["logitError"] <= 1e-2 for c in result["cases"])


@pytest.mark.parametrize("version", sorted(p.name for p in RUNTIMES.glob("*.*.*")) or ["none"])
def test_verify_reproduces_on_every_onnx_runtime(version):
    library = RUNTIMES / version / "linux-x64/libonnxruntime.so.1"
    if not library.exists():
        pytest.skip(f"needs {library}: scripts/get-native.sh --all")
    done = heartsound("model", "verify", "--json", env={"HEARTSOUND_ONNXRUNTIME": str(library)})
    assert done.code == OK and done.lines[0]["onnxRuntime"] == version and done.lines[0]["reproduced"] is True


def test_provider_that_is_not_there_falls_back_and_says_why():
    done = heartsound("model", "verify", "--json", "--provider", "cuda", "cpu")
    assert done.code == OK and done.lines[0]["provider"] == "Cpu" and any("cuda" in note.lower() for note in done.lines[0]["providerNotes"])


@pytest.fixture
def copy(tmp_path):
    """A copy of the model's folder, to be damaged."""
    return Path(shutil.copytree(MODEL, tmp_path / "copy"))


def change_manifest(folder: Path, change) -> None:
    model = onnx.load(folder / "model.onnx")
    for prop in model.metadata_props:
        if prop.key == KEY:
            prop.value = change(json.loads(prop.value))
    onnx.save(model, folder / "model.onnx")


def with_manifest(**changes):
    return lambda folder: change_manifest(folder, lambda m: json.dumps({**m, **changes}))


def with_front_end(**changes):
    return lambda folder: change_manifest(folder, lambda m: json.dumps({**m, "frontEnd": {**m["frontEnd"], **changes}}))


def without_manifest(folder: Path) -> None:
    model = onnx.load(folder / "model.onnx")
    del model.metadata_props[:]
    onnx.save(model, folder / "model.onnx")


def with_bytes(change):
    return lambda folder: (folder / "model.onnx").write_bytes(change((folder / "model.onnx").read_bytes()))


def with_golden(change):
    def damage(folder: Path) -> None:
        golden = json.loads((folder / "golden.json").read_text())
        (folder / "golden.json").write_text(json.dumps(change(golden)))

    return damage


def first_case(**changes):
    return with_golden(lambda g: {**g, "cases": [{**g["cases"][0], **changes}, *g["cases"][1:]]})


def bent_features(golden: dict) -> dict:
    case = golden["cases"][0]
    values = np.frombuffer(base64.b64decode(case["features"]), "<f4").copy()
    values[100] += 0.01
    case["features"] = base64.b64encode(values.tobytes()).decode()
    return golden


def bent_logits(golden: dict) -> dict:
    golden["cases"][-1]["logits"][0][0] += 0.1
    return golden


def other_label(golden: dict) -> dict:
    labels = golden["cases"][0]["labels"]
    labels[0] = "normal" if labels[0] == "abnormal" else "abnormal"
    return golden


# What is done to a copy, and a word that the message must say. These cannot start at all.
DAMAGES = {
    "no model.onnx": (lambda f: (f / "model.onnx").unlink(), "model.onnx"),
    "empty": (with_bytes(lambda b: b""), "model.onnx"),
    "text": (with_bytes(lambda b: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), "model.onnx"),
    "cut in half": (with_bytes(lambda b: b[: len(b) // 2]), "model.onnx"),
    "cut by a byte": (with_bytes(lambda b: b[:-1]), "model.onnx"),
    "damaged head": (with_bytes(lambda b: b[:64] + bytes(range(64)) + b[128:]), "model.onnx"),
    "a weight flipped": (with_bytes(lambda b: b[: len(b) // 2] + bytes([b[len(b) // 2] ^ 0x40]) + b[len(b) // 2 + 1:]), "golden.json"),
    "no manifest": (without_manifest, KEY),
    "manifest that is no JSON": (lambda f: change_manifest(f, lambda m: "{ half"), "manifest"),
    "manifest with an unknown setting": (with_manifest(wavelets=3), "wavelets"),
    "front end with an unknown setting": (with_front_end(preEmphasis=0.97), "preEmphasis"),
    "front end out of range": (with_front_end(hopSamples=0), "hopSamples is 0"),
    "manifest of a later schema": (with_manifest(schema=2), "schema is 2"),
    "manifest with three labels": (with_manifest(labels=["normal", "abnormal", "noise"]), "do not fit"),
    "manifest with other mels": (with_front_end(melBands=32), "do not fit"),
    "no golden.json": (lambda f: (f / "golden.json").unlink(), "golden.json"),
    "golden of another model": (with_golden(lambda g: {**g, "modelSha256": "0" * 64}), "another model"),
    "golden without cases": (with_golden(lambda g: {**g, "cases": []}), "0 cases"),
    "golden cut in half": (lambda f: (f / "golden.json").write_bytes((f / "golden.json").read_bytes()[:5000]), "golden.json"),
    "golden with a null case": (with_golden(lambda g: {**g, "cases": [None]}), "golden.json"),
}

# These start, are compared, and are found to differ.
DIFFERENCES = {
    "features bent": (with_golden(bent_features), "features differ"),
    "logits bent": (with_golden(bent_logits), "logits differ"),
    "another label": (with_golden(other_label), "must be"),
    "samples that are no base64": (first_case(samples="%%%"), "damaged"),
    "features cut": (first_case(features=base64.b64encode(struct.pack("<f", 1)).decode()), "shape"),
    "null logits": (with_golden(lambda g: {**g, "cases": [{**g["cases"][0], "logits": [None] * g["cases"][0]["windows"]}]}), "shape"),
    "impossible rate": (first_case(sampleRateHz=0), "0"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damaged_model_is_refused_by_name_and_cause(copy, heart, name):
    damage, words = DAMAGES[name]
    damage(copy)
    for done in (classify("--model", copy, heart), heartsound("model", "verify", "--model", copy)):
        assert done.code == SETUP and words in done.err and str(copy) in done.err and done.out == "", done


@pytest.mark.parametrize("name", DIFFERENCES)
def test_model_that_is_not_reproduced_gives_no_verdict_and_verify_says_5(copy, heart, name):
    damage, words = DIFFERENCES[name]
    damage(copy)
    refused = classify("--model", copy, heart)
    assert refused.code == SETUP and words in refused.err and "golden" in refused.err and refused.out == ""
    verified = heartsound("model", "verify", "--json", "--model", copy)
    assert verified.code == NOT_REPRODUCED and verified.lines[0]["reproduced"] is False
    assert any(words in (case["fault"] or "") for case in verified.lines[0]["cases"])
    assert "NOT reproduced" in heartsound("model", "verify", "--model", copy).out
    (copy / "settings.json").write_text(json.dumps({"model": {"path": str(copy)}}))
    assert heartsound("model", "verify", "--settings", copy / "settings.json").code == NOT_REPRODUCED
    assert heartsound("model", "verify", "--settings", copy / "settings.json", "--model", MODEL).code == OK, "what is named here goes before"


@pytest.mark.parametrize("path", ["no/such/model", "no/such/model.onnx"])
def test_missing_model_is_named(tmp_path, heart, path):
    for done in (classify("--model", tmp_path / path, heart), classify(heart, env={"HEARTSOUND_MODEL": str(tmp_path / path)})):
        assert done.code == SETUP and path in done.err and "onnx" in done.err and done.out == ""


def test_models_from_the_command_line_go_before_the_environment(heart):
    done = classify("--model", MODEL, heart, env={"HEARTSOUND_MODEL": "/no/such/model"})
    assert done.code == OK


def arm_library() -> Path | None:
    other = "linux-arm64" if platform.machine() == "x86_64" else "linux-x64"
    return next((p.resolve() for p in sorted(RUNTIMES.glob(f"*.*.*/{other}/libonnxruntime.so.1"))), None)


@pytest.mark.parametrize("kind", ["missing", "text", "empty", "folder without it", "of another processor", "another library"])
def test_onnx_runtime_that_cannot_be_loaded_is_named_with_what_to_do(tmp_path, heart, kind):
    library = tmp_path / "libonnxruntime.so.1"
    if kind == "text":
        library.write_text("not a library")
    if kind == "empty":
        library.touch()
    if kind == "folder without it":
        library = tmp_path
    if kind == "of another processor":
        library = arm_library() or pytest.skip("needs ONNX Runtime for another processor: scripts/get-native.sh --all")
    if kind == "another library":
        library = next((p for p in Path("/usr/lib").glob("*/libmosquitto.so.1")), None) or pytest.skip("needs Debian's libmosquitto1")
    for done in (classify(heart, env={"HEARTSOUND_ONNXRUNTIME": str(library)}), heartsound("model", "show", env={"HEARTSOUND_ONNXRUNTIME": str(library)})):
        assert done.code == SETUP and str(library) in done.err and "get-native.sh" in done.err and done.out == "", done


def test_model_without_a_verb_is_a_wrong_command_line():
    assert heartsound("model").code == USAGE


def test_nothing_is_reported_to_the_maker_of_onnx_runtime(tmp_path, simulate):
    """Official builds (seen in 1.29) keep a device id and a database of events for upload under the user's cache folder, unless told not to
    before they start; in CI they keep quiet by themselves, so CI must not be seen here."""
    surroundings = {name: value for name, value in environment().items() if name != "CI"} | {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    run = subprocess.run([HEARTSOUND, "classify", "--json", str(simulate())], env=surroundings, capture_output=True, text=True, timeout=DEADLINE)
    assert run.returncode == 0, run.stderr
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_command_line_of_60_kB_is_no_harm(simulate):
    """ONNX Runtime 1.29 would run a recursive regular expression over it and overflow the stack."""
    heart = simulate()
    same = [f"{heart.parent}/{'./' * 50}{heart.name}"] * 400
    surroundings = {name: value for name, value in environment().items() if name != "CI"}
    run = subprocess.run([HEARTSOUND, "classify", "--json", *same], env=surroundings, capture_output=True, text=True, timeout=DEADLINE)
    assert run.returncode == 0, run.stderr
