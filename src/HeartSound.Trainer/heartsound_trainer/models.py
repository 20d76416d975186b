"""Networks by name. Each takes (B, 1, mel, frames) log-mel windows of any length and gives (B, labels) logits.

A network's settings are the arguments of its class after ``labels``; ``width`` scales it. 25 MB as float16, what a device is given, hold 12.5 M parameters:
resnet34 and vgg16 are larger as published and can be trained and evaluated, but exported only with a smaller ``width`` (48 and 56 fit).
"""

import inspect
from functools import partial

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from .errors import TrainerError


class BasicBlock(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = self.bn2(self.conv2(y))
        y += x if self.downsample is None else self.downsample(x)
        return F.relu(y, inplace=True)


class ResNet(nn.Module):
    """ResNet of basic blocks (He et al. 2016) with one input channel; parameters are named as torchvision names them."""

    def __init__(self, blocks: tuple[int, ...], labels: int, width: int = 64):
        super().__init__()
        self.conv1 = nn.Conv2d(1, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        inputs = width
        for i, count in enumerate(blocks):
            outputs = width << i
            stride = 1 if i == 0 else 2
            layer = [BasicBlock(inputs, outputs, stride)] + [BasicBlock(outputs, outputs, 1) for _ in range(count - 1)]
            self.add_module(f"layer{i + 1}", nn.Sequential(*layer))
            inputs = outputs
        self.fc = nn.Linear(inputs, labels)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if isinstance(module, BasicBlock):
                nn.init.zeros_(module.bn2.weight)  # each block starts as the identity (Goyal et al. 2017)

    def forward(self, x):  # (B, 1, M, T)
        x = F.relu(self.bn1(self.conv1(x)), inplace=True)  # (B, 64, M/2, T/2)
        x = F.max_pool2d(x, 3, 2, 1)  # (B, 64, M/4, T/4)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))  # (B, 512, M/32, T/32)
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))  # (B, labels)


def conv(inputs: int, outputs: int, size=3, stride: int = 1, padding=None, bias: bool = False) -> list[nn.Module]:
    return [nn.Conv2d(inputs, outputs, size, stride, size // 2 if padding is None else padding, bias=bias), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]


class Cnn(nn.Module):
    """Four conv blocks, each halving both axes, then the mean over what is left."""

    def __init__(self, labels: int, width: int = 36, dropout: float = 0.3):
        super().__init__()
        self.features = nn.Sequential(*(part for i in range(4) for part in (*conv(width << (i - 1) if i else 1, width << i), nn.MaxPool2d(2))))
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(width << 3, labels)

    def forward(self, x):  # (B, 1, M, T)
        x = self.features(x)  # (B, 288, M/16, T/16)
        return self.fc(self.dropout(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1)))  # (B, labels)


class CnnSmall(nn.Module):
    """Three convolutions over bands and frames, one that takes all bands at once, so that each frequency keeps its meaning, and one along time. What it
    sums up is how much of a sound there is, and how much at the frame that has most of it."""

    def __init__(self, labels: int, bands: int, width: int = 16, dropout: float = 0.2):
        super().__init__()
        w, height = width, -(-(-(-bands // 2)) // 2) // 2  # bands left after two strides and a pool
        if height < 1:
            raise TrainerError(f"cnn-small needs at least 5 mel bands, not {bands}")
        self.features = nn.Sequential(*conv(1, w, 5, 2), *conv(w, 2 * w, 3, 2), *conv(2 * w, 4 * w), nn.MaxPool2d(2))
        self.frames = nn.Sequential(*conv(4 * w, 6 * w, (height, 3), 1, (0, 1)), *conv(6 * w, 6 * w, (1, 5), 1, (0, 2)))
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(12 * w, labels)

    def forward(self, x):  # (B, 1, M, T)
        x = self.frames(self.features(x))  # (B, 96, 1, T/8)
        return self.fc(self.dropout(torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1)))  # (B, labels)


class CnnAttention(nn.Module):
    """The conv blocks of ``Cnn``, then a mean over frames whose weights a small network gives (attention pooling, Ilse et al. 2018)."""

    def __init__(self, labels: int, width: int = 36, hidden: int = 64, dropout: float = 0.3):
        super().__init__()
        blocks = [(*conv(width << (i - 1) if i else 1, width << i), nn.MaxPool2d(2 if i < 3 else (2, 1))) for i in range(4)]
        self.features = nn.Sequential(*(part for block in blocks for part in block))
        self.attention = nn.Sequential(nn.Conv1d(width << 3, hidden, 1), nn.Tanh(), nn.Conv1d(hidden, 1, 1))
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(width << 3, labels)

    def forward(self, x):  # (B, 1, M, T)
        x = self.features(x).mean(2)  # (B, 288, T/8)
        share = self.attention(x).softmax(2)  # (B, 1, T/8)
        return self.fc(self.dropout((x * share).sum(2)))  # (B, labels)


class MurmurCnn(nn.Module):
    """Four conv blocks 32-64-128-256 and a head 128-64: 430,853 parameters at three channels and five labels.

    The input has one channel; with ``channels`` 3 the network itself makes its first and second difference in time the others.
    """

    def __init__(self, labels: int, width: int = 32, channels: int = 3, dropout: float = 0.3):
        super().__init__()
        if channels not in (1, 3):
            raise TrainerError(f"murmur-cnn has 1 channel or 3 (with the first and second difference in time), not {channels}")
        kernels = torch.tensor([[0, 1, 0], [-0.5, 0, 0.5], [1, -2, 1]])[:channels]
        self.register_buffer("differences", kernels.view(channels, 1, 1, 3), persistent=False)
        sizes = [channels, *(width << i for i in range(4))]
        self.features = nn.Sequential(*(part for a, b in zip(sizes, sizes[1:]) for part in (*conv(a, b, bias=True), nn.MaxPool2d(2))))
        self.head = nn.Sequential(
            nn.Linear(8 * width, 128), nn.ReLU(inplace=True), nn.Dropout(dropout), nn.Linear(128, 64), nn.ReLU(inplace=True), nn.Linear(64, labels)
        )

    def forward(self, x):  # (B, 1, M, T)
        x = F.conv2d(x, self.differences, padding=(0, 1))  # (B, 3, M, T)
        x = self.features(x)  # (B, 256, M/16, T/16)
        return self.head(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))  # (B, labels)


class BiLstm(nn.Module):
    """LSTM layers over the frames in both directions; an input is a frame's mel bands, the answer is of the mean over frames."""

    def __init__(self, labels: int, bands: int, width: int = 64, layers: int = 2, dropout: float = 0.3):
        super().__init__()
        self.lstm = nn.LSTM(bands, width, layers, batch_first=True, bidirectional=True, dropout=dropout if layers > 1 else 0.0)
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(2 * width, labels)

    def forward(self, x):  # (B, 1, M, T)
        x, _ = self.lstm(x.squeeze(1).transpose(1, 2))  # (B, T, 128)
        return self.fc(self.dropout(x.mean(1)))  # (B, labels)


class Vgg(nn.Module):
    """VGG16 (Simonyan & Zisserman 2015) with batch norm and one input channel, ``features`` named as torchvision's vgg16_bn; the mean
    over what is left and one matrix stand for the three dense layers, which alone would be 120 M parameters."""

    def __init__(self, labels: int, width: int = 64, dropout: float = 0.3):
        super().__init__()
        layers, inputs = [], 1
        for i, count in enumerate((2, 2, 3, 3, 3)):
            for _ in range(count):
                layers += conv(inputs, width << min(i, 3), bias=True)
                inputs = width << min(i, 3)
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(inputs, labels)
        for module in self.features:
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
                nn.init.zeros_(module.bias)

    def forward(self, x):  # (B, 1, M, T)
        x = self.features(x)  # (B, 512, M/32, T/32)
        return self.fc(self.dropout(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1)))  # (B, labels)


class Ensemble(nn.Module):
    """Several networks that answer as one: their mean logit."""

    def __init__(self, members: list[nn.Module]):
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, x):  # (B, 1, M, T)
        return torch.stack([member(x) for member in self.members]).mean(0)  # (B, labels)


