"""Networks by name. Each takes (B, 1, mel, frames) log-mel windows of any length and gives (B, labels) logits."""

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

    def __init__(self, labels: int, blocks: tuple[int, ...] = (2, 2, 2, 2)):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        width = 64
        for i, count in enumerate(blocks):
            outputs = 64 << i
            stride = 1 if i == 0 else 2
            layer = [BasicBlock(width, outputs, stride)] + [BasicBlock(outputs, outputs, 1) for _ in range(count - 1)]
            self.add_module(f"layer{i + 1}", nn.Sequential(*layer))
            width = outputs
        self.fc = nn.Linear(width, labels)
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


class Cnn(nn.Module):
    """Four conv blocks, each halving both axes, then the mean over what is left."""

    def __init__(self, labels: int, widths: tuple[int, ...] = (36, 72, 144, 288), dropout: float = 0.3):
        super().__init__()
        layers, inputs = [], 1
        for width in widths:
            layers += [nn.Conv2d(inputs, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True), nn.MaxPool2d(2)]
            inputs = width
        self.features = nn.Sequential(*layers)
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(inputs, labels)

    def forward(self, x):  # (B, 1, M, T)
        x = self.features(x)  # (B, 288, M/16, T/16)
        return self.fc(self.dropout(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1)))  # (B, labels)


MODELS = {
    "resnet18": ResNet,  # 11.17 M parameters at 2 labels
    "cnn": Cnn,  # 0.49 M
}


def build(name: str, labels: int) -> nn.Module:
    if name not in MODELS:
        raise TrainerError(f"there is no model '{name}'; known: {', '.join(sorted(MODELS))}")
    return MODELS[name](labels)


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
