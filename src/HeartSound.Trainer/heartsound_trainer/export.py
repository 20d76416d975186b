"""A trained run becomes models/<id>/: model.onnx with its manifest, golden.json, labels.txt, CARD.md. What does not check is not written."""

import copy
import datetime
import hashlib
import json
from pathlib import Path

import numpy as np
import torch

from . import card, golden, graph, heartsound, models, sampler, tasks
from .config import window_shape
from .errors import TrainerError
from .features import FeatureCache, Windows, write_json, write_whole
from .predict import aggregate, window_logits
from .splits import Split
from .train import load_run, read

FLOAT_TOLERANCE = 1e-4  # ONNX graph against PyTorch, both float32
HALF_TOLERANCE = 1e-2  # float16-rounded weights against float32 weights
LARGEST_FILE = 25e6  # bytes
CHECKED_WINDOWS = 16  # run through the ONNX graph one by one


def export(run: Path, models_folder: Path, cache_root: Path, program: str, without_metrics: bool = False, verify: bool = True) -> Path:
    config, calibration = read(run, "config.json"), read(run, "calibration.json")
    if not (run / "metrics.json").exists() and not without_metrics:
        raise TrainerError(f"{run} has not been evaluated; run `python -m heartsound_trainer evaluate --name {run.name}`, or add --without-metrics")
    if config["split"]["protocol"] != "grouped":
        raise TrainerError(f"{run} was split {config['split']['protocol']}: its figures leak, and it is not exported")
    metrics = read(run, "metrics.json") if (run / "metrics.json").exists() else None
    task, spec = tasks.named(config["task"]), config["frontEnd"]
    cache = FeatureCache(cache_root, task.name, spec)
    split = Split(cache.records(), config["split"])
    validation = cache.open(split.members[0].validation)
    torch.set_num_threads(config["train"]["threads"])

    # Step 1: the graph with float32 weights, then with float16 ones; both against PyTorch on validation windows.
    trained = load_run(run, config, torch.device("cpu"))
    folded = models.fold_batch_norm(copy.deepcopy(trained))
    rounded = graph.round_to_half(copy.deepcopy(folded))
    full = graph.to_onnx(folded, window_shape(spec))
    half = graph.halve(full)
    checks = check(trained, rounded, full, half, validation, task.multi_label)

    # Step 2: the manifest, which makes the file complete.
    model_id = config["export"]["id"] or f"{task.name}-{config['model']}"
    graph.set_metadata(half, {"heartsound.manifest": json.dumps(manifest(model_id, config, calibration, metrics, task, run, split), ensure_ascii=False)})
    content = half.SerializeToString()
    if len(content) > LARGEST_FILE:
        raise TrainerError(f"the model is {len(content):,} bytes, more than {LARGEST_FILE:,.0f}")

    # Step 3: golden cases, made with the very weights of the file.
    sha256 = hashlib.sha256(content).hexdigest()
    goldens = golden.make(rounded, spec, task.labels, program, sha256)

    # Step 4: write, and have the product check it.
    folder = models_folder / model_id
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "model.onnx", lambda out: out.write(content))
    write_json(folder / "golden.json", goldens)
    (folder / "labels.txt").write_text("".join(name + "\n" for name in task.labels))  # as jetson-inference wants them
    text = card.text(model_id, config, calibration, metrics, checks, task, split, read(run, "run.json")["trainer"], sha256, len(content))
    (folder / "CARD.md").write_text(text)
    if verify:
        print(heartsound.run(program, "model", "verify", str(folder)).stdout.strip())
    return folder


