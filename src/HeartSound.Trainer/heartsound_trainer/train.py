"""The training loop. Everything random comes from (seed, epoch), so a run that was interrupted and resumed ends as one that was not."""

import copy
import csv
import json
import math
import subprocess
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tqdm import tqdm

from . import calibrate, models, sampler, scores, tasks
from .augment import augment, mixup
from .errors import TrainerError
from .features import FeatureCache, Windows, write_json, write_whole
from .predict import Recordings, aggregate, alarm_columns, window_logits
from .splits import Split


def train(config: dict, run: Path, cache_root: Path, resume: bool = False) -> dict:
    """Trains into the folder ``run``; returns the calibration. With ``resume`` goes on after the last whole epoch."""
    settings, task = config["train"], tasks.named(config["task"])
    cache = FeatureCache(cache_root, task.name, config["frontEnd"])
    split = Split(cache.records(), config["split"]["testFold"], config["split"]["validationFold"])
    state = open_run(run, config, resume)

    # Step 1: the parts that may be seen, and the network.
    device = choose_device(settings["device"])
    torch.set_num_threads(settings["threads"])
    torch.manual_seed(settings["seed"])
    part, validation = split.open("train", cache), split.open("validation", cache)
    model = models.build(config["model"], len(task.labels)).to(device, memory_format=torch.channels_last)
    average = copy.deepcopy(model)  # moving average of the weights: what is validated, kept and exported
    optimiser = torch.optim.AdamW(weight_groups(model, settings["weightDecay"]), lr=settings["learningRate"])
    history = []
    if state:
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict({"state": state["moments"], "param_groups": optimiser.state_dict()["param_groups"]})
        history = json.loads(state["history"])
    describe(config, part, validation, model, device)

    # Step 2: epochs. The schedule is a function of the step, so it needs no state.
    weights = sampler.recording_weights(part, config["sampler"]["databasePower"])
    draws = config["sampler"]["windowsPerRecording"] * len(part.records)
    steps = math.ceil(draws / settings["batch"])
    seen = sampler.spread(validation, settings["validationWindows"])
    for epoch in range(len(history), settings["epochs"]):
        began = time.perf_counter()
        rng = np.random.default_rng([settings["seed"], epoch])
        torch.manual_seed(int(rng.integers(2**31)))
        rows = sampler.draw(part, weights, draws, rng)
        loss = run_epoch(model, average, optimiser, part, rows, config, rng, epoch * steps, settings["epochs"] * steps)
        seconds = time.perf_counter() - began

        # Step 3: validation recordings, checkpoint, and the best so far.
        found = aggregate(validation, seen, window_logits(average, validation.features, seen))
        row = {"epoch": epoch + 1, "loss": loss, **figures(found, task), "seconds": seconds, "validationSeconds": time.perf_counter() - began - seconds}
        history.append(row)
        if row[settings["selectBy"]] >= max(r[settings["selectBy"]] for r in history):
            save(run / "best.pt", {"epoch": epoch + 1, "model": average.state_dict()})
        checkpoint = {"model": model.state_dict(), "average": average.state_dict(), "moments": optimiser.state_dict()["state"], "history": json.dumps(history)}
        write_history(run, history)
        save(run / "last.pt", checkpoint)
        print(" ".join(f"{key} {value:.4g}" for key, value in row.items()), flush=True)

    # Step 4: temperature, threshold and abstain band of the best epoch, on all validation windows.
    best = load(run / "best.pt", device)
    average.load_state_dict(best["model"])
    seen = sampler.spread(validation, 0)
    found = aggregate(validation, seen, window_logits(average, validation.features, seen))
    alarm = np.isin(found.label, alarm_columns(task))
    calibration = calibrate.calibrate(alarm, found.logits, found.label, alarm_columns(task), config["calibrate"])
    score = calibrate.softmax(found.logits, calibration["temperature"])[:, alarm_columns(task)].sum(1)
    answer = calibrate.decide(score, calibration, found.has_good)
    forced = np.where(score >= calibration["threshold"], scores.ALARM, scores.CLEAR)
    calibration["epoch"] = best["epoch"]
    calibration["validation"] = {
        "recordings": len(alarm),
        "auroc": scores.auroc(alarm, score),
        "withinDatabaseAuroc": scores.within_database_auroc(alarm, score, found.database),
        "answeringAll": scores.rates(alarm, forced),
        "abstaining": scores.rates(alarm, answer) | {"coverage": float((answer != scores.UNSURE).mean())},
        "calibrationError": {
            "before": scores.calibration_error(alarm, calibrate.softmax(found.logits)[:, alarm_columns(task)].sum(1)),
            "after": scores.calibration_error(alarm, score),
        },
    }
    write_json(run / "calibration.json", calibration)
    return calibration


