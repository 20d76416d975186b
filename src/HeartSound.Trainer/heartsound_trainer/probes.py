"""Probes: how far the labels can be guessed without hearing a heart. A pooled figure means only what it is above these.

``database_only`` knows which collection a recording comes from. ``noise_floor`` knows how loud the quietest moments are in each mel band, which is the
sensor, its filter and the room. Both learn on the training part and answer every test recording, like a model.
"""

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from . import scores
from .errors import TrainerError
from .features import FeatureCache
from .tasks import Record, Task

PERCENTILE = 5  # over the frames of a recording: at this level a band hears no heart sound
NOISE = {"melBands": 20, "hopSamples": 64, "windowSeconds": 1, "windowHopSeconds": 1, "normalisation": "none"}
DRAWS = 1000  # of the bootstrap


def noise_spec(front_end: dict) -> dict:
    """The model's front end without its normalisation, in windows of 1 s so that short recordings have some: `prepare` makes these features too."""
    return {**front_end, **NOISE}


def probe(task: Task, cache: FeatureCache, folds: list[tuple[list[Record], list[Record]]]) -> dict:
    """Figures of both probes over (training recordings, test recordings) of every fold, pooled. ``cache`` holds features of ``noise_spec``. Where there is
    one database only, there is nothing to know about it, and no ``databaseOnly``."""
    if cache.spec["normalisation"] != "none":
        raise TrainerError("the noise floor is seen in features that are not normalised: open the cache with probes.noise_spec(frontEnd)")
    floor = floors(cache, sorted({r.fold for part in folds for records in part for r in records}))
    tested = [r for _, test in folds for r in test]
    found = {"noiseFloor": measure(task, tested, np.concatenate([noise_floor(task, floor, train, test) for train, test in folds]))}
    if len({r.database for r in tested}) > 1:
        found["databaseOnly"] = measure(task, tested, np.concatenate([database_only(task, train, test) for train, test in folds]))
    return found


def database_only(task: Task, train: list[Record], test: list[Record]) -> np.ndarray:
    """(R, labels): the shares of the labels in each test recording's database; of all training recordings where the database is new."""
    truth, database = targets(task, train), np.array([r.database for r in train])
    share = {d: truth[database == d].mean(0) for d in set(database)}
    return np.stack([share.get(r.database, truth.mean(0)) for r in test])


def noise_floor(task: Task, floor: dict[str, np.ndarray], train: list[Record], test: list[Record]) -> np.ndarray:
    """(R, labels) probabilities of gradient boosting on the noise floors, all classes given the same weight. A label that is not in the training part gets 0."""
    x, new = (np.stack([floor[r.file] for r in part]) for part in (train, test))
    truth = targets(task, train)
    result = np.zeros((len(test), len(task.labels)))
    if not task.multi_label:
        model = fit(x, truth.argmax(1))
        result[:, model.classes_] = model.predict_proba(new)
        return result
    for k in range(len(task.labels)):
        model = fit(x, truth[:, k])
        if model.classes_[-1]:
            result[:, k] = model.predict_proba(new)[:, -1]
    return result


def fit(x: np.ndarray, label: np.ndarray) -> HistGradientBoostingClassifier:
    label = label.astype(int)
    weight = len(label) / np.bincount(label)[label]
    return HistGradientBoostingClassifier(max_iter=150, max_leaf_nodes=15, random_state=0).fit(x, label, weight / weight.mean())


def floors(cache: FeatureCache, folds: list[int]) -> dict[str, np.ndarray]:
    """(bands,) of each recording; NaN for one without windows, which gradient boosting takes as a value of its own."""
    result = {}
    for fold in folds:
        windows = cache.open([r for r in cache.records() if r.fold == fold])
        bands = windows.features.shape[1]
        for i, record in enumerate(windows.records):
            frames = windows.features[windows.record == i].transpose(1, 0, 2).reshape(bands, -1)  # (bands, frames)
            result[record.file] = np.percentile(frames.astype(np.float32), PERCENTILE, axis=1) if frames.size else np.full(bands, np.nan, np.float32)
    return result


def measure(task: Task, records: list[Record], probability: np.ndarray) -> dict:
    """Figures of answers (R, labels) in which every recording is answered: balanced accuracy (for two labels that is the MAcc), AUROC (one against the rest,
    mean of the labels), both also as the mean within databases, with 95 % intervals by group."""
    truth, database = targets(task, records), np.array([r.database for r in records])
    answer = probability > 0.5 if task.multi_label else np.eye(len(task.labels), dtype=bool)[probability.argmax(1)]
    everyone = np.ones(len(records))

    def pair(weight: np.ndarray) -> dict[str, float]:
        return {"balancedAccuracy": balanced_accuracy(truth, answer, weight, task.multi_label), "auroc": mean([scores.auroc(t, p, weight) for t, p in zip(truth.T, probability.T)])}

    def figures(weight: np.ndarray) -> dict[str, float]:
        whole, inside = pair(weight), [pair(weight * (database == d)) for d in sorted(set(database))]
        return whole | {f"withinDatabase{key[0].upper()}{key[1:]}": mean([d[key] for d in inside]) for key in whole}

    return {
        "recordings": len(records),
        **figures(everyone),
        "interval95": scores.bootstrap(np.array([r.group for r in records]), figures, DRAWS),
        "byDatabase": {str(d): {"recordings": int((database == d).sum()), **pair(everyone * (database == d))} for d in sorted(set(database))},
    }


def balanced_accuracy(truth: np.ndarray, answer: np.ndarray, weight: np.ndarray, multi_label: bool) -> float:
    """Mean recall of the labels that occur, when there are two or more; of a multi-label task the mean of each label's (Se + Sp) / 2."""
    recall = [scores.ratio((weight * t * a).sum(), (weight * t).sum()) for t, a in zip(truth.T, answer.T)]
    if multi_label:
        return mean([(r + scores.ratio((weight * ~t * ~a).sum(), (weight * ~t).sum())) / 2 for r, t, a in zip(recall, truth.T, answer.T)])
    return mean(recall) if sum(r == r for r in recall) > 1 else float("nan")


def mean(values: list[float]) -> float:
    """Of the values that exist."""
    there = [v for v in values if v == v]
    return float(np.mean(there)) if there else float("nan")


def targets(task: Task, records: list[Record]) -> np.ndarray:
    """(R, labels) bool."""
    return np.array([[k in r.labels for k in range(len(task.labels))] for r in records])
