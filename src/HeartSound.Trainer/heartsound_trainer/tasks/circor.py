"""CirCor DigiScope 1.0.3: children at up to five sites, murmur Present, Unknown or Absent by the patient.

Layouts: training_data.csv with training_data/ID_SITE.wav as published, or patients.csv with the recordings beside it; patients without
a recording in the folder are left out (a part of the data set is a data set). Every recording has the label of its patient, also at sites
where the murmur was not heard: the verdict is the patient's (scores_circor.py).

The group is the person: 70 children came to both campaigns and have an id in each, which "Additional ID" ties together. The database is the
campaign. Heart-sound segmentation (.tsv) and headers (.hea) are not needed here.
"""

from pathlib import Path

from .task import UNASSIGNED, Record, Task, read_csv, unknown_layout, value, with_folds

LABELS = ("Present", "Unknown", "Absent")  # the challenge's order, which is also that of the worse verdict first
LAYOUTS = (("training_data.csv", "Patient ID", "training_data"), ("patients.csv", "patient", ""))


def read(folder: Path) -> list[Record]:
    records = []
    for table, patient, below in LAYOUTS:
        path = folder / table
        if not path.exists():
            continue
        recordings: dict[str, list[Path]] = {}
        for file in sorted((folder / below).glob("*_*.wav")):
            recordings.setdefault(patient_of(file.name), []).append(file)
        for row in read_csv(path, (patient, "Murmur", "Outcome", "Campaign", "Additional ID")):
            label = value(path, row, "Murmur", {name: i for i, name in enumerate(LABELS)})
            ids = sorted(as_id(row[name]) for name in (patient, "Additional ID") if row[name] not in ("", "nan"))
            for file in recordings.get(as_id(row[patient]), []):
                records.append(
                    Record(
                        file=file.relative_to(folder).as_posix(),
                        labels=(label,),
                        group="+".join(ids),
                        fold=UNASSIGNED,
                        database=row["Campaign"],
                        good=True,
                        site=file.stem.split("_")[1],
                        outcome=value(path, row, "Outcome", {"Abnormal": "Abnormal", "Normal": "Normal"}),
                    )
                )
        break
    if not records:
        raise unknown_layout(folder, "the published training_data.csv with training_data/ID_SITE.wav", "patients.csv with ID_SITE.wav beside it")
    return with_folds(records)


def as_id(cell: str) -> str:
    return cell[:-2] if cell.endswith(".0") else cell  # a number that a spreadsheet wrote


def patient_of(file: str) -> str:
    """The patient whose recording this is: the unit of the challenge's verdict (a person of two campaigns is two patients there)."""
    return Path(file).name.split("_")[0]


TASKS = [
    Task(
        name="circor",
        folder="circor",
        labels=LABELS,
        alarm_labels=("Present",),
        read=read,
        dataset="CirCor DigiScope Phonocardiogram Dataset 1.0.3",
        licence="ODC-BY 1.0",
        citation="Oliveira J, Renna F, Costa P D, et al. The CirCor DigiScope dataset: from murmur detection to murmur classification. "
        "IEEE J. Biomed. Health Inform. 26:2524 (2022).",
        shortcuts=(
            "70 children were recorded in both campaigns under two ids; a split by id puts the same heart in both parts. The person is the group here.",
            "The label is the patient's: a murmur heard at one site labels all sites, so recordings of other sites are labelled Present without one.",
            "Unknown says that the recordings were too poor to tell: it is learnt from noise.",
            "Both campaigns were screenings of children in one region, with one stethoscope.",
        ),
    )
]
