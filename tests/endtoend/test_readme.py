"""The README's commands do what it says. They run in order in one empty folder from which bin/heartsound is reached as from the repository,
so that a command may use what an earlier one made. A line that ends with `# needs …` wants something that is not here; it is skipped and said."""

import re
import shlex
import subprocess

import pytest

from program import DEADLINE, HEARTSOUND, ROOT, assert_no_crash, environment

README = ROOT / "README.md"
NEEDS = re.compile(r"\s+#\s*needs\b\s*(.*)$")


def commands() -> list[str]:
    """What follows `$ ` in the ```console blocks and begins with bin/heartsound or make help; lines that end with a backslash go on."""
    blocks = re.findall(r"^```console\n(.*?)^```", README.read_text().replace("\\\n", " "), re.MULTILINE | re.DOTALL)
    prompts = [line[2:].strip() for block in blocks for line in block.splitlines() if line.startswith("$ ")]
    return [line for line in prompts if line.startswith(("bin/heartsound", "make help"))]


def run_all(folder) -> dict[str, subprocess.CompletedProcess]:
    (folder / "bin").symlink_to(HEARTSOUND.parent)
    (folder / "Makefile").symlink_to(ROOT / "Makefile")
    done = {}
    for command in commands():
        if not NEEDS.search(command):
            done[command] = subprocess.run(["bash", "-c", command], cwd=folder, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE)
    return done


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return run_all(tmp_path_factory.mktemp("readme"))


def test_readme_shows_the_verbs_that_a_newcomer_needs():
    shown = {shlex.split(c)[1] for c in commands() if c.startswith("bin/heartsound ")}
    assert shown >= {"simulate", "classify", "replay", "model"}


@pytest.mark.parametrize("command", list(dict.fromkeys(commands())))
def test_command_of_the_readme_ends_well(runs, command):
    if needs := NEEDS.search(command):
        pytest.skip(f"needs {needs[1]}: {command}")
    assert_no_crash(runs[command].returncode, runs[command].stderr)
    assert runs[command].returncode == 0, runs[command].stderr
