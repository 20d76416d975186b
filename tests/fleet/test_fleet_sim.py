"""heartsound fleet-sim on one real mosquitto: what it plays is what devices say, and it sees what is lost, twice, or late."""

import json
import signal

import jsonschema
import pytest

from fleet import FleetBroker, client, fleet_sim, report, start_fleet, whole
from program import NOT_DELIVERED, OK, ROOT, SETUP, USAGE, heartsound, wait_until
from security import Authority, encrypted


@pytest.fixture
def broker(tmp_path):
    broker = FleetBroker(tmp_path / "broker").start()
    yield broker
    broker.stop()


def test_fleet_everything_arrives_and_is_counted(broker):
    done = fleet_sim("--devices", 30, "--verdicts", 8, "--every", 0.25, "--consume", "all", "--broker-pid", broker.pid, brokers=[broker.address])

    found = report(done)
    assert done.code == OK, done
    whole(found, 240)
    assert found["verdicts"]["duplicates"] == 0 and found["failures"] == 0 and found["connects"] == 31
    assert found["liveSent"] == found["liveReceived"] > 30
    assert 0 < found["latency"]["p50"] <= found["latency"]["p95"] <= found["latency"]["p99"] <= found["latency"]["max"]
    assert found["simulator"]["peakBytes"] > found["brokers"][0]["peakBytes"] > 1 << 20


def test_messages_are_those_of_the_contract(broker):
    broker.remember("contract")
    assert fleet_sim("--devices", 3, "--verdicts", 4, "--every", 0.5, "--prefix", "ward_", brokers=[broker.address]).code == OK

    messages = broker.read("contract")
    kinds = {"status": "status", "verdict": "verdict", "latest": "verdict", "health": "health"}
    seen = set()
    for message in messages:
        kind = message.topic.split("/")[-1]
        assert message.topic.startswith("heartsound/ward_000"), message
        seen.add(kind)
        if kind in kinds:
            schema = json.loads((ROOT / f"docs/mqtt/{kinds[kind]}.schema.json").read_text())
            jsonschema.validate(json.loads(message.payload), schema)
    assert seen >= {"status", "verdict", "latest", "health"}
    for device in ("ward_0001", "ward_0002", "ward_0003"):
        numbers = [json.loads(m.payload)["sequence"] for m in messages if m.topic == f"heartsound/{device}/verdict"]
        assert numbers == [1, 2, 3, 4]
        assert json.loads(broker.retained(f"heartsound/{device}/status").payload)["status"] == "stopped"
        assert json.loads(broker.retained(f"heartsound/{device}/verdict/latest").payload)["sequence"] == 4


def test_broker_restarted_under_load_nothing_is_lost(broker, tmp_path):
    running = start_fleet(tmp_path / "sim", "--devices", 20, "--verdicts", 60, "--every", 0.1, "--durable", brokers=[broker.address])
    running.until(lambda r: broker.log.count("as heartsound-fleet-") >= 21)
    broker.stop()  # cleanly: it writes its sessions down
    broker.start()
    done = running.end()

    found = report(done)
    assert done.code == OK, done
    whole(found, 1200)
    assert found["failures"] >= 21, "it was not even noticed"


def test_consumers_share_the_load(broker):
    done = fleet_sim("--devices", 30, "--verdicts", 20, "--every", 0.1, "--consumers", 3, "--group", "ward", brokers=[broker.address])

    found = report(done)
    assert done.code == OK, done
    assert found["verdicts"]["arrived"] == 600 and found["verdicts"]["duplicates"] == 0
    assert sum(found["shares"]) == 600 and min(found["shares"]) > 100, found["shares"]


