"""Features of all recordings of a task, kept per fold: opening a part reads that part's windows and no others."""

import csv
import io
import json
import os
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from . import heartsound
from .config import spec_hash, window_shape
from .errors import TrainerError
from .tasks import Record, Task

CHUNK = 100  # recordings in one call of `heartsound features`


@dataclass
class Windows:
    """Windows of some recordings, in RAM as float16 (half of 1.6 GB for PhysioNet 2016; features are normalised, so its 11 bits suffice)."""

    features: np.ndarray  # (windows, mel, frames) float16
    record: np.ndarray  # (windows,) index into records
    start: np.ndarray  # (windows,) seconds
    accepted: np.ndarray  # (windows,) bool: passed the quality gates
    records: list[Record]


class FeatureCache:
    """The folder ``root/<spec hash>/<task>``: records.json, spec.json, and for each fold features, index and list of files."""

    def __init__(self, root: str | Path, task: str, spec: dict):
        self.root, self.folder = Path(root), Path(root) / spec_hash(spec) / task
        self.task, self.spec = task, spec

    def records(self) -> list[Record]:
        path = self.folder / "records.json"
        if not path.exists():
            raise TrainerError(f"there are no features for {self.task} with this front end ({self.folder}); run `python -m heartsound_trainer prepare` first")
        try:
            return [Record(**{**row, "labels": tuple(row["labels"])}) for row in json.loads(path.read_text())]
        except (KeyError, TypeError):
            raise TrainerError(f"{path} was written by another version of the trainer; delete it and run prepare, which keeps the features that are there") from None

    def prepare(self, task: Task, data: Path, program: str, force: bool = False) -> list[str]:
        """Makes what is missing (all, with ``force``); returns the recordings that could not be read."""
        records = task.read(data / task.folder)
        if not force and (self.folder / "records.json").exists() and self.records() != records:
            raise TrainerError(f"the recordings, labels or folds of {task.name} are not those that {self.folder} was made from; run prepare --force")
        self.folder.mkdir(parents=True, exist_ok=True)
        write_json(self.folder / "spec.json", self.spec)
        failed = []
        folds = sorted({record.fold for record in records})
        with tqdm(total=len(records), unit="recording", disable=None) as bar:
            for fold in folds:
                part = [record for record in records if record.fold == fold]
                if force or not self.files(fold)[1].exists():
                    self.write_fold(fold, part, data / task.folder, program, bar)
                else:
                    bar.update(len(part))
                with np.load(self.files(fold)[1]) as index:
                    failed += [str(name) for name in index["failed"]]
        write_json(self.folder / "records.json", [asdict(record) for record in records])
        return failed

    def write_fold(self, fold: int, records: list[Record], data: Path, program: str, bar: tqdm) -> None:
        parts, failed = [], []
        for first in range(0, len(records), CHUNK):
            chunk = records[first : first + CHUNK]
            by_path = {os.path.abspath(data / record.file): record.file for record in chunk}
            got = heartsound.features(program, [data / record.file for record in chunk], self.spec)
            if got["features"].shape[1:] != window_shape(self.spec):
                raise TrainerError(f"{program} made windows of {got['features'].shape[1:]}, the spec says {window_shape(self.spec)}; the two are not of one version")
            if not np.isfinite(got["features"]).all():
                raise TrainerError(f"{program} made features that are not finite, in fold {fold}, recordings {chunk[0].file} to {chunk[-1].file}")
            files = [by_path[os.path.abspath(str(path))] for path in got["files"]]
            failed += [by_path.get(os.path.abspath(str(path)), str(path)) for path in got["failed"]]
            parts.append(
                (
                    got["features"].astype(np.float16),
                    np.array([files[i] for i in got["file"]], dtype=str),
                    got["start"].astype(np.float64),
                    got["accepted"].astype(bool),
                )
            )
            bar.update(len(chunk))
        features, file, start, accepted = (np.concatenate(column) for column in zip(*parts))
        features_file, index_file = self.files(fold)
        write_whole(features_file, lambda out: np.save(out, features))
        write_whole(index_file, lambda out: np.savez(out, recording=file, start=start, accepted=accepted, failed=np.array(failed, dtype=str)))

    def files(self, fold: int) -> tuple[Path, Path]:
        """(features, index) of a fold; the index is written last and vouches for both."""
        return self.folder / f"fold{fold}.npy", self.folder / f"fold{fold}.index.npz"

    def open(self, records: list[Record]) -> Windows:
        """Windows of ``records`` and of no others; opens only files that hold some of them."""
        place = {record.file: i for i, record in enumerate(records)}
        made_in = {record.file: record.fold for record in self.records()}  # a repeat's folds are not the files'
        strangers = sorted(set(place) - set(made_in))
        if strangers:
            raise TrainerError(f"{self.folder} has no features of {strangers[0]}; run prepare --force")
        columns = []
        for fold in sorted({made_in[name] for name in place}):
            features_file, index_file = self.files(fold)
            with np.load(index_file) as index:
                file, start, accepted = index["recording"], index["start"], index["accepted"]
            features = np.load(features_file, mmap_mode="r")
            if features.shape != (len(file), *window_shape(self.spec)):
                raise TrainerError(f"{features_file} does not belong to {index_file}; run prepare --force")
            rows = np.flatnonzero([name in place for name in file])
            columns.append((features[rows], np.array([place[name] for name in file[rows]], dtype=np.int64), start[rows], accepted[rows]))
        return Windows(*(np.concatenate(column) for column in zip(*columns)), records)


def write_json(path: Path, value) -> None:
    write_whole(path, lambda out: out.write((json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()))


def write_table(path: Path, rows: list[dict]) -> None:
    """CSV with a column for every name that some row has."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    write_whole(path, lambda out: out.write(text.getvalue().encode()))


def write_whole(path: Path, write) -> None:
    """The file appears whole or not at all, whatever interrupts and whoever else writes it."""
    part = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
    try:
        with part.open("wb") as out:
            write(out)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
