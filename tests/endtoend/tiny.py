"""Models of a few kilobytes that the product takes for real ones: one linear layer, a manifest of their own, goldens made by the product's own front end."""

import base64
import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from scipy.io import wavfile

from program import OK, heartsound

# Small and quick; what is not here takes the front end's default.
SPEC = {"sampleRateHz": 2000, "fftSamples": 256, "hopSamples": 64, "melBands": 24, "windowSeconds": 5, "windowHopSeconds": 2.5}


def frames(spec: dict) -> int:
    return (round(spec["windowSeconds"] * spec["sampleRateHz"]) - spec["fftSamples"]) // spec["hopSamples"] + 1


def model(folder: Path, labels: list[str], alarms: list[str], logits: list[float], spec: dict | None = None, **manifest) -> Path:
    """models/<id>/ in ``folder``: answers about ``logits``, whatever it hears; ``manifest`` overrides or adds settings. Returns the model's folder."""
    spec = {**SPEC, **(spec or {})}
    spec.setdefault("normalisationSeconds", max(10, spec["windowSeconds"]))
    size = spec["melBands"] * frames(spec)
    # So small that the logits stay where they are to 1e-3, and yet each window has its own.
    weights = np.random.default_rng(7).normal(0, 1e-3 / size, (size, len(labels))).astype(np.float32)
    bias = np.array(logits, np.float32)
    network = onnx_model(weights, bias, spec, {
        "schema": 1, "id": "tiny", "version": "1", "task": "test", "labels": labels, "alarmLabels": alarms, "frontEnd": spec,
        "calibration": {"temperature": 1, "alarmBelow": 0.4, "alarmThreshold": 0.5, "alarmAbove": 0.6},
        "policy": {"minGoodSeconds": spec["windowSeconds"]}, **manifest,
    })
    name = json.loads(network.metadata_props[0].value)["id"]
    (folder / name).mkdir(parents=True, exist_ok=True)
    content = network.SerializeToString()
    (folder / name / "model.onnx").write_bytes(content)
    golden = {"schema": 1, "modelSha256": hashlib.sha256(content).hexdigest(), "cases": [case(folder, spec, labels, weights, bias)]}
    (folder / name / "golden.json").write_text(json.dumps(golden))
    return folder / name


def onnx_model(weights: np.ndarray, bias: np.ndarray, spec: dict, manifest: dict) -> onnx.ModelProto:
    graph = helper.make_graph(
        [helper.make_node("Flatten", ["input_0"], ["flat"]), helper.make_node("Gemm", ["flat", "weights", "bias"], ["output_0"])],
        "tiny",
        [helper.make_tensor_value_info("input_0", TensorProto.FLOAT, [1, 1, spec["melBands"], frames(spec)])],
        [helper.make_tensor_value_info("output_0", TensorProto.FLOAT, [1, len(bias)])],
        [numpy_helper.from_array(weights, "weights"), numpy_helper.from_array(bias, "bias")],
    )
    network = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    network.ir_version = 7  # ONNX Runtime 1.11 reads it
    helper.set_model_props(network, {"heartsound.manifest": json.dumps(manifest)})
    return network


def case(folder: Path, spec: dict, labels: list[str], weights: np.ndarray, bias: np.ndarray) -> dict:
    wav, npz, written = folder / "golden.wav", folder / "golden.npz", folder / "spec.json"
    written.write_text(json.dumps(spec))
    seconds = max(3.0, spec["windowSeconds"] + spec["windowHopSeconds"])
    assert heartsound("simulate", "--out", wav, "--rate", str(spec["sampleRateHz"]), "--seconds", str(seconds), "--seed", "1").code == OK
    assert heartsound("features", wav, "--out", npz, "--spec", written).code == OK
    features = np.load(npz)["features"]
    logits = features.reshape(len(features), -1) @ weights + bias
    for path in (wav, npz, written):
        samples = wavfile.read(path)[1].astype(np.float32) / 32768 if path == wav else samples
        path.unlink()
    return {
        "name": "a heart", "sampleRateHz": spec["sampleRateHz"], "samples": text(samples), "windows": len(features), "features": text(features),
        "logits": logits.tolist(), "labels": [labels[k] for k in logits.argmax(1)],
    }


def text(values: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(values, "<f4").tobytes()).decode()
