"""The front end as people write it today: scipy's filters, torchaudio's mel spectrogram, one thread. FrontEndSpec's default numbers.

    reference_front_end.py LIST --serve           a pass over the recordings for every line on standard input (see Worker.cs)
    reference_front_end.py LIST --once            one pass, then the end
    reference_front_end.py LIST --check X.npz     are these the features that `heartsound features` made? (sosfilt only)
"""

import argparse
import json
import sys
import time
from math import gcd

import numpy as np
import torch
import torchaudio
from scipy.io import wavfile
from scipy.signal import butter, resample_poly, sosfilt, sosfiltfilt

RATE, FFT, HOP, FRAME, MELS = 2000, 512, 32, 256, 64
WINDOW, WINDOW_HOP, HISTORY = 5 * RATE, 5 * RATE // 2, 10 * RATE
WINDOW_FRAMES = (WINDOW - FFT) // HOP + 1
HISTORY_FRAMES = (HISTORY - FFT) // HOP + 1
LOG_FLOOR = 1e-8
FILTERS = {"sosfilt": sosfilt, "sosfiltfilt": sosfiltfilt}


class FrontEnd:
    def __init__(self, filter_name: str = "sosfilt"):
        self.filter = FILTERS[filter_name]
        self.sections = butter(5, [25, 400], "bandpass", fs=RATE, output="sos")
        self.mel = torchaudio.transforms.MelSpectrogram(
            RATE, n_fft=FFT, win_length=FRAME, hop_length=HOP, f_min=25, f_max=500, n_mels=MELS, power=2, center=False, norm="slaney", mel_scale="slaney"
        )

    def windows(self, samples: np.ndarray, rate: int) -> torch.Tensor:
        """(windows, mel, frames), each band normalised over the last 10 s."""
        if rate != RATE:
            common = gcd(rate, RATE)
            samples = resample_poly(samples, RATE // common, rate // common)
        count = max(0, (len(samples) - WINDOW) // WINDOW_HOP + 1)
        while WINDOW <= len(samples) - count * WINDOW_HOP // HOP * HOP:  # windows start on the frame grid
            count += 1
        if count == 0:
            return torch.empty(0, MELS, WINDOW_FRAMES)
        banded = torch.from_numpy(self.filter(self.sections, samples).astype(np.float32))
        log_mel = self.mel(banded).clamp_min(LOG_FLOOR).log()  # (mel, frames)
        windows = torch.empty(count, MELS, WINDOW_FRAMES)
        for k in range(count):
            first = k * WINDOW_HOP // HOP
            last = first + WINDOW_FRAMES
            deviation, mean = torch.std_mean(log_mel[:, max(0, last - HISTORY_FRAMES) : last], 1, unbiased=False, keepdim=True)
            windows[k] = (log_mel[:, first:last] - mean) / deviation.clamp_min(1e-4)
        return windows


def read(path: str) -> tuple[np.ndarray, int]:
    rate, samples = wavfile.read(path)
    return samples.astype(np.float32) / 32768, rate


def one_pass(front_end: FrontEnd, paths: list[str]) -> dict:
    found = {"recordings": len(paths), "windows": 0, "sound": 0.0, "read": 0.0, "work": 0.0}
    processor = time.process_time()
    for path in paths:
        start = time.perf_counter()
        samples, rate = read(path)
        middle = time.perf_counter()
        found["windows"] += len(front_end.windows(samples, rate))
        found["read"] += middle - start
        found["work"] += time.perf_counter() - middle
        found["sound"] += len(samples) / rate
    return {**found, "processor": time.process_time() - processor}


def check(front_end: FrontEnd, paths: list[str], features: str) -> None:
    with np.load(features) as ours:
        theirs = torch.cat([front_end.windows(*read(path)) for path in paths]).numpy()
        if theirs.shape != ours["features"].shape:
            sys.exit(f"the reference makes windows of shape {theirs.shape}, heartsound of {ours['features'].shape}")
        difference = np.abs(theirs - ours["features"])
    # torchaudio's float32 FFT smears the loud bands' rounding over the quiet ones (LogMel.cs); where a band lies near the floor that is seen.
    print(f"features agree: {len(theirs)} windows, mean difference {difference.mean():.1e}, 99.99 % within {np.quantile(difference, 0.9999):.1e} (mean 0, deviation 1)")
    if difference.mean() > 1e-3:
        sys.exit("the two front ends do not do the same thing")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("list", help="a file with one path a line")
    parser.add_argument("--filter", choices=FILTERS, default="sosfilt")
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--check", metavar="X.npz")
    told = parser.parse_args()

    torch.set_num_threads(1)
    front_end = FrontEnd(told.filter)
    with open(told.list) as lines:
        paths = lines.read().splitlines()
    with torch.inference_mode():
        if told.check:
            check(front_end, paths, told.check)
        if told.once:
            one_pass(front_end, paths)
        if told.serve:
            print("ready", flush=True)
            for _ in sys.stdin:
                print(json.dumps(one_pass(front_end, paths)), flush=True)


if __name__ == "__main__":
    main()
