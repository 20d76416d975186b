"""Dockerfile.l4t and what belongs to it, as far as can be seen without Docker and a Jetson: its structure, its shell, and that it says the same as the table, the unit and the bundle."""

import json
import re
import shlex
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FILE = ROOT / "Dockerfile.l4t"
COMPOSE = ROOT / "deploy/docker/compose.yml"
KNOWN = "FROM SHELL RUN ARG COPY ENV USER VOLUME STOPSIGNAL HEALTHCHECK ENTRYPOINT CMD".split()


@dataclass
class Stage:
    base: str
    name: str
    shell: list[str] = field(default_factory=lambda: ["/bin/sh", "-c"])
    steps: list[tuple[str, str]] = field(default_factory=list)

    def all(self, instruction: str) -> list[str]:
        return [text for what, text in self.steps if what == instruction]


def parse(text: str) -> list[Stage]:
    """The stages of a Dockerfile of the kind that ours is: no heredocs, no escape directive."""
    stages: list[Stage] = []
    for line in re.sub(r"\\\n(?:\s*#.*\n)*", " ", text).splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        what, rest = line.split(None, 1)
        assert what in KNOWN, f"what is {what}?"
        if what == "FROM":
            base, name = re.fullmatch(r"(\S+) AS (\S+)", rest).groups()
            stages.append(Stage(base, name))
        elif what == "SHELL":
            stages[-1].shell = json.loads(rest)
        else:
            stages[-1].steps.append((what, " ".join(rest.split())))
    return stages


STAGES = {stage.name: stage for stage in parse(FILE.read_text())}
DEVICES = [stage for name, stage in STAGES.items() if name.startswith("jetpack-")]


def table() -> dict[str, dict[str, str]]:
    """deploy/l4t/onnxruntime.table by JetPack."""
    names = "l4t jetpack cuda tensorrt ort sm cmake image run flags".split()
    rows = [line.split() for line in (ROOT / "deploy/l4t/onnxruntime.table").read_text().splitlines() if line and not line.startswith("#")]
    assert all(len(row) == len(names) for row in rows)
    return {row[1]: dict(zip(names, row)) for row in rows}


def environment(text: str) -> dict[str, str]:
    return dict(word.split("=", 1) for word in shlex.split(text))


def test_stages_are_one_that_verifies_and_two_a_jetpack():
    jetpacks = {name for name, row in table().items() if row["image"] != "-"}
    assert jetpacks == {"4.6", "5.1", "6.2"}
    assert STAGES.keys() == {"bundle", *(f"onnxruntime-{jetpack}" for jetpack in jetpacks), *(f"jetpack-{jetpack}" for jetpack in jetpacks)}


def test_bases_are_those_of_the_table_and_none_floats():
    for jetpack, row in table().items():
        if row["image"] == "-":
            continue
        assert STAGES[f"onnxruntime-{jetpack}"].base == row["image"] and STAGES[f"jetpack-{jetpack}"].base == row["run"]
        release = re.search(r"--l4t (\S+)", STAGES[f"onnxruntime-{jetpack}"].all("RUN")[-1])[1]
        assert release in row["l4t"].split(",") and f"SM:-{row['sm']}" in STAGES[f"onnxruntime-{jetpack}"].all("RUN")[-1]
        assert environment(STAGES[f"jetpack-{jetpack}"].all("ENV")[0])["HEARTSOUND_ONNXRUNTIME"] == f"/opt/heartsound/onnxruntime/{row['ort']}/libonnxruntime.so.1"
        pinned = re.search(r"cmake==(\d+)\.(\d+)", STAGES[f"onnxruntime-{jetpack}"].all("RUN")[0])
        assert (int(pinned[1]), int(pinned[2])) >= tuple(map(int, row["cmake"].split(".")))
    assert all(re.search(r":[^:]*\d", stage.base) and not stage.base.endswith(":latest") for stage in STAGES.values())


