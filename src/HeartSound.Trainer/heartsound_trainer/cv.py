"""Cross-validation: every fold (or database) is the test part once, of networks that never saw its groups; and the figures of all of them together."""

import copy
import json
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from . import probes, scores, tasks
from .errors import TrainerError
from .evaluate import DRAWS, evaluate, write_predictions
from .features import FeatureCache, write_json, write_table
from .judge import Judged, figures, joined
from .splits import Split
from .train import check, choose_device, git_revision, member_key, read, train, train_member

FLAT = ("sensitivity", "specificity", "balancedAccuracy", "macc", "auroc", "macroF1")  # columns of folds.csv and runs.csv for two classes


def cross_validate(config: dict, folder: Path, cache_root: Path, runs: int = 1, folds: int | None = None, leave_out: bool = False, only: int | None = None, jobs: int = 1) -> dict | None:
    """Trains and evaluates what is missing in ``folder``; returns the figures once every part is there. ``leave_out``: the parts are databases in place of
    folds. ``only``: one part, as a job array gives them out. ``jobs``: processes at a time, each with its own training."""
    cache = FeatureCache(cache_root, config["task"], config["frontEnd"])
    records = cache.records()
    parts = sorted({r.database if leave_out else r.fold for r in records})
    if config["split"]["protocol"] == "random":
        beside(folder, config)
    if leave_out and (len(parts) < 2 or config["split"]["protocol"] != "grouped"):
        raise TrainerError(f"--leave-out database: {config['task']} must have more than one database, and split.protocol be grouped")
    if folds not in (None, len(parts)) and not leave_out:
        raise TrainerError(f"--folds {folds}: the data comes in {len(parts)} folds, and a repeat has as many")
    if only is not None and not 0 <= only < len(parts):
        raise TrainerError(f"--fold {only}: must be 0 to {len(parts) - 1}, which stand for {', '.join(map(str, parts))}")
    plan = {name_of(r, p, leave_out): part_config(config, r, p, leave_out) for r in range(runs) for p in parts}
    chosen = plan if only is None else {name: plan[name] for name in (name_of(r, parts[only], leave_out) for r in range(runs))}
    splits = {name: Split(records, c["split"]) for name, c in plan.items()}
    for name, c in plan.items():
        check(c, splits[name], cache_root)
    open_folder(folder, config, runs, [str(p) for p in parts], leave_out)
    chosen = {name: c for name, c in chosen.items() if not (folder / name / "metrics.json").exists()}

    # Step 1: the networks. Two folds that leave the same recordings to train on share theirs.
    if jobs > 1:
        members = {member_key(c, member): (c, member) for name, c in chosen.items() for member in splits[name].members}
        with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
            list(pool.map(train_one, *zip(*((c, m, folder / "members" / key, cache_root) for key, (c, m) in members.items()))))

    # Step 2: calibration and, once, the test part.
    for name, c in chosen.items():
        train(c, folder / name, cache_root, resume=True, pool=folder / "members")
        evaluate(folder / name, cache_root)
    missing = [name for name in plan if not (folder / name / "metrics.json").exists()]
    if missing:
        print(f"{len(plan) - len(missing)} of {len(plan)} parts done; missing: {', '.join(missing)}")
        return None
    return collect(folder, plan, config, splits, cache)


def beside(folder: Path, config: dict) -> dict:
    """Figures by subject of the same task and model, without which those of a random split are not made: alone they mislead."""
    for path in sorted(folder.parent.glob("*/cv.json")):
        honest = read(path.parent, path.name)
        if all(honest.get(name) == value for name, value in (("protocol", "grouped"), ("task", config["task"]), ("model", config["model"]))) and "answeringAll" in honest:
            return {"name": path.parent.name, **{name: honest[name] for name in ("answeringAll", "classes", "findings", "withinDatabaseAuroc") if name in honest}}
    raise TrainerError(f"figures of a random split are shown only beside honest ones: first run cv of {config['task']} and {config['model']} with split.protocol=grouped")


def name_of(run: int, part, leave_out: bool) -> str:
    return f"run{run}-{'database' if leave_out else 'fold'}{part}"


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


def collect(folder: Path, plan: dict[str, dict], config: dict, splits: dict[str, Split], cache: FeatureCache) -> dict:
    """Pools the test recordings of all parts: predictions.csv, folds.csv, runs.csv and the figures in cv.json."""
    task = tasks.named(config["task"])
    per_part = {name: read(folder / name, "metrics.json") for name in plan}
    by_part = {name: Judged.read(folder / name / "predictions.csv", task, m["recordings"] + m["recordingsWithoutWindows"]) for name, m in per_part.items()}
    runs = list(dict.fromkeys(name.split("-")[0] for name in plan))
    pooled = {run: joined([by_part[name] for name in plan if name.startswith(run + "-")]) for run in runs}
    found = {run: figures(judged, task, DRAWS if run == runs[0] else 0) for run, judged in pooled.items()}
    write_table(folder / "folds.csv", [{"run": name.split("-")[0], "part": name.split("-", 1)[1], **flat(m)} for name, m in per_part.items()])
    write_table(folder / "runs.csv", [{"run": run, **flat(m)} for run, m in found.items()])
    write_predictions(folder / "predictions.csv", pooled[runs[0]], task)
    shares = [flat(m) for m in per_part.values()]
    noise = FeatureCache(cache.root, task.name, probes.noise_spec(config["frontEnd"]))
    told = read(folder, "cv.json") | {
        **found[runs[0]],  # of the first run, which has the data's own folds
        "probes": probes.probe(task, noise, [(splits[name].training, splits[name].test) for name in plan if name.startswith(runs[0] + "-")]),
        "meanOfParts": {name: scores.mean([s[name] for s in shares]) for name in shares[0] if isinstance(shares[0][name], float)},
        "runsMean": {name: spread([flat(m)[name] for m in found.values()]) for name in flat(found[runs[0]]) if len(runs) > 1},
    }
    if config["split"]["protocol"] == "random":
        told["grouped"] = beside(folder, config)
    write_json(folder / "cv.json", told)
    return told


def spread(values: list[float]) -> dict[str, float]:
    return {"mean": float(np.mean(values)), "deviation": float(np.std(values, ddof=1))}


def flat(metrics: dict) -> dict[str, float]:
    """The figures of a table's row."""
    row = {"recordings": metrics["recordings"], **{name: metrics["answeringAll"][name] for name in FLAT if name in metrics["answeringAll"]}}
    row["withinDatabaseAuroc"] = metrics["withinDatabaseAuroc"]
    row["coverage"] = metrics["abstaining"]["coverage"]
    row["missedAnswered"] = 1 - metrics["abstaining"]["sensitivity"]
    for prefix, name in (("class", "classes"), ("finding", "findings"), ("group", "byGroup"), ("patient", "challenge2022")):
        for key, value in metrics.get(name, {}).items():
            if isinstance(value, float):
                row[prefix + key[0].upper() + key[1:]] = value
    return row
