"""The front end once more, from scipy's and torchaudio's parts, in float64 and without a line of the product: what ``features`` is held against."""

import numpy as np
import torch
from scipy import signal
from torchaudio.transforms import MelSpectrogram

DEFAULTS = {
    "sampleRateHz": 2000, "bandLowHz": 25, "bandHighHz": 400, "bandOrder": 5, "fftSamples": 512, "frameSamples": 256, "hopSamples": 32, "melBands": 64,
    "melLowHz": 25, "melHighHz": 500, "logFloor": 1e-8, "windowSeconds": 5, "windowHopSeconds": 2.5, "normalisation": "band", "normalisationSeconds": 10,
}


def power(samples: np.ndarray, spec: dict) -> np.ndarray:
    """Mel powers [melBands, frames] of samples at the spec's rate."""
    sections = signal.butter(spec["bandOrder"], [spec["bandLowHz"], spec["bandHighHz"]], "bandpass", fs=spec["sampleRateHz"], output="sos")
    filtered = signal.sosfilt(sections, np.asarray(samples, float))
    mel = MelSpectrogram(
        spec["sampleRateHz"], n_fft=spec["fftSamples"], win_length=spec["frameSamples"], hop_length=spec["hopSamples"], f_min=float(spec["melLowHz"]),
        f_max=float(spec["melHighHz"]), n_mels=spec["melBands"], power=2, center=False, norm="slaney", mel_scale="slaney",
    ).double()
    return mel(torch.from_numpy(filtered)).numpy()


def frames_of(seconds: float, spec: dict) -> int:
    return (round(seconds * spec["sampleRateHz"]) - spec["fftSamples"]) // spec["hopSamples"] + 1


def starts(samples: int, spec: dict) -> list[int]:
    """First frame of each window: every windowHopSeconds, down to the frame grid (docs/adr/0004)."""
    window, hop = round(spec["windowSeconds"] * spec["sampleRateHz"]), round(spec["windowHopSeconds"] * spec["sampleRateHz"])
    found, k = [], 0
    while (start := k * hop // spec["hopSamples"]) * spec["hopSamples"] + window <= samples:
        found.append(start)
        k += 1
    return found


def windows(powers: np.ndarray, samples: int, spec: dict) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features [windows, melBands, frames], the powers they come from, and what each log was divided by (broadcastable)."""
    logs = np.log(np.maximum(powers, spec["logFloor"]))
    frames, back = frames_of(spec["windowSeconds"], spec), frames_of(max(spec["windowSeconds"], spec["normalisationSeconds"]), spec)
    features, under, divisors = [], [], []
    for start in starts(samples, spec):
        window = logs[:, start: start + frames]
        mean, deviation = np.zeros((1, 1)), np.ones((1, 1))
        if spec["normalisation"] == "window":
            mean, deviation = window.mean(keepdims=True), window.std(keepdims=True)
        if spec["normalisation"] == "band":
            history = logs[:, max(0, start + frames - back): start + frames]
            mean, deviation = history.mean(1, keepdims=True), history.std(1, keepdims=True)
        deviation = np.maximum(deviation, 1e-4)
        features.append((window - mean) / deviation)
        under.append(powers[:, start: start + frames])
        divisors.append(np.broadcast_to(deviation, window.shape))
    return np.array(features), np.array(under), np.array(divisors)


def resample(samples: np.ndarray, source: int, target: int) -> np.ndarray:
    """scipy's polyphase resampler with a filter much longer than it comes with: flat to 90 % of the lower half-rate, 90 dB beyond."""
    common = np.gcd(source, target)
    up, down = target // common, source // common
    wide = max(up, down)
    kernel = signal.firwin(2 * 64 * wide + 1, 0.96 / wide, window=("kaiser", 9.0))
    return signal.resample_poly(samples, up, down, window=kernel)
