import csv

import pytest

from heartsound_trainer.errors import TrainerError
from heartsound_trainer.splits import Split
from heartsound_trainer.tasks import Record


def records(groups_by_fold):
    return [Record(f"{fold}{group}.wav", (0,), group, fold, "a", True) for fold, groups in groups_by_fold.items() for group in groups]


def test_split_groups_apart_gives_three_parts():
    split = Split(records({0: "ab", 1: "cd", 2: "ef", 3: "g"}), test_fold=0, validation_fold=1)
    assert {part: len(r) for part, r in split.records.items()} == {"train": 3, "validation": 2, "test": 2}


@pytest.mark.parametrize("folds", [{0: "ab", 1: "cd", 2: "ea"}, {0: "ab", 1: "bd", 2: "e"}, {0: "ab", 1: "cd", 2: "ed"}])
def test_split_group_in_two_parts_stops(folds):
    with pytest.raises(TrainerError, match="must be in one part only"):
        Split(records(folds), test_fold=0, validation_fold=1)


def test_split_test_and_validation_the_same_stops():
    with pytest.raises(TrainerError, match="chosen on the test part"):
        Split(records({0: "a", 1: "b"}), test_fold=1, validation_fold=1)


def test_split_fold_that_is_not_there_stops():
    with pytest.raises(TrainerError, match="validation part has no recordings"):
        Split(records({0: "a", 1: "b"}), test_fold=0, validation_fold=7)


def test_open_test_part_outside_evaluate_stops():
    split = Split(records({0: "a", 1: "b", 2: "c"}), test_fold=0, validation_fold=1)
    with pytest.raises(TrainerError, match="outside `evaluate`"):
        split.open("test", cache=None)


def test_train_group_in_two_folds_stops_the_run(bench, capsys):
    path = bench.folder / "data" / "physionet2016" / "records.csv"
    rows = list(csv.reader(path.open()))
    rows[1][4] = rows[-2][4]  # a recording of fold 0 gets a group of fold 4
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    assert bench.run("prepare") == 0
    assert bench.run("train") == 1
    assert "must be in one part only" in capsys.readouterr().err
    assert not (bench.folder / "runs").exists()
