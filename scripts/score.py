#!/usr/bin/python3
"""Holds `bin/heartsound classify` against the labels of the recordings that a model was never trained on (fold 0 of its task).

    scripts/score.py [MODEL] [--fold N] [--data DIR] [--json]

MODEL is a folder of models/ (default: physionet2016-cnn-small); its manifest names the task. DIR holds the data sets (default: ~/.cache/heartsound/data, where
../shared/data/unpack.sh puts them). The figures are those of the program as its users run it, its whole policy included; the model's CARD.md has the
trainer's, with intervals. A recording without a label (too short, unreadable) counts as wrong.
"""

import argparse
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src/HeartSound.Trainer"))

from heartsound_trainer import scores, tasks  # noqa: E402
from heartsound_trainer.errors import TrainerError  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", default="physionet2016-cnn-small", help="folder of models/ (default: %(default)s)")
    parser.add_argument("--fold", type=int, default=0, help="which fold (default: 0, the test part)")
    parser.add_argument("--data", type=Path, default=Path.home() / ".cache/heartsound/data")
    parser.add_argument("--json", action="store_true", help="the figures as one JSON object")
    arguments = parser.parse_args()

    program = str(ROOT / "bin/heartsound")
    shown = subprocess.run([program, "model", "list", "--json"], stdout=subprocess.PIPE, text=True, check=True)
    known = {m["id"]: m for m in map(json.loads, shown.stdout.splitlines())}
    if arguments.model not in known:
        print(f"there is no model '{arguments.model}'; there are {', '.join(sorted(known))}", file=sys.stderr)
        return 2
    try:
        task = tasks.named(known[arguments.model]["task"])
        records = {str(arguments.data / task.folder / r.file): r for r in task.read(arguments.data / task.folder) if r.fold == arguments.fold}
    except TrainerError as error:
        print(error, file=sys.stderr)
        return 4

    done = subprocess.run([program, "classify", "--json", "--quiet", "--model", arguments.model, *records], stdout=subprocess.PIPE, text=True)
    if done.returncode not in (0, 3):
        return done.returncode
    results = {r["file"]: r for r in map(json.loads, done.stdout.splitlines())}
    figures = measure(task, records, results)
    if arguments.json:
        print(json.dumps(figures))
        return 0

    print(f"{arguments.model}: {figures['recordings']} recordings of {figures['groups']} groups; {figures['withoutLabel']} got no label")
    print("every one answered: " + ", ".join(f"{name} {value:.3f}" for name, value in figures["answeringAll"].items()))
    print(f"verdicts ({figures['answered']:.1%} answered):")
    for truth, row in figures["verdicts"].items():
        print(f"  {truth:9} " + ", ".join(f"{n} {verdict}" for verdict, n in sorted(row.items(), key=lambda pair: -pair[1])))
    print("inconclusive: " + ", ".join(f"{n} {reason}" for reason, n in sorted(figures["reasons"].items())))
    return 0


def measure(task: tasks.Task, records: dict, results: dict) -> dict:
    rows = [(records[file], r) for file, r in results.items()]
    truth = np.array([[k in record.labels for k in range(len(task.labels))] for record, _ in rows])
    alarm = truth[:, task.alarm_columns].any(1)
    p = np.array([[r["probabilities"][name] for name in task.labels] if r["probabilities"] else [np.nan] * len(task.labels) for _, r in rows])
    there = ~np.isnan(p).any(1)
    said = {name: np.array([name in (r["label"] or "").split("+") for _, r in rows]) for name in task.labels}
    right = np.stack([said[name] for name in task.labels], 1) == truth
    names = ["+".join(task.labels[k] for k in record.labels) or "normal" for record, _ in rows]
    if task.multi_label:
        figures = scores.multilabel(truth[there], p[there])
    else:
        recall = {name: np.mean([ok.all() for ok, t in zip(right, names) if t == name]) for name in sorted(set(names))}
        alarm_p = np.where(there, np.nan_to_num(p)[:, task.alarm_columns].sum(1), 0.5)
        figures = {"accuracy": right.all(1).mean(), "balancedAccuracy": np.mean(list(recall.values())), "alarmAuroc": scores.auroc(alarm, alarm_p)}
        figures |= {f"recall {name}": value for name, value in recall.items()}
    verdicts = {truth: Counter(r["verdict"] for (_, r), t in zip(rows, names) if t == truth) for truth in sorted(set(names))}
    return {
        "recordings": len(rows),
        "groups": len({record.group for record, _ in rows}),
        "withoutLabel": int((~there).sum()),
        "answeringAll": {name: float(value) for name, value in figures.items()},
        "answered": float(np.mean([r["verdict"] != "inconclusive" for _, r in rows])),
        "verdicts": {t: dict(row) for t, row in verdicts.items()},
        "reasons": dict(Counter(r["reason"] for _, r in rows if r["verdict"] == "inconclusive")),
    }


if __name__ == "__main__":
    sys.exit(main())
