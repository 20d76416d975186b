import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from heartsound_trainer import scores
from heartsound_trainer.scores import ALARM, CLEAR, UNSURE


def columns(*rows):
    """(alarm, answer, good) from (truth, answer, good, how often) rows."""
    spread = [row[:3] for row in rows for _ in range(row[3])]
    truth, answer, good = zip(*spread)
    return np.array(truth), np.array(answer), np.array(good)


def test_challenge2016_hand_computed_with_unsure_answers():
    alarm, answer, good = columns(
        (True, ALARM, True, 6), (True, UNSURE, True, 1), (True, CLEAR, True, 1),  # Aa1 6, Aq1 1, An1 1
        (True, ALARM, False, 0), (True, UNSURE, False, 1), (True, CLEAR, False, 1),  # Aa2 0, Aq2 1, An2 1
        (False, CLEAR, True, 12), (False, UNSURE, True, 2), (False, ALARM, True, 2),  # Nn1 12, Nq1 2, Na1 2
        (False, CLEAR, False, 1), (False, UNSURE, False, 2), (False, ALARM, False, 1),  # Nn2 1, Nq2 2, Na2 1
    )
    got = scores.challenge2016(alarm, answer, good)
    se = 8 / 10 * 6 / 8 + 2 / 10 * 1 / 2  # 0.7
    sp = 16 / 20 * 12 / 16 + 4 / 20 * 3 / 4  # 0.75
    assert got == pytest.approx({"modifiedSensitivity": se, "modifiedSpecificity": sp, "macc": (0.7 + 0.75) / 2})


def test_challenge2016_all_answered_is_balanced_accuracy():
    rng = np.random.default_rng(0)
    alarm, good = rng.random(99) < 0.3, rng.random(99) < 0.9
    answer = np.where(rng.random(99) < 0.5, ALARM, CLEAR)
    assert scores.challenge2016(alarm, answer, good)["macc"] == pytest.approx(scores.rates(alarm, answer)["balancedAccuracy"])


def test_challenge2016_weights_count_as_repetitions():
    alarm, answer, good = columns((True, ALARM, True, 2), (True, UNSURE, False, 1), (False, CLEAR, True, 3), (False, ALARM, False, 2))
    times = np.array([1, 2, 0, 3, 1, 1, 2, 1])
    repeated = scores.challenge2016(*(np.repeat(c, times) for c in (alarm, answer, good)))
    assert scores.challenge2016(alarm, answer, good, times.astype(float)) == pytest.approx(repeated)


def test_rates_count_answered_recordings_only():
    alarm, answer, _ = columns((True, ALARM, True, 3), (True, CLEAR, True, 1), (True, UNSURE, True, 5), (False, CLEAR, True, 1), (False, UNSURE, True, 9))
    assert scores.rates(alarm, answer) == pytest.approx({"sensitivity": 0.75, "specificity": 1.0, "balancedAccuracy": 0.875})


def test_within_database_auroc_knowing_the_database_is_worth_nothing():
    alarm = np.array([1, 1, 1, 0, 1, 0, 0, 0], bool)
    database = np.array(list("aaaabbbb"))
    score = np.where(database == "a", 0.9, 0.1)
    assert scores.auroc(alarm, score) == pytest.approx(0.75)
    assert scores.within_database_auroc(alarm, score, database) == pytest.approx(0.5)


def test_auroc_is_that_of_sklearn():
    rng = np.random.default_rng(2)
    alarm, score, weight = rng.random(200) < 0.3, rng.integers(0, 12, 200) / 12, rng.integers(0, 4, 200).astype(float)
    assert scores.auroc(alarm, score) == pytest.approx(roc_auc_score(alarm, score))
    assert scores.auroc(alarm, score, weight) == pytest.approx(roc_auc_score(alarm, score, sample_weight=weight))


def test_auroc_one_class_has_no_value():
    assert np.isnan(scores.auroc(np.array([True, True]), np.array([0.1, 0.2])))


def test_macro_f1_hand_computed():
    alarm, answer, _ = columns((True, ALARM, True, 2), (True, CLEAR, True, 1), (False, CLEAR, True, 4), (False, ALARM, True, 1))
    assert scores.macro_f1(alarm, answer) == pytest.approx((2 * 2 / (3 + 3) + 2 * 4 / (5 + 5)) / 2)


