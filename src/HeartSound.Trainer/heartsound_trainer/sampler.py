"""Which windows an epoch sees."""

from collections import Counter

import numpy as np

from .errors import TrainerError
from .features import Windows


def recording_weights(windows: Windows, settings: dict) -> np.ndarray:
    """Probability of each recording (R,), as ``settings["balance"]`` says:

    - "databaseClass": a database's share is (recordings) ** databasePower, shared alike by its classes: inside a database the label cannot be guessed
      from how often it is drawn;
    - "class": all classes alike, whatever database they come from;
    - "mixed": half of the draws in each of these two ways;
    - "none": as the recordings come.

    Within a class a group's share is (its recordings) ** groupPower, shared alike by its recordings. A recording of several labels counts as a class of its own."""
    has_windows = set(windows.record.tolist())
    members = [r if i in has_windows else None for i, r in enumerate(windows.records)]
    balance = settings["balance"]
    if balance == "mixed":
        return sum(recording_weights(windows, {**settings, "balance": one}) for one in ("databaseClass", "class")) / 2
    if balance not in ("databaseClass", "class", "none"):
        raise TrainerError(f"sampler.balance is '{balance}', must be databaseClass, class, mixed or none")
    database_of = (lambda r: r.database) if balance == "databaseClass" else (lambda r: "")
    class_of = (lambda r: r.labels) if balance != "none" else (lambda r: ())

    databases = Counter(database_of(r) for r in members if r)
    groups = Counter((database_of(r), class_of(r), r.group) for r in members if r)
    cells = Counter()  # sum over a cell's groups of their shares
    for (database, label, _), count in groups.items():
        cells[database, label] += count ** settings["groupPower"]
    classes = Counter(database for database, _ in cells)
    weights = np.zeros(len(members))
    for i, r in enumerate(members):
        if r:
            database, label = database_of(r), class_of(r)
            share = databases[database] ** settings["databasePower"] / classes[database]
            group = groups[database, label, r.group]
            weights[i] = share * group ** settings["groupPower"] / cells[database, label] / group
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
