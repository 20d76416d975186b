"""``classify`` on what is no good: files that are no recordings, and recordings in which no heart can be heard."""

import os
import shutil
import struct
import tempfile
from pathlib import Path

import numpy as np
import pytest

import wavs
from program import HEARTSOUND, OK, SETUP, SOME_FAILED, classify, heartsound


def broken_files(folder: Path, good: bytes) -> None:
    """Files that cannot be judged, by name."""
    data = good[44:]
    one_second = wavs.header(4000, 1, 16, 8000) + bytes(8000)
    for name, content in {
        "empty": b"",
        "no samples": wavs.header(4000, 1, 16, 0),
        "half a header": good[:20],
        "text": b"This is not a recording.\n" * 40,
        "mp3 with a tag": b"ID3\x04\0\0\0\0\0\0" + bytes(2000),
        "mp3 frame": b"\xff\xfb\x90\x64" + bytes(2000),
        "ogg": b"OggS\0\2" + bytes(2000),
        "riff that is no wave": good[:8] + b"AVI " + good[12:],
        "no fmt chunk": good[:12] + b"data" + good[40:],
        "no data chunk": good[:36] + b"junk" + good[40:],
        "rate 0": wavs.header(0, 1, 16, len(data)) + data,
        "rate 4 billion": wavs.header(4_000_000_000, 1, 16, len(data)) + data,
        "no channels": wavs.header(4000, 0, 16, len(data)) + data,
        "65535 channels": wavs.header(4000, 65535, 16, len(data)) + data,
        "13 bits": wavs.header(4000, 1, 13, len(data)) + data,
        "adpcm": wavs.header(4000, 1, 4, len(data), tag=2) + data,
        "fmt of 4 GB": good[:16] + struct.pack("<I", 0xFFFFFFF0) + good[20:],
        "flac that is none": b"fLaC" + bytes(100),
        "zip": b"PK\3\4" + bytes(200),
        "noise": np.random.default_rng(1).bytes(5000),
        "header twice": one_second[:44],
    }.items():
        (folder / f"{name}.wav").write_bytes(content)
    (folder / "dangling.wav").symlink_to(folder / "nowhere.wav")
    os.mkfifo(folder / "pipe.wav")


@pytest.fixture(scope="module")
def bad(tmp_path_factory, heart):
    """The folder of broken files with two good ones among them, and the run over it, a missing file, a missing folder and one without recordings."""
    folder = tmp_path_factory.mktemp("bad")
    (folder / "files").mkdir()
    broken_files(folder / "files", heart.read_bytes())
    broken = {str(p) for p in (folder / "files").iterdir()}
    for name in ("a good one", "zz good one"):
        shutil.copy(heart, folder / "files" / f"{name}.wav")
    (folder / "no recordings").mkdir()
    (folder / "no recordings/readme.txt").write_text("none here")
    missing = [folder / "missing.wav", folder / "missing folder/", folder / "no recordings", ""]
    return broken | {str(p) for p in missing}, classify(folder / "files", *missing)


def test_broken_files_fail_by_name_and_the_others_are_done(bad):
    broken, run = bad
    failed = {line["file"]: line["error"] for line in run.lines if line["error"] is not None}
    assert run.code == SOME_FAILED and set(failed) == broken
    assert all(name in error and len(error) > len(name) + 15 for name, error in failed.items()), failed
    good = [line for line in run.lines if line["error"] is None]
    assert [line["file"].rpartition("/")[2] for line in good] == ["a good one.wav", "zz good one.wav"]
    assert all(line["quality"]["acceptedWindows"] == 3 for line in good)


def test_broken_files_have_no_verdict_no_label_and_no_windows(bad):
    for line in bad[1].lines:
        if line["error"] is not None:
            assert (line["verdict"], line["label"], line["reason"], line["seconds"], line["quality"], line["windows"], line["probabilities"]) == (None, None, None, None, None, [], {})


def test_every_error_is_on_standard_error_too_and_the_summary_counts_them(bad):
    broken, run = bad
    assert all(line["error"] in run.err for line in run.lines if line["error"] is not None) and f"{len(broken)} failed" in run.err


@pytest.mark.parametrize("name,words", [("mp3 with a tag", "MP3"), ("mp3 frame", "MP3"), ("ogg", "Ogg"), ("text", "text file"), ("no samples", "no samples"), ("rate 0", "sample rate of 0"), ("65535 channels", "65535 channels")])
def test_error_says_what_the_file_is(bad, name, words):
    error = next(line["error"] for line in bad[1].lines if line["file"].endswith(f"/{name}.wav"))
    assert words in error


@pytest.mark.parametrize("claimed", [0xFFFFFFFF, 0xFFFFFFF0, 0x7FFFFFFF, 200_000], ids=hex)
def test_header_that_claims_more_than_there_is_is_told_and_changes_no_answer(tmp_path, heart, claimed):
    content = heart.read_bytes()
    huge = tmp_path / "huge.wav"
    huge.write_bytes(wavs.header(4000, 1, 16, claimed) + content[content.index(b"data") + 8:])
    done = classify("--quiet", huge, heart)
    ours, whole = done.lines
    assert done.code == OK and ours["warning"] and whole["warning"] is None
    assert {**ours, "file": None, "warning": None} == {**whole, "file": None}


