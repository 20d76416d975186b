"""``features`` against scipy and torchaudio (reference.py), for several specs, and the file it leaves.

Tolerances. The product filters in float64 but stores float32, and its FFT is float32: a frame's rounding error is about 1e-7 of the frame's *largest*
amplitude, in every bin. A log of power p is then wrong by about 2e-7·sqrt(largest / p): where p is above 1e-6 of the frame's largest that is 2e-4 at
the worst and an order less in most places, and below that anything up to the log floor. After normalisation errors are divided by the deviation, so the
comparison multiplies by it again and judges log powers: LOUD for those within 60 dB of their frame's largest, and EVERYTHING for all. (Measured on simulated
hearts: median 1e-6, LOUD 9e-5, EVERYTHING 2e-4.)
"""

import csv
import json
import random
from pathlib import Path

import numpy as np
import pytest

import reference
import wavs
from program import MODEL, OK, SETUP, SOME_FAILED, USAGE, heartsound

LOUD, EVERYTHING = 2e-4, 2e-3
TYPICAL = 5e-6  # the median error of a log power
RECORDINGS = Path.home() / ".cache/heartsound/data/physionet2016"

SPECS = {
    "default": {},
    "4 kHz, 128 mels, 3 s": {"sampleRateHz": 4000, "fftSamples": 1024, "frameSamples": 512, "hopSamples": 64, "melBands": 128, "melHighHz": 800, "windowSeconds": 3, "windowHopSeconds": 1, "bandHighHz": 700},
    "normalised by window": {"normalisation": "window"},
    "not normalised": {"normalisation": "none", "logFloor": 1e-10},
    "other hop, frame and order": {"hopSamples": 50, "frameSamples": 200, "bandOrder": 2, "bandLowHz": 20, "windowHopSeconds": 1.1, "normalisationSeconds": 7.3, "melLowHz": 0},
    "1 kHz, long windows": {"sampleRateHz": 1000, "fftSamples": 256, "frameSamples": 256, "hopSamples": 20, "melBands": 32, "melHighHz": 450, "windowSeconds": 8, "windowHopSeconds": 8, "normalisationSeconds": 8},
}


def features(folder: Path, *paths, spec: dict | None = None, told=()):
    told = list(told)
    if spec is not None:
        (folder / "spec.json").write_text(json.dumps(spec))
        told += ["--spec", folder / "spec.json"]
    done = heartsound("features", *paths, "--out", folder / "x.npz", *told)
    return done, np.load(folder / "x.npz") if done.code in (OK, SOME_FAILED) else None


def assert_equal_to_reference(got: np.ndarray, samples: np.ndarray, spec: dict):
    powers = reference.power(samples, spec)
    wanted, under, divisors = reference.windows(powers, len(samples), spec)
    assert got.shape == wanted.shape and got.dtype == np.float32
    error = np.abs(got - wanted) * divisors
    audible = under >= 1e-6 * under.max(axis=1, keepdims=True)
    assert audible.mean() > 0.1, "hardly anything was compared"
    assert np.median(error) <= TYPICAL and error[audible].max() <= LOUD and error.max() <= EVERYTHING, (np.median(error), error[audible].max(), error.max())


@pytest.fixture(scope="module")
def hearts(simulate):
    """Three simulated hearts a rate, 21 s each, so that the band's history slides."""
    kinds = ({}, {"murmur": "systolic", "murmur_level": 0.4, "bpm": 95}, {"noise_db": -20, "seed": 9})
    return {rate: [simulate(rate=rate, seconds=21, **kind) for kind in kinds] for rate in (1000, 2000, 4000)}


@pytest.mark.parametrize("name", SPECS)
def test_features_equal_scipy_and_torchaudio(tmp_path, hearts, name):
    spec = {**reference.DEFAULTS, **SPECS[name]}
    paths = hearts[spec["sampleRateHz"]]
    done, npz = features(tmp_path, *paths, spec=SPECS[name])
    assert done.code == OK and done.err.endswith("0 failed.\n")
    for index, path in enumerate(paths):
        mine, samples = npz["file"] == index, wavs.read(path)[1] / 32768
        assert_equal_to_reference(npz["features"][mine], samples, spec)
        starts = np.array(reference.starts(len(samples), spec)) * spec["hopSamples"] / spec["sampleRateHz"]
        assert len(starts) >= 2 and np.allclose(npz["start"][mine], starts, rtol=0, atol=1e-9)


