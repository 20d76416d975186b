"""Tasks of five labels and of several labels at once, with two members each, from recordings (fabricated) to the model's folder."""

import json

import numpy as np
import onnx
import pytest
import torch
from conftest import TINY, Bench

from heartsound_trainer import graph, tasks
from heartsound_trainer.features import FeatureCache
from heartsound_trainer.train import load, network

RUN = {
    **TINY,
    "split": {"members": 2},
    "train": {**TINY["train"], "epochs": 8, "selectBy": "macroAuroc", "average": "none", "schedule": "constant", "learningRate": 0.01, "batch": 8},
}


def read(path):
    return json.loads(path.read_text())


def made(folder, **changes) -> Bench:
    bench = Bench(folder, {**RUN, **changes})
    for verb in (["prepare"], ["train", "--name", "r"], ["evaluate", "--name", "r"], ["export", "--name", "r"]):
        assert bench.run(*verb) == 0
    return bench


@pytest.fixture(scope="module")
def five(tmp_path_factory):
    return made(tmp_path_factory.mktemp("five"), task="bmdhs")


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    return made(tmp_path_factory.mktemp("many"), task="bmdhs-multilabel", loss={"kind": "binary", "labelSmoothing": 0.0})


def model_of(bench):
    folder = bench.folder / "models" / f"{bench.task}-cnn-small"
    model = onnx.load(folder / "model.onnx")
    return folder, model, json.loads(next(p.value for p in model.metadata_props if p.key == "heartsound.manifest"))


def answers_match(bench, labels: int) -> None:
    """The file gives the mean of the members' logits."""
    folder, model, _ = model_of(bench)
    config = read(bench.folder / "runs" / "r" / "config.json")
    windows = FeatureCache(bench.folder / "cache", bench.task, config["frontEnd"])
    x = windows.open(windows.records()).features[:1][None].astype(np.float32)
    logits = []
    for i in range(2):
        member = network(config).eval()
        member.load_state_dict(load(bench.folder / "runs" / "r" / f"member{i}" / "best.pt")["model"])
        logits.append(member(torch.from_numpy(x)).detach().numpy())
    assert graph.run_graph(model, x).shape == (1, labels)
    assert graph.run_graph(model, x) == pytest.approx(np.mean(logits, 0), abs=2e-2)
    assert np.abs(logits[0] - logits[1]).max() > 0.05


def test_five_labels_figures(five):
    found = read(five.folder / "runs" / "r" / "metrics.json")
    assert (found["recordings"], found["groups"], found["members"], found["prevalence"]) == (10, 5, 2, 0.8)
    classes = found["classes"]
    for name in ("accuracy", "balancedAccuracy", "macroF1", "macroAuroc"):
        low, high = classes["interval95"][name]
        assert 0 <= low <= classes[name] <= high <= 1
    assert classes["macroAuroc"] > 0.8
    assert [sum(row.values()) for row in classes["confusion"].values()] == [2] * 5
    assert set(classes["each"]) == set(tasks.named("bmdhs").labels) and set(classes["calibrationError"]) == {"before", "after"}
    assert "macc" not in found["answeringAll"] and "macc" not in found["abstaining"]  # the challenge's figure, of the challenge's task
    assert "databaseOnly" not in found["probes"]
    assert found["byGroup"]["groups"] == 5


def test_five_labels_model(five):
    folder, _, manifest = model_of(five)
    assert manifest["output"] == "softmax" and manifest["labels"] == ["N", "AS", "AR", "MR", "MS"] and manifest["alarmLabels"] == ["AS", "AR", "MR", "MS"]
    metrics, found = manifest["metrics"], read(five.folder / "runs" / "r" / "metrics.json")
    assert metrics["balancedAccuracy"] == round(found["answeringAll"]["balancedAccuracy"], 4)
    assert metrics["classBalancedAccuracy"] == round(found["classes"]["balancedAccuracy"], 4)
    assert "macc" not in metrics
    assert (folder / "labels.txt").read_text() == "N\nAS\nAR\nMR\nMS\n"
    assert {case["labels"][0] for case in read(folder / "golden.json")["cases"]} <= set(manifest["labels"])
    answers_match(five, 5)
    card = (folder / "CARD.md").read_text()
    for word in ("mean logit of 2 networks", "Of the 5 labels, the likeliest", "macro AUROC", "| truth, answered as | N | AS |", "One answer for each of the 5 groups", "Calibration error"):
        assert word in card
    assert "MAcc" not in card and "$" not in card and "nan" not in card
    epochs = read(five.folder / "runs" / "r" / "calibration.json")["epoch"]
    assert f"epoch {epochs[0]}, {epochs[1]} of 8" in card


def test_several_labels_at_once_figures(many):
    found = read(many.folder / "runs" / "r" / "metrics.json")
    assert (found["recordings"], found["groups"]) == (14, 7) and found["prevalence"] == pytest.approx(12 / 14)
    findings = found["findings"]
    for name in ("macroAuroc", "macroF1", "balancedAccuracy", "exact"):
        low, high = findings["interval95"][name]
        assert 0 <= low <= findings[name] <= high <= 1
    assert findings["macroAuroc"] > 0.8
    assert {name: each["recordings"] for name, each in findings["each"].items()} == {name: 4 for name in ("AS", "AR", "MR", "MS")}
    assert "classes" not in found and "macc" not in found["answeringAll"]


def test_several_labels_at_once_model(many):
    folder, _, manifest = model_of(many)
    assert manifest["output"] == "sigmoid" and manifest["labels"] == ["AS", "AR", "MR", "MS"]
    assert manifest["metrics"]["findingMacroAuroc"] > 0.8
    assert (folder / "labels.txt").read_text() == "AS\nAR\nMR\nMS\n"
    answers_match(many, 4)
    card = (folder / "CARD.md").read_text()
    for word in ("Several findings at once", "| finding | recordings |", "macro AUROC", "One answer for each of the 7 groups"):
        assert word in card
    assert "$" not in card and "MAcc" not in card


def test_several_labels_at_once_are_learnt_from_a_teacher(many):
    told = ["--set", f"distil.teacher={many.folder / 'runs' / 'r'}", "--set", "distil.share=1.0", "--set", "train.epochs=1", "--set", "split.members=1"]
    assert many.run("train", "--name", "student", *told) == 0
    assert np.isfinite(read(many.folder / "runs" / "student" / "history.json")[0]["loss"])


def test_several_labels_at_once_are_refused_a_loss_of_one(many, capsys):
    assert many.run("train", "--name", "wrong", "--set", "loss.kind=crossEntropy") == 1
    assert "any number of labels: loss.kind must be binary" in capsys.readouterr().err


def test_one_label_is_refused_by_a_teacher_of_another_task(five, many, capsys):
    assert five.run("train", "--name", "wrong", "--set", f"distil.teacher={many.folder / 'runs' / 'r'}") == 1
    assert "has another task or front end" in capsys.readouterr().err
