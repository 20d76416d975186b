from dataclasses import replace

import numpy as np
import pytest

from heartsound_trainer import sampler
from heartsound_trainer.config import DEFAULTS
from heartsound_trainer.errors import TrainerError
from heartsound_trainer.features import Windows
from heartsound_trainer.tasks import Record


def settings(**changes):
    return DEFAULTS["sampler"] | changes


def windows(cells, per_recording=3):
    """Windows of recordings in {(database, label): count}; the first window of each is not accepted."""
    records = [Record(f"{db}{label}{i}", (label,), f"{db}{label}{i}", 2, db, True) for (db, label), n in cells.items() for i in range(n)]
    record = np.repeat(np.arange(len(records)), per_recording)
    accepted = np.tile(np.arange(per_recording) > 0, len(records))
    return Windows(np.zeros((len(record), 2, 2), np.float16), record, np.zeros(len(record)), accepted, records)


def share(w, weights, **wanted):
    return sum(p for p, r in zip(weights, w.records) if all(getattr(r, key) == value for key, value in wanted.items()))


def test_recording_weights_classes_alike_inside_every_database():
    w = windows({("a", 0): 2, ("a", 1): 14, ("e", 0): 60, ("e", 1): 4})
    weights = sampler.recording_weights(w, settings())
    assert weights.sum() == pytest.approx(1)
    for db in "ae":
        assert share(w, weights, database=db, labels=(0,)) == pytest.approx(share(w, weights, database=db, labels=(1,)))
    assert share(w, weights, database="e") / share(w, weights, database="a") == pytest.approx((64 / 16) ** 0.5)


def test_recording_weights_power_zero_databases_alike():
    w = windows({("a", 0): 2, ("e", 0): 60})
    assert share(w, sampler.recording_weights(w, settings(databasePower=0.0)), database="a") == pytest.approx(0.5)


def test_draw_counts_follow_weights_to_within_one_and_only_accepted_windows_come():
    w = windows({("a", 0): 3, ("a", 1): 9, ("e", 0): 20})
    weights = sampler.recording_weights(w, settings())
    drawn = sampler.draw(w, weights, 500, np.random.default_rng(0))
    assert w.accepted[drawn].all()
    counts = np.bincount(w.record[drawn], minlength=len(w.records))
    assert np.abs(counts - 500 * weights).max() <= 1


def test_usable_no_window_accepted_gives_all():
    w = windows({("a", 0): 2})
    w.accepted[:3] = False
    assert [len(rows) for rows in sampler.usable(w)] == [3, 2]


def test_spread_takes_first_and_last():
    w = windows({("a", 0): 1}, per_recording=11)
    assert sampler.spread(w, 2).tolist() == [1, 10]
    assert len(sampler.spread(w, 0)) == 10


def test_recording_weights_database_of_one_class_gets_no_more_than_its_share():
    w = windows({("a", 0): 8, ("a", 1): 8, ("c", 1): 16})
    assert share(w, sampler.recording_weights(w, settings()), database="c") == pytest.approx(0.5)


def test_recording_weights_class_alike_over_all_and_mixed_half_of_each():
    w = windows({("a", 0): 2, ("a", 1): 14, ("e", 0): 60, ("e", 1): 4})
    by_class, inside, mixed, none = (sampler.recording_weights(w, settings(balance=b)) for b in ("class", "databaseClass", "mixed", "none"))
    assert share(w, by_class, labels=(0,)) == pytest.approx(0.5)
    assert share(w, by_class, labels=(0,), database="a") == pytest.approx(0.5 * 2 / 62)
    assert mixed == pytest.approx((by_class + inside) / 2)
    assert none == pytest.approx(np.full(80, 1 / 80))
    with pytest.raises(TrainerError, match="sampler.balance is 'fair'"):
        sampler.recording_weights(w, settings(balance="fair"))


def test_recording_weights_group_power_zero_groups_alike():
    w = windows({("a", 0): 9, ("a", 1): 5})
    w.records = [replace(r, group="one") if r.labels == (0,) and i > 2 else r for i, r in enumerate(w.records)]  # a group of six and three of one
    alike = sampler.recording_weights(w, settings(groupPower=0.0))
    assert share(w, alike, group="one") == pytest.approx(0.5 / 4)
    assert share(w, sampler.recording_weights(w, settings()), group="one") == pytest.approx(0.5 * 6 / 9)


def test_recording_weights_recording_without_windows_is_never_drawn():
    w = windows({("a", 0): 3})
    w.record[w.record == 1] = 0
    assert sampler.recording_weights(w, settings()).tolist() == [0.5, 0, 0.5]