def test_calibration_error_hand_computed_and_blind_to_prevalence():
    alarm = np.array([True, False, False, False])
    score = np.array([0.75, 0.75, 0.25, 0.25])
    # Equal class weights: bin 0.7 holds 1 alarm against 1/3 clear, bin 0.2 holds 2/3 clear.
    expected = ((4 / 3) * abs(0.75 - 0.75) + (2 / 3) * 0.25) / 2
    assert scores.calibration_error(alarm, score) == pytest.approx(expected)
    again = np.array([0, 1, 2, 3] + [1, 2, 3] * 4)
    assert scores.calibration_error(alarm[again], score[again]) == pytest.approx(expected)


def test_bootstrap_draws_whole_groups():
    groups = np.array(["x"] * 5 + ["y"] * 5 + ["z"] * 5)
    drawn = []

    def note(weight):
        drawn.append(weight.copy())
        return {"mean": weight.mean()}

    scores.bootstrap(groups, note, draws=50)
    for weight in drawn:
        assert all(len(set(weight[groups == g])) == 1 for g in "xyz")
        assert weight.sum() == 15


def test_bootstrap_interval_by_group_is_wider_than_by_recording():
    rng = np.random.default_rng(3)
    group = np.repeat(np.arange(20), 10)
    right = np.repeat(rng.random(20) < 0.7, 10).astype(float)  # all recordings of a subject are right, or none is

    def accuracy(weight):
        return {"accuracy": (weight * right).sum() / weight.sum()}

    def width(groups):
        low, high = scores.bootstrap(groups, accuracy, draws=500)["accuracy"]
        return high - low

    assert width(group) > 2 * width(np.arange(200))


# K labels

TRUTH = np.array([0, 0, 0, 0, 1, 1, 2, 2])
ANSWER = np.array([0, 0, 0, 1, 1, 2, 2, 0])
P = np.full((8, 3), 0.1) + 0.7 * (ANSWER[:, None] == np.arange(3))


def assert_weights_repeat(figures, *columns):
    """``figures`` of weighted recordings are those of recordings that many times over."""
    times = np.random.default_rng(0).integers(0, 4, len(columns[0]))
    assert figures(*columns, times.astype(float)) == pytest.approx(figures(*(np.repeat(c, times, axis=0) for c in columns)), nan_ok=True)


def test_multiclass_hand_computed():
    assert scores.confusion_matrix(TRUTH, P).tolist() == [[3, 1, 0], [0, 1, 1], [1, 0, 1]]
    got = scores.multiclass(TRUTH, P)
    assert got == pytest.approx(
        {
            "accuracy": 5 / 8,
            "balancedAccuracy": (3 / 4 + 1 / 2 + 1 / 2) / 3,
            "macroF1": (6 / 8 + 2 / 4 + 2 / 4) / 3,
            # One against the rest with two values of the score: (sensitivity + specificity) / 2.
            "macroAuroc": ((3 / 4 + 3 / 4) / 2 + (1 / 2 + 5 / 6) / 2 + (1 / 2 + 5 / 6) / 2) / 3,
        }
    )
    first = scores.per_class(TRUTH, P)[0]
    assert first == pytest.approx({"recordings": 4, "sensitivity": 3 / 4, "specificity": 3 / 4, "f1": 6 / 8, "auroc": 3 / 4})


def test_multiclass_label_that_nobody_has_is_left_out_of_the_means():
    two = TRUTH < 2
    got = scores.multiclass(TRUTH[two], P[two])
    assert got["balancedAccuracy"] == pytest.approx((3 / 4 + 1 / 2) / 2)
    assert np.isnan(scores.per_class(TRUTH[two], P[two])[2]["sensitivity"])


