"""Which windows an epoch sees."""

from collections import Counter

import numpy as np

from .features import Windows


def recording_weights(windows: Windows, database_power: float) -> np.ndarray:
    """Probability of each recording (R,): its database's share is (recordings) ** power, shared alike by the database's classes,
    and within a class alike by its recordings. So inside a database the label cannot be guessed from how often it is drawn."""
    has_windows = set(windows.record.tolist())
    members = [r if i in has_windows else None for i, r in enumerate(windows.records)]
    databases = Counter(r.database for r in members if r)
    cells = Counter((r.database, r.labels) for r in members if r)
    classes = Counter(database for database, _ in cells)
    weights = np.array([databases[r.database] ** database_power / classes[r.database] / cells[r.database, r.labels] if r else 0.0 for r in members])
    return weights / weights.sum()


def draw(windows: Windows, weights: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """``count`` windows (indices, shuffled): recordings by systematic resampling, so that each comes as often as its weight says to
    within one draw, and of each recording a random accepted window (any, when none was accepted)."""
    ladder = np.cumsum(weights) / weights.sum()
    recordings = np.searchsorted(ladder, (np.arange(count) + rng.random()) / count)
    choices = usable(windows)
    picked = np.array([rng.choice(choices[r]) for r in recordings])
    return rng.permutation(picked)


def usable(windows: Windows) -> list[np.ndarray]:
    """For each recording its accepted windows, or all of them when none was accepted."""
    order = np.argsort(windows.record, kind="stable")
    ends = np.searchsorted(windows.record[order], np.arange(len(windows.records) + 1))
    result = []
    for first, last in zip(ends, ends[1:]):
        rows = order[first:last]
        accepted = rows[windows.accepted[rows]]
        result.append(accepted if len(accepted) else rows)
    return result


def spread(windows: Windows, most: int) -> np.ndarray:
    """At most ``most`` usable windows of each recording, evenly spread over it; 0: all."""
    rows = []
    for choices in usable(windows):
        if most and len(choices) > most:
            choices = choices[np.linspace(0, len(choices) - 1, most).round().astype(int)]
        rows.append(choices)
    return np.concatenate(rows)
