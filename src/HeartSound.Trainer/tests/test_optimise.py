import math

import numpy as np
import pytest
import torch
from torch import nn

from heartsound_trainer import optimise
from heartsound_trainer.errors import TrainerError

SETTINGS = {"optimiser": "adamw", "learningRate": 0.1, "weightDecay": 0.5, "momentum": 0.9, "schedule": "oneCycle", "average": "ema"}


@pytest.mark.parametrize("kind", sorted(optimise.OPTIMISERS))
def test_every_optimiser_shrinks_matrices_and_leaves_biases(kind):
    model = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3))
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    optimiser = optimise.optimiser(model, {**SETTINGS, "optimiser": kind})
    for p in model.parameters():
        p.grad = torch.zeros_like(p)
    optimiser.step()
    for name, p in model.named_parameters():
        assert torch.equal(p, before[name]) == (p.ndim == 1), name
    assert model[0].weight.norm() < before["0.weight"].norm()


@pytest.mark.parametrize("kind", sorted(optimise.OPTIMISERS))
def test_every_optimiser_goes_on_from_its_moments_alone(kind):
    def run(model, optimiser, steps):
        for _ in range(steps):
            optimiser.zero_grad()
            (model(torch.ones(1, 3)) - 1).square().sum().backward()
            optimiser.step()

    torch.manual_seed(0)
    whole, broken = nn.Linear(3, 2), nn.Linear(3, 2)
    broken.load_state_dict(whole.state_dict())
    settings = {**SETTINGS, "optimiser": kind}
    run(whole, optimise.optimiser(whole, settings), 5)
    first = optimise.optimiser(broken, settings)
    run(broken, first, 3)
    second = optimise.optimiser(broken, settings)
    second.load_state_dict({"state": first.state_dict()["state"], "param_groups": second.state_dict()["param_groups"]})
    run(broken, second, 2)
    assert torch.equal(whole.weight, broken.weight)


def test_one_cycle_rises_and_falls():
    rates = [optimise.rate("oneCycle", step, 100, 1.0, 0.25) for step in range(101)]
    assert rates[0] == pytest.approx(1 / 25) and rates[25] == pytest.approx(1.0) and rates[100] == pytest.approx(1e-4)
    assert rates[62] > 0.5 > rates[63]
    assert np.all(np.diff(rates[:26]) > 0) and np.all(np.diff(rates[25:]) < 0)


def test_cosine_rises_straight_and_falls_to_nothing():
    rates = [optimise.rate("cosine", step, 100, 2.0, 0.1) for step in range(101)]
    assert rates[:11] == pytest.approx([0.2 * i for i in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10)])
    assert rates[55] == pytest.approx(1.0) and rates[100] == pytest.approx(0.0)
    assert optimise.rate("cosine", 0, 100, 2.0, 0.0) == 2.0
    assert optimise.rate("constant", 3, 100, 2.0, 0.5) == 2.0


@pytest.mark.parametrize("patience", [0, 2, 5])
def test_plateau_is_pytorchs_at_every_epoch(patience):
    values = np.random.default_rng(3).integers(0, 30, 60) / 30
    theirs = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(theirs, mode="max", factor=0.5, patience=patience, threshold=0, eps=0)
    for epoch, value in enumerate(values):
        plateau.step(float(value))
        history = [float(v) for v in values[: epoch + 1]]
        assert optimise.rate("plateau", 7, 100, 1.0, 0.25, history, patience) == theirs.param_groups[0]["lr"]
    assert theirs.param_groups[0]["lr"] < 0.5


def test_stopped_after_so_many_epochs_without_a_better_figure():
    history = [0.5, 0.7, 0.6, 0.7, 0.65]
    assert [optimise.stopped(history[:n], 3) for n in range(6)] == [False, False, False, False, False, True]
    assert not optimise.stopped([*history, 0.71], 3)
    assert not optimise.stopped(history, 4) and not optimise.stopped(history * 9, 0)


def averaged(kind: str, values: list[float], **more) -> list[float]:
    """What the average of one weight that takes ``values`` is after each step."""
    model, average = nn.BatchNorm1d(1), nn.BatchNorm1d(1)
    average.running_mean.fill_(-1)
    settings = {"ema_decay": 0.5, "swa_from": 0.5, **more}
    found = []
    for step, value in enumerate(values, 1):
        with torch.no_grad():
            model.weight.fill_(value)
            model.running_mean.fill_(-value)
            model.num_batches_tracked.fill_(step)
        optimise.follow(average, model, optimise.kept(kind, step, len(values), **settings))
        assert float(average.running_mean) == pytest.approx(-float(average.weight))
        assert int(average.num_batches_tracked) == step
        found.append(float(average.weight))
    return found


def test_averages_of_the_weights():
    values = [5.0, 1.0, 4.0, 2.0, 6.0, 8.0]
    assert averaged("none", values) == values
    assert averaged("swa", values) == pytest.approx([5, 1, 4, 2, 4, 16 / 3])  # from the fourth on: mean of 2; 2 6; 2 6 8
    assert averaged("swa", values, swa_from=0.0)[-1] == pytest.approx(26 / 6)
    ema = 1.0
    for step, value in enumerate(values, 1):
        share = min(0.5, step / (step + 9))
        ema = share * ema + (1 - share) * value
    assert averaged("ema", values)[-1] == pytest.approx(ema)
    assert optimise.kept("ema", 1000, 1000, 0.99, 0.5) == 0.99


def test_names_that_are_not_known_are_refused():
    optimise.check(SETTINGS)
    for key in ("optimiser", "schedule", "average"):
        with pytest.raises(TrainerError, match=f"train.{key} is 'best', must be one of"):
            optimise.check({**SETTINGS, key: "best"})
