"""Verdicts by the hundred while the broker, the network between and the service itself are broken in every way; after each, the audit (``audit.py``)."""

import fcntl
import json
import os
import random
import time

import pytest

from audit import audit
from delivery import DEVICE, Bench, statuses
from program import OK, SETUP, heartsound, wait_until
from proxy import Faults

VERDICTS = 1000
STATUS = f"heartsound/{DEVICE}/status"


def broker_is_stopped(folder):
    with Bench(folder, direct=True) as b:
        b.device.start()
        for _ in range(4):
            b.device.say(100)
            b.broker.stop()
            b.device.say(100)
            b.broker.start()
            b.hear(100)
        b.device.until_said(VERDICTS)
        b.deliver("broker stopped", "4 × SIGTERM, started again")


def broker_is_killed(folder):
    with Bench(folder) as b:
        b.device.start()
        for _ in range(4):
            b.device.say(100)
            b.broker.kill()
            b.device.say(20)
            b.broker.start()
            b.hear(100)
        b.device.until_said(VERDICTS)
        b.deliver("broker killed", "4 × SIGKILL, started again with the database it had")


def broker_has_lost_its_database(folder):
    with Bench(folder) as b:
        b.device.start()
        for _ in range(4):
            b.device.say(100)
            b.broker.kill()
            b.broker.forget()
            b.broker.start()
            b.hear(100)
            wait_until(lambda: json.loads(b.broker.retained(STATUS).payload)["status"] == "online")
            latest = json.loads(b.broker.retained(f"heartsound/{DEVICE}/verdict/latest").payload)
            assert latest["sequence"] > 0
        b.device.until_said(VERDICTS)
        b.deliver("broker without its database", "4 × SIGKILL, `mosquitto.db` removed")


def broker_is_paused(folder):
    """Longer than the keep-alive allows: until the device has said that the broker is away."""
    with Bench(folder, direct=True, speed=100) as b:
        b.device.start()
        b.device.say(100)
        gone = b.device.run.err.count("is not there")
        b.broker.pause()
        b.device.until(lambda d: d.err.count("is not there") > gone)
        b.device.say(50)
        b.broker.resume()
        b.hear(100)
        b.device.until_said(VERDICTS)
        b.deliver("broker paused", "SIGSTOP until the device has noticed, SIGCONT")


def network_is_bad(folder):
    with Bench(folder, Faults(cut_after_bytes=(30_000, 400_000), swallow_share=0.4, delay_seconds=(0, 0.02)), seed=6) as b:  # of the first four connections two are swallowed, one each way
        b.device.start()
        b.device.until_said(VERDICTS)
        wait_until(lambda: b.proxy.counters.cut >= 4 and b.proxy.counters.swallowed > 0, lambda: str(b.proxy.counters))
        b.deliver("bad network", "proxy: every piece up to 20 ms late; cut after 30 to 400 kB, 40 % of them after one direction was swallowed for 0.2 to 1.5 s")


def network_is_half_open(folder):
    """Nothing gets through any more, and nobody is told: only the keep-alive notices."""
    with Bench(folder, speed=100) as b:
        b.device.start()
        b.device.say(100)
        gone, direction = b.device.run.err.count("is not there"), random.Random(3)
        b.proxy.stall(direction.choice(["up", None]))
        b.device.until(lambda d: d.err.count("is not there") > gone)
        b.hear(100)
        b.device.until_said(VERDICTS)
        b.deliver("network half-open", "proxy swallows everything and stays connected until the device gives up")


def broker_acknowledges_nothing(folder):
    """What the device sends arrives; no answer ever comes back, not even to its pings."""
    with Bench(folder, speed=100) as b:
        b.device.start()
        b.device.say(100)
        gone = b.device.run.err.count("is not there")
        b.proxy.stall("down")
        b.device.until(lambda d: d.err.count("is not there") > gone)
        b.hear(100)
        b.device.until_said(VERDICTS)
        result = b.deliver("acknowledgements lost", "proxy swallows what the broker says until the device gives up")
        assert result.again > 0, "sent again is what was not acknowledged"


def broker_is_absent_at_boot(folder):
    with Bench(folder, there=False) as b:
        b.device.start()
        b.device.until_said(300)
        assert b.arrived() == 0
        b.open()
        b.hear(300)
        assert json.loads(b.broker.retained(STATUS).payload)["status"] == "online"
        b.deliver("broker absent at boot", "300 verdicts wait, then it is there")


def device_is_off_while_the_broker_is_away(folder):
    """Three runs of the service, the last without a heart: what waits is delivered before what is new, numbered as one."""
    with Bench(folder, there=False) as b:
        for _ in range(2):
            b.device.start()
            b.device.say(100)
            assert b.device.stop().code == OK, "verdicts that are on disk are not lost"
        b.open()
        b.deliver("service stopped and started", "two runs with the broker away, SIGTERM each")
        assert len({v["session"] for v in b.device.said}) == 2 and len({v["series"] for v in b.device.said}) == 1


