"""The program from a shell of the device, without the service."""

import json

import pytest

from device import MODEL


@pytest.fixture(scope="module")
def simulated(guest):
    guest.run("heartsound simulate --out /tmp/heart.wav --seconds 20 --rate 4000")
    return "/tmp/heart.wav"


@pytest.mark.long
def test_classify_gives_the_verdict_that_the_models_goldens_promise(guest, simulated):
    answer = json.loads(guest.run(f"heartsound classify --json --model {MODEL} {simulated}", timeout=240).splitlines()[0])
    assert answer["verdict"] == "normal"
