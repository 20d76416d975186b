"""``export``: stored verdicts as FHIR, as a table and as JSON lines; held against HL7's own JSON Schema, and against what that schema cannot say."""

import csv
import io
import json
import shutil
import stat
import uuid

import jsonschema
import numpy as np
import pytest

import tiny
import wavs
from program import OK, ROOT, SETUP, SOME_FAILED, USAGE, heartsound, running

FHIR = ROOT / ".native/schemas/fhir.schema.json"
REASONS = ["tooShort", "interrupted", "noSignal", "tooQuiet", "flatLine", "clipped", "noise", "spikes", "noHeartbeat", "uncertain"]
LOINC, SNOMED, UCUM = "http://loinc.org", "http://snomed.info/sct", "http://unitsofmeasure.org"
ABSENT, INTERPRETATION = "http://terminology.hl7.org/CodeSystem/data-absent-reason", "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
VALVES = ["AS", "AR", "MR", "MS"]


@pytest.fixture(scope="module")
def real(tmp_path_factory, simulate):
    """Verdicts of the program itself: normal, abnormal, several findings, uncertain, and what the sound of some rooms makes of it."""
    folder = tmp_path_factory.mktemp("real")
    wavs.not_hearts(folder, seconds=10)
    kept = {"silence", "white noise", "pink noise", "tone of 100 Hz", "NaN", "one sample"}
    for path in folder.glob("*.wav"):
        if path.stem not in kept:
            path.unlink()
    shutil.copy(simulate(), folder / "heart.wav")
    shutil.copy(simulate(rate=16000, murmur="systolic", murmur_level=0.4, bpm=90), folder / "murmur.wav")
    done = heartsound("replay", "--fast", "--device", "bed-7", "--json", folder)
    findings = tiny.model(folder / "f", VALVES, VALVES, [2, -2, 1, -3], output="sigmoid", id="valves")
    doubts = tiny.model(folder / "d", ["normal", "abnormal"], ["abnormal"], [0, 0], id="doubts")
    lines = done.lines + [heartsound("replay", "--fast", "--json", "--device", "bed-8", "--model", model, folder / "heart.wav").lines[0] for model in (findings, doubts)]
    return lines


@pytest.fixture(scope="module")
def verdicts(real):
    """Those, and of what could not be heard here one of each kind, made of them: every reason, every clock, sites."""
    normal, alarm, unsure = (next(v for v in real if v["alarm"] is a) for a in (False, True, None))
    reasons = [{**unsure, "reason": reason} for reason in REASONS if reason not in {v["reason"] for v in real}]
    clocks = [{**normal, "clockSynced": synced} for synced in (True, False, None)]
    sites = [with_sites(alarm, [("AV", normal), ("PV", unsure), ("TV", normal), ("MV", alarm)]), with_sites(normal, [("MV", normal)]), with_sites(alarm, [("AV", alarm), ("AV", alarm)])]
    return real + [{**v, "id": str(uuid.uuid4())} for v in reasons + clocks + sites]


def with_sites(verdict, parts):
    names = ("verdict", "alarm", "reason", "probabilities", "alarmProbability", "confidence", "heartRateBpm", "quality")
    listened = [{"site": site, "startSeconds": 10 * n, "endSeconds": 10 * n + 10, **{k: v[k] for k in names}} for n, (site, v) in enumerate(parts)]
    return {**verdict, "examination": {**verdict["examination"], "site": parts[0][0] if len(parts) == 1 else None, "sites": listened}}


def export(tmp_path, kind, verdicts, *told):
    path = tmp_path / "verdicts.jsonl"
    path.write_text("".join(json.dumps(v) + "\n" for v in verdicts))
    return heartsound("export", kind, path, *told)


@pytest.fixture(scope="module")
def bundles(tmp_path_factory, verdicts):
    done = export(tmp_path_factory.mktemp("bundles"), "fhir", verdicts, "--format", "ndjson")
    assert done.code == OK and done.err == "", done.err
    return done.lines


