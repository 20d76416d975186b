"""The rules that figures must keep to be believed. Rule 1 (groups) is in test_splits.py, cross-validation and random splits are in test_cv.py."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from conftest import TINY, Bench

import heartsound_trainer.train as training
from heartsound_trainer import calibrate, judge, sampler, scores, splits, tasks
from heartsound_trainer.evaluate import evaluate
from heartsound_trainer.features import FeatureCache
from heartsound_trainer.judge import Judged
from heartsound_trainer.predict import window_logits

FIGURES = ("sensitivity", "specificity", "balancedAccuracy", "macc", "macroF1", "auroc")


def read(path):
    return json.loads(path.read_text())


@pytest.fixture(scope="module")
def pair(tmp_path_factory, trained):
    """A run of two members; ``given`` is what calibration got."""
    bench = Bench(tmp_path_factory.mktemp("pair"), TINY)
    shutil.copytree(trained.folder / "cache", bench.folder / "cache")
    real, bench.given = calibrate.calibrate, []

    def noted(*arguments):
        bench.given.append(arguments)
        return real(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibrate, "calibrate", noted)
        assert bench.run("train", "--name", "teacher", "--set", "split.members=2") == 0
    return bench


def test_calibration_uses_validation_recordings_each_judged_by_the_member_that_did_not_train_on_it(pair):
    config = read(pair.folder / "runs" / "teacher" / "config.json")
    task, cache = tasks.named(config["task"]), FeatureCache(pair.folder / "cache", config["task"], config["frontEnd"])
    split = splits.Split(cache.records(), config["split"])
    expected, truth = [], []
    for i, member in enumerate(split.members):
        model = training.network(config)
        model.load_state_dict(training.load(pair.folder / "runs" / "teacher" / f"member{i}" / "best.pt")["model"])
        windows = cache.open(member.validation)
        logits = window_logits(model, windows.features, np.arange(len(windows.record)))
        for k, rows in enumerate(sampler.usable(windows)):
            if len(rows):
                expected.append(logits[rows].mean(0))
                truth.append([member.validation[k].label == label for label in range(2)])
    ((targets, logits, *_),) = pair.given
    assert len(expected) == 2 * 12 and {r.fold for member in split.members for r in member.validation} == {1, 2}
    assert np.allclose(logits, expected, atol=1e-4) and (targets == truth).all()
    found = read(pair.folder / "runs" / "teacher" / "calibration.json")
    assert found["validation"]["recordings"] == 24
    assert found["temperature"] == pytest.approx(calibrate.temperature(np.array(expected), np.array(truth, float), task.multi_label), rel=1e-3)


@pytest.mark.parametrize("other", ["split.testFold=1", "split.testDatabase=a", "split.repeat=1"])
def test_teacher_that_learnt_from_the_students_test_part_is_refused(pair, tmp_path, capsys, other):
    told = ["--name", "student", "--out", str(tmp_path / "runs"), "--set", f"distil.teacher={pair.folder / 'runs' / 'teacher'}"]
    assert pair.run("train", *told, "--set", other) == 1
    assert "learnt from recordings or groups of this run's test part" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_teacher_with_the_same_test_part_is_learnt_from(pair, tmp_path):
    told = ["--out", str(tmp_path / "runs"), "--set", "train.epochs=1"]
    assert pair.run("train", *told, "--name", "student", "--set", f"distil.teacher={pair.folder / 'runs' / 'teacher'}") == 0
    assert pair.run("train", *told, "--name", "untaught") == 0
    student, untaught = (training.load(tmp_path / "runs" / name / "member0" / "last.pt")["model"] for name in ("student", "untaught"))
    assert any(not torch.equal(student[name], untaught[name]) for name in student)


def test_evaluate_interrupted_after_the_reading_needs_no_other_one(trained, tmp_path, monkeypatch):
    shutil.copytree(trained.folder / "runs" / "r", tmp_path / "r")
    whole = read(tmp_path / "r" / "metrics.json")
    (tmp_path / "r" / "metrics.json").unlink()
    monkeypatch.setattr(splits.Split, "open_test", lambda *_, **__: pytest.fail("the test part was read again"))
    again = evaluate(tmp_path / "r", trained.folder / "cache")
    assert again == whole and again["testReadings"] == ["first"]


def test_figures_hold_all_that_is_always_reported(trained):
    found = read(trained.folder / "runs" / "r" / "metrics.json")
    every, careful = found["answeringAll"], found["abstaining"]
    for name in FIGURES:
        low, high = every["interval95"][name]
        assert 0 <= low <= every[name] <= high <= 1, name
    for name in ("sensitivity", "specificity", "balancedAccuracy", "macc", "coverage"):
        low, high = careful["interval95"][name]
        assert 0 <= low <= careful[name] <= high <= 1, name
    assert found["prevalence"] == 0.5
    for part in (every, careful):
        assert sum(sum(row.values()) for row in part["confusion"].values()) == found["recordings"] == 12
    assert set(found["calibrationError"]) == {"before", "after"}
    assert {"databaseOnly", "noiseFloor"} == set(found["probes"])
    assert 0 <= found["withinDatabaseAuroc"] <= 1
    for of in found["byDatabase"].values():
        assert {"recordings", "prevalence", "sensitivity", "specificity", "balancedAccuracy", "auroc", "coverage"} == set(of)


def judged(trained, task) -> Judged:
    return Judged.read(trained.folder / "runs" / "r" / "predictions.csv", task, 13)


def test_calibration_error_before_is_of_the_bare_logits_and_after_of_the_tempered(trained):
    task = tasks.named("physionet2016")
    of, found = judged(trained, task), read(trained.folder / "runs" / "r" / "metrics.json")["calibrationError"]
    bare, tempered = (calibrate.probabilities(of.logits, t)[:, 1] for t in (1.0, read(trained.folder / "runs" / "r" / "calibration.json")["temperature"]))
    assert found["before"] == pytest.approx(scores.calibration_error(of.alarm(task), bare), abs=1e-4)
    assert found["after"] == pytest.approx(scores.calibration_error(of.alarm(task), tempered), abs=1e-4)
    assert abs(found["before"] - found["after"]) > 0.01


def test_intervals_are_by_group_more_recordings_of_the_same_subjects_do_not_narrow_them(trained):
    task = tasks.named("physionet2016")
    once = judged(trained, task)
    wrong = np.arange(12) % 4 == 0
    once = replace(once, forced=np.where(wrong, 1 - once.forced, once.forced), alarm_score=np.where(wrong, 1 - once.alarm_score, once.alarm_score))
    thrice = judge.joined([once] * 3)
    apart = replace(thrice, records=[replace(r, group=f"{r.group}{i}") for i, r in enumerate(thrice.records)])
    of_few, of_same, of_more = (judge.figures(of, task, 200)["answeringAll"]["interval95"] for of in (once, thrice, apart))
    for name, (low, high) in of_few.items():
        assert of_same[name] == pytest.approx([low, high]), name
        assert of_more[name][1] - of_more[name][0] < 0.9 * (high - low), name


def test_figure_that_chooses_the_epoch_must_exist(tiny, capsys):
    for file in (tiny.folder / "cache").glob("*/physionet2016/records.json"):  # all of fold 1, which validates the first member, become normal
        rows = read(file)
        file.write_text(json.dumps([{**row, "labels": [0] if row["fold"] == 1 else row["labels"]} for row in rows]))
    assert tiny.run("train", "--set", "train.selectBy=auroc") == 1
    assert "train.selectBy auroc has no value on these validation recordings" in capsys.readouterr().err
    assert tiny.run("train", "--name", "loss", "--set", "train.selectBy=loss") == 1
    assert "none of the 12 validation recordings carry an alarm label" in capsys.readouterr().err
    assert tiny.run("train", "--name", "both", "--set", "train.selectBy=loss", "--set", "split.members=2") == 0


def test_loss_must_fit_the_task(tiny, capsys):
    assert tiny.run("train", "--set", "loss.kind=binary") == 1
    assert "exactly one label: loss.kind must not be binary" in capsys.readouterr().err
    assert not (tiny.folder / "runs").exists()


def test_pretrained_weights_are_started_from_and_not_from_the_test_part(pair, tmp_path, capsys):
    teacher = pair.folder / "runs" / "teacher"
    told = ["--out", str(tmp_path / "runs"), "--set", f"train.pretrained={teacher}", "--set", "train.epochs=1", "--set", "train.learningRate=1e-12"]
    assert pair.run("train", *told, "--name", "r") == 0
    started = training.load(tmp_path / "runs" / "r" / "member0" / "last.pt")["model"]
    sources = [training.load(teacher / f"member{i}" / "best.pt")["model"] for i in range(2)]
    assert any(torch.allclose(started["fc.weight"], source["fc.weight"], atol=1e-6) for source in sources)
    assert pair.run("train", *told, "--name", "leaking", "--set", "split.testFold=1") == 1
    assert "learnt from recordings or groups of this run's test part" in capsys.readouterr().err


def test_source_that_learnt_from_one_that_heard_the_test_part_is_refused(pair, tmp_path, capsys):
    runs = tmp_path / "runs"
    assert pair.run("train", "--name", "first", "--out", str(runs), "--set", "split.testFold=1", "--set", "train.epochs=1") == 0
    told = read(runs / "first" / "config.json")
    (runs / "second").mkdir()
    (runs / "second" / "config.json").write_text(json.dumps({**told, "split": {**told["split"], "testFold": 0}, "train": {**told["train"], "pretrained": str(runs / "first")}}))
    for setting in ("distil.teacher", "train.pretrained"):
        assert pair.run("train", "--name", "third", "--out", str(runs), "--set", f"{setting}={runs / 'second'}") == 1
        assert f"{setting} {runs / 'second'} learnt from recordings or groups of this run's test part, such as a/abnormal00.wav" in capsys.readouterr().err
    assert not (runs / "third").exists()


@pytest.mark.parametrize(
    "change, said", [("export.quality.minScore=0.5", "export.quality differs"), ("model=foo", "there is no model 'foo'"), ('network={"depth": 3}', "depth is not a setting of cnn")]
)
def test_what_cannot_be_trained_is_refused_before_anything_is_written(pair, tmp_path, capsys, change, said):
    assert pair.run("train", "--name", "r", "--out", str(tmp_path / "runs"), "--set", change) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()
