"""Commands to a real ``run --simulate`` over a real mosquitto: obeyed, answered, refused, and never too many."""

import json
import random
import re
import shlex
import subprocess
import time

import jsonschema
import pytest

from broker import FORMAT, Broker, Message
from program import DEADLINE, ROOT, running, wait_until

DEVICE = "bed-7"
CMD, STATE = f"heartsound/{DEVICE}/cmd", f"heartsound/{DEVICE}/state"
RUN = ("run", "--simulate", "--bpm", "75", "--examination", "button", "--examination-seconds", "6", "--device", DEVICE, "--lights", "terminal", "--json")
DOCS = ROOT / "docs/commands.md"


def schema(name: str) -> jsonschema.Draft202012Validator:
    text = json.loads((ROOT / f"docs/mqtt/{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(text)
    return jsonschema.Draft202012Validator(text, format_checker=jsonschema.FormatChecker())


class Remote:
    """A device at work and somebody who commands it; all that it says is heard by a client of its own."""

    def __init__(self, broker: Broker, device, folder):
        self.broker, self.device, self._log, self._count = broker, device, folder / "heard", 0
        topics = [word for name in ("verdict", "live", "health", "state/+") for word in ("-t", f"heartsound/{DEVICE}/{name}")]
        with self._log.open("wb") as log:
            self._client = subprocess.Popen(
                ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(broker.port), "-q", "1", *topics, "-F", FORMAT], stdout=log
            )
        self.until(lambda: self.states("examination") and self.live())

    def close(self) -> None:
        self._client.kill()
        self._client.wait()

    def heard(self, topic: str) -> list[dict]:
        lines = self._log.read_text().split("\n")[:-1]
        messages = [Message.of(line) for line in lines]
        return [json.loads(m.payload) for m in messages if m.topic == topic]

    def states(self, name: str) -> list[dict]:
        return self.heard(f"{STATE}/{name}")

    def live(self) -> dict | None:
        return (self.heard(f"heartsound/{DEVICE}/live") or [None])[-1]

    def verdicts(self) -> list[dict]:
        return self.heard(f"heartsound/{DEVICE}/verdict")

    def until(self, condition) -> None:
        wait_until(condition, lambda: f"heard:\n{self._log.read_text()[-3000:]}\n{self.device.err}")

    def send(self, name: str, payload: bytes) -> None:
        self.broker.publish(f"{CMD}/{name}", payload)

    def ask(self, name: str, **fields) -> dict:
        """Commands, and returns the answer."""
        self._count += 1
        fields["id"] = f"test {self._count}"
        command = {**fields}
        schema("command").validate(command)
        self.send(name, json.dumps(command).encode())
        self.until(lambda: any(s["commandId"] == fields["id"] for s in self.states(name)))
        return next(s for s in self.states(name) if s["commandId"] == fields["id"])


@pytest.fixture(scope="module")
def remote(tmp_path_factory):
    folder = tmp_path_factory.mktemp("commands")
    broker = Broker(folder / "broker").start()
    with running(folder / "run", *RUN, "--broker", broker.address) as device:
        device.until(lambda d: "Listening to" in d.err)
        remote = Remote(broker, device, folder)
        yield remote
        remote.close()
        for message in remote.states("examination") + remote.states("mute") + remote.states("identify"):
            schema("state").validate(message)
        for message in remote.heard(f"heartsound/{DEVICE}/live"):
            schema("live").validate(message)
    broker.stop()


def pause(seconds: float = 4) -> None:
    """Until so many commands more are taken as seconds pass."""
    time.sleep(seconds)


def test_states_are_retained_and_there_after_the_connect(remote):
    for name, value in (("examination", {"phase": "idle", "site": None, "examination": None, "sites": []}), ("mute", {"until": None}), ("identify", {"until": None})):
        kept = remote.broker.retained(f"{STATE}/{name}")
        assert kept.retained and json.loads(kept.payload)["value"] == value


def test_examination_of_four_sites_ends_in_one_verdict_with_all_of_them(remote):
    examination = None
    for number, site in enumerate(("AV", "PV", "TV", "MV")):
        answer = remote.ask("examination", action="start", site=site)
        assert (answer["result"], answer["value"]["phase"], answer["value"]["site"]) == ("obeyed", "examining", site)
        assert answer["value"]["sites"] == ["AV", "PV", "TV", "MV"][:number]
        examination = examination or answer["value"]["examination"]
        assert answer["value"]["examination"] == examination
        if site == "MV":
            break
        remote.until(lambda: remote.states("examination")[-1]["value"]["phase"] == "betweenSites")  # by itself, as its seconds are over
        told = remote.states("examination")[-1]
        assert told["commandId"] is None and told["value"]["sites"][-1] == site and not remote.verdicts()
        remote.until(lambda: remote.live()["scene"] == "nextSite" and remote.live()["phase"] == "betweenSites" and remote.live()["site"] is None)
    remote.until(lambda: remote.live()["site"] == "MV")
    remote.until(remote.verdicts)
    remote.until(lambda: remote.states("examination")[-1]["value"]["phase"] == "idle")
    verdict, = remote.verdicts()
    schema("verdict").validate(verdict)
    assert verdict["examination"]["id"] == examination and verdict["examination"]["site"] is None
    sites = verdict["examination"]["sites"]
    assert [s["site"] for s in sites] == ["AV", "PV", "TV", "MV"]
    assert all(a["endSeconds"] <= b["startSeconds"] for a, b in zip(sites, sites[1:]))
    assert all(s["endSeconds"] - s["startSeconds"] == pytest.approx(6, abs=0.3) and s["quality"]["windows"] >= 1 for s in sites)
    assert verdict["alarm"] == (True if any(s["alarm"] for s in sites) else None if any(s["alarm"] is None for s in sites) else False)
    assert verdict["quality"]["windows"] == sum(s["quality"]["windows"] for s in sites)
    assert "lights: next site" in remote.device.err


def test_stop_ends_an_examination_and_what_cannot_be_done_now_is_refused(remote):
    heard = len(remote.verdicts())
    refused = remote.ask("examination", action="stop")
    assert (refused["result"], refused["cause"]) == ("refused", "notNow") and "under way" in refused["message"]
    assert remote.ask("examination", action="start", site="PV")["result"] == "obeyed"
    stopped = remote.ask("examination", action="stop")
    assert stopped["result"] == "obeyed" and stopped["value"]["phase"] == "idle"
    remote.until(lambda: len(remote.verdicts()) > heard)
    assert remote.verdicts()[-1]["examination"]["site"] == "PV"
    refused = remote.ask("restart-capture")
    assert (refused["cause"], refused["value"]) == ("notNow", {}), "a simulated heart has no stethoscope"


def test_mute_darkens_the_lamps_but_not_identify_and_ends_by_itself(remote):
    pause()
    remote.until(lambda: "lights: listening" in remote.device.err)
    before = len(remote.device.err)
    muted = remote.ask("mute", minutes=0.2)
    assert muted["value"]["until"]
    remote.until(lambda: (remote.live() or {}).get("mutedUntil") == muted["value"]["until"])
    remote.until(lambda: "lights: off" in remote.device.err[before:])
    dark = remote.device.err.rindex("lights: off")
    identified = remote.ask("identify")
    assert identified["value"]["until"]
    remote.until(lambda: "lights: identify" in remote.device.err[dark:])
    remote.until(lambda: remote.states("mute")[-1]["value"]["until"] is None)
    assert remote.states("mute")[-1]["commandId"] is None, "nobody said so"
    remote.until(lambda: remote.states("identify")[-1]["value"]["until"] is None)
    remote.until(lambda: "lights: listening" in remote.device.err[dark:] and remote.live()["mutedUntil"] is None)
    assert remote.ask("mute", minutes=60)["value"]["until"]
    assert remote.ask("mute", minutes=0)["value"]["until"] is None


@pytest.mark.parametrize(
    "name, payload, cause",
    [
        ("mute", b"{", "malformed"),
        ("mute", b'{"minutes":"5"}', "malformed"),
        ("mute", b'{"minutes":5,"why":"sleep"}', "malformed"),
        ("examination", b"\xff\xfe", "malformed"),
        ("examination", b"[" * 4000, "malformed"),
        ("identify", b" " * 5000, "malformed"),
        ("identify", b"x" * 1_000_000, "malformed"),
        ("self-destruct", b"", "unknown"),
    ],
    ids=range(8),
)
def test_what_cannot_be_obeyed_is_answered(remote, name, payload, cause):
    pause(1.5)
    before = len(remote.states(name))
    remote.send(name, payload)
    remote.until(lambda: len(remote.states(name)) > before)
    answer = remote.states(name)[-1]
    schema("state").validate(answer)
    assert (answer["result"], answer["cause"]) == ("refused", cause) and answer["message"]


def test_answers_to_unknown_commands_are_not_kept(remote):
    remote.broker.remember("latecomer")
    kept = {m.topic for m in remote.broker.read("latecomer") if m.retained}
    assert f"{STATE}/self-destruct" not in kept and f"{STATE}/mute" in kept


def test_flood_is_refused_and_the_device_works_on(remote):
    pause(10)
    commands = b"".join(b'{"minutes":0}\n' for _ in range(500))
    before = len(remote.states("mute"))
    subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(remote.broker.port), "-q", "1", "-t", f"{CMD}/mute", "-l"], input=commands, check=True, timeout=DEADLINE)
    remote.until(lambda: any(s["cause"] == "tooMany" for s in remote.states("mute")[before:]))
    pause(10)
    answers = remote.states("mute")[before:]
    assert 10 <= len([s for s in answers if s["result"] == "obeyed"]) <= 40 and len(answers) < 100
    assert remote.ask("identify")["result"] == "obeyed"


