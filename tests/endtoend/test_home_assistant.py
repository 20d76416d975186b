"""What Home Assistant is told, and ``retire``: over a real mosquitto, with Home Assistant's templates rendered by Jinja over what the real program publishes.

Home Assistant itself is not here. Its rules that are held to (schemas of its MQTT integration): which keys a discovery message, a device, an origin and an availability may have; a
binary sensor knows ON, OFF and None; a sensor of class enum knows its options; a numeric sensor takes a number or None; a button needs a command topic.
"""

import datetime
import json
import signal
import subprocess
import time

import jinja2
import pytest

from broker import Broker
from program import NOT_DELIVERED, OK, SETUP, USAGE, heartsound, running, wait_until

DEVICE = "bed-7"
CONFIG = f"homeassistant/device/heartsound-{DEVICE}/config"
STATUS, HEALTH, LATEST, STATE = (f"heartsound/{DEVICE}/{name}" for name in ("status", "health", "verdict/latest", "state/examination"))
LIKE_HERE = {"p", "name", "uniq_id", "qos", "ic", "ent_cat", "en"}
ALLOWED = {
    "sensor": LIKE_HERE | {"stat_t", "val_tpl", "dev_cla", "unit_of_meas", "stat_cla", "ops", "json_attr_t", "json_attr_tpl"},
    "binary_sensor": LIKE_HERE | {"stat_t", "val_tpl", "dev_cla", "avty"},
    "button": LIKE_HERE | {"cmd_t", "pl_prs", "ret", "dev_cla"},
}


@pytest.fixture
def broker(tmp_path):
    broker = Broker(tmp_path / "broker").start()
    yield broker
    broker.stop()


def told(broker, *more):
    return ["run", "--simulate", "--bpm", "75", "--examination-seconds", "5", "--broker", broker.address, "--device", DEVICE, "--json", *more]


KNOWN = ("--set", "broker.homeAssistant=homeassistant")


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """A device that has given a verdict: what it presented, and its messages by topic."""
    folder = tmp_path_factory.mktemp("session")
    broker = Broker(folder / "broker").start()
    with running(folder / "run", *told(broker, *KNOWN)) as device:
        device.until(lambda d: d.out.count("\n") >= 1)
        payloads = {topic: json.loads(broker.retained(topic).payload) for topic in (CONFIG, LATEST, STATUS, HEALTH)}
        wait_until(lambda: json.loads(broker.retained(HEALTH).payload)["model"] is not None)
        payloads[HEALTH] = json.loads(broker.retained(HEALTH).payload)
        device.end(signal.SIGTERM)
    broker.stop()
    return payloads.pop(CONFIG), payloads


