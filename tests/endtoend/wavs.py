"""WAV files, right and wrong ones, written by hand so that every byte of them is known."""

import struct
from pathlib import Path

import numpy as np
from scipy import signal

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE


def header(rate: int, channels: int, bits: int, data_bytes: int, tag: int = PCM, riff_bytes: int | None = None) -> bytes:
    """The 44 bytes before the samples. ``data_bytes`` is what it claims."""
    frame = channels * bits // 8
    riff = 36 + data_bytes if riff_bytes is None else riff_bytes
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF", riff & 0xFFFFFFFF, b"WAVE", b"fmt ", 16, tag, channels, rate & 0xFFFFFFFF, rate * frame & 0xFFFFFFFF, frame & 0xFFFF, bits, b"data", data_bytes & 0xFFFFFFFF,
    )


def encode(samples: np.ndarray, encoding: str) -> bytes:
    """16-bit integers (any shape) in another encoding that holds the same values; 'u8' alone rounds them."""
    if encoding == "u8":
        return (np.clip(np.round(samples / 256), -128, 127) + 128).astype(np.uint8).tobytes()
    exact = np.asarray(samples, np.int64)
    if encoding == "s16":
        return exact.astype("<i2").tobytes()
    if encoding == "s24":
        return (exact * 256).astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    if encoding == "s32":
        return (exact * 65536).astype("<i4").tobytes()
    return (exact / 32768).astype({"f32": "<f4", "f64": "<f8"}[encoding]).tobytes()


BITS = {"u8": 8, "s16": 16, "s24": 24, "s32": 32, "f32": 32, "f64": 64}


def write(path: Path, rate: int, samples: np.ndarray, encoding: str = "s16") -> Path:
    """``samples`` are 16-bit integers [samples] or [samples, channels]."""
    data = encode(samples, encoding)
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    path.write_bytes(header(rate, channels, BITS[encoding], len(data), FLOAT if encoding[0] == "f" else PCM) + data)
    return path


def write_float(path: Path, rate: int, samples: np.ndarray) -> Path:
    """Samples as they are, also those that are no numbers."""
    data = np.asarray(samples, "<f4").tobytes()
    path.write_bytes(header(rate, 1, 32, len(data), FLOAT) + data)
    return path


def read(path: Path) -> tuple[int, np.ndarray]:
    """Rate and samples of a mono or interleaved 16-bit file whose header is 44 bytes or longer."""
    content = path.read_bytes()
    at = content.index(b"data")
    rate, channels = struct.unpack_from("<I", content, 24)[0], struct.unpack_from("<H", content, 22)[0]
    samples = np.frombuffer(content, "<i2", struct.unpack_from("<I", content, at + 4)[0] // 2, at + 8)
    return rate, samples if channels == 1 else samples.reshape(-1, channels)


def not_hearts(folder: Path, rate: int = 4000, seconds: int = 15) -> None:
    """Sounds and signals in which nobody can hear a heart, one a file."""
    random = np.random.default_rng(20161)
    n = rate * seconds
    t = np.arange(n) / rate
    white = random.standard_normal(n)
    pink = signal.lfilter([0.049922, -0.095994, 0.050613, -0.004409], [1, -2.494956, 2.017266, -0.522190], white)
    rumble = signal.sosfilt(signal.butter(4, [30, 200], "bandpass", fs=rate, output="sos"), white)
    # Syllables of irregular length, four a second: harmonics of a voice that glides, and breath above them.
    syllables = np.interp(t, np.cumsum(random.uniform(0.05, 0.25, 8 * seconds)), random.uniform(0, 1, 8 * seconds) ** 2)
    pitch = 2 * np.pi * np.cumsum(120 + 20 * np.sin(2 * np.pi * 0.7 * t + 1)) / rate
    voice = sum(np.sin(k * pitch) / k for k in range(1, 14))
    speech = syllables * (voice + 0.3 * white)
    samples = {
        "silence": np.zeros(n),
        "last bit": random.integers(-1, 2, n) / 32768,
        "white noise": 0.1 * white,
        "loud white noise": 0.5 * white,
        "quiet white noise": 0.002 * white,
        "pink noise": 0.5 * pink,
        "rumble": 0.3 * rumble,
        "mains hum": 0.3 * np.sin(2 * np.pi * 50 * t),
        "tone of 100 Hz": 0.5 * np.sin(2 * np.pi * 100 * t),
        "tone of 440 Hz": 0.5 * np.sin(2 * np.pi * 440 * t),
        "constant": np.full(n, 0.25),
        "full scale": np.full(n, 1.0),
        "speech": 0.15 * speech,
        "square wave": np.sign(np.sin(2 * np.pi * 60 * t)),
    }
    for name, values in samples.items():
        write(folder / f"{name}.wav", rate, np.clip(np.round(values * 32768), -32768, 32767))
    write_float(folder / "NaN.wav", rate, np.full(n, np.nan))
    write_float(folder / "infinity.wav", rate, np.full(n, np.inf))
    write_float(folder / "largest floats.wav", rate, 3e38 * np.sign(white))
    write_float(folder / "smallest floats.wav", rate, 1e-42 * white)
    write(folder / "one sample.wav", rate, np.array([1000]))
