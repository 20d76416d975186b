"""An ONNX Runtime with TensorRT and CUDA, as far as the program can tell: tests/standins/onnxruntime.c over a real library."""

import functools
import os
import subprocess
import tempfile
from pathlib import Path

from program import ROOT, RUNTIMES

SOURCE = ROOT / "tests/standins/onnxruntime.c"
PARTS = ["libonnxruntime_providers_shared.so", "libonnxruntime_providers_tensorrt.so", "libonnxruntime_providers_cuda.so"]


@functools.cache
def _library() -> Path:
    """Compiled once a run."""
    folder = Path(tempfile.mkdtemp(prefix="heartsound-standin-"))
    target = folder / "libonnxruntime.so.1"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", target, SOURCE, "-ldl", "-lpthread"], check=True)
    for part in PARTS:
        (folder / part).touch()  # what an installed provider leaves beside the library; the stand-in needs none
    return target


class Gpu:
    """What its providers do, changed while the program runs."""

    def __init__(self, folder: Path, release: str = "1.29.0", **said):
        folder.mkdir(parents=True, exist_ok=True)
        self._file, self.log = folder / "gpu", folder / "gpu.log"
        self._said: dict[str, object] = {"LOG": self.log}
        self.env = {
            "HEARTSOUND_ONNXRUNTIME": str(_library()),
            "HEARTSOUND_STANDIN_REAL": str(RUNTIMES / release / "linux-x64/libonnxruntime.so.1"),
            "HEARTSOUND_STANDIN_FILE": str(self._file),
        }
        self.does(**said)

    def does(self, **said) -> None:
        """``tensorrt="wrong"``, ``cuda="lost"``, ``build_seconds=3`` … from now on."""
        self._said |= {name.upper(): value for name, value in said.items()}
        partial = self._file.with_suffix(".new")
        partial.write_text("".join(f"{name}={value}\n" for name, value in self._said.items()))
        os.replace(partial, self._file)

    def count(self, words: str) -> int:
        """Lines of its log that begin so: ``build``, ``load``, ``session tensorrt`` …"""
        return sum(line.startswith(words) for line in self.log.read_text().splitlines()) if self.log.exists() else 0
