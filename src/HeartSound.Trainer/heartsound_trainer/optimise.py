"""Optimiser, learning rate, early stopping and average of the weights. All but the optimiser's moments is a function of step and history, so a run that
is resumed needs no state of them."""

import math

import torch

from .errors import TrainerError

SCHEDULES = ("oneCycle", "cosine", "constant", "plateau")
AVERAGES = ("ema", "swa", "none")


def check(settings: dict) -> None:
    """Refuses names that are not known, before anything runs."""
    for key, known in (("optimiser", OPTIMISERS), ("schedule", SCHEDULES), ("average", AVERAGES)):
        if settings[key] not in known:
            raise TrainerError(f"train.{key} is '{settings[key]}', must be one of {', '.join(known)}")


def optimiser(model: torch.nn.Module, settings: dict) -> torch.optim.Optimizer:
    """adamw; adam, whose weight decay goes through the moments; sgd with Nesterov's momentum."""
    return OPTIMISERS[settings["optimiser"]](weight_groups(model, settings["weightDecay"]), settings)


OPTIMISERS = {
    "adamw": lambda groups, settings: torch.optim.AdamW(groups, lr=settings["learningRate"]),
    "adam": lambda groups, settings: torch.optim.Adam(groups, lr=settings["learningRate"]),
    "sgd": lambda groups, settings: torch.optim.SGD(
        groups, lr=settings["learningRate"], momentum=settings["momentum"], nesterov=settings["momentum"] > 0
    ),
}


def weight_groups(model: torch.nn.Module, decay: float) -> list[dict]:
    """Weight decay for matrices and kernels, none for biases and batch norm."""
    wide = [p for p in model.parameters() if p.ndim > 1]
    narrow = [p for p in model.parameters() if p.ndim <= 1]
    return [{"params": wide, "weight_decay": decay}, {"params": narrow, "weight_decay": 0.0}]


def rate(schedule: str, step: int, steps: int, peak: float, warmup: float, history: list[float] = (), patience: int = 0) -> float:
    """Learning rate of ``step`` of ``steps``; ``history`` is the figure of each epoch so far, the larger the better.

    oneCycle   cosine from peak/25 up to ``peak`` in the first part ``warmup``, then down to peak/10,000 (Smith & Topin 2018)
    cosine     a straight line up in the first part ``warmup``, then cosine down to 0
    constant   ``peak``
    plateau    ``peak``, halved whenever more than ``patience`` epochs in a row brought no better figure (PyTorch's ReduceLROnPlateau)
    """
    if schedule == "constant":
        return peak
    if schedule == "plateau":
        return peak * 0.5 ** reductions(history, patience)
    rise = max(warmup * steps, 1e-9)
    down = (1 + math.cos(math.pi * max(step - rise, 0) / max(steps - rise, 1e-9))) / 2
    if schedule == "cosine":
        return peak * (min(1.0, (step + 1) / max(rise, 1.0)) if step < rise else down)
    if step < rise:
        return peak / 25 + (peak - peak / 25) * (1 - math.cos(math.pi * step / rise)) / 2
    return peak / 1e4 + (peak - peak / 1e4) * down


def reductions(history: list[float], patience: int) -> int:
    best, bad, count = -math.inf, 0, 0
    for value in history:
        best, bad = (value, 0) if value > best else (best, bad + 1)
        if bad > patience:
            count, bad = count + 1, 0
    return count


def stopped(history: list[float], patience: int) -> bool:
    """Whether the last ``patience`` epochs brought no figure better than before them; 0: never."""
    return 0 < patience < len(history) and max(history[-patience:]) <= max(history[:-patience])


def kept(average: str, step: int, steps: int, ema_decay: float, swa_from: float) -> float:
    """How much of itself the average of the weights keeps when ``step`` (the first is 1) of ``steps`` is done.

    ema    ``ema_decay``; early on the average forgets faster
    swa    the weights themselves in the first part ``swa_from`` of all steps, then the equal average of all since (Izmailov et al. 2018)
    none   the weights themselves
    """
    if average == "ema":
        return min(ema_decay, step / (step + 9))
    if average == "swa":
        since = step - math.floor(swa_from * steps)
        return (since - 1) / since if since > 0 else 0.0
    return 0.0


@torch.no_grad()
def follow(average: torch.nn.Module, model: torch.nn.Module, decay: float) -> None:
    """average ← decay · average + (1 − decay) · model, weights and batch-norm statistics alike; counters are copied."""
    for mine, theirs in zip(average.state_dict().values(), model.state_dict().values()):
        if mine.is_floating_point():
            mine.lerp_(theirs, 1 - decay)
        else:
            mine.copy_(theirs)
