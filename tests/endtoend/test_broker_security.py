"""TLS, certificates, passwords and the access list, with a real mosquitto and the real program: who is let in, who is not, and whether it is said by name why."""

import json
import os
import signal
import socket
import stat
import subprocess
import threading

import pytest

from program import HEARTSOUND, OK, ROOT, SETUP, environment, heartsound, running, wait_until
from security import DAY, NOW, Authority, Deployed, Mosquitto, encrypted, free_port, make_certificates

DEVICE = "ward-3"
SECRETS = {DEVICE: "Device-secret-4711", "dashboard": "Dashboard-secret-0815", "ward-4": "Other-secret-42"}
UNWELL = 8


def secret_file(folder, text, name="password"):
    path = folder / name
    path.write_text(text)
    path.chmod(0o600)
    return path


def doctor(folder, broker, **more):
    """What the doctor finds at a broker."""
    path = folder / "settings.json"
    path.write_text(json.dumps({"device": DEVICE, "broker": broker}))
    done = heartsound("doctor", "--settings", path, "--only", "broker", "--json", **more)
    finding, = json.loads(done.out)["findings"]
    assert not any(secret in done.out + done.err for secret in SECRETS.values())
    return finding


@pytest.fixture(scope="module")
def deployed(tmp_path_factory):
    with Deployed(tmp_path_factory.mktemp("deployed"), SECRETS, (DEVICE,)) as broker:
        yield broker


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def silence(tmp_path_factory):
    import numpy as np

    import wavs

    path = tmp_path_factory.mktemp("sound") / "silence.wav"
    wavs.write(path, 4000, np.zeros(40000))
    return path


# --- the broker of deploy/mosquitto


def test_password_over_tls_delivers_and_is_in_no_text(deployed, silence, tmp_path):
    told = ["--broker", f"localhost:{deployed.port}", "--device", DEVICE, "--user", DEVICE, "--password-file", secret_file(tmp_path, SECRETS[DEVICE] + "\n"), "--ca", deployed.authority]
    done = heartsound("replay", "--fast", "--json", "--verbose", *told, silence)
    assert done.code == OK and len(done.lines) == 1 and SECRETS[DEVICE] not in done.err + done.out
    latest = deployed.client("mosquitto_sub", "dashboard", "-t", f"heartsound/{DEVICE}/verdict/latest", "-C", "1", "-W", "20")
    assert json.loads(latest.stdout) == done.lines[0]


def test_certificate_of_the_device_is_enough(deployed, silence):
    files = deployed.certificates
    told = ["--broker", f"127.0.0.1:{deployed.certificate_port}", "--device", DEVICE, "--ca", deployed.authority, "--certificate", files / f"{DEVICE}.crt", "--key", files / f"{DEVICE}.key"]
    done = heartsound("replay", "--fast", "--json", *told, silence)
    assert done.code == OK, done.err
    latest = deployed.client("mosquitto_sub", "dashboard", "-t", f"heartsound/{DEVICE}/verdict/latest", "-C", "1", "-W", "20")
    assert json.loads(latest.stdout) == done.lines[0]


def test_dashboard_reaches_the_same_messages_over_an_encrypted_websocket(deployed):
    """No MQTT here: that the port speaks TLS with this certificate, and WebSocket with MQTT in it."""
    import ssl

    context = ssl.create_default_context(cafile=str(deployed.authority))
    with context.wrap_socket(socket.create_connection(("127.0.0.1", deployed.web_port), 20), server_hostname="localhost") as web:
        web.sendall(b"GET /mqtt HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n")
        answer = web.recv(4096).decode(errors="replace")
    assert answer.startswith("HTTP/1.1 101") and "mqtt" in answer


