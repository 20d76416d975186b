from types import SimpleNamespace

import numpy as np
import pytest

from heartsound_trainer import probes, scores
from heartsound_trainer.config import DEFAULTS
from heartsound_trainer.errors import TrainerError
from heartsound_trainer.features import Windows

TWO = SimpleNamespace(name="t", labels=("normal", "abnormal"), multi_label=False)
THREE = SimpleNamespace(name="t", labels=("N", "AS", "MR"), multi_label=False)
MANY = SimpleNamespace(name="t", labels=("AS", "MR"), multi_label=True)
SPEC = probes.noise_spec(DEFAULTS["frontEnd"])


def record(i, labels, database="a", fold=0):
    return SimpleNamespace(file=f"{fold}/{database}/{i}", labels=labels, group=f"{fold}{database}{i}", fold=fold, database=database)


@pytest.fixture(autouse=True)
def few_draws(monkeypatch):
    monkeypatch.setattr(probes, "DRAWS", 50)


class Cache:
    """Windows (3 a recording) whose quietest frames are at ``level(record)`` and whose loud ones, the heart, are the same for all."""

    def __init__(self, records, level, without=()):
        self.all, self.level, self.without, self.spec = records, level, without, SPEC

    def records(self):
        return self.all

    def open(self, records):
        rng, parts, of = np.random.default_rng(records[0].fold), [], []
        for i, r in enumerate(records):
            if r.file not in self.without:
                x = rng.normal(0, 0.1, (3, 20, 16))
                x[:, :, :4] += self.level(r)
                parts.append(x)
                of += [i] * 3
        return Windows(np.concatenate(parts).astype(np.float16), np.array(of), None, None, records)


def folds_of(records):
    return [([r for r in records if r.fold != f], [r for r in records if r.fold == f]) for f in sorted({r.fold for r in records})]


def test_noise_spec_is_the_front_end_of_the_model_without_normalisation():
    assert SPEC["normalisation"] == "none" and SPEC["melBands"] == 20
    assert {k: v for k, v in SPEC.items() if k not in probes.NOISE} == {k: v for k, v in DEFAULTS["frontEnd"].items() if k not in probes.NOISE}


def test_noise_floor_tells_labels_that_only_the_room_tells():
    records = [record(i, (i % 2,), fold=f) for f in range(3) for i in range(60)]
    found = probes.probe(TWO, Cache(records, lambda r: -6 - 3 * r.labels[0]), folds_of(records))
    assert found["noiseFloor"]["auroc"] > 0.99 and found["noiseFloor"]["balancedAccuracy"] > 0.99
    assert "databaseOnly" not in found  # one database: nothing to know


def test_noise_floor_deaf_where_only_the_heart_differs():
    records = [record(i, (i % 2,), fold=f) for f in range(3) for i in range(60)]
    assert 0.3 < probes.probe(TWO, Cache(records, lambda r: -6), folds_of(records))["noiseFloor"]["auroc"] < 0.7


def test_probes_that_know_the_database_know_nothing_inside_it():
    records = [record(i, (int(i % 10 < (8 if d == "a" else 2)),), d, f) for f in range(3) for d in "ab" for i in range(50)]
    found = probes.probe(TWO, Cache(records, lambda r: -6 if r.database == "a" else -9), folds_of(records))
    for name in ("databaseOnly", "noiseFloor"):
        assert found[name]["balancedAccuracy"] == pytest.approx(0.8, abs=0.1)
        assert found[name]["withinDatabaseBalancedAccuracy"] == pytest.approx(0.5, abs=0.1)
    assert found["databaseOnly"]["auroc"] == pytest.approx(0.8)
    low, high = found["databaseOnly"]["interval95"]["balancedAccuracy"]
    assert low < 0.8 < high
    assert found["databaseOnly"]["byDatabase"]["a"]["recordings"] == 150


def test_probes_several_labels_and_several_at_once():
    three = [record(i, (i % 3,), fold=f) for f in range(2) for i in range(60)]
    assert probes.probe(THREE, Cache(three, lambda r: -6 - 2 * r.labels[0]), folds_of(three))["noiseFloor"]["balancedAccuracy"] > 0.95
    many = [record(i, tuple(k for k in (0, 1) if i >> k & 1), fold=f) for f in range(2) for i in range(60)]
    found = probes.probe(MANY, Cache(many, lambda r: -6 - 2 * sum(k + 1 for k in r.labels)), folds_of(many))["noiseFloor"]
    assert found["auroc"] > 0.95 and found["balancedAccuracy"] > 0.9


def test_noise_floor_recording_without_windows_is_answered_too():
    records = [record(i, (i % 2,), fold=f) for f in range(2) for i in range(40)]
    cache = Cache(records, lambda r: -6 - 3 * r.labels[0], without={records[0].file})
    assert np.isnan(probes.floors(cache, [0])[records[0].file]).all()
    assert probes.probe(TWO, cache, folds_of(records))["noiseFloor"]["recordings"] == 80


def test_noise_floor_normalised_features_are_refused():
    cache = Cache([], None)
    cache.spec = DEFAULTS["frontEnd"]
    with pytest.raises(TrainerError, match="probes.noise_spec"):
        probes.probe(TWO, cache, [])


def test_database_only_new_database_gets_the_shares_of_all():
    train = [record(i, (int(i < 3),)) for i in range(4)]
    assert probes.database_only(TWO, train, [record(0, (0,), "new")]).tolist() == [[0.25, 0.75]]
