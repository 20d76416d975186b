"""Folders of runs and cross-validations as the trainer writes them, with invented predictions."""

import csv
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np

TWO = SimpleNamespace(name="physionet2016", labels=("normal", "abnormal"), alarm_labels=("abnormal",), multi_label=False)
FIVE = SimpleNamespace(name="bmdhs", labels=("N", "AS", "AR", "MR", "MS"), alarm_labels=("AS", "AR", "MR", "MS"), multi_label=False)
MANY = SimpleNamespace(name="bmdhs-multilabel", labels=("AS", "AR", "MR", "MS"), alarm_labels=("AS", "AR", "MR", "MS"), multi_label=True)
for task in (TWO, FIVE, MANY):
    task.dataset, task.licence, task.citation, task.shortcuts = "Invented", "none", "Nobody <2026>", ("The database letter alone.",)

TUNED = {"temperature": 1.4, "threshold": 0.4, "alarmBelow": 0.3, "alarmAbove": 0.55, "epoch": 3}
FIGURES = {
    "answeringAll": {
        "sensitivity": 0.91, "balancedAccuracy": 0.8765, "macc": 0.8765, "auroc": 0.95, "macroF1": 0.8,
        "confusion": {"alarm": {"alarm": 9, "clear": 1}, "clear": {"alarm": 2, "clear": 8}},
        "interval95": {"balancedAccuracy": [0.8123, 0.9321], "auroc": [0.9, 0.98]},
    },
    "abstaining": {"balancedAccuracy": 0.93, "coverage": 0.81, "interval95": {"coverage": [0.77, 0.85]}},
    "withinDatabaseAuroc": 0.8888,
    "calibrationError": {"before": 0.1112, "after": 0.0501},
    "byDatabase": {"a": {"recordings": 40, "prevalence": 0.5, "auroc": 0.75, "interval95": {"auroc": [0.6, 0.9]}}, "b": {"recordings": 60, "prevalence": 0.2, "auroc": float("nan")}},
    "byLabel": {"normal": {"recall": 0.7777}},
    "somethingNew": {"deep": {"deeper": {"figure": 0.4242}}},
    "probes": {
        "noiseFloor": {"balancedAccuracy": 0.79, "auroc": 0.8919, "interval95": {"auroc": [0.865, 0.917]}, "byDatabase": {"a": {"auroc": 0.63, "balancedAccuracy": 0.6}, "b": {"auroc": 0.5, "balancedAccuracy": 0.5}}},
        "databaseOnly": {"balancedAccuracy": 0.7361, "auroc": 0.781},
    },
}  # fmt: skip


def write(path: Path, rows: list[dict]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def rows_of(task, count: int, seed: int, **more) -> list[dict]:
    rng, rows = np.random.default_rng(seed), []
    for i in range(count):
        truth = [k for k in range(len(task.labels)) if rng.random() < 0.3] if task.multi_label else [int(rng.integers(len(task.labels)))]
        logits = rng.normal(0, 1.5, len(task.labels)) + [2.0 * (k in truth) for k in range(len(task.labels))]
        row = {"file": f"{seed}-{i}.wav", "group": f"g{seed}-{i // 3}", "database": "ab"[i % 2], "label": "+".join(task.labels[k] for k in truth), "good": 1, "accepted": int(rng.random() < 0.9)}
        rows.append(row | {f"logit:{name}": f"{v:.4f}" for name, v in zip(task.labels, logits)} | more)
    return rows


def run(folder: Path, task, members: int = 1, seed: int = 0, figures: dict = FIGURES) -> Path:
    folder.mkdir(parents=True)
    history = [
        {"epoch": e, "loss": 1 / (e + m), "auroc": 0.6 + 0.1 * e - 0.02 * e * e, "seconds": 9.0} | ({"member": m} if members > 1 else {}) for m in range(members) for e in (1, 2, 3, 4)
    ]
    write(folder / "history.csv", history)
    write(folder / "predictions.csv", rows_of(task, 90, seed))
    for name, value in {
        "config.json": {"task": task.name, "model": "cnn", "split": {"testFold": seed % 5, "validationFold": 1}, "train": {"selectBy": "auroc"}},
        "run.json": {"trainer": "abc123def456", "seed": 17, "torch": "1.13.0", "numpy": "1.24"},
        "calibration.json": TUNED,
        "metrics.json": figures | {"testReadings": ["first"], "split": {"test": {"recordings": 90, "groups": 30, "prevalence": 0.5}}},
    }.items():
        (folder / name).write_text(json.dumps(value))
    return folder


def cross_validation(folder: Path, task, protocol="grouped", folds: int = 5, runs: int = 1, model: str = "cnn", torn: bool = False) -> Path:
    """``torn``: a group of fold 0 is in fold 1 as well."""
    pooled = []
    for r in range(runs):
        for i in range(folds):
            run(folder / f"run{r}-fold{i}", task, seed=i)
            pooled += rows_of(task, 90, i, run=r, fold=i)
    if torn:
        pooled[90]["group"] = pooled[0]["group"]
    write(folder / "predictions.csv", pooled)
    write(folder / "folds.csv", [{"run": r, "fold": i, "balancedAccuracy": 0.8 + 0.01 * i, "auroc": 0.9 + 0.01 * r, "comment": "x"} for r in range(runs) for i in range(folds)])
    config = {"task": task.name, "model": model, "split": {}, "train": {"selectBy": "auroc"}}
    (folder / "config.json").write_text(json.dumps(config))
    cv = {"task": task.name, "model": model, "protocol": protocol, "ran": {"runs": runs, "folds": folds}, "of": {"runs": runs, "folds": 5}} | FIGURES
    (folder / "cv.json").write_text(json.dumps(cv))
    return folder
