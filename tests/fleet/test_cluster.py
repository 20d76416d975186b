"""The contract on a RabbitMQ cluster: three nodes on loopback, devices on all of them, a node killed under load. And what RabbitMQ's MQTT plugin does not do, so
that docs/fleet.md stays true: a newer RabbitMQ may do more, and then these tests say so."""

import json
import os
import signal
import subprocess
import time

import pytest

from cluster import Cluster
from fleet import arrived, client, fleet_sim, load_average, report, start_fleet, whole
from program import OK, heartsound, wait_until

DEVICES, VERDICTS = 60, 80


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    cluster = Cluster(tmp_path_factory.mktemp("rabbitmq") / "cluster")
    try:
        yield cluster.up()
    finally:
        cluster.down()


def freeze_and_kill(cluster: Cluster, node: int) -> None:
    """For two seconds it takes everything and answers nothing; then it is gone, with what was on its way."""
    os.kill(cluster.pid(node), signal.SIGSTOP)
    time.sleep(2)
    cluster.kill(node)


# Of three nodes the consumer is at the first, and a third of the devices at each.
@pytest.mark.parametrize("node, end", [(1, Cluster.kill), (2, freeze_and_kill)])
def test_node_killed_under_load_nothing_is_lost(cluster, tmp_path, record_property, node, end):
    running = start_fleet(
        tmp_path / "sim", "--devices", DEVICES, "--verdicts", VERDICTS, "--every", 0.25, "--ramp", 2, "--durable", "--drain", 90, "--prefix", f"kill{node}-", brokers=cluster.brokers
    )
    running.until(lambda r: arrived(r) > DEVICES * VERDICTS / 8)
    end(cluster, node)
    assert arrived(running) < DEVICES * VERDICTS / 2, "too late: most had arrived"
    done = running.end()
    cluster.start(node)

    found = report(done)
    assert done.code == OK, done
    whole(found, DEVICES * VERDICTS, in_order=False)  # a consumer whose node is killed may get what it had not acknowledged later than what follows: docs/fleet.md
    assert found["failures"] >= DEVICES // 3, "it was not even noticed"
    print(f"node {node} killed, load average {load_average()}: {json.dumps(found)}")


def test_consumer_away_while_the_node_of_its_session_is_killed(cluster):
    def archive(node: int, *arguments):
        return client("mosquitto_sub", cluster.port(node), "-c", "-i", "archive", "-q", "1", "-t", "heartsound/+/verdict", *arguments)

    assert archive(3, "-E").returncode == 0
    assert fleet_sim("--devices", 20, "--verdicts", 40, "--every", 0.1, "--consume", "none", "--live", "off", "--prefix", "away-", brokers=cluster.brokers).code == OK
    cluster.kill(3)

    verdicts = []
    wait_until(lambda: verdicts.extend(map(json.loads, archive(1, "-W", "4").stdout.splitlines())) or len({(v["series"], v["sequence"]) for v in verdicts}) >= 800)
    cluster.start(3)

    by_series = {}
    for verdict in verdicts:
        numbers = by_series.setdefault(verdict["series"], [])
        if verdict["sequence"] not in numbers:
            numbers.append(verdict["sequence"])
    assert len(by_series) == 20 and all(numbers == list(range(1, 41)) for numbers in by_series.values())


def test_sessions_are_quorum_queues(cluster):
    client("mosquitto_sub", cluster.port(2), "-c", "-i", "kept", "-q", "1", "-t", "heartsound/+/verdict", "-E", check=True)

    queues = cluster.ctl(1, "--quiet", "list_queues", "--no-table-headers", "name", "type", "members")
    kept = next(line for line in queues.splitlines() if line.startswith("mqtt-subscription-keptqos1"))
    assert "quorum" in kept and all(f"hs{n}@localhost" in kept for n in (1, 2, 3))


