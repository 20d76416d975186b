"""The engine's life, from outside: a device whose ONNX Runtime seems to have TensorRT and CUDA (standin.py) listens to a simulated heart, and its GPU does what GPUs do."""

import json
import os
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

from program import NOT_REPRODUCED, OK, RUNTIMES, SETUP, Running, heartsound, running, wait_until
from standin import Gpu

RUN = ["run", "--simulate", "--speed", "10", "--json", "--device", "bed-7", "--lights", "none", "--examination-seconds", "10",
       "--set", "engine.retrySeconds=1", "--set", "engine.windowMilliseconds=1500"]


@contextmanager
def device(folder: Path, gpu: Gpu | None, *more, examination: str = "always", env: dict[str, str] | None = None):
    """The service; what it keeps lies in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    with running(folder / "run", *RUN, "--examination", examination, *more, env={"XDG_CACHE_HOME": str(folder / "cache"), **(gpu.env if gpu else {}), **(env or {})}) as run:
        yield run


def verdicts(run: Running) -> list[dict]:
    """Those that are there; the last line may be under way."""
    return [json.loads(line) for line in run.out.splitlines() if line.endswith("}")]


def until(run: Running, condition) -> list[dict]:
    """Waits until a verdict is so; all of them."""
    wait_until(lambda: any(condition(v) for v in verdicts(run)), lambda: f"{run.out[-2000:]}\n{run.err[-4000:]}")
    return verdicts(run)


def computed_by(*providers: str):
    """Exactly these computed its windows."""
    return lambda verdict: set(verdict["engine"]["windows"]) == set(providers)


def more_than(run: Running, count: int) -> None:
    wait_until(lambda: len(verdicts(run)) > count, lambda: run.err[-4000:])


def sound(found: list[dict]) -> None:
    """Nothing is lost: every verdict follows the one before, and all say the same of the same heart, whatever computed them."""
    assert [v["sequence"] for v in found] == list(range(1, len(found) + 1))
    ends = [(v["examination"]["startSeconds"], v["examination"]["endSeconds"]) for v in found]
    assert all(later[0] == pytest.approx(earlier[1], abs=0.1) for earlier, later in zip(ends, ends[1:])), ends
    assert len({v["verdict"] for v in found}) == 1, [v["verdict"] for v in found]
    assert all(sum(v["engine"]["windows"].values()) == v["quality"]["windows"] for v in found)


def engines(folder: Path) -> list[Path]:
    return sorted((folder / "cache/heartsound/engines").rglob("*.engine"))


def engine_process(run: Running) -> int:
    """Process id of the engine that answers."""
    children = Path(f"/proc/{run.pid}/task").glob("*/children")
    return max(int(pid) for file in children for pid in file.read_text().split())


def serves_at_once_and_swaps_when_the_engine_is_there(folder: Path):
    gpu = Gpu(folder, build_seconds=3)
    with device(folder, gpu) as run:
        found = until(run, computed_by("TensorRt"))
        first = found[0]["engine"]
        assert first["asked"] == ["TensorRt", "Cuda", "Cpu"] and set(first["windows"]) == {"Cpu"} and "TensorRt Fp16" in first["why"]
        last = found[-1]
        assert last["provider"] == "TensorRt" and last["engine"]["precision"] == "fp16" and last["engine"]["why"] is None
        sound(found)
    assert "an engine is being built" in run.err and "computes from the next window on" in run.err
    assert len(engines(folder)) == 1 and gpu.count("build") == 1 and gpu.count("load") == 1

    # The next start builds nothing.
    with device(folder, gpu) as run:
        sound(until(run, computed_by("TensorRt")))
    assert gpu.count("build") == 1 and gpu.count("load") == 2


def wrong_tensorrt_gives_way_to_cuda_and_is_not_built_again(folder: Path):
    gpu = Gpu(folder, tensorrt="wrong")
    with device(folder, gpu) as run:
        found = until(run, computed_by("Cuda"))
        why = found[-1]["engine"]["why"]
        assert "TensorRt Fp16: does not reproduce the model's goldens" in why and "TensorRt Fp32" in why
        sound(found)
    built = gpu.count("build")
    assert built == 2, "FP16, then FP32"
    with device(folder, gpu) as run:
        until(run, computed_by("Cuda"))
    assert gpu.count("build") == built, "an engine that computes wrongly was built again"


def half_precision_that_is_wrong_gives_way_to_single(folder: Path):
    with device(folder, Gpu(folder, tensorrt="permuted:fp16")) as run:
        last = until(run, computed_by("TensorRt"))[-1]
    assert last["engine"]["precision"] == "fp32" and "TensorRt Fp16: does not reproduce" in last["engine"]["why"]


def slightly_wrong_is_within_the_tolerance(folder: Path):
    with device(folder, Gpu(folder, tensorrt="slightly")) as run:
        assert until(run, computed_by("TensorRt"))[-1]["engine"]["precision"] == "fp16"


def all_wrong_leaves_the_cpu(folder: Path):
    with device(folder, Gpu(folder, tensorrt="nan", cuda="wrong")) as run:
        found = until(run, lambda v: "Cuda Fp32: does not reproduce" in (v["engine"]["why"] or ""))
        sound(found)
        assert all(computed_by("Cpu")(v) for v in found)


def crash_while_building_leaves_the_cpu_and_nothing_half(folder: Path):
    gpu = Gpu(folder, tensorrt="crashBuild", cuda="unusable")
    with device(folder, gpu) as run:
        found = until(run, lambda v: "ended by signal 11" in (v["engine"]["why"] or ""))
        assert engines(folder) == []
        gpu.does(tensorrt="right")
        sound(until(run, computed_by("TensorRt")))
    assert found


def fails_while_it_computes(folder: Path, **faults: str) -> None:
    """Each fault in turn, and well again after it; every engine that failed is left alone for twice as long as the one before."""
    gpu = Gpu(folder)
    with device(folder, gpu) as run:
        for fault, words in faults.items():
            until(run, computed_by("TensorRt"))
            before = len(verdicts(run))
            gpu.does(tensorrt=fault, cuda=fault)
            wait_until(lambda: any(computed_by("Cpu")(v) for v in verdicts(run)[before:]), lambda: f"{fault}: {run.err[-4000:]}")
            gpu.does(tensorrt="right", cuda="right")
            before = len(verdicts(run))
            wait_until(lambda: any(computed_by("TensorRt")(v) for v in verdicts(run)[before:]), lambda: f"after {fault}: {run.err[-4000:]}")
            assert words in run.err, run.err[-4000:]
        sound(verdicts(run))


def crash_and_hang_cost_no_verdict(folder: Path):
    fails_while_it_computes(folder, crash="ended by signal 11", hang="did not answer within 1500 ms")


def want_of_memory_and_a_lost_device_cost_no_verdict(folder: Path):
    fails_while_it_computes(folder, oom="memory", lost="TensorRt Fp16 failed")


def no_number_costs_no_verdict(folder: Path):
    fails_while_it_computes(folder, nan="number that is none")


def right_at_first_and_wrong_later_is_found_out(folder: Path):
    gpu = Gpu(folder)
    with device(folder, gpu) as run:
        until(run, computed_by("TensorRt"))
        gpu.does(tensorrt="wrong", cuda="unusable")
        until(run, lambda v: "differ from the CPU's" in (v["engine"]["why"] or ""))
        before = len(verdicts(run))
        gpu.does(tensorrt="right")
        more_than(run, before + 4)
        assert all(v["provider"] == "Cpu" or v["engine"]["precision"] != "fp16" for v in verdicts(run)[before + 2:]), "an engine that was found wrong computes again"


def killed_engine_is_replaced(folder: Path):
    with device(folder, Gpu(folder)) as run:
        until(run, computed_by("TensorRt"))
        os.kill(engine_process(run), signal.SIGKILL)
        before = len(verdicts(run))
        wait_until(lambda: "ended by signal 9" in run.err, lambda: run.err[-4000:])
        wait_until(lambda: any(computed_by("TensorRt")(v) for v in verdicts(run)[before + 1:]), lambda: run.err[-4000:])
        sound(verdicts(run))


def killed_engine_is_missed_though_nobody_is_examined(folder: Path):
    with device(folder, Gpu(folder), "--level", "0", "--noise-db", "-80", examination="contact") as run:
        wait_until(lambda: "TensorRt Fp16 computes from the next window on" in run.err, lambda: run.err[-4000:])
        os.kill(engine_process(run), signal.SIGKILL)
        wait_until(lambda: run.err.count("TensorRt Fp16 computes from the next window on") == 2, lambda: run.err[-4000:])
    assert "it was ended by signal 9 while it had nothing to do" in run.err, run.err[-5000:]
    assert verdicts(run) == []


def damaged_engine_is_built_again(folder: Path):
    gpu = Gpu(folder)
    with device(folder, gpu) as run:
        until(run, computed_by("TensorRt"))
    damaged = engines(folder)[0]
    damaged.write_bytes(damaged.read_bytes()[:-1])
    with device(folder, gpu) as run:
        sound(until(run, computed_by("TensorRt")))
    assert gpu.count("build") == 2


def gpu_that_cannot_load_for_a_while_keeps_its_engine(folder: Path):
    gpu = Gpu(folder)
    with device(folder, gpu) as run:
        until(run, computed_by("TensorRt"))
    gpu.does(tensorrt="lost", cuda="lost")
    with device(folder, gpu) as run:
        sound(until(run, lambda v: "Cuda Fp32: " in (v["engine"]["why"] or "")))
        gpu.does(tensorrt="right", cuda="right")
        sound(until(run, computed_by("TensorRt")))
        assert computed_by("TensorRt")(verdicts(run)[-1]) and verdicts(run)[-1]["engine"]["precision"] == "fp16"
    assert gpu.count("build") == 1, "an engine that was good was thrown away because the GPU was not"


SCENARIOS = [
    serves_at_once_and_swaps_when_the_engine_is_there, wrong_tensorrt_gives_way_to_cuda_and_is_not_built_again, half_precision_that_is_wrong_gives_way_to_single,
    slightly_wrong_is_within_the_tolerance, all_wrong_leaves_the_cpu, crash_while_building_leaves_the_cpu_and_nothing_half, crash_and_hang_cost_no_verdict, want_of_memory_and_a_lost_device_cost_no_verdict, no_number_costs_no_verdict,
    right_at_first_and_wrong_later_is_found_out, killed_engine_is_replaced, killed_engine_is_missed_though_nobody_is_examined, damaged_engine_is_built_again, gpu_that_cannot_load_for_a_while_keeps_its_engine,
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_engine(scenario, outcomes):
    outcomes[scenario].result()


def test_engine_ends_with_the_service_even_when_that_is_killed(tmp_path):
    with device(tmp_path, Gpu(tmp_path)) as run:
        until(run, computed_by("TensorRt"))
        child = engine_process(run)
        os.kill(run.pid, signal.SIGKILL)
        wait_until(lambda: not Path(f"/proc/{child}").exists(), lambda: subprocess.run(["ps", "-fp", str(child)], capture_output=True, text=True).stdout)


def test_cache_that_may_not_be_written_is_an_error_at_the_start(tmp_path):
    (tmp_path / "file").write_text("")
    done = heartsound(*RUN, "--set", f"engine.cacheFolder={tmp_path / 'file' / 'engines'}", env=Gpu(tmp_path).env)
    assert done.code == SETUP and "Engine has failed: cacheFailed" in done.err and "engine.cacheFolder" in done.err and str(tmp_path / "file") in done.err, done
    assert done.out == ""


@pytest.mark.parametrize("release", ["1.11.0", "1.17.3", "1.29.0"])
def test_provider_that_is_listed_or_not_but_not_there_is_said_and_no_fault(tmp_path, release):
    """The npm builds as they are: the newer ones list TensorRT and CUDA."""
    with device(tmp_path, None, env={"HEARTSOUND_ONNXRUNTIME": str(RUNTIMES / release / "linux-x64")}) as run:
        verdict = until(run, computed_by("Cpu"))[0]
    assert verdict["provider"] == "Cpu"
    assert verdict["engine"]["why"].startswith("TensorRt: ") and "Cuda: " in verdict["engine"]["why"]
    assert "degraded" not in run.err


def test_build_list_and_clear(tmp_path):
    gpu = Gpu(tmp_path)
    env = {"XDG_CACHE_HOME": str(tmp_path / "cache"), **gpu.env}
    done = heartsound("engine", "build", "--json", env=env)
    assert done.code == OK, done
    built = done.lines[0]
    assert (built["provider"], built["precision"], built["faults"]) == ("TensorRt", "fp16", [])
    assert gpu.count("build") == 1

    again = heartsound("engine", "build", env=env)
    assert again.code == OK and "is ready" in again.out and gpu.count("build") == 1

    kept = json.loads(heartsound("engine", "list", "--json", env=env).out)
    assert [(e["key"]["provider"], e["key"]["precision"]) for e in kept] == [("TensorRt", "fp16")]
    assert "Fp16" in heartsound("engine", "list", env=env).out
    assert "1 engine" in heartsound("engine", "clear", env=env).out and engines(tmp_path) == []

    gpu.does(tensorrt="wrong", cuda="wrong")
    done = heartsound("engine", "build", env=env)
    assert done.code == NOT_REPRODUCED and "does not reproduce" in done.err and "the CPU computes" in done.out

    done = heartsound("engine", "build", "--provider", "cpu", env=env)
    assert done.code == OK and "no engine to build" in done.out
