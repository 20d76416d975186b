"""heartsound doctor: what it asks, what it says, and what a support bundle must never hold."""

import getpass
import json
import os
import pty
import socket
import subprocess
import tarfile

import pytest

import broker as brokers
from program import DEADLINE, HEARTSOUND, OK, SETUP, USAGE, environment, heartsound, running
from standin import Gpu
from stethoscope import StandIn, virtual_stethoscope

UNWELL = 8
IDS = ["settings", "system", "service", "groups", "memory", "disk", "clock", "heat", "runtime", "model", "microphones", "sound", "lamps", "button", "network", "broker", "outbox", "record"]
LEVELS = {"ok", "warning", "failed", "notApplicable"}
DEVICE = "doctors-device"


def doctor(tmp_path, settings, *arguments, **more):
    path = tmp_path / "settings.json"
    path.write_text(settings if isinstance(settings, str) else json.dumps(settings))
    return heartsound("doctor", "--settings", path, *arguments, **more)


def ask(tmp_path, settings, *ids, **more):
    """The findings by id, and the exit code."""
    done = doctor(tmp_path, settings, "--json", *(("--only", *ids) if ids else ()), **more)
    report = json.loads(done.out)
    assert report["schema"] == 1 and report["level"] in LEVELS
    assert done.code == (UNWELL if report["level"] == "failed" else OK), done
    return {f["id"]: f for f in report["findings"]}, done.code


def test_asks_every_part_and_names_are_stable(tmp_path):
    findings, _ = ask(tmp_path, {})
    assert list(findings) == IDS
    assert all(f["level"] in LEVELS and f["message"] for f in findings.values())
    assert all(f["fix"] or f["level"] in ("ok", "notApplicable") for f in findings.values()), findings
    assert findings["model"]["level"] == "ok" and findings["model"]["details"]["reproduced"] is True
    assert findings["model"]["details"]["windowMs"] > 0
    assert findings["settings"]["details"]["file"] == str(tmp_path / "settings.json")
    computes = {p["provider"]: p["computes"] for p in findings["runtime"]["details"]["providers"]}
    assert computes["Cpu"] is True


def test_table_for_people_has_mark_word_and_fix(tmp_path):
    done = doctor(tmp_path, {"model": {"path": "no-such-model"}}, "--only", "settings", "model", "broker")
    assert done.code == UNWELL
    assert "● ok" in done.out and "✖ failed" in done.out and "– none" in done.out and "→ " in done.out and "1 part failed" in done.out


def test_listed_provider_that_cannot_compute_is_said(tmp_path):
    """The runtime lists CUDA, and its library is not there: no fault where nobody asked for it, one to look at where somebody did."""
    findings, code = ask(tmp_path, {}, "runtime")
    assert findings["runtime"]["level"] == "ok" and code == OK
    assert any(absent.startswith("Cuda: ") for absent in findings["runtime"]["details"]["notInstalled"])
    findings, code = ask(tmp_path, {"model": {"providers": ["cuda", "cpu"]}}, "runtime", "model")
    assert findings["runtime"]["level"] == "warning" and "Cuda: " in findings["runtime"]["message"] and code == OK
    assert findings["model"]["level"] == "ok"


def test_gpu_is_asked_in_a_process_of_its_own_and_builds_nothing(tmp_path):
    gpu = Gpu(tmp_path / "gpu", cuda="crash")
    findings, code = ask(tmp_path, {"engine": {"cacheFolder": str(tmp_path / "engines")}}, "runtime", env=gpu.env)
    message = findings["runtime"]["message"]
    assert findings["runtime"]["level"] == "warning" and code == OK
    assert "TensorRt Fp16: no engine is built yet" in message and "Cuda Fp32: it was ended by signal 11" in message, message
    assert gpu.count("build") == 0


def test_bad_settings_are_a_finding_and_the_rest_is_asked(tmp_path):
    findings, code = ask(tmp_path, '{ "capture": { "channel": 99 }, "modell": {} }', "settings", "model")
    assert code == UNWELL and findings["settings"]["level"] == "failed" and findings["model"]["level"] == "ok"
    assert "capture.channel" in findings["settings"]["message"] and "modell" in findings["settings"]["message"]


