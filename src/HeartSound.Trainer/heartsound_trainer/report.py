"""One HTML page for a run or a cross-validation, and the table that holds published claims against our figures. Neither asks the network for anything.

Figures are those of metrics.json or cv.json and are shown as they stand there, whatever they are called: a table for figures that have 95 % intervals, a table for
each object of objects. Only pictures, and whether a group lies in two folds, are worked out here, from predictions.csv. What is missing is named, not passed over.

A cv.json holds ``task``, ``model``, ``protocol`` (its name, or an object with ``name``), ``ran`` and ``of`` (each {"runs", "folds"}), and figures like those of metrics.json.
"""

import base64
import csv
import html
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from . import calibrate, plots, scores, tasks
from .errors import TrainerError
from .tasks import Task

DRAWS = 500  # of the bootstrap behind the bars
NOT_CALIBRATED = {"temperature": 1.0, "threshold": 0.5, "alarmBelow": 0.5, "alarmAbove": 0.5}
HONEST, PUBLISHED = "grouped", "published"  # names of protocols: ours by subject, and what the project of that task did
WARNING = "A research tool, not a medical device. It must not be used to diagnose, to treat, or to decide not to."

TITLES = {
    "macroAuroc": "macro AUROC",
    "auroc": "AUROC",
    "balancedAccuracy": "balanced accuracy",
    "macc": "MAcc (2016 challenge, quality weights)",
    "macroF1": "macro F1",
    "withinDatabaseAuroc": "mean within-database AUROC",
    "withinDatabaseBalancedAccuracy": "mean within-database balanced accuracy",
    "answeringAll": "every recording answered",
    "abstaining": "abstaining, of the answered",
    "noiseFloor": "probe: noise floor only",
    "databaseOnly": "probe: database letter only",
    "calibrationError": "calibration error (ECE)",
    "byDatabase": "database by database",
    "modifiedSensitivity": "modified sensitivity (2016)",
    "modifiedSpecificity": "modified specificity (2016)",
    "testReadings": "readings of the test part",
    "challenge2022": "patient by patient, as in the 2022 challenge",
}
COLUMNS = ("answeringAll", "abstaining", "noiseFloor", "databaseOnly")  # of the table of figures, in this order
ELSEWHERE = {"probes", "interval95", "split", "task", "model", "protocol", "ran", "of", "run", "trainer", "testReadings", "epoch"}


@dataclass
class Predictions:
    """Rows of predictions.csv with the calibration of the fold that each was tested in."""

    labels: list[str]
    task: Task
    group: np.ndarray
    database: np.ndarray
    truth: np.ndarray  # (R, labels) bool
    logits: np.ndarray  # (R, labels)
    accepted: np.ndarray
    fold: np.ndarray
    run: np.ndarray
    tuned: dict[str, np.ndarray] = field(default_factory=dict)  # calibration, a value a row

    def probability(self, temperature) -> np.ndarray:
        return calibrate.probabilities(self.logits, np.reshape(temperature, (-1, 1)), self.task.multi_label)

    def alarm_score(self, temperature) -> np.ndarray:
        mine = self.probability(temperature)[:, [self.labels.index(name) for name in self.task.alarm_labels]]
        return mine.max(1) if self.task.multi_label else mine.sum(1)

    @property
    def alarm(self) -> np.ndarray:
        return self.truth[:, [self.labels.index(name) for name in self.task.alarm_labels]].any(1)

    @property
    def two_class(self) -> bool:
        return len(self.labels) == 2 and not self.task.multi_label