def test_the_device_itself(cluster, tmp_path):
    """What fleet-sim plays, done by the program that it plays."""
    heart = tmp_path / "heart.wav"
    assert heartsound("simulate", "--out", heart, "--seconds", "12", "--rate", "4000").code == OK
    client("mosquitto_sub", cluster.port(2), "-c", "-i", "ward", "-q", "1", "-t", "heartsound/+/verdict", "-E", check=True)

    done = heartsound("replay", "--fast", heart, "--device", "bed-9", "--broker", cluster.brokers[0], "--json")

    assert done.code == OK, done
    got = client("mosquitto_sub", cluster.port(3), "-c", "-i", "ward", "-q", "1", "-t", "heartsound/+/verdict", "-W", "4").stdout
    assert [json.loads(line)["id"] for line in got.splitlines() if '"bed-9"' in line] == [verdict["id"] for verdict in done.lines]


def test_a_device_may_only_touch_its_own_topics(cluster):
    """The rights of docs/fleet.md, "Users"."""
    queue = "mqtt-subscription-heartsound-bed-7"
    cluster.ctl(1, "add_user", "bed-7", "secret")
    cluster.ctl(1, "set_permissions", "bed-7", f"^{queue}", rf"^({queue}|amq\.topic$)", rf"^({queue}|amq\.topic$)")
    cluster.ctl(
        1, "set_topic_permissions", "bed-7", "amq.topic", r"^heartsound\.{username}\.(status|verdict|verdict\.latest|live|health|state\..*)$", r"^heartsound\.{username}\.cmd\..*$"
    )
    me = ("-i", "heartsound-bed-7", "-u", "bed-7", "-P", "secret", "-q", "1")

    def may_publish(topic: str) -> bool:
        return client("mosquitto_pub", cluster.port(2), *me, "-t", topic, "-m", "{}").returncode == 0

    def may_subscribe(topic: str) -> bool:
        return "Subscribed (mid" in client("mosquitto_sub", cluster.port(2), *me, "-t", topic, "-d", "-W", "2").stdout

    assert all(may_publish(f"heartsound/bed-7/{topic}") for topic in ("status", "verdict", "verdict/latest", "live", "health", "state/mute"))
    assert not may_publish("heartsound/bed-8/verdict") and not may_publish("heartsound/bed-7/cmd/mute")
    assert may_subscribe("heartsound/bed-7/cmd/+")
    assert not may_subscribe("heartsound/bed-8/cmd/+") and not may_subscribe("heartsound/+/verdict")


class TestWhatRabbitMqDoesNotDo:
    @pytest.fixture(scope="class", autouse=True)
    def retained(self, cluster):
        client("mosquitto_pub", cluster.port(1), "-q", "1", "-r", "-t", "heartsound/kept/status", "-m", "online", check=True)

    @pytest.mark.parametrize(
        "node, topic, comes",
        [(1, "heartsound/kept/status", True), (1, "heartsound/+/status", False), (2, "heartsound/kept/status", False)],
        ids=["same-node", "wildcard", "other-node"],
    )
    def test_retained(self, cluster, node, topic, comes):
        got = client("mosquitto_sub", cluster.port(node), "-q", "1", "-t", topic, "-C", "1", "-W", "3").stdout
        assert got.strip() == ("online" if comes else "")

    def test_shared_subscription_is_granted_and_gets_nothing(self, cluster):
        with subprocess.Popen(
            ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(cluster.port(1)), "-q", "1", "-t", "$share/g/heartsound/+/verdict", "-d", "-W", "6"], stdout=subprocess.PIPE, text=True
        ) as shared:
            lines = []
            for line in shared.stdout:
                lines.append(line)
                if line.startswith("Subscribed"):
                    client("mosquitto_pub", cluster.port(1), "-q", "1", "-t", "heartsound/kept/verdict", "-m", "{}", check=True)
        assert any(line.startswith("Subscribed (mid: 1): 1") for line in lines) and not any("PUBLISH" in line for line in lines), lines

    def test_mqtt_5_is_hung_up_on(self, cluster):
        done = client("mosquitto_pub", cluster.port(1), "-V", "5", "-q", "1", "-t", "heartsound/kept/verdict", "-m", "{}")
        assert done.returncode != 0
