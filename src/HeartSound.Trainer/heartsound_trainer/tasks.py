"""What can be learnt: where the recordings of a task lie, what their labels are, and which of them must stay together."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from .errors import TrainerError


@dataclass(frozen=True)
class Record:
    """One recording."""

    file: str  # path below the data set's folder
    label: int  # index into the task's labels
    group: str  # subject, or what stands for one: never split between parts
    fold: int
    database: str  # collection it comes from, whose sensor a network can learn instead of the heart
    good: bool  # signal quality as the data set's own annotators saw it


@dataclass(frozen=True)
class Task:
    name: str
    labels: tuple[str, ...]
    alarm_labels: tuple[str, ...]
    read: Callable[[Path], list[Record]]
    dataset: str
    licence: str
    citation: str
    shortcuts: tuple[str, ...]  # what is known to give the label away without listening to the heart


def read_physionet2016(folder: Path) -> list[Record]:
    return [
        Record(
            file=row["file"],
            label={"-1": 0, "1": 1}[row["label"]],
            group=row["group"],
            fold=int(row["fold"]),
            database=row["db"],
            good=row["sqi"] == "1",
        )
        for row in read_csv(folder / "records.csv", ("file", "label", "group", "fold", "db", "sqi"))
    ]


def read_csv(path: Path, columns: tuple[str, ...]) -> list[dict]:
    if not path.exists():
        raise TrainerError(f"{path} does not exist; scripts/get-data.sh tells where the recordings are, and --data names their folder")
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    missing = [name for name in columns if not rows or name not in rows[0]]
    if missing:
        raise TrainerError(f"{path} has no rows or lacks the columns {', '.join(missing)}")
    return rows


TASKS = {
    task.name: task
    for task in [
        Task(
            name="physionet2016",
            labels=("normal", "abnormal"),
            alarm_labels=("abnormal",),
            read=read_physionet2016,
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
}


def named(name: str) -> Task:
    if name not in TASKS:
        raise TrainerError(f"there is no task '{name}'; known: {', '.join(sorted(TASKS))}")
    return TASKS[name]