def test_damaged_headers_never_crash_and_never_stop_the_others(tmp_path, heart):
    """Every header byte set to each of a few values, and random damage; what still is a recording gets a verdict, the rest an error."""
    content = heart.read_bytes()[: 44 + 8000 * 2]
    random = np.random.default_rng(7)
    for i in range(44):
        for value in (0, 0x7F, 0xFF):
            (tmp_path / f"byte {i:02} is {value:03}.wav").write_bytes(content[:i] + bytes([value]) + content[i + 1:])
    for i in range(40):
        damaged = bytearray(content)
        for at in random.integers(0, 60, 6):
            damaged[at] = random.integers(256)
        (tmp_path / f"damage {i:02}.wav").write_bytes(damaged[: random.integers(30, len(damaged))])
    done = classify(tmp_path)
    assert done.code == SOME_FAILED and [line["file"] for line in done.lines] == sorted(map(str, tmp_path.iterdir()))
    assert all((line["error"] is None) != (line["verdict"] is None) for line in done.lines)


@pytest.mark.parametrize("rate", [500, 503, 11025, 22050, 44101, 191999, 192000])
def test_any_rate_in_range_is_read(tmp_path, heart_samples, rate):
    wavs.write(tmp_path / "odd.wav", rate, np.resize(heart_samples, rate * 6))
    done = classify("--quiet", tmp_path)
    assert done.code == OK and len(done.lines[0]["windows"]) == 1 and done.lines[0]["seconds"] == pytest.approx(6)


@pytest.mark.parametrize("rate", [499, 192001])
def test_rate_out_of_range_is_refused_with_the_range(tmp_path, heart_samples, rate):
    wavs.write(tmp_path / "odd.wav", rate, heart_samples)
    done = classify("--quiet", tmp_path)
    assert done.code == SOME_FAILED and f"{rate} Hz" in done.err and "500 to 192000" in done.err


def test_unreadable_folder_and_file_are_named_and_the_others_go_on(heart):
    """As a user without privileges: root may read everything."""
    with tempfile.TemporaryDirectory(prefix="heartsound-e2e-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "closed").mkdir()
        for path in ("good.wav", "secret.wav", "closed/inside.wav"):
            shutil.copy(heart, folder / path)
            (folder / path).chmod(0o644)
        (folder / "secret.wav").chmod(0)
        (folder / "closed").chmod(0)
        nobody = 65534 if os.geteuid() == 0 else None
        if nobody and not all(p.stat().st_mode & 1 for p in HEARTSOUND.resolve().parents):
            pytest.skip(f"needs a repository that an unprivileged user may enter; {HEARTSOUND} is not")
        done = classify(folder, user=nobody)
        (folder / "closed").chmod(0o755)
        results = {line["file"]: line["error"] for line in done.lines}
        assert done.code == SOME_FAILED and set(results) == {str(folder / p) for p in ("good.wav", "secret.wav", "closed")}
        assert results[str(folder / "good.wav")] is None and all(results[str(folder / p)] for p in ("secret.wav", "closed"))


@pytest.fixture(scope="module")
def unfit(tmp_path_factory, simulate, heart_samples):
    folder = tmp_path_factory.mktemp("unfit")
    wavs.not_hearts(folder)
    wavs.write(folder / "four seconds.wav", 4000, heart_samples[:16000])
    clipped = np.clip(heart_samples.astype(float) * 30, -32768, 32767)
    wavs.write(folder / "clipped heart.wav", 4000, clipped)
    holes = heart_samples / np.float32(32768)
    holes[::8000] = np.nan
    wavs.write_float(folder / "a NaN every 2 s.wav", 4000, holes)
    shutil.copy(simulate(contact_loss_from=2, contact_loss_to=11.9), folder / "contact lost.wav")
    shutil.copy(simulate(noise_db=12), folder / "heart in noise.wav")
    return {Path(line["file"]).stem: line for line in classify(folder).lines}


NOT_HEARTS = {
    "silence": {"noSignal"}, "last bit": {"noSignal", "tooQuiet"}, "constant": {"noSignal", "flatLine"}, "full scale": {"noSignal", "flatLine", "clipped"},
    "white noise": None, "loud white noise": None, "quiet white noise": None, "pink noise": None, "rumble": None, "mains hum": None,
    "tone of 100 Hz": None, "tone of 440 Hz": None, "speech": None, "square wave": None, "NaN": {"interrupted"}, "infinity": {"interrupted"},
    "largest floats": None, "smallest floats": {"noSignal", "tooQuiet"}, "one sample": {"tooShort"}, "four seconds": {"tooShort"}, "clipped heart": {"clipped"},
    "a NaN every 2 s": {"interrupted"}, "contact lost": None, "heart in noise": None,
}


@pytest.mark.parametrize("name", NOT_HEARTS)
def test_what_cannot_be_heard_is_inconclusive_with_a_reason_and_advice(unfit, name):
    line, reasons = unfit[name], NOT_HEARTS[name]
    assert line["error"] is None and line["verdict"] == "inconclusive", line
    # 'uncertain' would mean that the sound is good and only the model doubts: for these it would be luck.
    assert line["reason"] not in (None, "uncertain") and line["advice"] and line["confidence"] is None, line
    assert reasons is None or line["reason"] in reasons, line


def test_every_sound_was_judged(unfit):
    assert set(unfit) == set(NOT_HEARTS)


@pytest.mark.parametrize("name", ["NaN", "infinity"])
def test_samples_that_are_no_numbers_are_counted(unfit, name):
    assert unfit[name]["quality"]["faultySamples"] == 15 * 4000 and unfit[name]["windows"] == []


def test_report_that_cannot_be_written_exits_with_4_and_names_it(tmp_path, heart):
    for path in (tmp_path / "no such folder/report.html", tmp_path, Path("/proc/report.html")):
        done = heartsound("classify", heart, "--report", path)
        assert done.code == SETUP and str(path) in done.err and "cannot be written" in done.err
    assert not any(tmp_path.iterdir()) and not tmp_path.with_name(tmp_path.name + ".part").exists(), "half a report was left behind"