@pytest.fixture(scope="module")
def schema():
    assert FHIR.exists(), f"{FHIR} is missing: run scripts/get-schemas.sh"
    return json.loads(FHIR.read_text())


def validate(schema, resource):
    """By the resource's own definition: the schema's top level, a choice among 150 resources, names no reason."""
    rules = {"$schema": schema["$schema"], "$ref": f"#/definitions/{resource['resourceType']}", "definitions": schema["definitions"]}
    jsonschema.Draft6Validator(rules).validate(resource)


def resources(bundle, kind):
    return [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind]


def code(concept, system):
    return next((c["code"] for c in concept["coding"] if c["system"] == system), None)


def component(observation, name):
    return next(c for c in observation["component"] if code(c["code"], "urn:heartsound-edge:measure") == name)


def test_real_verdicts_are_of_every_kind(real):
    """Else what is tested here would be invented."""
    assert {v["alarm"] for v in real} == {True, False, None} and {"AS+MR"} < {v["verdict"] for v in real}
    assert {"noSignal", "noise", "clipped", "interrupted", "tooShort", "noHeartbeat", "uncertain"} <= {v["reason"] for v in real}


def test_every_bundle_is_valid_by_the_official_schema(bundles, verdicts, schema):
    assert len(bundles) == len(verdicts) > len(REASONS)
    for bundle in bundles:
        validate(schema, bundle)
        for entry in bundle["entry"]:
            validate(schema, entry["resource"])


def test_schema_refuses_what_is_no_good(bundles, schema):
    """Else the test above would pass for anything."""
    observation = resources(bundles[0], "Observation")[0]
    for bad in ({"status": "certain"}, {"effectiveDateTime": "yesterday"}, {"somethingNew": 1}, {"component": {}}, {"valueQuantity": {"value": "7"}}, {"issued": "2026-11-21"}):
        with pytest.raises(jsonschema.ValidationError):
            validate(schema, {**observation, **bad})


def test_invariants_that_the_schema_cannot_say(bundles):
    for bundle in bundles:
        urls = [e["fullUrl"] for e in bundle["entry"]]
        assert len(urls) == len(set(urls)), "bdl-7"
        assert bundle["type"] == "collection" and "total" not in bundle, "bdl-1"
        for entry in bundle["entry"]:
            resource = entry["resource"]
            assert entry["fullUrl"] == f"urn:uuid:{resource['id']}" and uuid.UUID(resource["id"]).version == 5
            assert nothing_empty(resource), "FHIR knows neither null nor the empty list"
            for reference in references(resource):
                assert reference in urls, "references resolve inside the bundle"
        for observation in resources(bundle, "Observation"):
            value = "valueCodeableConcept" in observation
            assert value != ("dataAbsentReason" in observation), "obs-6, and one of both is there"
            own = {(c["system"], c["code"]) for c in observation["code"]["coding"]}
            for part in observation["component"]:
                assert ("valueQuantity" in part) != ("dataAbsentReason" in part), "obs-6 of components"
                assert not own & {(c["system"], c["code"]) for c in part["code"]["coding"]}, "obs-7"


def references(part):
    if isinstance(part, dict):
        yield from ([part["reference"]] if isinstance(part.get("reference"), str) else [])
    for child in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from references(child)


def nothing_empty(part):
    if isinstance(part, (dict, list)):
        return len(part) > 0 and all(nothing_empty(p) for p in (part.values() if isinstance(part, dict) else part))
    return part is not None and part != ""


