"""The product's own program, which makes the features: one front end for training and for the device."""

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from .errors import TrainerError

SOME_FAILED = 3  # exit code of `features` when some recordings could not be read and the others are there


def run(program: str, *arguments: str, accept: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess:
    try:
        done = subprocess.run([program, *arguments], capture_output=True, text=True)
    except OSError as error:
        raise TrainerError(f"cannot start {program}: {error.strerror}; run `make build`, or name the program with --heartsound")
    if done.returncode not in accept:
        said = (done.stderr or done.stdout).strip()[-2000:]
        raise TrainerError(f"`{program} {' '.join(arguments)[:200]}` ended with exit code {done.returncode}:\n{said}")
    return done


def features(program: str, paths: list[Path], spec: dict) -> dict[str, np.ndarray]:
    """Arrays of `heartsound features`: features (windows, mel, frames), file, start, accepted, heartRateBpm, score, files, failed."""
    with tempfile.TemporaryDirectory() as folder:
        out, spec_file = Path(folder) / "x.npz", Path(folder) / "spec.json"
        spec_file.write_text(json.dumps(spec))
        run(program, "features", *map(str, paths), "--out", str(out), "--spec", str(spec_file), accept=(0, SOME_FAILED))
        with np.load(out) as arrays:
            return {name: arrays[name] for name in arrays.files}
