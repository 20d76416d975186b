"""Models of other tasks than normal/abnormal: five classes of which one holds, several findings at once, and windows of a second for short clips."""

import json
import shutil

import jsonschema
import numpy as np
import pytest

import tiny
import wavs
from broker import Broker
from program import MODEL, OK, ROOT, SETUP, SOME_FAILED, classify, heartsound

FIVE = ["N", "AS", "MR", "MS", "MVP"]
VALVES = ["AS", "AR", "MR", "MS"]
SHORT = {"windowSeconds": 1, "windowHopSeconds": 0.5}


def log(*probabilities: float) -> list[float]:
    return np.log(probabilities).tolist()


def logit(*probabilities: float) -> list[float]:
    return [float(np.log(p / (1 - p))) for p in probabilities]


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A folder of models, as models/ is one: five classes that say MR, nobody and N; findings that say AS and MR, nothing, and something between."""
    folder = tmp_path_factory.mktemp("models")
    tiny.model(folder, FIVE, FIVE[1:], log(0.1, 0.1, 0.6, 0.1, 0.1), SHORT, id="five-mr", task="yaseen")
    tiny.model(folder, FIVE, FIVE[1:], log(0.45, 0.2, 0.3, 0.03, 0.02), id="five-unsure", task="yaseen")
    tiny.model(folder, FIVE, FIVE[1:], log(0.9, 0.025, 0.025, 0.025, 0.025), id="five-n", task="yaseen")
    calibration = {"alarmBelow": 0.4, "alarmThreshold": 0.5, "alarmAbove": 0.6, "thresholds": {"MR": 0.3}}
    told = {"output": "sigmoid", "task": "bmdhs-multilabel", "calibration": calibration}
    tiny.model(folder, VALVES, VALVES, logit(0.9, 0.2, 0.5, 0.1), id="findings-two", **told)
    tiny.model(folder, VALVES, VALVES, logit(0.1, 0.2, 0.2, 0.1), id="findings-none", **told)
    tiny.model(folder, VALVES, VALVES, logit(0.1, 0.2, 0.35, 0.1), id="findings-unsure", **told)
    return folder


EXPECTED = {  # label, verdict, alarm, findings, alarm probability
    "five-mr": ("MR", "MR", True, ["MR"], 0.9),
    "five-unsure": ("N", "inconclusive", None, None, 0.55),
    "five-n": ("N", "N", False, [], 0.1),
    "findings-two": ("AS+MR", "AS+MR", True, ["AS", "MR"], 0.9),
    "findings-none": ("normal", "normal", False, [], 0.2),
    "findings-unsure": ("MR", "inconclusive", None, None, 0.35),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_classify_gives_label_verdict_findings_and_probabilities(models, heart, name):
    done = classify("--model", models / name, heart)
    (line,) = done.lines
    label, verdict, alarm, findings, probability = EXPECTED[name]
    assert done.code == OK and (line["label"], line["verdict"], line["alarm"], line["findings"]) == (label, verdict, alarm, findings), line
    assert line["alarmProbability"] == pytest.approx(probability, abs=2e-3)
    assert line["reason"] == (None if alarm is not None else "uncertain")
    five = name.startswith("five")
    assert list(line["probabilities"]) == (FIVE if five else VALVES)
    assert (sum(line["probabilities"].values()) == pytest.approx(1)) == five
    if alarm is not None:
        assert line["confidence"] == pytest.approx(line["alarmProbability"] if alarm else 1 - line["alarmProbability"])


@pytest.mark.parametrize("name,words", [("five-mr", "▲ MR"), ("five-n", "● N"), ("findings-two", "▲ AS+MR"), ("findings-none", "● normal"), ("findings-unsure", "? inconclusive")])
def test_table_and_report_show_the_verdict(models, heart, tmp_path, name, words):
    table = heartsound("classify", "--model", models / name, heart)
    assert table.code == OK and words in table.out
    done = heartsound("classify", "--model", models / name, heart, "--report", tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text()
    outcome = {"▲": "abnormal", "●": "normal", "?": "inconclusive"}[words[0]]
    assert done.code == OK and f'class="card is-{outcome}"' in page and words[2:].lower() in page.lower()
    assert all(label in page for label in (FIVE if name.startswith("five") else VALVES))


def test_messages_on_the_wire_validate_and_name_the_findings(models, heart, tmp_path):
    schema = jsonschema.Draft202012Validator(json.loads((ROOT / "docs/mqtt/verdict.schema.json").read_text()), format_checker=jsonschema.FormatChecker())
    broker = Broker(tmp_path / "broker").start()
    try:
        for name, (_, verdict, alarm, findings, _) in EXPECTED.items():
            broker.remember(name)  # a witness and a device of its own: what one has not yet acknowledged would come again
            done = heartsound("replay", "--fast", "--model", models / name, "--broker", broker.address, "--device", name, "--json", heart)
            (message,) = [json.loads(m.payload) for m in broker.read(name) if m.topic == f"heartsound/{name}/verdict"]
            schema.validate(message)
            assert done.code == OK and done.lines == [message]
            assert (message["verdict"], message["alarm"], message["findings"]) == (verdict, alarm, findings)
            assert not schema.is_valid({**message, "findings": "AS"})
    finally:
        broker.stop()


@pytest.mark.parametrize("name", EXPECTED)
def test_goldens_are_held_and_show_says_what_the_model_is(models, name):
    verified = heartsound("model", "verify", "--json", models / name)
    assert verified.code == OK and verified.lines[0]["reproduced"] is True
    shown = heartsound("model", "show", models / name)
    text = "".join(shown.out.split())
    assert shown.code == OK and ("N,AS,MR,MS,MVP;alarm:AS,MR,MS,MVP" if name.startswith("five") else "AS,AR,MR,MS;alarm:AS,AR,MR,MS;anynumber") in text
    assert ("foundfromAS50.0%,AR50.0%,MR30.0%" in text) == name.startswith("findings")


def test_golden_of_another_class_is_not_reproduced(models, tmp_path):
    copy = shutil.copytree(models / "five-mr", tmp_path / "copy")
    golden = json.loads((copy / "golden.json").read_text())
    golden["cases"][0]["labels"][0] = "AS"
    (copy / "golden.json").write_text(json.dumps(golden))
    assert "must be 'AS'" in heartsound("model", "verify", copy).out.replace("\n", " ")


def test_labels_file_beside_the_network_is_no_harm(models, heart, tmp_path):
    """jetson-inference wants labels.txt, a label a line."""
    copy = shutil.copytree(models / "five-mr", tmp_path / "copy")
    (copy / "labels.txt").write_text("\n".join(FIVE) + "\n")
    assert heartsound("model", "show", copy).code == heartsound("model", "verify", copy).code == classify("--model", copy, heart).code == OK


def test_list_shows_every_model_of_a_folder(models, tmp_path):
    folder = shutil.copytree(models, tmp_path / "models")
    (folder / "notes").mkdir()
    listed = heartsound("model", "list", folder)
    assert listed.code == OK and all(name in listed.out for name in EXPECTED) and "notes" not in listed.out and listed.err == ""
    lines = heartsound("model", "list", "--json", folder).lines
    assert [m["name"] for m in lines] == sorted(EXPECTED) and not any(m["isDefault"] for m in lines)
    assert lines[0] | {"path": ""} == {
        "name": "findings-none", "id": "findings-none", "version": "1", "task": "bmdhs-multilabel", "labels": VALVES, "alarmLabels": VALVES, "output": "sigmoid",
        "windowSeconds": 5, "isDefault": False, "path": "", "error": None,
    }
    (folder / "five-n/model.onnx").write_bytes((folder / "five-n/model.onnx").read_bytes()[:-1])
    broken = heartsound("model", "list", "--json", folder)
    assert broken.code == SOME_FAILED and "five-n" in broken.err and [m["name"] for m in broken.lines if m["error"]] == ["five-n"]


def test_list_marks_the_default_and_a_model_is_named_by_its_folder(heart):
    listed = heartsound("model", "list", "--json")
    assert [m["name"] for m in listed.lines if m["isDefault"]] == [MODEL.name] and listed.code == OK
    assert "default" in heartsound("model", "list").out
    assert heartsound("model", "show", MODEL.name).code == classify("--model", MODEL.name, heart, cwd="/").code == OK
    assert heartsound("model", "show", env={"HEARTSOUND_MODEL": MODEL.name}).code == OK


@pytest.mark.parametrize("name", ["no-such-model", "..", "models/no-such"])
def test_list_and_names_that_are_not_there_say_so(name, tmp_path):
    assert heartsound("model", "list", tmp_path / name / "folder").code == SETUP
    done = heartsound("model", "show", name, cwd=tmp_path)
    assert done.code == SETUP and name in done.err


def test_clip_of_two_seconds_is_judged_by_windows_of_one(models, heart_samples, tmp_path):
    wavs.write(tmp_path / "clip.wav", 4000, heart_samples[:9600], "s16")  # 2.4 s at 72 bpm
    (line,) = classify("--model", models / "five-mr", tmp_path / "clip.wav").lines
    assert line["verdict"] == "MR" and line["quality"]["windows"] == 3 and line["heartRateBpm"] == pytest.approx(72, rel=0.08), line


@pytest.mark.parametrize("model,seconds,needed,label", [("five-mr", 0.8, "1 s", None), ("five-n", 4.9, "5 s", None), ("five-mr", 1.2, "3 s", "MR")])
def test_recording_that_is_too_short_says_how_much_is_needed(models, heart_samples, tmp_path, model, seconds, needed, label):
    wavs.write(tmp_path / "clip.wav", 4000, heart_samples[: round(seconds * 4000)], "s16")
    done = classify("--model", models / model, tmp_path / "clip.wav")
    (line,) = done.lines
    assert done.code == OK and (line["verdict"], line["reason"], line["label"]) == ("inconclusive", "tooShort", label), line
    assert line["advice"] == f"Listen longer. At least {needed} of good sound are needed."


def test_features_by_gates_of_their_own(heart, tmp_path):
    (tmp_path / "spec.json").write_text(json.dumps({**tiny.SPEC, **SHORT}))
    (tmp_path / "gates.json").write_text(json.dumps({"minScore": 1}))
    for told, accepted in (((), True), (("--quality", tmp_path / "gates.json"), False)):
        assert heartsound("features", heart, "--out", tmp_path / "x.npz", "--spec", tmp_path / "spec.json", *told).code == OK
        found = np.load(tmp_path / "x.npz")
        assert found["accepted"].any() == accepted and len(found["accepted"]) == 23
    for text, words in (('{"minScore": 2}', "quality.minScore is 2"), ('{"minSnr": 1}', "minSnr"), ("no", "cannot be read")):
        (tmp_path / "gates.json").write_text(text)
        done = heartsound("features", heart, "--out", tmp_path / "y.npz", "--quality", tmp_path / "gates.json")
        assert done.code == SETUP and words in done.err and "gates.json" in done.err
    both = heartsound("features", heart, "--out", tmp_path / "y.npz", "--quality", tmp_path / "gates.json", "--model", MODEL)
    assert both.code == SETUP and "--quality" in both.err