def test_observation_says_what_the_verdict_says(bundles, verdicts):
    for bundle, verdict in zip(bundles, verdicts, strict=True):
        whole = resources(bundle, "Observation")[0]
        if verdict["reason"] is None:
            assert code(whole["valueCodeableConcept"], "urn:heartsound-edge:label") == whole["valueCodeableConcept"]["text"] == verdict["verdict"]
        else:
            assert code(whole["dataAbsentReason"], "urn:heartsound-edge:inconclusive-reason") == verdict["reason"]
            assert code(whole["dataAbsentReason"], ABSENT) in {"error", "unknown", "temp-unknown"} and whole["dataAbsentReason"]["text"] == verdict["advice"]
        assert code(whole["interpretation"][0], INTERPRETATION) == {True: "A", False: "N", None: "IND"}[verdict["alarm"]]
        for name, value, unit in (
            ("alarm-probability", verdict["alarmProbability"], "1"), ("confidence", verdict["confidence"], "1"), ("quality-score", verdict["quality"]["score"], "1"),
            ("good-seconds", verdict["quality"]["goodSeconds"], "s"), ("heart-rate", verdict["heartRateBpm"], "/min"),
        ):
            part = component(whole, name)
            if value is None:
                assert code(part["dataAbsentReason"], ABSENT) == "unknown"
            else:
                assert part["valueQuantity"]["value"] == value and (part["valueQuantity"]["system"], part["valueQuantity"]["code"]) == (UCUM, unit)
        assert code(component(whole, "heart-rate")["code"], LOINC) == "8867-4"
        labels = {code(c["code"], "urn:heartsound-edge:label-probability"): c.get("valueQuantity", {}).get("value") for c in whole["component"]}
        assert {k: v for k, v in labels.items() if k} == verdict["probabilities"]


def test_inconclusive_is_never_a_value_and_never_normal(bundles, verdicts):
    for bundle, verdict in zip(bundles, verdicts, strict=True):
        if verdict["alarm"] is None:
            (report,) = resources(bundle, "DiagnosticReport")
            assert all("valueCodeableConcept" not in o and code(o["interpretation"][0], INTERPRETATION) != "N" for o in resources(bundle, "Observation") if "bodySite" not in o)
            assert report["conclusion"].startswith("Inconclusive") and [c["text"] for c in report["conclusionCode"]] == ["inconclusive"]


def test_report_is_preliminary_and_names_every_finding(bundles, verdicts):
    for bundle, verdict in zip(bundles, verdicts, strict=True):
        (report,) = resources(bundle, "DiagnosticReport")
        assert report["status"] == "preliminary" and all(o["status"] == "preliminary" for o in resources(bundle, "Observation"))
        assert [c["text"] for c in report["conclusionCode"]] == (verdict["findings"] or [verdict["verdict"]])
        assert [r["reference"] for r in report["result"]] == [f"urn:uuid:{o['id']}" for o in resources(bundle, "Observation")]
        assert {i["value"] for i in report["identifier"]} == {f"urn:uuid:{verdict['id']}", str(verdict["sequence"])}
        assert "not a medical device" in report["conclusion"] and report["issued"] == report["effectiveDateTime"]
        assert report["issued"][:23] == verdict["time"][:23] or len(verdict["time"].split("+")[0]) < 23
        assert all(r["meta"]["tag"][0]["code"] == "research-tool" for r in (bundle, *(e["resource"] for e in bundle["entry"])))
    findings = next(b for b, v in zip(bundles, verdicts) if v["verdict"] == "AS+MR")
    found = {code(c["code"], "urn:heartsound-edge:label-probability"): code(c["interpretation"][0], INTERPRETATION) for c in resources(findings, "Observation")[0]["component"] if "interpretation" in c}
    assert found == {"AS": "POS", "MR": "POS", "AR": "NEG", "MS": "NEG"}


def test_device_is_the_one_that_spoke(bundles, verdicts):
    for bundle, verdict in zip(bundles, verdicts, strict=True):
        (device,) = resources(bundle, "Device")
        versions = {code(v["type"], "urn:heartsound-edge:version-type"): v["value"] for v in device["version"]}
        assert versions == {
            "software": verdict["software"], "model": f"{verdict['model']['id']} {verdict['model']['version']}", "model-sha256": verdict["model"]["sha256"], "provider": verdict["provider"],
        }
        assert device["identifier"][0]["value"] == verdict["device"]