@pytest.mark.parametrize("tuned", [False, True])
def test_burst_for_a_consumer_that_is_away(tmp_path, tuned):
    """What deploy/fleet/mosquitto.conf is for: by itself mosquitto throws away what is more than 1,000, although it was acknowledged."""
    broker = FleetBroker(tmp_path / "broker", tuned).start()
    try:
        client("mosquitto_sub", broker.port, "-c", "-i", "archive", "-q", "1", "-t", "heartsound/+/verdict", "-E", check=True)
        assert fleet_sim("--devices", 20, "--verdicts", 100, "--every", 0, "--consume", "none", "--live", "off", brokers=[broker.address]).code == OK
        client("mosquitto_pub", broker.port, "-q", "1", "-t", "heartsound/end/verdict", "-m", "end")
        got = client("mosquitto_sub", broker.port, "-c", "-i", "archive", "-q", "1", "-t", "heartsound/+/verdict", "-F", "%t %p", "-W", "5").stdout.splitlines()
    finally:
        broker.stop()
    verdicts = [json.loads(line.split(" ", 1)[1]) for line in got if not line.startswith("heartsound/end/")]
    assert len({(v["series"], v["sequence"]) for v in verdicts}) == (2000 if tuned else 1000)


def test_a_loss_is_seen(tmp_path):
    """The consumer is too slow for mosquitto's own 1,000 when 100 devices go as fast as they can: the report says so, and the exit code."""
    broker = FleetBroker(tmp_path / "broker", tuned=False).start()
    try:
        done = fleet_sim("--devices", 100, "--verdicts", 200, "--every", 0, "--live", "off", "--ramp", 0, "--drain", 5, brokers=[broker.address])
    finally:
        broker.stop()
    counts = report(done)["verdicts"]
    assert done.code == NOT_DELIVERED
    assert counts["acknowledged"] == 20_000 and counts["lost"] == 20_000 - counts["arrived"] > 0


def test_interrupted_devices_say_stopped_and_the_report_comes(broker, tmp_path):
    running = start_fleet(tmp_path / "sim", "--devices", 5, "--every", 0.5, "--duration", 600, brokers=[broker.address])
    running.until(lambda r: broker.log.count("as heartsound-fleet-") >= 6)
    done = running.end(signal.SIGINT)

    found = report(done)
    assert done.code == OK, done
    whole(found, found["verdicts"]["made"])
    assert json.loads(broker.retained("heartsound/fleet-0005/status").payload)["status"] == "stopped"


def test_killed_the_broker_says_offline(broker, tmp_path):
    running = start_fleet(tmp_path / "sim", "--devices", 3, "--every", 5, brokers=[broker.address])
    running.until(lambda r: broker.log.count("as heartsound-fleet-") >= 4)
    wait_until(lambda: json.loads(broker.retained("heartsound/fleet-0003/status").payload)["status"] == "online")
    running.kill()

    wait_until(lambda: json.loads(broker.retained("heartsound/fleet-0003/status").payload)["status"] == "offline")


def test_tls_with_a_certificate_of_its_own(tmp_path):
    authority, stranger = Authority(tmp_path / "authority"), Authority(tmp_path / "stranger")
    certificate, key = authority.make("fleet", client=True)
    with encrypted(tmp_path / "broker", authority.make("broker"), f"cafile {authority.file}", "require_certificate true") as broker:
        address = f"127.0.0.1:{broker.port}"
        done = fleet_sim("--devices", 5, "--verdicts", 3, "--every", 0.2, "--ca", authority.file, "--certificate", certificate, "--key", key, brokers=[address])
        whole(report(done), 15)

        done = fleet_sim("--devices", 1, "--every", 0.2, "--duration", 1, "--drain", 1, "--consume", "none", "--ca", stranger.file, brokers=[address])
        assert done.code == NOT_DELIVERED and "TLS" in report(done)["lastFailure"], done


def test_plain_text_goes_no_further_than_this_machine():
    done = heartsound("fleet-sim", "--broker", "broker.example", "--devices", "1")
    assert done.code == SETUP and "--allow-plain-text" in done.err, done


@pytest.mark.parametrize(
    "arguments, code",
    [
        (["--devices", 0], USAGE),
        (["--devices", "many"], USAGE),
        (["--every", -1], USAGE),
        (["--live", "loud"], USAGE),
        (["--prefix", "a/b"], SETUP),
        (["--verdicts", 0], SETUP),
        (["--consumers", 2], SETUP),
        (["--broker", "host:port"], SETUP),
    ],
)
def test_nonsense_is_refused_in_words(arguments, code):
    broker = [] if "--broker" in arguments else ["--broker", "127.0.0.1:1"]
    done = heartsound("fleet-sim", *broker, *map(str, arguments))

    assert done.code == code and done.err and not done.out, done
