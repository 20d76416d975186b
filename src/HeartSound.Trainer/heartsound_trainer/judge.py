"""From mean logits to answers, as the runtime gives them, and from answers to every figure."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import calibrate, scores, scores_circor
from .predict import Recordings
from .tasks import Record, Task
from .tasks.circor import patient_of


@dataclass
class Judged:
    """What was said of some recordings; one row each."""

    records: list[Record]
    logits: np.ndarray  # (R, labels) mean over windows, before temperature
    probabilities: np.ndarray  # (R, labels) calibrated
    alarm_score: np.ndarray  # (R,) calibrated probability of an alarm
    forced: np.ndarray  # (R,) ALARM or CLEAR: what is said when something must be
    answer: np.ndarray  # (R,) ALARM, CLEAR or UNSURE: the verdict
    has_good: np.ndarray  # (R,) bool: some window passed the quality gates
    without_windows: int  # further recordings, shorter than a window or unreadable

    @staticmethod
    def read(path: Path, task: Task, recordings: int) -> "Judged":
        """Of a predictions.csv, which does not name recordings without windows: ``recordings`` counts all."""
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        records = [
            Record(
                file=row["file"],
                labels=tuple(task.labels.index(name) for name in row["label"].split("+") if name),
                group=row["group"],
                fold=int(row["fold"]),
                database=row["database"],
                good=row["good"] == "1",
                site=row["site"],
                outcome=row["outcome"],
            )
            for row in rows
        ]
        column = lambda name, kind=float: np.array([kind(row[name]) for row in rows])  # noqa: E731
        logits, p = (np.stack([column(f"{what}:{name}") for name in task.labels], 1) for what in ("logit", "probability"))
        return Judged(records, logits, p, column("alarm"), column("forced", int), column("answer", int), column("accepted", int) == 1, recordings - len(rows))

    def of(self, name: str) -> np.ndarray:
        return np.array([getattr(r, name) for r in self.records])

    def alarm(self, task: Task) -> np.ndarray:
        return np.array([bool(set(r.labels) & set(task.alarm_columns)) for r in self.records])


def judge(found: Recordings, calibration: dict, task: Task) -> Judged:
    p = calibrate.probabilities(found.logits, calibration["temperature"], task.multi_label)
    score = calibrate.alarm_score(p, task)
    forced = np.where(score >= calibration["threshold"], scores.ALARM, scores.CLEAR)
    return Judged(found.records, found.logits, p, score, forced, calibrate.decide(score, calibration, found.has_good), found.has_good, len(found.without_windows))


def joined(parts: list[Judged]) -> Judged:
    rows = [np.concatenate([getattr(p, name) for p in parts]) for name in ("logits", "probabilities", "alarm_score", "forced", "answer", "has_good")]
    return Judged([r for p in parts for r in p.records], *rows, sum(p.without_windows for p in parts))


def label_answers(judged: Judged, task: Task) -> np.ndarray:
    """(R,) label that `classify` names: the likeliest on the side of the threshold that the alarm probability is on."""
    alarms = np.isin(np.arange(len(task.labels)), task.alarm_columns)
    side = (judged.forced == scores.ALARM)[:, None] == alarms[None, :]  # (R, labels)
    return np.where(side, judged.probabilities, -1.0).argmax(1)


def validation_figures(found: Recordings, task: Task) -> dict[str, float]:
    """What an epoch is chosen by, over recordings; NaN where a figure needs both an alarm and none, and one of them is missing."""
    targets = found.targets(task)
    p = calibrate.probabilities(found.logits, 1.0, task.multi_label)
    score, alarm = calibrate.alarm_score(p, task), targets[:, task.alarm_columns].any(1)
    cut = calibrate.threshold(alarm, score, 1.0) if 0 < alarm.mean() < 1 else 0.5  # of one class only there is no figure
    right = np.where(targets == 1, p, 1 - p) if task.multi_label else p[targets == 1]
    return {
        "auroc": scores.auroc(alarm, score),
        "withinDatabaseAuroc": scores.within_database_auroc(alarm, score, np.array([r.database for r in found.records])),
        "macroAuroc": scores.mean([scores.auroc(truth == 1, of) for truth, of in zip(targets.T, p.T)]),
        "balancedAccuracy": scores.rates(alarm, np.where(score >= cut, scores.ALARM, scores.CLEAR))["balancedAccuracy"],
        "validationLoss": float(-np.log(np.maximum(right, 1e-9)).mean()),
    }


def figures(judged: Judged, task: Task, draws: int) -> dict:
    """All figures of some recordings, with 95 % intervals of ``draws`` bootstrap draws of whole groups (0: none). Recordings without any window are counted
    and not scored."""
    alarm, good, group, database = judged.alarm(task), judged.of("good"), judged.of("group"), judged.of("database")
    answered = judged.answer != scores.UNSURE
    score = judged.alarm_score

    def macc(answer, weight):  # and what it is the mean of; the challenge's own, of no meaning elsewhere
        return scores.challenge2016(alarm, answer, good, weight) if task.name == "physionet2016" else {}

    def pooled(weight=None):
        return {
            **scores.rates(alarm, judged.forced, weight),
            **macc(judged.forced, weight),
            "macroF1": scores.macro_f1(alarm, judged.forced, weight),
            "auroc": scores.auroc(alarm, score, weight),
        }

    def abstaining(weight=None):
        return {
            **scores.rates(alarm, judged.answer, weight),
            **macc(judged.answer, weight),
            "coverage": scores.ratio((answered if weight is None else weight * answered).sum(), len(alarm) if weight is None else weight.sum()),
        }

    def with_interval(make):
        return make() | ({"interval95": scores.bootstrap(group, make, draws)} if draws else {})

    result = {
        "recordings": len(alarm),
        "groups": len(set(group)),
        "recordingsWithoutWindows": judged.without_windows,
        "prevalence": float(alarm.mean()),
        "answeringAll": {
            **with_interval(pooled),
            "confusion": scores.confusion(alarm, judged.forced),
        },
        "abstaining": {
            **with_interval(abstaining),
            "confusion": scores.confusion(alarm, judged.answer),
            "uncertain": int((~answered & judged.has_good).sum()),
            "withoutGoodWindow": int((~judged.has_good).sum()),
        },
        "withinDatabaseAuroc": scores.within_database_auroc(alarm, score, database),
        "byDatabase": {
            str(d): {
                "recordings": int((database == d).sum()),
                "prevalence": float(alarm[database == d].mean()),
                **scores.rates(alarm[database == d], judged.forced[database == d]),
                "auroc": scores.auroc(alarm[database == d], score[database == d]),
                "coverage": float(answered[database == d].mean()),
            }
            for d in sorted(set(database))
        },
        "calibrationError": {
            "before": scores.calibration_error(alarm, calibrate.alarm_score(calibrate.probabilities(judged.logits, 1.0, task.multi_label), task)),
            "after": scores.calibration_error(alarm, score),
        },
    }
    if task.multi_label:
        result["findings"] = finding_figures(judged, task, with_interval)
    elif len(task.labels) > 2:
        result["classes"] = class_figures(judged, task, with_interval)
    result["byGroup"] = group_figures(judged, task)
    if task.name == "circor":
        result["challenge2022"] = challenge2022(judged, task, with_interval)
    return result


def class_figures(judged: Judged, task: Task, with_interval) -> dict:
    """Of one label out of several, by the likeliest."""
    truth, p = np.array([r.label for r in judged.records]), judged.probabilities
    return {
        **with_interval(lambda weight=None: scores.multiclass(truth, p, weight)),
        "confusion": {name: dict(zip(task.labels, map(int, row))) for name, row in zip(task.labels, scores.confusion_matrix(truth, p))},
        "each": dict(zip(task.labels, scores.per_class(truth, p))),
        "calibrationError": {
            "before": scores.top_label_calibration_error(truth, calibrate.probabilities(judged.logits)),
            "after": scores.top_label_calibration_error(truth, p),
        },
    }


def finding_figures(judged: Judged, task: Task, with_interval) -> dict:
    """Of several labels at once, each present at a probability of one half or more."""
    truth, p = targets(judged, task) == 1, judged.probabilities
    return {**with_interval(lambda weight=None: scores.multilabel(truth, p, weight)), "each": dict(zip(task.labels, scores.per_label(truth, p >= 0.5, p)))}


def group_figures(judged: Judged, task: Task) -> dict:
    """One answer for each group (patient): by the mean of the calibrated logits of its recordings."""
    names, first, member = np.unique(judged.of("group"), return_index=True, return_inverse=True)
    truth = targets(judged, task)
    if task.multi_label:
        mean = np.stack([np.bincount(member, column) for column in judged.probabilities.T], 1) / np.bincount(member)[:, None]
        return {"groups": len(names), **scores.multilabel(truth[first] == 1, mean)}
    return scores.per_group(judged.of("group"), truth.argmax(1), np.log(np.maximum(judged.probabilities, 1e-12)))


def challenge2022(judged: Judged, task: Task, with_interval) -> dict:
    """Of one verdict for each patient, from the labels named at the recordings: the murmur task's weighted accuracy, and the outcome task's cost when the
    patients who are said to be Present or Unknown are referred (NaN where some patient's outcome is not told)."""
    patient = np.array([patient_of(r.file) for r in judged.records])
    names, verdict = scores_circor.verdicts(label_answers(judged, task), patient)
    first = np.unique(patient, return_index=True)[1]  # all recordings of a patient have the patient's label, outcome and group
    truth, outcome = np.array([r.label for r in judged.records])[first], judged.of("outcome")[first]

    def of_patients(weight=None):
        weight = None if weight is None else weight[first]
        told = scores_circor.figures(truth, verdict, outcome == "Abnormal", weight)
        return told if (outcome != "").all() else told | {"cost": float("nan")}

    cells = np.zeros((len(task.labels), len(task.labels)), int)
    np.add.at(cells, (truth, verdict), 1)
    return {
        "patients": len(names),
        **with_interval(of_patients),
        "confusion": {name: dict(zip(task.labels, map(int, row))) for name, row in zip(task.labels, cells)},
    }


def targets(judged: Judged, task: Task) -> np.ndarray:
    """(R, labels) of 0 and 1."""
    return np.array([[float(k in r.labels) for k in range(len(task.labels))] for r in judged.records])


def prevalence(records: list[Record], task: Task) -> float:
    """Part of recordings that carry an alarm label."""
    return float(np.mean([bool(set(r.labels) & set(task.alarm_columns)) for r in records]))
