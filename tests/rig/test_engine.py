"""The GPU's engine, played by an ONNX Runtime that pretends to have TensorRT: nobody waits for its build, and nothing that happens to it costs a verdict."""

import json
import re
import subprocess
import time

import pytest

from device import ROOT, START_SECONDS, UNIT
from field import A, BARE, NAME

pytestmark = BARE

BUILD_SECONDS = 45
FOLDER = "/opt/heartsound/standin"
LOG = "/var/cache/heartsound/standin.log"
CACHE = "/var/cache/heartsound/engines"


@pytest.fixture(scope="module")
def pretending(field, tmp_path_factory):
    """The device with an ONNX Runtime that builds engines, and settings that ask for them; not yet started anew."""
    folder = tmp_path_factory.mktemp("standin")
    subprocess.run(
        ["gcc", "-shared", "-fPIC", "-O1", "-o", folder / "libonnxruntime.so.1", ROOT / "tests/standins/onnxruntime.c", "-ldl", "-lpthread"], check=True, capture_output=True,
    )
    for part in ("shared", "tensorrt", "cuda"):
        (folder / f"libonnxruntime_providers_{part}.so").touch()  # what an installed provider leaves beside the library
    field.guest.put(folder, FOLDER)
    field.guest.run(f"chmod -R a+rX {FOLDER}")  # of pytest's own folder, into which nobody else may look
    text = re.sub(r"(?m)^\s*//.*$", "", field.guest.run("cat /etc/heartsound/settings.json"))
    settings = json.loads(re.sub(r",(\s*})", r"\1", text))  # comments and a comma at the end are fine in settings, and no JSON
    field.guest.run("cp /etc/heartsound/settings.json /root/settings.before")
    settings["model"] = {**settings.get("model", {}), "providers": ["tensorRt", "cpu"]}
    settings["engine"] = {"retrySeconds": 5, "windowMilliseconds": 15000}
    field.guest.write("/etc/heartsound/settings.json", json.dumps(settings, indent=2))
    field.guest.write("/etc/heartsound/environment", "\n".join([
        f"HEARTSOUND_ONNXRUNTIME={FOLDER}", "HEARTSOUND_STANDIN_REAL=/opt/heartsound/current/bin/app/runtimes/linux-x64/native",
        f"HEARTSOUND_STANDIN_BUILD_SECONDS={BUILD_SECONDS}", f"HEARTSOUND_STANDIN_LOG={LOG}", "",
    ]))
    yield field
    field.guest.run(f"rm -f /etc/heartsound/environment; mv /root/settings.before /etc/heartsound/settings.json; systemctl restart {UNIT}", timeout=START_SECONDS)


def health(field, state: str, mark: int, seconds: float) -> dict:
    """What the broker gets when the engine is in this state."""
    event = field.messages.until(f'^heartsound/{NAME}/health .*"engine":{{[^}}]*"state":"{state}"', seconds, mark)
    return json.loads(event.text.split(" ", 1)[1])["engine"]


def verdict(field, provider: str, mark: int, seconds: float) -> dict:
    event = field.messages.until(f'^heartsound/{NAME}/verdict .*"provider":"{provider}"', seconds, mark)
    return json.loads(event.text.split(" ", 1)[1])


def log(field) -> list[str]:
    return field.guest.run(f"cat {LOG} 2>/dev/null || true").splitlines()


def restart(field) -> int:
    mark = field.messages.mark()
    field.guest.run(f"systemctl restart {UNIT}", timeout=START_SECONDS)
    return mark


def test_power_fails_while_it_is_built_and_half_of_it_is_never_used(working, pretending, figures):
    field = pretending
    mark = restart(field)
    said = health(field, "building", mark, 60)
    assert said["provider"] == "Cpu" and said["preparing"] and said["elapsedSeconds"] is not None, said
    assert verdict(field, "Cpu", mark, 90)["verdict"] == "normal"
    field.guest.run("sync")
    field.cut_power()
    mark = field.messages.mark()
    health(field, "building", mark, START_SECONDS)  # from the beginning
    assert not [line for line in log(field) if line.startswith("load ")], "half an engine was loaded"
    field.archive.audit()
    figures["engine: power cut while it is built"] = "built anew after the boot; " + field.archive.audit()


@pytest.mark.long
def test_first_verdicts_come_from_the_cpu_then_it_is_swapped_between_windows(pretending, figures):
    field = pretending
    mark = field.messages.mark()
    first = verdict(field, "Cpu", mark, 90)
    assert first["verdict"] == "normal"
    health(field, "live", mark, BUILD_SECONDS + 150)
    assert verdict(field, "TensorRt", mark, 90)["verdict"] == "normal"
    figures["engine: examinations while it was built and swapped, none cut short"] = str(field.whole_examinations(mark))
    field.archive.audit()


@pytest.mark.long
def test_its_process_is_killed_and_windows_go_on_on_the_cpu(pretending, figures):
    field = pretending
    mark = field.messages.mark()
    pid = field.device.pid
    field.guest.run("pkill -KILL -f 'engine serve'")
    began = time.monotonic()
    health(field, "retired", mark, 60)
    health(field, "live", mark, 150)
    figures["engine: killed, computes again after"] = f"{time.monotonic() - began:.0f} s"
    assert field.device.pid == pid, "the service went with it"
    verdict(field, "TensorRt", field.messages.mark(), 90)
    field.whole_examinations(mark)
    field.archive.audit()


@pytest.mark.long
def test_started_again_it_loads_what_it_has_built(pretending, figures):
    field = pretending
    built = sum(line.startswith("build ") for line in log(field))
    began = time.monotonic()
    mark = restart(field)
    health(field, "live", mark, 120)
    figures["engine: from the start of the service until it computes, from the cache"] = f"{time.monotonic() - began:.0f} s"
    assert sum(line.startswith("build ") for line in log(field)) == built, "it was built again"
    assert field.guest.run(f"find {CACHE} -name '*.part*' -o -name '*.new*' -o -name '*.tmp*'").strip() == ""
    field.archive.audit()
