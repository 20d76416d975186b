"""``replay``, ``run`` and ``watch`` with a real mosquitto: what is on the wire, and what happens when the broker is not there."""

import datetime
import json
import shutil
import signal
import uuid

import jsonschema
import numpy as np
import pytest

import wavs
from broker import Broker
from program import NOT_DELIVERED, OK, ROOT, SETUP, SOME_FAILED, USAGE, heartsound, running, wait_until

DEVICE = "bed-7"
VERDICT, LATEST, STATUS = (f"heartsound/{DEVICE}/{name}" for name in ("verdict", "verdict/latest", "status"))
PATIENT = "Doe_Jane_1958"  # in the name of every file here, and so never to be seen on the wire


def schema(name: str) -> jsonschema.Draft202012Validator:
    text = json.loads((ROOT / f"docs/mqtt/{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(text)
    return jsonschema.Draft202012Validator(text, format_checker=jsonschema.FormatChecker())


@pytest.fixture
def broker(tmp_path):
    broker = Broker(tmp_path / "broker").start()
    yield broker
    broker.stop()


@pytest.fixture(scope="module")
def files(tmp_path_factory, simulate):
    """A clean heart, silence, and a murmur."""
    folder = tmp_path_factory.mktemp("files")
    shutil.copy(simulate(), folder / f"1 {PATIENT}.wav")
    wavs.write(folder / f"2 {PATIENT}.wav", 4000, np.zeros(40000))
    shutil.copy(simulate(rate=16000, murmur="systolic", murmur_level=0.4, bpm=90), folder / f"3 {PATIENT}.wav")
    return sorted(folder.iterdir())


@pytest.fixture(scope="module")
def session(tmp_path_factory, files):
    """One fast replay of three files: the run, everything that a witness saw, and the broker with what it retained."""
    broker = Broker(tmp_path_factory.mktemp("session") / "broker").start()
    broker.remember("witness")
    done = heartsound("replay", "--fast", "--broker", broker.address, "--device", DEVICE, "--json", *files)
    yield done, broker.read("witness"), broker
    broker.stop()


def payloads(messages, topic) -> list[dict]:
    return [json.loads(m.payload) for m in messages if m.topic == topic]


@pytest.fixture(scope="module", autouse=True)
def hopeless(tmp_path_factory, files):
    """Replays that cannot deliver. They wait a while before they give up, so they do that beside the other tests: to a broker that never comes,
    and with a wrong password."""
    folder = tmp_path_factory.mktemp("hopeless")
    absent, strict = Broker(folder / "absent"), Broker(folder / "strict", {DEVICE: "right ü"}).start()
    (folder / "password").write_text("wrong\n")
    (folder / "password").chmod(0o600)
    told = ["replay", "--fast", "--device", DEVICE, "--json"]
    with running(folder / "a", *told, "--broker", absent.address, *files) as never, running(
        folder / "b", *told, "--broker", strict.address, "--user", DEVICE, "--password-file", folder / "password", files[0]
    ) as refused:
        yield {"never": never, "refused": refused, "strict": strict, "absent": absent}
    strict.stop()


def test_replay_ends_well_and_every_message_is_on_a_topic_of_the_contract_with_qos_1(session):
    done, messages, _ = session
    assert done.code == OK and "Connected to the broker" in done.err
    topics = [m.topic for m in messages]
    assert [t for t in topics if t != LATEST] == [STATUS, *[VERDICT] * 3, STATUS]
    assert topics.index(LATEST) > topics.index(VERDICT) and topics[-2] == LATEST, "the newest, once everything that waited is on its way"
    assert all(m.qos == 1 for m in messages) and not any(m.retained for m in messages), "who listens already gets them as new"


def test_every_message_validates_against_its_schema(session):
    _, messages, _ = session
    for topic, name in ((STATUS, "status"), (VERDICT, "verdict"), (LATEST, "verdict")):
        for payload in payloads(messages, topic):
            schema(name).validate(payload)
            assert payload["device"] == DEVICE


def test_schemas_refuse_messages_that_are_no_good(session):
    """Else the test above would pass for anything."""
    good = payloads(session[1], VERDICT)[0]
    for bad in ({"verdict": ""}, {"sequence": 0}, {"id": "7"}, {"alarmProbability": 1.5}, {"model": {}}, {"verdict": "inconclusive", "reason": None}, {"device": "Ward 3"}, {"provider": "Abacus"}):
        assert not schema("verdict").is_valid({**good, **bad}), bad


def test_verdicts_on_the_wire_are_those_on_standard_output(session):
    done, messages, _ = session
    assert payloads(messages, VERDICT) == done.lines
    latest = payloads(messages, LATEST)
    assert latest == [v for v in done.lines if v in latest] and latest[-1] == done.lines[-1]


def test_verdicts_are_counted_without_a_hole_and_have_ids_of_their_own(session):
    verdicts = payloads(session[1], VERDICT)
    assert [v["sequence"] for v in verdicts] == [1, 2, 3] and len({v["session"] for v in verdicts}) == 1
    assert len({v["id"] for v in verdicts} | {v["examination"]["id"] for v in verdicts}) == 6
    assert all(uuid.UUID(v["id"]) for v in verdicts)


def test_times_are_of_now_with_a_zone_and_in_order(session):
    times = [datetime.datetime.fromisoformat(v["time"][:19] + v["time"][-6:]) for v in payloads(session[1], VERDICT)]
    now = datetime.datetime.now(datetime.timezone.utc)
    assert times == sorted(times) and all(datetime.timedelta(0) <= now - t < datetime.timedelta(hours=1) for t in times)
    clocks = [v["monotonicSeconds"] for v in payloads(session[1], VERDICT)]
    assert clocks == sorted(clocks)


def test_verdicts_are_those_of_classify(session, files):
    """The service and ``classify`` are one pipeline."""
    ours = heartsound("classify", "--json", "--quiet", *files).lines
    for wire, line in zip(payloads(session[1], VERDICT), ours, strict=True):
        names = ("verdict", "reason", "advice", "probabilities", "alarmProbability", "confidence", "heartRateBpm", "quality", "model", "provider")
        assert {k: wire[k] for k in names} == {k: line[k] for k in names}
        assert wire["examination"]["startSeconds"] == 0 and wire["examination"]["endSeconds"] == pytest.approx(line["seconds"])
    assert payloads(session[1], VERDICT)[1]["reason"] == "noSignal"


def test_status_is_online_then_stopped_of_one_session(session):
    online, stopped = payloads(session[1], STATUS)
    assert (online["status"], stopped["status"]) == ("online", "stopped")
    assert online["session"] == stopped["session"] == payloads(session[1], VERDICT)[0]["session"]


def test_newest_verdict_and_status_are_retained_and_nothing_else(session):
    done, _, broker = session
    latest, status = broker.retained(LATEST), broker.retained(STATUS)
    assert latest.retained and json.loads(latest.payload) == done.lines[-1] and status.retained and json.loads(status.payload)["status"] == "stopped"
    broker.remember("latecomer")
    assert {m.topic for m in broker.read("latecomer") if m.retained} == {LATEST, STATUS}


def test_file_names_are_not_on_the_wire_unless_asked_for(session, files, broker):
    done, messages, _ = session
    assert all(PATIENT not in m.payload for m in messages) and PATIENT not in done.out
    broker.remember("witness")
    named = heartsound("replay", "--fast", "--broker", broker.address, "--device", DEVICE, "--publish-file-names", files[1])
    (verdict,) = payloads(broker.read("witness"), VERDICT)
    assert named.code == OK and verdict["examination"]["recording"] == files[1].name and PATIENT in named.out.replace("\n", "")
    schema("verdict").validate(verdict)


def test_device_that_is_killed_is_reported_offline_by_its_will(broker, files, tmp_path):
    broker.remember("witness")
    with running(tmp_path / "run", "replay", "--broker", broker.address, "--device", DEVICE, files[0]) as device:
        online = json.loads(broker.read_until("witness", lambda m: m.topic == STATUS)[-1].payload)
        device.kill()
    offline = json.loads(broker.read_until("witness", lambda m: m.topic == STATUS)[-1].payload)
    schema("status").validate(offline)
    assert (online["status"], offline["status"]) == ("online", "offline") and online["session"] == offline["session"]
    assert broker.retained(STATUS).payload == json.dumps(offline, separators=(",", ":"))


def test_broker_that_comes_late_gets_every_verdict(broker, files, tmp_path):
    broker.remember("witness")
    broker.stop()
    with running(tmp_path / "run", "replay", "--fast", "--broker", broker.address, "--device", DEVICE, "--json", *files) as device:
        device.until(lambda d: d.out.count("\n") == 3 and "is not there" in d.err)
        broker.start()
        done = device.end()
    assert done.code == OK
    assert payloads(broker.read("witness"), VERDICT) == done.lines and len(done.lines) == 3


def test_broker_that_restarts_during_a_replay_loses_nothing(broker, simulate, tmp_path):
    """In real time, so that the device is still listening while the broker goes and comes back."""
    broker.remember("witness")
    with running(tmp_path / "run", "replay", "--broker", broker.address, "--device", DEVICE, "--json", simulate(seconds=7)) as device:
        device.until(lambda d: "Connected to the broker" in d.err)
        broker.stop()
        device.until(lambda d: "is not there" in d.err)
        broker.start()
        done = device.end()
    messages = broker.read("witness")
    assert done.code == OK and payloads(messages, VERDICT) == done.lines and [v["sequence"] for v in done.lines] == [1]
    assert [s["status"] for s in payloads(messages, STATUS)] == ["online", "offline", "online", "stopped"], "the broker says offline itself when it ends"


def test_replay_without_a_broker_needs_none(files):
    done = heartsound("replay", "--fast", "--device", DEVICE, "--json", files[1])
    assert done.code == OK and len(done.lines) == 1 and done.lines[0]["verdict"] == "inconclusive" and done.err == ""


def test_replay_goes_on_after_a_broken_file_and_says_so(files, tmp_path):
    (tmp_path / "broken.wav").write_text("no recording")
    done = heartsound("replay", "--fast", "--device", DEVICE, "--json", tmp_path / "broken.wav", files[1])
    assert done.code == SOME_FAILED and len(done.lines) == 1 and "broken.wav" in done.err


def test_right_password_is_let_in(hopeless, files, tmp_path):
    (tmp_path / "password").write_text("right ü\n")
    (tmp_path / "password").chmod(0o600)
    strict = hopeless["strict"]
    strict.remember("witness")
    done = heartsound("replay", "--fast", "--broker", strict.address, "--device", "let-in", "--user", DEVICE, "--password-file", tmp_path / "password", files[1])
    assert done.code == OK and len(payloads(strict.read("witness"), "heartsound/let-in/verdict")) == 1 and "right" not in done.err


@pytest.mark.parametrize("mode,text,words", [(0o644, "secret\n", "chmod 600"), (0o640, "secret\n", "chmod 600"), (0o600, "", "no password"), (None, "", "cannot be read")])
def test_password_file_that_is_no_good_is_refused(tmp_path, files, mode, text, words):
    if mode is not None:
        (tmp_path / "password").write_text(text)
        (tmp_path / "password").chmod(mode)
    done = heartsound("replay", "--broker", "127.0.0.1:1", "--device", DEVICE, "--user", "u", "--password-file", tmp_path / "password", files[1])
    assert done.code == SETUP and words in done.err and str(tmp_path / "password") in done.err and "secret" not in done.err


@pytest.mark.parametrize("told,words", [(["--broker", "host:0"], "host:0"), (["--broker", "a b"], "a b"), (["--device", "Ward 3/bed"], "Ward 3/bed")])
def test_broker_and_device_that_cannot_be_are_refused(files, told, words):
    done = heartsound("replay", "--fast", *told, files[1])
    assert done.code == SETUP and words in done.err


@pytest.fixture(scope="module")
def verdict(session):
    return payloads(session[1], VERDICT)[0]


GARBAGE = [
    b"", b"null", b"[]", b"7", b'"text"', b"{}", b"{", b"\xff\xfe\x00", b"\x00" * 50, b'{"schema":1}', b"[" * 3000, b'{"schema":1,"sequence":1e999}',
]


@pytest.mark.parametrize("form,ending", [("text", signal.SIGINT), ("json", signal.SIGTERM)])
def test_watch_shows_verdicts_of_all_devices_survives_garbage_and_ends_on_a_signal(broker, files, verdict, tmp_path, form, ending):
    other = {**verdict, "device": "other-device", "id": str(uuid.uuid4()), "somethingNew": {"of": "a later version"}, "verdict": "[red]markup[/]"}
    with running(tmp_path / "run", "watch", "--broker", broker.address, *(["--json"] if form == "json" else [])) as watch:
        wait_until(lambda: broker.log.count("heartsound/+/") >= 2)
        damaged = [json.dumps({**verdict, **bad}).encode() for bad in ({"schema": 2}, {"quality": None}, {"probabilities": []}, {"time": "yesterday"})]
        for payload in (*GARBAGE, *damaged):
            broker.publish("heartsound/[evil]/verdict", payload)
            broker.publish("heartsound/[evil]/status", payload)
        broker.publish("heartsound/other-device/verdict", json.dumps(other).encode())
        done = heartsound("replay", "--fast", "--broker", broker.address, "--device", DEVICE, "--json", files[1])
        watch.until(lambda w: "other-device" in w.out and DEVICE in w.out and (form == "json" or f"{DEVICE} is stopped" in w.out))
        watched = watch.end(ending)
    assert done.code == OK and watched.code == OK and "cannot be read" in watched.err
    if form == "json":
        assert watched.lines[-2:] == [other, done.lines[0]]
    else:
        assert "other-device #1" in watched.out and "[red]markup[/]" in watched.out and f"{DEVICE} #1" in watched.out and "? inconclusive" in watched.out


def test_watch_waits_for_a_broker_that_is_absent_and_comes_back_after_a_restart(broker, files, tmp_path):
    broker.stop()
    with running(tmp_path / "run", "watch", "--broker", broker.address, "--json") as watch:
        watch.until(lambda w: "is not there" in w.err)
        broker.start()
        wait_until(lambda: broker.log.count("heartsound/+/") >= 2)
        done = heartsound("replay", "--fast", "--broker", broker.address, "--device", DEVICE, "--json", files[1])
        watch.until(lambda w: w.out.count("\n") == 1)
        assert watch.end(signal.SIGTERM).lines == done.lines


def test_watch_without_a_broker_is_a_wrong_command_line():
    assert heartsound("watch").code == USAGE


def test_run_gives_a_verdict_each_examination_until_it_is_told_to_stop(broker, tmp_path):
    broker.remember("witness")
    with running(
        tmp_path / "run", "run", "--simulate", "--bpm", "75", "--examination-seconds", "5", "--broker", broker.address, "--device", DEVICE, "--json"
    ) as device:
        device.until(lambda d: d.out.count("\n") == 2)
        done = device.end(signal.SIGTERM)
    messages = broker.read("witness")
    verdicts = payloads(messages, VERDICT)
    for message in verdicts:
        schema("verdict").validate(message)
    assert done.code == OK and verdicts == done.lines and [v["sequence"] for v in verdicts] == list(range(1, len(verdicts) + 1))
    spans = [(v["examination"]["startSeconds"], v["examination"]["endSeconds"]) for v in verdicts]
    assert spans[0][0] == 0 and all(a[1] == b[0] for a, b in zip(spans, spans[1:])) and all(end - start == pytest.approx(5, abs=0.2) for start, end in spans[:2])
    assert [s["status"] for s in payloads(messages, STATUS)] == ["online", "stopped"]
    assert all(v["quality"]["acceptedWindows"] >= 1 and v["reason"] in (None, "uncertain") for v in verdicts[:2]), "5 s of a clean heart are enough for the model's policy"


def test_run_says_what_it_hears_and_how_it_is(broker, tmp_path):
    with running(tmp_path / "run", "run", "--simulate", "--broker", broker.address, "--device", DEVICE) as device:
        live = [json.loads(message.payload) for message in broker.hear(f"heartsound/{DEVICE}/live", 20)]
        health, = [json.loads(message.payload) for message in broker.hear(f"heartsound/{DEVICE}/health", 1)]
        device.end(signal.SIGTERM)
    for message in live:
        schema("live").validate(message)
    schema("health").validate(health)
    times = [datetime.datetime.fromisoformat(message["time"]) for message in live]
    assert (times[-1] - times[0]).total_seconds() / 19 < 0.75, "twice a second"
    assert live[-1]["scene"] == "listening" and live[-1]["hint"] == "good" and live[-1]["phase"] == "examining"
    assert 60 < live[-1]["heartRateBpm"] < 85 and live[-1]["remainingSeconds"] < 30 and live[-1]["examination"]
    assert health["level"] == "ok" and health["parts"]["model"]["cause"] == "ready" and health["parts"]["broker"]["cause"] == "connected"
    assert health["heat"] is None or health["heat"]["zones"], "a machine without sensors does not tell"


@pytest.mark.parametrize("told", [["--examination-seconds", "4"], ["--examination-seconds", "601"], ["--bpm", "500"]])
def test_run_with_values_out_of_range_is_refused_before_anything_starts(told):
    done = heartsound("run", "--simulate", *told)
    assert done.code == SETUP and "must be" in done.err


def test_verdicts_that_no_broker_took_are_counted_and_the_exit_code_says_so(hopeless):
    done = hopeless["never"].end()
    assert done.code == NOT_DELIVERED and "3 verdicts have not arrived" in done.err and hopeless["absent"].address in done.err and len(done.lines) == 3


def test_wrong_password_is_said_in_the_log_and_nothing_is_delivered(hopeless):
    done = hopeless["refused"].end()
    assert done.code == NOT_DELIVERED and "1 verdicts have not arrived" in done.err and "wrong\n" not in done.err
    assert any(word in done.err.lower() for word in ("not authori", "password", "refused")), done.err
