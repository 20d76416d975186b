"""``classify`` on recordings that it can judge: the contract of its JSON lines, and answers that do not depend on how the sound is stored."""

import json
import shutil
import signal
import subprocess

import numpy as np
import pytest

import wavs
from program import DEADLINE, HEARTSOUND, INTERRUPTED, MODEL, OK, RUNTIMES, SETUP, SOME_FAILED, USAGE, classify, environment, heartsound, running

RATES = (2000, 4000, 16000, 44100, 48000)
BPM = {2000: 62, 4000: 72, 16000: 85, 44100: 96, 48000: 110}
ENCODINGS = ("s16", "s24", "s32", "f32", "f64")  # all hold the same samples exactly
FIELDS = {
    "file", "label", "probabilities", "verdict", "alarm", "findings", "reason", "advice", "error", "warning", "alarmProbability", "confidence", "quality", "heartRateBpm",
    "seconds", "windows", "model", "provider",
}
REASONS = {"tooShort", "interrupted", "noSignal", "tooQuiet", "flatLine", "clipped", "noise", "spikes", "noHeartbeat", "uncertain"}
QUALITIES = {"good", "dead", "tooQuiet", "flatLine", "clipped", "noise", "spikes", "noHeartbeat", "fault"}
SHA256 = subprocess.run(["sha256sum", MODEL / "model.onnx"], capture_output=True, text=True).stdout.split(" ")[0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, simulate, heart_samples):
    """Clean hearts at several rates, and one heart in every encoding; 12 s each."""
    folder = tmp_path_factory.mktemp("clean hearts")
    for rate in RATES:
        shutil.copy(simulate(rate=rate, bpm=BPM[rate]), folder / f"rate {rate}.wav")
    for encoding in ENCODINGS:
        wavs.write(folder / f"encoding {encoding}.WAV", 4000, heart_samples, encoding)
    # A real recorder's noise is more than a step of 8 bits; without it the pauses between the sounds would be a flat line.
    wavs.write(folder / "encoding u8.WAV", 4000, heart_samples + np.random.default_rng(8).normal(0, 256, len(heart_samples)), "u8")
    if shutil.which("flac"):
        subprocess.run(["flac", "--silent", "-o", folder / "encoding.flac", folder / "encoding s16.WAV"], check=True)
    (folder / "notes.txt").write_text("not a recording, and not named as one")
    (folder / ".hidden.wav").write_text("hidden")
    return folder


@pytest.fixture(scope="module")
def run(folder):
    return classify("--jobs", "2", folder)


@pytest.fixture(scope="module")
def results(run):
    return {line["file"].rpartition("/")[2]: line for line in run.lines}


def test_folder_of_clean_hearts_gives_one_line_a_recording_in_the_order_of_their_names(run, folder):
    wanted = sorted(str(p) for p in folder.iterdir() if p.suffix.lower() in (".wav", ".flac") and p.name[0] != ".")
    assert run.code == OK and [line["file"] for line in run.lines] == wanted and len(wanted) >= 11


def test_summary_is_on_standard_error_and_alone_there(run):
    count = len(run.lines)
    assert run.err.startswith(f"{count} recordings: ") and "not a medical device" in run.err and run.err.count("\n") == 1


def test_every_line_has_the_documented_fields_with_their_types_and_ranges(run):
    for line in run.lines:
        assert set(line) == FIELDS
        assert line["label"] in ("normal", "abnormal") and line["verdict"] in ("normal", "abnormal", "inconclusive")
        assert set(line["probabilities"]) == {"normal", "abnormal"} and sum(line["probabilities"].values()) == pytest.approx(1, abs=1e-9)
        assert all(0 <= p <= 1 for p in line["probabilities"].values()) and line["alarmProbability"] == line["probabilities"]["abnormal"]
        assert line["error"] is None and line["warning"] is None and line["seconds"] == pytest.approx(12, abs=1e-3) and line["provider"] == "Cpu"
        assert line["model"] == {"id": "physionet2016-cnn-small", "version": line["model"]["version"], "sha256": SHA256}
        if line["verdict"] == "inconclusive":
            assert line["reason"] in REASONS and line["advice"] and line["confidence"] is None
        else:
            assert line["reason"] is None and line["advice"] is None and line["confidence"] == pytest.approx(line["probabilities"][line["verdict"]])