def run_epoch(model, average, optimiser, part: Windows, rows: np.ndarray, config: dict, rng: np.random.Generator, step: int, steps: int) -> float:
    """One pass over windows ``rows``; returns the mean loss. ``step`` of ``steps`` places it in the schedule."""
    settings = config["train"]
    device = next(model.parameters()).device
    label = torch.tensor([r.label for r in part.records])[torch.from_numpy(part.record)]  # (windows,)
    labels = len(tasks.named(config["task"]).labels)
    g = torch.Generator().manual_seed(int(rng.integers(2**31)))
    total = torch.zeros((), device=device)
    model.train()
    for first in tqdm(range(0, len(rows), settings["batch"]), unit="batch", leave=False, disable=None):
        batch = rows[first : first + settings["batch"]]
        x = torch.from_numpy(part.features[batch].astype(np.float32)).unsqueeze(1)  # (B, 1, M, T)
        target = F.one_hot(label[batch], labels).float()  # (B, labels)
        x = augment(x, config["augment"], g)
        if config["augment"]["mixup"]:
            x, target = mixup(x, target, config["augment"]["mixup"], rng)
        x, target = x.to(device, memory_format=torch.channels_last), target.to(device)

        rate = one_cycle(step, steps, settings["learningRate"], settings["warmup"])
        for group in optimiser.param_groups:
            group["lr"] = rate
        loss = F.cross_entropy(model(x), target, label_smoothing=settings["labelSmoothing"])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), settings["clipNorm"])
        optimiser.step()
        step += 1
        follow(average, model, min(settings["emaDecay"], step / (step + 9)))  # early on the average forgets faster
        total += loss.detach() * len(batch)
    mean = float(total) / len(rows)
    if not math.isfinite(mean):
        raise TrainerError(f"the loss is {mean} after {step} steps; lower train.learningRate")
    return mean


def one_cycle(step: int, steps: int, peak: float, warmup: float) -> float:
    """Cosine from peak/25 up to ``peak`` in the first part ``warmup``, then down to peak/10,000 (Smith & Topin 2018)."""
    rise = max(warmup * steps, 1e-9)
    if step < rise:
        return peak / 25 + (peak - peak / 25) * (1 - math.cos(math.pi * step / rise)) / 2
    return peak / 1e4 + (peak - peak / 1e4) * (1 + math.cos(math.pi * (step - rise) / max(steps - rise, 1e-9))) / 2


@torch.no_grad()
def follow(average: torch.nn.Module, model: torch.nn.Module, decay: float) -> None:
    """average ← decay · average + (1 − decay) · model, weights and batch-norm statistics alike; counters are copied."""
    for mine, theirs in zip(average.state_dict().values(), model.state_dict().values()):
        if mine.is_floating_point():
            mine.lerp_(theirs, 1 - decay)
        else:
            mine.copy_(theirs)


def weight_groups(model: torch.nn.Module, decay: float) -> list[dict]:
    """Weight decay for matrices and kernels, none for biases and batch norm."""
    wide = [p for p in model.parameters() if p.ndim > 1]
    narrow = [p for p in model.parameters() if p.ndim <= 1]
    return [{"params": wide, "weight_decay": decay}, {"params": narrow, "weight_decay": 0.0}]


def figures(found: Recordings, task: tasks.Task) -> dict[str, float]:
    """What an epoch is chosen by, over recordings."""
    columns = alarm_columns(task)
    alarm = np.isin(found.label, columns)
    score = calibrate.softmax(found.logits)[:, columns].sum(1)
    cut = calibrate.threshold(alarm, score, 1.0)
    best = scores.rates(alarm, np.where(score >= cut, scores.ALARM, scores.CLEAR))
    return {
        "auroc": scores.auroc(alarm, score),
        "withinDatabaseAuroc": scores.within_database_auroc(alarm, score, found.database),
        "balancedAccuracy": best["balancedAccuracy"],
    }


def open_run(run: Path, config: dict, resume: bool) -> dict | None:
    """Makes the run's folder and notes config and git revision, or gives the state of the run that is there."""
    if config["train"]["selectBy"] not in ("auroc", "withinDatabaseAuroc", "balancedAccuracy"):
        raise TrainerError(f"train.selectBy is '{config['train']['selectBy']}', must be auroc, withinDatabaseAuroc or balancedAccuracy")
    if (run / "last.pt").exists():
        if not resume:
            raise TrainerError(f"{run} holds a run already; add --resume to go on with it, or choose another --name")
        if json.loads((run / "config.json").read_text()) != config:
            raise TrainerError(f"the config is not the one that {run} was begun with ({run}/config.json); choose another --name")
        return load(run / "last.pt", choose_device(config["train"]["device"]))
    run.mkdir(parents=True, exist_ok=True)
    write_json(run / "config.json", config)
    write_json(run / "run.json", {"trainer": git_revision(), "seed": config["train"]["seed"], "torch": torch.__version__, "numpy": np.__version__})
    return None


def choose_device(name: str) -> torch.device:
    return torch.device(name if name != "auto" else "cuda" if torch.cuda.is_available() else "cpu")


def git_revision() -> str:
    """Revision of the checkout that this file is in, with -dirty when it was changed; 'unknown' outside of one."""
    here = str(Path(__file__).parent)
    told = subprocess.run(["git", "-C", here, "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"], capture_output=True, text=True)
    return told.stdout.strip() or "unknown"


def describe(config: dict, part: Windows, validation: Windows, model, device) -> None:
    size = sum(p.numel() for p in model.parameters())
    print(
        f"{config['task']}: {len(part.records)} recordings ({len(part.record)} windows) to train on, {len(validation.records)} ({len(validation.record)}) "
        f"to validate on; {config['model']} with {size:,} parameters on {device}, {torch.get_num_threads()} threads",
        flush=True,
    )


def write_history(run: Path, history: list[dict]) -> None:
    write_json(run / "history.json", history)
    with (run / "history.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, history[0].keys())
        writer.writeheader()
        writer.writerows(history)


def save(path: Path, value: dict) -> None:
    write_whole(path, lambda out: torch.save(value, out))


def load(path: Path, device: torch.device = torch.device("cpu")) -> dict:
    """Tensors, texts and integers only: what PyTorch 1.13 reads back without running code from the file."""
    if not path.exists():
        raise TrainerError(f"{path} does not exist; run `python -m heartsound_trainer train` first")
    return torch.load(path, map_location=device, weights_only=True)
