"""Every data set in every layout, on fabricated trees; and, where the recordings are, the real ones counted."""

import csv
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile

from heartsound_trainer import tasks
from heartsound_trainer.errors import TrainerError
from heartsound_trainer.features import FeatureCache, write_json
from heartsound_trainer.tasks import Record, circor, physionet2016, stratified_folds, yaseen

DATA = Path.home() / ".cache/heartsound/data"


def table(path, *rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="latin-1") as file:
        csv.writer(file).writerows(rows)


def touch(*paths):
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def read(name, folder):
    return tasks.named(name).read(folder)


def assert_groups_apart(records):
    folds = {}
    for record in records:
        assert folds.setdefault(record.group, record.fold) == record.fold


# Folds


def drawn(groups=300, seed=5):
    """(labels, groups, databases) of groups of 1 to 6 recordings, one label and database a group."""
    rng = random.Random(seed)
    rows = [(label, f"g{g:03}", db) for g in range(groups) for label, db in [(rng.choice("NNNA"), rng.choice("ab"))] for _ in range(rng.randint(1, 6))]
    return tuple(zip(*rows))


def test_stratified_folds_groups_whole_and_cells_alike():
    labels, groups, databases = drawn()
    for seed in range(5):
        folds = stratified_folds(labels, groups, databases, 5, seed)
        assert all(len({f for f, g in zip(folds, groups) if g == name}) == 1 for name in groups)
        for cell, count in Counter(zip(labels, databases)).items():
            share = np.bincount([f for f, *c in zip(folds, labels, databases) if tuple(c) == cell], minlength=5) / count
            assert abs(share - 0.2).max() < 0.05, (seed, cell, share)


def test_stratified_folds_same_in_any_order_and_other_with_another_seed():
    labels, groups, databases = drawn()
    order = np.random.default_rng(0).permutation(len(groups))
    folds = stratified_folds(labels, groups, databases, seed=3)
    mixed = stratified_folds(*(np.array(column)[order] for column in (labels, groups, databases)), seed=3)
    assert (mixed == folds[order]).all()
    assert (stratified_folds(labels, groups, databases, seed=4) != folds).mean() > 0.5


def test_stratified_folds_fewer_groups_than_folds_each_is_one():
    assert sorted(stratified_folds([0, 1, 0], ["x", "y", "x"], ["a"] * 3)) in ([0, 0, 1], [0, 1, 1])


def test_stratified_folds_rare_cells_do_not_stop_it():
    labels = [(i,) for i in range(12)]
    assert Counter(stratified_folds(labels, [f"g{i}" for i in range(12)], ["a"] * 12)).keys() == {0, 1, 2, 3, 4}


# PhysioNet 2016


def physionet_published(folder, appendix=True):
    """training-a with 12 recordings of 6 subjects, training-b with 6 of 6; a0001 is later said to be abnormal and unsure."""
    a, b = [f"a{i:04}" for i in range(1, 13)], [f"b{i:04}" for i in range(1, 7)]
    table(folder / "training-a" / "REFERENCE.csv", *([name, "1" if i % 4 < 2 and i else "-1"] for i, name in enumerate(a)))
    table(folder / "training-b" / "REFERENCE.csv", *([name, "-1"] for name in b))
    table(folder / "training-b" / "REFERENCE-SQI.csv", *([name, "-1", "1"] for name in b))
    table(folder / "annotations" / "updated" / "training-a" / "REFERENCE_withSQI.csv", [a[0], "1", "0"], *([name, "-1", "1"] for name in a[1:3]))
    table(folder / "validation" / "REFERENCE.csv", [a[0], "1"])
    if appendix:
        rows = [[name, "training-a", f"C{i // 2}S1_{i}", "", ""] for i, name in enumerate(a)] + [[name, "training-b", "x", f"S{i}", ""] for i, name in enumerate(b)]
        table(folder / "annotations" / "Online Appendix_training set.csv", ["Challenge record name", "Database", "Original record name", "Subject ID", "Raw record"], *rows)


