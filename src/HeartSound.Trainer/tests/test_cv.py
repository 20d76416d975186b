"""Cross-validation over fabricated recordings: what is trained, what is read, what is written."""

import csv
import json
import shutil
import threading
from collections import Counter

import pytest
from conftest import TINY, Bench

import heartsound_trainer.train as training
from heartsound_trainer import probes, splits

FOUR = ("--set", "split.members=4", "--set", "train.epochs=2")  # every fold that is not tested validates a network, and two folds share each


def read(path):
    return json.loads(path.read_text())


def table(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def crossed(tmp_path_factory, trained):
    """Two runs × five folds, interrupted within the second epoch of the third network, again after the third reading of a test part, and then let go on. ``epochs`` began and
    ``readings`` were made."""
    bench = Bench(tmp_path_factory.mktemp("crossed"), TINY)
    shutil.copytree(trained.folder / "cache", bench.folder / "cache")
    bench.epochs, bench.readings, probed = [], [], []
    epoch, open_test, probe = training.run_epoch, splits.Split.open_test, probes.probe

    def counted_epoch(*arguments):
        bench.epochs.append(1)
        if len(bench.epochs) == 6:
            raise KeyboardInterrupt
        return epoch(*arguments)

    def counted_reading(self, cache, evaluating=False):
        bench.readings.append((self.settings["repeat"], self.settings["testFold"]))
        return open_test(self, cache, evaluating)

    def counted_probe(*arguments):
        probed.append(1)
        if len(probed) == 3:
            raise KeyboardInterrupt
        return probe(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "run_epoch", counted_epoch)
        patch.setattr(splits.Split, "open_test", counted_reading)
        patch.setattr(probes, "probe", counted_probe)
        bench.codes = [bench.run("cv", "--name", "c", "--runs", "2", "--folds", "5", *FOUR) for _ in range(4)]
    return bench


def test_cv_interrupted_goes_on_and_loses_one_epoch_at_most(crossed):
    assert crossed.codes == [130, 130, 0, 0]
    networks = 2 * 10  # of each run one for each pair of folds
    assert len(list((crossed.folder / "runs" / "c" / "members").iterdir())) == networks
    assert len(crossed.epochs) == 2 * networks + 1  # two each, one of them twice: that in which the interruption came


def test_cv_reads_every_test_part_once(crossed):
    assert Counter(crossed.readings) == {(run, fold): 1 for run in range(2) for fold in range(5)}
    for run in range(2):
        for fold in range(5):
            assert read(crossed.folder / "runs" / "c" / f"run{run}-fold{fold}" / "metrics.json")["testReadings"] == ["first"]


def test_cv_tables_hold_every_part_every_run_and_every_recording_once(crossed):
    folder = crossed.folder / "runs" / "c"
    folds, runs, said = (table(folder / f"{name}.csv") for name in ("folds", "runs", "predictions"))
    assert [(row["run"], row["part"]) for row in folds] == [(f"run{r}", f"fold{f}") for r in range(2) for f in range(5)]
    assert [row["run"] for row in runs] == ["run0", "run1"]
    recordings = table(crossed.folder / "data" / "physionet2016" / "records.csv")
    assert sorted(row["file"] for row in said) == sorted(row["file"] for row in recordings if "broken" not in row["file"])
    assert {row["file"]: row["fold"] for row in said} == {row["file"]: row["fold"] for row in recordings if "broken" not in row["file"]}
    for name in ("sensitivity", "specificity", "balancedAccuracy", "macc", "auroc", "macroF1", "withinDatabaseAuroc", "coverage"):
        assert all(0 <= float(row[name]) <= 1 for row in folds + runs), name


def test_cv_figures_are_of_all_recordings_with_intervals_by_group(crossed):
    found = read(crossed.folder / "runs" / "c" / "cv.json")
    assert (found["task"], found["protocol"], found["ran"]) == ("physionet2016", "grouped", {"runs": 2, "folds": 5})
    assert (found["recordings"], found["groups"], found["recordingsWithoutWindows"]) == (60, 60, 5)
    assert float(table(crossed.folder / "runs" / "c" / "runs.csv")[0]["auroc"]) == found["answeringAll"]["auroc"]
    assert set(found["answeringAll"]["interval95"]) >= {"sensitivity", "specificity", "balancedAccuracy", "macc", "auroc"}
    assert found["probes"]["noiseFloor"]["recordings"] == 65 and found["probes"]["databaseOnly"]["balancedAccuracy"] == pytest.approx(0.5)
    assert set(found["runsMean"]["auroc"]) == {"mean", "deviation"}


def test_cv_runs_have_other_folds_and_other_networks(crossed):
    of = [{row["file"]: row["fold"] for fold in range(5) for row in table(crossed.folder / "runs" / "c" / f"run{run}-fold{fold}" / "predictions.csv")} for run in range(2)]
    assert set(of[0]) == set(of[1]) and of[0] != of[1]
    assert [read(crossed.folder / "runs" / "c" / f"run{run}-fold0" / "run.json")["seed"] for run in range(2)] == [1, 1001]


def test_cv_two_jobs_or_interrupted_the_numbers_are_the_same(crossed, tiny):
    assert tiny.run("cv", "--name", "c", "--jobs", "2", *FOUR) == 0
    assert (tiny.folder / "runs" / "c" / "predictions.csv").read_text() == (crossed.folder / "runs" / "c" / "predictions.csv").read_text()
    assert (tiny.folder / "runs" / "c" / "folds.csv").read_text().splitlines() == (crossed.folder / "runs" / "c" / "folds.csv").read_text().splitlines()[:6]


def test_cv_one_part_at_a_time_and_the_last_one_collects_over_databases(tiny, capsys):
    told = ["cv", "--name", "c", "--leave-out", "database", "--set", "train.epochs=1"]
    assert tiny.run(*told, "--fold", "1") == 0
    assert "1 of 2 parts done; missing: run0-databasea" in capsys.readouterr().out
    folder = tiny.folder / "runs" / "c"
    assert not (folder / "predictions.csv").exists()
    assert {row["database"] for row in table(folder / "run0-databaseb" / "predictions.csv")} == {"b"}
    assert tiny.run(*told, "--fold", "0") == 0
    assert [row["part"] for row in table(folder / "folds.csv")] == ["databasea", "databaseb"]
    assert len({row["file"] for row in table(folder / "predictions.csv")}) == len(table(folder / "predictions.csv")) == 60
    assert read(folder / "cv.json")["protocol"] == "leave-one-database-out"
    assert len(list((folder / "members").iterdir())) == 2
    capsys.readouterr()
    assert tiny.run(*told, "--fold", "2") == 1
    assert "--fold 2: must be 0 to 1, which stand for a, b" in capsys.readouterr().err


def test_cv_of_another_recipe_in_the_same_folder_is_refused(tiny, capsys):
    tiny.config.write_text(json.dumps(TINY | {"train": {**TINY["train"], "epochs": 1}}))
    assert tiny.run("cv", "--name", "c", "--fold", "0") == 0
    for more in (["--set", "train.seed=2"], ["--leave-out", "database"]):
        assert tiny.run("cv", "--name", "c", *more) == 1
        assert "holds another cross-validation" in capsys.readouterr().err
    assert tiny.run("cv", "--name", "c", "--folds", "10") == 1
    assert "the data comes in 5 folds" in capsys.readouterr().err


def test_cv_random_split_is_shown_only_beside_the_one_by_subject(tiny, crossed, capsys):
    told = ["--set", "split.protocol=random", "--set", "train.epochs=1"]
    assert tiny.run("train", *told) == 1
    assert "split.protocol random is for `cv`" in capsys.readouterr().err
    assert tiny.run("cv", "--name", "leaking", *told) == 1
    assert "only beside honest ones" in capsys.readouterr().err
    assert not (tiny.folder / "runs" / "leaking").exists()
    (tiny.folder / "runs" / "honest").mkdir(parents=True)
    shutil.copy(crossed.folder / "runs" / "c" / "cv.json", tiny.folder / "runs" / "honest")
    assert tiny.run("cv", "--name", "leaking", *told) == 0
    found = read(tiny.folder / "runs" / "leaking" / "cv.json")
    assert found["protocol"] == "published"
    assert found["grouped"]["answeringAll"] == read(crossed.folder / "runs" / "c" / "cv.json")["answeringAll"]
    assert tiny.run("export", "--name", "leaking/run0-fold0") == 1
    assert "its figures leak" in capsys.readouterr().err


def test_jobs_that_need_the_same_network_wait_for_each_other(tmp_path):
    entered = threading.Event()

    def other():
        with training.alone(tmp_path / "member"):
            entered.set()

    with training.alone(tmp_path / "member"):
        thread = threading.Thread(target=other)
        thread.start()
        assert not entered.wait(0.2)
    thread.join(10)
    assert entered.is_set()
