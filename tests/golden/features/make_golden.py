#!/usr/bin/python3
"""Golden features: torchaudio's MelSpectrogram and numpy's statistics on synthetic signals, for several specs.

    /usr/bin/python3 make_golden.py        # Debian's python3-torchaudio; writes log_mel.json, filters.json, normalised.json

torchaudio runs in float64 (default dtype, so window and filters too): in float32 its own rounding reaches 1.5e-3 in the logarithm
on real heart sounds. Inputs are float32 and stored as they are.
"""
import base64
import json
import pathlib
import warnings

import numpy as np
import torch
import torchaudio

HERE = pathlib.Path(__file__).parent
FLOOR = 1e-10
SPECS = {  # rate, fft, frame, hop, mels, low, high, frames
    "default-2k": (2000, 512, 256, 32, 64, 25, 500, 33),
    "wide-4k": (4000, 1024, 400, 80, 128, 25, 2000, 17),
    "shortest-fft": (1000, 64, 64, 16, 8, 20, 500, 19),
    "frame-is-fft": (2000, 256, 256, 64, 32, 0, 1000, 13),
    "odd-frame": (2000, 128, 101, 33, 16, 25, 900, 21),
    "longest-16k": (16000, 4096, 4096, 1024, 80, 50, 8000, 5),
    "narrow-in-long": (8000, 2048, 500, 200, 40, 100, 3000, 9),
    "odd-rate": (11025, 1024, 700, 350, 48, 25, 5000, 9),
}


def packed(a):
    return base64.b64encode(np.ascontiguousarray(a, "<f4").tobytes()).decode()


def heart_like(rate, samples, rng):
    """Two damped tones a beat, a murmur and noise 60 dB below: bands far apart in level, as in a chest."""
    t = np.arange(samples) / rate
    beat = t % 0.8
    x = 0.5 * np.exp(-beat / 0.03) * np.sin(2 * np.pi * 45 * t) + 0.3 * np.exp(-np.abs(beat - 0.3) / 0.02) * np.sin(2 * np.pi * 70 * t)
    x += 0.02 * (beat < 0.3) * np.sin(2 * np.pi * 180 * t) + 5e-4 * rng.standard_normal(samples)
    return x.astype(np.float32)


def log_mel(x, rate, fft, frame, hop, mels, low, high):
    mel = torchaudio.transforms.MelSpectrogram(
        rate, n_fft=fft, win_length=frame, hop_length=hop, f_min=low, f_max=high, n_mels=mels, power=2, center=False, norm="slaney", mel_scale="slaney"
    )
    return torch.log(torch.clamp(mel(torch.from_numpy(x).double()), min=FLOOR)).numpy()  # (mels, frames)


def main():
    torch.set_default_dtype(torch.float64)
    rng = np.random.default_rng(20260101)
    cases, filters = [], []
    for name, (rate, fft, frame, hop, mels, low, high, frames) in SPECS.items():
        x = heart_like(rate, (frames - 1) * hop + fft, rng)
        if name == "default-2k":
            x[600:1300] = 0  # some frames lie on the floor entirely
        spec = dict(sampleRateHz=rate, fftSamples=fft, frameSamples=frame, hopSamples=hop, melBands=mels, melLowHz=low, melHighHz=high)
        y = log_mel(x, rate, fft, frame, hop, mels, low, high)
        assert y.shape == (mels, frames)
        cases.append(dict(name=name, spec=spec, frames=frames, samples=packed(x), logMel=packed(y)))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            fb = torchaudio.functional.melscale_fbanks(fft // 2 + 1, low, high, mels, rate, norm="slaney", mel_scale="slaney").numpy()
        filters.append(dict(name=name, spec=spec, rowSums=fb.sum(0).tolist(), centroids=(fb * np.arange(len(fb))[:, None]).sum(0).tolist()))

    history = rng.normal(-8, 3, (8, 100)).astype(np.float32) + np.linspace(-4, 4, 8, dtype=np.float32)[:, None]
    history[3] = -23.02585  # a band that never changes
    w, n = 37, 60  # frames of a window, and of the history that counts
    wide = history.astype(np.float64)
    window = wide[:, -w:]
    deviation = wide[:, -n:].std(1, keepdims=True)
    band = np.divide(window - wide[:, -n:].mean(1, keepdims=True), deviation, where=deviation > 1e-4, out=np.zeros_like(window))
    normalised = dict(bands=8, frames=100, windowFrames=w, countingFrames=n, history=packed(history), none=packed(window), window=packed((window - window.mean()) / window.std()), band=packed(band))

    for name, what in dict(log_mel=dict(logFloor=FLOOR, cases=cases), filters=filters, normalised=normalised).items():
        (HERE / f"{name}.json").write_text(json.dumps(what, indent=1) + "\n")


if __name__ == "__main__":
    main()