def report(folder: Path) -> Path:
    """Writes ``report.html`` (and the pictures, into ``plots/``) of a run or a cross-validation; returns the page's path."""
    folder = Path(folder)
    config = load(folder / "config.json")
    if config is None:
        raise TrainerError(f"{folder} is no run and no cross-validation: it has no config.json; name a folder below --out")
    cross = (folder / "cv.json").exists() or any(folder.glob("run*-fold*"))
    figures = load(folder / ("cv.json" if cross else "metrics.json")) or {}
    task = tasks.named(config["task"])
    parts = sorted(folder.glob("run*-fold*"), key=natural) if cross else [folder]
    found = predictions(folder, task, cross)
    missing = [why for there, why in absent(folder, figures, found, cross, parts) if not there]
    sections = [
        ("What was asked", question(task, config, figures, cross)),
        ("What did not run", listing(missing)) if missing else None,
        ("Figures", figure_tables(figures)),
        ("Pictures", "".join(pictures(folder, config, figures, found, parts, cross))),
        ("Data and splits", splits(figures, found, cross)),
        ("Known shortcuts and limits", listing(task.shortcuts)),
        ("Provenance", provenance(folder, parts, figures)),
        ("Config", f"<pre>{html.escape(json.dumps(config, indent=1, ensure_ascii=False))}</pre>"),
    ]
    out = folder / "report.html"
    out.write_text(page(f"{folder.name}: {config['model']} on {task.name}", [s for s in sections if s]))
    return out


def absent(folder: Path, figures: dict, found: Predictions | None, cross: bool, parts: list[Path]) -> list[tuple[bool, str]]:
    probed = figures.get("probes", figures)
    ran, of = figures.get("ran"), figures.get("of", figures.get("ran"))
    unfinished = [part.name for part in parts if cross and not (part / "metrics.json").exists()]
    return [
        (bool(figures), f"No figures: {'cv.json' if cross else 'metrics.json'} is not there. The test part has not been read, or the folds are not all done."),
        (found is not None, "No predictions.csv: no pictures of answers, and no check that groups are apart."),
        ("noiseFloor" in probed, "The probe «noise floor only» did not run: the figures may be the sensor's."),
        (ran == of, f"Of the protocol ran {amount(ran)}; the whole is {amount(of)}."),
        (not unfinished, f"Not finished: {', '.join(unfinished)}."),
        (all((part / "calibration.json").exists() for part in parts), "Some networks have no calibration.json: taken as temperature 1, threshold 0.5 and no abstaining."),
    ]


def amount(value: dict | None) -> str:
    return "an unknown part" if value is None else " × ".join(f"{count} {name}" for name, count in value.items())


# Text and tables


def question(task: Task, config: dict, figures: dict, cross: bool) -> str:
    labels = ", ".join(f"{name} (alarm)" if name in task.alarm_labels else name for name in task.labels)
    part = config.get("split", {})
    protocol = figures.get("protocol")
    if isinstance(protocol, dict):
        protocol = "; ".join(f"{words(key)} {plain(value)}" for key, value in protocol.items())
    how = (
        f"Cross-validation, protocol: {protocol or 'not noted'}. Pooled figures are of recordings that each were tested by a network that never trained on their fold."
        if cross
        else f"Fold {part.get('testFold')} is the test part, fold {part.get('validationFold')} validates, the others train. Network, epoch, temperature and thresholds were chosen on validation recordings."
    )
    rows = [
        ("question", f"Which of {labels}{', any number of them,' if task.multi_label else ''} does a recording hold?"),
        ("network", config["model"]),
        ("data", task.dataset),
        ("licence of the data", task.licence),
        ("to be cited", task.citation),
        ("protocol", how),
    ]
    return rows_table(rows)


