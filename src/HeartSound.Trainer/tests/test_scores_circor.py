import numpy as np
import pytest

from heartsound_trainer import scores_circor
from heartsound_trainer.tasks.circor import LABELS

PRESENT, UNKNOWN, ABSENT = range(3)


def test_verdicts_one_recording_is_enough():
    assert LABELS == ("Present", "Unknown", "Absent")
    patient = np.array(["9", "8", "9", "8", "7", "7"])
    answer = np.array([ABSENT, ABSENT, PRESENT, UNKNOWN, ABSENT, ABSENT])
    names, verdict = scores_circor.verdicts(answer, patient)
    assert dict(zip(names.tolist(), verdict.tolist())) == {"9": PRESENT, "8": UNKNOWN, "7": ABSENT}


def test_weighted_accuracy_hand_computed():
    truth = np.array([PRESENT, PRESENT, UNKNOWN, ABSENT, ABSENT, ABSENT])
    verdict = np.array([PRESENT, ABSENT, UNKNOWN, ABSENT, ABSENT, PRESENT])
    assert scores_circor.weighted_accuracy(truth, verdict) == pytest.approx((5 + 3 + 1 + 1) / (5 + 5 + 3 + 1 + 1 + 1))
    outcome = scores_circor.weighted_accuracy(np.array([0, 0, 1]), np.array([0, 1, 1]), scores_circor.OUTCOME_WEIGHTS)
    assert outcome == pytest.approx((5 + 1) / (5 + 5 + 1))


def test_cost_hand_computed():
    abnormal = np.array([True, True, False, False])
    referred = np.array([True, False, True, False])
    # Half are referred: an expert costs 25 + 397/2 − 1718/4 + 11296/16 = 500 for each of the four.
    assert scores_circor.cost(abnormal, referred) == pytest.approx((4 * 10 + 4 * 500 + 10000 + 50000) / 4)
    assert scores_circor.cost(abnormal, np.zeros(4, bool)) == pytest.approx((4 * 10 + 4 * 25 + 2 * 50000) / 4)
    assert scores_circor.cost(abnormal, np.ones(4, bool)) == pytest.approx(10 + 10000 + 2 * 10000 / 4)  # 25 + 397 − 1718 + 11296 = 10000


def test_figures_a_murmur_model_refers_present_and_unknown():
    truth = np.array([PRESENT, UNKNOWN, ABSENT, ABSENT])
    got = scores_circor.figures(truth, truth, np.array([True, True, False, False]))
    assert got == pytest.approx({"weightedAccuracy": 1, "cost": 10 + 500 + 2 * 10000 / 4})


def test_figures_weights_count_as_repetitions():
    rng = np.random.default_rng(0)
    truth, verdict, abnormal = rng.integers(0, 3, 30), rng.integers(0, 3, 30), rng.random(30) < 0.5
    times = rng.integers(0, 4, 30)
    repeated = scores_circor.figures(*(np.repeat(c, times) for c in (truth, verdict, abnormal)))
    assert scores_circor.figures(truth, verdict, abnormal, times.astype(float)) == pytest.approx(repeated)
