"""ONNX: writing the network with float16 weights, and a plain interpreter of the few operators it has, to check it by."""

import inspect
import io
import warnings

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
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"torch\.(onnx|nn)")  # an LSTM's graph would be wrong at other shapes: ours has just this one
        torch.onnx.export(
            model.cpu(), torch.zeros(1, 1, *shape), out, opset_version=OPSET, input_names=["input_0"], output_names=["output_0"], **classic
        )
    graph = onnx.load_from_string(out.getvalue())
    graph.ir_version = IR_VERSION
    return graph


def halve(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy whose kernels and matrices are float16 initialisers, each with a Cast to float32 before its first use; biases, which are few, stay float32."""
    half = onnx.ModelProto()
    half.CopyFrom(model)
    casts = []
    biases = {node.input[3] for node in half.graph.node if node.op_type == "LSTM"}  # (directions, 8 · hidden), though biases
    for tensor in half.graph.initializer:
        value = numpy_helper.to_array(tensor)
        if value.dtype != np.float32 or value.ndim < 2 or tensor.name in biases:
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
        inputs = [values[name] if name else None for name in node.input]
        values[node.output[0]] = run_node(node, a, inputs)
    return values[model.graph.output[0].name].numpy()


def run_node(node: onnx.NodeProto, a: dict, inputs: list[torch.Tensor | None]) -> torch.Tensor:
    first, second = (*inputs, None, None)[:2]
    keep = bool(a.get("keepdims", 1))
    if node.op_type in PLAIN:
        return PLAIN[node.op_type](*inputs)
    if node.op_type == "Conv":
        convolve = F.conv2d if first.ndim == 4 else F.conv1d
        return convolve(padded(first, a, 0.0), *inputs[1:], stride=a["strides"], dilation=a["dilations"], groups=a["group"])
    if node.op_type == "MaxPool" and not a.get("ceil_mode"):
        return F.max_pool2d(padded(first, a, -float("inf")), a["kernel_shape"], a["strides"])
    if node.op_type == "LSTM" and set(a) <= {"direction", "hidden_size"} and len(inputs) == 7 and inputs[4] is None:
        if a.get("direction") == b"bidirectional":
            return bidirectional_lstm(*inputs[:4], *inputs[5:])
    if node.op_type == "Gemm" and a.get("transB") and not a.get("transA") and a.get("alpha", 1.0) == a.get("beta", 1.0) == 1.0:
        return F.linear(*inputs)
    if node.op_type == "Softmax":
        return first.softmax(a.get("axis", -1))
    if node.op_type == "ReduceMean" and "axes" in a:
        return first.mean(a["axes"], keepdim=keep)
    if node.op_type == "ReduceMax" and "axes" in a:
        return first.amax(a["axes"], keepdim=keep)
    if node.op_type == "ReduceSum" and second is not None:
        return first.sum(second.tolist(), keepdim=keep)
    if node.op_type == "Concat":
        return torch.cat(inputs, a["axis"])
    if node.op_type == "Transpose":
        return first.permute(a["perm"])
    if node.op_type == "Unsqueeze" and second.numel() == 1:
        return first.unsqueeze(int(second))
    if node.op_type == "Squeeze" and second is not None and second.numel() == 1:
        return first.squeeze(int(second))
    if node.op_type == "Reshape" and not a.get("allowzero"):
        return first.reshape([first.shape[i] if size == 0 else size for i, size in enumerate(second.tolist())])
    if node.op_type == "Flatten" and a.get("axis", 1) == 1:
        return first.flatten(1)
    if node.op_type == "Gather" and not a.get("axis"):
        return first[second]
    if node.op_type == "Constant" and "value" in a:
        return torch.from_numpy(numpy_helper.to_array(a["value"]).copy())
    if node.op_type == "Cast" and a["to"] == TensorProto.FLOAT:
        return first.float()
    raise TrainerError(f"the graph holds {node.op_type} ({node.name}) in a form that graph.run_node does not know; add it there to have it checked")


PLAIN = {  # operators without attributes
    "Relu": torch.relu,
    "Tanh": torch.tanh,
    "Add": torch.add,
    "Mul": torch.mul,
    "Identity": lambda x: x,
    "GlobalAveragePool": lambda x: x.mean((2, 3), keepdim=True),
    "Shape": lambda x: torch.tensor(x.shape),
    "Expand": lambda x, shape: x.expand(torch.broadcast_shapes(x.shape, tuple(shape.tolist()))),
}


def padded(x: torch.Tensor, attributes: dict, value: float) -> torch.Tensor:
    """``pads`` are all beginnings, then all ends; PyTorch wants pairs, the last axis first."""
    pads = attributes["pads"]
    axes = len(pads) // 2
    return F.pad(x, [pads[i + end] for i in reversed(range(axes)) for end in (0, axes)], value=value)


def bidirectional_lstm(x, weight, recurrent, bias, h, c) -> torch.Tensor:
    """x (T, B, inputs) → (T, 2, B, hidden), by the formulas of the ONNX operator; its gates are in the order input, output, forget, cell."""
    both = []
    for d in range(2):
        hidden, cell, steps = h[d], c[d], []
        for now in F.linear(x if d == 0 else x.flip(0), weight[d], bias[d].view(2, -1).sum(0)):
            i, o, f, g = (now + F.linear(hidden, recurrent[d])).chunk(4, 1)
            cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
            hidden = o.sigmoid() * cell.tanh()
            steps.append(hidden)
        both.append(torch.stack(steps if d == 0 else steps[::-1]))
    return torch.stack(both, 1)