def test_physionet2016_published_labels_quality_and_subjects(tmp_path, capsys):
    physionet_published(tmp_path)
    records = read("physionet2016", tmp_path)
    by_name = {Path(r.file).stem: r for r in records}
    assert len(records) == 18 and records == sorted(records, key=lambda r: r.file)  # nothing of validation/
    assert by_name["a0001"] == Record("training-a/a0001.wav", (1,), "a:C0", by_name["a0001"].fold, "a", False)
    assert by_name["a0002"].labels == (0,) and by_name["a0006"].labels == (1,)  # superseded, and not
    assert by_name["a0002"].good and by_name["a0002"].group == "a:C0" and by_name["b0003"].group == "b:S2"
    assert_groups_apart(records)
    assert {r.fold for r in records} == set(range(5))
    assert records == read("physionet2016", tmp_path)
    assert capsys.readouterr().err == ""


def test_physionet2016_published_without_appendix_says_what_may_leak(tmp_path, capsys):
    physionet_published(tmp_path, appendix=False)
    assert {r.group for r in read("physionet2016", tmp_path)} == {f"a:a{i:04}" for i in range(1, 13)} | {f"b:b{i:04}" for i in range(1, 7)}
    assert "18 of 18 recordings" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("database", "row", "group"),
    [
        ("a", {"original record name": "C19 apex 2"}, "C19"),
        ("b", {"subject id": "S98", "original record name": "x"}, "S98"),
        ("c", {"original record name": "id17"}, "id17"),
        ("d", {"original record name": "424321"}, "42432"),
        ("e", {"raw record": "Normal_raw198", "original record name": "y"}, "Normal_raw198"),
        ("f", {"original record name": "0123"}, "0123"),
        ("e", {}, ""),
    ],
)
def test_physionet2016_subject_of_the_appendix(database, row, group):
    assert physionet2016.group(database, row) == group


def test_physionet2016_label_that_is_none_stops(tmp_path):
    table(tmp_path / "training-c" / "REFERENCE.csv", ["c0001", "2"])
    with pytest.raises(TrainerError, match="c0001 is '2' where -1"):
        read("physionet2016", tmp_path)
    table(tmp_path / "records.csv", ["file", "label", "group", "fold", "db", "sqi"], ["c/c0001.wav", "0", "c:1", "0", "c", "1"])
    with pytest.raises(TrainerError, match="label is '0' where one of -1, 1"):
        read("physionet2016", tmp_path)


# BMD-HS

DISEASES = ["AS", "AR", "MR", "MS", "N"]
SITES = [f"{position}_{site}" for position in ("sup", "sit") for site in ("Mit", "Tri", "Pul", "Aor")]


def bmdhs_published(folder):
    patients = {"001": "AS", "002": "AR", "003": "MR", "004": "MS", "005": "N", "006": "AS AR", "007": "", "085": "MR MS"}
    rows = []
    for number, has in patients.items():
        names = [f"XX_{number}_{site}" for site in SITES]
        rows.append([f"patient_{number}", *(("1" if d in has.split() else "0") if has else "N/A" for d in DISEASES), *names])
        touch(*(folder / "train" / f"{name}{'6_06' if name == 'XX_085_sit_Tri' else ''}.wav" for name in names))
    table(folder / "train.csv", ["patient_id", *DISEASES, *(f"recording_{i}" for i in range(1, 9))], *rows)


def test_bmdhs_published_single_disease_patients_only(tmp_path):
    bmdhs_published(tmp_path)
    records = read("bmdhs", tmp_path)
    assert Counter((r.group, r.labels) for r in records) == {(f"patient_00{n}", (label,)): 8 for n, label in ((1, 1), (2, 2), (3, 3), (4, 4), (5, 0))}
    assert {r.site for r in records} == {f"{p} {s}" for p in ("sitting", "supine") for s in ("Mit", "Tri", "Pul", "Aor")}
    assert_groups_apart(records)


