"""Records of examinations: keys, lists, and reading what another implementation of docs/records.md has written."""

import json
import os
import re
import signal
import uuid

import numpy as np
import pytest

import record
import wavs
from program import OK, SETUP, SOME_FAILED, heartsound, running

SOUND = (np.arange(9000) * 7 % 30000 - 15000).astype("<i2")
CHUNKS = [SOUND[:4000].tobytes(), SOUND[4000:8000].tobytes(), SOUND[8000:].tobytes()]
TRAILER = {"outcome": "abnormal", "samples": 9000, "preRollSamples": 2000, "lostSamples": 3}


@pytest.fixture
def key_file(tmp_path):
    path = tmp_path / "record.key"
    done = heartsound("record", "new-key", "--out", path)
    assert done.code == OK and done.out == "", done
    return path


@pytest.fixture
def key(key_file):
    return bytes.fromhex(key_file.read_text())


def decrypt(path, key_file, *more):
    return heartsound("record", "decrypt", path, "--key-file", key_file, "--out", path.with_suffix(".wav"), *more)


def test_new_key_is_private_random_and_not_overwritten(tmp_path, key_file):
    assert re.fullmatch(r"[0-9a-f]{64}\n", key_file.read_text()) and key_file.stat().st_mode & 0o777 == 0o600
    assert heartsound("record", "new-key").out != heartsound("record", "new-key").out
    before = key_file.read_bytes()
    assert heartsound("record", "new-key", "--out", key_file).code == SETUP
    assert key_file.read_bytes() == before


def test_decrypts_what_another_implementation_wrote(tmp_path, key, key_file):
    path = tmp_path / "r.hsrec"
    examination = uuid.uuid4()
    path.write_bytes(record.write(key, 4000, CHUNKS, TRAILER, examination=examination.bytes))
    assert record.read(key, path.read_bytes()) == (SOUND.tobytes(), TRAILER)

    done = decrypt(path, key_file, "--json")

    assert done.code == OK and done.err == ""
    told = json.loads(done.out)
    assert told["whole"] and told["trailer"] == TRAILER and told["examination"] == str(examination) and told["samples"] == 9000
    assert told["start"] == "2026-03-01T12:00:00+00:00"
    rate, samples = wavs.read(path.with_suffix(".wav"))
    assert rate == 4000 and np.array_equal(samples, SOUND)
    assert path.with_suffix(".wav").stat().st_mode & 0o777 == 0o600


def test_cut_off_gives_what_came_before_and_says_so(tmp_path, key, key_file):
    whole = record.write(key, 4000, CHUNKS, TRAILER)
    path = tmp_path / "r.hsrec"
    path.write_bytes(whole[:-1])

    done = decrypt(path, key_file)

    assert done.code == SOME_FAILED and "was cut off" in done.err
    assert np.array_equal(wavs.read(path.with_suffix(".wav"))[1], SOUND)


@pytest.mark.parametrize("change", ["header", "sound", "tag", "swapped", "without the last sound", "longer"])
def test_tampered_leaves_no_file(tmp_path, key, key_file, change):
    data = bytearray(record.write(key, 4000, CHUNKS[:2], TRAILER))
    frame = 4 + 8000 + 16
    first, second, end = data[80 : 80 + frame], data[80 + frame : 80 + 2 * frame], data[80 + 2 * frame :]
    if change == "header":
        data[48] ^= 1
    elif change == "sound":
        data[100] ^= 1
    elif change == "tag":
        data[80 + frame - 1] ^= 1
    elif change == "swapped":
        data = data[:80] + second + first + end
    elif change == "without the last sound":
        data = data[:80] + first + end
    else:
        data += b"\0"
    path = tmp_path / "r.hsrec"
    path.write_bytes(data)

    done = decrypt(path, key_file)

    assert done.code == SETUP and str(path) in done.err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["r.hsrec", "record.key"]


def test_wrong_open_and_missing_keys_are_refused(tmp_path, key, key_file):
    path = tmp_path / "r.hsrec"
    path.write_bytes(record.write(key, 4000, CHUNKS, TRAILER))
    other = tmp_path / "other.key"
    assert heartsound("record", "new-key", "--out", other).code == OK
    assert "another key" in decrypt(path, other).err
    key_file.chmod(0o644)
    refused = decrypt(path, key_file)
    assert refused.code == SETUP and "chmod 600" in refused.err and key.hex() not in refused.err
    assert decrypt(path, tmp_path / "none").code == SETUP


