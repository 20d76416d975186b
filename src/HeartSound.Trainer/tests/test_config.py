import json
import re
from pathlib import Path

import pytest

from heartsound_trainer import config
from heartsound_trainer.errors import TrainerError

TRAINER = Path(__file__).parents[1]


def defaults_of_the_product(record):
    source = (TRAINER.parent / "HeartSound.Signal" / f"{record}.cs").read_text()
    found = re.findall(r"public (\w+) (\w+) \{ get; init; \}(?: = ([^;]+);)?", source)
    values = {}
    for kind, name, value in found:
        value = value or "false"
        values[name[0].lower() + name[1:]] = value.split(".")[-1].lower() if kind == "Normalisation" else json.loads(value.rstrip("fd"))
    return values


def test_front_end_defaults_are_those_of_the_product():
    assert defaults_of_the_product("FrontEndSpec") == config.DEFAULTS["frontEnd"]


def test_quality_gates_are_those_of_the_product():
    assert defaults_of_the_product("QualityGates") == config.DEFAULTS["export"]["quality"]


def test_window_shape_default_spec():
    assert config.window_shape(config.DEFAULTS["frontEnd"]) == (64, 297)


def test_spec_hash_same_numbers_same_hash_other_numbers_other_hash():
    spec = config.DEFAULTS["frontEnd"]
    assert config.spec_hash(spec) == config.spec_hash({**spec, "windowSeconds": 5.0})
    assert config.spec_hash(spec) != config.spec_hash({**spec, "windowSeconds": 4})


def test_load_change_is_laid_over(tmp_path):
    (tmp_path / "c.json").write_text('{"train": {"epochs": 7}, "export": {"quality": {"minScore": 0.1}}}')
    loaded = config.load(tmp_path / "c.json", ["train.batch=8", "model=cnn"])
    assert (loaded["train"]["epochs"], loaded["train"]["batch"], loaded["model"]) == (7, 8, "cnn")
    assert loaded["export"]["quality"] == {**config.DEFAULTS["export"]["quality"], "minScore": 0.1}


@pytest.mark.parametrize(
    "text, complaint",
    [
        ('{"trian": {}}', "trian is not a setting"),
        ('{"train": {"epoch": 1}}', "train.epoch is not a setting"),
        ('{"train": {"epochs": "many"}}', "train.epochs is"),
        ('{"augment": {"roll": 1}}', "augment.roll is 1"),
        ('{"train": 3}', "train must be an object"),
        ("{", "is not JSON"),
    ],
)
def test_load_wrong_config_is_refused_by_name(tmp_path, text, complaint):
    (tmp_path / "c.json").write_text(text)
    with pytest.raises(TrainerError, match=complaint):
        config.load(tmp_path / "c.json")
