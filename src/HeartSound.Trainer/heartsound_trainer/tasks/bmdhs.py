"""BUET Multi-disease Heart Sound (BMD-HS): 8 recordings a patient, 4 sites × sitting and supine. The group is the patient.

``records.csv`` has a row a recording and names the fold. As published there is train.csv with a row a patient (patient_id, AS, AR, MR, MS, N,
recording_1 … recording_8) and the recordings in train/. A patient whose diseases are N/A is left out. A recording is the file of its
name, or the one file that begins with it (MD_085_sit_Tri is MD_085_sit_Tri6_06.wav).
"""

from functools import partial
from pathlib import Path

from ..errors import TrainerError
from .task import UNASSIGNED, Record, Task, read_csv, unknown_layout, with_folds

LABELS = ("N", "AS", "AR", "MR", "MS")
DISEASES = LABELS[1:]
POSITIONS = {"sit": "sitting", "sup": "supine"}


def read(folder: Path, multi_label: bool) -> list[Record]:
    """All patients (multi-label), or those with one disease or none."""
    if (folder / "records.csv").exists():
        rows = read_csv(folder / "records.csv", ("file", "patient", "position", "site", "fold", *LABELS))
        records = [Record(row["file"], labels(row, multi_label), row["patient"], int(row["fold"]), "bmdhs", True, f"{row['position']} {row['site']}") for row in rows]
        return [record for record in records if record.labels is not None]
    if (folder / "train.csv").exists():
        return read_published(folder, multi_label)
    raise unknown_layout(folder, "records.csv", "the published train.csv with the recordings in train/")


def labels(row: dict, multi_label: bool) -> tuple[int, ...] | None:
    """Indices into the task's labels; None: not a recording of the task."""
    marks = [row[name] for name in LABELS]
    if "N/A" in marks or "" in marks:
        return None
    wrong = [mark for mark in marks if mark not in ("0", "1")]
    if wrong or "1" not in marks or (marks[0] == "1" and "1" in marks[1:]):
        raise TrainerError(f"BMD-HS: {', '.join(map('='.join, zip(LABELS, marks)))} of {row.get('file') or row['patient_id']} is neither N alone nor diseases without N")
    if multi_label:
        return tuple(i for i, mark in enumerate(marks[1:]) if mark == "1")
    return (marks.index("1"),) if marks.count("1") == 1 else None


def read_published(folder: Path, multi_label: bool) -> list[Record]:
    names = [f"recording_{i}" for i in range(1, 9)]
    records = []
    for row in read_csv(folder / "train.csv", ("patient_id", *LABELS, *names)):
        of_patient = labels(row, multi_label)
        for name in names if of_patient is not None else []:
            path = find(folder / "train", row[name])
            _, _, position, site = path.stem.split("_")[:4]
            site = f"{POSITIONS[position]} {site[:3]}"
            records.append(Record(f"train/{path.name}", of_patient, row["patient_id"], UNASSIGNED, "bmdhs", True, site))
    return with_folds(records)


def find(folder: Path, name: str) -> Path:
    path = folder / f"{name}.wav"
    if path.exists():
        return path
    found = sorted(folder.glob(f"{name}*.wav"))
    if len(found) != 1:
        raise TrainerError(f"{path} does not exist, although train.csv names it, and {len(found)} other files begin with its name")
    return found[0]


ABOUT = dict(
    folder="bmdhs",
    alarm_labels=DISEASES,
    dataset="BUET Multi-disease Heart Sound (BMD-HS)",
    licence="none stated with our copy; the authors' repository says CC BY-NC-ND 4.0: research only",
    citation="Ali S N, Zahin A, Shuvo S B, et al. BUET Multi-disease Heart Sound Dataset: a comprehensive auscultation dataset for "
    "developing computer-aided diagnostic systems. arXiv:2409.00724 (2024).",
    shortcuts=(
        "The eight recordings of a patient are alike; where they lie in both parts, a network knows the patient. The patient is the group here.",
        "Pairs of byte-identical recordings stand under two positions of one patient (four pairs in our copy, such as MS_012_sit_Tri and MS_012_sup_Aor). They are kept: "
        "they never lie in two parts, but the site of one of each pair is wrong and that patient counts by seven recordings.",
        "All patients were recorded at one hospital.",
    ),
)

TASKS = [
    Task(name="bmdhs", labels=LABELS, read=partial(read, multi_label=False), **ABOUT),
    Task(name="bmdhs-multilabel", labels=DISEASES, read=partial(read, multi_label=True), multi_label=True, **ABOUT),
]
