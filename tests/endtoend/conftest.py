"""What several tests here share. Everything is made on the spot: the tests need no recordings."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import wavs
from program import HEARTSOUND, MODEL, heartsound


@pytest.fixture(scope="session", autouse=True)
def built():
    assert HEARTSOUND.exists(), "bin/heartsound is missing: run scripts/build.sh"
    assert (MODEL / "model.onnx").exists(), f"{MODEL} holds no model"


@pytest.fixture(scope="session")
def simulate(tmp_path_factory):
    """simulate(rate=4000, seconds=12, …options) → path of a WAV; the same heart is made once."""
    folder, made = tmp_path_factory.mktemp("simulated"), {}

    def make(**options) -> Path:
        told = {"rate": 4000, "seconds": 12, "bpm": 72, "seed": 5, **options}
        key = tuple(sorted(told.items()))
        if key not in made:
            path = folder / f"{len(made)}.wav"
            done = heartsound("simulate", "--out", path, *(part for name, value in told.items() for part in (f"--{name.replace('_', '-')}", str(value))))
            assert done.code == 0 and done.out == "" and done.err == "", done
            made[key] = path
        return made[key]

    return make


@pytest.fixture(scope="session")
def heart(simulate) -> Path:
    """12 s of a clean heart at 4 kHz, 72 bpm."""
    return simulate()


@pytest.fixture(scope="session")
def heart_samples(heart):
    """Its 16-bit samples."""
    return wavs.read(heart)[1]


@pytest.fixture(scope="session")
def outcomes(request, tmp_path_factory):
    """Scenarios that mostly wait are played abreast: every test chosen that is parametrised with ``scenario`` gets the future of its own here."""
    chosen = [item.callspec.params["scenario"] for item in request.session.items if "scenario" in getattr(getattr(item, "callspec", None), "params", {})]
    with ThreadPoolExecutor(4) as pool:
        yield {scenario: pool.submit(scenario, tmp_path_factory.mktemp(scenario.__name__)) for scenario in chosen}
        pool.shutdown(cancel_futures=True)
