#!/usr/bin/python3
"""Golden values of signal quality and heart rate, by numpy alone and from the definitions in docs/signal.md: plain sums, sorts and FFT correlation.

    /usr/bin/python3 tests/golden/quality/make.py      writes quality.json beside itself

Inputs are made here from a fixed seed, rounded to 16 bits; nothing is recorded from a person.
"""
import base64
import json
import pathlib

import numpy as np
from scipy.signal import butter, sosfilt

RATE = 2000
SECONDS = 5


def heart(rng, bpm, noise):
    t = np.arange(RATE * SECONDS) / RATE
    x = noise * rng.standard_normal(t.size)
    beat, systole = 60 / bpm, 0.42 - 0.0016 * bpm
    for start in np.arange(0.1, SECONDS, beat):
        for at, loud, hertz, decay in ((0, 0.4, 45, 0.025), (systole, 0.25, 70, 0.016)):
            s = t - start - at
            x += np.where(s > 0, loud * np.exp(-np.maximum(s, 0) / decay) * np.sin(2 * np.pi * hertz * s), 0)
    return x


def moving_mean(x):
    return np.array([x[max(0, i - 2):i + 3].mean() for i in range(x.size)])


def correlation(e, lags):
    e = e - e.mean()
    full = np.correlate(e, e, "full")[e.size - 1:]
    total = (e ** 2).sum()
    r = np.zeros(lags)
    for k in range(min(lags, e.size)):
        head, tail = (e[:e.size - k] ** 2).sum(), (e[k:] ** 2).sum()
        if head > 1e-6 * total and tail > 1e-6 * total:
            r[k] = full[k] / np.sqrt(head * tail)
    return r


def beat_lag(r, rate):
    first, last = int(np.ceil(60 / 220 * rate)), int(60 / 30 * rate)
    lags = np.arange(first, last + 1)
    score = (r[lags] + 0.5 * r[2 * lags]) / 1.5 - 0.2 * np.abs(np.log(lags / (0.8 * rate)))
    score[r[lags] <= 0] = -np.inf
    best = int(lags[score.argmax()])
    while True:
        for parts in (2, 3):
            low, high = int(np.floor(0.95 * best / parts)), int(np.ceil(1.05 * best / parts))
            if low < first:
                return best
            k = low + int(r[low:high + 1].argmax())
            if r[k] >= r[k - 1] and r[k] >= r[k + 1] and r[k] >= 0.9 * r[best]:
                best = k
                break
        else:
            return best


def measure(x):
    b = sosfilt(butter(5, [25, 400], "band", fs=RATE, output="sos"), x)
    inside, wide = b.var(), x.var()
    block = RATE // 100
    loud = np.sqrt((b.reshape(-1, block) ** 2).mean(1))
    for _ in range(3):
        loud = moving_mean(loud)
    ordered = np.sort(loud)
    high, low = ordered[int(0.9 * loud.size)], ordered[int(0.2 * loud.size)]
    beat_contrast = np.inf
    for at in range(0, loud.size - 138, 3):
        part = np.sort(loud[at:at + 139:3])
        beat_contrast = min(beat_contrast, 20 * np.log10(part[int(0.95 * 47)] / part[int(0.1 * 47)]))
    pause = longest = 0
    for value in loud:
        pause = pause + 1 if value < 0.3 * high else 0
        longest = max(longest, pause)
    r = correlation(np.sqrt(loud), 402)
    lag = beat_lag(r, 100)
    bend = r[lag - 1] - 2 * r[lag] + r[lag + 1]
    fine = lag + 0.5 * (r[lag - 1] - r[lag + 1]) / bend if bend < 0 and r[lag] >= max(r[lag - 1], r[lag + 1]) else lag
    periodicity = float(np.clip(r[int(round(fine))], 0, 1))
    reach = x.max() - x.min()
    clipped = float(((x <= x.min() + 0.01 * reach) | (x >= x.max() - 0.01 * reach)).mean())
    ratio = float(np.clip(10 * np.log10(inside / max(wide - inside, 1e-20)), -60, 60))
    frequency = float(RATE / (2 * np.pi) * np.sqrt((np.diff(x) ** 2).mean() / inside))
    contrast = float(20 * np.log10(high / low))
    peaks = np.sort(np.abs(b.reshape(-1, RATE // 2)).max(1))
    logit = (-5.808 + 4.579 * min(periodicity, 0.8) + 0.261 * np.clip(contrast, 3, 20) + 0.165 * np.clip(ratio, -12, 6)
             - 4.335 * np.log(np.clip(frequency, 70, 600) / 70) - 3.597 * np.log10(np.clip(clipped, 0.001, 0.3) / 0.001))
    flat, start = 0, 0
    for i in range(1, x.size + 1):
        if i == x.size or x[i] != x[start]:
            flat += i - start if i - start >= RATE // 50 else 0
            start = i
    return {
        "levelDb": float(10 * np.log10(wide)), "peakDb": float(20 * np.log10(np.abs(x).max())), "clippedFraction": clipped,
        "flatFraction": flat / x.size, "inBandRatioDb": ratio, "meanFrequencyHz": frequency, "spikeRatio": float(peaks[-1] / peaks[peaks.size // 2]),
        "contrastDb": contrast, "beatContrastDb": float(beat_contrast), "pauseSeconds": longest / 100, "periodicity": periodicity, "score": float(1 / (1 + np.exp(-logit))),
        "beatsPerMinute": float(6000 / fine),
    }


rng = np.random.default_rng(2016)
t = np.arange(RATE * SECONDS) / RATE
inputs = {
    "heart at 72": heart(rng, 72, 0.003),
    "heart at 140 in noise, off centre": heart(rng, 140, 0.03) + 0.1,
    "heart at 60, clipped": 4 * heart(rng, 60, 0.003),
    "heart at 50 with drop-outs": np.where((t % 1.25 > 0.6) & (t % 1.25 < 0.7), 0, heart(rng, 50, 0.003)),
    "rumble and a knock": 0.2 * np.sin(2 * np.pi * 3 * t) + 0.01 * rng.standard_normal(t.size) + np.where((t > 2) & (t < 2.02), 0.4, 0),
}
cases = []
for name, x in inputs.items():
    pcm = np.clip(np.round(x * 32768), -32768, 32767).astype("<i2")
    cases.append({"name": name, "pcm16": base64.b64encode(pcm.tobytes()).decode(), "expected": measure(pcm / 32768)})
path = pathlib.Path(__file__).with_name("quality.json")
path.write_text(json.dumps({"sampleRateHz": RATE, "cases": cases}, indent=1) + "\n")
for case in cases:
    print(case["name"], {k: round(v, 4) for k, v in case["expected"].items()})