@pytest.mark.parametrize("rate", [4000, 16000, 22050, 44100, 48000])
def test_features_of_a_resampled_source_equal_those_of_scipys_resampler(tmp_path, simulate, rate):
    """Two resamplers never agree at the edge of the band nor while they start: compared up to 400 Hz, within 50 dB of a frame's largest, and from the second
    window on. 3e-3 in log power is 0.013 dB, a seventh of the ripple that the product is allowed (measured: 5e-4, median 5e-5)."""
    spec = {**reference.DEFAULTS, "normalisation": "none"}
    path = simulate(rate=rate, seconds=16, noise_db=-40)
    done, npz = features(tmp_path, path, spec={"normalisation": "none"})
    samples = reference.resample(wavs.read(path)[1] / 32768, rate, 2000)
    in_band = slice(0, 52)  # of 64 mels over 25 to 500 Hz, those that end below 400 Hz
    powers = reference.power(samples, spec)
    wanted, under, _ = reference.windows(powers, len(samples), spec)
    assert done.code == OK and npz["features"].shape == wanted.shape
    error = np.abs(npz["features"] - wanted)[1:, in_band]
    audible = (under >= 1e-5 * under.max(axis=1, keepdims=True))[1:, in_band]
    assert audible.mean() > 0.3 and error[audible].max() < 3e-3 and np.median(error[audible]) < 3e-4, (audible.mean(), error[audible].max(), np.median(error[audible]))


def real_recordings(count: int) -> list[Path]:
    if not (RECORDINGS / "records.csv").exists():
        pytest.skip(f"needs the recordings of {RECORDINGS} (scripts/get-data.sh)")
    with (RECORDINGS / "records.csv").open() as rows:
        files = sorted(RECORDINGS / row["file"] for row in csv.DictReader(rows))
    return random.Random(4).sample(files, count)


@pytest.mark.parametrize("name", ["default", "not normalised"])
def test_features_of_real_recordings_equal_scipy_and_torchaudio(tmp_path, name):
    paths = real_recordings(20)
    spec = {**reference.DEFAULTS, **SPECS[name]}
    done, npz = features(tmp_path, *paths, spec=SPECS[name])
    assert done.code == OK and list(npz["files"]) == list(map(str, paths))
    for index, path in enumerate(paths):
        rate, samples = wavs.read(path)
        assert rate == 2000
        assert_equal_to_reference(npz["features"][npz["file"] == index], samples / 32768, spec)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory, heart, simulate):
    """Two recordings, one that is too short for a window, and one that is broken."""
    folder = tmp_path_factory.mktemp("mixed")
    (folder / "broken.wav").write_text("no recording")
    wavs.write(folder / "short.wav", 2000, np.ones(3000))
    wavs.write(folder / "silence.wav", 2000, np.zeros(12000))
    paths = [heart, folder / "broken.wav", folder / "short.wav", folder / "silence.wav", simulate(rate=2000)]
    done, npz = features(folder, *paths, told=["--jobs", "2"])
    return done, npz, list(map(str, paths))


def test_arrays_have_the_documented_types_and_shapes(mixed):
    _, npz, _ = mixed
    windows = 3 + 1 + 3
    assert {name: (npz[name].dtype.str, npz[name].shape) for name in npz.files if name not in ("files", "failed")} == {
        "features": ("<f4", (windows, 64, 297)), "file": ("<i4", (windows,)), "start": ("<f8", (windows,)), "accepted": ("|b1", (windows,)),
        "score": ("<f4", (windows,)), "heartRateBpm": ("<f4", (windows,)),
    }
    assert set(npz.files) >= {"files", "failed"} and npz["files"].dtype.kind == npz["failed"].dtype.kind == "U"


