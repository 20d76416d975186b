"""scripts/build-onnxruntime-l4t.sh on stand-in boards, with a stand-in for git and for ONNX Runtime's own build: what it chooses, what it refuses, and that it goes on where it stopped."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts/build-onnxruntime-l4t.sh"

BOARDS = {
    "nano": ("# R32 (release), REVISION: 7.1, GCID: 1, BOARD: t210ref, EABI: aarch64, DATE: …", "nvidia,jetson-nano\0nvidia,tegra210\0", "10.2", "8.2.1", "3.22.6"),
    "xavier-nx": ("# R35 (release), REVISION: 4.1, GCID: 1, BOARD: t186ref, EABI: aarch64", "nvidia,p3509\0nvidia,tegra194\0", "11.4", "8.5.2", "3.26.4"),
    "orin-nano": ("# R36 (release), REVISION: 4.3, GCID: 1, BOARD: generic, EABI: aarch64", "nvidia,p3768\0nvidia,tegra234\0", "12.6", "10.3.0", "3.28.4"),
}

# A clone is a folder with a build.sh that notes how it was called and makes the four libraries; a submodule of GitLab's is a commit that is fetched.
GIT = """#!/bin/sh
echo "git $*" >>"$LOG"
case $* in
    clone*) for place; do :; done; mkdir -p "$place/cmake"; cp "$FAKES/build.sh" "$place/"; echo mit >"$place/LICENSE"; echo others >"$place/ThirdPartyNotices.txt"; cp "$FAKES/deps.txt" "$place/cmake/" ;;
    init*) mkdir -p "$3" ;;
