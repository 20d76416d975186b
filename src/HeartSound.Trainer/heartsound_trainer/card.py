"""CARD.md: what a model is, what it was measured to do, and what it must not be used for."""

from pathlib import Path
from string import Template

from . import tasks

TEMPLATE = Path(__file__).with_name("card.md")


def text(model_id, config, calibration, metrics, checks, task: tasks.Task, revision: str, sha256: str, size: int) -> str:
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
        test_fold=config["split"]["testFold"],
        validation_fold=config["split"]["validationFold"],
        seed=config["train"]["seed"],
        epochs=config["train"]["epochs"],
        epoch=calibration["epoch"],
        select_by=config["train"]["selectBy"],
        temperature=f"{calibration['temperature']:.3f}",
        threshold=f"{calibration['threshold']:.3f}",
        below=f"{calibration['alarmBelow']:.3f}",
        above=f"{calibration['alarmAbove']:.3f}",
        weight=f"{weight:g}",
        most=f"{100 * most:g} %",
        full=f"{checks['graphFloat32']:.1e}",
        half=f"{checks['roundingToFloat16']:.1e}",
        windows=checks["windows"],
        figures=figures(metrics) if metrics else "This model has not been evaluated on its test part.",
        shortcuts="\n".join(f"- {line}" for line in task.shortcuts),
    )


def figures(m: dict) -> str:
    every, careful, alone = m["answeringAll"], m["abstaining"], m["databaseOnly"]

    def row(name: str, title: str) -> str:
        return f"| {title} | {cell(every, name)} | {cell(careful, name)} | {number(alone.get(name))} |"

    parts = [
        f"{m['recordings']} test recordings ({m['split']['test']['groups']} groups, {100 * m['split']['test']['prevalence']:.1f} % alarm); "
        f"{m['recordingsWithoutWindows']} more were shorter than a window or unreadable. The test part was read {times(m['testReadings'])}. "
        "In brackets the 95 % interval of 2,000 bootstrap draws of whole groups.",
        "",
        "| | every recording answered | abstaining, of the answered ones | knowing only the database |",
        "|---|---|---|---|",
        row("sensitivity", "sensitivity"),
        row("specificity", "specificity"),
        row("balancedAccuracy", "balanced accuracy"),
        row("macc", "MAcc of the 2016 challenge, with its quality weights ¹"),
        row("auroc", "AUROC"),
        f"| macro F1 | {number(every['macroF1'])} | | |",
        f"| answered | 1.000 | {cell(careful, 'coverage')} | 1.000 |",
        "",
        "¹ Weights are the shares of good and poor recordings in each class of the test part. Answering all, MAcc is the balanced accuracy; abstaining, "
        "\"inconclusive\" is the challenge's \"unsure\": wrong for a recording of good quality, right for a poor one.",
        "",
        f"Abstained: {careful['uncertain']} in the band, {careful['withoutGoodWindow']} without a window of good quality. "
        f"Mean of the AUROCs within the databases: {number(m['withinDatabaseAuroc'])}. Calibration error at equal prevalence: "
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
        "| database | recordings | alarm | sensitivity | specificity | balanced accuracy | AUROC | answered |",
        "|---|---|---|---|---|---|---|---|",
        *(
            f"| {name} | {d['recordings']} | {100 * d['prevalence']:.0f} % | "
            + " | ".join(number(d[key]) for key in ("sensitivity", "specificity", "balancedAccuracy", "auroc", "coverage"))
            + " |"
            for name, d in m["byDatabase"].items()
        ),
        "",
        f"Validation recordings, on which everything was chosen: {m['validation']['recordings']}, AUROC {number(m['validation']['auroc'])}, "
        f"balanced accuracy {number(m['validation']['answeringAll']['balancedAccuracy'])}.",
    ]
    return "\n".join(parts)


def cell(column: dict, name: str) -> str:
    if name not in column:
        return ""
    low, high = column["interval95"][name]
    return f"{number(column[name])} [{number(low)}, {number(high)}]"


def number(value: float | None) -> str:
    return "" if value is None else "–" if value != value else f"{value:.3f}"


def times(looks: list[str]) -> str:
    return "once" if len(looks) == 1 else f"{len(looks)} times (again: {'; '.join(looks[1:])})"