def kill_the_service(folder, seed: int, kills: int) -> None:
    with Bench(folder, seed=seed) as b:
        moment = random.Random(seed)
        for n in range(kills):
            b.device.start()
            if n % 2:
                b.device.say(moment.randint(1, 40))
                time.sleep(moment.uniform(0, 0.02))
            else:
                time.sleep(moment.uniform(0, 1.5))  # while it starts, too
            b.device.kill()
        b.device.start()
        b.device.until_said(VERDICTS // 2)
        result = b.deliver("service killed", f"{kills} × SIGKILL at random moments, also while it starts", unsaid=kills)
        assert len({v["series"] for v in b.device.said}) == 1 and result.verdicts >= VERDICTS // 2
        seen = statuses(b.witness, b.device)
        assert "offline" in seen and seen[-1] == "stopped" and seen.count("online") >= kills // 4, "killed while connected, too, and not only on the way there"


def service_is_killed(folder):
    kill_the_service(folder, 5, 25)


def service_is_killed_elsewhen(folder):
    kill_the_service(folder, 6, 25)


def service_is_killed_while_the_broker_is_away(folder):
    """Nothing has arrived yet: all that was said must have been on disk."""
    with Bench(folder, there=False) as b:
        moment = random.Random(8)
        for _ in range(8):
            b.device.start()
            b.device.say(moment.randint(1, 60))
            b.device.kill()
        b.open()
        b.device.start(quiet=True)
        b.deliver("service killed, broker away", "8 × SIGKILL right after a verdict was said", unsaid=8)


def standard_output_hangs(folder):
    """A full pipe that nobody reads holds up who reads it, and no verdict."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    try:
        with Bench(folder) as b:
            b.device.start(stdout=writer)
            b.hear(300)
            b.device.kill()
            b.device.start(quiet=True)
            b.device.until(lambda _: statuses(b.witness, b.device).count("online") == 2)
            b.device.stop()
            numbers = [a.json["sequence"] for a in b.witness.on(f"heartsound/{DEVICE}/verdict")]
            assert sorted(set(numbers)) == list(range(1, max(numbers) + 1)), "nobody was told, and all arrived"
    finally:
        os.close(reader)
        os.close(writer)


def says_how_it_is(folder):
    """`online` retained after every connect, `offline` by the will, `stopped` at the end."""
    with Bench(folder) as b:
        retained = lambda: json.loads(b.broker.retained(STATUS).payload)["status"]  # noqa: E731
        b.device.start()
        for n in range(1, 4):
            b.device.until(lambda _: statuses(b.witness, b.device).count("online") == n)
            assert retained() == "online"
            b.proxy.cut()
        b.device.until(lambda _: statuses(b.witness, b.device).count("online") == 4)
        assert statuses(b.witness, b.device) == ["online", "offline"] * 3 + ["online"]
        b.device.kill()
        wait_until(lambda: statuses(b.witness, b.device)[-1] == "offline")
        assert retained() == "offline"
        b.device.start()
        b.device.until(lambda _: statuses(b.witness, b.device)[-1] == "online")
        assert b.device.stop().code == OK
        wait_until(lambda: statuses(b.witness, b.device)[-1] == "stopped")
        assert retained() == "stopped"


@pytest.mark.parametrize("scenario", [
    broker_is_paused, network_is_half_open, broker_acknowledges_nothing, network_is_bad, service_is_killed, service_is_killed_elsewhen, broker_is_killed,
    broker_is_stopped, broker_has_lost_its_database, broker_is_absent_at_boot, device_is_off_while_the_broker_is_away,
    service_is_killed_while_the_broker_is_away, says_how_it_is, standard_output_hangs,
], ids=lambda scenario: scenario.__name__)
def test_nothing_is_lost_or_invented_when(scenario, outcomes):
    outcomes[scenario].result()


@pytest.mark.parametrize("told,words", [
    (["--fast"], "add --simulate"), (["--speed", "3"], "add --simulate"), (["--simulate", "--fast", "--speed", "3"], "contradict"), (["--simulate", "--speed", "0"], "from 0.1"),
])
def test_speed_of_a_heart_that_is_not_simulated_is_refused(told, words):
    done = heartsound("run", *told)
    assert done.code == SETUP and words in done.err


@pytest.fixture(scope="module")
def delivered(tmp_path_factory):
    """What an undisturbed device said, and what arrived of it."""
    with Bench(tmp_path_factory.mktemp("delivered")) as b:
        b.device.start()
        b.device.until_said(20)
        b.deliver("none", "")
        return b.device.said, b.witness.arrivals


def changed(arrival, **fields):
    return type(arrival)(arrival.at, arrival.topic, arrival.qos, arrival.retained, json.dumps({**arrival.json, **fields}).encode())


@pytest.mark.parametrize("fault", ["lost", "invented", "doubled", "unlike", "disordered", "holes"])
def test_audit_finds(delivered, fault):
    """Else the tests above would pass for anything."""
    said, arrivals = delivered
    assert not audit(DEVICE, said, arrivals).faults()
    at = [n for n, a in enumerate(arrivals) if a.topic.endswith("/verdict")]
    some, one = list(arrivals), arrivals[at[5]]
    match fault:
        case "lost" | "holes":
            del some[at[5]]
        case "invented":
            some.append(changed(one, id="another", sequence=10**6))
        case "doubled":
            some.append(changed(one, id="another"))
        case "unlike":
            some.append(changed(one, verdict="normal or so"))
        case "disordered":
            some[at[5]], some[at[6]] = some[at[6]], some[at[5]]
    assert fault in audit(DEVICE, said, some).faults()
