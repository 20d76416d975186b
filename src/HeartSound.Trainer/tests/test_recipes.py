"""The configs that come with the trainer: ours, and those of the published projects."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from heartsound_trainer import config, losses, models, optimise, tasks
from heartsound_trainer.train import SELECT_BY

CONFIGS = Path(__file__).parents[1] / "configs"
PROJECTS = json.loads((CONFIGS.parent / "heartsound_trainer" / "claims.json").read_text())["projects"]
ALL = pytest.mark.parametrize("path", sorted(CONFIGS.rglob("*.json")), ids=lambda p: p.relative_to(CONFIGS).as_posix())


def mel_edges(spec: dict) -> np.ndarray:
    """Feet and tops of the mel bands in hertz (bands + 2,), on Slaney's scale."""
    step = np.log(6.4) / 27
    low, high = (hz * 3 / 200 if hz < 1000 else 15 + np.log(hz / 1000) / step for hz in (spec["melLowHz"], spec["melHighHz"]))
    mel = np.linspace(low, high, spec["melBands"] + 2)
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((np.maximum(mel, 15) - 15) * step))


def faults(spec: dict) -> list[str]:
    """What FrontEndSpec.Faults refuses."""
    rate, fft, nyquist = spec["sampleRateHz"], spec["fftSamples"], spec["sampleRateHz"] / 2
    edges, bins = mel_edges(spec), np.arange(fft // 2 + 1) * rate / fft
    rules = {
        "sampleRateHz": 1000 <= rate <= 16000,
        "band": 0 < spec["bandLowHz"] < spec["bandHighHz"] < nyquist and 1 <= spec["bandOrder"] <= 12,
        "fftSamples": 64 <= fft <= 4096 and fft & (fft - 1) == 0,
        "frameSamples": 16 <= spec["frameSamples"] <= fft,
        "hopSamples": 1 <= spec["hopSamples"] <= spec["frameSamples"],
        "melBands": 8 <= spec["melBands"] <= 256,
        "mel": 0 <= spec["melLowHz"] < spec["melHighHz"] <= nyquist,
        "windowSeconds": 0.5 <= spec["windowSeconds"] <= 60 and spec["windowSeconds"] * rate >= fft,
        "windowHopSeconds": spec["hopSamples"] / rate <= spec["windowHopSeconds"] <= spec["windowSeconds"],
        "normalisation": spec["normalisation"] in ("none", "window", "band"),
        "normalisationSeconds": spec["windowSeconds"] <= spec["normalisationSeconds"] <= 600,
        "a band between two bins": all(((bins > low) & (bins < high)).any() for low, high in zip(edges, edges[2:])),
    }
    return [name for name, kept in rules.items() if not kept]


@pytest.mark.parametrize("change, fault", [({"fftSamples": 500}, "fftSamples"), ({"melBands": 250}, "a band between two bins"), ({"melHighHz": 1001}, "mel")])
def test_faults_are_seen(change, fault):
    assert faults(config.DEFAULTS["frontEnd"] | change) == [fault]


@ALL
def test_config_can_be_trained(path):
    c = config.load(path)
    task = tasks.named(c["task"])
    assert path.stem == f"{c['task']}-{c['model']}"
    assert faults(c["frontEnd"]) == []
    assert c["train"]["selectBy"] in SELECT_BY and c["sampler"]["balance"] in ("databaseClass", "class", "mixed", "none")
    optimise.check(c["train"])
    bands, frames = config.window_shape(c["frontEnd"])
    model = models.build(c["model"], len(task.labels), c["network"], bands).eval()
    with torch.no_grad():
        logits = model(torch.zeros(1, 1, bands, min(c["augment"]["cropFrames"] or frames, frames)))
    loss = losses.build(c["loss"], [1] * len(task.labels), 2 * len(task.labels))
    assert torch.isfinite(loss(logits, torch.eye(len(task.labels))[:1]))


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*-resnet18.json")), ids=lambda p: p.stem)
def test_resnet18_can_learn_from_the_small_network(path):
    ours, teacher = config.load(path), config.load(path.with_name(path.name.replace("resnet18", "cnn-small")))
    for part in ("task", "frontEnd", "sampler"):
        assert ours[part] == teacher[part], part
    assert ours["augment"] | {"cropFrames": 0} == teacher["augment"] | {"cropFrames": 0}
    assert ours["split"] | {"members": 0} == teacher["split"] | {"members": 0}


def test_published_every_project_and_model_has_its_recipe():
    named = {f"{project['task']}-{model}": project for project in PROJECTS for model in project["models"]}
    found = {path.stem: config.load(path) for path in (CONFIGS / "published").glob("*.json")}
    assert set(found) == set(named)
    table = (CONFIGS / "published" / "README.md").read_text()
    for name, c in found.items():
        assert c["split"]["protocol"] == ("grouped" if c["task"] == "circor" else "random")  # CirCor's project alone splits by subject
        assert f"`{name}.json`" in table
        assert c["augment"]["mixup"] == c["loss"]["labelSmoothing"] == 0 and c["train"]["average"] == "none", "our own means"