def test_multilabel_hand_computed():
    truth = np.array([[1, 0], [1, 1], [0, 1], [0, 0]], bool)
    p = np.array([[0.9, 0.1], [0.3, 0.8], [0.4, 0.6], [0.2, 0.7]])
    assert scores.multilabel(truth, p) == pytest.approx(
        {
            "macroAuroc": (3 / 4 + 3 / 4) / 2,
            "macroF1": (2 * 1 / (2 + 1) + 2 * 2 / (2 + 3)) / 2,
            "balancedAccuracy": ((1 / 2 + 1) / 2 + (1 + 1 / 2) / 2) / 2,
            "exact": 2 / 4,
        }
    )
    assert scores.multilabel(truth, p, threshold=np.array([0.25, 0.75]))["exact"] == pytest.approx(3 / 4)
    assert [c["recordings"] for c in scores.per_label(truth, p >= 0.5, p)] == [2, 2]


def test_every_figure_counts_weights_as_repetitions():
    rng = np.random.default_rng(1)
    truth, p = rng.integers(0, 3, 40), rng.dirichlet(np.ones(3), 40)
    several = rng.random((40, 3)) < 0.4
    assert_weights_repeat(scores.multiclass, truth, p)
    assert_weights_repeat(scores.multilabel, several, p)
    assert_weights_repeat(scores.brier, truth, p)
    assert_weights_repeat(scores.brier, several, p)
    assert_weights_repeat(scores.top_label_calibration_error, truth, p)
    assert_weights_repeat(scores.macro_f1, truth == 0, np.where(p[:, 0] > 0.5, ALARM, CLEAR))
    assert_weights_repeat(scores.within_database_auroc, truth == 0, p[:, 0], truth % 2)
    assert_weights_repeat(lambda c, r, w=None: scores.risk_coverage(c, r, w)["area"], p.max(1), p.argmax(1) == truth)


def test_brier_hand_computed():
    assert scores.brier(np.array([0, 1]), np.array([[1.0, 0.0], [1.0, 0.0]])) == pytest.approx((0 + 2) / 2)
    assert scores.brier(np.array([[True], [False]]), np.array([[0.7], [0.4]])) == pytest.approx((0.09 + 0.16) / 2)


def test_top_label_calibration_error_hand_computed():
    p = np.array([[0.9, 0.1], [0.9, 0.1], [0.3, 0.7], [0.4, 0.6]])
    # Bin 0.9: sure 0.9, right 1/2; bin 0.7: right; bin 0.6: wrong.
    assert scores.top_label_calibration_error(np.array([0, 1, 1, 0]), p) == pytest.approx((2 * 0.4 + 0.3 + 0.6) / 4)


def test_risk_coverage_hand_computed_and_ties_are_answered_together():
    got = scores.risk_coverage(np.array([0.6, 0.9, 0.8, 0.8]), np.array([False, True, True, False]))
    assert got["coverage"] == pytest.approx([1 / 4, 3 / 4, 1])
    assert got["risk"] == pytest.approx([0, 1 / 3, 1 / 2])
    assert got["area"] == pytest.approx(1 / 4 * 0 + 1 / 2 * 1 / 3 + 1 / 4 * 1 / 2)


def test_risk_coverage_area_is_lower_when_the_sure_ones_are_right():
    right = np.arange(100) >= 20
    assert scores.risk_coverage(np.arange(100.0), right)["area"] < 0.05 < 0.2 < scores.risk_coverage(-np.arange(100.0), right)["area"]


def test_per_group_mean_logit_decides_and_groups_of_two_truths_are_not_scored():
    group = np.array(["x", "x", "x", "y", "y", "z", "m", "m"])
    truth = np.array([0, 0, 0, 1, 1, 1, 0, 1])
    # x: two recordings lean to 1, one says 0 loudly; y: wrong; z: right; m is both.
    margin = np.array([9, -1, -1, 1, 1, -1, 5, 5])
    logits = np.stack([margin, np.zeros(8)], 1)
    assert scores.per_group(group, truth, logits) == {"groups": 3, "mixed": 1, "accuracy": pytest.approx(2 / 3), "balancedAccuracy": pytest.approx((1 + 1 / 2) / 2)}
    weight = np.array([1, 1, 1, 0, 0, 2, 1, 1.0])  # y was not drawn, z twice
    assert scores.per_group(group, truth, logits, weight)["accuracy"] == pytest.approx(1)
