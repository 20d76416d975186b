"""A fabricated data set, a stand-in for bin/heartsound, and runs of the real loop over them. Nothing here was ever recorded."""

import csv
import json
import shutil
import sys
from pathlib import Path

import pytest
import torch

from heartsound_trainer import cv, evaluate, probes
from heartsound_trainer.__main__ import main

HERE = Path(__file__).parent

CONFIG = {
    "task": "physionet2016",
    "model": "cnn",
    "frontEnd": {"melBands": 16, "windowSeconds": 1, "windowHopSeconds": 0.5, "fftSamples": 256, "normalisationSeconds": 2},
    "augment": {"noiseFloor": 0.2, "bandJitter": 0.05, "bandShift": 1, "noise": 0.1, "mixup": 0.2, "reverse": 0.5, "timeMaskFrames": 8, "bandMaskBands": 2},
    "train": {"epochs": 2, "batch": 16, "threads": 1, "learningRate": 0.003, "emaDecay": 0.5},
}


@pytest.fixture(scope="session", autouse=True)
def quick():
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        for module in (cv, evaluate, probes):
            patch.setattr(module, "DRAWS", 40)
        yield


# Still smaller, for what needs many networks; without dropout and with nothing drawn but the windows.
TINY = {
    **CONFIG,
    "model": "cnn-small",
    "network": {"width": 4, "dropout": 0.0},
    "augment": {"roll": False, "timeMasks": 0, "bandMasks": 0},
    "train": {**CONFIG["train"], "selectBy": "last"},
}
DISEASES = ("AS", "AR", "MR", "MS")


class Bench:
    """A folder with data, config and program; ``run`` is the command line."""

    def __init__(self, folder: Path, config: dict = CONFIG):
        self.folder, self.task = folder, config["task"]  # a task of physionet2016 or bmdhs
        self.config = folder / "tiny.json"
        self.config.write_text(json.dumps(config))
        self.program = folder / "heartsound"
        self.program.write_text(f'#!/bin/sh\nPYTHONPATH="{HERE.parent}" exec "{sys.executable}" "{HERE / "fake_heartsound.py"}" "$@"\n')
        self.program.chmod(0o755)
        (self.write_patients if self.task.startswith("bmdhs") else self.write_records)()

    def write_patients(self) -> None:
        """BMD-HS: 5 folds × patients with nothing, one of four diseases, or two of them, × 2 recordings."""
        folder = self.folder / "data" / "bmdhs"
        folder.mkdir(parents=True)
        rows = []
        for fold in range(5):
            for has in ((), *((name,) for name in DISEASES), ("AS", "MR"), ("AR", "MS")):
                patient = "-".join((f"p{fold}", *has))
                marks = [int(not has), *(int(name in has) for name in DISEASES)]
                rows += [[f"{patient}-{site}.wav", patient, "sitting", site, fold, *marks] for site in ("Aor", "Mit")]
        with (folder / "records.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["file", "patient", "position", "site", "fold", "N", *DISEASES])
            writer.writerows(rows)

    def write_records(self) -> None:
        """5 folds × databases a and b × labels × 3 recordings of one group each; one unreadable, one without a good window in every fold."""
        folder = self.folder / "data" / "physionet2016"
        folder.mkdir(parents=True, exist_ok=True)
        rows = []
        for fold in range(5):
            for db in "ab":
                for label, word in (("1", "abnormal"), ("-1", "normal")):
                    for i in range(3):
                        extra = "-noisy" if i == 2 and db == "a" else ""
                        rows.append([f"{db}/{word}{fold}{i}{extra}.wav", label, "0" if extra else "1", db, f"{db}:{fold}{word}{i}", fold])
            rows.append([f"b/broken{fold}.wav", "-1", "1", "b", f"b:{fold}x", fold])
        with (folder / "records.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["file", "label", "sqi", "db", "group", "fold"])
            writer.writerows(rows)

    def run(self, *arguments: str) -> int:
        return main(self.told(*arguments))

    def told(self, *arguments: str) -> list[str]:
        verb, *rest = arguments
        told = {"--cache": "cache"}
        if verb in ("prepare", "train", "cv"):
            told["--config"] = "tiny.json"
        if verb == "prepare":
            told["--data"] = "data"
        if verb in ("train", "evaluate", "cv", "export"):
            told["--out"] = "runs"
        if verb == "export":
            told["--models"] = "models"
        if verb in ("prepare", "export"):
            told["--heartsound"] = "heartsound"
        return [verb, *(part for key, value in told.items() for part in (key, str(self.folder / value))), *rest]

    def fold_files(self, fold: int) -> list[Path]:
        """Features and index of the model's front end and of the noise probe's."""
        return sorted((self.folder / "cache").glob(f"*/{self.task}/fold{fold}.*"))


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A bench after prepare, train (two epochs) and evaluate; tests read it and do not change it."""
    bench = Bench(tmp_path_factory.mktemp("trained"))
    for verb in (["prepare"], ["train", "--name", "r"], ["evaluate", "--name", "r"], ["export", "--name", "r"]):
        assert bench.run(*verb) == 0
    return bench


@pytest.fixture
def ready(bench, trained):
    """A bench after prepare."""
    shutil.copytree(trained.folder / "cache", bench.folder / "cache")
    return bench


@pytest.fixture
def tiny(tmp_path, trained):
    """The same with the smallest config."""
    bench = Bench(tmp_path, TINY)
    shutil.copytree(trained.folder / "cache", bench.folder / "cache")
    return bench
