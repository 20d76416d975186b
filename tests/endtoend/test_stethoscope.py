"""`heartsound run` on a microphone: a simulated heart through a real PulseAudio and the real PortAudio, and every way in which a stethoscope fails."""

import json
import re
import signal
import time

import pytest

from program import MODEL, OK, SETUP, heartsound, running
from stethoscope import StandIn, virtual_stethoscope

HUNG = 7


@pytest.fixture
def stethoscope(tmp_path):
    with virtual_stethoscope(tmp_path / "stethoscope") as virtual:
        yield virtual


@pytest.fixture
def standin(tmp_path) -> StandIn:
    return StandIn(tmp_path / "standin")


@pytest.fixture(scope="module")
def long_heart(simulate):
    """So long that the seam where it begins again is rarely heard."""
    return simulate(rate=8000, seconds=300, noise_db=-60)


def listening(folder, device, *options):
    """A virtual stethoscope is on no USB port, and must be named."""
    which = () if {"--capture-name", "--usb-path"} & set(options) else ("--capture-name", "stethoscope")
    return running(folder / "run", "run", "--model", MODEL, "--json", "--verbose", "--examination-seconds", "5", *which, *options, env=device.env)


def verdicts(run) -> list[dict]:
    return [json.loads(line) for line in run.out.splitlines()]


def states(run) -> list[str]:
    """What the log said of the stethoscope, in order."""
    return [m[1] for m in re.finditer(r"Capture(?: has failed| is degraded| is well again)?: (\w+)", run.err)]


def until_state(run, state: str, times: int = 1) -> None:
    run.until(lambda r: states(r).count(state) >= times)


def until_normal(run) -> None:
    """Until a verdict that was not there before says normal."""
    before = len(verdicts(run))
    run.until(lambda r: any(v["verdict"] == "normal" for v in verdicts(r)[before:]))


def test_a_heart_through_pulseaudio_is_normal_and_the_log_says_what_was_found(stethoscope, long_heart, tmp_path):
    stethoscope.play(long_heart)
    with listening(tmp_path, stethoscope) as run:
        until_normal(run)
        done = run.end(signal.SIGTERM)
    assert done.code == OK
    assert "Opened 'stethoscope', chosen by name 'stethoscope': channel 1 of 1 at" in done.err
    assert states(run)[:2] == ["starting", "listening"]
    assert "ALSA lib" not in done.err and "jack" not in done.err.lower(), "the libraries' own noise"


def test_pulled_and_plugged_in_again_it_goes_on_by_itself(stethoscope, long_heart, tmp_path):
    stethoscope.play(long_heart)
    with listening(tmp_path, stethoscope, "--capture-name", "Steth") as run:
        until_normal(run)
        stethoscope.pull()
        run.until(lambda r: {"unplugged", "frozen"} & set(states(r)))
        stethoscope.plug()
        stethoscope.play(long_heart)
        until_state(run, "listening", times=2)
        until_normal(run)
        assert "chosen by name 'Steth'" in run.err


def test_the_sound_server_hangs_and_dies_and_comes_again(stethoscope, long_heart, tmp_path):
    stethoscope.play(long_heart)
    with listening(tmp_path, stethoscope) as run:
        until_state(run, "listening")
        stethoscope.hang()
        until_state(run, "frozen")
        stethoscope.go_on()
        until_state(run, "listening", times=2)
        stethoscope.kill()
        until_state(run, "unplugged")
        stethoscope.start()
        stethoscope.play(long_heart)
        until_state(run, "listening", times=3)


def test_a_silent_stethoscope_is_a_fault_and_not_a_verdict(stethoscope, long_heart, tmp_path):
    with listening(tmp_path, stethoscope) as run:
        until_state(run, "silent")
        time.sleep(6)  # longer than an examination
        assert not verdicts(run), "silence was judged"
        stethoscope.play(long_heart)
        until_state(run, "listening")
        until_normal(run)


def test_not_found_lists_what_is_there_and_goes_on_looking(stethoscope, tmp_path):
    with listening(tmp_path, stethoscope, "--usb-path", "1-2.1", "--usb-id", "1209:5a7e") as run:
        until_state(run, "notFound")
        assert "No microphone matches usbPath 1-2.1, usbId 1209:5a7e. There is: 'stethoscope'. Plug it in, or correct 'capture' in the settings." in run.err
        assert run.end(signal.SIGTERM).code == OK


def test_a_channel_out_of_range_is_refused():
    done = heartsound("run", "--model", MODEL, "--channel", "33")
    assert done.code == SETUP
    assert '--channel: capture.channel is "33", must be a whole number from 1 to 32.' in done.err


def test_each_fault_is_seen_and_over_when_it_is_over(standin, tmp_path):
    faults = {
        "frozen": "frozen", "remainder": "frozen", "overflowed": "frozen", "error": "unplugged", "absent": "unplugged",
        "zeros": "silent", "stuck": "stuck", "sound speed=1.5": "rateMismatch", "overrun": "overrun",
    }
    with listening(tmp_path, standin, "--channel", "2") as run:
        until_state(run, "listening")
        for fault, state in faults.items():
            before = len(states(run))
            standin.play(fault)
            run.until(lambda r: state in states(r)[before:])
            standin.play("sound")
            run.until(lambda r: states(r)[-1] == "listening")


def test_a_call_that_never_comes_back_ends_the_process_with_a_code_of_its_own(standin, tmp_path):
    with listening(tmp_path, standin, "--channel", "2") as run:
        until_state(run, "listening")
        standin.play("hang-read")
        done = run.end()
    assert done.code == HUNG
    assert re.search(r"Pa_ReadStream has not come back for 5\.\d s and never will; this process ends, to be started again", done.err)
