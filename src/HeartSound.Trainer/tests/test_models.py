import pytest
import torch

from heartsound_trainer import models
from heartsound_trainer.errors import TrainerError


def size(model: torch.nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize(
    "name, labels, parameters",
    [
        ("resnet18", 2, 11_171_266),
        ("resnet34", 1000, 21_791_400),  # torchvision's 21,797,672 has three input channels
        ("vgg16", 2, 14_723_010),  # torchvision's vgg16_bn features (14,723,136) with one input channel, and 512 × 2 + 2
        ("murmur-cnn", 5, 430_853),  # as published
        ("cnn", 2, 491_870),
        ("cnn-attention", 2, 510_431),
        ("cnn-small", 2, 217_970),
        ("bilstm", 2, 166_146),
    ],
)
def test_size(name, labels, parameters):
    assert size(models.build(name, labels)) == parameters


def stir(model: torch.nn.Module) -> torch.nn.Module:
    """Batch norm with statistics and scales that do something; in eval mode."""
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
            torch.nn.init.normal_(module.weight)
    return model.eval()


def test_resnet18_names_are_torchvisions():
    names = set(models.build("resnet18", 2).state_dict())
    assert {"conv1.weight", "bn1.running_mean", "layer1.0.conv1.weight", "layer2.0.downsample.0.weight", "layer4.1.bn2.bias", "fc.weight"} <= names
    assert len(names) == 122  # as torchvision.models.resnet18().state_dict()


@pytest.mark.parametrize("name", sorted(models.MODELS))
def test_build_every_model_gives_logits_of_any_length(name):
    model = models.build(name, 3).eval()
    for frames in (149, 100):
        assert model(torch.zeros(2, 1, 64, frames)).shape == (2, 3)


@pytest.mark.parametrize("name", [n for n in sorted(models.MODELS) if n != "bilstm"])
def test_fold_batch_norm_same_logits_and_none_left(name):
    torch.manual_seed(0)
    model = models.build(name, 2)
    stir(model)
    x = torch.randn(2, 1, 64, 60)
    with torch.no_grad():
        before = model(x)
        folded = models.fold_batch_norm(model)
        assert torch.allclose(before, folded(x), rtol=1e-4, atol=1e-3 * before.abs().max())
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in folded.modules())


def test_settings_change_the_network_and_are_checked():
    assert size(models.build("cnn", 2, {"width": 18})) < size(models.build("cnn", 2)) / 3
    assert size(models.build("bilstm", 2, {"layers": 1}, bands=16)) == 2 * (256 * (16 + 64) + 512) + 258
    assert models.build("cnn", 2, {"dropout": 0.0}).dropout.p == 0
    for name, settings, said in (
        ("resnet18", {"dropout": 0.1}, "dropout is not a setting of resnet18; it has width"),
        ("bilstm", {"bands": 32}, "bands is not a setting of bilstm"),
        ("cnn", {"width": 1.5}, "width of cnn is 1.5, must be a whole number"),
        ("cnn", {"dropout": 1.0}, "must be a share below 1"),
        ("murmur-cnn", {"channels": 2}, "1 channel or 3"),
        ("cnn9", {}, "there is no model 'cnn9'; known: bilstm"),
    ):
        with pytest.raises(TrainerError, match=said):
            models.build(name, 2, settings)


def test_large_networks_fit_the_device_at_the_width_their_docs_name():
    for name, width in (("resnet34", 48), ("vgg16", 56)):
        assert 2 * size(models.build(name, 5)) > 25e6 > 2 * size(models.build(name, 5, {"width": width})) + 0.1e6


def test_murmur_cnn_sees_first_and_second_difference_in_time():
    model = models.build("murmur-cnn", 2)
    x = torch.tensor([1.0, 2, 4, 8, 8]).repeat(3, 1)[None, None]  # (1, 1, M, T)
    seen = []
    model.features.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    model.eval()(torch.nn.functional.pad(x, (0, 27, 0, 29)))
    assert seen[0].shape == (1, 3, 32, 32)
    assert torch.equal(seen[0][0, :, 1, 1:4], torch.tensor([[2, 4, 8], [1.5, 3, 2], [1, 2, -4]]))


def test_cnn_small_pools_mean_and_loudest_frame():
    model = stir(models.build("cnn-small", 2, bands=32))
    x = torch.randn(1, 1, 32, 80)
    kept = model.frames(model.features(x))[0, :, 0]  # (96, T/8): one row is left of all bands
    assert kept.shape == (96, 10)
    expected = torch.cat([kept.mean(1), kept.max(1).values])
    assert torch.allclose(model(x)[0], model.fc(expected), atol=1e-5)


def test_attention_is_a_weighted_mean_over_frames():
    model = stir(models.build("cnn-attention", 2))
    x = torch.randn(1, 1, 32, 80)
    kept = model.features(x).mean(2)[0]  # (288, T/8)
    assert kept.shape[1] == 10
    with torch.no_grad():
        for part in (0, 2):
            model.attention[part].weight.zero_()
        assert torch.allclose(model(x)[0], model.fc(kept.mean(1)), atol=1e-5)
        model.attention[2].weight.normal_(std=9)
        model.attention[0].weight.normal_()
        share = torch.softmax(model.attention(kept[None])[0, 0], 0)
        assert share.max() > 0.2
        assert torch.allclose(model(x)[0], model.fc(kept @ share), atol=1e-4)


def test_ensemble_answers_the_mean_logit():
    members = [stir(models.build(name, 3)) for name in ("cnn", "cnn-small", "bilstm")]
    x = torch.randn(2, 1, 64, 40)
    expected = sum(member(x) for member in members) / 3
    both = models.Ensemble(members).eval()
    assert torch.allclose(both(x), expected, atol=1e-5)
    models.fold_batch_norm(both)
    assert torch.allclose(both(x), expected, atol=1e-3)
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in both.modules())
