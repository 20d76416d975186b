"""ONNX: writing the network with float16 weights, and a plain interpreter of the few operators it has, to check it by."""

import inspect
import io

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper

from .errors import TrainerError

OPSET = 13
IR_VERSION = 7  # of ONNX 1.8, which brought opset 13; ONNX Runtime 1.11 (Jetson Nano) reads up to 8
HALF_MAX = 65504.0  # largest finite float16


def to_onnx(model: torch.nn.Module, shape: tuple[int, int]) -> onnx.ModelProto:
    """The float32 graph: input_0 (1, 1, mel, frames) → output_0 (1, labels), static; ``model`` is in eval mode with batch norm folded."""
    out = io.BytesIO()
    # Newer releases export by another way unless told otherwise, and then choose opset and names themselves.
    classic = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
    torch.onnx.export(
        model.cpu(), torch.zeros(1, 1, *shape), out, opset_version=OPSET, input_names=["input_0"], output_names=["output_0"], **classic
    )
    graph = onnx.load_from_string(out.getvalue())
    graph.ir_version = IR_VERSION
    return graph


def is_weight(name: str, value: np.ndarray) -> bool:
    """Kernels and matrices are stored as float16; biases, which are few, stay float32."""
    return value.dtype == np.float32 and value.ndim >= 2


def halve(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy whose weights are float16 initialisers, each with a Cast to float32 before its first use."""
    half = onnx.ModelProto()
    half.CopyFrom(model)
    casts = []
    for tensor in half.graph.initializer:
        value = numpy_helper.to_array(tensor)
        if not is_weight(tensor.name, value):
            continue
        if np.abs(value).max() > HALF_MAX:
            raise TrainerError(f"weight {tensor.name} reaches {np.abs(value).max():g}, which float16 cannot hold; train with more weight decay")
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(value.astype(np.float16), name + "_half"))
        casts.append(helper.make_node("Cast", [name + "_half"], [name], name=name + "_widen", to=TensorProto.FLOAT))
    nodes = list(half.graph.node)
    del half.graph.node[:]
    half.graph.node.extend(casts + nodes)
    onnx.checker.check_model(half, full_check=True)
    return half


def round_to_half(model: torch.nn.Module) -> torch.nn.Module:
    """Rounds the same parameters in the PyTorch network; changes ``model``."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.ndim >= 2:
                parameter.copy_(parameter.half().float())
    return model


def set_metadata(model: onnx.ModelProto, values: dict[str, str]) -> None:
    del model.metadata_props[:]
    helper.set_model_props(model, values)


def run_graph(model: onnx.ModelProto, x: np.ndarray) -> np.ndarray:
    """Runs the graph node by node with PyTorch's functions; knows just the operators that our networks become, and says so of others."""
    values = {t.name: torch.from_numpy(numpy_helper.to_array(t).copy()) for t in model.graph.initializer}
    values[model.graph.input[0].name] = torch.from_numpy(x)
    for node in model.graph.node:
        a = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
        inputs = [values[name] for name in node.input]
        values[node.output[0]] = run_node(node, a, inputs)
    return values[model.graph.output[0].name].numpy()


def run_node(node: onnx.NodeProto, a: dict, inputs: list[torch.Tensor]) -> torch.Tensor:
    first = inputs[0] if inputs else None
    if node.op_type == "Conv":
        return F.conv2d(padded(first, a, 0.0), *inputs[1:], stride=a["strides"], dilation=a["dilations"], groups=a["group"])
    if node.op_type == "MaxPool" and not a.get("ceil_mode"):
        return F.max_pool2d(padded(first, a, -float("inf")), a["kernel_shape"], a["strides"])
    if node.op_type == "Relu":
        return first.relu()
    if node.op_type == "Add":
        return first + inputs[1]
    if node.op_type == "GlobalAveragePool":
        return first.mean((2, 3), keepdim=True)
    if node.op_type == "Flatten" and a.get("axis", 1) == 1:
        return first.flatten(1)
    if node.op_type == "Gemm" and a.get("transB") and not a.get("transA") and a.get("alpha", 1.0) == a.get("beta", 1.0) == 1.0:
        return F.linear(*inputs)
    if node.op_type == "Cast" and a["to"] == TensorProto.FLOAT:
        return first.float()
    if node.op_type == "Identity":
        return first
    raise TrainerError(f"the graph holds {node.op_type} ({node.name}) in a form that graph.run_node does not know; add it there to have it checked")


def padded(x: torch.Tensor, attributes: dict, value: float) -> torch.Tensor:
    top, left, bottom, right = attributes["pads"]
    return F.pad(x, (left, right, top, bottom), value=value)