def figure_tables(figures: dict) -> str:
    """The table of figures with intervals, then everything else that the file holds."""
    columns = {name: value for name, value in {**figures, **figures.get("probes", {})}.items() if name in COLUMNS and isinstance(value, dict)}
    parts = []
    if columns:
        names = [name for name in COLUMNS if name in columns]
        loose = {key: figures[key] for key in figures if isinstance(figures[key], (int, float)) and key not in ELSEWHERE}
        keys = list(dict.fromkeys(key for name in names for key, value in columns[name].items() if number(value)))
        intervals = figures.get("interval95", {})
        body = [[words(key), *(cell(columns[name].get(key), columns[name].get("interval95", {}).get(key)) for name in names)] for key in keys]
        body += [[words(key), cell(value, intervals.get(key)), *[""] * (len(names) - 1)] for key, value in loose.items() if key not in keys]
        parts.append(table(["", *map(words, names)], body, "In brackets the 95 % interval of a bootstrap that draws whole groups (subjects). A pooled figure means what it is above the probes beside it."))
    for key, value in figures.items():
        if key not in ELSEWHERE and key not in COLUMNS:
            parts.append(nested(key, value))
    for name in COLUMNS:
        for key, value in columns.get(name, {}).items():
            if key != "interval95" and isinstance(value, dict):
                parts.append(nested(f"{words(name)}: {words(key)}", value))
    return "".join(parts) or "<p>none</p>"


def nested(title: str, value) -> str:
    """Objects of numbers as a table; an object of objects a row each; deeper ones by their own headings. Lone numbers stand in the first table."""
    if not isinstance(value, dict) or not value:
        return ""
    intervals = value.get("interval95", {})
    flat = {k: v for k, v in value.items() if not isinstance(v, (dict, list))}
    deep = {k: v for k, v in value.items() if isinstance(v, dict) and k != "interval95"}
    out = f"<h3>{html.escape(words(title))}</h3>"
    if flat:
        out += rows_table([(words(k), cell(v, intervals.get(k))) for k, v in flat.items()])
    if deep and all(all(not isinstance(v, dict) or k == "interval95" for k, v in row.items()) for row in deep.values()):
        keys = list(dict.fromkeys(k for row in deep.values() for k in row if k != "interval95"))
        return out + table(["", *map(words, keys)], [[name, *(cell(row.get(k), row.get("interval95", {}).get(k)) for k in keys)] for name, row in deep.items()])
    return out + "".join(nested(k, v) for k, v in deep.items())


def splits(figures: dict, found: Predictions | None, cross: bool) -> str:
    out = ""
    if "split" in figures:
        out += table(["part", *map(words, next(iter(figures["split"].values())))], [[part, *map(cell, row.values())] for part, row in figures["split"].items()])
    if found is None:
        return out or "<p>not noted</p>"
    first = found.run == found.run[0]
    kinds = ["fold", "recordings", "groups", "alarm", *found.labels]
    body = []
    for fold in sorted(set(found.fold[first])):
        at = first & (found.fold == fold)
        body.append([str(fold), str(at.sum()), str(len(set(found.group[at]))), share(found.alarm[at].mean()), *(str(n) for n in found.truth[at].sum(0))])
    out += table(kinds, body, "Test recordings, counted from predictions.csv.")
    if cross:
        where = {}
        for group, fold in zip(found.group[first], found.fold[first]):
            where.setdefault(group, set()).add(fold)
        torn = sorted(group for group, folds in where.items() if len(folds) > 1)
        if torn:
            out += f"<p class=bad>{len(torn)} of {len(where)} groups lie in more than one fold, such as {html.escape(torn[0])}: this protocol leaks, and its figures are not those of unheard people.</p>"
        else:
            out += f"<p class=good>Counted here: none of the {len(where)} groups lies in more than one fold.</p>"
    return out


def provenance(folder: Path, parts: list[Path], figures: dict) -> str:
    keys = ("run", "trainer", "seed", "torch", "numpy", "python", "device", "parameters")
    rows = [{"run": part.name, **(load(part / "run.json") or {}), **{k: v for k, v in (load(part / "calibration.json") or {}).items() if number(v)}} for part in parts]
    looks = [(part.name, (load(part / "metrics.json") or {}).get("testReadings")) for part in parts]
    every = [key for key in dict.fromkeys([*keys, *(k for row in rows for k in row)]) if any(key in row for row in rows)]
    out = table([words(k) for k in every], [[cell(row.get(k)) for k in every] for row in rows], "Git revision of the trainer (-dirty: with changes), seeds, and what was chosen on validation recordings.")
    read = [(name, f"{len(seen)}: {'; '.join(seen)}") for name, seen in looks if seen]
    return out + (f"<h3>Readings of the test part</h3>{rows_table(read)}" if read else "")