def test_sites_are_observations_of_their_own_below_the_whole(bundles, verdicts):
    for bundle, verdict in zip(bundles, verdicts, strict=True):
        observations, sites = resources(bundle, "Observation"), verdict["examination"]["sites"] or []
        if not sites:
            assert len(observations) == 1 and "bodySite" not in observations[0] and "hasMember" not in observations[0], "nobody named a site, and none is invented"
        elif len(sites) == 1:
            assert [code(o["bodySite"], "urn:heartsound-edge:site") for o in observations] == [sites[0]["site"]]
        else:
            whole, *members = observations
            assert "bodySite" not in whole and [m["reference"] for m in whole["hasMember"]] == [f"urn:uuid:{m['id']}" for m in members]
            assert [code(m["bodySite"], "urn:heartsound-edge:site") for m in members] == [s["site"] for s in sites]
            assert [code(m["bodySite"], SNOMED) for m in members] == [{"AV": "34202007", "PV": "39057004", "TV": "46030003", "MV": "91134007"}[s["site"]] for s in sites]
            for member, site in zip(members, sites, strict=True):
                assert ("dataAbsentReason" in member) == (site["reason"] is not None)
                assert component(member, "alarm-probability").get("valueQuantity", {}).get("value") == site["alarmProbability"]


def test_time_that_cannot_be_believed_says_so(bundles, verdicts):
    seen = set()
    for bundle, verdict in zip(bundles, verdicts, strict=True):
        for resource in resources(bundle, "Observation") + resources(bundle, "DiagnosticReport"):
            word = {True: "synced", False: "unsynced", None: "unknown"}[verdict["clockSynced"]]
            seen.add(word)
            assert resource["_effectiveDateTime"]["extension"] == [{"url": "urn:heartsound-edge:fhir:clock", "valueCode": word}]
            notes = " ".join([n["text"] for n in resource.get("note", [])] + [e["valueString"] for e in resource.get("extension", [])])
            assert ("time" in notes) == (word != "synced") and "research tool" in notes
    assert seen == {"synced", "unsynced", "unknown"}


def test_no_patient_unless_one_is_named(tmp_path, verdicts, bundles, schema):
    assert all("subject" not in e["resource"] for b in bundles for e in b["entry"]) and "Patient" not in json.dumps(bundles)
    done = export(tmp_path, "fhir", verdicts[:2], "--subject", "Patient/77")
    bundle = json.loads(done.out)
    validate(schema, bundle)
    assert {e["resource"].get("subject", {}).get("reference") for e in bundle["entry"] if e["resource"]["resourceType"] != "Device"} == {"Patient/77"}
    for wrong in ("Jane Doe", "Patient/", "Practitioner/7", "patient/7"):
        assert export(tmp_path, "fhir", verdicts[:1], "--subject", wrong).code == USAGE


def test_same_verdict_gives_the_same_bytes(tmp_path, verdicts):
    first, second = (export(tmp_path, "fhir", verdicts) for _ in range(2))
    assert first.out == second.out and first.code == OK


def test_one_bundle_of_all_has_each_device_once(tmp_path, real, schema):
    bundle = json.loads(export(tmp_path, "fhir", real).out)
    validate(schema, bundle)
    assert len(resources(bundle, "DiagnosticReport")) == len(real) and len(resources(bundle, "Device")) == 3 and "identifier" not in bundle
    urls = [e["fullUrl"] for e in bundle["entry"]]
    assert len(urls) == len(set(urls))


def test_folder_gets_a_file_a_verdict_that_only_its_owner_may_read(tmp_path, real, bundles):
    done = export(tmp_path, "fhir", real, "--out", f"{tmp_path}/out/")
    files = {p.stem: p for p in (tmp_path / "out").iterdir()}
    assert done.code == OK and done.out == "" and set(files) == {v["id"] for v in real}
    assert json.loads(files[real[0]["id"]].read_text()) == bundles[0] and all(stat.S_IMODE(p.stat().st_mode) == 0o600 for p in files.values())


