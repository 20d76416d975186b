"""PASCAL Classifying Heart Sounds Challenge 2011: set B (a clinic's digital stethoscope) and, to show what it does, set A (telephones).

Layouts: ``records.csv``, which names subject and fold; or the labelled recordings as they are spread, set_a/ and set_b/ with the label in the file's name
(murmur_noisymurmur_160_1307100683334_A.wav), or Atraining_LABEL/ and Btraining_LABEL/ of the challenge's archives. In set B the group is the number that the
name begins with, the subject; in set A nothing tells subjects apart and each recording is its own group. Recordings that are
neither normal nor murmur are left out; those of the "noisy" sublabels count as poor quality.
"""

import re
from functools import partial
from pathlib import Path

from ..errors import TrainerError
from .task import UNASSIGNED, Record, Task, read_csv, unknown_layout, with_folds

LABELS = ("normal", "murmur")
KINDS = "normal|murmur|artifact|extrahls|extrastole"
SPREAD = re.compile(rf"set_(?P<set>[ab])/(?P<label>{KINDS})_(?P<noisy>noisy\w+?)?_(?P<rest>\d+(_\d+_\w+)?)\.wav")
ARCHIVES = re.compile(rf"(?P<set>[AB])training_(?P<label>{KINDS})/(?:.*?(?P<noisy>noisy)\w+/)?(?P<rest>\d+(_\d+_\w+)?)\.wav")


def read(folder: Path, sets: str) -> list[Record]:
    if (folder / "records.csv").exists():
        return [
            Record(row["file"], (LABELS.index(row["label"]),), row["subject"], int(row["fold"]), row["set"], not row["sublabel"].startswith("noisy"), row["location"])
            for row in read_csv(folder / "records.csv", ("file", "set", "label", "sublabel", "subject", "location", "fold"))
            if row["set"] in sets and row["label"] in LABELS
        ]
    records = []
    for file in sorted(path.relative_to(folder).as_posix() for path in folder.glob("**/*.wav")):
        found = SPREAD.fullmatch(file) or ARCHIVES.fullmatch(file)
        if not found and "unlabelled" not in file:
            raise TrainerError(f"{folder / file}: expected names such as set_b/murmur__112_1306243000964_A.wav or Btraining_murmur/112_1306243000964_A.wav")
        if not found or found["set"].lower() not in sets or found["label"] not in LABELS:
            continue
        part = found["set"].lower()
        number, _, rest = found["rest"].partition("_")
        group, site = (part + number, rest.split("_")[1]) if rest else (f"{part}:{file}", "")
        records.append(Record(file, (LABELS.index(found["label"]),), group, UNASSIGNED, part, not found["noisy"], site))
    if not records:
        raise unknown_layout(folder, "records.csv", "set_a/ and set_b/ with the label in the files' names", "the archives Atraining_LABEL/ and Btraining_LABEL/")
    return with_folds(records)


ABOUT = dict(
    folder="pascal2011",
    labels=LABELS,
    alarm_labels=("murmur",),
    licence="CC0 by one mirror's word, unverified",
    citation="Bentley P, Nordehn G, Coimbra M, Mannor S. The PASCAL Classifying Heart Sounds Challenge 2011 (CHSC2011).",
)

TASKS = [
    Task(
        name="pascal",
        read=partial(read, sets="b"),
        dataset="PASCAL Classifying Heart Sounds Challenge 2011, set B, normal and murmur",
        shortcuts=(
            "Several recordings of a subject are cut from one session; the subject's number in the file name is the group here.",
            "A quarter of the recordings is shorter than 3 s and half shorter than 5 s, so many fill no window of 5 s; 37 % are marked noisy.",
        ),
        **ABOUT,
    ),
    Task(
        name="pascal-ab",
        read=partial(read, sets="ab"),
        dataset="PASCAL Classifying Heart Sounds Challenge 2011, sets A and B pooled, normal and murmur",
        shortcuts=(
            "Set A comes from another device (a telephone, 44.1 kHz) than set B (4 kHz), and murmurs are 52 % of A against 25 % of B: pooled, a classifier "
            "learns the device. This task is here to show that; use pascal.",
            "Set A does not tell subjects apart: a subject may be in two parts.",
        ),
        **ABOUT,
    ),
]
