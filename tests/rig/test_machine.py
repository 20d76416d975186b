"""The rig itself: were it broken, nothing else here would mean anything."""

import wave

import numpy as np

from machine import STETHOSCOPE
from recordings import noise

RIG = "/sys/devices/platform/rig_gpio"


def test_outputs_are_read_back_and_inputs_are_driven(guest):
    assert guest.run("gpiodetect").strip() == "gpiochip0 [rig-gpio] (16 lines)"
    lit = guest.run(f"gpioset --mode=signal gpiochip0 0=1 3=1 15=1 & sleep 0.5; cat {RIG}/out; kill $!; wait; gpioset gpiochip0 0=0 3=0 15=0; tail -n 1 {RIG}/log")
    assert lit.split()[0] == "8009" and lit.split()[-1] == "0000"
    assert guest.run(f"echo 0060 >{RIG}/in; gpioget gpiochip0 4 5 6; echo ffff >{RIG}/in").split() == ["0", "1", "1"]


def test_what_the_stethoscope_plays_is_recorded_sample_for_sample(guest, usb, tmp_path):
    sound = noise(tmp_path / "noise.wav", STETHOSCOPE.rate, 8)
    usb.play(STETHOSCOPE, sound)
    usb.plug(STETHOSCOPE)
    assert guest.run("cat /proc/asound/Stethoscope/usbid").strip() == "1209:5a7e"
    guest.run(f"arecord -q -D hw:Stethoscope -f S16_LE -r {STETHOSCOPE.rate} -c 1 -d 3 /tmp/heard.wav")
    (tmp_path / "heard.wav").write_bytes(guest.bytes("cat /tmp/heard.wav"))
    with wave.open(str(sound)) as file:
        played = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    with wave.open(str(tmp_path / "heard.wav")) as file:
        heard = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    assert len(heard) == 3 * STETHOSCOPE.rate
    first = next(at for at in range(len(played)) if np.array_equal(played[at: at + 16], heard[:16]))
    assert np.array_equal(heard, np.roll(played, -first)[: len(heard)])


def test_pulled_while_it_records_the_recording_fails_and_the_card_is_gone(guest, usb, tmp_path):
    usb.play(STETHOSCOPE, noise(tmp_path / "noise.wav", STETHOSCOPE.rate, 8))
    usb.plug(STETHOSCOPE)
    recording = guest.background("arecord -q -D hw:Stethoscope -f S16_LE -r 16000 -c 1 -d 60 /tmp/cut.wav; echo ended with $?", (tmp_path / "log").open("wb"))
    guest.run("for i in $(seq 100); do [ -s /tmp/cut.wav ] && break; sleep 0.1; done")
    usb.unplug(STETHOSCOPE)
    recording.wait(30)
    assert "ended with 1" in (tmp_path / "log").read_text()
    assert "Stethoscope" not in guest.run("cat /proc/asound/cards")
    usb.plug(STETHOSCOPE)


def test_the_guest_reaches_the_broker_outside(guest, broker):
    guest.run(f"mosquitto_pub -h 10.0.2.2 -p {broker.port} -t rig/machine -q 1 -r -m online")
    assert broker.retained("rig/machine").payload == "online"