def test_garbage_on_every_topic_ends_nothing(remote):
    noise = random.Random(11)
    for _ in range(60):
        remote.send(noise.choice(["examination", "mute", "x" * 40, "ü", "a b", "restart-capture"]), noise.randbytes(noise.randrange(200)))
    pause(6)
    assert remote.ask("examination", action="start")["result"] == "obeyed"
    heard = len(remote.verdicts())
    assert remote.ask("examination", action="stop")["result"] == "obeyed"
    remote.until(lambda: len(remote.verdicts()) > heard)
    assert remote.verdicts()[-1]["examination"]["sites"] is None
    assert "\n   at " not in remote.device.err


def test_command_that_the_broker_kept_is_refused(tmp_path):
    broker = Broker(tmp_path / "broker").start()
    subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(broker.port), "-q", "1", "-r", "-t", f"{CMD}/examination", "-m", '{"action":"start"}'], check=True)
    with running(tmp_path / "run", *RUN, "--broker", broker.address) as device:
        device.until(lambda d: "Command examination is refused: Retained" in d.err)
        wait_until(lambda: json.loads(broker.retained(f"{STATE}/examination").payload)["cause"] == "retained")
        assert json.loads(broker.retained(f"{STATE}/examination").payload)["value"]["examination"] is None
    broker.stop()