def test_progress_on_a_terminal():
    """On a terminal it says what it does meanwhile, in colour, and ends with the same answer."""
    control, terminal = pty.openpty()
    process = subprocess.Popen([HEARTSOUND, "doctor", "--only", "settings", "model"], stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal, env=environment())
    os.close(terminal)
    said = b""
    try:
        while part := os.read(control, 65536):
            said += part
    except OSError:
        pass  # the other end is closed
    assert process.wait(DEADLINE) == OK, said.decode(errors="replace")
    assert "●".encode() in said and b"\x1b[" in said and b"model" in said


def test_unknown_probe_is_a_wrong_command_line(tmp_path):
    done = heartsound("doctor", "--only", "nonsense")
    assert done.code == USAGE and "nonsense" in done.err and "microphones" in done.err


@pytest.fixture
def stethoscope(tmp_path):
    with virtual_stethoscope(tmp_path / "stethoscope") as virtual:
        yield virtual


def test_hears_the_stethoscope(tmp_path, stethoscope, heart):
    """The real PortAudio, ALSA and PulseAudio: first silence, then a heart, also while the service listens to it."""
    settings = {"capture": {"name": "stethoscope"}}
    findings, code = ask(tmp_path, settings, "microphones", "sound", env=stethoscope.env)
    assert findings["microphones"]["level"] == "ok" and findings["microphones"]["details"]["stethoscope"] == "stethoscope"
    assert findings["sound"]["level"] == "failed" and "zero" in findings["sound"]["message"] and code == UNWELL

    stethoscope.play(heart)
    with running(tmp_path / "run", "run", "--settings", tmp_path / "settings.json", "--verbose", env=stethoscope.env) as device:
        device.until(lambda d: "Listening to" in d.err)
        findings, code = ask(tmp_path, settings, "microphones", "sound", env=stethoscope.env)
    assert findings["sound"]["level"] in ("ok", "warning") and findings["sound"]["details"]["samples"] >= 8000 and code == OK, findings
    assert findings["sound"]["details"]["levelDbfs"] > -60


def test_sound_driver_that_hangs_does_not_stop_the_rest(tmp_path):
    standin = StandIn(tmp_path / "standin")
    standin.play("hang-initialize")
    findings, code = ask(tmp_path, {}, "microphones", "network", env=standin.env)
    assert "no answer" in findings["microphones"]["message"] and findings["network"]["level"] != "failed" and code == UNWELL


@pytest.fixture
def broker(tmp_path):
    running = brokers.Broker(tmp_path / "broker", {"device": "opensesame"}).start()
    yield running
    running.stop()


def broker_settings(tmp_path, port, password="opensesame", **more):
    secret = tmp_path / "password"
    secret.write_text(password + "\n")
    secret.chmod(0o600)
    return {"device": DEVICE, "broker": {"host": "127.0.0.1", "port": port, "username": "device", "passwordFile": str(secret), **more}}


def test_broker_takes_the_device(tmp_path, broker):
    findings, code = ask(tmp_path, broker_settings(tmp_path, broker.port), "network", "broker")
    assert findings["broker"]["level"] == "ok" and findings["broker"]["details"]["published"] is True and code == OK, findings
    assert findings["network"]["level"] == "ok"


def test_broker_refuses_the_password(tmp_path, broker):
    findings, code = ask(tmp_path, broker_settings(tmp_path, broker.port, "wrong"), "broker")
    assert findings["broker"]["level"] == "failed" and code == UNWELL
    assert "authori" in findings["broker"]["message"].lower() and "wrong" not in json.dumps(findings)