def test_code_systems_are_told_by_a_file(tmp_path, real, schema):
    built_in = heartsound("export", "code-systems")
    told = json.loads(built_in.out)
    assert told["heartRate"][0]["code"] == "8867-4" and set(told["sites"]) == {"AV", "PV", "TV", "MV"} and set(told["absentReasons"]) == set(REASONS) and told["labels"] == {}
    (tmp_path / "all.json").write_text(built_in.out)
    assert export(tmp_path, "fhir", real, "--code-systems", tmp_path / "all.json").out == export(tmp_path, "fhir", real).out, "the built-in ones, written out"
    mine = {"heartRate": [], "labels": {"normal": [{"system": SNOMED, "code": "17621005", "display": "Normal"}]}, "absentReasons": {"noise": "masked"}}
    (tmp_path / "mine.json").write_text(json.dumps(mine))
    bundle = json.loads(export(tmp_path, "fhir", real, "--code-systems", tmp_path / "mine.json").out)
    validate(schema, bundle)
    for observation in resources(bundle, "Observation"):
        assert code(component(observation, "heart-rate")["code"], LOINC) is None
        if observation.get("valueCodeableConcept", {}).get("text") == "normal":
            assert code(observation["valueCodeableConcept"], SNOMED) == "17621005"
        elif code(observation.get("dataAbsentReason", {"coding": []}), "urn:heartsound-edge:inconclusive-reason") == "noise":
            assert code(observation["dataAbsentReason"], ABSENT) == "masked"


@pytest.mark.parametrize("text", ["", "[]", "{", '{"heartrate": []}', '{"heartRate": [{"system": "loinc", "code": "1"}]}', '{"sites": {"XV": []}}', '{"absentReasons": {"noise": " "}}'])
def test_code_systems_that_are_no_good_are_refused(tmp_path, real, text):
    (tmp_path / "codes.json").write_text(text)
    done = export(tmp_path, "fhir", real[:1], "--code-systems", tmp_path / "codes.json")
    assert done.code == SETUP and "codes.json" in done.err and done.out == ""


BAD = ["no JSON", "[]", "null", "{}", '{"schema":1}', "[" * 2000, "\x00"]


@pytest.mark.parametrize("kind", ["fhir", "csv", "json"])
def test_bad_lines_are_named_and_left_out(tmp_path, real, kind):
    normal = next(v for v in real if v["alarm"] is False)
    contradictions = [{"schema": 2}, {"alarm": None}, {"reason": "noise"}, {"verdict": ""}, {"verdict": "inconclusive"}, {"alarmProbability": 1.5}, {"device": "Ward 3"}, {"probabilities": {"normal": -1}}, {"sequence": 0}]
    bad = BAD + [json.dumps({**normal, **wrong}) for wrong in contradictions]
    path = tmp_path / "verdicts.jsonl"
    path.write_text("\n".join([bad[0], json.dumps(real[0]), "", *bad[1:], json.dumps(real[1])]))
    done = heartsound("export", kind, path)
    assert done.code == SOME_FAILED and done.err.count("left out") == len(bad)
    assert all(f"verdicts.jsonl:{line}:" in done.err for line in (1, 4, 5)) and "verdicts.jsonl:2:" not in done.err
    assert {"fhir": lambda: len(resources(json.loads(done.out), "DiagnosticReport")), "csv": lambda: len(done.out.splitlines()) - 1, "json": lambda: len(done.lines)}[kind]() == 2


def test_many_bad_lines_are_counted(tmp_path):
    (tmp_path / "bad.jsonl").write_text("bad\n" * 1000)
    done = heartsound("export", "json", tmp_path / "bad.jsonl")
    assert done.code == SOME_FAILED and "and 980 more" in done.err and len(done.err.splitlines()) == 22


