"""``docs/mqtt/asyncapi.yaml`` held against AsyncAPI's own JSON Schema, against the schemas beside it, and against what a device really does."""

import json
import re

import jsonschema
import pytest
import yaml

from program import ROOT

SCHEMA = ROOT / ".native/schemas/asyncapi-3.0.0.json"
FOLDER = ROOT / "docs/mqtt"


@pytest.fixture(scope="module")
def document():
    return yaml.safe_load((FOLDER / "asyncapi.yaml").read_text())


@pytest.fixture(scope="module")
def official():
    assert SCHEMA.exists(), f"{SCHEMA} is missing: run scripts/get-schemas.sh"
    text = json.loads(SCHEMA.read_text())
    store = {part["$id"]: part for part in text["definitions"].values() if "$id" in part}  # they name one another by their addresses, which need not be reached
    return jsonschema.Draft7Validator(text, resolver=jsonschema.RefResolver(text["$id"], text, store=store))


def test_document_is_valid_by_the_official_schema(document, official):
    official.validate(document)


@pytest.mark.parametrize("place,value", [("asyncapi", "9"), ("channels/status/address", 7), ("operations/sayLive/action", "shout"), ("operations/sayLive/bindings/mqtt/qos", 3), ("servers/tls/protocol", None), ("invented", {})])
def test_schema_refuses_what_is_no_good(document, official, place, value):
    """Else the test above would pass for anything."""
    *parents, name = place.split("/")
    broken = json.loads(json.dumps(document))
    part = broken
    for parent in parents:
        part = part[parent]
    part[name] = value
    assert not official.is_valid(broken)


def references(part):
    if isinstance(part, dict):
        yield from ([part["$ref"]] if "$ref" in part else [])
    for child in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from references(child)


def test_references_resolve(document):
    for reference in references(document):
        if not reference.startswith("#/"):
            jsonschema.Draft202012Validator.check_schema(json.loads((FOLDER / reference).read_text()))
            continue
        part = document
        for name in reference[2:].split("/"):
            part = part[name]
    assert {f"{m}.schema.json" for m in document["components"]["messages"] if m != "discovery"} == {p.name for p in FOLDER.glob("*.schema.json")}


def test_topics_qos_and_retain_are_those_of_the_page_for_people(document):
    rows = re.findall(r"^\| `(\S+?)` \| (\d), (\w+) \|", (FOLDER / "README.md").read_text(), re.MULTILINE)
    page = {topic.replace("<", "{").replace(">", "}").replace("homeassistant/", "{prefix}/"): (int(qos), kept == "yes") for topic, qos, kept in rows}
    told = {}
    for operation in document["operations"].values():
        channel = document["channels"][operation["channel"]["$ref"].removeprefix("#/channels/")]
        told[channel["address"]] = (operation["bindings"]["mqtt"]["qos"], operation["bindings"]["mqtt"]["retain"])
        assert set(re.findall(r"{(\w+)}", channel["address"])) == set(channel["parameters"])
    assert told == page
