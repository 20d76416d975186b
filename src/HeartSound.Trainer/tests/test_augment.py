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
    settings = {**DEFAULTS["augment"], "gain": 0.5, "randomEq": 0.5, "timeStretch": 0.1, "noise": 0.1, "noiseFloor": 0.5, "bandJitter": 0.1, "bandShift": 2, "reverse": 0.5}
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


def test_gain_is_one_offset_a_window_and_random_eq_a_smooth_one_a_band():
    x, y = changed(gain=2.0)
    offset = (y - x)[:, 0]  # (B, M, T)
    assert torch.allclose(offset, offset[:, :1, :1].expand_as(offset), atol=1e-5)
    assert 0.5 < offset.abs().max() <= 2.0 and len(offset[:, 0, 0].unique()) == 8
    x, y = changed(randomEq=1.0)
    offset = (y - x)[:, 0]
    assert torch.allclose(offset, offset[:, :, :1].expand_as(offset), atol=1e-5)
    curve = offset[:, :, 0]
    assert curve.std(1).min() > 0.2 and (curve.diff(dim=1).abs().max() < 0.5)


def test_time_stretch_reads_the_window_at_another_speed():
    ramp = torch.arange(297.0).repeat(8, 1, 64, 1)
    y = augment.augment(ramp.clone(), {**NOTHING, "timeStretch": 0.1, "cropFrames": 200}, torch.Generator().manual_seed(2))
    assert y.shape == (8, 1, 64, 200)
    speed = y[:, 0, 0, :100].diff(dim=1)  # (B, 99)
    assert torch.allclose(speed, speed[:, :1].expand_as(speed), atol=1e-3)
    assert 0.9 <= speed.min() < 0.97 and 1.03 < speed.max() <= 1.1
    backwards = augment.augment(ramp.clone(), {**NOTHING, "timeStretch": 0.1, "cropFrames": 200, "reverse": 1.0}, torch.Generator().manual_seed(2))
    assert torch.equal(backwards, y.flip(3))


def test_time_stretch_goes_round_at_the_end():
    x = torch.sin(torch.arange(297) * (2 * np.pi / 297 * 9)).repeat(8, 1, 64, 1)
    y = augment.augment(x.clone(), {**NOTHING, "timeStretch": 0.1}, torch.Generator().manual_seed(2))
    assert y.diff(dim=3).abs().max() < 1.1 * 1.01 * x.diff(dim=3).abs().max()  # a period fits: no seam
    assert (y.diff(dim=3) == 0).float().mean() < 0.01  # and no frame that stands


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
