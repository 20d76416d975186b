"""Test, training and validation recordings: by group, before anything else, and the test part is for `evaluate` only.

The test part is a fold, or a whole database. The other folds train and validate the members of the run in rotation: member m validates on the m-th
fold after the test fold and trains on the rest. With as many members as folds, every recording outside the test part is validated once by a member that
never saw its group, and calibration may use them all.
"""

from dataclasses import dataclass, replace

from .errors import TrainerError
from .features import FeatureCache, Windows
from .tasks import Record, stratified_folds

PROTOCOLS = ("grouped", "random")  # random: every recording is its own group. It leaks, and is there to measure how much; such a run is not exported


@dataclass(frozen=True)
class Member:
    train: list[Record]
    validation: list[Record]


class Split:
    """Recordings by part. Making one fails when a group lies in two parts or a part is empty."""

    def __init__(self, records: list[Record], settings: dict):
        self.settings = settings
        if settings["protocol"] not in PROTOCOLS:
            raise TrainerError(f"split.protocol is '{settings['protocol']}', must be {' or '.join(PROTOCOLS)}")
        if settings["protocol"] == "random":
            records = [replace(record, group=record.file) for record in records]
        if settings["protocol"] == "random" or settings["repeat"]:
            names = sorted({r.fold for r in records})
            folds = stratified_folds([r.labels for r in records], [r.group for r in records], [r.database for r in records], len(names), settings["repeat"])
            records = [replace(record, fold=names[fold]) for record, fold in zip(records, folds)]
        database, fold = settings["testDatabase"], settings["testFold"]
        if database and database not in {r.database for r in records}:
            raise TrainerError(f"split.testDatabase is '{database}'; the data has {', '.join(sorted({r.database for r in records}))}")
        self.test = [r for r in records if (r.database == database if database else r.fold == fold)]
        rest = [r for r in records if (r.database != database if database else r.fold != fold)]
        folds = sorted({r.fold for r in rest}, key=lambda f: (f <= fold, f)) if not database else sorted({r.fold for r in rest})
        if not self.test:
            raise TrainerError(f"the test part has no recordings: split.testFold is {fold}, which the data does not have")
        if not 1 <= settings["members"] <= len(folds) or len(folds) < 2:
            raise TrainerError(f"split.members is {settings['members']}, must be 1 to {len(folds)}: each member validates on another of the folds that are not tested")
        self.members = [Member([r for r in rest if r.fold != f], [r for r in rest if r.fold == f]) for f in folds[: settings["members"]]]
        for member in self.members:
            refuse_shared_groups({"train": member.train, "validation": member.validation, "test": self.test})

    @property
    def test_name(self) -> str:
        return f"database {self.settings['testDatabase']}" if self.settings["testDatabase"] else f"fold {self.settings['testFold']}"

    @property
    def training(self) -> list[Record]:
        """Every recording that some member trains on or validates on."""
        return [*self.members[0].train, *self.members[0].validation]

    def open_test(self, cache: FeatureCache, evaluating: bool = False) -> Windows:
        """Features of the test part, for `evaluate`, which says so."""
        if not evaluating:
            raise TrainerError("the test part was asked for outside `evaluate`; model, epoch, temperature and thresholds are chosen on validation recordings")
        return cache.open(self.test)


def refuse_shared_groups(parts: dict[str, list[Record]]) -> None:
    """Stops the run when recordings of one group (subject) are in two parts."""
    seen: dict[str, str] = {}
    for part, records in parts.items():
        for group in sorted({record.group for record in records}):
            if group in seen:
                raise TrainerError(f"group {group} is in the {seen[group]} part and in the {part} part; a subject must be in one part only: mend the fold column")
            seen[group] = part