def test_windows_belong_to_the_recordings_that_succeeded_in_the_order_given(mixed):
    _, npz, paths = mixed
    assert list(npz["files"]) == [paths[0], *paths[2:]] and list(npz["file"]) == [0, 0, 0, 2, 3, 3, 3]
    assert np.allclose(npz["start"], [0, 2.496, 4.992, 0, 0, 2.496, 4.992]) and np.isfinite(npz["features"]).all()


def test_quality_and_heart_rate_are_those_of_the_recording(mixed):
    _, npz, _ = mixed
    assert list(npz["accepted"]) == [True] * 3 + [False] + [True] * 3 and (0 <= npz["score"]).all() and (npz["score"] <= 1).all()
    rates = npz["heartRateBpm"]
    assert np.isnan(rates[3]) and np.allclose(np.delete(rates, 3), 72, rtol=0.05) and rates[0] == rates[2]
    assert (npz["features"][3] == 0).all(), "a constant band is 0 after normalisation"


def test_recordings_that_failed_are_listed_told_and_make_the_exit_code_3(mixed):
    done, npz, paths = mixed
    assert done.code == SOME_FAILED and list(npz["failed"]) == [paths[1]] and paths[1] in done.err and "1 failed" in done.err and done.out == ""


def test_features_of_the_model_are_those_of_its_spec(tmp_path, heart):
    spec = json.loads(heartsound("model", "show", "--json").out)["frontEnd"]
    by_spec, by_model = features(tmp_path, heart, spec=spec)[1]["features"], features(tmp_path, heart, told=["--model", MODEL])[1]["features"]
    assert np.array_equal(by_spec, by_model)


@pytest.mark.parametrize("spec,words", [
    ({"melBands": 64, "melBand": 64}, "melBand"),
    ({"hopSamples": 0}, "hopSamples is 0"),
    ({"bandHighHz": 1000}, "bandHighHz is 1000"),
    ({"fftSamples": 500, "melBands": 3}, "melBands is 3"),
    ({"normalisation": "loud"}, "normalisation"),
    ({"windowSeconds": "five"}, "windowSeconds"),
    ({"windowSeconds": 1e300}, "windowSeconds"),
    ({"sampleRateHz": None}, "sampleRateHz"),
    ([], "spec"),
    (None, "spec"),
], ids=str)
def test_spec_that_cannot_be_made_exits_with_4_and_names_what_is_wrong(tmp_path, heart, spec, words):
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    done = heartsound("features", heart, "--out", tmp_path / "x.npz", "--spec", tmp_path / "spec.json")
    assert done.code == SETUP and "spec.json" in done.err and words in done.err and not (tmp_path / "x.npz").exists()


def test_spec_with_several_faults_names_them_all(tmp_path, heart):
    done, _ = features(tmp_path, heart, spec={"fftSamples": 500, "melBands": 3, "logFloor": 0})
    assert done.code == SETUP and all(name in done.err for name in ("fftSamples is 500", "melBands is 3", "logFloor is 0"))


def test_features_that_cannot_be_written_exit_with_4_and_leave_nothing(tmp_path, heart):
    (tmp_path / "folder.npz").mkdir()
    for path in (tmp_path / "no such folder/x.npz", tmp_path / "folder.npz"):
        done = heartsound("features", heart, "--out", path)
        assert done.code == SETUP and str(path) in done.err
    assert [p.name for p in tmp_path.iterdir()] == ["folder.npz"] and not any((tmp_path / "folder.npz").iterdir())


def test_features_without_out_is_a_wrong_command_line(heart):
    done = heartsound("features", heart)
    assert done.code == USAGE and "--out" in done.err


def test_features_are_the_same_bytes_however_many_jobs_make_them(tmp_path, hearts):
    contents = []
    for jobs in ("1", "3"):
        features(tmp_path, *hearts[2000], told=["--jobs", jobs])
        npz = np.load(tmp_path / "x.npz")
        contents.append({name: npz[name].tobytes() for name in npz.files})
    assert contents[0] == contents[1]