def test_windows_are_those_of_the_stream_and_add_up_to_the_quality(run):
    for line in run.lines:
        windows, quality = line["windows"], line["quality"]
        assert [round(w["startSeconds"], 3) for w in windows] == [0, 2.5, 5], "5 s every 2.5 s, which lies on the model's frame grid of 20 ms"
        for w in windows:
            assert set(w) == {"startSeconds", "endSeconds", "alarmProbability", "accepted", "quality", "score"}
            assert w["endSeconds"] - w["startSeconds"] == pytest.approx(5) and 0 <= w["alarmProbability"] <= 1 and 0 <= w["score"] <= 1
            assert w["quality"] in QUALITIES and w["accepted"] == (w["quality"] == "good")
        accepted = [w for w in windows if w["accepted"]]
        assert quality["windows"] == len(windows) and quality["acceptedWindows"] == len(accepted)
        assert sum(quality["rejected"].values()) == len(windows) - len(accepted)
        assert quality["score"] == pytest.approx(np.mean([w["score"] for w in windows])) and quality["gaps"] == quality["faultySamples"] == 0


@pytest.mark.parametrize("rate", RATES)
def test_clean_heart_at_any_rate_is_heard_and_its_rate_found(results, rate):
    line = results[f"rate {rate}.wav"]
    assert line["quality"]["acceptedWindows"] == 3 and line["quality"]["goodSeconds"] == pytest.approx(10)
    assert line["heartRateBpm"] == pytest.approx(BPM[rate], rel=0.05), "breathing and variability move the mean of 12 s by a few per cent"
    assert line["reason"] in (None, "uncertain"), "a clean heart is refused for nothing but the model's own doubt"


@pytest.mark.parametrize("other", [*(f"encoding {e}.WAV" for e in ENCODINGS[1:]), "rate 4000.wav", "encoding.flac"])
def test_same_samples_in_another_encoding_give_the_very_same_answer(results, other):
    if other.endswith(".flac") and other not in results:
        pytest.skip("needs Debian's flac to make a FLAC file")
    expected = {**results["encoding s16.WAV"], "file": None}
    assert {**results[other], "file": None} == expected


def test_eight_bit_recording_keeps_its_heart_rate(results):
    line = results["encoding u8.WAV"]
    assert line["quality"]["acceptedWindows"] >= 2 and line["heartRateBpm"] == pytest.approx(72, rel=0.05)


def test_one_job_or_two_or_another_run_give_identical_bytes(run, folder):
    assert classify("--jobs", "1", folder).out == run.out


@pytest.mark.parametrize("version", sorted(p.name for p in RUNTIMES.glob("*.*.*")) or ["none"])
def test_every_onnx_runtime_gives_the_same_verdicts(run, folder, version):
    library = RUNTIMES / version / "linux-x64/libonnxruntime.so.1"
    if not library.exists():
        pytest.skip(f"needs {library}: scripts/get-native.sh --all")
    other = classify("--jobs", "2", folder, env={"HEARTSOUND_ONNXRUNTIME": str(library)})
    assert other.code == OK and len(other.lines) == len(run.lines)
    for ours, theirs in zip(run.lines, other.lines):
        assert [theirs[k] for k in ("file", "verdict", "label", "reason", "heartRateBpm", "quality")] == [ours[k] for k in ("file", "verdict", "label", "reason", "heartRateBpm", "quality")]
        # Another order of float32 sums in the convolutions, through a softmax.
        assert theirs["probabilities"] == pytest.approx(ours["probabilities"], abs=1e-3)


def test_channel_of_a_stereo_recording_is_the_one_that_is_heard(tmp_path, heart, heart_samples):
    noise = np.random.default_rng(3).integers(-20000, 20000, len(heart_samples))
    stereo = wavs.write(tmp_path / "stereo.wav", 4000, np.stack([noise, heart_samples], axis=1), "s24")
    alone, right, second, left, mix = (
        classify("--quiet", *told).lines[0] for told in ([heart], [stereo, "--channel", "right"], [stereo, "--channel", "2"], [stereo, "--channel", "left"], [stereo])
    )
    assert {**right, "file": None} == {**alone, "file": None} == {**second, "file": None}
    assert left["verdict"] == mix["verdict"] == "inconclusive" and left["quality"]["acceptedWindows"] == 0


