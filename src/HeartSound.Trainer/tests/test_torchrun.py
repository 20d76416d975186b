"""Two processes train one model: gloo on this machine's cores, by the command a user gives."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import heartsound_trainer.train as training

# bilstm has no batch norm, whose statistics would be of a process's share of the batch. 104 draws in batches of 15 are shares of 8 and 7, and 14 at the end.
TOLD = ("--name", "r", "--set", "model=bilstm", "--set", 'network={"width": 8, "dropout": 0}', "--set", "train.batch=15")


# PyTorch 1.13 under Python 3.11 stumbles over its own default, no log files (an enumeration that no longer names its zero); this says the same in another way.
NO_LOGS = ("--redirects=9:1", "--tee=9:1")


def torchrun(bench, *arguments: str, package: Path = Path(training.__file__).parents[1], seconds: float = 300) -> subprocess.CompletedProcess:
    """In a session of its own, so that nothing is left when it takes too long."""
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node=2", "--rdzv_backend=c10d", "--rdzv_endpoint=localhost:0", *NO_LOGS, "-m", "heartsound_trainer"]
    environment = os.environ | {"PYTHONPATH": str(package), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen([*command, *bench.told(*arguments)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, cwd=bench.folder)
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        pytest.fail(f"torchrun was not done after {seconds} s: {process.communicate()}")
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def weights(bench) -> dict[str, torch.Tensor]:
    return training.load(bench.folder / "runs" / "r" / "member0" / "last.pt")["average"]


@pytest.fixture
def alone(tiny, tmp_path_factory):
    """The same run by one process, whole."""
    folder = tmp_path_factory.mktemp("alone")
    assert tiny.run("train", *TOLD, "--out", str(folder / "runs")) == 0
    tiny.alone = training.load(folder / "runs" / "r" / "member0" / "last.pt")["average"]
    tiny.calibration = json.loads((folder / "runs" / "r" / "calibration.json").read_text())
    return tiny


def same(bench) -> bool:
    return all(torch.allclose(value, bench.alone[name], rtol=1e-3, atol=1e-4) for name, value in weights(bench).items())


def test_two_processes_train_the_model_of_one(alone):
    done = torchrun(alone, "train", *TOLD)
    assert done.returncode == 0, done.stderr
    assert same(alone)
    assert done.stdout.count("in each of 2 processes") == 1 and done.stdout.count('"temperature"') == 1  # one of them speaks
    history = json.loads((alone.folder / "runs" / "r" / "history.json").read_text())
    assert [row["epoch"] for row in history] == [1, 2]
    assert json.loads((alone.folder / "runs" / "r" / "run.json").read_text())["processes"] == 2
    found = json.loads((alone.folder / "runs" / "r" / "calibration.json").read_text())
    assert found["temperature"] == pytest.approx(alone.calibration["temperature"], rel=0.02)
    assert not list((alone.folder / "runs").glob("**/*.part"))

    # A second start without --resume is a complaint of the first process; the other one must not wait for it.
    done = torchrun(alone, "train", *TOLD)
    assert done.returncode != 0 and "add --resume" in done.stderr


def test_two_processes_go_on_where_one_was_interrupted(alone, monkeypatch):
    real, epochs = training.run_epoch, []

    def interrupted(*arguments):
        epochs.append(1)
        if len(epochs) == 2:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(training, "run_epoch", interrupted)
    assert alone.run("train", *TOLD) == 130
    first = weights(alone)
    assert not same(alone)
    done = torchrun(alone, "train", *TOLD, "--resume")
    assert done.returncode == 0, done.stderr
    assert same(alone) and any(not torch.equal(value, first[name]) for name, value in weights(alone).items())


def test_one_process_that_fails_ends_the_other(tiny):
    """The second process cannot read its features, as when a machine lacks them."""
    package = tiny.folder / "package"
    shutil.copytree(Path(training.__file__).parent, package / "heartsound_trainer", ignore=shutil.ignore_patterns("__pycache__"))
    with (package / "heartsound_trainer" / "features.py").open("a") as file:
        file.write("\n\ndef fail(*_):\n    raise OSError('no such disk')\n\n\nif os.environ.get('RANK') == '1':\n    FeatureCache.open = fail\n")
    done = torchrun(tiny, "train", *TOLD, package=package)
    assert done.returncode != 0 and "no such disk" in done.stderr
