"""Cross-validation: every fold (or database) is the test part once, of networks that never saw its groups; and the figures of all of them together."""

import copy
import csv
import json
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from . import probes, tasks
from .errors import TrainerError
from .evaluate import DRAWS, evaluate, write_predictions
from .features import FeatureCache, write_json
from .judge import Judged, figures, joined
from .splits import Split
from .train import choose_device, git_revision, member_key, read, train, train_member

FLAT = ("sensitivity", "specificity", "balancedAccuracy", "macc", "auroc", "macroF1")  # columns of folds.csv and runs.csv for two classes


def cross_validate(config: dict, folder: Path, cache_root: Path, runs: int = 1, folds: int = 5, leave_out: bool = False, only: int | None = None, jobs: int = 1) -> dict | None:
    """Trains and evaluates what is missing in ``folder``; returns the figures once every part is there. ``leave_out``: the parts are databases in place of
    folds. ``only``: one part, as a job array gives them out. ``jobs``: processes at a time, each with its own training."""
    cache = FeatureCache(cache_root, config["task"], config["frontEnd"])
    records = cache.records()
    parts = sorted({r.database for r in records}) if leave_out else list(range(folds))
    if leave_out and len(parts) < 2:
        raise TrainerError(f"--leave-out database: {config['task']} has only one database")
    if not leave_out and sorted({r.fold for r in records}) != parts and folds != 5:
        raise TrainerError(f"--folds {folds}: the data comes in {len({r.fold for r in records})} folds")
    plan = {f"run{r}-{'database' if leave_out else 'fold'}{p}": part_config(config, r, p, leave_out) for r in range(runs) for p in parts}
    chosen = {name: c for name, c in plan.items() if only is None or name.endswith(str(parts[only]))}

    # Step 1: the networks. Two folds that leave the same recordings to train on share theirs.
    members = {}
    for c in chosen.values():
        for member in Split(records, c["split"]).members:
            members[member_key(c, member)] = (c, member)
    open_folder(folder, config, runs, [str(p) for p in parts], leave_out)
    if config["train"]["device"] == "cpu" or jobs > 1:
        with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
            list(pool.map(train_one, *zip(*((c, m, folder / "members" / key, cache_root) for key, (c, m) in members.items()))))

    # Step 2: calibration and, once, the test part.
    for name, c in chosen.items():
        if not (folder / name / "metrics.json").exists():
            train(c, folder / name, cache_root, resume=True, pool=folder / "members")
            evaluate(folder / name, cache_root)
    missing = [name for name in plan if not (folder / name / "metrics.json").exists()]
    if missing:
        print(f"{len(plan) - len(missing)} of {len(plan)} parts done; missing: {', '.join(missing)}")
        return None
    return collect(folder, plan, config, cache)


def train_one(config: dict, member, folder: Path, cache_root: Path) -> None:
    cache = FeatureCache(cache_root, config["task"], config["frontEnd"])
    train_member(config, member, folder, cache, choose_device(config["train"]["device"]))


def part_config(config: dict, run: int, part, leave_out: bool) -> dict:
    """The config of one part. The first run has the data's own folds and seed; further ones have others."""
    config = copy.deepcopy(config)
    config["split"]["testDatabase" if leave_out else "testFold"] = part
    if run:
        config["train"]["seed"] += 1000 * run
        config["split"]["repeat"] = 0 if leave_out else run
    return config


def open_folder(folder: Path, config: dict, runs: int, parts: list[str], leave_out: bool) -> None:
    protocol = "leave-one-database-out" if leave_out else {"grouped": "grouped", "random": "published"}[config["split"]["protocol"]]
    told = {"task": config["task"], "model": config["model"], "protocol": protocol, "ran": {"runs": runs, "folds": len(parts)}, "parts": parts}
    if (folder / "cv.json").exists():
        before = read(folder, "cv.json")
        if read(folder, "config.json") != config or before["parts"] != parts or before["protocol"] != protocol:
            raise TrainerError(f"{folder} holds another cross-validation; choose another --name")
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "config.json", config)
    write_json(folder / "cv.json", told | {"trainer": git_revision()})


def collect(folder: Path, plan: dict[str, dict], config: dict, cache: FeatureCache) -> dict:
    """Pools the test recordings of all parts: predictions.csv, folds.csv, runs.csv and the figures in cv.json."""
    task = tasks.named(config["task"])
    by_part = {name: Judged.read(folder / name / "predictions.csv", task) for name in plan}
    per_part = {name: read(folder / name, "metrics.json") for name in plan}
    runs = sorted({name.split("-")[0] for name in plan})
    pooled = {run: joined([by_part[name] for name in plan if name.startswith(run + "-")]) for run in runs}
    found = {run: figures(judged, task, DRAWS if run == runs[0] else 0) for run, judged in pooled.items()}
    write_table(folder / "folds.csv", [{"run": name.split("-")[0], "part": name.split("-")[1], **flat(m)} for name, m in per_part.items()])
    write_table(folder / "runs.csv", [{"run": run, **flat(m)} for run, m in found.items()])
    write_predictions(folder / "predictions.csv", pooled[runs[0]], task)
    shares = [flat(m) for m in per_part.values()]
    told = read(folder, "cv.json") | {
        **found[runs[0]],  # of the first run, which has the data's own folds
        "probes": probe(folder, plan, runs[0], config, task, cache),
        "meanOfParts": {name: float(np.nanmean([s[name] for s in shares])) for name in shares[0] if isinstance(shares[0][name], float)},
        "runsMean": {name: spread([flat(m)[name] for m in found.values()]) for name in flat(found[runs[0]]) if len(runs) > 1},
    }
    write_json(folder / "cv.json", told)
    return told


def probe(folder: Path, plan: dict[str, dict], run: str, config: dict, task: tasks.Task, cache: FeatureCache) -> dict:
    """What can be had without hearing a heart, by the same parts."""
    records = cache.records()
    parts = [Split(records, c["split"]) for name, c in plan.items() if name.startswith(run + "-")]
    noise = FeatureCache(cache.root, task.name, probes.noise_spec(config["frontEnd"]))
    return probes.probe(task, noise, [(part.training, part.test) for part in parts])


def spread(values: list[float]) -> dict[str, float]:
    return {"mean": float(np.mean(values)), "deviation": float(np.std(values, ddof=1))}


def flat(metrics: dict) -> dict[str, float]:
    """The figures of a table's row."""
    row = {"recordings": metrics["recordings"], **{name: metrics["answeringAll"][name] for name in FLAT if name in metrics["answeringAll"]}}
    row["withinDatabaseAuroc"] = metrics["withinDatabaseAuroc"]
    row["coverage"] = metrics["abstaining"]["coverage"]
    row["missedAnswered"] = 1 - metrics["abstaining"]["sensitivity"]
    for prefix, name in (("class", "classes"), ("group", "byGroup")):
        for key, value in metrics.get(name, {}).items():
            if isinstance(value, float):
                row[prefix + key[0].upper() + key[1:]] = value
    return row


def write_table(path: Path, rows: list[dict]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)