# Pictures


def pictures(folder: Path, config: dict, figures: dict, found: Predictions | None, parts: list[Path], cross: bool) -> list[str]:
    drawn = []

    def draw(name: str, title: str, figure) -> None:
        drawn.append(image(plots.save(figure, folder / "plots" / name), title))

    (folder / "plots").mkdir(exist_ok=True)
    chosen_by = config.get("train", {}).get("selectBy", "auroc")
    shown = {"last": "auroc", "loss": "validationLoss"}.get(chosen_by, chosen_by)
    curves = histories(parts)
    if curves:
        draw("learning", "Learning curves", plots.learning_curves(curves, shown, mark_best=shown == chosen_by))
    if found is not None:
        answers(found, draw)
        if not found.task.multi_label:
            databases(found, figures, draw)
    folds = table_of(folder / "folds.csv")
    if folds:
        rows = [{"run": row.get("run", 0), **{k: float(v) if v else np.nan for k, v in row.items() if k not in ("run", "fold") and numeric(v)}} for row in folds]
        names = [k for k in ("balancedAccuracy", "macc", "auroc", "withinDatabaseAuroc", "macroF1", "accuracy") if all(k in row for row in rows)]
        if names:
            draw("folds", "From fold to fold", plots.fold_spread(rows, names))
    return drawn


def answers(p: Predictions, draw) -> None:
    """Confusion, ROC, calibration and risk–coverage."""
    probability, score, alarm = p.probability(p.tuned["temperature"]), p.alarm_score(p.tuned["temperature"]), p.alarm
    runs = len(set(p.run))
    often = f", each recording once in each of {runs} runs" if runs > 1 else ""
    if p.task.multi_label:
        draw("roc", "ROC, label by label", plots.roc({name: (p.truth[:, k], probability[:, k]) for k, name in enumerate(p.labels)}, "one label against its absence"))
        return
    truth, forced = p.truth.argmax(1), probability.argmax(1)
    if p.two_class:
        k = p.labels.index(p.task.alarm_labels[0])
        forced = np.where(score >= p.tuned["threshold"], k, 1 - k)
        curves = {"pooled": (alarm, score)} | {f"database {d}": (alarm[p.database == d], score[p.database == d]) for d in sorted(set(p.database)) if len(set(p.database)) > 1}
        draw("roc", "ROC, pooled and inside each database", plots.roc(curves, "alarm against none"))
    else:
        draw("roc", "ROC, one label against the rest", plots.roc({name: (truth == k, probability[:, k]) for k, name in enumerate(p.labels)}, "one against the rest"))
    counts = np.array([[((truth == i) & (forced == k)).sum() for k in range(len(p.labels))] for i in range(len(p.labels))])
    draw("confusion", f"Confusion matrix, every recording answered{often}", plots.confusion_matrix(counts, p.labels, p.labels))
    draw("calibration", "Calibration of the alarm probability, classes weighed alike", plots.calibration(alarm, p.alarm_score(1.0), score))
    answer = calibrate.decide(score, p.tuned, p.accepted)
    confidence = np.abs(logit(score) - logit(p.tuned["threshold"])) if p.two_class else probability.max(1)
    confidence = np.where(p.accepted, confidence, confidence.min() - 1)  # a recording without a good window is never answered first
    draw("risk", "Risk and coverage; diamonds: the shipped abstain band", plots.risk_coverage(confidence, forced != truth, alarm, answer != scores.UNSURE))


