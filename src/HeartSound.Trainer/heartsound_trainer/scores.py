"""Figures over recordings. ``alarm`` is the truth (R,) bool, ``score`` the alarm probability (R,), ``answer`` (R,) is ALARM, CLEAR or UNSURE."""

import numpy as np
from sklearn.metrics import roc_auc_score

ALARM, CLEAR, UNSURE = 1, 0, -1


def ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")


def rates(alarm: np.ndarray, answer: np.ndarray, weight: np.ndarray | None = None) -> dict[str, float]:
    """Sensitivity, specificity and their mean over the recordings that got an answer."""
    weight = np.ones(len(alarm)) if weight is None else weight
    given = np.where(answer != UNSURE, weight, 0.0)
    se = ratio(given[alarm & (answer == ALARM)].sum(), given[alarm].sum())
    sp = ratio(given[~alarm & (answer == CLEAR)].sum(), given[~alarm].sum())
    return {"sensitivity": se, "specificity": sp, "balancedAccuracy": (se + sp) / 2}


def challenge2016(alarm: np.ndarray, answer: np.ndarray, good: np.ndarray, weight: np.ndarray | None = None) -> dict[str, float]:
    """Modified sensitivity, specificity and accuracy (MAcc) of the PhysioNet/CinC Challenge 2016.

    Se = wa1·Aa1/(Aa1+Aq1+An1) + wa2·(Aa2+Aq2)/(Aa2+Aq2+An2), Sp = wn1·Nn1/(Na1+Nq1+Nn1) + wn2·(Nn2+Nq2)/(Na2+Nq2+Nn2): capital the truth,
    small the answer (a abnormal, n normal, q unsure), 1 good quality, 2 poor. "Unsure" is wrong for a good recording and right for a
    poor one. The weights are the shares of good and poor recordings in a class, here of the recordings scored; so without any "unsure"
    MAcc is the balanced accuracy. (Over all of a–e here they are wa1 0.872, wn1 0.919.)
    """
    weight = np.ones(len(alarm)) if weight is None else weight

    def modified(members, right):
        total, value = weight[members].sum(), 0.0
        for quality, counts_unsure in ((good, False), (~good, True)):
            cell = members & quality
            correct = cell & (right | (answer == UNSURE)) if counts_unsure else cell & right
            if weight[cell].sum():
                value += ratio(weight[cell].sum(), total) * ratio(weight[correct].sum(), weight[cell].sum())
        return value if total else float("nan")

    se, sp = modified(alarm, answer == ALARM), modified(~alarm, answer == CLEAR)
    return {"modifiedSensitivity": se, "modifiedSpecificity": sp, "macc": (se + sp) / 2}


def auroc(alarm: np.ndarray, score: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Area under the ROC curve; NaN when a class is missing."""
    present = np.ones(len(alarm), bool) if weight is None else weight > 0
    if len(set(alarm[present].tolist())) < 2:
        return float("nan")
    return float(roc_auc_score(alarm, score, sample_weight=weight))


def within_database_auroc(alarm: np.ndarray, score: np.ndarray, database: np.ndarray) -> float:
    """Mean over databases of the AUROC inside each: knowing the database is worth nothing here."""
    values = [auroc(alarm[database == d], score[database == d]) for d in sorted(set(database))]
    return float(np.nanmean(values)) if not np.all(np.isnan(values)) else float("nan")


def macro_f1(alarm: np.ndarray, answer: np.ndarray) -> float:
    """Mean of the F1 of both classes; an unsure answer is none of them."""
    values = []
    for truth, wanted in ((alarm, ALARM), (~alarm, CLEAR)):
        hits = (truth & (answer == wanted)).sum()
        values.append(ratio(2 * hits, truth.sum() + (answer == wanted).sum()))
    return float(np.mean(values))


def calibration_error(alarm: np.ndarray, score: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error of the alarm probability in ``bins`` equal bins, both classes given the same weight (the probability is
    one at equal prevalence, see calibrate.py)."""
    weight = class_weights(alarm)
    place = np.minimum((score * bins).astype(int), bins - 1)
    error = 0.0
    for b in range(bins):
        w = weight * (place == b)
        if w.sum():
            error += w.sum() * abs((w * score).sum() / w.sum() - (w * alarm).sum() / w.sum())
    return float(error / weight.sum())


def class_weights(alarm: np.ndarray) -> np.ndarray:
    """Weights (R,) that give both classes the same sum."""
    return np.where(alarm, 1 / max(alarm.sum(), 1), 1 / max((~alarm).sum(), 1)) * len(alarm) / 2


def confusion(alarm: np.ndarray, answer: np.ndarray) -> dict[str, dict[str, int]]:
    names = {"alarm": ALARM, "clear": CLEAR, "inconclusive": UNSURE}
    return {
        truth: {name: int((members & (answer == value)).sum()) for name, value in names.items()}
        for truth, members in (("alarm", alarm), ("clear", ~alarm))
    }


def bootstrap(groups: np.ndarray, figures, draws: int = 2000, seed: int = 0) -> dict[str, list[float]]:
    """95 % percentile intervals of ``figures(weight) -> {name: value}``. Whole groups (subjects) are drawn with replacement; ``weight`` (R,)
    says how often each recording's group came. Draws in which a figure has no value are left out for that figure."""
    rng = np.random.default_rng(seed)
    names, member = np.unique(groups, return_inverse=True)
    values: dict[str, list[float]] = {}
    for _ in range(draws):
        times = np.bincount(rng.integers(0, len(names), len(names)), minlength=len(names)).astype(float)
        for name, value in figures(times[member]).items():
            values.setdefault(name, []).append(value)
    return {name: [float(v) for v in np.nanpercentile(column, [2.5, 97.5])] for name, column in values.items()}