esac
"""
BUILD = """#!/bin/sh
echo "build.sh $*" >>"$LOG"
[ ! -e "$FAKES/breaks" ] || exit 1
while [ $# -gt 0 ]; do [ "$1" != --build_dir ] || out=$2/Release; shift; done
mkdir -p "$out"
for name in libonnxruntime.so.1.11.0 libonnxruntime.so.1.16.3 libonnxruntime.so.1.20.1 libonnxruntime_providers_shared.so libonnxruntime_providers_cuda.so libonnxruntime_providers_tensorrt.so; do echo "$name" >"$out/$name"; done
"""
EIGEN = "eigen;https://gitlab.com/libeigen/eigen/-/archive/e7248b26a1ed53fa030c5c459f7ea095dfd276ac/eigen-e7248b26a1ed53fa030c5c459f7ea095dfd276ac.zip;be8be39fdbc6e60e94fa7870b280707069b5b81a\n"


class Board:
    def __init__(self, folder: Path, kind: str):
        self.folder, self.log = folder, folder / "log"
        release, compatible, cuda, tensorrt, cmake = BOARDS[kind]
        self.write("etc/nv_tegra_release", release + "\n")
        self.write("proc/device-tree/compatible", compatible)
        self.write("proc/meminfo", "MemTotal: 4000000 kB\nSwapTotal: 8000000 kB\n")
        self.tool("usr/local/cuda/bin/nvcc", f"echo 'Cuda compilation tools, release {cuda}, V{cuda}.300'")
        self.write(f"usr/lib/aarch64-linux-gnu/libnvinfer.so.{tensorrt}", "")
        for name in ("NvInfer.h", "NvInferSafeRuntime.h", "cudnn_version.h"):
            self.write(f"usr/include/aarch64-linux-gnu/{name}", "")
        for name in ("python3", "make", "g++", "patch"):
            self.tool(f"bin/{name}", "exit 0")
        self.tool("bin/uname", "echo aarch64")
        self.tool("bin/nproc", "echo 4")
        self.tool("bin/cmake", f"echo cmake version {cmake}")
        self.tool("bin/git", GIT)
        self.tool("fakes/build.sh", BUILD)
        self.write("fakes/deps.txt", EIGEN if kind != "nano" else "")

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def tool(self, name: str, text: str) -> None:
        self.write(name, text if text.startswith("#!") else f"#!/bin/sh\n{text}\n").chmod(0o755)

    def run(self, *options) -> subprocess.CompletedProcess:
        environment = {"PATH": f"{self.folder}/bin:/usr/bin:/bin", "HEARTSOUND_L4T_SYSTEM": str(self.folder), "LOG": str(self.log), "FAKES": str(self.folder / "fakes"), "HOME": os.environ.get("HOME", "/")}
        return subprocess.run([SCRIPT, "--work", self.folder / "work", "--target", self.folder / "opt", *map(str, options)], capture_output=True, text=True, env=environment, timeout=60)

    def calls(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def board(tmp_path):
    return lambda kind: Board(tmp_path, kind)


@pytest.mark.parametrize("kind, version, sm", [("nano", "1.11.0", "53"), ("xavier-nx", "1.16.3", "72"), ("orin-nano", "1.20.1", "87")])
def test_build_each_board_gets_its_version_for_its_gpu(board, tmp_path, kind, version, sm):
    here = board(kind)
    done = here.run()
    assert done.returncode == 0, done.stderr
    assert f"HEARTSOUND_ONNXRUNTIME={tmp_path}/opt/{version}/libonnxruntime.so.1" in done.stdout
    place = tmp_path / "opt" / version
    assert {path.name for path in place.iterdir()} == {"libonnxruntime.so.1", "libonnxruntime_providers_shared.so", "libonnxruntime_providers_cuda.so", "libonnxruntime_providers_tensorrt.so",
                                                       "LICENSE", "ThirdPartyNotices.txt", "build.txt"}
    assert (place / "libonnxruntime.so.1").read_text() == f"libonnxruntime.so.{version}\n" and f"sm {sm}\n" in (place / "build.txt").read_text()
    clone, build = here.calls()[0], here.calls()[-1]
    assert f"--branch v{version} --recurse-submodules" in clone
    assert all(option in build for option in ("--build_shared_lib", "--use_tensorrt", f"CMAKE_CUDA_ARCHITECTURES={sm}", "onnxruntime_BUILD_UNIT_TESTS=OFF", "--parallel 1 "))
    assert ("--allow_running_as_root" in build) == (kind != "nano"), "1.11 does not know the option"
    # Eigen's archive no longer has the sum that the sources name; its commit is fetched.
    assert ("FETCHCONTENT_SOURCE_DIR_EIGEN=" in build) == any("e7248b26a1ed53fa030c5c459f7ea095dfd276ac" in call for call in here.calls()) == (kind != "nano")


def test_build_that_was_stopped_goes_on_and_one_that_is_done_is_left_alone(board, tmp_path):
    here = board("orin-nano")
    (tmp_path / "fakes/breaks").touch()
    assert here.run().returncode != 0 and not (tmp_path / "opt").exists()
    (tmp_path / "fakes/breaks").unlink()
    done = here.run()
    assert done.returncode == 0 and "done before" in done.stdout and sum(call.startswith("git clone") for call in here.calls()) == 1
    before = here.calls()
    assert "is there; --again" in here.run().stdout and here.calls() == before
    assert here.run("--again").returncode == 0 and here.calls()[-1].startswith("build.sh") and len(here.calls()) == len(before) + 1


def test_build_dry_run_changes_nothing(board, tmp_path):
    here = board("nano")
    done = here.run("--dry-run")
    assert done.returncode == 0 and "compile" in done.stdout and here.calls() == [] and not (tmp_path / "work").exists() and not (tmp_path / "opt").exists()


def test_build_everything_that_is_missing_is_said_at_once_and_nothing_is_changed(board, tmp_path):
    here = board("nano")
    here.write("proc/meminfo", "MemTotal: 4000000 kB\nSwapTotal: 2000000 kB\n")
    here.tool("bin/cmake", "echo cmake version 3.10.2")
    here.tool("bin/uname", "echo x86_64")
    here.tool("usr/local/cuda/bin/nvcc", "echo 'release 11.4, V11.4'")
    (tmp_path / "usr/include/aarch64-linux-gnu/NvInferSafeRuntime.h").unlink()
    (tmp_path / "usr/include/aarch64-linux-gnu/cudnn_version.h").unlink()
    (tmp_path / "usr/lib/aarch64-linux-gnu/libnvinfer.so.8.2.1").rename(tmp_path / "usr/lib/aarch64-linux-gnu/libnvinfer.so.8.0.1")
    done = here.run()
    assert done.returncode == 1 and here.calls() == [] and not (tmp_path / "work").exists()
    for words in ("memory and swap are 6 GB", "mkswap", "cmake 3.10.2", "this is a x86_64", "CUDA is 11.4", "TensorRT is 8.0", "NvInferSafeRuntime.h is missing", "cuDNN's headers"):
        assert words in done.stderr


def test_build_header_that_a_container_lacks_can_be_brought(board, tmp_path):
    here = board("nano")
    (tmp_path / "usr/include/aarch64-linux-gnu/NvInferSafeRuntime.h").unlink()
    here.write("brought/NvInferSafeRuntime.h", "")
    assert here.run().returncode == 1
    assert here.run("--include", tmp_path / "brought").returncode == 0 and f"-I{tmp_path}/brought" in here.calls()[-1]


def test_build_more_memory_means_more_compilers_but_not_more_than_processors(board):
    here = board("orin-nano")
    for memory, jobs in ((11, 1), (17, 2), (64, 4)):
        here.write("proc/meminfo", f"MemTotal: {memory}000000 kB\nSwapTotal: 0 kB\n")
        assert f"{jobs} compilers at once" in here.run("--dry-run").stdout


@pytest.mark.parametrize("release, words", [("# R32 (release), REVISION: 6.1, GCID", "L4T 32.6.1"), ("# R38 (release), REVISION: 1.0,", "L4T 38.1.0"), ("something else", "a form that is not known")])
def test_build_system_that_is_not_in_the_table_is_refused(board, release, words):
    here = board("nano")
    here.write("etc/nv_tegra_release", release + "\n")
    done = here.run()
    assert done.returncode == 1 and words in done.stderr


@pytest.mark.parametrize("options, words", [(["--jobs", "many"], "no number"), (["--sm", "x"], "no list"), (["--no-such"], "--no-such"), (["--work"], "needs a value")])
def test_build_wrong_use_is_refused(board, options, words):
    done = board("nano").run(*options)
    assert done.returncode == 1 and words in done.stderr


def test_build_help_explains_itself():
    done = subprocess.run([SCRIPT, "--help"], capture_output=True, text=True)
    assert done.returncode == 0 and "--again" in done.stdout