def test_device_stages_say_the_same_but_for_their_jetpack():
    def neutral(stage: Stage) -> list[tuple[str, str]]:
        jetpack = stage.name.removeprefix("jetpack-")
        return [(what, text.replace(f"onnxruntime-{jetpack}", "onnxruntime-X").replace(f"/onnxruntime/{table()[jetpack]['ort']}/", "/onnxruntime/V/")) for what, text in stage.steps]

    assert len(DEVICES) == 3 and neutral(DEVICES[0]) == neutral(DEVICES[1]) == neutral(DEVICES[2])


@pytest.mark.parametrize("stage", DEVICES, ids=lambda stage: stage.name)
def test_device_stage_is_not_root_has_a_health_check_and_ends_well(stage):
    order = [what for what, _ in stage.steps]
    assert stage.all("USER") == ["heartsound"] and order.index("USER") < order.index("HEALTHCHECK") and "RUN" not in order[order.index("USER") + 2:]
    assert stage.all("STOPSIGNAL") == ["SIGTERM"] and json.loads(stage.all("CMD")[0]) == ["run"]
    options, command = stage.all("HEALTHCHECK")[0].split(" CMD ")
    assert json.loads(command) == ["/opt/heartsound/current/bin/heartsound", "health"] and "--start-period=20m" in options.split()
    assert json.loads(stage.all("ENTRYPOINT")[0]) == json.loads(command)[:1]


def test_device_stage_has_the_units_environment_and_folders():
    unit = (ROOT / "systemd/heartsound.service").read_text()
    wanted = {}
    for line in re.findall(r"^Environment=(.*)$", unit, re.MULTILINE):
        wanted |= environment(line)
    there = environment(DEVICES[0].all("ENV")[0])
    assert wanted.items() <= there.items()
    assert {there[f"{kind}_DIRECTORY"] for kind in ("STATE", "CACHE", "RUNTIME")} == {"/var/lib/heartsound", "/var/cache/heartsound", "/run/heartsound"}
    assert set(json.loads(DEVICES[0].all("VOLUME")[0])) == {there["STATE_DIRECTORY"], there["CACHE_DIRECTORY"]}


def test_bundle_is_verified_before_it_is_used():
    runs = STAGES["bundle"].all("RUN")
    assert any("verify-bundle.sh /bundle.tar.zst --keys /keys --for-this-machine --unpack /opt/heartsound/current" in run for run in runs)
    assert any("sha512sum --check --strict && tar" in run for run in runs)
    assert not re.search(r"\b(curl|wget|ADD)\b|--privileged", FILE.read_text())


def test_copies_exist_in_the_checkout_and_in_the_context():
    kept = [line[1:] for line in (ROOT / "Dockerfile.l4t.dockerignore").read_text().splitlines() if line.startswith("!")]
    for stage in STAGES.values():
        for copy in stage.all("COPY"):
            *sources, _ = copy.split()
            if sources[0].startswith("--from="):
                assert sources[0].removeprefix("--from=") in STAGES
                continue
            for source in sources:
                if source.startswith("${"):
                    assert source[2:-1] in stage.all("ARG")
                else:
                    assert (ROOT / source).exists() and any(source.rstrip("/").startswith(path) for path in kept), source


def test_arguments_are_declared_where_they_are_used():
    for stage in STAGES.values():
        names = {argument.split("=")[0] for argument in stage.all("ARG")} | {name for text in stage.all("ENV") for name in environment(text)}
        used = {name for what, text in stage.steps if what in ("RUN", "COPY") for name in re.findall(r"\$\{([A-Z_0-9]+)", text)}
        assert used <= names, stage.name


def shell_of(stage: Stage, run: str) -> str:
    declared = "".join(f"export {argument}=''\n" for argument in stage.all("ARG"))
    return f"#!{stage.shell[0]}\n{declared}{run}\n"


@pytest.mark.parametrize("stage", STAGES.values(), ids=STAGES.keys())
def test_shell_of_every_step_passes_shellcheck(stage):
    for run in stage.all("RUN"):
        if not run.startswith("["):
            done = subprocess.run(["shellcheck", "-"], input=shell_of(stage, run), capture_output=True, text=True)
            assert done.returncode == 0, done.stdout


