"""The real loop, from recordings (fabricated) to a checked ONNX file."""

import json
import shutil

import numpy as np
import pytest
import torch

import heartsound_trainer.train as training
from heartsound_trainer import golden, graph, heartsound


def read(path):
    return json.loads(path.read_text())


def test_train_learns_what_can_be_learnt_and_notes_it(trained):
    run = trained.folder / "runs" / "r"
    history, calibration = read(run / "history.json"), read(run / "calibration.json")
    assert [row["epoch"] for row in history] == [1, 2]
    assert (run / "history.csv").read_text().startswith("member,epoch,loss,auroc")
    assert read(run / "run.json")["trainer"]
    assert read(run / "config.json")["frontEnd"]["sampleRateHz"] == 2000
    assert calibration["validation"]["answeringAll"]["auroc"] > 0.9
    assert 0 <= calibration["alarmBelow"] < calibration["alarmAbove"] <= 1


def test_evaluate_figures_are_of_the_test_recordings(trained):
    metrics = read(trained.folder / "runs" / "r" / "metrics.json")
    assert metrics["recordings"] == 12
    assert metrics["recordingsWithoutWindows"] == 1  # broken0.wav
    assert metrics["testReadings"] == ["first"]
    assert sum(metrics["answeringAll"]["confusion"]["alarm"].values()) == 6
    assert metrics["abstaining"]["withoutGoodWindow"] == 2  # the noisy ones of database a
    assert metrics["probes"]["databaseOnly"]["balancedAccuracy"] == pytest.approx(0.5)
    assert metrics["probes"]["noiseFloor"]["recordings"] == 13  # which hears one of 1 s too
    assert set(metrics["byDatabase"]) == {"a", "b"}
    low, high = metrics["answeringAll"]["interval95"]["auroc"]
    assert low <= metrics["answeringAll"]["auroc"] <= high


def test_evaluate_second_look_is_refused_then_counted(trained, tmp_path, capsys):
    shutil.copytree(trained.folder / "runs", tmp_path / "runs")
    told = ["evaluate", "--name", "r", "--out", str(tmp_path / "runs")]
    assert trained.run(*told) == 1
    assert "read once" in capsys.readouterr().err
    assert trained.run(*told, "--again", "a gate was added") == 0
    assert read(tmp_path / "runs" / "r" / "metrics.json")["testReadings"] == ["first", "a gate was added"]


def test_train_and_export_never_open_the_test_part(ready):
    bench = ready
    assert len(bench.fold_files(0)) == 4
    for file in bench.fold_files(0):
        file.unlink()
    assert bench.run("train", "--name", "r", "--set", "train.epochs=1") == 0
    assert bench.run("export", "--name", "r", "--without-metrics") == 0
    with pytest.raises(FileNotFoundError):  # the guard can fail: evaluate does open it
        bench.run("evaluate", "--name", "r")


def test_train_resumed_ends_as_if_never_interrupted(trained, ready, monkeypatch):
    bench = ready
    real, epochs = training.run_epoch, []

    def interrupted(*arguments):
        epochs.append(1)
        if len(epochs) == 2:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(training, "run_epoch", interrupted)
    assert bench.run("train", "--name", "r") == 130
    monkeypatch.setattr(training, "run_epoch", real)
    assert len(read(bench.folder / "runs" / "r" / "member0" / "history.json")) == 1
    assert bench.run("train", "--name", "r") == 1  # a run is there, and nobody said --resume
    assert bench.run("train", "--name", "r", "--resume", "--set", "train.batch=8") == 1  # another recipe
    assert bench.run("train", "--name", "r", "--resume") == 0
    whole, resumed = (training.load(b.folder / "runs" / "r" / "member0" / "last.pt") for b in (trained, bench))
    for name, value in whole["average"].items():
        assert torch.equal(value, resumed["average"][name]), name


def test_prepare_second_time_calls_nothing(ready, monkeypatch, capsys):
    bench = ready
    monkeypatch.setattr(heartsound, "run", lambda *a, **k: pytest.fail("features were made again"))
    assert bench.run("prepare") == 0
    assert "could not be read: b/broken0.wav" in capsys.readouterr().err


