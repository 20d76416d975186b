"""Figures of the George B. Moody PhysioNet Challenge 2022 over CirCor patients, as its evaluate_model.py defines them.

Murmurs are indices into tasks.circor.LABELS: 0 Present, 1 Unknown, 2 Absent. ``weight`` (P,) says how often each patient counts.
"""

import numpy as np

from .scores import ones, ratio

MURMUR_WEIGHTS = np.array([5.0, 3.0, 1.0])  # Present, Unknown, Absent
OUTCOME_WEIGHTS = np.array([5.0, 1.0])  # Abnormal, Normal
ABSENT = 2


def verdicts(answer: np.ndarray, patient: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(patients, verdicts) from the answers to recordings (R,): Present when one recording is, else Unknown when one is, else Absent. A murmur may be heard at
    one site only, so one recording is enough; and Unknown asks for an expert, which is not undone by a clear recording of another site."""
    names, member = np.unique(patient, return_inverse=True)
    worst = np.full(len(names), ABSENT)
    np.minimum.at(worst, member, answer)  # the labels are in the order of severity
    return names, worst


def weighted_accuracy(truth: np.ndarray, verdict: np.ndarray, class_weights: np.ndarray = MURMUR_WEIGHTS, weight: np.ndarray | None = None) -> float:
    """Accuracy in which a patient counts 5, 3 or 1 by the true murmur (or 5 or 1 by the true outcome)."""
    counts = ones(truth, weight) * class_weights[truth]
    return ratio(counts[truth == verdict].sum(), counts.sum())


def cost(abnormal: np.ndarray, referred: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Mean cost of a patient, in the challenge's money, from the clinical outcome (P,) bool and who is referred to an expert (P,) bool.

    All are prescreened by the algorithm, those referred by an expert, whose price per patient is a polynomial of the part referred; the abnormal among them are
    treated, and an abnormal one who was not referred is treated late. A murmur model refers Present and Unknown; an outcome model Abnormal.
    """
    weight = ones(abnormal, weight)
    patients = weight.sum()
    if not patients:
        return float("nan")
    part = weight[referred].sum() / patients
    algorithm = 10 * patients
    expert = (25 + 397 * part - 1718 * part**2 + 11296 * part**4) * patients
    treatment = 10000 * weight[abnormal & referred].sum()
    late = 50000 * weight[abnormal & ~referred].sum()
    return float((algorithm + expert + treatment + late) / patients)


def figures(truth: np.ndarray, verdict: np.ndarray, abnormal: np.ndarray, weight: np.ndarray | None = None) -> dict[str, float]:
    """Of a murmur model, from a verdict for each patient: the challenge's weighted accuracy and cost."""
    return {
        "weightedAccuracy": weighted_accuracy(truth, verdict, weight=weight),
        "cost": cost(abnormal, verdict != ABSENT, weight),
    }
