"""Train, validation and test: by group, before anything else, and the test part is for `evaluate` only."""

from .errors import TrainerError
from .features import FeatureCache, Windows
from .tasks import Record

PARTS = ("train", "validation", "test")


class Split:
    """Recordings by part. Making one fails when a group lies in two parts or a part is empty."""

    def __init__(self, records: list[Record], test_fold: int, validation_fold: int):
        if test_fold == validation_fold:
            raise TrainerError(f"split.testFold and split.validationFold are both {test_fold}; the model would be chosen on the test part")
        part_of = {test_fold: "test", validation_fold: "validation"}
        self.records = {part: [r for r in records if part_of.get(r.fold, "train") == part] for part in PARTS}
        for part, members in self.records.items():
            if not members:
                raise TrainerError(f"the {part} part has no recordings; split names folds that the data does not have")
        refuse_shared_groups(self.records)

    def open(self, part: str, cache: FeatureCache, evaluating: bool = False) -> Windows:
        """Features of a part. The test part opens only for `evaluate`, which says so."""
        if part == "test" and not evaluating:
            raise TrainerError("the test part was asked for outside `evaluate`; model, epoch, temperature and thresholds are chosen on validation recordings")
        return cache.open(self.records[part])


def refuse_shared_groups(parts: dict[str, list[Record]]) -> None:
    """Stops the run when recordings of one group (subject) are in two parts."""
    seen: dict[str, str] = {}
    for part, records in parts.items():
        for group in sorted({record.group for record in records}):
            if group in seen:
                raise TrainerError(f"group {group} is in the {seen[group]} part and in the {part} part; a subject must be in one part only: mend the fold column")
            seen[group] = part