@pytest.mark.parametrize("user,topic,allowed", [
    *((DEVICE, f"heartsound/{DEVICE}/{name}", True) for name in ("status", "verdict", "verdict/latest", "live", "health", "state/mute")),
    (DEVICE, f"heartsound/{DEVICE}/cmd/mute", False), (DEVICE, "heartsound/ward-4/verdict", False), (DEVICE, "heartsound/ward-4/cmd/mute", False), (DEVICE, "elsewhere", False),
    ("dashboard", f"heartsound/{DEVICE}/cmd/identify", True), ("dashboard", f"heartsound/{DEVICE}/verdict", False), ("dashboard", f"heartsound/{DEVICE}/status", False),
])
def test_access_list_lets_everybody_write_what_is_his(deployed, user, topic, allowed):
    """The reason code of MQTT 5 is what a device sees: 0x87, not authorised."""
    done = deployed.client("mosquitto_pub", user, "-V", "5", "-q", "1", "-t", topic, "-m", "{}")
    assert ("not authorized" not in (done.stdout + done.stderr).lower()) == allowed, done


@pytest.mark.parametrize("user,topic,allowed", [
    (DEVICE, f"heartsound/{DEVICE}/cmd/mute", True), (DEVICE, "heartsound/ward-4/cmd/mute", False), (DEVICE, "heartsound/ward-4/verdict", False),
    ("dashboard", "heartsound/ward-4/verdict", True), ("dashboard", f"heartsound/{DEVICE}/health", True),
])
def test_access_list_lets_everybody_read_what_is_his(deployed, user, topic, allowed):
    sender = "dashboard" if "/cmd/" in topic else topic.split("/")[1]
    heard = subprocess.Popen(
        ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(deployed.port), "--cafile", deployed.authority, "-u", user, "-P", SECRETS[user], "-t", topic, "-t", f"heartsound/{DEVICE}/cmd/end", "-v", "-W", "30", "-C", "2" if allowed else "1"],
        stdout=subprocess.PIPE, text=True)
    try:
        # Not retained: what is heard was passed on. The end mark is something that both users may read.
        for _ in range(200):
            deployed.client("mosquitto_pub", sender, "-q", "1", "-t", topic, "-m", "probe")
            deployed.client("mosquitto_pub", "dashboard", "-q", "1", "-t", f"heartsound/{DEVICE}/cmd/end", "-m", "end")
            if heard.poll() is not None:
                break
        lines = heard.communicate()[0].splitlines()
    finally:
        heard.kill()
    assert any(line.startswith(f"{topic} ") for line in lines) == allowed, lines


def test_doctor_sees_that_the_device_may_write_although_it_may_not_read_it_back(deployed, tmp_path):
    broker = {"host": "localhost", "port": deployed.port, "username": DEVICE, "passwordFile": str(secret_file(tmp_path, SECRETS[DEVICE])), "tls": {"enabled": True, "caFile": str(deployed.authority)}}
    found = doctor(tmp_path, broker)
    assert found["level"] == "ok" and found["details"]["published"] and found["details"]["tls"] and found["details"]["protocol"] == "MQTT 5", found


def test_verdict_that_the_access_list_turns_away_is_not_delivered_and_that_is_said(deployed, silence, tmp_path):
    """A user that is not the device: let in, and allowed nothing."""
    told = ["--broker", f"localhost:{deployed.port}", "--device", DEVICE, "--user", "ward-4", "--password-file", secret_file(tmp_path, SECRETS["ward-4"]), "--ca", deployed.authority]
    done = heartsound("replay", "--fast", "--json", *told, silence)
    assert done.code == 6 and "turned away what this device published" in done.err and f"heartsound/{DEVICE}/#" in done.err, done
    broker = {"host": "localhost", "port": deployed.port, "username": "ward-4", "passwordFile": str(tmp_path / "password"), "tls": {"enabled": True, "caFile": str(deployed.authority)}}
    found = doctor(tmp_path, broker)
    assert found["level"] == "failed" and "turns away" in found["message"] and f"heartsound/{DEVICE}/#" in found["fix"]


