"""Temperature, threshold and abstain band, all chosen on validation recordings.

Rule (also in the model's card):
1. The temperature minimises the negative log likelihood of the mean logits, all classes given the same weight, so that the probability is
   one at equal prevalence.
2. The threshold, which names the likelier side where an answer is forced, maximises v·sensitivity + specificity over all recordings,
   v = thresholdWeight. No verdict rests on it.
3. The abstain band contains the threshold and at most the part ``abstainAtMost`` of the abnormal and of the normal recordings; among all such bands it minimises
   w·(missed abnormals / abnormals) + (false alarms / normals) of the recordings still answered, w = sensitivityWeight > 1 (a missed abnormal
   is w times as bad as a false alarm), and among equals it is the one with the fewest recordings.
"""

import numpy as np
from scipy.optimize import minimize_scalar

from .errors import TrainerError
from .scores import ALARM, CLEAR, UNSURE
from .tasks import Task

LEAST_BAND = 0.01  # width of the band when no band is better than none


def probabilities(logits: np.ndarray, temperature: float = 1.0, multi_label: bool = False) -> np.ndarray:
    """(R, labels): softmax of logits / temperature, or of several findings at once the sigmoid of each."""
    z = logits / temperature
    if multi_label:
        return 1 / (1 + np.exp(-z))
    z = np.exp(z - z.max(-1, keepdims=True))
    return z / z.sum(-1, keepdims=True)


def alarm_score(p: np.ndarray, task: Task) -> np.ndarray:
    """(R,) probability of an alarm: the sum over the alarm labels, which exclude each other, or the largest where several may hold at once."""
    return p[:, task.alarm_columns].max(1) if task.multi_label else p[:, task.alarm_columns].sum(1)


def temperature(logits: np.ndarray, targets: np.ndarray, multi_label: bool) -> float:
    """Of mean logits (R, labels) and targets (R, labels), between 0.05 and 20; each class has the same weight."""
    share = np.maximum(targets.mean(0), 1e-9)
    weight = (targets / share) + ((1 - targets) / np.maximum(1 - share, 1e-9) if multi_label else 0)

    def loss(log_t: float) -> float:
        p = np.clip(probabilities(logits, np.exp(log_t), multi_label), 1e-12, 1 - 1e-12)
        right = np.where(targets == 1, p, 1 - p) if multi_label else p
        return float(-(weight * np.log(right) * (1 if multi_label else targets)).sum() / weight.sum())

    return float(np.exp(minimize_scalar(loss, bounds=(np.log(0.05), np.log(20)), method="bounded").x))


def cuts(score: np.ndarray) -> np.ndarray:
    """Every place (ascending) between two neighbouring values of ``score``, and one beyond each end."""
    values = np.unique(score)
    return np.concatenate([[values[0] / 2], (values[1:] + values[:-1]) / 2, [(values[-1] + 1) / 2]])


def threshold(alarm: np.ndarray, score: np.ndarray, sensitivity_weight: float) -> float:
    """The middle one of the cuts that maximise w·sensitivity + specificity."""
    places = cuts(score)
    at = score[None, :] >= places[:, None]  # (cuts, R)
    value = sensitivity_weight * at[:, alarm].mean(1) + (~at)[:, ~alarm].mean(1)
    best = places[value >= value.max() - 1e-12]
    return float(best[len(best) // 2])


def band(alarm: np.ndarray, score: np.ndarray, middle: float, sensitivity_weight: float, at_most: float) -> tuple[float, float]:
    """(alarmBelow, alarmAbove) by rule 3."""
    alarms, clears = np.sort(score[alarm]), np.sort(score[~alarm])
    places = cuts(score)
    best = None
    for low in places[places <= middle][::-1]:
        missed, first = np.searchsorted(alarms, low, "right"), np.searchsorted(clears, low, "right")
        if np.searchsorted(alarms, middle) - missed > at_most * len(alarms) or np.searchsorted(clears, middle) - first > at_most * len(clears):
            break
        for high in places[places >= middle]:
            last, answered = np.searchsorted(alarms, high), np.searchsorted(clears, high)
            if last - missed > at_most * len(alarms) or answered - first > at_most * len(clears):
                break
            cost = (round(sensitivity_weight * missed / len(alarms) + (len(clears) - answered) / len(clears), 12), int(last - missed + answered - first))
            if best is None or cost < best[0]:
                best = (cost, float(low), float(high))
    _, low, high = best
    if high - low < LEAST_BAND:
        low, high = max(middle - LEAST_BAND / 2, 0.0), min(middle + LEAST_BAND / 2, 1.0)
    return low, high


def calibrate(targets: np.ndarray, logits: np.ndarray, task: Task, settings: dict) -> dict[str, float]:
    """{temperature, threshold, alarmBelow, alarmAbove} from validation recordings: targets (R, labels) of 0 and 1, mean logits (R, labels)."""
    alarm = targets[:, task.alarm_columns].any(1)
    if alarm.all() or not alarm.any():
        raise TrainerError(f"{'all' if alarm.all() else 'none'} of the {len(alarm)} validation recordings carry an alarm label, so no threshold can be chosen; let more folds validate with split.members")
    t = temperature(logits, targets, task.multi_label)
    score = alarm_score(probabilities(logits, t, task.multi_label), task)
    middle = threshold(alarm, score, settings["thresholdWeight"])
    low, high = band(alarm, score, middle, settings["sensitivityWeight"], settings["abstainAtMost"])
    return {"temperature": t, "threshold": middle, "alarmBelow": low, "alarmAbove": high}


def decide(score: np.ndarray, calibration: dict[str, float], has_good_windows: np.ndarray) -> np.ndarray:
    """Answers (R,) as the runtime gives them: at or above alarmAbove an alarm, at or below alarmBelow none, else or without good windows unsure."""
    answer = np.where(score >= calibration["alarmAbove"], ALARM, np.where(score <= calibration["alarmBelow"], CLEAR, UNSURE))
    return np.where(has_good_windows, answer, UNSURE)
