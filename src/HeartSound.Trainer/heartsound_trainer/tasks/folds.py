"""Folds by group where a data set has none, and anew for every run of a repeated cross-validation."""

import warnings
from collections import Counter

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold


def stratified_folds(labels, groups, databases, folds: int = 5, seed: int = 0) -> np.ndarray:
    """Fold of each recording (R,): every group whole in one fold, database × labels alike in all folds as far as the groups allow.
    ``labels`` are anything that can be printed: an index, or the tuple of a multi-label recording.

    The same groups get the same folds in whatever order the recordings come. scikit-learn's own ``shuffle`` is not used: in Debian's 1.2 it
    mixes up which group has which labels. Its rule looks at equal groups in the order of their names; so drawing new names is the shuffle.
    With no more groups than folds each group is a fold.
    """
    names, member = np.unique(np.asarray(groups), return_inverse=True)
    name = np.random.default_rng(seed).permutation(len(names))[member]
    if len(names) <= folds:
        return name
    cells = [f"{database}|{label}" for database, label in zip(databases, labels)]
    often = Counter(cells)
    cells = [cell if often[cell] >= folds else "rare" for cell in cells]
    result = np.empty(len(cells), int)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # "the least populated class has only …": then it cannot be in every fold
        for fold, (_, part) in enumerate(StratifiedGroupKFold(folds).split(name, cells, name)):
            result[part] = fold
    return result