def test_key_from_the_systemd_credential(tmp_path, key, key_file):
    path = tmp_path / "r.hsrec"
    path.write_bytes(record.write(key, 4000, CHUNKS, TRAILER))
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    key_file.rename(credentials / "record-key")

    done = heartsound("record", "decrypt", path, "--out", tmp_path / "x.wav", env={"CREDENTIALS_DIRECTORY": os.fspath(credentials)})

    assert done.code == OK, done


def test_lists_only_records_the_oldest_first(tmp_path):
    ids = [uuid.uuid4() for _ in range(2)]
    (tmp_path / f"20260302T000000Z-{ids[1].hex}.hsrec").write_bytes(b"12345")
    (tmp_path / f"20260301T000000Z-{ids[0].hex}.hsrec").write_bytes(b"123")
    (tmp_path / "other.hsrec").write_bytes(b"")

    listed = heartsound("record", "list", tmp_path, "--json").lines

    assert [r["examination"] for r in listed] == [str(i) for i in ids]
    assert [r["bytes"] for r in listed] == [3, 5] and listed[0]["start"] == "2026-03-01T00:00:00+00:00"
    assert str(ids[0]) in heartsound("record", "list", tmp_path).out
    assert heartsound("record", "list", tmp_path / "none").code == SETUP


def test_a_device_keeps_what_another_implementation_can_read(tmp_path, key, key_file):
    """The device's own record, and one that ends with the device."""
    records, settings = tmp_path / "records", tmp_path / "settings.json"
    settings.write_text(json.dumps({
        "examination": {"start": "always", "seconds": 5},
        "record": {"enabled": True, "keyFile": str(key_file), "folder": str(records), "preRollSeconds": 1, "minFreeMegabytes": 0},
    }))
    with running(tmp_path / "run", "run", "--simulate", "--json", "--settings", settings) as device:
        device.until(lambda d: d.out.count("\n") >= 1)
        device.end(signal.SIGTERM)

    listed = heartsound("record", "list", records, "--json").lines
    verdicts = [json.loads(line) for line in device.out.splitlines()]
    assert len(listed) >= 2, device.err
    assert [f.stat().st_mode & 0o777 for f in records.iterdir()] == [0o600] * len(listed) and records.stat().st_mode & 0o777 == 0o700
    for entry, verdict in zip(listed, verdicts):
        data = (records / os.path.basename(entry["file"])).read_bytes()
        samples, trailer = record.read(key, data)
        rate = int.from_bytes(data[48:52], "little")
        assert trailer["samples"] == len(samples) // 2 and trailer["lostSamples"] == 0
        assert trailer["outcome"] == verdict["verdict"]
        assert trailer["samples"] - trailer["preRollSamples"] <= 5.5 * rate
        assert np.abs(np.frombuffer(samples, "<i2")).max() > 100
        out = tmp_path / "x.wav"
        assert heartsound("record", "decrypt", entry["file"], "--key-file", key_file, "--out", out).code == OK
        assert wavs.read(out)[1].astype("<i2").tobytes() == samples


def test_what_a_killed_device_has_written_can_be_read(tmp_path, key, key_file):
    records, settings = tmp_path / "records", tmp_path / "settings.json"
    settings.write_text(json.dumps({
        "examination": {"start": "always", "seconds": 600},
        "record": {"enabled": True, "keyFile": str(key_file), "folder": str(records), "minFreeMegabytes": 0},
    }))
    with running(tmp_path / "run", "run", "--simulate", "--settings", settings) as device:
        device.until(lambda _: any(f.stat().st_size > 1000 for f in records.glob("*.hsrec")))
        device.kill()

    (path,) = records.glob("*.hsrec")
    samples, trailer = record.read(key, path.read_bytes())
    assert trailer is None and np.abs(np.frombuffer(samples, "<i2")).max() > 100
    done = heartsound("record", "decrypt", path, "--key-file", key_file, "--out", tmp_path / "x.wav")
    assert done.code == SOME_FAILED and wavs.read(tmp_path / "x.wav")[1].astype("<i2").tobytes() == samples