def test_prepare_other_labels_are_refused(ready, capsys):
    bench = ready
    path = bench.folder / "data" / "physionet2016" / "records.csv"
    path.write_text(path.read_text().replace("-1", "1"))
    assert bench.run("prepare") == 1
    assert "run prepare --force" in capsys.readouterr().err


def test_prepare_no_program_says_what_to_do(bench, capsys):
    bench.program.unlink()
    assert bench.run("prepare") == 1
    assert "make build" in capsys.readouterr().err


def test_export_graph_is_static_half_and_carries_its_manifest(trained):
    import onnx

    folder = trained.folder / "models" / "physionet2016-cnn"
    model = onnx.load(folder / "model.onnx")
    assert model.opset_import[0].version == 13 and model.ir_version <= 8
    (x,), (y,) = model.graph.input, model.graph.output
    assert (x.name, [d.dim_value for d in x.type.tensor_type.shape.dim]) == ("input_0", [1, 1, 16, 55])
    assert (y.name, [d.dim_value for d in y.type.tensor_type.shape.dim]) == ("output_0", [1, 2])
    assert "BatchNormalization" not in {node.op_type for node in model.graph.node}
    half = {t.name for t in model.graph.initializer if t.data_type == onnx.TensorProto.FLOAT16}
    wide = [t for t in model.graph.initializer if t.data_type == onnx.TensorProto.FLOAT]
    casts = {node.input[0]: node.output[0] for node in model.graph.node if node.op_type == "Cast"}
    assert len(half) == 5 and set(casts) == half  # four kernels and the matrix
    assert all(len(t.dims) == 1 for t in wide)
    manifest = json.loads(next(p.value for p in model.metadata_props if p.key == "heartsound.manifest"))
    assert manifest["labels"] == ["normal", "abnormal"] and manifest["alarmLabels"] == ["abnormal"]
    assert manifest["frontEnd"]["melBands"] == 16 and len(manifest["frontEnd"]) == 16
    assert 0 <= manifest["calibration"]["alarmBelow"] < manifest["calibration"]["alarmAbove"] <= 1
    assert manifest["metrics"]["testRecordings"] == 12


def test_export_goldens_are_what_the_file_says(trained):
    import base64
    import hashlib

    import onnx

    folder = trained.folder / "models" / "physionet2016-cnn"
    document, model = read(folder / "golden.json"), onnx.load(folder / "model.onnx")
    assert document["modelSha256"] == hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
    assert [case["name"] for case in document["cases"]] == list(golden.CASES)
    for case in document["cases"]:
        samples = np.frombuffer(base64.b64decode(case["samples"]), "<f4")
        assert len(samples) == 1.5 * case["sampleRateHz"] and np.abs(samples).max() <= 1
        features = np.frombuffer(base64.b64decode(case["features"]), "<f4").reshape(case["windows"], 1, 1, 16, 55)
        logits = np.concatenate([graph.run_graph(model, window.copy()) for window in features])
        assert np.abs(logits - np.array(case["logits"])).max() < 1e-4
        assert case["labels"] == [["normal", "abnormal"][k] for k in logits.argmax(1)]


def test_export_card_holds_every_figure(trained):
    text = (trained.folder / "models" / "physionet2016-cnn" / "CARD.md").read_text()
    for word in ("Not a medical device", "ODC-BY 1.0", "0.743", "0.956", "balanced accuracy", "MAcc", "AUROC", "| a | 6 |", "Calibration error"):
        assert word in text
    assert "$" not in text and "nan" not in text


def test_export_not_evaluated_is_refused(trained, tmp_path, capsys):
    shutil.copytree(trained.folder / "runs", tmp_path / "runs")
    (tmp_path / "runs" / "r" / "metrics.json").unlink()
    assert trained.run("export", "--name", "r", "--out", str(tmp_path / "runs")) == 1
    assert "has not been evaluated" in capsys.readouterr().err


def test_train_resnet18_one_step_and_export(ready):
    bench = ready
    small = ["--set", "model=resnet18", "--set", "train.epochs=1", "--set", "train.batch=80", "--set", "train.validationWindows=1"]
    assert bench.run("train", "--name", "r", *small) == 0
    assert bench.run("export", "--name", "r", "--without-metrics") == 0
    file = bench.folder / "models" / "physionet2016-resnet18" / "model.onnx"
    assert 22.3e6 < file.stat().st_size < 23e6  # 11.17 M weights of 2 bytes
