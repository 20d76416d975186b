"""CARD.md: what a model is, what it was measured to do, and what it must not be used for."""

from pathlib import Path
from string import Template

from . import tasks
from .splits import Split

TEMPLATE = Path(__file__).with_name("card.md")


def text(model_id, config, calibration, metrics, checks, task: tasks.Task, split: Split, revision: str, sha256: str, size: int) -> str:
    weight, most = config["calibrate"]["sensitivityWeight"], config["calibrate"]["abstainAtMost"]
    return Template(TEMPLATE.read_text()).substitute(
        id=model_id,
        version=config["export"]["version"],
        model=config["model"],
        task=task.name,
        labels=", ".join(task.labels),
        alarms=", ".join(task.alarm_labels),
        size=f"{size / 1e6:.1f} MB",
        sha256=sha256,
        revision=revision,
        dataset=task.dataset,
        licence=task.licence,
        citation=task.citation,
        test=split.test_name,
        members=members(split),
        seed=config["train"]["seed"],
        epochs=epochs(config, calibration),
        learnt_from=learnt_from(config),
        temperature=f"{calibration['temperature']:.3f}",
        threshold=f"{calibration['threshold']:.3f}",
        below=f"{calibration['alarmBelow']:.3f}",
        above=f"{calibration['alarmAbove']:.3f}",
        threshold_weight=f"{config['calibrate']['thresholdWeight']:g}",
        weight=f"{weight:g}",
        most=f"{100 * most:g} %",
        full=f"{checks['graphFloat32']:.1e}",
        half=f"{checks['roundingToFloat16']:.1e}",
        windows=checks["windows"],
        figures=figures(metrics, task) if metrics else "This model has not been evaluated on its test part.",
        shortcuts="\n".join(f"- {line}" for line in task.shortcuts),
    )


def learnt_from(config: dict) -> str:
    """The runs that it owes something to."""
    teacher, pretrained = config["distil"]["teacher"], config["train"].get("pretrained")  # older runs lack the latter
    return (f" Training started from the weights of `{Path(pretrained).name}`." if pretrained else "") + (
        f" It also learnt from the answers of `{Path(teacher).name}`, which never heard the test part either." if teacher else ""
    )


def members(split: Split) -> str:
    if len(split.members) == 1:
        return f"One fold of the others (fold {split.members[0].validation[0].fold}) validates, the rest train."
    return (
        f"The model is the mean logit of {len(split.members)} networks; each trained on the other folds but one, and was validated on that one. Calibration used all of these "
        "validation recordings, each judged by the network that had not trained on it."
    )


def epochs(config: dict, calibration: dict) -> str:
    if config["train"]["selectBy"] == "last":
        return f"the last of {config['train']['epochs']} epochs"
    chosen = calibration["epoch"] if isinstance(calibration["epoch"], list) else [calibration["epoch"]]
    return f"epoch {', '.join(map(str, chosen))} of {config['train']['epochs']}, chosen by {config['train']['selectBy']} of validation recordings"


