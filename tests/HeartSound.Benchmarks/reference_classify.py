"""The network in PyTorch, with the weights of the ONNX file, on two threads: a batch a recording.

    reference_classify.py MODEL.onnx --features X.npz --serve         the network alone, on the features that `heartsound features` made
    reference_classify.py MODEL.onnx --recordings LIST --serve        from WAV files, with reference_front_end.py
    … --once                                                          one pass, then the end
    … --features X.npz --check VERDICTS.jsonl                         are these the probabilities that `heartsound classify --json` gave?
"""

import argparse
import json
import math
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

sys.path.insert(0, str(Path(__file__).parents[2] / "src" / "HeartSound.Trainer"))
from heartsound_trainer import models  # noqa: E402

LOGIT_TOLERANCE = 1e-2


def build(path: str, variant: str) -> tuple[torch.nn.Module, dict]:
    """The trainer's network with the file's weights, and the file's manifest. The file's convolutions hold what batch norm was; with
    ``layers`` a batch norm that only adds the bias stands behind each again, as in the network that a checkpoint is loaded into."""
    file = onnx.load(path)
    manifest = json.loads({entry.key: entry.value for entry in file.metadata_props}["heartsound.manifest"])
    weights = {t.name.removesuffix("_half"): torch.from_numpy(numpy_helper.to_array(t).astype(np.float32)) for t in file.graph.initializer}
    network = models.build("resnet18", len(manifest["labels"])).eval()
    if variant == "layers":
        state = network.state_dict()
        for name, value in weights.items():
            owner, kind = name.rsplit(".", 1)
            norm = owner.replace("conv", "bn") if "conv" in owner else owner.replace("downsample.0", "downsample.1")
            if kind == "bias" and owner != "fc":
                state[norm + ".bias"] = value
                state[norm + ".weight"] = torch.full_like(value, math.sqrt(1 + 1e-5))  # undoes the eps under the root
            else:
                state[name] = value
        network.load_state_dict(state)
    else:
        network = models.fold_batch_norm(network)
        network.load_state_dict(weights)
    if variant == "optimised":
        shape = [d.dim_value for d in file.graph.input[0].type.tensor_type.shape.dim]
        network = torch.jit.optimize_for_inference(torch.jit.trace(network, torch.zeros(8, *shape[1:])))
    return network, manifest


def by_file(path: str) -> list[torch.Tensor]:
    with np.load(path) as made:
        return [torch.from_numpy(made["features"][made["file"] == i][:, None]) for i in range(len(made["files"]))]  # (windows, 1, mel, frames)


def of_features(network, batches: list[torch.Tensor]) -> dict:
    processor, start = time.process_time(), time.perf_counter()
    for batch in batches:
        if len(batch):
            network(batch).mean(0)
    return {
        "recordings": len(batches),
        "windows": sum(map(len, batches)),
        "work": time.perf_counter() - start,
        "processor": time.process_time() - processor,
    }


def of_recordings(network, front_end, paths: list[str]) -> dict:
    from reference_front_end import read

    processor, start, windows, sound = time.process_time(), time.perf_counter(), 0, 0.0
    for path in paths:
        samples, rate = read(path)
        batch = front_end.windows(samples, rate)[:, None]
        if len(batch):
            network(batch).mean(0)
        windows += len(batch)
        sound += len(samples) / rate
    return {
        "recordings": len(paths),
        "windows": windows,
        "sound": sound,
        "work": time.perf_counter() - start,
        "processor": time.process_time() - processor,
    }


def check(network, manifest: dict, batches: list[torch.Tensor], verdicts: str) -> None:
    """From a probability of two labels back to the difference of their logits, which is what must agree."""
    temperature = manifest["calibration"]["temperature"] if "calibration" in manifest else 1.0
    alarm = manifest["labels"].index(manifest["alarmLabels"][0])
    worst = 0.0
    with open(verdicts) as lines:
        told = [json.loads(line)["windows"] for line in lines]
    if list(map(len, told)) != list(map(len, batches)):
        sys.exit("heartsound classify and heartsound features made different windows")
    for batch, windows in zip(batches, told):
        if windows:
            logits = network(batch).double()
            ours = torch.tensor([w["alarmProbability"] for w in windows]).double().logit() * temperature
            worst = max(worst, (logits[:, alarm] - logits[:, 1 - alarm] - ours).abs().max().item())
    print(f"logits agree: largest difference {worst:.1e} over {sum(map(len, batches))} windows")
    if worst > 2 * LOGIT_TOLERANCE:
        sys.exit(f"that is more than {2 * LOGIT_TOLERANCE}: the two networks are not the same")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--features", metavar="X.npz")
    parser.add_argument("--recordings", metavar="LIST", help="a file with one path a line")
    parser.add_argument("--variant", choices=("layers", "folded", "optimised"), default="layers")
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--check", metavar="VERDICTS.jsonl")
    told = parser.parse_args()

    torch.set_num_threads(2)
    with torch.inference_mode():
        network, manifest = build(told.model, told.variant)
        if told.recordings:
            from reference_front_end import FrontEnd

            front_end = FrontEnd()
            paths = Path(told.recordings).read_text().splitlines()
        else:
            batches = by_file(told.features)
        if told.check:
            check(network, manifest, batches, told.check)
            return
        one_pass = (lambda: of_recordings(network, front_end, paths)) if told.recordings else (lambda: of_features(network, batches))
        if told.once:
            one_pass()
        if told.serve:
            print("ready", flush=True)
            for _ in sys.stdin:
                print(json.dumps(one_pass()), flush=True)


if __name__ == "__main__":
    main()
