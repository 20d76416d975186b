"""Losses over soft targets (B, labels), such as mixup makes. Shares of a target add up to 1, but for the kind ``binary``."""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F

from .errors import TrainerError

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def build(settings: dict, class_counts: Sequence[int], examples: int | None = None) -> Loss:
    """The loss of logits (B, labels) and targets (B, labels). ``class_counts`` are the recordings of each label in the training part, ``examples`` all of
    them: their sum unless a recording may have several labels or none.

    crossEntropy, focal   softmax over labels, of which a recording has one
    binary                a sigmoid for each label, of which a recording may have several or none
    """
    kind, smoothing = settings["kind"], settings["labelSmoothing"]
    if kind not in KINDS:
        raise TrainerError(f"loss.kind is '{kind}', must be one of {', '.join(KINDS)}")
    if settings["gamma"] < 0:
        raise TrainerError(f"loss.gamma is {settings['gamma']}, must be 0 or more")
    if settings["classWeights"] not in ("none", "balanced"):
        raise TrainerError(f"loss.classWeights is '{settings['classWeights']}', must be none or balanced")
    counts = torch.tensor(class_counts, dtype=torch.float32)  # (labels,)
    examples = examples or float(counts.sum())
    weights = torch.ones_like(counts)
    if settings["classWeights"] == "balanced":
        if not (0 < counts.min() and (kind != "binary" or counts.max() < examples)):
            raise TrainerError(
                f"of {examples:g} training recordings {list(class_counts)} have the labels: one of them has no weight; set loss.classWeights to none"
            )
        weights = (examples - counts) / counts if kind == "binary" else examples / (len(counts) * counts)

    def loss(logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        parts = 2 if kind == "binary" else target.shape[1]
        target = target * (1 - smoothing) + smoothing / parts
        return KINDS[kind](logits, target, weights.to(logits.device), settings)

    return loss


def cross_entropy(logits, target, weights, settings) -> torch.Tensor:
    """Mean over the batch, each share weighted by its label, as PyTorch weights hard labels."""
    share = target * weights
    return -(share * logits.log_softmax(1)).sum() / share.sum()


def focal(logits, target, weights, settings) -> torch.Tensor:
    """Cross-entropy in which what is predicted well counts less (Lin et al. 2017)."""
    log_p = logits.log_softmax(1)
    missing = (-torch.expm1(log_p)).clamp(min=1e-6)  # 1 − p; a power below 1 has no slope at 0
    share = target * weights
    return -(share * missing ** settings["gamma"] * log_p).sum() / share.sum()


def binary(logits, target, weights, settings) -> torch.Tensor:
    """Mean over batch and labels; a weight makes presence count as much as absence in all."""
    return F.binary_cross_entropy_with_logits(logits, target, pos_weight=weights)


KINDS = {"crossEntropy": cross_entropy, "focal": focal, "binary": binary}


def distillation(student: torch.Tensor, teacher: torch.Tensor, temperature: float, multi_label: bool = False) -> torch.Tensor:
    """How far the student's softened softmax (of several labels at once: sigmoids) is from the teacher's, as Kullback-Leibler divergence times temperature²
    (Hinton et al. 2015)."""
    if multi_label:
        mine, goal = student / temperature, (teacher / temperature).sigmoid()
        own = F.binary_cross_entropy_with_logits(teacher / temperature, goal)
        return (F.binary_cross_entropy_with_logits(mine, goal) - own) * temperature**2
    return F.kl_div((student / temperature).log_softmax(1), (teacher / temperature).softmax(1), reduction="batchmean") * temperature**2
