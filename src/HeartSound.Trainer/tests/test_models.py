import pytest
import torch

from heartsound_trainer import models


def test_resnet18_size_and_names_are_torchvisions():
    model = models.build("resnet18", 2)
    assert sum(p.numel() for p in model.parameters()) == 11_171_266
    names = set(model.state_dict())
    assert {"conv1.weight", "bn1.running_mean", "layer1.0.conv1.weight", "layer2.0.downsample.0.weight", "layer4.1.bn2.bias", "fc.weight"} <= names
    assert len(names) == 122  # as torchvision.models.resnet18().state_dict()


@pytest.mark.parametrize("name", sorted(models.MODELS))
def test_build_every_model_gives_logits_of_any_length(name):
    model = models.build(name, 3).eval()
    for frames in (297, 100):
        assert model(torch.zeros(2, 1, 64, frames)).shape == (2, 3)


@pytest.mark.parametrize("name", sorted(models.MODELS))
def test_fold_batch_norm_same_logits_and_none_left(name):
    torch.manual_seed(0)
    model = models.build(name, 2)
    for module in model.modules():  # statistics and scales that do something
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
            torch.nn.init.normal_(module.weight)
    model.eval()
    x = torch.randn(2, 1, 64, 60)
    with torch.no_grad():
        before = model(x)
        folded = models.fold_batch_norm(model)
        assert torch.allclose(before, folded(x), rtol=1e-4, atol=1e-3 * before.abs().max())
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in folded.modules())