MODELS = {  # with their parameters at 2 labels and 64 bands
    "cnn-small": CnnSmall,  # 0.22 M
    "bilstm": BiLstm,  # 0.17 M
    "murmur-cnn": MurmurCnn,  # 0.43 M
    "cnn": Cnn,  # 0.49 M
    "cnn-attention": CnnAttention,  # 0.51 M
    "resnet18": partial(ResNet, (2, 2, 2, 2)),  # 11.17 M
    "vgg16": Vgg,  # 14.72 M
    "resnet34": partial(ResNet, (3, 4, 6, 3)),  # 21.28 M
}


def build(name: str, labels: int, settings: dict | None = None, bands: int = 64) -> nn.Module:
    """``settings`` override the network's own; ``bands`` of mel matter to those that have weights for each: bilstm, cnn-small."""
    if name not in MODELS:
        raise TrainerError(f"there is no model '{name}'; known: {', '.join(sorted(MODELS))}")
    own = {key: p.default for key, p in inspect.signature(MODELS[name]).parameters.items() if key not in ("labels", "bands")}
    for key, value in (settings or {}).items():
        if key not in own:
            raise TrainerError(f"{key} is not a setting of {name}; it has {', '.join(sorted(own))}")
        kind, right = ("a share below 1", 0 <= value < 1) if key == "dropout" else ("a whole number above 0", type(value) is int and value > 0)
        if not right:
            raise TrainerError(f"{key} of {name} is {value}, must be {kind} such as {own[key]}")
    given = {"bands": bands} if MODELS[name] in (BiLstm, CnnSmall) else {}
    return MODELS[name](labels=labels, **given, **(settings or {}))


def fold_batch_norm(model: nn.Module) -> nn.Module:
    """Each BatchNorm that stands right after a convolution (in order of registration) becomes part of it; changes ``model``, which must be in eval mode."""
    for parent in list(model.modules()):
        before = None
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.BatchNorm2d) and before is not None:
                setattr(parent, before, fuse_conv_bn_eval(getattr(parent, before), child))
                setattr(parent, name, nn.Identity())
            before = name if isinstance(child, nn.Conv2d) else None
    return model