def test_health_names_the_cause_and_heals(authority, tmp_path):
    """``run`` before the broker has its right certificate, and after."""
    port = free_port()
    lines = [f"listener {port} 127.0.0.1", "allow_anonymous true"]
    late, good = authority.make("late", since=NOW + 30 * DAY, until=NOW + 60 * DAY), authority.make("good")
    broker = Mosquitto(tmp_path / "late", [*lines, f"certfile {late[0]}", f"keyfile {late[1]}"], port)
    try:
        with running(tmp_path / "run", "run", "--simulate", "--broker", f"localhost:{port}", "--ca", authority.file, "--device", DEVICE, "--json") as device:
            device.until(lambda d: "is not valid before" in d.err)
            assert "clock" in device.err and f"{NOW + 30 * DAY:%Y-%m-%d %H:%M:%S} UTC" in device.err and "clockSynced" in device.err
            broker.stop()
            broker = Mosquitto(tmp_path / "good", [*lines, f"certfile {good[0]}", f"keyfile {good[1]}"], port)
            device.until(lambda d: "Connected to the broker" in d.err)
            retained = ["mosquitto_sub", "-h", "localhost", "-p", str(port), "--cafile", authority.file, "-t", f"heartsound/{DEVICE}/health", "-W", "30", "-C", "1"]
            wait_until(lambda: json.loads(subprocess.run(retained, capture_output=True, text=True, check=True).stdout)["parts"]["broker"]["cause"] == "connected")
            device.end(signal.SIGTERM)
    finally:
        broker.stop()


# --- every fault by its name


def test_certificate_that_is_not_valid_yet_is_said_to_be_the_clocks_fault(authority, tmp_path):
    with encrypted(tmp_path / "b", authority.make("not-yet", since=NOW + 30 * DAY, until=NOW + 60 * DAY)) as broker:
        found = doctor(tmp_path, {"host": "localhost", "port": broker.port, "tls": {"enabled": True, "caFile": str(authority.file)}})
    assert found["level"] == "failed" and found["details"]["cause"] == "tlsNotYetValid"
    assert f"{NOW + 30 * DAY:%Y-%m-%d %H:%M:%S} UTC" in found["message"] and f"{NOW:%Y-%m-%d}" in found["message"] and "clockSynced" in found["message"]


def test_authority_that_is_not_valid_yet_is_the_same_fault(tmp_path):
    young = Authority(tmp_path / "young", since=NOW + DAY)
    with encrypted(tmp_path / "b", young.make("server")) as broker:
        found = doctor(tmp_path, {"host": "localhost", "port": broker.port, "tls": {"enabled": True, "caFile": str(young.file)}})
    assert found["details"]["cause"] == "tlsNotYetValid" and "authority" in found["message"]


@pytest.mark.parametrize("cause,made,host,words", [
    ("tlsExpired", {"since": NOW - 9 * DAY, "until": NOW - DAY}, "localhost", "is not valid after"),
    ("tlsWrongHost", {"hosts": ("broker.ward", "10.0.0.5")}, "localhost", "broker.ward, 10.0.0.5"),
    ("tlsWrongHost", {"hosts": ("localhost",)}, "127.0.0.1", "not for 127.0.0.1"),
    ("tlsUntrusted", {"client": True}, "localhost", "cannot be trusted"),
])
def test_certificate_that_is_wrong_is_named(authority, tmp_path, cause, made, host, words):
    with encrypted(tmp_path / "b", authority.make("server", **made)) as broker:
        found = doctor(tmp_path, {"host": host, "port": broker.port, "tls": {"enabled": True, "caFile": str(authority.file)}})
    assert found["level"] == "failed" and found["details"]["cause"] == cause and words in found["message"], found


def test_authority_that_nobody_knows_is_named(authority, tmp_path):
    other = Authority(tmp_path / "other", "somebody else")
    with encrypted(tmp_path / "b", other.make("server")) as broker:
        theirs = doctor(tmp_path, {"host": "localhost", "port": broker.port, "tls": {"enabled": True, "caFile": str(authority.file)}})
        systems = doctor(tmp_path, {"host": "localhost", "port": broker.port, "tls": {"enabled": True}})
    assert theirs["details"]["cause"] == systems["details"]["cause"] == "tlsUntrusted" and "somebody else" in theirs["message"]