def databases(p: Predictions, figures: dict, draw) -> None:
    score, alarm = p.alarm_score(p.tuned["temperature"]), p.alarm
    forced = score >= p.tuned["threshold"]
    rows = {"AUROC": {}, "balanced accuracy": {}}
    for d in sorted(set(p.database)):
        at = p.database == d
        if alarm[at].all() or not alarm[at].any():
            continue

        def of(weight, at=at):
            a, f = alarm[at], forced[at]
            se, sp = scores.ratio((weight * (a & f)).sum(), (weight * a).sum()), scores.ratio((weight * (~a & ~f)).sum(), (weight * ~a).sum())
            return {"AUROC": scores.auroc(a, score[at], weight), "balanced accuracy": (se + sp) / 2}

        value, interval = of(np.ones(at.sum())), scores.bootstrap(p.group[at], of, DRAWS)
        for name in rows:
            rows[name][str(d)] = (value[name], *interval[name])
    if len(rows["AUROC"]) > 1:
        probed = figures.get("probes", figures).get("noiseFloor", {}).get("byDatabase", {})
        marks = {"AUROC": {d: v["auroc"] for d, v in probed.items()}, "balanced accuracy": {d: v["balancedAccuracy"] for d, v in probed.items()}} if p.two_class else {}
        draw("databases", "Inside each database, with 95 % intervals by group", plots.database_bars(rows, marks, "noise floor only"))


def logit(p: np.ndarray) -> np.ndarray:
    p = np.clip(p, 1e-9, 1 - 1e-9)
    return np.log(p / (1 - p))


# Reading


def predictions(folder: Path, task: Task, cross: bool) -> Predictions | None:
    rows = table_of(folder / "predictions.csv")
    if not rows:
        return None
    labels = [name.removeprefix("logit:") for name in rows[0] if name.startswith("logit:")]
    if set(labels) != set(task.labels):
        raise TrainerError(f"{folder}/predictions.csv has logits of {', '.join(labels)}, the task {task.name} has {', '.join(task.labels)}; evaluate anew")

    def column(name: str, default: str = "0") -> np.ndarray:
        return np.array([row.get(name, default) for row in rows])

    found = Predictions(
        labels=labels,
        task=task,
        group=column("group"),
        database=column("database"),
        truth=np.array([[name in row["label"].split("+") for name in labels] for row in rows]),
        logits=np.array([[float(row[f"logit:{name}"]) for name in labels] for row in rows]),
        accepted=column("accepted") == "1",
        fold=column("fold", str((load(folder / "config.json").get("split") or {}).get("testFold", 0))),
        run=column("run"),
    )
    of = {}
    for run, fold in set(zip(found.run, found.fold)):
        of[run, fold] = NOT_CALIBRATED | (load((folder / f"run{run}-fold{fold}" if cross else folder) / "calibration.json") or {})
    for key in NOT_CALIBRATED:
        found.tuned[key] = np.array([of[pair][key] for pair in zip(found.run, found.fold)])
    return found


def histories(parts: list[Path]) -> dict[str, list[dict]]:
    """Rows of history.csv by network: a member of an ensemble is one, and so is a fold."""
    result: dict[str, list[dict]] = {}
    for part in parts:
        for row in table_of(part / "history.csv"):
            name = " ".join(([part.name] if len(parts) > 1 else []) + ([f"member {row['member']}"] if row.get("member", "") else [])) or part.name
            result.setdefault(name, []).append({k: float(v) for k, v in row.items() if numeric(v)})
    return result


def load(path: Path):
    return json.loads(path.read_text()) if path.exists() else None


def table_of(path: Path) -> list[dict]:
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def natural(path: Path) -> list:
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", path.name)]


# Published claims


