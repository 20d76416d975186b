"""The test part, read once: what the network says of its recordings, and every figure of that."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import torch

from . import probes, sampler, tasks
from .errors import TrainerError
from .features import FeatureCache, write_json, write_whole
from .judge import Judged, figures, judge, prevalence
from .predict import aggregate, window_logits
from .splits import Split
from .train import choose_device, load_run, read

DRAWS = 2000  # of the bootstrap


def evaluate(run: Path, cache_root: Path, again: str = "") -> dict:
    """Writes ``metrics.json`` and ``predictions.csv`` of a trained run; refuses a second look at the test part unless ``again`` says why, and keeps the reasons."""
    config, calibration, before = read(run, "config.json"), read(run, "calibration.json"), run / "metrics.json"
    looks = json.loads(before.read_text())["testReadings"] if before.exists() else []
    if looks and not again:
        raise TrainerError(f"{before} is there already: the test part is read once; add --again REASON to read it once more (the reason goes into the metrics and the card)")
    task = tasks.named(config["task"])
    cache = FeatureCache(cache_root, task.name, config["frontEnd"])
    split = Split(cache.records(), config["split"])
    torch.set_num_threads(config["train"]["threads"])
    model = load_run(run, config, choose_device(config["train"]["device"]))

    windows = split.open_test(cache, evaluating=True)
    rows = sampler.spread(windows, 0)
    found = aggregate(windows, rows, window_logits(model, windows.features, rows))
    judged = judge(found, calibration, task)
    write_predictions(run / "predictions.csv", judged, task)
    metrics = {
        "run": run.name,
        "trainer": read(run, "run.json")["trainer"],
        "epoch": calibration["epoch"],
        "testReadings": [*looks, again or "first"],
        "split": {
            part: {"recordings": len(records), "groups": len({r.group for r in records}), "prevalence": prevalence(records, task)}
            for part, records in (("training", split.training), ("test", split.test))
        },
        "members": len(split.members),
        **figures(judged, task, DRAWS),
        "probes": probes.probe(task, FeatureCache(cache_root, task.name, probes.noise_spec(config["frontEnd"])), [(split.training, split.test)]),
        "validation": calibration["validation"],
    }
    write_json(before, metrics)
    return metrics


def write_predictions(path: Path, judged: Judged, task: tasks.Task) -> None:
    """One row a recording that has a window: what is known of it and what was said of it, so that every figure can be had again."""
    names = ["file", "group", "database", "site", "outcome", "fold", "label", "good", "accepted", "alarm", "forced", "answer"]
    names += [f"{what}:{name}" for what in ("logit", "probability") for name in task.labels]

    def write(out) -> None:
        text = io.TextIOWrapper(out, encoding="utf-8", newline="")
        writer = csv.writer(text)
        writer.writerow(names)
        for i, r in enumerate(judged.records):
            label = "+".join(task.labels[k] for k in r.labels)
            row = [r.file, r.group, r.database, r.site, r.outcome, r.fold, label, int(r.good), int(judged.has_good[i]), f"{judged.alarm_score[i]:.6f}", judged.forced[i], judged.answer[i]]
            writer.writerow([*row, *(f"{v:.6f}" for v in (*judged.logits[i], *judged.probabilities[i]))])
        text.flush()
        text.detach()

    write_whole(path, write)