def test_bmdhs_multilabel_published_all_but_the_unlabelled_and_the_misnamed_file(tmp_path):
    bmdhs_published(tmp_path)
    records = read("bmdhs-multilabel", tmp_path)
    assert tasks.named("bmdhs-multilabel").labels == ("AS", "AR", "MR", "MS")
    assert {r.group: r.labels for r in records} == {
        **{f"patient_00{n}": (n - 1,) for n in (1, 2, 3, 4)}, "patient_005": (), "patient_006": (0, 1), "patient_085": (2, 3)
    }
    assert [r.site for r in records if r.file == "train/XX_085_sit_Tri6_06.wav"] == ["sitting Tri"]
    assert all((tmp_path / r.file).exists() for r in records)


def test_bmdhs_records_csv_keeps_its_folds(tmp_path):
    columns = ["file", "patient", "position", "site", *DISEASES, "fold"]
    table(tmp_path / "records.csv", columns, ["a.wav", "p1", "sitting", "Aor", 0, 1, 0, 0, 0, 3], ["b.wav", "p2", "supine", "Mit", 1, 1, 0, 0, 0, 4])
    assert read("bmdhs", tmp_path) == [Record("a.wav", (2,), "p1", 3, "bmdhs", True, "sitting Aor")]
    assert [(r.labels, r.fold) for r in read("bmdhs-multilabel", tmp_path)] == [((1,), 3), ((0, 1), 4)]


def test_bmdhs_recording_missing_and_label_contradicting_itself_stop(tmp_path):
    bmdhs_published(tmp_path)
    (tmp_path / "train" / "XX_001_sup_Mit.wav").unlink()
    with pytest.raises(TrainerError, match="XX_001_sup_Mit.wav does not exist"):
        read("bmdhs", tmp_path)
    table(tmp_path / "records.csv", ["file", "patient", "position", "site", *DISEASES, "fold"], ["a.wav", "p", "sitting", "Aor", 1, 0, 0, 0, 1, 0])
    with pytest.raises(TrainerError, match="N=1, AS=1, .* of a.wav is neither"):
        read("bmdhs", tmp_path)


# CirCor


def circor_table(path, patient, rows):
    table(path, [patient, "Recording locations:", "Murmur", "Outcome", "Campaign", "Additional ID"], *rows)


def circor_rows():
    """30 patients: 10 to 39, the first three of whom come again as 40 to 42 in the other campaign."""
    murmur = ["Present", "Absent", "Absent", "Unknown", "Absent"]
    rows = [[10 + i, "AV+MV", murmur[i % 5], "Abnormal" if i % 2 else "Normal", "CC2014", f"{40 + i}.0" if i < 3 else "nan"] for i in range(30)]
    return rows + [[40 + i, "AV+MV", "Absent", "Normal", "CC2015", 10 + i] for i in range(3)]


def test_circor_published_one_person_in_two_campaigns_is_one_group(tmp_path):
    circor_table(tmp_path / "training_data.csv", "Patient ID", circor_rows())
    touch(*(tmp_path / "training_data" / f"{n}_{site}.wav" for n in range(10, 43) for site in ("AV", "MV", "MV_1")))
    records = read("circor", tmp_path)
    assert len(records) == 99 and len({r.group for r in records}) == 30
    assert {r.group for r in records if circor.patient_of(r.file) in ("10", "40")} == {"10+40"}
    assert {r.database for r in records if r.group == "10+40"} == {"CC2014", "CC2015"}
    assert_groups_apart(records)
    assert Counter(r.site for r in records) == {"AV": 33, "MV": 66}
    assert {tasks.named("circor").labels[r.label] for r in records if r.file.startswith("training_data/13_")} == {"Unknown"}
    assert {r.outcome for r in records if r.file.startswith("training_data/13_")} == {"Abnormal"}
    for label in range(3):
        assert len({r.fold for r in records if r.label == label}) == 5


