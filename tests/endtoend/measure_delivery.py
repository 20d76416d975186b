"""Breaks broker, network, service, disk and clock (the scenarios of test_delivery*.py) and prints the table of docs/reliability.md: what was done, and what became of the verdicts.

    /usr/bin/python3 tests/endtoend/measure_delivery.py [NAME…]     only the scenarios whose name contains one of these
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from audit import FIGURES
from program import ROOT

HEAD = "| fault | how | verdicts | arrived again | lost | half of them arrived within, s | all within, s |\n|---|---|---|---|---|---|---|"


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        figures = Path(folder) / "figures.tsv"
        figures.touch()
        tests = sorted((ROOT / "tests/endtoend").glob("test_delivery*.py"))
        chosen = ["-k", " or ".join(sys.argv[1:])] if len(sys.argv) > 1 else []
        done = subprocess.run([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *chosen, *tests], env={**os.environ, FIGURES: str(figures)}, stdout=sys.stderr)
        print(HEAD)
        for line in figures.read_text().splitlines():
            print(f"| {' | '.join(line.split(chr(9)))} |")
        return done.returncode


if __name__ == "__main__":
    sys.exit(main())