def test_broker_is_not_there(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    findings, _ = ask(tmp_path, broker_settings(tmp_path, port), "broker")
    assert findings["broker"]["level"] == "failed" and "refused" in findings["broker"]["message"].lower()


def test_open_password_file_is_refused(tmp_path, broker):
    settings = broker_settings(tmp_path, broker.port)
    (tmp_path / "password").chmod(0o644)
    findings, _ = ask(tmp_path, settings, "broker")
    assert findings["broker"]["level"] == "failed" and "chmod 600" in findings["broker"]["message"]


def test_broker_that_lets_nothing_be_published_is_a_fault(tmp_path):
    acl = tmp_path / "acl"
    acl.write_text("topic read heartsound/#\n")
    acl.chmod(0o600)
    with Restricted(tmp_path, acl) as port:
        findings, code = ask(tmp_path, {"device": DEVICE, "broker": {"host": "127.0.0.1", "port": port}}, "broker")
    assert findings["broker"]["level"] == "failed" and findings["broker"]["details"]["published"] is False and code == UNWELL
    assert "not authorized" in findings["broker"]["message"].lower(), "MQTT 5 says so"
    assert f"heartsound/{DEVICE}/#" in findings["broker"]["fix"]


class Restricted:
    """A mosquitto with an access list."""

    def __init__(self, tmp_path, acl):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self._port = probe.getsockname()[1]
        self._config = tmp_path / "restricted.conf"
        self._config.write_text(f"listener {self._port} 127.0.0.1\nuser {getpass.getuser()}\nallow_anonymous true\nacl_file {acl}\n")

    def __enter__(self):
        self._process = subprocess.Popen([brokers.MOSQUITTO, "-c", self._config], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        brokers.wait_until(self._answers)
        return self._port

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait()

    def _answers(self):
        try:
            socket.create_connection(("127.0.0.1", self._port), 1).close()
            return True
        except OSError:
            return False


def test_status_of_a_device_that_is_online_stays_as_it_is(tmp_path, broker):
    """The doctor publishes what is retained already: a dashboard learns nothing wrong, and nothing new is retained."""
    topic, online = f"heartsound/{DEVICE}/status", '{"schema":1,"device":"doctors-device","status":"online"}'
    credentials = ["-h", "127.0.0.1", "-p", str(broker.port), "-u", "device", "-P", "opensesame"]
    subprocess.run(["mosquitto_pub", *credentials, "-t", topic, "-r", "-q", "1", "-m", online], check=True)
    findings, _ = ask(tmp_path, broker_settings(tmp_path, broker.port), "broker")
    assert findings["broker"]["level"] == "ok"
    kept = subprocess.run(["mosquitto_sub", *credentials, "-t", topic, "-C", "1", "-W", "20"], check=True, capture_output=True, text=True)
    assert kept.stdout.strip() == online


def test_outbox_is_looked_at_and_stays_as_it_is(tmp_path):
    folder = tmp_path / "outbox"
    settings = {"broker": {"host": "127.0.0.1", "port": 1}, "outbox": {"folder": str(folder)}}
    findings, _ = ask(tmp_path, settings, "outbox")
    assert findings["outbox"]["level"] == "warning" and "is not there" in findings["outbox"]["message"]
    folder.mkdir()
    findings, _ = ask(tmp_path, settings, "outbox")
    assert findings["outbox"]["level"] == "ok" and findings["outbox"]["details"]["waiting"] == 0

    with running(tmp_path / "run", "run", "--simulate", "--fast", "--examination", "always", "--examination-seconds", "5", "--broker", "127.0.0.1:1", "--outbox", folder, "--json") as device:
        device.until(lambda d: d.out.count("\n") >= 5)
        device.kill()
    before = (folder / "outbox.db").read_bytes()
    findings, _ = ask(tmp_path, settings, "outbox")
    assert findings["outbox"]["level"] == "ok" and findings["outbox"]["details"]["waiting"] >= 5
    assert (folder / "outbox.db").read_bytes() == before

    for file in folder.iterdir():
        file.write_text("this is no database, but it is long enough to be one")
    findings, _ = ask(tmp_path, settings, "outbox")
    assert findings["outbox"]["level"] == "warning" and "export json" in findings["outbox"]["fix"]


def test_record_without_a_usable_key_is_a_warning(tmp_path):
    key = tmp_path / "record.key"
    assert heartsound("record", "new-key", "--out", key).code == OK
    settings = {"record": {"enabled": True, "keyFile": str(key), "folder": str(tmp_path), "minFreeMegabytes": 0}}
    findings, _ = ask(tmp_path, settings, "record")
    assert findings["record"]["level"] == "ok" and key.read_text().strip() not in json.dumps(findings)
    key.chmod(0o640)
    findings, _ = ask(tmp_path, settings, "record")
    assert findings["record"]["level"] == "warning" and "chmod 600" in findings["record"]["message"]


SECRETS = {
    "password": "Opensesame-4711",
    "user": "nightnurse-secret",
    "inline": "Inline-secret-0815",
    "url": "Url-secret-42",
    "journal": "Journal-secret-7",
    "sound": "RIFFsecretsound",
    "patient": "alarm 93 %",
}


@pytest.fixture
def planted(tmp_path):
    """A device full of secrets, and a journal that blabs. Returns the settings and the environment."""
    (tmp_path / "password").write_text(SECRETS["password"])
    (tmp_path / "password").chmod(0o600)
    key = tmp_path / "record.key"
    assert heartsound("record", "new-key", "--out", key).code == OK
    state, tools = tmp_path / "state", tmp_path / "tools"
    (state / "records").mkdir(parents=True)
    (state / "records" / "20260301T120000Z-00000000000000000000000000000001.hsrec").write_text(SECRETS["sound"])
    (state / "heart.wav").write_text(SECRETS["sound"])
    tools.mkdir()
    journal = f"""2026-03-01T12:00:00+0000 box heartsound[12]: Connected as {SECRETS['user']} to mqtt://x:{SECRETS['url']}@127.0.0.1
2026-03-01T12:00:01+0000 box heartsound[12]: password={SECRETS['journal']}
2026-03-01T12:00:02+0000 box heartsound[12]: 12:00:02 ward-3 #4  ▲ abnormal  {SECRETS['patient']}  72 bpm
2026-03-01T12:00:03+0000 box heartsound[12]: {{"verdict":"normal","alarmProbability":0.07,"note":"{SECRETS['patient']}"}}
2026-03-01T12:00:04+0000 box heartsound[12]: the key is {key.read_text().strip()}
2026-03-01T12:00:05+0000 box heartsound[12]: Opened 'Stethoscope'"""
    for name in ("journalctl", "dmesg"):
        (tools / name).write_text(f"#!/bin/sh\ncat <<'END'\n{journal}\nusb 1-2: new device\nEND\n")
        (tools / name).chmod(0o755)
    settings = {
        "device": DEVICE,
        "broker": {"host": "127.0.0.1", "port": 1, "username": SECRETS["user"], "passwordFile": str(tmp_path / "password")},
        "record": {"enabled": True, "keyFile": str(key)},
    }
    SECRETS["key"] = key.read_text().strip()
    return settings, {"STATE_DIRECTORY": os.fspath(state), "CACHE_DIRECTORY": os.fspath(tmp_path / "cache"), "PATH": f"{tools}:{os.environ['PATH']}"}


def unpack(bundle) -> dict[str, str]:
    with tarfile.open(bundle) as tar:
        return {m.name.split("/", 1)[1]: tar.extractfile(m).read().decode() for m in tar.getmembers()}


def assert_no_secret(bundle):
    files = unpack(bundle)
    everything = "\n".join(f"{name}\n{text}" for name, text in files.items())
    for what, secret in SECRETS.items():
        assert secret.lower() not in everything.lower(), f"{what} is in the bundle"
    return files


def test_support_bundle_holds_what_helps_and_no_secret(tmp_path, planted):
    settings, env = planted
    bundle = tmp_path / "help.tar.gz"

    done = doctor(tmp_path, settings, "--support-bundle", bundle, "--only", "settings", "system", "broker", "record", "disk", env=env)

    assert done.code == UNWELL and str(bundle) in done.err
    assert bundle.stat().st_mode & 0o777 == 0o600 and [p.name for p in tmp_path.glob("*.part")] == []
    files = assert_no_secret(bundle)
    assert {"README.txt", "doctor.json", "settings.json", "files.txt", "journal.txt", "versions.txt", "kernel.txt"} <= set(files)
    assert json.loads(files["doctor.json"])["findings"][0]["id"] == "settings"
    shown = json.loads(files["settings.json"])["settings"]
    assert shown["device"] == DEVICE and shown["broker"]["username"] == "(removed)" and shown["broker"]["port"] == 1
    assert "Opened 'Stethoscope'" in files["journal.txt"] and files["journal.txt"].count("(a verdict was here)") == 2
    assert "usb 1-2: new device" in files["kernel.txt"]
    assert "heart.wav" in files["files.txt"] and ".hsrec" in files["files.txt"]


def test_support_bundle_of_broken_settings_shows_no_value(tmp_path, planted):
    _, env = planted
    bundle = tmp_path / "help.tar.gz"
    broken = json.dumps({"password": SECRETS["inline"], "broker": {"password": SECRETS["inline"], "host": f"mqtt://x:{SECRETS['url']}@h", "port": SECRETS["inline"], "username": SECRETS["user"]}})

    done = doctor(tmp_path, broken, "--support-bundle", bundle, "--only", "settings", env=env)

    assert done.code == UNWELL
    files = assert_no_secret(bundle)
    assert any("broker.port" in fault for fault in json.loads(files["settings.json"])["faults"])


def test_support_bundle_that_cannot_be_written_says_so(tmp_path):
    done = doctor(tmp_path, {}, "--only", "settings", "--support-bundle", "/no/such/folder/x.tar.gz")
    assert done.code == SETUP and "/no/such/folder/x.tar.gz" in done.err
