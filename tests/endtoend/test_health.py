"""``heartsound health`` beside a real service and a real broker, and the hold: while an update wants in, the examination under way is the last one."""

import ctypes
import json
import os
import select
import signal
import time
import uuid

import pytest

import program
from broker import Broker
from program import OK, SETUP, heartsound
from supervisor import supervised

UNWELL = 8
DEVICE = "bed-7"
RUN = ("run", "--simulate", "--json", "--examination", "always", "--examination-seconds", "5", "--speed", "4", "--device", DEVICE)


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("health")
    (folder / "settings.json").write_text("{}")
    broker = Broker(folder / "broker").start()
    runtime = folder / "runtime"
    runtime.mkdir()
    env = {"RUNTIME_DIRECTORY": str(runtime), "HEARTSOUND_SETTINGS__BROKER__HOST": "127.0.0.1", "HEARTSOUND_SETTINGS__BROKER__PORT": str(broker.port),
           "HEARTSOUND_SETTINGS__DEVICE": DEVICE, "HEARTSOUND_SETTINGS": str(folder / "settings.json")}
    with supervised(folder / "run", *RUN, env=env) as running:
        running.until_ready()
        yield running, runtime, broker, env
    broker.stop()


def state(runtime) -> dict:
    return json.loads((runtime / "state.json").read_text())


def test_health_while_an_update_wants_in_the_examination_under_way_is_the_last(service):
    running, runtime, _, env = service
    running.until(lambda s: (runtime / "state.json").exists() and state(runtime)["examination"]["id"])
    busy = heartsound("health", "--idle", env=env)
    assert busy.code == UNWELL and "xamination" in busy.err + busy.out or "verdict" in busy.err

    (runtime / "updating").touch()
    idle = heartsound("health", "--idle", "--wait", "40", "--json", env=env)
    answer = json.loads(idle.out)
    assert idle.code == OK and answer["ok"] and answer["held"] and answer["examination"] == {"phase": "idle", "id": None}
    heard = running.out.count("\n")
    assert heard >= 1, "the examination that was under way has its verdict"
    running.until(lambda s: state(runtime)["scene"] == "updating")
    time.sleep(1)
    assert state(runtime)["idle"] and running.out.count("\n") == heard, "none began"
    assert any("Updating" in status for status in running.all("STATUS"))

    os.utime(runtime / "updating", (time.time() - 3600, time.time() - 3600))  # the updater is dead
    running.until(lambda s: state(runtime)["examination"]["id"] and not state(runtime)["held"])
    (runtime / "updating").unlink()


def test_health_of_a_service_that_is_well_says_so(service):
    running, runtime, broker, env = service
    said = state(runtime)
    assert said["schema"] == 1 and said["ready"] and said["release"] is None and said["provider"] and said["parts"]["model"]["level"] == "ok"
    assert set(said["model"]) >= {"id", "version", "sha256"}
    done = heartsound("health", "--software", said["software"], "--broker", "--wait", "20", "--json", "--no-worse-than", runtime / "state.json", env=env)
    answer = json.loads(done.out)
    assert done.code == OK and answer["reasons"] == [] and answer["broker"] == {"configured": True, "connected": True, "host": "127.0.0.1"}
    assert json.loads(broker.retained(f"heartsound/{DEVICE}/status").payload)["session"] == answer["session"]
    assert "+" not in said["software"]


def test_health_of_another_version_or_of_nothing_says_why(service, tmp_path):
    running, runtime, _, env = service
    other = heartsound("health", "--software", "9.9.9", env=env)
    assert other.code == UNWELL and "and not 9.9.9" in other.err
    nothing = heartsound("health", "--state", tmp_path / "state.json", "--broker", env={"HEARTSOUND_SETTINGS": env["HEARTSOUND_SETTINGS"]})
    assert nothing.code == UNWELL and "does not run" in nothing.err and "No broker is configured" in nothing.err
    (tmp_path / "state.json").write_text("{")
    assert heartsound("health", "--state", tmp_path / "state.json").code == SETUP


def test_health_that_settles_is_asked_for_as_long(service):
    env = service[3]
    began = time.monotonic()
    done = heartsound("health", "--settle", "2", "--broker", "--json", env=env)
    assert done.code == OK and json.loads(done.out)["wasWell"] and time.monotonic() - began > 2
    nothing = heartsound("health", "--settle", "-1", env=env)
    assert nothing.code != OK and "--settle must be a number of seconds" in nothing.err


@pytest.mark.parametrize("seconds, said", [(2, None), (None, "It was well, and then was not. "), ("anew", "It was well, and then was started anew.")])
def test_health_does_not_settle_where_it_does_not_stay_well(service, tmp_path, seconds, said):
    """A fault of ``seconds``, or for good, or another run of the service."""
    text = state(service[1]) | {"monotonic": time.monotonic() + 600, "idle": True, "held": True}
    file = tmp_path / "state.json"

    def write(**fields) -> None:
        (tmp_path / "new").write_text(json.dumps(text | fields))
        (tmp_path / "new").rename(file)

    write()
    libc = ctypes.CDLL(None)
    has_read = libc.inotify_init()
    libc.inotify_add_watch(has_read, bytes(file), 0x10)  # IN_CLOSE_NOWRITE
    with program.running(tmp_path / "asked", "health", "--state", file, "--idle", "--settle", "8", "--json") as asked:
        assert select.select([has_read], [], [], 60)[0], "it asks once a quarter of a second"
        os.close(has_read)
        time.sleep(1)
        if seconds == "anew":
            write(session=str(uuid.uuid4()))
        else:
            write(idle=False, examination={"phase": "examining", "id": str(uuid.uuid4())})
        if seconds == 2:
            time.sleep(seconds)
            write()
        done = asked.end()
    answer = json.loads(done.out)
    assert answer["wasWell"] and answer["ok"] == (said is None) and done.code == (OK if said is None else UNWELL)
    assert said is None or (said in answer["reasons"][0] and len(answer["reasons"]) == 1), answer["reasons"]


def test_health_of_a_service_that_hangs_is_not_well(service):
    """Stopped in the middle, as by a fault that nobody foresaw. Last, for it takes the service with it."""
    running, runtime, broker, env = service
    running.send(signal.SIGSTOP)
    text = state(runtime)
    text["monotonic"] -= 20
    (runtime / "old.json").write_text(json.dumps(text))
    done = heartsound("health", "--state", runtime / "old.json", env=env)
    assert done.code == UNWELL and "hangs" in done.err
    running.send(signal.SIGCONT)
    running.send(signal.SIGTERM)
    assert running.wait().code == OK
    (runtime / "new.json").write_text(json.dumps(text | {"monotonic": time.monotonic() + 60}))  # as if it were just written, however slow this machine is
    stopped = heartsound("health", "--broker", "--state", runtime / "new.json", env=env)
    assert stopped.code == UNWELL and "is stopped" in stopped.err
