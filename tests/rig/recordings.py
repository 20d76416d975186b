"""What the virtual stethoscope plays."""

import subprocess
import wave
from pathlib import Path

import numpy as np

HEARTSOUND = Path(__file__).parents[2] / "bin/heartsound"


def noise(file: Path, rate: int, seconds: float) -> Path:
    """Noise that nowhere repeats itself, so that its place is known."""
    samples = np.random.default_rng(7).normal(0, 3000, round(rate * seconds)).astype("<i2")
    with wave.open(str(file), "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(2)
        recording.setframerate(rate)
        recording.writeframes(samples.tobytes())
    return file


def heart(file: Path, rate: int, seconds: float = 30, **options) -> Path:
    """A simulated heart, as `heartsound simulate` makes it; ``options`` are that verb's."""
    told = {"bpm": 72, "seed": 5, **options, "rate": rate, "seconds": seconds}
    subprocess.run([HEARTSOUND, "simulate", "--out", file, *(part for name, value in told.items() for part in (f"--{name}", str(value)))], check=True, capture_output=True)
    return file
