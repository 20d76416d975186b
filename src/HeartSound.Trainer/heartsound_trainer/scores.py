"""Figures over recordings.

Two classes: ``alarm`` is the truth (R,) bool, ``score`` the alarm probability (R,), ``answer`` (R,) is ALARM, CLEAR or UNSURE.
K labels: ``truth`` is (R,) the index of the one label or, multi-label, (R, K) bool; ``probability`` is (R, K).
``weight`` (R,) says how often each recording counts, once when it is not given: so ``bootstrap`` draws groups. A figure of a class that nobody has is NaN, and
a mean over classes leaves it out.
"""

import numpy as np

ALARM, CLEAR, UNSURE = 1, 0, -1


def ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")


def rates(alarm: np.ndarray, answer: np.ndarray, weight: np.ndarray | None = None) -> dict[str, float]:
    """Sensitivity, specificity and their mean over the recordings that got an answer."""
    weight = ones(alarm, weight)
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
    weight = ones(alarm, weight)

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
    """Area under the ROC curve; NaN when a class is missing. As scikit-learn's (a test holds the two together), but thirty times as fast, which the
    thousands of draws of a bootstrap need."""
    weight = ones(alarm, weight)
    _, place = np.unique(score, return_inverse=True)
    positive, negative = np.bincount(place, weight * alarm), np.bincount(place, weight * ~alarm)
    return ratio((positive * (np.cumsum(negative) - negative / 2)).sum(), positive.sum() * negative.sum())


