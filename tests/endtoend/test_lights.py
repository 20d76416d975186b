"""``lights``: what the lamps mean and where they are. GPIO itself is tested with stand-ins (C#) and in the rig (a real chip)."""

import json
import xml.etree.ElementTree as ET

import jsonschema
import pytest

from program import OK, ROOT, SETUP, USAGE, heartsound

BOARDS = ROOT / "deploy/boards"


def board_files():
    return sorted(f for f in BOARDS.glob("*.json") if not f.name.endswith(".schema.json"))


@pytest.mark.parametrize("file", board_files(), ids=lambda f: f.stem)
def test_board_fits_its_schema(file):
    jsonschema.Draft202012Validator(json.loads((BOARDS / "board.schema.json").read_text())).validate(json.loads(file.read_text()))


def test_schema_refuses_what_is_no_board():
    schema = json.loads((BOARDS / "board.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    board = json.loads((BOARDS / "rig.json").read_text())
    for change in ({"name": "Rig"}, {"pins": {}}, {"colour": 1}, {"lamps": {}}, {"pins": {"1": {"chip": "", "line": 0}}}, {"button": {"pin": 4}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**board, **change}, schema)


@pytest.mark.parametrize("file", board_files(), ids=lambda f: f.stem)
def test_lights_json_shows_the_board_as_it_is_written(file):
    done = heartsound("lights", "--json", "--board", file.stem)
    assert done.code == OK and done.err == ""
    [answer] = done.lines
    written = json.loads(file.read_text())
    assert answer["board"]["pins"] == written["pins"]
    assert {name: lamp["pin"] for name, lamp in answer["board"]["lamps"].items()} == {name: lamp["pin"] for name, lamp in written["lamps"].items()}
    assert answer["library"].startswith("libgpiod ") and isinstance(answer["chips"], list)
    assert {"normal", "abnormal", "cannotTell", "fault", "identify"} <= {scene["name"] for scene in answer["scenes"]}


def test_lights_for_people_lists_pictures_pins_and_chips():
    done = heartsound("lights", "--board", "jetson-nano")
    assert done.code == OK
    assert "put the stethoscope on" in done.out and "pin 29: line 149 of 'tegra-gpio'" in done.out and "GPIO chips (libgpiod" in done.out


def test_show_on_a_terminal_that_is_none_says_it_once():
    done = heartsound("lights", "--show", "abnormal", "--lights", "terminal", "--seconds", "0.5")
    assert (done.code, done.out) == (OK, "")
    assert done.err.splitlines() == ["abnormal on terminal: abnormal (and listening on)", "lights: listening, abnormal"]


def test_show_without_the_boards_chip_says_what_there_is(tmp_path):
    board = json.loads((BOARDS / "rig.json").read_text())
    board["name"] = "mine"
    for line in board["pins"].values():
        line["chip"] = "no-such-chip"
    (tmp_path / "mine.json").write_text(json.dumps(board))
    done = heartsound("lights", "--show", "lampTest", "--board", tmp_path / "mine.json", "--seconds", "1")
    assert done.code == SETUP and "GPIO chip" in done.err


def test_picture_is_an_svg(tmp_path):
    assert heartsound("lights", "--picture", tmp_path / "lights.svg").code == OK
    assert ET.parse(tmp_path / "lights.svg").getroot().tag.endswith("svg")
    assert (tmp_path / "lights.svg").read_text() == (ROOT / "docs/lights.svg").read_text()


def test_picture_that_cannot_be_written_says_why(tmp_path):
    done = heartsound("lights", "--picture", tmp_path / "missing" / "lights.svg")
    assert done.code == SETUP and "cannot be written" in done.err


@pytest.mark.parametrize(
    "arguments, code, part",
    [
        (("--show", "disco"), USAGE, "disco"),
        (("--board", "jetson-tx2"), SETUP, "jetson-nano, jetson-orin-nano, jetson-xavier-nx, rig"),
        (("--show", "normal", "--lights", "gpio", "--board", "jetson-tx2"), SETUP, "jetson-tx2"),
    ],
)
def test_wrong_choices_name_the_right_ones(arguments, code, part):
    done = heartsound("lights", *arguments)
    assert done.code == code and part in done.err
