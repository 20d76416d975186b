import csv
from collections import Counter

import pytest

from heartsound_trainer import splits
from heartsound_trainer.config import DEFAULTS
from heartsound_trainer.errors import TrainerError
from heartsound_trainer.splits import Split
from heartsound_trainer.tasks import Record


def records(groups_by_fold, database="a"):
    return [Record(f"{database}{fold}{group}.wav", (0,), group, fold, database, True) for fold, groups in groups_by_fold.items() for group in groups]


def split(rows, **settings):
    return Split(rows, DEFAULTS["split"] | settings)


def test_split_groups_apart_gives_three_parts():
    made = split(records({0: "ab", 1: "cd", 2: "ef", 3: "g"}))
    assert [r.group for r in made.test] == ["a", "b"]
    assert [("".join(r.group for r in m.train), "".join(r.group for r in m.validation)) for m in made.members] == [("efg", "cd")]
    assert len(made.training) == 5


def test_split_members_validate_on_the_folds_after_the_test_fold_in_rotation():
    made = split(records({0: "ab", 1: "cd", 2: "ef", 3: "g"}), testFold=2, members=3)
    assert ["".join(r.group for r in m.validation) for m in made.members] == ["g", "ab", "cd"]
    everything = Counter(r.file for r in records({0: "ab", 1: "cd", 2: "ef", 3: "g"}))
    for member in made.members:
        assert Counter(r.file for part in (member.train, member.validation, made.test) for r in part) == everything


@pytest.mark.parametrize("folds", [{0: "ab", 1: "cd", 2: "ea"}, {0: "ab", 1: "bd", 2: "e"}, {0: "ab", 1: "cd", 2: "ed"}], ids=["test-train", "test-validation", "validation-train"])
def test_split_group_in_two_parts_stops(folds):
    with pytest.raises(TrainerError, match="must be in one part only"):
        split(records(folds))


def test_split_group_in_two_parts_of_a_later_member_stops():
    rows = records({0: "ab", 1: "cd", 2: "ef", 3: "eg"})  # e trains the first member from both folds, which is no harm
    assert len(split(rows).members) == 1
    with pytest.raises(TrainerError, match="group e is in the train part and in the validation part"):
        split(rows, members=2)


def test_split_group_in_the_database_left_out_and_in_another_stops():
    rows = records({0: "ab", 1: "cd", 2: "ef"}) + records({0: "g", 1: "h"}, "b")
    assert {r.database for r in split(rows, testDatabase="b").test} == {"b"}
    with pytest.raises(TrainerError, match="group c is in the train part and in the test part"):
        split(rows + records({1: "c"}, "b"), testDatabase="b")


def test_split_of_a_repeat_has_other_folds_by_group(monkeypatch):
    rows = [Record(f"{group}{i}", (k % 2,), group, k % 5, "a", True) for k, group in enumerate("abcdefghijklmnopqrst") for i in range(3)]
    made = [split(rows, repeat=repeat) for repeat in (0, 1, 2)]
    assert len({tuple(r.file for r in s.test) for s in made}) == 3
    assert all(len(s.test) == 12 and len({r.group for r in s.test}) == 4 for s in made)
    monkeypatch.setattr(splits, "stratified_folds", lambda labels, *rest, **more: [i % 5 for i in range(len(labels))])  # which looks at no group
    assert len(split(rows, repeat=0).test) == 12
    with pytest.raises(TrainerError, match="must be in one part only"):
        split(rows, repeat=1)


def test_split_of_a_repeat_has_as_many_folds_as_the_data():
    rows = [Record(f"{group}{i}", (k % 2,), group, k % 3, "a", True) for k, group in enumerate("abcdefghijkl") for i in range(2)]
    tested = [r.file for fold in range(3) for r in split(rows, repeat=1, testFold=fold).test]
    assert sorted(tested) == sorted(r.file for r in rows)


@pytest.mark.parametrize(
    "settings, complaint",
    [
        ({"testFold": 7}, "test part has no recordings"),
        ({"testDatabase": "z"}, "split.testDatabase is 'z'; the data has a"),
        ({"members": 0}, "split.members is 0, must be 1 to 2"),
        ({"members": 3}, "split.members is 3, must be 1 to 2"),  # a third could validate on the test fold only
    ],
)
def test_split_part_that_is_not_there_stops(settings, complaint):
    with pytest.raises(TrainerError, match=complaint):
        split(records({0: "a", 1: "b", 2: "c"}), **settings)


def test_open_test_part_outside_evaluate_stops():
    with pytest.raises(TrainerError, match="outside `evaluate`"):
        split(records({0: "a", 1: "b", 2: "c"})).open_test(cache=None)


def share_a_group(bench):
    """A recording of fold 0 and database a gets a group of fold 4 and database b."""
    path = bench.folder / "data" / "physionet2016" / "records.csv"
    rows = list(csv.reader(path.open()))
    rows[1][4] = rows[-2][4]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)


def test_group_in_two_parts_stops_every_kind_of_run(bench, capsys):
    share_a_group(bench)
    assert bench.run("prepare") == 0
    for told in (["train"], ["train", "--set", "split.testDatabase=a"], ["cv"], ["cv", "--leave-out", "database"]):
        capsys.readouterr()
        assert bench.run(*told) == 1
        assert "must be in one part only" in capsys.readouterr().err
    assert not (bench.folder / "runs").exists()