def claims(folders: list[Path]) -> list[dict]:
    """A row a project: what it claims, our figures under its protocol and under the honest one, and how much of the protocols ran. A figure that was not
    measured, or that the project does not state, is None and is printed as such."""
    ours: dict[tuple, tuple] = {}
    for folder in map(Path, folders):
        cv = load(folder / "cv.json")
        if cv is None:
            raise TrainerError(f"{folder} has no cv.json; run `python -m heartsound_trainer cv` first")
        name = cv["protocol"]["name"] if isinstance(cv["protocol"], dict) else cv["protocol"]
        ours[cv["task"], cv["model"], name] = cv
    rows = []
    for project in published()["projects"]:
        honest_task = project.get("honestTask", project["task"])
        models = dict.fromkeys([*project["models"], *(m for t, m, _ in ours if t in (project["task"], honest_task))])
        rows.append(
            project
            | {
                "under": {
                    title: {m: measured(ours[task, m, protocol], project) for m in models if (task, m, protocol) in ours}
                    for title, task, protocol in ((PUBLISHED, project["task"], PUBLISHED), (HONEST, honest_task, HONEST))
                },
                "other": {
                    f"{m}, {protocol}": measured(cv, project)
                    for (task, m, protocol), cv in ours.items()
                    if task in (project["task"], honest_task) and (task, protocol) not in ((project["task"], PUBLISHED), (honest_task, HONEST))
                },
            }
        )
    return rows


def published() -> dict:
    return json.loads(Path(__file__).with_name("claims.json").read_text())


def measured(cv: dict, project: dict) -> str:
    """The figures of one cross-validation that a claim can be held against, and the share of the protocol that ran."""
    figures = cv.get("classes") or cv.get("findings") or cv.get("answeringAll", {})  # of several labels the labels count, not whether there is an alarm
    answered = {**cv, **figures}
    intervals = {**cv.get("interval95", {}), **figures.get("interval95", {})}
    keys = ["accuracy", "balancedAccuracy", "macc", "weightedAccuracy", "macroAuroc", "auroc", *(["withinDatabaseAuroc"] if len(cv.get("byDatabase", {})) > 1 else [])]
    wanted = [key for key in keys if number(answered.get(key))]
    text = ", ".join(f"{words(key)} {cell(answered[key], intervals.get(key))}" for key in wanted) or "no figure"
    ran, of = cv.get("ran"), cv.get("of")
    return f"{text} (ran {amount(ran)}{f' of {amount(of)}' if of and of != ran else ''})"


def claim_text(claim: dict) -> str:
    value = claim["value"]
    if value is None:
        return "not found"
    return f"{claim['figure']} {'–'.join(f'{v:.3f}' for v in value) if isinstance(value, list) else f'{value:.3f}'} ({claim['model']})"


def claims_text(folders: list[Path]) -> str:
    """For the terminal."""
    out = []
    for row in claims(folders):
        out.append(f"{row['project']} [{row['task']}]")
        out += [f"  claimed             {claim_text(c)}: {c['source']}" for c in row["claims"]]
        out.append(f"  its protocol        {row['protocol']}")
        out.append(f"  leaks               {row['leaks']}")
        for title, name in ((PUBLISHED, "ours, its protocol "), (HONEST, "ours, by subject   ")):
            out += [f"  {name} {model}: {text}" for model, text in row["under"][title].items()] or [f"  {name} not run"]
        out += [f"  ours, otherwise     {name}: {text}" for name, text in row["other"].items()]
        out.append("")
    out.append("Others:")
    out += [f"  {r['task']}, {r['protocol']}: {r['figure']} {r['value']:.3f}, {r['who']} ({r['source']})" for r in published()["references"]]
    return "\n".join([*out, "", WARNING])


def claims_page(folders: list[Path], out: Path) -> Path:
    """Writes the same as a page."""

    def ours(found: dict[str, str]) -> str:
        return "<br>".join(f"<b>{html.escape(model)}</b>: {html.escape(text)}" for model, text in found.items()) or "not run"

    rows = [
        [
            Raw(f"<b>{html.escape(row['project'])}</b><br>{html.escape(row['where'])}"),
            Raw("<br>".join(f"<b>{html.escape(claim_text(c))}</b><br><small>{html.escape(c['source'])}</small>" for c in row["claims"])),
            Raw(f"{html.escape(row['protocol'])}.<br><small>Leak: {html.escape(row['leaks'])}</small>"),
            Raw(ours(row["under"][PUBLISHED])),
            Raw(ours(row["under"][HONEST]) + (f"<br><small>otherwise:</small><br>{ours(row['other'])}" if row["other"] else "")),
        ]
        for row in claims(folders)
    ]
    others = [[r["task"], r["protocol"], r["figure"], f"{r['value']:.3f}", r["who"], r["source"]] for r in published()["references"]]
    sections = [
        ("Published projects", table(["project", "claims", "its protocol", "ours, its protocol", "ours, by subject"], rows, "Ours with 95 % intervals by subject. «not run»: no cross-validation of that protocol was given.")),
        ("Figures of others", table(["task", "protocol", "figure", "", "who", "source"], others)),
    ]
    out.write_text(page("Claims, and what is left of them", sections))
    return out


