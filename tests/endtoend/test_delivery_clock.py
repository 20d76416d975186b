"""The wall clock steps, by years and both ways, and is set at last: order, numbers and ages do not care, and what was stamped before is stamped again."""

import datetime
import mmap
import struct

import pytest

from delivery import DEVICE, Bench, stand_in
from program import wait_until

YEAR = 365 * 86400
SAY = 40


class Clock:
    """tests/standins/clock.c under a device."""

    def __init__(self, folder):
        library, control = stand_in(folder / "clock", "clock"), folder / "clock/control"
        control.write_bytes(bytes(16))
        with control.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), 16)
        self.env = {"LD_PRELOAD": str(library), "STANDIN_CLOCK": str(control)}

    def set(self, seconds_off: int, synced: bool) -> None:
        self._page[:] = struct.pack("qq", seconds_off, synced)


def at(verdict: dict) -> float:
    return datetime.datetime.fromisoformat(verdict["time"][:19] + verdict["time"][-6:]).timestamp()


def arrived(b: Bench) -> list[dict]:
    return [a.json for a in b.witness.on(f"heartsound/{DEVICE}/verdict")]


def clock_steps(folder):
    """Twice back, twice forward, with the broker there and away."""
    clock = Clock(folder)
    clock.set(0, True)
    with Bench(folder, env=clock.env) as b:
        b.device.start("--set", "outbox.maxAgeDays=1")
        b.device.say(SAY)
        for n, years in enumerate((-10, 20, -40, 3)):
            if n % 2:
                b.shut()
            b.device.say(SAY)
            clock.set(years * YEAR, True)
            b.device.say(SAY)
            b.open()
            b.hear(2 * SAY)
        b.device.until_said(1000)
        clock.set(0, True)
        b.deliver("clock stepped", "10 and 40 years back, 20 and 3 forward, while the broker is there and away; outbox.maxAgeDays is 1")
        said = b.device.said
        assert len({v["bootId"] for v in said}) == 1 and all(v["clockSynced"] is True for v in said)
        clocks = [v["monotonicSeconds"] for v in said]
        assert clocks == sorted(clocks)
        offsets = {round((at(v) - v["monotonicSeconds"]) / YEAR) for v in said}
        assert len(offsets) >= 4, "the wall clock is what it was told to be"


def clock_is_set_at_last(folder):
    """Ten years behind and kept by nobody until verdicts wait: then they say when they really were."""
    clock = Clock(folder)
    clock.set(-10 * YEAR, False)
    with Bench(folder, env=clock.env, speed=100, there=False) as b:
        b.device.start()
        b.device.say(3 * SAY)
        before = b.device.said
        assert all(v["clockSynced"] is False for v in before)
        clock.set(0, True)
        b.device.until(lambda run: "The clock is set" in run.err)
        b.device.say(SAY)
        b.open()
        b.deliver("clock set late", "ten years behind and unsynchronised, set while 120 verdicts wait")
        received = {v["id"]: v for v in arrived(b)}
        now = b.device.said[-1]
        true = at(now) - now["monotonicSeconds"]
        for verdict in before:
            new = received[verdict["id"]]
            assert new["clockSynced"] is True and new["monotonicSeconds"] == verdict["monotonicSeconds"]
            assert abs(at(new) - new["monotonicSeconds"] - true) < 3, "when it really was"


def clock_is_set_after_a_restart(folder):
    """The program ends in between; the machine does not, so its monotonic clock still tells."""
    clock = Clock(folder)
    clock.set(-10 * YEAR, False)
    with Bench(folder, env=clock.env, speed=100, there=False) as b:
        b.device.start()
        b.device.say(SAY)
        b.device.kill()
        before = b.device.said
        clock.set(0, True)
        b.device.start()
        b.device.until(lambda run: "The clock is set" in run.err)
        b.device.say(SAY)
        b.open()
        b.deliver("clock set after a restart", "ten years behind, SIGKILL, set, started", unsaid=1)
        received = {v["id"]: v for v in arrived(b)}
        now = b.device.said[-1]
        true = at(now) - now["monotonicSeconds"]
        assert all(received[v["id"]]["clockSynced"] is True and abs(at(received[v["id"]]) - v["monotonicSeconds"] - true) < 3 for v in before)


def clock_is_set_too_late(folder):
    """What has arrived already is not sent again, nor changed."""
    clock = Clock(folder)
    clock.set(-10 * YEAR, False)
    with Bench(folder, env=clock.env, speed=100) as b:
        b.device.start()
        b.device.say(SAY)
        b.hear(SAY)
        clock.set(0, True)
        b.device.say(SAY)
        b.deliver("clock set, broker there", "ten years behind, set while verdicts go")
        first = arrived(b)[0]
        assert first["clockSynced"] is False
        wait_until(lambda: arrived(b)[-1]["clockSynced"] is True)


@pytest.mark.parametrize("scenario", [clock_steps, clock_is_set_at_last, clock_is_set_after_a_restart, clock_is_set_too_late], ids=lambda scenario: scenario.__name__)
def test_clock(scenario, outcomes):
    outcomes[scenario].result()
