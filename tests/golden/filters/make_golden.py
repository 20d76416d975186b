#!/usr/bin/python3
"""Golden data for the filters, from scipy and from a second writing of the spike remover's definition.

    /usr/bin/python3 tests/golden/filters/make_golden.py

writes butterworth.json, sosfilt.json, resampler.json and spikes.json beside itself. Deterministic.
"""
import json
import math
import pathlib

import numpy as np
import scipy
from scipy import signal

HERE = pathlib.Path(__file__).parent


def write(name, **content):
    text = json.dumps({"generator": f"make_golden.py, scipy {scipy.__version__}, numpy {np.__version__}", **content}, separators=(",", ":"))
    (HERE / name).write_text(text + "\n")
    print(name, len(text), "bytes")


def floats(values):
    """Shortest decimal text that gives the same float32 back."""
    return [float(str(v)) for v in np.asarray(values, np.float32)]


def butterworth():
    """H(f) of scipy's design from its poles and zeros: the sections' own rounding is not in it."""
    cases = []
    for rate in (1000, 2000, 4000, 8000, 16000):
        for order in range(1, 13):
            cases.append((order, 25.0, 400.0, rate))
    cases += [(5, 20.0, 450.0, 1000), (4, 100.0, 200.0, 2000), (3, 1.0, 999.0, 2000), (2, 30.0, 31.0, 4000), (5, 25.0, 400.0, 44100)]
    result = []
    for order, low, high, rate in cases:
        frequencies = np.geomspace(max(low / 4, 0.25), min(high * 2, rate / 2 * 0.999), 24)
        frequencies = np.round(np.concatenate([frequencies, [low, high, math.sqrt(low * high)]]), 3)
        zpk = signal.butter(order, [low, high], "bandpass", fs=rate, output="zpk")
        _, h = signal.freqz_zpk(*zpk, worN=frequencies, fs=rate)
        _, through_sections = signal.sosfreqz(signal.butter(order, [low, high], "bandpass", fs=rate, output="sos"), worN=frequencies, fs=rate)
        assert np.abs(h - through_sections).max() < 1e-9, (order, low, high, rate)
        result.append({"order": order, "lowHz": low, "highHz": high, "sampleRateHz": rate, "frequenciesHz": frequencies.tolist(),
                       "real": [float(f"{v:.13g}") for v in h.real], "imaginary": [float(f"{v:.13g}") for v in h.imag]})
    write("butterworth.json", cases=result)


def noise(seed, samples, scale=0.25):
    return (np.random.default_rng(seed).standard_normal(samples) * scale).astype(np.float32)


def sosfilt():
    cases = []
    for order, low, high, rate in ((1, 25, 400, 2000), (2, 25, 400, 4000), (5, 25, 400, 1000), (5, 25, 400, 2000), (5, 25, 400, 16000), (12, 25, 400, 2000)):
        x = noise(order * rate, 300)
        x[200:] = 0  # the filter rings out
        y = signal.sosfilt(signal.butter(order, [low, high], "bandpass", fs=rate, output="sos"), x.astype(np.float64))
        cases.append({"order": order, "lowHz": low, "highHz": high, "sampleRateHz": rate, "input": floats(x), "output": [float(f"{v:.10g}") for v in y]})
    write("sosfilt.json", cases=cases)


def resampler():
    """scipy.signal.resample_poly with a far longer and sharper filter than ours, on a signal within our pass band:
    two good resamplers must agree there. The input is a sum of tones that fades in and out, so that the ends do not matter."""
    cases = []
    for source, target in ((4000, 2000), (44100, 2000), (11025, 2000), (1000, 2000), (22050, 16000), (8000, 1000)):
        samples = source // 5
        t = np.arange(samples) / source
        limit = 0.75 * min(source, target) / 2
        rng = np.random.default_rng(source + target)
        x = sum(np.sin(2 * np.pi * f * t + p) for f, p in zip(rng.uniform(20, limit, 6), rng.uniform(0, 6.28, 6))) / 6
        x = (x * np.hanning(samples) ** 2).astype(np.float32)
        g = math.gcd(source, target)
        up, down = target // g, source // g
        half = 400 * max(up, down)
        taps = signal.firwin(2 * half + 1, 1 / max(up, down), window=("kaiser", 14))
        y = signal.resample_poly(x.astype(np.float64), up, down, window=taps)
        # A quarter of the input rate's samples would be large at 44.1 kHz: the input is stored once, in full, as float32.
        cases.append({"sourceRateHz": source, "targetRateHz": target, "input": floats(x), "output": [float(f"{v:.9g}") for v in y]})
    write("resampler.json", cases=cases)


def remove_spikes(x, rate):
    """The definition in SpikeRemover's documentation, written with numpy and without looking at its code's way."""
    size = rate // 2
    y = np.array(x, np.float32)
    arrived = []
    for start in range(0, len(y), size):
        frame = y[start:start + size]  # a view
        arrived.append(np.abs(frame).max())
        before = arrived[-10:-1]
        while True:
            height = np.abs(frame).max()
            median = np.median(np.array([*before, height], np.float32))
            if median == 0 or height <= np.float32(3) * median:
                break
            peak = int(np.argmax(np.abs(frame)))
            differs = np.flatnonzero(np.sign(frame) != np.sign(frame[peak]))
            left, right = differs[differs < peak], differs[differs > peak]
            frame[(left[-1] + 1 if left.size else 0):(right[0] if right.size else len(frame))] = 0
    return y


def spikes():
    rate = 200
    cases = []

    def case(name, x):
        y = remove_spikes(x, rate)
        changed = np.flatnonzero(x.view(np.int32) != y.view(np.int32))
        assert (y[changed] == 0).all()
        cases.append({"name": name, "sampleRateHz": rate, "input": floats(x), "zeroed": changed.tolist()})
        print("  ", name, len(x), "samples,", len(changed), "zeroed")

    clean = noise(1, 1650, 0.1)
    case("noise without spikes", clean)
    ring = np.sin(np.arange(24) * 0.5) * np.exp(-np.arange(24) / 6) * 6

    def with_spikes(*places):
        spiky = clean.copy()
        for at in places:
            n = min(len(ring), len(spiky) - at)
            spiky[at:at + n] += ring[:n].astype(np.float32)
        return spiky

    case("ringing spikes, one over a border, one at the end", with_spikes(333, 595, 871, 1205, 1640))
    case("spikes in the first two frames, which pass, and later", with_spikes(30, 130, 871, 876, 1120))
    case("a patient becomes twenty times louder", np.concatenate([clean[:800], clean[:850] * np.float32(20)]))
    case("digital silence first", np.concatenate([np.zeros(900, np.float32), clean[:700]]))
    ties = np.tile(np.array([0.1, -0.1], np.float32), 600)
    ties[700:706] = [1, 1, -1, 1, 0, -1]
    case("ties and zeros", ties)
    write("spikes.json", cases=cases)


if __name__ == "__main__":
    butterworth()
    sosfilt()
    resampler()
    spikes()
