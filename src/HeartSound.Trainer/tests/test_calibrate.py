import numpy as np
import pytest

from heartsound_trainer import calibrate, judge, tasks
from heartsound_trainer.errors import TrainerError
from heartsound_trainer.predict import Recordings
from heartsound_trainer.scores import ALARM, CLEAR, UNSURE
from heartsound_trainer.tasks import Record


def test_temperature_finds_how_much_too_sure_the_logits_are():
    rng = np.random.default_rng(0)
    z = rng.normal(0, 1.5, 20000)
    label = (rng.random(20000) < 1 / (1 + np.exp(-z))).astype(int)
    logits = 3 * np.stack([np.zeros_like(z), z], 1)
    assert calibrate.temperature(logits, np.eye(2)[label], False) == pytest.approx(3, rel=0.05)
    assert calibrate.temperature(3 * z[:, None], label[:, None], True) == pytest.approx(3, rel=0.05)


def test_temperature_rare_class_weighs_as_much_as_a_common_one():
    rng = np.random.default_rng(0)
    logits, targets = rng.normal(0, 2, (400, 2)), np.eye(2)[(np.arange(400) < 40).astype(int)]
    often = np.concatenate([np.arange(400), *[np.arange(40)] * 8])  # the 40 of label 1 nine times: 360 of each
    for multi_label in (False, True):
        assert calibrate.temperature(logits, targets, multi_label) == pytest.approx(calibrate.temperature(logits[often], targets[often], multi_label), rel=1e-4)


def test_probabilities_rows_sum_to_one_and_do_not_overflow():
    p = calibrate.probabilities(np.array([[1000.0, 0.0], [-1000.0, 1.0]]), 0.5)
    assert p.sum(1) == pytest.approx([1, 1])


def test_probabilities_of_several_findings_are_each_its_own():
    z = np.array([[2.0, 0.0, -2.0]])
    assert calibrate.probabilities(z, 2.0, multi_label=True) == pytest.approx(1 / (1 + np.exp(-z / 2)))


def test_alarm_score_sum_of_labels_that_exclude_each_other_and_largest_of_several_at_once():
    p = np.array([[0.5, 0.2, 0.1, 0.1, 0.1]])
    assert calibrate.alarm_score(p, tasks.named("bmdhs")) == pytest.approx([0.5])
    assert calibrate.alarm_score(p[:, 1:], tasks.named("bmdhs-multilabel")) == pytest.approx([0.2])


def test_threshold_separable_lies_between_the_classes():
    alarm = np.array([0, 0, 0, 1, 1], bool)
    assert calibrate.threshold(alarm, np.array([0.1, 0.2, 0.3, 0.7, 0.8]), 1.0) == pytest.approx(0.5)


def test_threshold_heavier_sensitivity_never_misses_more():
    rng = np.random.default_rng(1)
    alarm = rng.random(300) < 0.3
    score = np.clip(0.3 * alarm + rng.random(300) * 0.7, 0, 1)
    cuts = [calibrate.threshold(alarm, score, w) for w in (1.0, 1.5, 3.0)]
    assert cuts[0] >= cuts[1] >= cuts[2]
    assert cuts[0] > cuts[2]


def test_band_takes_in_the_errors_around_the_threshold_within_its_budget():
    # A clear one at 0.60 and an alarm at 0.40 are on the wrong side of 0.5.
    score = np.array([0.05, 0.10, 0.15, 0.20, 0.40, 0.60, 0.80, 0.85, 0.90, 0.95])
    alarm = np.array([0, 0, 0, 0, 1, 0, 1, 1, 1, 1], bool)
    low, high = calibrate.band(alarm, score, 0.5, 1.5, at_most=0.2)
    assert (low, high) == pytest.approx((0.3, 0.7))
    low, high = calibrate.band(alarm, score, 0.5, 1.5, at_most=0.1)  # no room for one of five
    assert (low, high) == pytest.approx((0.495, 0.505))


def test_band_abstaining_on_all_of_a_rare_class_is_not_a_way_out():
    # One alarm of a hundred lies among the ten clear ones: a tenth of all recordings, but nearly every clear one.
    score = np.concatenate([[0.05], np.linspace(0.1, 0.3, 10), np.linspace(0.8, 0.99, 99)])
    alarm = np.array([True] + 10 * [False] + 99 * [True])
    low, high = calibrate.band(alarm, score, 0.5, 4.0, at_most=0.12)
    assert (score[~alarm] <= low).mean() >= 0.88


def test_band_no_errors_is_as_narrow_as_can_be_and_not_empty():
    low, high = calibrate.band(np.array([0, 0, 1, 1], bool), np.array([0.1, 0.2, 0.8, 0.9]), 0.5, 1.5, 0.5)
    assert (low, high) == pytest.approx((0.495, 0.505))


def test_band_random_scores_holds_no_more_than_its_budget_and_no_error_more_than_without():
    rng = np.random.default_rng(2)
    for _ in range(20):
        alarm = rng.random(80) < 0.4
        score = np.clip(0.25 * alarm + rng.random(80) * 0.75, 0, 1)
        middle = calibrate.threshold(alarm, score, 1.5)
        low, high = calibrate.band(alarm, score, middle, 1.5, 0.1)
        assert low < high and low <= middle <= high
        assert ((score > low) & (score < high)).sum() <= 8
        assert (score[alarm] <= low).sum() <= (score[alarm] < middle).sum()


def test_decide_as_the_runtime_does():
    calibration = {"alarmBelow": 0.3, "alarmAbove": 0.6}
    score, good = np.array([0.3, 0.31, 0.59, 0.6, 0.9]), np.array([True, True, True, True, False])
    assert calibrate.decide(score, calibration, good).tolist() == [CLEAR, UNSURE, UNSURE, ALARM, UNSURE]


@pytest.mark.parametrize("label, said", [(0, "none"), (1, "all")])
def test_calibrate_one_class_only_says_what_to_do(label, said):
    with pytest.raises(TrainerError, match=f"{said} of the 4 validation recordings carry an alarm label.*split.members"):
        calibrate.calibrate(np.eye(2)[[label] * 4], np.zeros((4, 2)), tasks.named("physionet2016"), {})


def test_validation_figures_without_an_alarm_are_nan():
    records = [Record(f"{i}.wav", (0,), str(i), 0, "a", True) for i in range(4)]
    found = judge.validation_figures(Recordings(records, np.zeros((4, 2)), np.ones(4, bool), []), tasks.named("physionet2016"))
    assert np.isnan(found["balancedAccuracy"]) and np.isnan(found["auroc"]) and found["validationLoss"] == pytest.approx(np.log(2))