def within_database_auroc(alarm: np.ndarray, score: np.ndarray, database: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Mean over databases of the AUROC inside each: knowing the database is worth nothing here."""
    weight = ones(alarm, weight)
    return mean([auroc(alarm[database == d], score[database == d], weight[database == d]) for d in sorted(set(database))])


def f1(truth: np.ndarray, answered: np.ndarray, weight: np.ndarray) -> float:
    """F1 of one class: who has it (R,) bool, and who was said to."""
    return ratio(2 * weight[truth & answered].sum(), weight[truth].sum() + weight[answered].sum())


def macro_f1(alarm: np.ndarray, answer: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Mean of the F1 of both classes; an unsure answer is none of them."""
    weight = ones(alarm, weight)
    return mean([f1(alarm, answer == ALARM, weight), f1(~alarm, answer == CLEAR, weight)])


def calibration_error(alarm: np.ndarray, score: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error of the alarm probability in ``bins`` equal bins, both classes given the same weight (the probability is
    one at equal prevalence, see calibrate.py)."""
    return binned_error(score, alarm, class_weights(alarm), bins)


def top_label_calibration_error(truth: np.ndarray, probability: np.ndarray, weight: np.ndarray | None = None, bins: int = 10) -> float:
    """Expected calibration error of the likeliest label: how far its probability is from how often it is right, in ``bins`` equal bins."""
    return binned_error(probability.max(1), probability.argmax(1) == truth, ones(truth, weight), bins)


def binned_error(probability: np.ndarray, happened: np.ndarray, weight: np.ndarray, bins: int) -> float:
    place = np.minimum((probability * bins).astype(int), bins - 1)
    gap = np.bincount(place, weight * (probability - happened), minlength=bins)
    return ratio(np.abs(gap).sum(), weight.sum())


def class_weights(alarm: np.ndarray) -> np.ndarray:
    """Weights (R,) that give both classes the same sum."""
    return np.where(alarm, 1 / max(alarm.sum(), 1), 1 / max((~alarm).sum(), 1)) * len(alarm) / 2


def brier(truth: np.ndarray, probability: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Mean over recordings of the squared error of the probabilities, summed over the labels (Brier 1950): 0 is best, 2 the worst of one label."""
    error = ((probability - one_hot(truth, probability.shape[1])) ** 2).sum(1)
    weight = ones(error, weight)
    return ratio((weight * error).sum(), weight.sum())


def risk_coverage(confidence: np.ndarray, right: np.ndarray, weight: np.ndarray | None = None) -> dict:
    """The curve over "answer only when at least this sure", most sure first: ``coverage`` (the part answered), ``risk`` (the part of those answered
    wrongly) and ``area``, the mean risk over all coverages (lower is better). Recordings of equal confidence are answered together."""
    weight = ones(confidence, weight)
    _, place = np.unique(-confidence, return_inverse=True)
    share = np.bincount(place, weight) / weight.sum()
    coverage = np.cumsum(share)
    risk = np.cumsum(np.bincount(place, weight * ~right)) / weight.sum() / np.maximum(coverage, np.finfo(float).tiny)
    return {"coverage": coverage, "risk": risk, "area": float((share * risk).sum())}


def multiclass(truth: np.ndarray, probability: np.ndarray, weight: np.ndarray | None = None) -> dict[str, float]:
    """The likeliest label against the truth; macro AUROC is the mean over labels of one against the rest."""
    cells, each = confusion_matrix(truth, probability, weight), per_class(truth, probability, weight)
    return {
        "accuracy": ratio(np.trace(cells), cells.sum()),
        "balancedAccuracy": mean([c["sensitivity"] for c in each]),
        "macroF1": mean([c["f1"] for c in each]),
        "macroAuroc": mean([c["auroc"] for c in each]),
    }


def confusion_matrix(truth: np.ndarray, probability: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """(K, K): rows the truth, columns the likeliest label."""
    labels = probability.shape[1]
    return np.bincount(truth * labels + probability.argmax(1), ones(truth, weight), minlength=labels**2).reshape(labels, labels)


def per_class(truth: np.ndarray, probability: np.ndarray, weight: np.ndarray | None = None) -> list[dict[str, float]]:
    """For each label: recordings, sensitivity, specificity and F1 of the likeliest label, AUROC against the rest."""
    return per_label(one_hot(truth, probability.shape[1]), one_hot(probability.argmax(1), probability.shape[1]), probability, weight)


def multilabel(truth: np.ndarray, probability: np.ndarray, weight: np.ndarray | None = None, threshold: float | np.ndarray = 0.5) -> dict[str, float]:
    """Means over the labels, each answered at or above its threshold (one number or (K,)); ``exact`` is the part with every label right."""
    answered, weight = probability >= threshold, ones(truth, weight)
    each = per_label(truth, answered, probability, weight)
    return {
        "macroAuroc": mean([c["auroc"] for c in each]),
        "macroF1": mean([c["f1"] for c in each]),
        "balancedAccuracy": mean([(c["sensitivity"] + c["specificity"]) / 2 for c in each]),
        "exact": ratio(weight[(truth == answered).all(1)].sum(), weight.sum()),
    }


def per_label(truth: np.ndarray, answered: np.ndarray, probability: np.ndarray, weight: np.ndarray | None = None) -> list[dict[str, float]]:
    """For each label, from who has it (R, K) bool and who was said to: recordings, sensitivity, specificity, F1 and AUROC."""
    weight = ones(truth, weight)
    return [
        {
            "recordings": float(weight[has].sum()),
            "sensitivity": ratio(weight[has & said].sum(), weight[has].sum()),
            "specificity": ratio(weight[~has & ~said].sum(), weight[~has].sum()),
            "f1": f1(has, said, weight),
            "auroc": auroc(has, score, weight),
        }
        for has, said, score in zip(truth.T, answered.T, probability.T)
    ]


def per_group(group: np.ndarray, truth: np.ndarray, logits: np.ndarray, weight: np.ndarray | None = None) -> dict[str, float]:
    """Accuracy and balanced accuracy of one verdict for each group (patient): the label of the largest mean logit (R, K) over its recordings.
    Groups whose recordings have different labels have no truth: they are counted as ``mixed`` and not scored. All recordings of a group have the same weight."""
    names, first, member = np.unique(group, return_index=True, return_inverse=True)
    size = np.bincount(member)
    summed = np.stack([np.bincount(member, column) for column in logits.T], 1)  # (G, K)
    mixed = np.bincount(member, truth != truth[first][member]) > 0
    one = ~mixed
    # The mean logit stands in for the probability: only the largest is looked at.
    cells = confusion_matrix(truth[first][one], (summed / size[:, None])[one], ones(truth, weight)[first][one])
    return {
        "groups": int(one.sum()),
        "mixed": int(mixed.sum()),
        "accuracy": ratio(np.trace(cells), cells.sum()),
        "balancedAccuracy": mean([ratio(row[k], row.sum()) for k, row in enumerate(cells)]),
    }


def ones(like: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    return np.ones(len(like)) if weight is None else weight


def one_hot(truth: np.ndarray, labels: int) -> np.ndarray:
    """(R, K) bool; truth that is so already stays as it is."""
    return truth if truth.ndim == 2 else np.arange(labels) == truth[:, None]


def mean(values: list[float]) -> float:
    """Of those that are numbers; NaN when none is."""
    known = [v for v in values if v == v]
    return float(np.mean(known)) if known else float("nan")


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
    known = {name: [v for v in column if v == v] or [float("nan")] for name, column in values.items()}
    return {name: [float(v) for v in np.percentile(column, [2.5, 97.5])] for name, column in known.items()}