@pytest.mark.parametrize("which", ["none", "of another authority", "expired"])
def test_certificate_that_the_broker_wants_is_named(authority, tmp_path, which):
    other = Authority(tmp_path / "other")
    own = {"none": None, "of another authority": other.make("ward-3", client=True), "expired": authority.make("old-ward-3", since=NOW - 9 * DAY, until=NOW - DAY, client=True)}[which]
    tls = {"enabled": True, "caFile": str(authority.file), **({"certificateFile": str(own[0]), "keyFile": str(own[1])} if own else {})}
    with encrypted(tmp_path / "b", authority.make("server"), f"cafile {authority.file}", "require_certificate true") as broker:
        found = doctor(tmp_path, {"host": "localhost", "port": broker.port, "tls": tls})
        right = authority.make("ward-3", client=True)
        good = doctor(tmp_path, {"host": "localhost", "port": broker.port, "tls": {**tls, "certificateFile": str(right[0]), "keyFile": str(right[1])}})
    assert found["level"] == "failed" and found["details"]["cause"] == ("tlsExpired" if which == "expired" else "tlsClientRefused"), found
    assert good["level"] == "ok", good


def test_port_that_speaks_no_tls_and_port_that_speaks_nothing_else_are_told_apart(authority, tmp_path):
    port = free_port()
    with Mosquitto(tmp_path / "plain", [f"listener {port} 127.0.0.1", "allow_anonymous true"], port):
        assert doctor(tmp_path, {"host": "localhost", "port": port, "tls": {"enabled": True}})["details"]["cause"] == "notTls"
    with encrypted(tmp_path / "b", authority.make("server")) as broker:
        assert doctor(tmp_path, {"host": "localhost", "port": broker.port})["details"]["cause"] == "tlsNeeded"


def test_wrong_password_and_nobody_there_are_told_apart(deployed, tmp_path):
    broker = {"host": "localhost", "port": deployed.port, "username": DEVICE, "passwordFile": str(secret_file(tmp_path, "wrong")), "tls": {"enabled": True, "caFile": str(deployed.authority)}}
    assert doctor(tmp_path, broker)["details"]["cause"] == "badCredentials"
    assert doctor(tmp_path, {**broker, "port": free_port()})["details"]["cause"] == "away"


def test_broker_that_takes_the_connection_and_says_nothing_of_tls_is_waited_for(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        found = doctor(tmp_path, {"host": "127.0.0.1", "port": silent.getsockname()[1], "tls": {"enabled": True}})
    assert found["level"] == "failed" and found["details"]["cause"] == "away"


# --- an older broker


class OldBroker:
    """Speaks MQTT 3.1.1 alone, as RabbitMQ 3.10 does: another version gets a code of 3.1.1, or nothing at all."""

    def __init__(self, answers: bool):
        self.levels, self.topics, self._answers = [], [], answers
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client, client.makefile("rb") as stream:
            while (head := stream.read(1)) and head != b"\x16":  # the doctor's question whether it speaks TLS
                length, shift = 0, 0
                while True:
                    digit = stream.read(1)[0]
                    length |= (digit & 0x7F) << shift
                    shift += 7
                    if digit < 0x80:
                        break
                body, kind = stream.read(length), head[0] >> 4
                if kind == 1:
                    self.levels.append(body[6])
                    if body[6] != 4:
                        if self._answers:
                            client.sendall(b"\x20\x02\x00\x01")
                        return
                    client.sendall(b"\x20\x02\x00\x00")
                elif kind == 3:
                    end = 2 + int.from_bytes(body[:2], "big")
                    self.topics.append(body[2:end].decode())
                    if head[0] & 6:
                        client.sendall(b"\x40\x02" + body[end:end + 2])
                elif kind == 8:
                    client.sendall(b"\x90\x03" + body[:2] + b"\x01")
                elif kind == 12:
                    client.sendall(b"\xd0\x00")
                elif kind == 14:
                    return

    def close(self):
        self._server.close()


@pytest.mark.parametrize("answers", [True, False])
def test_broker_that_only_knows_the_older_mqtt_gets_it(silence, answers):
    broker = OldBroker(answers)
    done = heartsound("replay", "--fast", "--json", "--broker", broker.address, "--device", DEVICE, silence)
    broker.close()
    assert done.code == OK and broker.levels == [5, 4] and f"heartsound/{DEVICE}/verdict" in broker.topics
    assert ("is not there" in done.err) != answers, "a refusal of the version is no trouble; closing without a word may be"


def test_library_without_mqtt_5_is_enough(deployed, silence, tmp_path):
    """libmosquitto 1.4 as JetPack 4 has it, played by tests/standins/mosquitto14.c; over TLS, against a broker that knows both."""
    real = next(line.split()[-1] for line in subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True).stdout.splitlines() if "libmosquitto.so.1 " in line)
    subprocess.run(
        ["gcc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-Wl,-soname,libmosquitto.so.1", f'-DREAL="{real}"', "-o", tmp_path / "libmosquitto.so.1", ROOT / "tests/standins/mosquitto14.c", "-ldl"], check=True)
    env = {"LD_LIBRARY_PATH": os.fspath(tmp_path)}
    broker = {"host": "localhost", "port": deployed.port, "username": DEVICE, "passwordFile": str(secret_file(tmp_path, SECRETS[DEVICE])), "tls": {"enabled": True, "caFile": str(deployed.authority)}}
    found = doctor(tmp_path, broker, env=env)
    assert found["details"]["connected"] and found["details"]["protocol"] == "MQTT 3.1.1", found
    told = ["--broker", f"localhost:{deployed.port}", "--device", DEVICE, "--user", DEVICE, "--password-file", tmp_path / "password", "--ca", deployed.authority]
    done = heartsound("replay", "--fast", "--json", *told, silence, env=env)
    assert done.code == OK and len(done.lines) == 1, done


