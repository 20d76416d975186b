"""Augmentation of a batch of normalised log-mel windows, all at once, from a generator of its own.

``gain`` and ``randomEq`` add a constant to a window or to each band of it. With front ends whose normalisation is per band they stand for nothing that a
sensor could do: normalisation takes such a constant out before the network sees it. They are for ``"normalisation": "none"`` (where a unit is 4.3 dB), and
``randomEq`` for ``"window"`` too. What per-band normalisation leaves of a sensor is how far the sounds stand out of the noise in each band: ``bandJitter``
and ``noiseFloor`` attack that.
"""

import numpy as np
import torch
import torch.nn.functional as F

NEPERS = 2.0  # a unit of the normalised features in natural-log power: roughly the standard deviation of a log-mel band over a recording
FLOOR_RANGE = (-1.5, 0.5)  # where a raised noise floor lies, in normalised units: 0 is the band's mean


def augment(x: torch.Tensor, settings: dict, g: torch.Generator) -> torch.Tensor:
    """(B, 1, M, T) → (B, 1, M, cropFrames or T); ``x`` may be overwritten."""
    x = move_in_time(x, settings, g)
    if settings["bandShift"]:
        x = shift_bands(x, settings["bandShift"], g)
    if settings["gain"]:
        x = x + uniform(x, -settings["gain"], settings["gain"], g)
    if settings["randomEq"]:
        x = x + smooth(x, settings["randomEq"], g)
    if settings["noiseFloor"]:
        x = raise_floor(x, settings["noiseFloor"], g)
    if settings["bandJitter"]:
        x = x * (1 + smooth(x, settings["bandJitter"], g)) + smooth(x, settings["bandJitter"], g)
    if settings["noise"]:
        x = x + torch.randn(x.shape, generator=g) * uniform(x, 0, settings["noise"], g)
    for _ in range(settings["timeMasks"]):
        x = mask(x, 3, settings["timeMaskFrames"], g)
    for _ in range(settings["bandMasks"]):
        x = mask(x, 2, settings["bandMaskBands"], g)
    return x


def mixup(x: torch.Tensor, target: torch.Tensor, alpha: float, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Each window and its target (B, labels) mixed with another of the batch (Zhang et al. 2018); the larger share stays its own."""
    a = torch.from_numpy(rng.beta(alpha, alpha, len(x)).astype(np.float32))
    share = torch.maximum(a, 1 - a)  # (B,)
    other = torch.from_numpy(rng.permutation(len(x)))
    wide = share.view(-1, 1, 1, 1)
    return x * wide + x[other] * (1 - wide), target * share[:, None] + target[other] * (1 - share[:, None])


def move_in_time(x: torch.Tensor, settings: dict, g: torch.Generator) -> torch.Tensor:
    """Roll, reversal, crop and stretch as one look-up along the frames; what a faster window lacks at its end comes from its beginning."""
    batch, _, bands, frames = x.shape
    crop = min(settings["cropFrames"] or frames, frames)
    if not settings["roll"] and not settings["reverse"] and not settings["timeStretch"] and crop == frames:
        return x
    last = frames if settings["roll"] else frames - crop + 1
    start = torch.randint(0, last, (batch, 1), generator=g)
    at = start + torch.arange(crop)  # (B, crop)
    reverse = torch.rand(batch, 1, generator=g) < settings["reverse"]
    if settings["timeStretch"]:
        at = start + torch.arange(crop) * uniform(x, 1 - settings["timeStretch"], 1 + settings["timeStretch"], g).view(batch, 1)
    at = torch.where(reverse, at.flip(1), at)

    def look_up(index):
        return x.gather(3, (index % frames).view(batch, 1, 1, crop).expand(-1, -1, bands, -1))

    if not at.is_floating_point():
        return look_up(at)
    before = at.floor()
    return torch.lerp(look_up(before.long()), look_up(before.long() + 1), (at - before).view(batch, 1, 1, crop))


def shift_bands(x: torch.Tensor, most: int, g: torch.Generator) -> torch.Tensor:
    """Each window shifted along the mel axis by −most … most bands; the edge band is repeated."""
    batch, _, bands, frames = x.shape
    shift = torch.randint(-most, most + 1, (batch, 1), generator=g)
    index = (torch.arange(bands) + shift).clamp(0, bands - 1)  # (B, M)
    return x.gather(2, index.view(batch, 1, bands, 1).expand(-1, -1, -1, frames))


def raise_floor(x: torch.Tensor, probability: float, g: torch.Generator) -> torch.Tensor:
    """Adds the power of a noise floor that is steady in time and smooth over bands, then gives each band its mean and deviation back."""
    level = uniform(x, *FLOOR_RANGE, g) + smooth(x, 0.5, g)  # (B, 1, M, 1)
    noisy = torch.logaddexp(x * NEPERS, (level * NEPERS).expand_as(x)) / NEPERS
    std, mean = torch.std_mean(x, 3, keepdim=True)
    noisy_std, noisy_mean = torch.std_mean(noisy, 3, keepdim=True)
    noisy = (noisy - noisy_mean) * (std / noisy_std.clamp(min=1e-3)) + mean
    return torch.where(torch.rand(len(x), 1, 1, 1, generator=g) < probability, noisy, x)


def mask(x: torch.Tensor, axis: int, most: int, g: torch.Generator) -> torch.Tensor:
    """SpecAugment (Park et al. 2019): a stretch of 0 … most frames or bands of each window becomes 0, the mean of normalised features."""
    size = x.shape[axis]
    width = torch.randint(0, min(most, size) + 1, (len(x), 1), generator=g)
    start = (torch.rand(len(x), 1, generator=g) * (size - width + 1)).long()
    at = torch.arange(size)
    hidden = (at >= start) & (at < start + width)  # (B, size)
    shape = [len(x), 1, 1, 1]
    shape[axis] = size
    return x.masked_fill(hidden.view(shape), 0.0)


def smooth(x: torch.Tensor, deviation: float, g: torch.Generator) -> torch.Tensor:
    """(B, 1, M, 1) random curve over the bands with about five bends."""
    knots = torch.randn(len(x), 1, 6, generator=g) * deviation
    return F.interpolate(knots, size=x.shape[2], mode="linear", align_corners=True).unsqueeze(3)


def uniform(x: torch.Tensor, low: float, high: float, g: torch.Generator) -> torch.Tensor:
    return torch.rand(len(x), 1, 1, 1, generator=g) * (high - low) + low
