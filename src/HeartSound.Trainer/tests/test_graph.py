import copy

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper
from test_models import stir

from heartsound_trainer import graph, models
from heartsound_trainer.errors import TrainerError

SHAPE = (32, 70)


def network(name: str) -> torch.nn.Module:
    torch.manual_seed(1)
    if name == "ensemble":
        return stir(models.Ensemble([models.build(part, 3, bands=SHAPE[0]) for part in ("cnn-small", "cnn-small", "bilstm")]))
    small = {"width": 16} if name in ("resnet34", "vgg16", "resnet18") else {}
    return stir(models.build(name, 3, small, bands=SHAPE[0]))


@pytest.mark.parametrize("name", [*sorted(models.MODELS), "ensemble"])
def test_every_network_becomes_a_graph_that_says_the_same(name):
    model = models.fold_batch_norm(network(name))
    rounded = graph.round_to_half(copy.deepcopy(model))
    full = graph.to_onnx(model, SHAPE)
    half = graph.halve(full)
    x = torch.randn(1, 1, *SHAPE)
    with torch.no_grad():
        for made, expected in ((full, model(x)), (half, rounded(x))):
            onnx.checker.check_model(made, full_check=True)
            assert [(o.domain, o.version) for o in made.opset_import] == [("", 13)] and made.ir_version == 7
            assert [i.name for i in made.graph.input] == ["input_0"] and [o.name for o in made.graph.output] == ["output_0"]
            found = graph.run_graph(made, x.numpy())
            assert found.shape == (1, 3)
            assert np.abs(found - expected.numpy()).max() < 1e-4 * max(1, expected.abs().max())
    assert not torch.equal(model(x), rounded(x))  # else the second comparison says nothing
    assert len(half.SerializeToString()) < 0.6 * len(full.SerializeToString())


def test_halve_leaves_the_biases_of_an_lstm():
    half = graph.halve(graph.to_onnx(network("bilstm"), SHAPE))
    biases = {node.input[3] for node in half.graph.node if node.op_type == "LSTM"}
    kinds = {t.name: t.data_type for t in half.graph.initializer}
    assert len(biases) == 2 and all(kinds[name] == TensorProto.FLOAT for name in biases)


def one_node(op: str, **attributes) -> onnx.ModelProto:
    node = helper.make_node(op, ["input_0"], ["output_0"], **attributes)
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("input_0", "output_0")]
    return helper.make_model(helper.make_graph([node], "g", ends[:1], ends[1:]))


def test_an_operator_that_is_not_known_is_refused_and_one_that_is_has_its_attributes_obeyed():
    x = np.arange(24, dtype=np.float32).reshape(1, 2, 3, 4)
    for made in (one_node("Elu"), one_node("MaxPool", kernel_shape=[2, 2], ceil_mode=1), one_node("Flatten", axis=2)):
        with pytest.raises(TrainerError, match=f"graph holds {made.graph.node[0].op_type}"):
            graph.run_graph(made, x)
    assert graph.run_graph(one_node("ReduceMean", axes=[2, 3]), x).shape == (1, 2, 1, 1)
    assert np.array_equal(graph.run_graph(one_node("ReduceMax", axes=[2], keepdims=0), x), x.max(2))
    assert np.array_equal(graph.run_graph(one_node("Transpose", perm=[0, 3, 1, 2]), x), x.transpose(0, 3, 1, 2))
    assert np.allclose(graph.run_graph(one_node("Softmax", axis=2), x).sum(2), 1)
    pool = one_node("MaxPool", kernel_shape=[2, 1], strides=[1, 1], pads=[1, 0, 0, 0])  # a row above
    assert np.array_equal(graph.run_graph(pool, x), x)  # rows grow downwards, so each is the larger of itself and the one above