# --- what is refused before anything is sent


@pytest.mark.parametrize("verb", [["replay", "--fast"], ["watch"], ["run", "--simulate"]])
def test_plain_text_goes_no_further_than_this_machine_unless_it_is_said(verb, silence, tmp_path):
    paths = [silence] if verb[0] == "replay" else []
    for more in ([], ["--user", "u", "--password-file", secret_file(tmp_path, "Device-secret-4711")]):
        done = heartsound(*verb, "--broker", "broker.invalid", *more, *paths)
        assert done.code == SETUP and "plain text" in done.err and ("the password too" in done.err) == bool(more) and "4711" not in done.err


def test_plain_text_that_is_said_is_tried(tmp_path):
    for told in (["--allow-plain-text"], ["--tls"]):
        with running(tmp_path / told[0], "watch", "--broker", "broker.invalid", *told) as watch:
            watch.until(lambda w: "broker.invalid" in w.err)
            assert ("8883" in watch.err) == (told == ["--tls"]) and watch.end(signal.SIGTERM).code == OK


@pytest.mark.parametrize("spoil,words", [
    (lambda crt, key: key.chmod(0o644), "chmod 600"),
    (lambda crt, key: key.unlink(), "cannot be read"),
    (lambda crt, key: crt.unlink(), "cannot be read"),
    (lambda crt, key: crt.write_text("nothing"), "no certificate"),
    (lambda crt, key: key.write_text("nothing"), "no private key"),
    (lambda crt, key: subprocess.run(["openssl", "pkcs8", "-topk8", "-out", key, "-passout", "pass:Device-secret-4711"], input=key.read_bytes(), check=True), "passphrase"),
])
def test_files_that_are_no_good_are_refused_by_name(authority, tmp_path, spoil, words):
    crt, key = Authority(tmp_path / "ca").make("own", client=True)
    spoil(crt, key)
    done = heartsound("watch", "--broker", "localhost:1", "--certificate", crt, "--key", key)
    assert done.code == SETUP and words in done.err and "own." in done.err and "4711" not in done.err


def test_key_without_a_certificate_and_certificate_without_a_key_are_refused(authority):
    crt, key = authority.make("pair", client=True)
    assert heartsound("watch", "--broker", "localhost:1", "--tls", "--key", key).code == SETUP
    done = heartsound("watch", "--broker", "localhost:1", "--certificate", crt)
    assert done.code == SETUP and "broker-key" in done.err


# --- systemd's credentials