def test_circor_patients_csv_beside_few_recordings(tmp_path):
    circor_table(tmp_path / "patients.csv", "patient", circor_rows())
    touch(*(tmp_path / f"{n}_{site}.wav" for n in (10, 11, 14) for site in ("AV", "TV")))
    records = read("circor", tmp_path)
    assert [r.file for r in records] == [f"{n}_{site}.wav" for n in (10, 11, 14) for site in ("AV", "TV")]
    assert {r.fold for r in records} == {0, 1, 2}  # a fold each: enough to train, validate and test


# PASCAL


@pytest.mark.parametrize(
    "names",
    [
        ("set_a/murmur__201101051104.wav", "set_b/normal__112_1306243000964_A.wav", "set_b/murmur_noisymurmur_112_1306243000964_B1.wav", "set_b/extrastole__128_1306344005749_A.wav",
         "set_b/Bunlabelledtest__101_1305030823364_A.wav"),
        ("Atraining_murmur/201101051104.wav", "Btraining_normal/112_1306243000964_A.wav", "Btraining_murmur/Btraining_noisymurmur/112_1306243000964_B1.wav",
         "Btraining_extrastole/128_1306344005749_A.wav", "Bunlabelledtest/101_1305030823364_A.wav"),
    ],
)
def test_pascal_published_subject_label_and_quality_from_the_names(tmp_path, names):
    touch(*(tmp_path / name for name in names))
    records = {r.file: r for r in read("pascal", tmp_path)}
    assert {(name, r.labels, r.group, r.database, r.good, r.site) for name, r in records.items()} == {
        (names[1], (0,), "b112", "b", True, "A"), (names[2], (1,), "b112", "b", False, "B1")
    }
    both = read("pascal-ab", tmp_path)
    assert len(both) == 3
    assert [(r.group, r.labels) for r in both if r.database == "a"] == [(f"a:{names[0]}", (1,))]


def test_pascal_records_csv(tmp_path):
    table(tmp_path / "records.csv", ["file", "set", "label", "sublabel", "subject", "location", "fold"],
          ["a.wav", "a", "normal", "", "a:a.wav", "", 1], ["b.wav", "b", "murmur", "noisymurmur", "b7", "C1", 2], ["c.wav", "b", "extrastole", "", "b8", "A", 3])
    assert read("pascal", tmp_path) == [Record("b.wav", (1,), "b7", 2, "b", False, "C1")]
    assert [r.file for r in read("pascal-ab", tmp_path)] == ["a.wav", "b.wav"]


def test_pascal_name_that_says_nothing_stops(tmp_path):
    touch(tmp_path / "set_b" / "heart.wav")
    with pytest.raises(TrainerError, match="heart.wav: expected names such as"):
        read("pascal", tmp_path)


# Yaseen


