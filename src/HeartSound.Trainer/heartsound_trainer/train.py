"""The training loop. Everything random comes from (seed, training recordings, epoch), so a run that was interrupted and resumed ends as one that was not.

Several processes (torchrun) train one network: each takes its share of every batch, and the first one validates, writes and speaks. What comes out is what one
process would have made, but for what each process draws of its own (augmentation, mixup, dropout), batch norm, whose statistics are of a process's share of
the batch (those of the first are kept), and balanced class weights, which are balanced within a share.
"""

import copy
import fcntl
import hashlib
import json
import math
import os
import subprocess
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from tqdm import tqdm

from . import calibrate, losses, models, optimise, sampler, tasks
from .augment import augment, mixup
from .config import DEFAULTS
from .errors import TrainerError
from .features import FeatureCache, Windows, write_json, write_table, write_whole
from .judge import figures, judge, validation_figures
from .predict import Recordings, aggregate, joined, window_logits
from .splits import Member, Split
from .tasks import Record

SELECT_BY = ("last", "auroc", "withinDatabaseAuroc", "balancedAccuracy", "macroAuroc", "loss")


def train(config: dict, run: Path, cache_root: Path, resume: bool = False, pool: Path | None = None) -> dict:
    """Trains the members into the folder ``run`` and calibrates their mean; returns the calibration. With ``resume`` goes on after the last whole epoch.
    ``pool``: folder where cross-validation keeps members, so that folds which share a training part share its network."""
    cache = FeatureCache(cache_root, config["task"], config["frontEnd"])
    split = Split(cache.records(), config["split"])
    check(config, split, cache_root)
    with processes(config["train"]["device"]) as device:
        folders = [member_folder(run, i, member, config, pool) for i, member in enumerate(split.members)]
        once(lambda: open_run(run, config, resume, folders))
        for i, (member, folder) in enumerate(zip(split.members, folders)):
            if len(split.members) > 1 and first():
                print(f"member {i + 1} of {len(split.members)}: validates on fold {member.validation[0].fold}", flush=True)
            train_member(config, member, folder, cache, device)
        return once(lambda: calibrated(config, split, folders, run, cache, device))


def check(config: dict, split: Split, cache_root: Path) -> None:
    """Refuses what cannot or must not be trained, before anything is written."""
    settings, multi_label = config["train"], tasks.named(config["task"]).multi_label
    optimise.check(settings)
    if settings["selectBy"] not in SELECT_BY:
        raise TrainerError(f"train.selectBy is '{settings['selectBy']}', must be one of {', '.join(SELECT_BY)}")
    if multi_label != (config["loss"]["kind"] == "binary"):
        raise TrainerError(
            f"a recording of {config['task']} has {'any number of labels' if multi_label else 'exactly one label'}: loss.kind must {'' if multi_label else 'not '}be binary"
        )
    if config["export"]["quality"] != DEFAULTS["export"]["quality"]:
        raise TrainerError("export.quality differs from the product's gates, by which the features' windows were accepted: the device would judge other windows than were trained on")
    network(config)  # refuses names and settings that no network has
    if config["distil"]["teacher"]:
        teacher_config(config)
    tested = known_by(config["task"], split.test)
    for setting, run in sources(config).items():
        known = sorted(tested & learnt_from(run, cache_root))
        if known:
            raise TrainerError(f"{setting} {run} learnt from recordings or groups of this run's test part, such as {known[0][1]}; choose one with the same test part ({split.test_name})")


def member_folder(run: Path, index: int, member: Member, config: dict, pool: Path | None) -> Path:
    return run / f"member{index}" if pool is None else pool / member_key(config, member)