def check(trained, rounded, full, half, validation: Windows, multi_label: bool) -> dict[str, float]:
    """Largest differences between PyTorch and the two graphs; stops when one is too large or a recording changes its label."""
    rows = sampler.spread(validation, 0)
    exact = window_logits(trained, validation.features, rows)
    near = window_logits(rounded, validation.features, rows)
    some = np.linspace(0, len(rows) - 1, min(CHECKED_WINDOWS, len(rows))).round().astype(int)
    by_full, by_half = (
        np.concatenate([graph.run_graph(model, validation.features[rows[i]][None, None].astype(np.float32)) for i in some]) for model in (full, half)
    )
    found = {
        "graphFloat32": float(np.abs(by_full - exact[some]).max()),
        "graphFloat16": float(np.abs(by_half - near[some]).max()),
        "roundingToFloat16": float(np.abs(near - exact).max()),
        "windows": len(rows),
    }
    for name, limit in (("graphFloat32", FLOAT_TOLERANCE), ("graphFloat16", FLOAT_TOLERANCE), ("roundingToFloat16", HALF_TOLERANCE)):
        if not found[name] <= limit:
            raise TrainerError(f"export check {name}: logits differ by {found[name]:.3g}, at most {limit:g} is allowed")
    before, after = aggregate(validation, rows, exact), aggregate(validation, rows, near)
    said = [found.logits > 0 if multi_label else found.logits.argmax(1) for found in (before, after)]
    changed = (said[0] != said[1]).sum()
    if changed:
        raise TrainerError(f"export check: float16 weights change the label of {changed} validation recordings")
    return found


def manifest(model_id: str, config: dict, calibration: dict, metrics: dict | None, task: tasks.Task, run: Path, split: Split) -> dict:
    return {
        "schema": 1,
        "id": model_id,
        "version": config["export"]["version"],
        "task": task.name,
        "labels": list(task.labels),
        "alarmLabels": list(task.alarm_labels),
        "output": "sigmoid" if task.multi_label else "softmax",
        "frontEnd": config["frontEnd"],
        "calibration": {
            "temperature": round(calibration["temperature"], 6),
            "alarmBelow": round(calibration["alarmBelow"], 6),
            "alarmThreshold": round(calibration["threshold"], 6),
            "alarmAbove": round(calibration["alarmAbove"], 6),
        },
        "policy": config["export"]["policy"],
        "quality": config["export"]["quality"],
        "goldenTolerance": config["export"]["goldenTolerance"],
        "dataset": {
            "name": task.dataset,
            "licence": task.licence,
            "split": f"by group, before windowing; test {split.test_name}; {len(split.members)} members, each validated on another fold",
            "groups": {part: len({r.group for r in records}) for part, records in (("training", split.training), ("test", split.test))},
        },
        "metrics": summary(metrics),
        "created": datetime.date.today().isoformat(),
        "trainer": read(run, "run.json")["trainer"],
    }


def summary(metrics: dict | None) -> dict:
    """The few numbers that travel with the model; CARD.md has them all."""
    if metrics is None:
        return {}
    every = metrics["answeringAll"]
    told = {
        "testRecordings": metrics["recordings"],
        **{name: round(every[name], 4) for name in ("sensitivity", "specificity", "balancedAccuracy", "macc", "macroF1", "auroc") if name in every},
        **{
            f"{kind}{name[0].upper()}{name[1:]}": round(value, 4)  # classBalancedAccuracy and so on, beside those of alarm or not
            for kind, all_of in (("class", "classes"), ("finding", "findings"))
            for name, value in metrics.get(all_of, {}).items()
            if isinstance(value, float)
        },
        **({"withinDatabaseAuroc": round(metrics["withinDatabaseAuroc"], 4)} if len(metrics["byDatabase"]) > 1 else {}),
        "balancedAccuracyInterval95": [round(v, 4) for v in every["interval95"]["balancedAccuracy"]],
        "coverage": round(metrics["abstaining"]["coverage"], 4),
        "balancedAccuracyAnswered": round(metrics["abstaining"]["balancedAccuracy"], 4),
        **{f"{name}BalancedAccuracy": round(probe["balancedAccuracy"], 4) for name, probe in metrics["probes"].items()},
    }
    return {name: value for name, value in told.items() if value == value}  # JSON has no NaN
