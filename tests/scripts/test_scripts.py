"""The scripts as a stranger meets them: their help, their refusals, and checksums that find a changed file."""

import hashlib
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*command):
    return subprocess.run(list(map(str, command)), cwd="/", capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("name", ["setup", "build", "test", "demo", "get-data", "get-native", "get-schemas", "deploy", "provision", "flash"])
def test_script_help_explains_itself_and_does_nothing(name):
    done = run(ROOT / "scripts" / f"{name}.sh", "--help")
    assert done.returncode == 0 and f"scripts/{name}.sh" in done.stdout and done.stderr == ""


@pytest.mark.parametrize("name", ["setup", "build", "test", "demo", "get-data", "get-native", "get-schemas", "deploy", "provision", "flash"])
def test_script_unknown_option_is_refused_by_name(name):
    done = run(ROOT / "scripts" / f"{name}.sh", "--no-such-option")
    assert done.returncode != 0 and "--no-such-option" in done.stderr


def test_demo_missing_recording_is_refused_before_anything_starts():
    done = run(ROOT / "scripts/demo.sh", "/no/such/file.wav")
    assert done.returncode == 1 and "/no/such/file.wav" in done.stderr and done.stdout == ""


def test_make_without_a_target_lists_every_target():
    done = run("make", "-C", ROOT, "--no-print-directory")
    assert all(f"make {target} " in done.stdout for target in ("setup", "build", "publish", "test", "demo", "bench", "train", "format", "clean", "help"))


def test_get_data_list_names_every_set_with_licence_and_home():
    text = run(ROOT / "scripts/get-data.sh", "list").stdout
    assert all(name in text for name in ("physionet2016", "circor", "bmdhs", "yaseen2018", "pascal2011"))
    assert text.count("licence:") == 5 and text.count("home:") == 5


@pytest.fixture
def published(tmp_path):
    """A small copy of a data set with its list of sums, as the official site lays it out."""
    (tmp_path / "training-a").mkdir()
    lines = []
    for name in ("training-a/a0001.wav", "training-a/with space.wav"):
        (tmp_path / name).write_bytes(name.encode())
        lines.append(f"{hashlib.sha256(name.encode()).hexdigest()} {name}\n")
    (tmp_path / "SHA256SUMS.txt").write_text("".join(lines) + "0" * 64 + " training.zip\n")
    return tmp_path


def test_get_data_verify_untouched_copy_passes(published):
    done = run(ROOT / "scripts/get-data.sh", "verify", "physionet2016", published)
    assert done.returncode == 0 and "all 2 files" in done.stdout


@pytest.mark.parametrize("damage", [lambda f: f.write_bytes(b"changed"), lambda f: f.unlink()], ids=["changed", "missing"])
def test_get_data_verify_damaged_file_is_named(published, damage):
    damage(published / "training-a/a0001.wav")
    done = run(ROOT / "scripts/get-data.sh", "verify", "physionet2016", published)
    assert done.returncode == 1 and "a0001.wav" in done.stdout and "1 of 2" in done.stderr


def test_get_data_verify_sums_of_records_csv_are_used(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"sound")
    good = hashlib.sha256(b"sound").hexdigest()
    (tmp_path / "records.csv").write_text(f"file,label,sha256\r\na.wav,1,{good}\r\n")
    assert run(ROOT / "scripts/get-data.sh", "verify", "physionet2016", tmp_path).returncode == 0
    (tmp_path / "a.wav").write_bytes(b"noise")
    assert run(ROOT / "scripts/get-data.sh", "verify", "physionet2016", tmp_path).returncode == 1