def test_channel_that_a_recording_lacks_fails_that_recording_alone(tmp_path, heart, heart_samples):
    stereo = wavs.write(tmp_path / "stereo.wav", 4000, np.stack([heart_samples, heart_samples], axis=1))
    done = classify("--channel", "2", heart, stereo)
    mono_line, stereo_line = done.lines
    assert done.code == SOME_FAILED and mono_line["verdict"] is None and "channel 2" in mono_line["error"] and stereo_line["verdict"] is not None


def test_paths_come_out_in_the_order_they_were_given_and_each_once(tmp_path, heart):
    b, a = (shutil.copy(heart, tmp_path / name) for name in ("b.wav", "a.wav"))
    done = classify("b.wav", a, "b.wav", b, cwd=tmp_path)
    assert [line["file"] for line in done.lines] == ["b.wav", str(a)]


def test_quiet_leaves_standard_error_empty(heart):
    done = classify("--quiet", heart)
    assert done.code == OK and done.err == "" and len(done.lines) == 1


def test_table_names_recordings_and_verdicts_with_signs_that_need_no_colour(tmp_path, heart):
    shutil.copy(heart, tmp_path / "heart.wav")
    wavs.write(tmp_path / "zeros.wav", 4000, np.zeros(40000))
    (tmp_path / "text.wav").write_text("hello")
    done = heartsound("classify", ".", cwd=tmp_path)
    assert done.code == SOME_FAILED and "heart.wav" in done.out and "? inconclusive" in done.out and "✖ failed" in done.out
    assert "1 failed" in done.err and "\x1b" not in done.out + done.err


@pytest.mark.parametrize("told", [["--no-such-flag"], ["--jobs", "0"], ["--channel", "middle"], ["--provider", "abacus"], []])
def test_wrong_command_line_exits_with_2_and_points_to_the_help(told, heart):
    done = heartsound("classify", *told, *([heart] if told else []))
    assert done.code == USAGE and done.out == "" and "classify --help" in done.err


@pytest.mark.parametrize("verb", [[], ["run"], ["replay"], ["classify"], ["watch"], ["features"], ["model"], ["model", "show"], ["model", "verify"], ["simulate"]])
def test_help_explains_every_verb(verb):
    done = heartsound(*verb, "--help")
    assert done.code == OK and "Usage:" in done.out and done.err == ""


def test_json_of_a_name_with_quotes_spaces_and_letters_of_the_world_is_one_line(tmp_path, heart):
    name = 'a "quoted"\n名前 é .wav'
    shutil.copy(heart, tmp_path / name)
    done = classify("--quiet", tmp_path)
    assert done.out.count("\n") == 1 and json.loads(done.out)["file"] == str(tmp_path / name)


def test_interrupted_run_has_given_what_was_done_and_exits_with_130(tmp_path, simulate, heart):
    """In the middle of a recording of two hours, which would go on for a while."""
    shutil.copy(simulate(rate=1000, seconds=7200), tmp_path / "long.wav")
    with running(tmp_path / "run", "classify", "--json", "--jobs", "1", heart, tmp_path / "long.wav") as program:
        program.until(lambda p: p.out.count("\n") == 1)
        done = program.end(signal.SIGINT)
    assert done.code == INTERRUPTED and [line["file"] for line in done.lines] == [str(heart)]


def test_output_that_cannot_be_written_is_said_without_a_stack_trace(simulate):
    """/dev/full is standard output on a full disk."""
    done = subprocess.run(["bash", "-c", f"'{HEARTSOUND}' classify --json --quiet '{simulate()}' > /dev/full"], env=environment(), capture_output=True, text=True, timeout=DEADLINE)
    assert done.returncode == SETUP and "cannot be written" in done.stderr and "   at " not in done.stderr