def render(template, payload):
    """As Home Assistant's MQTT integration does it: the text as value, and what it means as value_json. What is not there is an error here, and a warning there."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
    return environment.from_string(template).render(value=json.dumps(payload), value_json=payload).strip()


def state(entity, payload):
    """What Home Assistant makes of a message; fails on what it would refuse."""
    text = render(entity["val_tpl"], payload)
    if entity["p"] == "binary_sensor":
        return {"ON": True, "OFF": False, "None": None}[text]
    if text in ("None", ""):
        return None
    if "ops" in entity:
        assert text in entity["ops"], text
    if entity.get("dev_cla") == "timestamp":
        return datetime.datetime.fromisoformat(text[:19] + text[-6:])
    return float(text) if "unit_of_meas" in entity or "stat_cla" in entity else text


def test_message_has_the_form_of_device_discovery(session):
    config, _ = session
    assert set(config) == {"dev", "o", "avty", "cmps"}
    assert set(config["dev"]) == {"ids", "name", "mf", "mdl", "sw"} and config["dev"]["ids"] == [f"heartsound-{DEVICE}"] and "not a medical device" in config["dev"]["mdl"]
    assert set(config["o"]) == {"name", "sw"}
    assert set(config["avty"][0]) == {"t", "val_tpl", "pl_avail", "pl_not_avail"} and config["avty"][0]["t"] == STATUS
    for key, entity in config["cmps"].items():
        assert set(entity) <= ALLOWED[entity["p"]], key
        assert entity["uniq_id"] == f"heartsound_{DEVICE}_{key}" and entity["name"] and entity["qos"] == 1
        assert ("ops" in entity) == (entity.get("dev_cla") == "enum") and entity.get("stat_cla") in (None, "measurement")
        assert entity.get("ent_cat") in (None, "diagnostic") or entity["p"] == "button", "a sensor is never of category config"
        if entity["p"] == "button":
            assert entity["cmd_t"].startswith(f"heartsound/{DEVICE}/cmd/") and entity["ret"] is False, "a retained command is refused"
            assert isinstance(json.loads(entity["pl_prs"]), dict)
        else:
            assert entity["stat_t"] in (STATUS, HEALTH, LATEST, STATE), "what is retained, so that it is there after a restart"


def test_entities_that_were_asked_for_are_there_and_keep_their_keys(session):
    assert list(session[0]["cmps"]) == [
        "verdict", "alarm", "alarm_probability", "confidence", "quality", "heart_rate", "verdict_time", "examination", "status", "health", "fault", "temperature", "waiting", "model",
        "identify", "start", "stop", "mute", "unmute", "restart_capture", "start_av", "start_pv", "start_tv", "start_mv",
    ]


def test_templates_over_the_programs_own_messages_give_its_values(session):
    config, payloads = session
    states = {key: state(e, payloads[e["stat_t"]]) for key, e in config["cmps"].items() if e.get("stat_t") in payloads}
    verdict, health = payloads[LATEST], payloads[HEALTH]
    assert states["verdict"] == verdict["verdict"] and states["alarm"] is verdict["alarm"]
    assert states["heart_rate"] == pytest.approx(verdict["heartRateBpm"], abs=0.51) and states["quality"] == pytest.approx(100 * verdict["quality"]["score"], abs=0.051)
    assert states["confidence"] == (None if verdict["confidence"] is None else pytest.approx(100 * verdict["confidence"], abs=0.051))
    assert states["status"] is True and states["health"] == health["level"] and states["fault"] == (health["level"] != "ok")
    assert states["model"] == f"{health['model']['id']} {health['model']['version']}" and states["waiting"] == health["outbox"]["waiting"]
    assert (states["temperature"] is None) == (health["heat"] is None or health["heat"]["hottest"] is None)
    assert (states["verdict_time"] is None) == (verdict["clockSynced"] is False)
    for key in ("verdict", "health"):
        details = json.loads(render(config["cmps"][key]["json_attr_tpl"], payloads[config["cmps"][key]["json_attr_t"]]))
        assert isinstance(details, dict) and details


@pytest.mark.parametrize("verdict,alarm,shown", [("normal", False, False), ("AS+MR", True, True), ("inconclusive", None, None)])
def test_inconclusive_is_unknown_and_neither_an_alarm_nor_none(session, verdict, alarm, shown):
    config, payloads = session
    said = {**payloads[LATEST], "verdict": verdict, "alarm": alarm, "confidence": None if alarm is None else 0.9}
    if alarm is None:
        said = {**said, "heartRateBpm": None, "alarmProbability": None, "quality": {**said["quality"], "score": None}, "reason": "noise", "advice": 'Say "no" & <wait>'}
    states = {key: state(e, said) for key, e in config["cmps"].items() if e.get("stat_t") == LATEST}
    assert states["alarm"] is shown and states["verdict"] == verdict
    if alarm is None:
        assert {key for key, value in states.items() if value is None} >= {"alarm", "alarm_probability", "confidence", "quality", "heart_rate"}
        details = json.loads(render(config["cmps"]["verdict"]["json_attr_tpl"], said))
        assert details["reason"] == "noise" and details["advice"] == 'Say "no" & <wait>'


@pytest.mark.parametrize("status", ["online", "stopped", "offline"])
def test_device_that_is_away_is_unavailable_and_its_status_says_so(session, status):
    config, payloads = session
    said = {**payloads[STATUS], "status": status}
    assert render(config["avty"][0]["val_tpl"], said) == ("online" if status == "online" else "offline")
    assert state(config["cmps"]["status"], said) is (status == "online") and config["cmps"]["status"]["avty"] == [], "it is there also when the device is not"


@pytest.mark.parametrize("synced", [True, False, None])
def test_time_of_an_unset_clock_is_not_shown(session, synced):
    config, payloads = session
    assert (state(config["cmps"]["verdict_time"], {**payloads[LATEST], "clockSynced": synced}) is None) == (synced is False)


def test_examination_is_what_its_state_says_and_buttons_do_what_they_say(broker, tmp_path):
    """What a button of Home Assistant publishes is obeyed by the program, and its answer is shown."""
    with running(tmp_path / "run", *(("60" if a == "5" else a) for a in told(broker, *KNOWN, "--examination", "button"))) as device:
        device.until(lambda d: "Connected to the broker" in d.err)
        wait_until(lambda: {CONFIG, STATE} <= retained(broker))
        entities = json.loads(broker.retained(CONFIG).payload)["cmps"]
        shown = entities["examination"]
        assert shown["stat_t"] == STATE and state(shown, json.loads(broker.retained(STATE).payload)) in ("idle", "waiting")
        # Nobody can be examined before there is a stethoscope: until then the program refuses, and a person presses again.
        for key, phases in (("start_av", ("waiting", "examining", "betweenSites")), ("stop", ("idle",))):
            wait_until(lambda: press(broker, entities[key]) or state(shown, json.loads(broker.retained(STATE).payload)) in phases, lambda: broker.retained(STATE).payload)
        for key in ("identify", "mute", "unmute", "restart_capture"):
            topic = entities[key]["cmd_t"].replace("/cmd/", "/state/")
            before = broker.retained(topic).payload if topic in retained(broker) else None
            broker.publish(entities[key]["cmd_t"], entities[key]["pl_prs"].encode())
            wait_until(lambda: topic in retained(broker) and broker.retained(topic).payload != before)
            answer = json.loads(broker.retained(topic).payload)
            assert answer["result"] == "obeyed" or answer["cause"] == "notNow", answer
        device.end(signal.SIGTERM)


def press(broker, button):
    broker.publish(button["cmd_t"], button["pl_prs"].encode())
    time.sleep(0.5)


def test_health_without_heat_model_and_outbox_is_shown(session):
    config, payloads = session
    bare = {**payloads[HEALTH], "heat": None, "model": None, "outbox": None}
    for heat in (None, {"hottest": None}, {"hottest": {"name": "CPU", "celsius": 41.5}}):
        states = {key: state(e, {**bare, "heat": heat}) for key, e in config["cmps"].items() if e.get("stat_t") == HEALTH}
        assert states["temperature"] == (41.5 if heat and heat["hottest"] else None) and states["model"] is None and states["waiting"] is None


def test_device_presents_itself_after_every_connect_and_whenever_home_assistant_starts(broker, tmp_path):
    with running(tmp_path / "run", *told(broker, *KNOWN)) as device:
        device.until(lambda d: "Connected to the broker" in d.err)
        wait_until(lambda: published(broker) == 1, lambda: broker.log)
        broker.publish("homeassistant/status", b"offline")
        broker.publish("homeassistant/status", b"online")
        wait_until(lambda: published(broker) == 2, lambda: broker.log)
        broker.publish(CONFIG, b"somebody else's")
        broker.stop()
        broker.start()
        wait_until(lambda: published(broker) == 3, lambda: broker.log)
        device.end(signal.SIGTERM)
    assert json.loads(broker.retained(CONFIG).payload)["dev"]["name"] == DEVICE


def published(broker):
    return sum(f"from heartsound-{DEVICE} (d0, q1, r1" in line and CONFIG in line for line in broker.log.splitlines() if "Received PUBLISH" in line)


def test_device_is_taken_out_of_home_assistant_when_the_setting_is_switched_off_or_changed(broker, tmp_path):
    other = f"other/device/heartsound-{DEVICE}/config"
    neighbour = CONFIG.replace(DEVICE, "bed-8")
    for topic in (CONFIG, neighbour):
        broker_retains(broker, topic, b"{}")
    with running(tmp_path / "other", *told(broker, "--set", "broker.homeAssistant=other")) as device:
        wait_until(lambda: retained(broker) >= {other} and CONFIG not in retained(broker), lambda: device.err)
        device.end(signal.SIGTERM)
    with running(tmp_path / "off", *told(broker)) as device:
        wait_until(lambda: not retained(broker) & {other, CONFIG}, lambda: device.err)
        device.end(signal.SIGTERM)
    assert neighbour in retained(broker), "another device's are left alone"


def test_replay_leaves_home_assistant_alone(broker, heart):
    broker_retains(broker, CONFIG, b"{}")
    assert heartsound("replay", "--fast", "--broker", broker.address, "--device", DEVICE, heart).code == OK
    assert CONFIG in retained(broker)


def test_prefix_that_cannot_be_one_is_refused(broker):
    done = heartsound(*told(broker, "--set", "broker.homeAssistant=a/#"))
    assert done.code == SETUP and "broker.homeAssistant" in done.err


def broker_retains(broker, topic, payload):
    subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(broker.port), "-q", "1", "-r", "-t", topic, "-s"], input=payload, check=True, timeout=30)


def retained(broker):
    """The topics of all that the broker keeps."""
    done = subprocess.run(["mosquitto_sub", "-h", "127.0.0.1", "-p", str(broker.port), "-t", "#", "--retained-only", "-W", "1", "-F", "%t"], capture_output=True, text=True)
    return set(done.stdout.split())


@pytest.fixture
def gone(broker, tmp_path):
    """A broker that remembers a device that has stopped, and its neighbour."""
    with running(tmp_path / "gone", *told(broker, *KNOWN)) as device:
        device.until(lambda d: d.out.count("\n") >= 1)
        wait_until(lambda: LATEST in retained(broker))
        device.end(signal.SIGTERM)
    for topic in (f"heartsound/{DEVICE}/state/mute", f"heartsound/{DEVICE}/of/a/later/version", "heartsound/bed-8/status", "heartsound/bed-77/health"):
        broker_retains(broker, topic, b"{}")
    return broker


NEIGHBOURS = {"heartsound/bed-8/status", "heartsound/bed-77/health"}


def test_retire_clears_all_of_one_device_and_nothing_else(gone):
    before = retained(gone)
    assert before >= {CONFIG, STATUS, HEALTH, LATEST} | NEIGHBOURS
    done = heartsound("retire", "--broker", gone.address, "--device", DEVICE, "--yes")
    assert done.code == OK and retained(gone) == NEIGHBOURS, done
    assert sorted(done.out.splitlines()) == sorted(f"cleared: {topic}" for topic in before - NEIGHBOURS) and done.out.startswith(f"cleared: {CONFIG}"), "Home Assistant forgets it first"
    again = heartsound("retire", "--broker", gone.address, "--device", DEVICE, "--yes")
    assert again.code == OK and again.out == "" and "keeps nothing" in again.err


@pytest.mark.parametrize("more,code", [((), USAGE), (("--dry-run",), OK), (("--dry-run", "--yes"), OK)])
def test_retire_changes_nothing_unless_it_is_told_to(gone, more, code):
    before = retained(gone)
    done = heartsound("retire", "--broker", gone.address, "--device", DEVICE, "--json", *more)
    assert done.code == code and retained(gone) == before
    assert set(done.lines[0]["topics"]) == before - NEIGHBOURS and done.lines[0]["status"] == "stopped" and done.lines[0]["cleared"] is False


def test_retire_refuses_a_device_that_is_online_unless_forced(broker, tmp_path):
    with running(tmp_path / "run", *told(broker)) as device:
        device.until(lambda d: "Connected to the broker" in d.err)
        wait_until(lambda: STATUS in retained(broker))
        refused = heartsound("retire", "--broker", broker.address, "--device", DEVICE, "--yes")
        assert refused.code == SETUP and "online" in refused.err and STATUS in retained(broker)
        assert heartsound("retire", "--broker", broker.address, "--device", DEVICE, "--yes", "--force").code == OK
        device.kill()


def test_retire_that_may_not_write_says_what_is_left(tmp_path):
    broker = Broker(tmp_path / "broker")
    config = broker._config.read_text()
    (tmp_path / "broker/acl").write_text(f"topic read #\ntopic write heartsound/{DEVICE}/retire/#\ntopic write witness/#\n")
    broker.start()
    broker_retains(broker, STATUS, b"{}")
    broker.stop()
    broker._config.write_text(config + f"acl_file {tmp_path / 'broker/acl'}\n")
    broker.start()
    done = heartsound("retire", "--broker", broker.address, "--device", DEVICE, "--yes")
    broker.stop()
    assert done.code == NOT_DELIVERED and done.out == f"not cleared: {STATUS}\n" and "may not write" in done.err


def test_retire_says_when_the_broker_does_not_answer_and_what_cannot_be_a_device():
    absent, wrong = heartsound("retire", "--broker", "127.0.0.1:1", "--device", DEVICE, "--yes"), heartsound("retire", "--broker", "127.0.0.1:1", "--device", "#", "--yes")
    assert absent.code == SETUP and "127.0.0.1:1" in absent.err and wrong.code == SETUP and "--device" in wrong.err