def test_shellcheck_would_find_a_mistake():
    done = subprocess.run(["shellcheck", "-"], input=shell_of(STAGES["bundle"], "cd $KEYS; rm -rf $x/"), capture_output=True, text=True)
    assert done.returncode == 1 and "SC2086" in done.stdout


# --- compose ------------------------------------------------------------------------------------------------------------------------------------------------------------

def test_compose_denies_what_the_device_does_not_need():
    service = yaml.safe_load(COMPOSE.read_text())["services"]["heartsound"]
    assert "privileged" not in service and "devices" not in service and "network_mode" not in service and "pid" not in service
    assert service["read_only"] and service["cap_drop"] == ["ALL"] and service["security_opt"] == ["no-new-privileges:true"] and service["init"] and service["restart"] == "unless-stopped"
    unit = (ROOT / "systemd/heartsound.service").read_text()
    assert f"MemoryMax={service['mem_limit'].upper()}\n" in unit and f"TasksMax={service['pids_limit']}\n" in unit and "LimitCORE=0\n" in unit and service["ulimits"]["core"] == 0
    assert int(service["stop_grace_period"][:-1]) > int(re.search(r"TimeoutStopSec=(\d+)", unit)[1])
    line = (ROOT / "docs/l4t.md").read_text()
    assert f"--memory {service['mem_limit']} --pids-limit {service['pids_limit']} " in line and "--privileged" not in re.search(r"docker run .*?```", line, re.DOTALL)[0]
    assert all(f"'{rule}'" in line or rule.startswith("c ${") for rule in service["device_cgroup_rules"]) and all(f"-v {volume}" in line for volume in service["volumes"])


def test_compose_gives_sound_and_gpio_by_rule_of_the_cgroup():
    service = yaml.safe_load(COMPOSE.read_text())["services"]["heartsound"]
    assert "/dev/snd:/dev/snd" in service["volumes"] and service["device_cgroup_rules"][0] == "c 116:* rw" and "GPIO_MAJOR" in service["device_cgroup_rules"][1]
    mounted = {volume.split(":")[1] for volume in service["volumes"]} | {mount.split(":")[0] for mount in service["tmpfs"]}
    there = environment(DEVICES[0].all("ENV")[0])
    assert {there[f"{kind}_DIRECTORY"] for kind in ("STATE", "CACHE", "RUNTIME")} | {"/tmp", "/etc/heartsound"} <= mounted, "the root is read-only"
    assert "/etc/heartsound:/etc/heartsound:ro" in service["volumes"]


@pytest.fixture
def board(tmp_path) -> Path:
    for name, text in {"etc/group": "root:x:0:\naudio:x:29:\nvideo:x:44:\ngpio:x:999:\n", "proc/devices": "Character devices:\n  1 mem\n116 alsa\n254 gpiochip\n\nBlock devices:\n  7 loop\n"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def env(board: Path, *arguments) -> subprocess.CompletedProcess:
    return subprocess.run([ROOT / "deploy/docker/env.sh", *arguments], capture_output=True, text=True, env={"PATH": "/usr/bin:/bin", "HEARTSOUND_L4T_SYSTEM": str(board)})


def test_compose_values_of_a_board_are_those_that_compose_asks_for(board):
    done = env(board, "heartsound-edge:1")
    assert done.stdout == "HEARTSOUND_IMAGE=heartsound-edge:1\nGPIO_MAJOR=254\nAUDIO_GID=29\nGPIO_GID=999\nVIDEO_GID=44\n" and done.returncode == 0
    assert set(re.findall(r"\$\{([A-Z_]+)", COMPOSE.read_text())) == {line.split("=")[0] for line in done.stdout.splitlines()}


def test_compose_values_of_what_is_no_board_are_refused(board):
    (board / "etc/group").write_text("root:x:0:\naudio:x:29:\nvideo:x:44:\n")
    done = env(board, "heartsound-edge:1")
    assert done.returncode == 1 and "no group 'gpio'" in done.stderr and done.stdout == ""
    (board / "proc/devices").write_text("116 alsa\n")
    assert "no GPIO chips" in env(board, "heartsound-edge:1").stderr and env(board).returncode == 1
