"""The test part, read once: what the network says of its recordings, and every figure of that."""

import json
from pathlib import Path

import torch

from . import probes, sampler, tasks
from .errors import TrainerError
from .features import FeatureCache, write_json, write_table
from .judge import Judged, figures, judge, prevalence
from .predict import aggregate, window_logits
from .splits import Split
from .train import choose_device, load_run, read

DRAWS = 2000  # of the bootstrap


def evaluate(run: Path, cache_root: Path, again: str = "") -> dict:
    """Writes ``predictions.csv`` and ``metrics.json`` of a trained run; refuses a second look at the test part unless ``again`` says why, and keeps the reasons.
    All figures are of predictions.csv: when it is there and they are not, they are made of it without another look."""
    config, calibration, before, said = read(run, "config.json"), read(run, "calibration.json"), run / "metrics.json", run / "predictions.csv"
    looks = json.loads(before.read_text())["testReadings"] if before.exists() else ["first"] if said.exists() else []
    if before.exists() and not again:
        raise TrainerError(f"{before} is there already: the test part is read once; add --again REASON to read it once more (the reason goes into the metrics and the card)")
    task = tasks.named(config["task"])
    cache = FeatureCache(cache_root, task.name, config["frontEnd"])
    split = Split(cache.records(), config["split"])
    if again or not looks:
        torch.set_num_threads(config["train"]["threads"])
        model = load_run(run, config, choose_device(config["train"]["device"]))
        windows = split.open_test(cache, evaluating=True)
        rows = sampler.spread(windows, 0)
        found = aggregate(windows, rows, window_logits(model, windows.features, rows))
        write_predictions(said, judge(found, calibration, task), task)
        looks = [*looks, again or "first"]
    judged = Judged.read(said, task, len(split.test))
    metrics = {
        "run": run.name,
        "trainer": read(run, "run.json")["trainer"],
        "epoch": calibration["epoch"],
        "testReadings": looks,
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
    write_table(
        path,
        [
            {
                **{name: getattr(r, name) for name in ("file", "group", "database", "site", "outcome", "fold")},
                "label": "+".join(task.labels[k] for k in r.labels),
                "good": int(r.good),
                "accepted": int(judged.has_good[i]),
                "alarm": f"{judged.alarm_score[i]:.6f}",
                "forced": judged.forced[i],
                "answer": judged.answer[i],
                **{f"{what}:{name}": f"{v:.6f}" for what, of in (("logit", judged.logits), ("probability", judged.probabilities)) for name, v in zip(task.labels, of[i])},
            }
            for i, r in enumerate(judged.records)
        ],
    )