@pytest.mark.parametrize("kind", ["fhir", "csv", "json"])
def test_empty_input_says_so_and_no_input_is_a_wrong_command_line(tmp_path, kind):
    (tmp_path / "empty").write_text("\n \n")
    empty, missing = heartsound("export", kind, tmp_path / "empty"), heartsound("export", kind, tmp_path / "missing")
    assert empty.code == OK and empty.out == "" and "no verdict" in empty.err
    assert missing.code == SOME_FAILED and "missing" in missing.err and heartsound("export", kind).code == USAGE


def test_same_verdict_twice_is_exported_once_with_the_better_clock(tmp_path, real):
    early, late = {**real[0], "clockSynced": False}, {**real[0], "clockSynced": True, "time": "2030-01-01T00:00:00+00:00"}
    for order in ([early, late, early], [late, early, late]):
        done = export(tmp_path, "json", [*order, real[1]])
        assert done.code == OK and done.lines == [late, real[1]] and "2 came more than once" in done.err


def test_json_lines_keep_what_this_program_does_not_know(tmp_path, real):
    newer = {**real[0], "somethingNew": {"of": "a later version"}}
    assert export(tmp_path, "json", [newer]).lines == [newer]


def test_table_has_a_row_a_verdict_and_no_formulas(tmp_path, verdicts):
    evil = {**verdicts[0], "id": str(uuid.uuid4()), "examination": {**verdicts[0]["examination"], "recording": '=cmd|"x",y'}, "device": "-7"}
    done = export(tmp_path, "csv", [*verdicts, evil])
    rows = list(csv.DictReader(io.StringIO(done.out, newline="")))
    assert done.code == OK and len(rows) == len(verdicts) + 1 and all(None not in row and None not in row.values() for row in rows)
    for row, verdict in zip(rows, verdicts):
        assert (row["id"], row["verdict"], row["reason"]) == (verdict["id"], verdict["verdict"], verdict["reason"] or "")
        assert row["alarm"] == {True: "true", False: "false", None: ""}[verdict["alarm"]] and int(row["sequence"]) == verdict["sequence"]
        assert [float(row[n]) if row[n] else None for n in ("alarmProbability", "heartRateBpm")] == [verdict["alarmProbability"], verdict["heartRateBpm"]]
        assert {label: float(p) for label in ("normal", "abnormal", *VALVES) if (p := row[f"probability {label}"])} == pytest.approx(verdict["probabilities"])
    assert rows[-1]["recording"] == "'=cmd|\"x\",y" and rows[-1]["device"] == "'-7"
    assert rows[len(verdicts) - 3]["sites"].split()[0] == "AV=normal"


def test_verdicts_that_wait_on_a_box_are_read_from_its_outbox_which_stays_as_it_is(tmp_path, simulate, schema):
    """Also while the device still holds it, and from a disk that can only be read."""
    outbox = tmp_path / "outbox"
    outbox.mkdir()
    with running(tmp_path / "run", "replay", "--fast", "--json", "--broker", "127.0.0.1:1", "--device", "bed-7", "--outbox", outbox, simulate(), simulate(seconds=3)) as device:
        device.until(lambda d: d.out.count("\n") == 2)
        held = heartsound("export", "json", "--outbox", outbox)
        lines = device.out.splitlines()
        device.kill()
    assert held.code == OK and held.lines == [json.loads(line) for line in lines], held.err
    before = {p.name: p.read_bytes() for p in outbox.iterdir()}
    done = heartsound("export", "fhir", "--outbox", outbox)
    assert done.code == OK and len(resources(json.loads(done.out), "DiagnosticReport")) == 2
    validate(schema, json.loads(done.out))
    assert {p.name: p.read_bytes() for p in outbox.iterdir()} == before
    (outbox / "outbox.db").write_bytes(np.random.default_rng(1).bytes(9000))
    (outbox / "outbox.db-wal").unlink(missing_ok=True)
    broken, absent = heartsound("export", "json", "--outbox", outbox), heartsound("export", "json", "--outbox", tmp_path)
    assert broken.code == SOME_FAILED and "damaged" in broken.err and absent.code == SOME_FAILED and "no outbox.db" in absent.err
