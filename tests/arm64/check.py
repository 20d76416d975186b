#!/usr/bin/env python3
"""Whether the arm64 libraries of ONNX Runtime that bundles carry give a model's golden logits, on an emulated Cortex-A57 (the Nano's processor). No part of `make test`.

    tests/arm64/check.py [MODEL…]      models of models/; physionet2016-cnn-small otherwise

Needs: apt-get install qemu-user-static gcc-aarch64-linux-gnu libc6-dev-arm64-cross libstdc++6-arm64-cross; and scripts/get-native.sh --all.
It shows processor, ABI and the numbers; neither time nor GPU, and not the program itself: there is no .NET runtime for arm64 here.
"""

import base64
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import bundle_files  # noqa: E402

SYSROOT = "/usr/aarch64-linux-gnu"
VERSIONS = ("1.11.0", "1.17.3")  # 1.29.0 ends in a segmentation fault while it is loaded by qemu 7.2, with `-cpu max` too; whether on a board nobody has tried


def main() -> int:
    wrong = 0
    with tempfile.TemporaryDirectory() as scratch:
        program, windows = Path(scratch, "infer"), Path(scratch, "windows.f32")
        subprocess.run(["aarch64-linux-gnu-gcc", "-O1", "-Wall", "-Wextra", "-Werror", ROOT / "tests/arm64/infer.c", "-o", program, "-ldl"], check=True)
        for model in sys.argv[1:] or ["physionet2016-cnn-small"]:
            folder = ROOT / "models" / model
            cases = json.loads((folder / "golden.json").read_text())["cases"]
            manifest = bundle_files.metadata(folder / "model.onnx")
            count, bands = sum(case["windows"] for case in cases), manifest["frontEnd"]["melBands"]
            features = b"".join(base64.b64decode(case["features"]) for case in cases)
            windows.write_bytes(features)
            golden = [[float(x) for x in window] for case in cases for window in case["logits"]]
            tolerance = manifest["goldenTolerance"]["logits"]
            for version in VERSIONS:
                library = ROOT / f".native/onnxruntime/{version}/linux-arm64/libonnxruntime.so.1"
                done = subprocess.run(["qemu-aarch64-static", "-cpu", "cortex-a57", "-L", SYSROOT, "-E", f"LD_LIBRARY_PATH={SYSROOT}/lib", program, library, folder / "model.onnx", windows,
                                       str(bands), str(len(features) // 4 // count // bands), str(count)], capture_output=True, text=True)
                given = [[float(x) for x in line.split()] for line in done.stdout.splitlines()]
                if done.returncode != 0 or [len(row) for row in given] != [len(row) for row in golden]:
                    print(f"{model}, arm64 {version}: failed ({done.returncode}): {done.stderr.strip()}")
                    wrong += 1
                    continue
                worst = max(abs(a - b) for got, want in zip(given, golden) for a, b in zip(got, want))
                good = worst <= tolerance
                wrong += not good
                print(f"{model}, arm64 {version}: {count} windows, logits at most {worst:.1e} from the golden ones (tolerance {tolerance}): {'good' if good else 'WRONG'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
