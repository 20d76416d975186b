"""Yaseen et al. 2018: 1,000 clips of about 2 s in five classes, many of them cut from the same source.

``records.csv`` names the source cluster and the fold. As published there is a folder for each class (AS, or AS_New_…); then the clusters are
found here: two clips are near-duplicates when the largest value of their normalised cross-correlation over all shifts is at least 0.9, at 2 kHz, and
a cluster is what is connected by such pairs. All 500,000 pairs take some minutes, once, in `prepare`. (Of the 812 clips whose clusters
records.csv names, this finds 9,928 of the 9,956 pairs within a cluster, and no other.)
"""

import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.io import wavfile
from scipy.signal import resample_poly
from scipy.sparse.csgraph import connected_components

from ..errors import TrainerError
from .task import UNASSIGNED, Record, Task, read_csv, unknown_layout, value, with_folds

LABELS = ("N", "AS", "MR", "MS", "MVP")
ALIKE = 0.9  # normalised cross-correlation of near-duplicates
RATE = 2000  # Hz at which clips are compared
BLOCK = 64  # clips compared with one at a time


def read(folder: Path) -> list[Record]:
    path = folder / "records.csv"
    if path.exists():
        known = {name: (i,) for i, name in enumerate(LABELS)}
        return [
            Record(row["file"], value(path, row, "label", known), row["source_group"], int(row["fold"]), "yaseen", True)
            for row in read_csv(path, ("file", "label", "source_group", "fold"))
        ]
    files = [(file, label) for label in range(len(LABELS)) for file in clips(folder, LABELS[label])]
    if len({label for _, label in files}) < len(LABELS):
        raise unknown_layout(folder, "records.csv", f"the published folders of the classes {', '.join(LABELS)} (or AS_New_… and so on) with .wav files")
    cluster = source_clusters([file for file, _ in files])
    return with_folds([Record(file.relative_to(folder).as_posix(), (label,), f"source{c}", UNASSIGNED, "yaseen", True) for (file, label), c in zip(files, cluster)])


def clips(folder: Path, name: str) -> list[Path]:
    return sorted(file for place in (folder.iterdir() if folder.is_dir() else []) if place.name == name or place.name.startswith(name + "_") for file in place.glob("**/*.wav"))


def source_clusters(files: list[Path]) -> np.ndarray:
    """Number of the cluster of each file (R,)."""
    print(f"looking for near-duplicates among {len(files)} clips", file=sys.stderr)
    signals = [at_rate(file) for file in files]
    length = next_fast_len(2 * max(map(len, signals)), real=True)
    spectra = np.stack([rfft(x, length) for x in signals])  # (R, bins)
    alike = np.eye(len(files), dtype=bool)
    for i, spectrum in enumerate(spectra):
        for first in range(i + 1, len(files), BLOCK):
            alike[i, first : first + BLOCK] = irfft(spectrum.conj() * spectra[first : first + BLOCK], length, axis=1).max(1) >= ALIKE
    return connected_components(alike, directed=False)[1]


def at_rate(file: Path) -> np.ndarray:
    """The clip at RATE, mean 0 and norm 1."""
    try:
        rate, x = wavfile.read(file)
    except (ValueError, OSError) as error:
        raise TrainerError(f"{file} cannot be read as a WAV file ({error}); near-duplicates cannot be found without it")
    ratio = Fraction(RATE, rate)
    x = resample_poly(x.astype(np.float32) if x.ndim == 1 else x.mean(1, dtype=np.float32), ratio.numerator, ratio.denominator)
    x = x - x.mean()
    return x / max(np.linalg.norm(x), np.finfo(np.float32).tiny)


TASKS = [
    Task(
        name="yaseen",
        folder="yaseen2018",
        labels=LABELS,
        alarm_labels=LABELS[1:],
        read=read,
        dataset="Yaseen et al. 2018, five classes",
        licence="none stated by the authors: research only",
        citation="Yaseen, Son G-Y, Kwon S. Classification of heart sound signal using multiple features. Appl. Sci. 8:2344 (2018).",
        shortcuts=(
            "The clips are near-duplicates of a few sources (the 200 of N come from 9): under a random split any classifier scores 0.999, which means nothing. "
            "The source cluster is the group here.",
            "Clips were collected from teaching material and web pages; which equipment and filtering go with which label is not known.",
        ),
    )
]
