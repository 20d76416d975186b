"""Configs are small JSON files laid over DEFAULTS; a key that DEFAULTS lacks is an error, so a typing slip cannot pass."""

import copy
import hashlib
import json
from pathlib import Path

from .errors import TrainerError

DEFAULTS = {
    "task": "physionet2016",
    "model": "resnet18",
    # Every property of HeartSound.Signal's FrontEndSpec with its default (tests/test_config.py holds the two together).
    "frontEnd": {
        "sampleRateHz": 2000,
        "bandLowHz": 25,
        "bandHighHz": 400,
        "bandOrder": 5,
        "removeSpikes": False,
        "fftSamples": 512,
        "frameSamples": 256,
        "hopSamples": 32,
        "melBands": 64,
        "melLowHz": 25,
        "melHighHz": 500,
        "logFloor": 1e-8,
        "windowSeconds": 5,
        "windowHopSeconds": 2.5,
        "normalisation": "band",
        "normalisationSeconds": 10,
    },
    "network": {},  # settings of the model by name, such as {"width": 16}; models.py says which there are
    "split": {
        "testFold": 0,
        "testDatabase": "",  # test on all of this database in place of a fold
        "members": 1,  # networks, each validating on another of the folds that are not tested; the run's answer is their mean logit
        "protocol": "grouped",  # grouped: by subject; random: recordings anyhow, as some published figures were made; leaks, only to be shown beside the other
        "repeat": 0,  # 0: the folds that come with the data; more: other folds, by this seed
    },
    "sampler": {
        "windowsPerRecording": 2,  # draws in an epoch, per recording of the training part
        "balance": "databaseClass",  # databaseClass: classes alike inside each database; class: classes alike over all; mixed: half and half; none: as the recordings come
        "databasePower": 0.5,  # with databaseClass a database is drawn as (its recordings) ** this: 1 as it comes, 0 all databases alike
        "groupPower": 1.0,  # a group (subject) is drawn as (its recordings) ** this
    },
    "augment": {
        "cropFrames": 0,  # train on random crops of so many frames; 0: whole windows
        "roll": True,  # start anywhere in the window, going round
        "reverse": 0.0,  # probability of reversal in time
        "bandShift": 0,  # shift along the mel axis by up to so many bands
        "bandJitter": 0.0,  # standard deviation of a smooth random scale and offset per band
        "gain": 0.0,  # largest offset of a window, in units of its features; does nothing where normalisation is per band
        "randomEq": 0.0,  # standard deviation of a smooth offset per band; likewise
        "timeStretch": 0.0,  # largest share by which a window is made slower or faster
        "noise": 0.0,  # largest standard deviation of white noise, in units of the normalised features
        "noiseFloor": 0.0,  # probability of a raised noise floor (what lies under it is lost)
        "timeMasks": 2,
        "timeMaskFrames": 30,
        "bandMasks": 2,
        "bandMaskBands": 8,
        "mixup": 0.0,  # alpha of the Beta distribution; 0: none
    },
    "train": {
        "epochs": 20,
        "batch": 64,
        "optimiser": "adamw",  # adamw, adam or sgd
        "momentum": 0.9,  # of sgd
        "schedule": "oneCycle",  # oneCycle, cosine, constant or plateau
        "plateauPatience": 5,  # epochs without a better one before plateau halves the rate
        "learningRate": 1e-3,  # the peak of the schedule
        "warmup": 0.25,  # part of all steps in which the rate rises
        "weightDecay": 0.02,
        "clipNorm": 5.0,
        "average": "ema",  # what is validated, kept and exported: ema, swa or none
        "emaDecay": 0.99,
        "swaFrom": 0.75,  # part of all steps after which swa begins
        "selectBy": "auroc",  # best epoch on validation recordings: auroc, withinDatabaseAuroc, balancedAccuracy (at its best threshold), macroAuroc, loss; or simply the last
        "patience": 0,  # stop after so many epochs that were no better; 0: never
        "validationWindows": 4,  # windows a validation recording gives per epoch, evenly spread; 0: all
        "pretrained": "",  # folder of a finished run, of another data set or of the same test part, whose weights training starts from
        "seed": 1,
        "threads": 2,
        "device": "auto",  # auto, cpu, cuda, cuda:1 …
    },
    "loss": {
        "kind": "crossEntropy",  # crossEntropy, focal, or binary for several labels at once
        "labelSmoothing": 0.05,
        "classWeights": "none",  # none or balanced
        "gamma": 2.0,  # of the focal loss
    },
    "distil": {
        "teacher": "",  # folder of a finished run, whose answers are learnt as well as the labels
        "share": 0.7,  # of the loss
        "temperature": 2.0,
    },
    "calibrate": {
        "thresholdWeight": 1.0,  # weight of sensitivity beside specificity where an answer is forced
        "sensitivityWeight": 4.0,  # for the abstain band: how many times worse a missed abnormal is than a false alarm, as rates
        "abstainAtMost": 0.12,  # part of the abnormal and part of the normal validation recordings that may lie in the abstain band
    },
    "export": {
        "id": "",  # empty: <task>-<model>
        "version": "1.0.0",
        "policy": {"minGoodSeconds": 5.0, "minHeartRateBpm": 35, "maxHeartRateBpm": 200},
        # Every property of HeartSound.Signal's QualityGates with its default (tests/test_config.py holds the two together), so that
        # a later runtime with other defaults judges this model's recordings as it was trained.
        "quality": {
            "deadPeakDb": -84,
            "minLevelDb": -70,
            "maxFlatFraction": 0.3,
            "maxClippedFraction": 0.03,
            "minInBandRatioDb": -14,
            "maxMeanFrequencyHz": 300,
            "maxSpikeRatio": 12,
            "minContrastDb": 6,
            "minBeatContrastDb": 8.8,
            "maxPauseSeconds": 2,
            "minPeriodicity": 0.25,
            "minScore": 0.2,
        },
        "goldenTolerance": {"features": 1e-3, "logits": 1e-2},
    },
}