def examples() -> list[str]:
    """The mosquitto_pub lines of docs/commands.md."""
    return [line[2:] for block in re.findall(r"^```console\n(.*?)^```", DOCS.read_text(), re.MULTILINE | re.DOTALL) for line in block.splitlines() if line.startswith("$ ")]


@pytest.mark.parametrize("line", examples())
def test_example_of_the_documentation_is_obeyed(remote, line):
    pause(1.5)
    words = shlex.split(line)
    assert words[0] == "mosquitto_pub"
    topic = words[words.index("-t") + 1]
    name = topic.rsplit("/", 1)[1]
    payload = words[words.index("-m") + 1] if "-m" in words else "{}"
    schema("command").validate(json.loads(payload))
    before = len(remote.states(name))
    words[words.index("-h") + 1] = "127.0.0.1"
    words[words.index("-t") + 1] = f"{CMD}/{name}"
    subprocess.run([*words, "-p", str(remote.broker.port)], check=True, timeout=DEADLINE)
    remote.until(lambda: len(remote.states(name)) > before)
    answers = remote.states(name)[before:]
    assert all(a["result"] == "obeyed" or (name == "restart-capture" and a["cause"] == "notNow") for a in answers), answers


def test_command_schema_refuses_what_the_device_refuses():
    good = schema("command")
    for command in ({}, {"id": "x"}, {"action": "stop"}, {"action": "start", "site": "TV"}, {"minutes": 0}, {"minutes": 60, "id": None}):
        assert good.is_valid(command), command
    for command in ([], {"action": "begin"}, {"action": "stop", "site": "AV"}, {"minutes": "5"}, {"minutes": 61}, {"id": "x" * 65}, {"action": "start", "minutes": 5}, {"x": 1}):
        assert not good.is_valid(command), command


def test_state_schema_refuses_messages_that_are_no_good(remote):
    good = remote.states("examination")[0]
    for bad in ({"result": "maybe"}, {"result": "refused"}, {"cause": "notNow"}, {"value": {"phase": "idle"}}, {"value": None}, {"commandId": 7}, {"schema": 2}):
        assert not schema("state").is_valid({**good, **bad}), bad