# HTML


class Raw(str):
    """Is HTML already."""


def words(key: str) -> str:
    return TITLES.get(key) or (re.sub(r"(?<=[a-z0-9])([A-Z])", lambda m: " " + m[1].lower(), key) if re.fullmatch(r"[a-z][a-zA-Z0-9]*", key) else key)


def number(value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def numeric(text: str | None) -> bool:
    try:
        float(text)
        return True
    except (TypeError, ValueError):
        return False


def plain(value) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return "–" if value != value else f"{value:.3f}"
    return ", ".join(map(plain, value)) if isinstance(value, list) else str(value)


def cell(value, interval=None) -> str:
    return plain(value) + (f" [{plain(interval[0])}, {plain(interval[1])}]" if interval else "")


def share(value: float) -> str:
    return f"{100 * value:.1f} %"


def table(head: list[str], body: list[list[str]], note: str = "") -> str:
    def row(kind: str, cells: list[str]) -> str:
        return "<tr>" + "".join(f"<{kind}>{c if isinstance(c, Raw) else html.escape(c)}</{kind}>" for c in cells) + "</tr>"

    caption = f"<p><small>{html.escape(note)}</small></p>" if note else ""
    return f"<div class=wide><table><thead>{row('th', head)}</thead><tbody>{''.join(row('td', r) for r in body)}</tbody></table></div>{caption}"


def rows_table(rows: list[tuple[str, str]]) -> str:
    return "<table>" + "".join(f"<tr><th>{html.escape(name)}</th><td>{html.escape(str(value))}</td></tr>" for name, value in rows) + "</table>"


def listing(lines) -> str:
    return "<ul>" + "".join(f"<li>{html.escape(line)}</li>" for line in lines) + "</ul>"


def image(path: Path, title: str) -> str:
    kind = "image/svg+xml" if path.suffix == ".svg" else "image/png"
    data = base64.b64encode(path.read_bytes()).decode()
    return f'<figure><img src="data:{kind};base64,{data}" alt="{html.escape(title)}"><figcaption>{html.escape(title)}</figcaption></figure>'


def page(title: str, sections: list[tuple[str, str]]) -> str:
    body = "".join(f"<section><h2>{html.escape(name)}</h2>{content}</section>" for name, content in sections)
    return f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'><title>{html.escape(title)}</title><style>{CSS}</style><h1>{html.escape(title)}</h1><p class=warning>{WARNING}</p>{body}</html>\n"


CSS = """
body{font:15px/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff;max-width:1080px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.2rem;border-bottom:1px solid #ccc;margin-top:2.2rem}h3{font-size:1rem;margin-bottom:.3rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:14px}th,td{text-align:left;vertical-align:top;padding:.25rem .7rem .25rem 0;border-bottom:1px solid #e4e4e4}
th{font-weight:600}.wide{overflow-x:auto}figure{display:inline-block;margin:.6rem 1rem .6rem 0;vertical-align:top}img{max-width:100%}figcaption,small{font-size:13px;color:#555}
.warning{border:2px solid #d55e00;padding:.5rem .8rem;font-weight:600}.bad{border-left:4px solid #d55e00;padding-left:.7rem}.good{border-left:4px solid #009e73;padding-left:.7rem}
pre{background:#f6f6f6;padding:.8rem;overflow-x:auto;font-size:12.5px}@media(max-width:600px){body{margin:1rem auto}}
"""
