"""The verbs: prepare, train, evaluate, cv, export, report."""

import argparse
import json
import os
import sys
from pathlib import Path

from . import config as configs
from . import tasks
from .errors import TrainerError
from .features import FeatureCache

EXAMPLES = """\
from the repository's root, with PYTHONPATH=src/HeartSound.Trainer:
  python -m heartsound_trainer prepare  --config src/HeartSound.Trainer/configs/physionet2016-resnet18.json
  python -m heartsound_trainer train    --config src/HeartSound.Trainer/configs/physionet2016-resnet18.json
  python -m heartsound_trainer evaluate --name physionet2016-resnet18
  python -m heartsound_trainer export   --name physionet2016-resnet18

exit codes: 0 done, 1 could not be done (the message says why), 2 wrong arguments, 130 interrupted
"""


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m heartsound_trainer",
        description="Trains heart-sound models for HeartSound.Edge: from recordings to an ONNX file with its manifest, goldens and card.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="prepare|train|evaluate|cv|export|report")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--cache", type=Path, default=Path(".cache/features"), help="where features are kept (default: %(default)s)")
    program = argparse.ArgumentParser(add_help=False)
    program.add_argument("--heartsound", default="bin/heartsound", metavar="PROGRAM", help="the product's program (default: %(default)s; `make build` makes it)")
    recipe = argparse.ArgumentParser(add_help=False)
    recipe.add_argument("--config", type=Path, required=True, help="JSON laid over the defaults in heartsound_trainer/config.py")
    recipe.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="change one setting, such as train.epochs=3; may be repeated")
    runs = argparse.ArgumentParser(add_help=False)
    runs.add_argument("--out", type=Path, default=Path("runs"), metavar="FOLDER", help="folder of runs (default: %(default)s)")

    def verb(name: str, parents: list, short: str, long: str) -> argparse.ArgumentParser:
        return verbs.add_parser(name, parents=parents, help=short, description=long)

    p = verb("prepare", [recipe, common, program], "make the features of a task", "Makes the features of every recording of the config's task with its front end, "
             "fold by fold, and keeps them by the front end's hash. What is there already is not made again.")
    p.add_argument("--data", type=Path, default=Path.home() / ".cache/heartsound/data", help="folder that holds a folder for each data set (default: ~/.cache/heartsound/data)")
    p.add_argument("--force", action="store_true", help="make all features anew (after a change of the front end's code or of the quality gates)")

    p = verb("train", [recipe, common, runs], "train a model", "Trains a model into FOLDER/NAME: config, git revision, history.csv, the last and the best weights, and the calibration chosen on "
             "validation recordings. Never opens the test part. Ctrl-C loses at most one epoch; --resume goes on.")
    p.add_argument("--name", help="name of the run (default: the config's file name)")
    p.add_argument("--resume", action="store_true", help="go on with a run that was interrupted")

    p = verb("evaluate", [common, runs], "measure a run on its test part", "Measures the best epoch of a run on the test part and writes metrics.json.")
    p.add_argument("--name", required=True, help="name of the run")
    p.add_argument("--again", metavar="REASON", default="", help="read the test part although it has been read; the reason goes into the metrics and the card")

    p = verb("cv", [recipe, common, runs], "cross-validate", "Trains and tests a model on every fold (or database) in turn, each part tested once by networks that never saw its groups; "
             "folds.csv, runs.csv, predictions.csv and cv.json hold the figures. Started again it goes on with what is missing.")
    p.add_argument("--name", help="name of the run (default: the config's file name with -cv)")
    p.add_argument("--runs", type=int, default=1, metavar="N", help="repeats, each after the first with other folds and another seed (default: %(default)s)")
    p.add_argument("--folds", type=int, metavar="N", help="refuse data that does not come in so many folds")
    p.add_argument("--leave-out", choices=["fold", "database"], default="fold", help="what is left out in turn (default: %(default)s)")
    p.add_argument("--fold", type=int, metavar="I", help="do only the I-th part, from 0: for job arrays; the last one to finish collects")
    p.add_argument("--jobs", type=int, default=1, help="trainings at a time (default: %(default)s); set train.threads so that all fit")

    p = verb("report", [runs], "show a run as one page", "Writes report.html, with every figure and picture of a run or a cross-validation, into its folder; or, with --claims, "
             "claims.html: what the published projects claim beside our figures under their protocol and under the honest one.")
    p.add_argument("--name", help="name of the run or cross-validation")
    p.add_argument("--claims", nargs="*", metavar="NAME", help="cross-validations to hold against the published claims (default: all there are)")

    p = verb("export", [common, runs, program], "write models/<id>/", "Writes model.onnx (float16 weights, manifest inside), golden.json and CARD.md, after checking the graph against PyTorch; then has "
             "`heartsound model verify` check them.")
    p.add_argument("--name", required=True, help="name of the run")
    p.add_argument("--models", type=Path, default=Path("models"), help="folder of models (default: %(default)s)")
    p.add_argument("--without-metrics", action="store_true", help="export a run that has not been evaluated")
    p.add_argument("--no-verify", action="store_true", help="do not run `heartsound model verify` afterwards")
    return parser


