"""The test part, read once: figures over recordings, with and without abstaining, pooled and per database."""

import json
from pathlib import Path

import numpy as np
import torch

from . import calibrate, models, sampler, scores, tasks
from .errors import TrainerError
from .features import FeatureCache, write_json
from .predict import Recordings, aggregate, alarm_columns, window_logits
from .splits import Split
from .tasks import Record
from .train import choose_device, load

DRAWS = 2000  # of the bootstrap


def evaluate(run: Path, cache_root: Path, again: str = "") -> dict:
    """Writes ``metrics.json`` of a trained run; refuses a second look at the test part unless ``again`` says why, and keeps the reasons."""
    config, calibration, before = read(run, "config.json"), read(run, "calibration.json"), run / "metrics.json"
    looks = json.loads(before.read_text())["testReadings"] if before.exists() else []
    if looks and not again:
        raise TrainerError(f"{before} is there already: the test part is read once; add --again REASON to read it once more (the reason goes into the metrics and the card)")
    task = tasks.named(config["task"])
    cache = FeatureCache(cache_root, task.name, config["frontEnd"])
    split = Split(cache.records(), config["split"]["testFold"], config["split"]["validationFold"])
    torch.set_num_threads(config["train"]["threads"])
    model = best_model(run, config)

    windows = split.open("test", cache, evaluating=True)
    rows = sampler.spread(windows, 0)
    found = aggregate(windows, rows, window_logits(model, windows.features, rows))
    metrics = {
        "run": run.name,
        "trainer": read(run, "run.json")["trainer"],
        "epoch": calibration["epoch"],
        "testReadings": [*looks, again or "first"],
        "split": {
            part: {"recordings": len(records), "groups": len({r.group for r in records}), "prevalence": prevalence(records, task)}
            for part, records in split.records.items()
        },
        **measure(found, calibration, task),
        "databaseOnly": database_only(split.records["train"], found, task),
        "validation": calibration["validation"],
    }
    write_json(before, metrics)
    return metrics


def best_model(run: Path, config: dict) -> torch.nn.Module:
    """The network of the best epoch, in eval mode."""
    device = choose_device(config["train"]["device"])
    model = models.build(config["model"], len(tasks.named(config["task"]).labels)).to(device, memory_format=torch.channels_last)
    model.load_state_dict(load(run / "best.pt", device)["model"])
    return model.eval()


def measure(found: Recordings, calibration: dict, task: tasks.Task) -> dict:
    """All figures of a part, from the mean logits of its recordings. Recordings without any window are counted and not scored."""
    columns = alarm_columns(task)
    alarm = np.isin(found.label, columns)
    score = calibrate.softmax(found.logits, calibration["temperature"])[:, columns].sum(1)
    forced = np.where(score >= calibration["threshold"], scores.ALARM, scores.CLEAR)
    answer = calibrate.decide(score, calibration, found.has_good)
    answered = answer != scores.UNSURE

    def pooled(weight=None):
        return {
            **scores.rates(alarm, forced, weight),
            "macc": scores.challenge2016(alarm, forced, found.good, weight)["macc"],
            "auroc": scores.auroc(alarm, score, weight),
        }

    def abstaining(weight=None):
        return {
            **scores.rates(alarm, answer, weight),
            **scores.challenge2016(alarm, answer, found.good, weight),
            "coverage": scores.ratio((answered if weight is None else weight * answered).sum(), len(alarm) if weight is None else weight.sum()),
        }

    databases = found.database
    return {
        "recordings": len(alarm),
        "recordingsWithoutWindows": len(found.without_windows),
        "answeringAll": {
            "threshold": calibration["threshold"],
            **pooled(),
            "macroF1": scores.macro_f1(alarm, forced),
            "confusion": scores.confusion(alarm, forced),
            "interval95": scores.bootstrap(found.group, pooled, DRAWS),
        },
        "abstaining": {
            "alarmBelow": calibration["alarmBelow"],
            "alarmAbove": calibration["alarmAbove"],
            **abstaining(),
            "confusion": scores.confusion(alarm, answer),
            "uncertain": int((~answered & found.has_good).sum()),
            "withoutGoodWindow": int((~found.has_good).sum()),
            "interval95": scores.bootstrap(found.group, abstaining, DRAWS),
        },
        "withinDatabaseAuroc": scores.within_database_auroc(alarm, score, databases),
        "byDatabase": {
            str(d): {
                "recordings": int((databases == d).sum()),
                "prevalence": float(alarm[databases == d].mean()),
                **scores.rates(alarm[databases == d], forced[databases == d]),
                "auroc": scores.auroc(alarm[databases == d], score[databases == d]),
                "coverage": float(answered[databases == d].mean()),
            }
            for d in sorted(set(databases))
        },
        "calibrationError": {
            "before": scores.calibration_error(alarm, calibrate.softmax(found.logits)[:, columns].sum(1)),
            "after": scores.calibration_error(alarm, score),
        },
    }


def database_only(train: list[Record], found: Recordings, task: tasks.Task) -> dict:
    """The baseline that knows the database and nothing else: the commoner answer of that database's training recordings."""
    columns = alarm_columns(task)
    share = {d: np.mean([r.label in columns for r in train if r.database == d]) for d in {r.database for r in train}}
    alarm = np.isin(found.label, columns)
    answer = np.array([scores.ALARM if share.get(d, 0.0) > 0.5 else scores.CLEAR for d in found.database])
    return {**scores.rates(alarm, answer), "macc": scores.challenge2016(alarm, answer, found.good)["macc"]}


def prevalence(records: list[Record], task: tasks.Task) -> float:
    return float(np.mean([r.label in alarm_columns(task) for r in records]))


def read(run: Path, name: str) -> dict:
    if not (run / name).exists():
        raise TrainerError(f"{run / name} does not exist; run `python -m heartsound_trainer train --name {run.name}` to its end first")
    return json.loads((run / name).read_text())
