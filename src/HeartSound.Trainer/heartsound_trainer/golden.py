"""golden.json: simulated hearts, their features by the product and their logits by PyTorch, for the runtime to check itself against."""

import base64
import tempfile
from pathlib import Path

import numpy as np
import torch
from scipy.io import wavfile

from . import heartsound
from .errors import TrainerError
from .predict import window_logits

# Name, and what `heartsound simulate` is told besides rate and length.
CASES = {
    "quiet heart": ("--bpm", "72", "--murmur", "none", "--noise-db", "-50", "--seed", "1"),
    "systolic murmur": ("--bpm", "72", "--murmur", "systolic", "--noise-db", "-50", "--seed", "2"),
    "diastolic murmur in noise": ("--bpm", "95", "--murmur", "diastolic", "--noise-db", "-30", "--seed", "3"),
}
WINDOWS = 2  # a case


def make(model: torch.nn.Module, spec: dict, labels: tuple[str, ...], program: str, sha256: str) -> dict:
    """The document; ``model`` has the very weights of the file with that SHA-256 (float16-rounded, batch norm folded)."""
    return {"schema": 1, "modelSha256": sha256, "cases": [case(name, told, model, spec, labels, program) for name, told in CASES.items()]}


def case(name: str, told: tuple[str, ...], model: torch.nn.Module, spec: dict, labels: tuple[str, ...], program: str) -> dict:
    rate = spec["sampleRateHz"]
    seconds = spec["windowSeconds"] + (WINDOWS - 1) * spec["windowHopSeconds"]
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "golden.wav"
        heartsound.run(program, "simulate", "--out", str(wav), "--rate", str(rate), "--seconds", str(seconds), *told)
        samples = read_wav(wav, rate)
        got = heartsound.features(program, [wav], spec)
    features = got["features"].astype(np.float32)  # (windows, mel, frames)
    if len(features) == 0:
        raise TrainerError(f"{program} made no window of {seconds} s of the simulated case '{name}'")
    logits = window_logits(model, features, np.arange(len(features)))
    return {
        "name": name,
        "sampleRateHz": rate,
        "samples": floats(samples),
        "windows": len(features),
        "features": floats(features),
        "logits": [[float(v) for v in row] for row in logits],
        "labels": [labels[k] for k in logits.argmax(1)],  # the likeliest of each window
    }


def read_wav(path: Path, rate: int) -> np.ndarray:
    """Mono samples as float32 in −1 … 1, as the product reads them."""
    found, samples = wavfile.read(path)
    if found != rate or samples.ndim != 1:
        raise TrainerError(f"`heartsound simulate` wrote {found} Hz with shape {samples.shape}, asked for {rate} Hz mono")
    if samples.dtype == np.int16:
        return samples.astype(np.float32) / 32768
    if samples.dtype == np.float32:
        return samples
    raise TrainerError(f"`heartsound simulate` wrote samples of type {samples.dtype}, expected 16-bit or float")


def floats(values: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(values, dtype="<f4").tobytes()).decode()