def main(argv: list[str] | None = None) -> int:
    # OpenMP threads that wait must not spin: where cores are shared with other programs, spinning takes more time than it saves.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    a = arguments().parse_args(argv)
    try:
        if a.verb != "train" and os.environ.get("WORLD_SIZE", "1") != "1":
            raise TrainerError(f"torchrun starts `train` only; {a.verb} would do the same in every process{' (--jobs and --fold share out its parts)' if a.verb == 'cv' else ''}")
        VERBS[a.verb](a)
        return 0
    except TrainerError as error:
        print(f"heartsound_trainer: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("heartsound_trainer: interrupted; `train --resume` goes on after the last whole epoch", file=sys.stderr)
        return 130


def prepare(a) -> None:
    from .probes import noise_spec

    config = configs.load(a.config, a.set)
    task = tasks.named(config["task"])
    cache = FeatureCache(a.cache, task.name, config["frontEnd"])
    failed = cache.prepare(task, a.data, a.heartsound, a.force)
    FeatureCache(a.cache, task.name, noise_spec(config["frontEnd"])).prepare(task, a.data, a.heartsound, a.force)
    for name in failed:
        print(f"could not be read: {name}", file=sys.stderr)
    print(f"{len(cache.records())} recordings of {task.name}, {len(failed)} of them unreadable, in {cache.folder}")


def train(a) -> None:
    from .train import train  # imports torch, which takes seconds that --help need not wait for

    config = configs.load(a.config, a.set)
    if config["split"]["protocol"] == "random":
        raise TrainerError("split.protocol random is for `cv`, which shows its figures beside those by subject")
    calibration = train(config, a.out / (a.name or a.config.stem), a.cache, a.resume)
    if os.environ.get("RANK", "0") == "0":
        print(json.dumps(calibration, indent=1))


def evaluate(a) -> None:
    from .evaluate import evaluate

    print(json.dumps(evaluate(a.out / a.name, a.cache, a.again), indent=1))


def cv(a) -> None:
    from .cv import cross_validate

    name = a.name or f"{a.config.stem}-{'lodo' if a.leave_out == 'database' else 'cv'}"
    found = cross_validate(configs.load(a.config, a.set), a.out / name, a.cache, a.runs, a.folds, a.leave_out == "database", a.fold, a.jobs)
    if found:
        print(json.dumps({name: found[name] for name in ("answeringAll", "abstaining", "withinDatabaseAuroc", "meanOfParts", "runsMean", "grouped") if name in found}, indent=1))


def report(a) -> None:
    from . import report as pages

    if a.claims is None and not a.name:
        raise TrainerError("say which run with --name, or compare with the published projects with --claims")
    if a.name:
        print(pages.report(a.out / a.name))
    if a.claims is not None:
        folders = [a.out / name for name in a.claims] or sorted(path.parent for path in a.out.glob("*/cv.json"))
        if not folders:
            raise TrainerError(f"{a.out} holds no cross-validation to hold against the claims; run `python -m heartsound_trainer cv` first, or name its folder with --out")
        print(pages.claims_text(folders))
        print(pages.claims_page(folders, a.out / "claims.html"))


def export(a) -> None:
    from .export import export

    print(export(a.out / a.name, a.models, a.cache, a.heartsound, a.without_metrics, not a.no_verify))


VERBS = {"prepare": prepare, "train": train, "evaluate": evaluate, "cv": cv, "export": export, "report": report}

if __name__ == "__main__":
    sys.exit(main())
