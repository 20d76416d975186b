"""A GPU that is none: tests/standins/onnxruntime.c in the place of ONNX Runtime, over a real one; its head says what it can do."""

import subprocess
from pathlib import Path

from program import ROOT, RUNTIMES


class StandInGpu:
    """An ONNX Runtime with TensorRT and CUDA. ``env`` makes a program use it, ``play`` says what it does from now on, also to a program that runs."""

    def __init__(self, folder: Path, real: str = "1.17.3", version: str | None = None):
        folder.mkdir(parents=True)
        self._settings, self._log = folder / "settings", folder / "log"
        library = folder / "libonnxruntime.so.1"
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, ROOT / "tests/standins/onnxruntime.c", "-ldl", "-lpthread"], check=True)
        self.env = {
            "HEARTSOUND_ONNXRUNTIME": str(library),
            "HEARTSOUND_STANDIN_REAL": str(RUNTIMES / real / "linux-x64"),
            "HEARTSOUND_STANDIN_FILE": str(self._settings),
            "HEARTSOUND_STANDIN_LOG": str(self._log),
            **({"HEARTSOUND_STANDIN_VERSION": version} if version else {}),
        }
        self.play()

    def play(self, **settings) -> None:
        """play(tensorrt="wrong:after 20", cuda="absent", build_seconds=3): everything not named is as it is by default."""
        following = self._settings.with_suffix(".next")
        following.write_text("".join(f"{name.upper()}={value}\n" for name, value in settings.items()))
        following.replace(self._settings)

    @property
    def log(self) -> list[str]:
        """What was asked of it by all programs: options, engines built and loaded, sessions."""
        return self._log.read_text().splitlines() if self._log.exists() else []