def test_password_and_key_come_from_systemds_credentials(deployed, tmp_path):
    credentials = tmp_path / "credentials"
    credentials.mkdir(mode=0o700)
    secret_file(credentials, SECRETS[DEVICE] + "\n", "broker-password").chmod(0o440)  # as systemd shows them
    (credentials / "broker-key").write_bytes((deployed.certificates / f"{DEVICE}.key").read_bytes())
    (credentials / "broker-key").chmod(0o440)
    env = {"CREDENTIALS_DIRECTORY": os.fspath(credentials)}
    tls = {"enabled": True, "caFile": str(deployed.authority)}
    assert doctor(tmp_path, {"host": "localhost", "port": deployed.port, "username": DEVICE, "tls": tls}, env=env)["level"] == "ok"
    tls["certificateFile"] = str(deployed.certificates / f"{DEVICE}.crt")
    broker = {"host": "localhost", "port": deployed.certificate_port, "tls": tls}
    assert doctor(tmp_path, broker, env=env)["level"] == "ok"
    without = doctor(tmp_path, broker)
    assert without["level"] == "warning" and "broker-key" in without["message"], "only the service has it"


def test_support_bundle_holds_no_secret_of_the_broker(deployed, tmp_path):
    key = deployed.certificates / f"{DEVICE}.key"
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps({"device": DEVICE, "broker": {
        "host": "localhost", "port": deployed.port, "username": DEVICE, "passwordFile": str(secret_file(tmp_path, SECRETS[DEVICE])),
        "tls": {"enabled": True, "caFile": str(deployed.authority), "certificateFile": str(deployed.certificates / f"{DEVICE}.crt"), "keyFile": str(key)}}}))
    heartsound("doctor", "--settings", settings, "--only", "settings", "broker", "--support-bundle", tmp_path / "help.tar.gz")
    (tmp_path / "out").mkdir()
    subprocess.run(["tar", "-xzf", tmp_path / "help.tar.gz", "-C", tmp_path / "out"], check=True)
    everything = "".join(path.read_text(errors="replace") for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert '"caFile"' in everything and SECRETS[DEVICE] not in everything and key.read_text().splitlines()[1] not in everything


def test_secrets_are_in_no_argument_and_no_environment_of_the_process(deployed, tmp_path):
    told = ["--broker", f"localhost:{deployed.port}", "--user", "dashboard", "--password-file", secret_file(tmp_path, SECRETS["dashboard"]), "--ca", deployed.authority]
    with subprocess.Popen([HEARTSOUND, "watch", *map(os.fspath, told)], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment()) as watch:
        assert "Watching" in watch.stderr.readline()
        seen = open(f"/proc/{watch.pid}/cmdline").read() + open(f"/proc/{watch.pid}/environ").read()
        watch.terminate()
    assert SECRETS["dashboard"] not in seen


# --- the script that makes certificates


def test_certificates_are_made_once_and_keys_are_private(tmp_path):
    for words in (("ca",), ("server", "broker.ward,10.0.0.5,::1"), ("client", DEVICE)):
        assert make_certificates(tmp_path, *words).returncode == 0
        before = {path: path.read_bytes() for path in tmp_path.iterdir()}
        again = make_certificates(tmp_path, *words)
        assert again.returncode == 1 and "not overwritten" in again.stderr and {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ca.crt", "ca.key", "server.crt", "server.key", f"{DEVICE}.crt", f"{DEVICE}.key"]
    assert all(stat.S_IMODE(path.stat().st_mode) == (0o600 if path.suffix == ".key" else 0o644) for path in tmp_path.iterdir())
    for name, purpose in (("server", "sslserver"), (DEVICE, "sslclient")):
        assert subprocess.run(["openssl", "verify", "-CAfile", tmp_path / "ca.crt", "-purpose", purpose, tmp_path / f"{name}.crt"], capture_output=True).returncode == 0
    shown = subprocess.run(["openssl", "x509", "-in", tmp_path / "server.crt", "-noout", "-ext", "subjectAltName"], capture_output=True, text=True).stdout
    assert "DNS:broker.ward, IP Address:10.0.0.5, IP Address:0:0:0:0:0:0:0:1" in shown


@pytest.mark.parametrize("words", [["client", DEVICE], ["server", "h"], ["client", "a b"], ["server", "a/b"], ["server"], ["client", "server"], ["nothing"], []])
def test_certificates_that_cannot_be_leave_nothing_behind(tmp_path, words):
    done = subprocess.run([ROOT / "scripts/make-certificates.sh", tmp_path, *words], capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.startswith("make-certificates.sh: ") and list(tmp_path.iterdir()) == []