def member_key(config: dict, member: Member) -> str:
    """Twelve hex digits of all that a network depends on: recipe and training recordings, and validation ones if they choose its epoch."""
    recipe = {name: value for name, value in config.items() if name not in ("split", "calibrate", "export")}
    chosen_by = [] if config["train"]["selectBy"] == "last" else [r.file for r in member.validation]
    told = json.dumps([recipe, sorted(r.file for r in member.train), sorted(chosen_by)], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def train_member(config: dict, member: Member, folder: Path, cache: FeatureCache, device: torch.device) -> None:
    """One network, to its last epoch; nothing is done where that is there already."""
    with alone(folder):
        if not finished(once(lambda: read(folder, "history.json") if (folder / "history.json").exists() else []), config["train"]):
            train_epochs(config, member, folder, cache, device)


def train_epochs(config: dict, member: Member, folder: Path, cache: FeatureCache, device: torch.device) -> None:
    settings, task, history = config["train"], tasks.named(config["task"]), []

    # Step 1: the recordings that may be seen, and the network.
    torch.set_num_threads(settings["threads"])
    seed = [settings["seed"], int(hashlib.sha256("\n".join(sorted(r.file for r in member.train)).encode()).hexdigest()[:8], 16)]
    torch.manual_seed(int(np.random.default_rng(seed).integers(2**31)))
    part, validation = cache.open(member.train), cache.open(member.validation)
    model = network(config).to(device, memory_format=torch.channels_last)
    start_from(model, config, seed[1])
    average = copy.deepcopy(model)  # moving average of the weights: what is validated, kept and exported
    optimiser = optimise.optimiser(model, settings)
    loss_of = losses.build(config["loss"], class_counts(part, task), len(part.records))
    teacher = load_teacher(config, device)
    state = once(lambda: load(folder / "last.pt") if (folder / "last.pt").exists() else None)
    if state:
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict({"state": state["moments"], "param_groups": optimiser.state_dict()["param_groups"]})
        history = json.loads(state["history"])
    if first():
        if history:
            write_history(folder, history)  # the last interruption may have come between the weights and this
        describe(config, part, validation, model, device)
    parallel = torch.nn.parallel.DistributedDataParallel(model) if dist.is_initialized() else model

    # Step 2: epochs. The schedule is a function of step and history, so it needs no state.
    weights = sampler.recording_weights(part, config["sampler"])
    draws = round(config["sampler"]["windowsPerRecording"] * len(part.records))
    steps = math.ceil(draws / settings["batch"])
    seen = sampler.spread(validation, settings["validationWindows"])
    while not finished(history, settings):
        epoch, began = len(history), time.perf_counter()
        rng = np.random.default_rng([*seed, epoch])
        torch.manual_seed(int(rng.integers(2**31)) + rank())
        rows = sampler.draw(part, weights, draws, rng)
        loss = run_epoch(parallel, average, optimiser, loss_of, teacher, part, rows, config, rng, epoch * steps, settings["epochs"] * steps, history)
        seconds = time.perf_counter() - began

        # Step 3: validation recordings, checkpoint, and the best so far.
        def row() -> dict:
            found = aggregate(validation, seen, window_logits(average, validation.features, seen))
            row = {"epoch": epoch + 1, "loss": loss, **validation_figures(found, task), "seconds": seconds}
            return row | {"validationSeconds": time.perf_counter() - began - seconds}

        history.append(once(row))
        if math.isnan(merit(history, settings)[-1]):
            raise TrainerError(f"train.selectBy {settings['selectBy']} has no value on these validation recordings, where a class is missing; choose loss or last")
        if first():
            if merit(history, settings)[-1] >= max(merit(history, settings)):
                save(folder / "best.pt", {"epoch": epoch + 1, "model": average.state_dict()})
            checkpoint = {"model": model.state_dict(), "average": average.state_dict(), "moments": optimiser.state_dict()["state"], "history": json.dumps(history)}
            save(folder / "last.pt", checkpoint)
            write_history(folder, history)
            print(" ".join(f"{key} {value:.4g}" for key, value in history[-1].items()), flush=True)


def run_epoch(model, average, optimiser, loss_of, teacher, part: Windows, rows, config: dict, rng: np.random.Generator, step: int, steps: int, history: list[dict]) -> float:
    """One pass over windows ``rows``; returns the mean loss. ``step`` of ``steps`` places it in the schedule."""
    settings = config["train"]
    device = next(model.parameters()).device
    targets = target_matrix(part, tasks.named(config["task"]))  # (windows, labels)
    g = torch.Generator().manual_seed(int(rng.integers(2**31)) + rank())
    total = torch.zeros((), device=device)
    model.train()
    for start in tqdm(range(0, len(rows), settings["batch"]), unit="batch", leave=False, disable=None if first() else True):
        batch = rows[start : start + settings["batch"]]
        mine = batch[rank() :: world()]
        share = len(mine) / len(batch)  # 0: more processes than windows; this one takes part with a window that does not count
        mine = mine if len(mine) else batch[:1]
        x = torch.from_numpy(part.features[mine].astype(np.float32)).unsqueeze(1)  # (B, 1, M, T)
        target = targets[mine]  # (B, labels)
        x = augment(x, config["augment"], g)
        if config["augment"]["mixup"]:
            x, target = mixup(x, target, config["augment"]["mixup"], rng)
        x, target = x.to(device, memory_format=torch.channels_last), target.to(device)

        rate = optimise.rate(settings["schedule"], step, steps, settings["learningRate"], settings["warmup"], merit(history, settings), settings["plateauPatience"])
        for group in optimiser.param_groups:
            group["lr"] = rate
        logits = model(x)
        loss = loss_of(logits, target)
        if teacher is not None:
            with torch.no_grad():
                told = teacher(x)
            learnt = losses.distillation(logits, told, config["distil"]["temperature"], config["loss"]["kind"] == "binary")
            loss = (1 - config["distil"]["share"]) * loss + config["distil"]["share"] * learnt
        optimiser.zero_grad(set_to_none=True)
        (loss * share * world()).backward()  # of which the mean over processes is taken
        if settings["clipNorm"]:
            torch.nn.utils.clip_grad_norm_(model.parameters(), settings["clipNorm"])
        optimiser.step()
        step += 1
        keep = optimise.kept(settings["average"], step, steps, settings["emaDecay"], settings["swaFrom"])
        optimise.follow(average, model.module if dist.is_initialized() else model, keep)
        total += loss.detach() * share * len(batch)
    mean = float(shared_sum(total)) / len(rows)
    if not math.isfinite(mean):
        raise TrainerError(f"the loss is {mean} after {step} steps; lower train.learningRate")
    return mean


def calibrated(config: dict, split: Split, folders: list[Path], run: Path, cache: FeatureCache, device: torch.device) -> dict:
    """Temperature, threshold and abstain band from the validation recordings of all members, each judged by the member that did not train on it."""
    task, parts, epochs = tasks.named(config["task"]), [], []
    for member, folder in zip(split.members, folders):
        best = load(folder / "best.pt", device)
        model = network(config).to(device, memory_format=torch.channels_last)
        model.load_state_dict(best["model"])
        validation = cache.open(member.validation)
        seen = sampler.spread(validation, 0)
        parts.append(aggregate(validation, seen, window_logits(model, validation.features, seen)))
        epochs.append(best["epoch"])
    found = joined(parts)
    calibration = calibrate.calibrate(found.targets(task), found.logits, task, config["calibrate"])
    calibration["epoch"] = epochs[0] if len(epochs) == 1 else epochs
    calibration["validation"] = figures(judge(found, calibration, task), task, draws=0)
    write_history(run, [{"member": i, **row} for i, folder in enumerate(folders) for row in json.loads((folder / "history.json").read_text())])
    write_json(run / "calibration.json", calibration)
    return calibration


def network(config: dict) -> torch.nn.Module:
    return models.build(config["model"], len(tasks.named(config["task"]).labels), config["network"], config["frontEnd"]["melBands"])


def merit(history: list[dict], settings: dict) -> list[float]:
    """Of each epoch, the more the better: what the best one is chosen by."""
    if settings["selectBy"] == "last":
        return [row["epoch"] for row in history]
    return [-row["validationLoss"] if settings["selectBy"] == "loss" else row[settings["selectBy"]] for row in history]


def finished(history: list[dict], settings: dict) -> bool:
    return len(history) >= settings["epochs"] or optimise.stopped(merit(history, settings), settings["patience"])


def target_matrix(windows: Windows, task: tasks.Task) -> torch.Tensor:
    """(windows, labels) float: 1 where the window's recording has the label."""
    of = np.zeros((len(windows.records), len(task.labels)), np.float32)
    for i, record in enumerate(windows.records):
        of[i, list(record.labels)] = 1
    return torch.from_numpy(of[windows.record])


def class_counts(windows: Windows, task: tasks.Task) -> list[int]:
    """Recordings that carry each label."""
    return [sum(k in r.labels for r in windows.records) for k in range(len(task.labels))]


def load_teacher(config: dict, device: torch.device) -> torch.nn.Module | None:
    """The mean of a finished run's members, which sees the very windows that the student sees (Beyer et al. 2022)."""
    if not config["distil"]["teacher"]:
        return None
    return load_run(Path(config["distil"]["teacher"]), teacher_config(config), device)


def teacher_config(config: dict) -> dict:
    """The teacher's config, which must fit the student's windows and labels."""
    run = Path(config["distil"]["teacher"])
    theirs = read(run, "config.json")
    if theirs["task"] != config["task"] or theirs["frontEnd"] != config["frontEnd"]:
        raise TrainerError(f"distil.teacher {run} has another task or front end")
    return theirs


def start_from(model: torch.nn.Module, config: dict, choice: int) -> None:
    """Every weight that has the name and shape of one in a finished run's network, which one of its members ``choice`` says, is that one's."""
    if not config["train"]["pretrained"]:
        return
    run = Path(config["train"]["pretrained"])
    members = read(run, "run.json")["members"]
    theirs, own = load(run / members[choice % len(members)] / "best.pt")["model"], model.state_dict()
    same = {name: value for name, value in theirs.items() if name in own and own[name].shape == value.shape}
    if 2 * sum(value.numel() for value in same.values()) < sum(value.numel() for value in own.values()):
        raise TrainerError(f"train.pretrained {run} is another network: less than half of the weights fit")
    model.load_state_dict({**own, **same})


def sources(config: dict) -> dict[str, Path]:
    """Finished runs that a run learns from, by the setting that names them."""
    named = {"distil.teacher": config["distil"]["teacher"], "train.pretrained": config["train"].get("pretrained")}  # older runs lack the latter
    return {setting: Path(run) for setting, run in named.items() if run}


def learnt_from(run: Path, cache_root: Path) -> set[tuple[str, str]]:
    """What a finished run has heard, itself or by way of the runs that it learnt from."""
    theirs = read(run, "config.json")
    split = Split(FeatureCache(cache_root, theirs["task"], theirs["frontEnd"]).records(), DEFAULTS["split"] | theirs["split"])
    return known_by(theirs["task"], split.training).union(*(learnt_from(other, cache_root) for other in sources(theirs).values()))


def known_by(task: str, records: list[Record]) -> set[tuple[str, str]]:
    """(data set, file) and (data set, group) of recordings: two tasks may share a data set."""
    return {(tasks.named(task).folder, name) for r in records for name in (r.file, r.group)}


def load_run(run: Path, config: dict, device: torch.device) -> torch.nn.Module:
    """The network of a run in eval mode: its only member, or the mean logit of its members."""
    members = []
    for name in read(run, "run.json")["members"]:
        model = network(config)
        model.load_state_dict(load(run / name / "best.pt")["model"])
        members.append(model)
    whole = members[0] if len(members) == 1 else models.Ensemble(members)
    return whole.to(device, memory_format=torch.channels_last).eval()


def open_run(run: Path, config: dict, resume: bool, folders: list[Path]) -> None:
    """Makes the run's folder and notes config and git revision; refuses one that holds another run."""
    if (run / "config.json").exists():
        if not resume:
            raise TrainerError(f"{run} holds a run already; add --resume to go on with it, or choose another --name")
        if read(run, "config.json") != config:
            raise TrainerError(f"the config is not the one that {run} was begun with ({run}/config.json); choose another --name")
        return
    run.mkdir(parents=True, exist_ok=True)
    told = {"trainer": git_revision(), "seed": config["train"]["seed"], "torch": torch.__version__, "numpy": np.__version__, "processes": world()}
    write_json(run / "run.json", told | {"members": [os.path.relpath(folder, run) for folder in folders]})
    write_json(run / "config.json", config)


# Several processes: torchrun starts them and ends all when one fails; a job array, or cv --jobs, has runs at the same time.


@contextmanager
def processes(device: str):
    """Joins the other processes when torchrun started this one; gives the device to train on."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield choose_device(device)
        return
    cuda = choose_device(device).type == "cuda"
    dist.init_process_group("nccl" if cuda else "gloo")
    try:
        here = torch.device("cuda", int(os.environ["LOCAL_RANK"])) if cuda else torch.device("cpu")
        if cuda:
            torch.cuda.set_device(here)
        yield here
        dist.barrier()
    finally:
        dist.destroy_process_group()


def rank() -> int:
    return dist.get_rank() if dist.is_initialized() else 0


def world() -> int:
    return dist.get_world_size() if dist.is_initialized() else 1


def first() -> bool:
    return rank() == 0


def once(act: Callable):
    """The first process does it, and all get its answer or its complaint."""
    told = [None, None]
    if first():
        try:
            told[0] = act()
        except TrainerError as error:
            told[1] = error
    if dist.is_initialized():
        dist.broadcast_object_list(told, 0)
    if told[1]:
        raise told[1]
    return told[0]


@contextmanager
def alone(folder: Path):
    """Waits for another run that trains the same network; folds of a cross-validation share some."""
    if not first():
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def shared_sum(value: torch.Tensor) -> torch.Tensor:
    if dist.is_initialized():
        dist.all_reduce(value)
    return value


def choose_device(name: str) -> torch.device:
    return torch.device(name if name != "auto" else "cuda" if torch.cuda.is_available() else "cpu")


def git_revision() -> str:
    """Revision of the checkout that this file is in, with -dirty when it was changed; 'unknown' outside of one."""
    here = str(Path(__file__).parent)
    told = subprocess.run(["git", "-C", here, "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"], capture_output=True, text=True)
    return told.stdout.strip() or "unknown"


def describe(config: dict, part: Windows, validation: Windows, model, device) -> None:
    size = sum(p.numel() for p in model.parameters())
    shared = f" in each of {world()} processes" if world() > 1 else ""
    print(
        f"{config['task']}: {len(part.records)} recordings ({len(part.record)} windows) to train on, {len(validation.records)} ({len(validation.record)}) "
        f"to validate on; {config['model']} with {size:,} parameters on {device}, {torch.get_num_threads()} threads{shared}",
        flush=True,
    )


def write_history(folder: Path, history: list[dict]) -> None:
    write_json(folder / "history.json", history)
    write_table(folder / "history.csv", history)


def save(path: Path, value: dict) -> None:
    write_whole(path, lambda out: torch.save(value, out))


def load(path: Path, device: torch.device = torch.device("cpu")) -> dict:
    """Tensors, texts and integers only: what PyTorch 1.13 reads back without running code from the file."""
    if not path.exists():
        raise TrainerError(f"{path} does not exist; run `python -m heartsound_trainer train` first")
    return torch.load(path, map_location=device, weights_only=True)


def read(run: Path, name: str) -> dict:
    if not (run / name).exists():
        raise TrainerError(f"{run / name} does not exist; run `python -m heartsound_trainer train --name {run.name}` to its end first")
    return json.loads((run / name).read_text())