def test_yaseen_published_near_duplicates_are_one_group(tmp_path):
    rng, rate = np.random.default_rng(0), 8000
    for k, name in enumerate(yaseen.LABELS):
        for source in range(2):
            sound = np.repeat(rng.standard_normal(2 * rate // 16), 16)
            for copy in range(3):  # later and with a little noise, one at half the level
                clip = np.roll(sound, 800 * copy)[: rate + 2 * rate // 3] if copy == 0 else np.concatenate([np.zeros(500 * copy), sound])
                clip = (clip + 0.1 * rng.standard_normal(len(clip))) * (1000 if copy < 2 else 500)
                path = tmp_path / (name if k else "N_New_period") / f"New_{name}_{source}{copy}.wav"
                path.parent.mkdir(exist_ok=True)
                wavfile.write(path, rate, clip.astype(np.int16))
    records = read("yaseen", tmp_path)
    groups = {}
    for record in records:
        groups.setdefault(record.group, set()).add(Path(record.file).stem[:-1])
    assert len(records) == 30 and len(groups) == 10 and all(len(sources) == 1 for sources in groups.values())
    assert_groups_apart(records)
    assert Counter(r.label for r in records) == {k: 6 for k in range(5)}


def test_yaseen_class_missing_or_file_broken_stops(tmp_path):
    touch(*(tmp_path / name / "x.wav" for name in yaseen.LABELS[:-1]))
    with pytest.raises(TrainerError, match="expected records.csv, or the published folders of the classes"):
        read("yaseen", tmp_path)
    touch(tmp_path / "MVP" / "x.wav")
    with pytest.raises(TrainerError, match="x.wav cannot be read as a WAV file"):
        read("yaseen", tmp_path)


# All


@pytest.mark.parametrize("name", tasks.TASKS)
def test_wrong_layout_says_what_was_expected(tmp_path, name):
    for folder in (tmp_path / "nothing", tmp_path):
        with pytest.raises(TrainerError, match="expected .*get-data.sh"):
            read(name, folder)


def test_named_no_such_task_names_the_known():
    with pytest.raises(TrainerError, match="known: bmdhs, bmdhs-multilabel, circor, pascal, pascal-ab, physionet2016, yaseen"):
        tasks.named("ecg")


def test_records_come_back_from_the_cache_as_they_were(tmp_path):
    cache = FeatureCache(tmp_path, "t", {})
    cache.folder.mkdir(parents=True)
    row = {"file": "x.wav", "labels": [0, 2], "group": "g", "fold": 1, "database": "d", "good": True, "site": "AV", "outcome": ""}
    write_json(cache.folder / "records.json", [row])
    assert cache.records() == [Record("x.wav", (0, 2), "g", 1, "d", True, "AV")]
    write_json(cache.folder / "records.json", [{"label": 1, **{k: v for k, v in row.items() if k != "labels"}}])
    with pytest.raises(TrainerError, match="delete it and run prepare"):
        cache.records()


@pytest.mark.parametrize(
    ("name", "recordings", "groups", "labels"),
    [
        ("physionet2016", 2615, 562, {(0,): 2059, (1,): 556}),
        ("bmdhs", 368, 46, {(0,): 136, (1,): 48, (2,): 40, (3,): 72, (4,): 72}),
        ("bmdhs-multilabel", 704, 88, None),
        ("circor", 13, 4, None),
        ("pascal", 315, 127, {(0,): 237, (1,): 78}),
        ("pascal-ab", 380, 192, {(0,): 268, (1,): 112}),
        ("yaseen", 812, 228, {(0,): 161, (1,): 170, (2,): 144, (3,): 167, (4,): 170}),
    ],
)
def test_real_recordings_counted(name, recordings, groups, labels):
    task = tasks.named(name)
    if not (DATA / task.folder).exists():
        pytest.skip(f"the recordings of {task.folder} are not on this machine")
    records = task.read(DATA / task.folder)
    assert (len(records), len({r.group for r in records})) == (recordings, groups)
    assert labels is None or Counter(r.labels for r in records) == labels
    assert all((DATA / task.folder / r.file).exists() for r in records)
    assert_groups_apart(records)


def test_real_pascal_names_say_what_records_csv_says(tmp_path):
    if not (DATA / "pascal2011").exists():
        pytest.skip("the recordings of pascal2011 are not on this machine")
    touch(*(tmp_path / "copy" / r.relative_to(DATA / "pascal2011") for r in (DATA / "pascal2011").glob("set_*/*.wav")))
    told, found = read("pascal-ab", DATA / "pascal2011"), read("pascal-ab", tmp_path / "copy")
    assert {(r.file, r.labels, r.group, r.good) for r in told} == {(r.file, r.labels, r.group, r.good) for r in found}
