#!/usr/bin/env python3
"""Holds `bin/heartsound classify` against the labels of the recordings that the model was never trained on (fold 0 of PhysioNet 2016).

    scripts/score_physionet.py [--fold N] [--data DIR] [--model DIR] [--json]

DIR holds physionet2016/records.csv and the WAV files (default: ~/.cache/heartsound/data, where ../shared/data/unpack.sh puts them). The figures are those
of the program as its users run it, its whole policy included; the model's CARD.md has the trainer's, with intervals.
"""

import argparse
import csv
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fold", type=int, default=0, help="which fold (default: 0, the test part)")
    parser.add_argument("--data", type=Path, default=Path.home() / ".cache/heartsound/data")
    parser.add_argument("--model", help="model to use, as in `classify --model`")
    parser.add_argument("--json", action="store_true", help="the figures as one JSON object")
    arguments = parser.parse_args()

    folder = arguments.data / "physionet2016"
    if not (folder / "records.csv").exists():
        print(f"{folder}/records.csv is not there; scripts/get-data.sh says where the recordings are", file=sys.stderr)
        return 4
    with (folder / "records.csv").open() as file:
        truth = {str(folder / r["file"]): r["label"] == "1" for r in csv.DictReader(file) if int(r["fold"]) == arguments.fold}

    command = [ROOT / "bin/heartsound", "classify", "--json", "--quiet", *(["--model", arguments.model] if arguments.model else []), *truth]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode not in (0, 3):
        return done.returncode
    results = [json.loads(line) for line in done.stdout.splitlines()]
    forced = Counter((truth[r["file"]], r["label"]) for r in results)
    verdicts = Counter((truth[r["file"]], r["verdict"]) for r in results)

    sick, well = sum(truth.values()), len(truth) - sum(truth.values())
    sensitivity, specificity = forced[True, "abnormal"] / sick, forced[False, "normal"] / well
    figures = {
        "recordings": len(truth),
        "answeringAll": {"sensitivity": sensitivity, "specificity": specificity, "balancedAccuracy": (sensitivity + specificity) / 2},
        "verdicts": {kind: {v: verdicts[value, v] for v in ("abnormal", "normal", "inconclusive")} for kind, value in (("abnormal", True), ("normal", False))},
        "answered": 1 - (verdicts[True, "inconclusive"] + verdicts[False, "inconclusive"]) / len(truth),
        "reasons": dict(Counter(r["reason"] for r in results if r["verdict"] == "inconclusive")),
    }
    if arguments.json:
        print(json.dumps(figures))
        return 0

    print(f"{len(truth)} recordings, {sick} abnormal")
    print(f"every one answered: sensitivity {sensitivity:.3f}, specificity {specificity:.3f}, balanced accuracy {(sensitivity + specificity) / 2:.3f}")
    print(f"{'truth':10} {'abnormal':>9} {'normal':>9} {'inconclusive':>13}")
    for kind, row in figures["verdicts"].items():
        print(f"{kind:10} {row['abnormal']:9} {row['normal']:9} {row['inconclusive']:13}")
    print(f"answered: {figures['answered']:.1%}; inconclusive: {', '.join(f'{n} {reason}' for reason, n in sorted(figures['reasons'].items()))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
