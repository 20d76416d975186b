"""PhysioNet/CinC Challenge 2016, in two layouts.

``records.csv`` names group and fold. As published there are the folders training-a … training-f with REFERENCE.csv (record, label) and,
in each of them as REFERENCE-SQI.csv or below annotations/updated as REFERENCE_withSQI.csv, the later table (record, label, quality)
that supersedes it; without that table every recording counts as good. The folder ``validation`` holds copies of training recordings
and is not read.

Groups of the published layout come from the challenge's appendix (annotations/Online_Appendix_training_set.csv): b the subject, e the raw record
that the recordings were cut from, a the first part of the original name (C19…), which is not proven to be a subject, d the original
name without its last digit, c and f the original name. A recording the appendix says nothing of is its own group, and a line on stderr
says how many those are, since one subject may then be in several folds.
"""

import csv
import re
import sys
from pathlib import Path

from ..errors import TrainerError
from .task import UNASSIGNED, Record, Task, read_csv, unknown_layout, value, with_folds

LABELS = {"-1": (0,), "1": (1,)}
APPENDICES = ("Online_Appendix_training_set.csv", "Online Appendix_training set.csv")


def read(folder: Path) -> list[Record]:
    if (folder / "records.csv").exists():
        return read_records(folder / "records.csv")
    if any(folder.glob("training-[a-f]/REFERENCE.csv")):
        return read_published(folder)
    raise unknown_layout(folder, "records.csv", "the published training-a … training-f, each with REFERENCE.csv and .wav files")


def read_records(path: Path) -> list[Record]:
    return [
        Record(
            file=row["file"],
            labels=value(path, row, "label", LABELS),
            group=row["group"],
            fold=int(row["fold"]),
            database=row["db"],
            good=row["sqi"] == "1",
            site=row.get("site", ""),
        )
        for row in read_csv(path, ("file", "label", "group", "fold", "db", "sqi"))
    ]


def read_published(folder: Path) -> list[Record]:
    appendix = read_appendix(folder / "annotations")
    records, alone = [], 0
    for path in sorted(folder.glob("training-[a-f]/REFERENCE.csv")):
        database = path.parent.name[-1]
        newer = {row[0]: row for row in quality_rows(folder, path.parent)}
        for row in rows_of(path, 2):
            name = row[0]
            _, label, good, *_ = [*newer.get(name, row), "1"]
            if label not in LABELS:
                raise TrainerError(f"{path}: the label of {name} is '{label}' where -1 (normal) or 1 (abnormal) was expected")
            subject = group(database, appendix.get(name, {}))
            alone += not subject
            records.append(Record(f"{path.parent.name}/{name}.wav", LABELS[label], f"{database}:{subject or name}", UNASSIGNED, database, good == "1"))
    if alone:
        print(
            f"{alone} of {len(records)} recordings of {folder} have no subject in annotations/{APPENDICES[0]} and count as one each; "
            "recordings of one subject may come to lie in train and test",
            file=sys.stderr,
        )
    return with_folds(records)


def quality_rows(folder: Path, training: Path) -> list[list[str]]:
    for path in (folder / "annotations" / "updated" / training.name / "REFERENCE_withSQI.csv", training / "REFERENCE_withSQI.csv", training / "REFERENCE-SQI.csv"):
        if path.exists():
            return rows_of(path, 3)
    return []


def rows_of(path: Path, columns: int) -> list[list[str]]:
    """Rows of a table without a header."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = [[cell.strip() for cell in row] for row in csv.reader(file) if row]
    if any(len(row) != columns for row in rows):
        raise TrainerError(f"{path}: every row should have {columns} columns (record, label{', quality' if columns == 3 else ''})")
    return rows


def read_appendix(folder: Path) -> dict[str, dict[str, str]]:
    """Rows by record, their columns by name in small letters."""
    for name in APPENDICES:
        if (folder / name).exists():
            rows = read_csv(folder / name, ("Challenge record name", "Original record name"), encoding="latin-1")
            return {row["Challenge record name"].strip(): {str(key).strip().lower(): str(cell).strip() for key, cell in row.items()} for row in rows}
    return {}


def group(database: str, row: dict[str, str]) -> str:
    """What stands for the subject (module text), or nothing."""
    original = row.get("original record name", "")
    if database == "b":
        return row.get("subject id", "")
    if database == "e":
        return row.get("raw record", "")
    if database == "a":
        return re.match(r"[A-Za-z]*\d*", original).group()
    return re.sub(r"\d$", "", original) if database == "d" else original


TASKS = [
    Task(
        name="physionet2016",
        folder="physionet2016",
        labels=("normal", "abnormal"),
        alarm_labels=("abnormal",),
        read=read,
        dataset="PhysioNet/CinC Challenge 2016, training databases a–e",
        licence="ODC-BY 1.0",
        citation="Liu C, Springer D, Li Q, et al. An open access database for the evaluation of heart sound algorithms. "
        "Physiol. Meas. 37:2181 (2016).",
        shortcuts=(
            "The database letter alone gives a MAcc of 0.743 over all recordings (databases a, c, d are mostly abnormal, b and e mostly normal), "
            "and the letter can be told from the spectrum (94–98 %).",
            "Inside database e the noise floor alone separates the labels with an AUROC of 0.956.",
            "Database b is 8 s a recording and saturated.",
            "In database a the group is the prefix of the original name and not proven to be a subject; true subject ids exist only for b.",
            "Figures of single databases below tell more than the pooled ones; on another stethoscope expect less than either.",
        ),
    )
]
