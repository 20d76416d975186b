import copy

import numpy as np
import torch

from heartsound_trainer import augment
from heartsound_trainer.config import DEFAULTS

NOTHING = {**DEFAULTS["augment"], "roll": False, "timeMasks": 0, "bandMasks": 0}


def batch(size=8):
    return torch.randn(size, 1, 64, 297, generator=torch.Generator().manual_seed(1))


def changed(**settings):
    x = batch()
    return x, augment.augment(x.clone(), {**NOTHING, **settings}, torch.Generator().manual_seed(2))


def test_augment_all_off_changes_nothing():
    x, y = changed()
    assert torch.equal(x, y)


def test_augment_same_generator_same_result():
    settings = {**DEFAULTS["augment"], "noise": 0.1, "noiseFloor": 0.5, "bandJitter": 0.1, "bandShift": 2, "reverse": 0.5}
    a, b = (augment.augment(batch(), copy.deepcopy(settings), torch.Generator().manual_seed(5)) for _ in range(2))
    assert torch.equal(a, b)


def test_roll_goes_round_and_reverse_turns():
    x, y = changed(roll=True)
    assert torch.allclose(x.sort(3).values, y.sort(3).values)
    x, y = changed(reverse=1.0)
    assert torch.equal(y, x.flip(3))


def test_crop_is_a_stretch_of_the_window():
    x, y = changed(cropFrames=100)
    assert y.shape == (8, 1, 64, 100)
    starts = [next(s for s in range(198) if torch.equal(x[i, :, :, s : s + 100], y[i])) for i in range(8)]
    assert len(set(starts)) > 1


def test_masks_hide_no_more_than_they_may():
    x, y = changed(timeMasks=1, timeMaskFrames=30)
    hidden = (y == 0).all(2).sum(2)
    assert 0 < hidden.max() <= 30
    x, y = changed(bandMasks=2, bandMaskBands=8)
    hidden = (y == 0).all(3).sum(2)
    assert 0 < hidden.max() <= 16


def test_noise_floor_keeps_each_bands_mean_and_deviation_and_fills_the_valleys():
    x, y = changed(noiseFloor=1.0)
    assert torch.allclose(x.mean(3), y.mean(3), atol=1e-4)
    assert torch.allclose(x.std(3), y.std(3), rtol=1e-3)
    skew = lambda v: (((v - v.mean(3, keepdim=True)) / v.std(3, keepdim=True)) ** 3).mean()
    assert skew(y) > skew(x) + 0.1


def test_mixup_shares_add_to_one_and_own_share_is_the_larger():
    x, target = batch(), torch.eye(2)[torch.arange(8) % 2]
    y, mixed = augment.mixup(x, target, 0.4, np.random.default_rng(0))
    assert torch.allclose(mixed.sum(1), torch.ones(8))
    assert (mixed.argmax(1) == target.argmax(1)).all()
    assert not torch.equal(x, y)