FREE = {"policy", "goldenTolerance", "network"}  # objects whose keys belong to others: the runtime, the model


def load(path: str | Path, changes: list[str] = ()) -> dict:
    """The config at ``path`` laid over DEFAULTS, then ``changes`` such as ``train.epochs=3`` laid over that."""
    path = Path(path)
    try:
        given = json.loads(path.read_text())
    except FileNotFoundError:
        raise TrainerError(f"config {path} does not exist; the ones that come with the trainer are in src/HeartSound.Trainer/configs")
    except json.JSONDecodeError as error:
        raise TrainerError(f"config {path} is not JSON: {error}")
    config = overlay(DEFAULTS, given, str(path))
    for change in changes:
        config = overlay(config, parse_change(change), "--set " + change)
    return config


def parse_change(change: str) -> dict:
    """``a.b=1`` as ``{"a": {"b": 1}}``; the value is JSON, or text when it is not."""
    name, equals, value = change.partition("=")
    if not equals:
        raise TrainerError(f"--set {change}: expected name=value, such as train.epochs=3")
    try:
        value = json.loads(value)
    except json.JSONDecodeError:
        pass
    for key in reversed(name.split(".")):
        value = {key: value}
    return value


def overlay(base: dict, over: dict, where: str, path: str = "") -> dict:
    """A copy of ``base`` with the values of ``over``; unknown keys and values of another kind are refused by name."""
    result = copy.deepcopy(base)
    for key, value in over.items():
        name = path + key
        if key not in base:
            raise TrainerError(f"{where}: {name} is not a setting; known here: {', '.join(sorted(base))}")
        if isinstance(base[key], dict) != isinstance(value, dict):
            raise TrainerError(f"{where}: {name} must {'' if isinstance(base[key], dict) else 'not '}be an object")
        if isinstance(value, dict) and key not in FREE:
            result[key] = overlay(base[key], value, where, name + ".")
        elif isinstance(value, dict):
            result[key] = {**base[key], **value}
        elif kind(base[key]) is not kind(value):
            raise TrainerError(f"{where}: {name} is {json.dumps(value)}, must be a {kind(base[key]).__name__} such as {json.dumps(base[key])}")
        else:
            result[key] = value
    return result


def kind(value) -> type:
    """Integers and reals are one kind; a truth value is not a number."""
    return float if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value)


def window_shape(spec: dict) -> tuple[int, int]:
    """(mel bands, frames) of a window: FrontEndSpec.WindowFrames."""
    samples = round(spec["windowSeconds"] * spec["sampleRateHz"])
    return spec["melBands"], (samples - spec["fftSamples"]) // spec["hopSamples"] + 1


def spec_hash(spec: dict) -> str:
    """Twelve hex digits that stand for a front end; 5 and 5.0 are the same number."""
    plain = {key: float(value) if kind(value) is float else value for key, value in spec.items()}
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:12]