def figures(m: dict, task: tasks.Task) -> str:
    every, careful = m["answeringAll"], m["abstaining"]
    probes = {"noise floor only": m["probes"]["noiseFloor"]} | ({"database only": m["probes"]["databaseOnly"]} if "databaseOnly" in m["probes"] else {})

    def row(name: str, title: str) -> str:
        return f"| {title} | {cell(every, name)} | {cell(careful, name)} |"

    parts = [
        f"{m['recordings']} test recordings ({m['groups']} groups, {100 * m['prevalence']:.1f} % alarm); "
        f"{m['recordingsWithoutWindows']} more were shorter than a window or unreadable. The test part was read {times(m['testReadings'])}. "
        "In brackets the 95 % interval of 2,000 bootstrap draws of whole groups.",
        "",
        "| alarm or not | every recording answered | abstaining, of the answered ones |",
        "|---|---|---|",
        row("sensitivity", "sensitivity"),
        row("specificity", "specificity"),
        row("balancedAccuracy", "balanced accuracy"),
        *([row("macc", "MAcc of the 2016 challenge, with its quality weights ¹")] if task.name == "physionet2016" else []),
        row("auroc", "AUROC"),
        row("macroF1", "macro F1"),
        f"| answered | 1.000 | {cell(careful, 'coverage')} |",
        "",
    ]
    if task.name == "physionet2016":
        parts += [
            "¹ Weights are the shares of good and poor recordings in each class of the test part. Answering all, MAcc is the balanced accuracy; abstaining, "
            "\"inconclusive\" is the challenge's \"unsure\": wrong for a recording of good quality, right for a poor one.",
            "",
        ]
    parts += [
        f"Abstained: {careful['uncertain']} in the band, {careful['withoutGoodWindow']} without a window of good quality. Calibration error at equal prevalence: "
        f"{number(m['calibrationError']['before'])} before, {number(m['calibrationError']['after'])} after temperature scaling.",
        "",
        "| truth | answered alarm | answered clear | inconclusive |",
        "|---|---|---|---|",
        *(
            f"| {truth}, {way} | {c[truth]['alarm']} | {c[truth]['clear']} | {c[truth]['inconclusive']} |"
            for way, c in (("answering all", every["confusion"]), ("abstaining", careful["confusion"]))
            for truth in ("alarm", "clear")
        ),
        "",
    ]
    if "classes" in m:
        parts += classes(m["classes"], task)
    if "findings" in m:
        parts += findings(m["findings"])
    if m["byGroup"]["groups"] < m["recordings"]:
        told = {"accuracy": "accuracy", "balancedAccuracy": "balanced accuracy", "macroAuroc": "macro AUROC", "macroF1": "macro F1"}
        parts += [
            f"One answer for each of the {m['byGroup']['groups']} groups, from all its recordings: "
            + ", ".join(f"{title} {number(m['byGroup'][name])}" for name, title in told.items() if name in m["byGroup"])
            + ".",
            "",
        ]
    if "challenge2022" in m:
        parts += challenge2022(m["challenge2022"], task)
    parts += [
        "What can be had without hearing a heart, by the same split:",
        "",
        "| | balanced accuracy | AUROC | AUROC within databases |",
        "|---|---|---|---|",
        *(f"| {name} | {cell(p, 'balancedAccuracy')} | {cell(p, 'auroc')} | {cell(p, 'withinDatabaseAuroc')} |" for name, p in probes.items()),
        "",
    ]
    if len(m["byDatabase"]) > 1:
        parts += [
            f"Mean of the AUROCs within the databases: {number(m['withinDatabaseAuroc'])}.",
            "",
            "| database | recordings | alarm | sensitivity | specificity | balanced accuracy | AUROC | answered |",
            "|---|---|---|---|---|---|---|---|",
            *(
                f"| {name} | {d['recordings']} | {100 * d['prevalence']:.0f} % | "
                + " | ".join(number(d[key]) for key in ("sensitivity", "specificity", "balancedAccuracy", "auroc", "coverage"))
                + " |"
                for name, d in m["byDatabase"].items()
            ),
            "",
        ]
    parts.append(
        f"Validation recordings, on which everything was chosen: {m['validation']['recordings']}, AUROC {number(m['validation']['answeringAll']['auroc'])}, "
        f"balanced accuracy {number(m['validation']['answeringAll']['balancedAccuracy'])}."
    )
    return "\n".join(parts)


def classes(c: dict, task: tasks.Task) -> list[str]:
    return [
        f"Of the {len(task.labels)} labels, the likeliest: accuracy {cell(c, 'accuracy')}, balanced accuracy {cell(c, 'balancedAccuracy')}, macro F1 {cell(c, 'macroF1')}, "
        f"macro AUROC {cell(c, 'macroAuroc')}; calibration error of the likeliest label {number(c['calibrationError']['before'])} before, "
        f"{number(c['calibrationError']['after'])} after temperature scaling.",
        "",
        "| truth, answered as | " + " | ".join(task.labels) + " | sensitivity | specificity | AUROC |",
        "|---" * (len(task.labels) + 4) + "|",
        *(
            f"| {name} | " + " | ".join(str(v) for v in c["confusion"][name].values()) + " | " + " | ".join(number(c["each"][name][k]) for k in ("sensitivity", "specificity", "auroc")) + " |"
            for name in task.labels
        ),
        "",
    ]


def findings(f: dict) -> list[str]:
    return [
        f"Several findings at once, each present at a probability of one half: macro AUROC {cell(f, 'macroAuroc')}, macro F1 {cell(f, 'macroF1')}, balanced accuracy "
        f"{cell(f, 'balancedAccuracy')}, all of a recording right {cell(f, 'exact')}.",
        "",
        "| finding | recordings | sensitivity | specificity | AUROC |",
        "|---|---|---|---|---|",
        *(f"| {name} | {e['recordings']:.0f} | " + " | ".join(number(e[k]) for k in ("sensitivity", "specificity", "auroc")) + " |" for name, e in f["each"].items()),
        "",
    ]


def challenge2022(c: dict, task: tasks.Task) -> list[str]:
    return [
        f"One verdict for each of the {c['patients']} patients, Present when one recording is, else Unknown when one is. As in the 2022 challenge: weighted accuracy "
        f"{cell(c, 'weightedAccuracy')}, cost {cell(c, 'cost')} when the Present and the Unknown are referred.",
        "",
        "| truth, verdict | " + " | ".join(task.labels) + " |",
        "|---" * (len(task.labels) + 1) + "|",
        *(f"| {name} | " + " | ".join(str(v) for v in c["confusion"][name].values()) + " |" for name in task.labels),
        "",
    ]


def cell(column: dict, name: str) -> str:
    if name not in column:
        return ""
    if name not in column.get("interval95", {}):
        return number(column[name])
    low, high = column["interval95"][name]
    return f"{number(column[name])} [{number(low)}, {number(high)}]"


def number(value: float | None) -> str:
    return "" if value is None else "–" if value != value else f"{value:.3f}"


def times(looks: list[str]) -> str:
    return "once" if len(looks) == 1 else f"{len(looks)} times (again: {'; '.join(looks[1:])})"
