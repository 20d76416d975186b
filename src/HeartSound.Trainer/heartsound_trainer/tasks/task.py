"""The two things every data set gives, and how its tables are read."""

import csv
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable

from ..errors import TrainerError
from .folds import stratified_folds

UNASSIGNED = -1  # fold of a record that its data set puts in none


@dataclass(frozen=True)
class Record:
    """One recording."""

    file: str  # path below the data set's folder
    labels: tuple[int, ...]  # indices into the task's labels: one, or in a multi-label task none or several
    group: str  # subject, or what stands for one: never split between parts
    fold: int
    database: str  # collection it comes from, whose sensor a network can learn instead of the heart
    good: bool  # signal quality as the data set's own annotators saw it
    site: str = ""  # where on the chest, in the data set's own words
    outcome: str = ""  # what the clinicians concluded of the patient, where that is told apart from the label (CirCor)

    @property
    def label(self) -> int:
        """The label of a recording that has exactly one."""
        return self.labels[0]


@dataclass(frozen=True)
class Task:
    name: str
    folder: str  # below the data folder
    labels: tuple[str, ...]
    alarm_labels: tuple[str, ...]
    read: Callable[[Path], list[Record]]
    dataset: str
    licence: str
    citation: str
    shortcuts: tuple[str, ...]  # what is known to give the label away without listening to the heart
    multi_label: bool = False

    @property
    def alarm_columns(self) -> list[int]:
        return [self.labels.index(name) for name in self.alarm_labels]


def read_csv(path: Path, columns: tuple[str, ...], encoding: str = "utf-8-sig") -> list[dict]:
    with path.open(newline="", encoding=encoding) as file:
        rows = list(csv.DictReader(file))
    missing = [name for name in columns if not rows or name not in rows[0]]
    if missing:
        raise TrainerError(f"{path} has no rows or lacks the columns {', '.join(missing)}")
    return rows


def value(path: Path, row: dict, column: str, known: dict):
    """What ``known`` says of a cell; a cell it does not know names itself."""
    if row[column] not in known:
        raise TrainerError(f"{path}: {column} is '{row[column]}' where one of {', '.join(known)} was expected, in the row {', '.join(filter(None, row.values()))}")
    return known[row[column]]


def unknown_layout(folder: Path, *layouts: str) -> TrainerError:
    return TrainerError(
        f"{folder} holds no recordings in a known layout; expected {', or '.join(layouts)}. "
        "scripts/get-data.sh tells where the recordings are, and --data names the folder that holds this one"
    )


def with_folds(records: list[Record]) -> list[Record]:
    """The records, sorted by file, in the folds of ``stratified_folds``, for data that has no fold column."""
    records = sorted(records, key=lambda record: record.file)
    folds = stratified_folds([r.labels for r in records], [r.group for r in records], [r.database for r in records])
    return [replace(record, fold=int(fold)) for record, fold in zip(records, folds)]
