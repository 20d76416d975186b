"""Pictures of a run. Colours are Okabe and Ito's, told apart by colour-blind eyes, and never the only difference; the same numbers give the same bytes."""

import io
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from . import scores

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
LINES = ("-", "--", "-.", ":")
MARKERS = "os^Dv<>"
LARGEST_SVG = 100_000  # bytes; a larger picture is written as PNG
matplotlib.rcParams.update(
    {
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 10,
        "axes.grid": True,
        "grid.alpha": 0.3,
        "legend.frameon": False,
        "legend.fontsize": 8,
        "svg.fonttype": "none",
        "svg.hashsalt": "heartsound",
    }
)


def save(figure: Figure, path: Path) -> Path:
    """Writes ``path`` with the suffix .svg, or .png where the SVG would be large; returns what was written."""
    out = io.BytesIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    path = path.with_suffix(".svg")
    if out.tell() > LARGEST_SVG:
        out = io.BytesIO()
        figure.savefig(out, format="png", dpi=150, metadata={"Software": None})
        path = path.with_suffix(".png")
    for old in (path.with_suffix(".svg"), path.with_suffix(".png")):
        old.unlink(missing_ok=True)
    path.write_bytes(out.getvalue())
    return path


def axes(width: float, height: float, columns: int = 1) -> tuple[Figure, np.ndarray]:
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(1, columns, squeeze=False)[0]


def look(i: int) -> dict:
    """Colour and line of the i-th curve."""
    return {"color": COLOURS[i % len(COLOURS)], "linestyle": LINES[i // 2 % len(LINES)]}


def learning_curves(histories: dict[str, list[dict]], figure_name: str, mark_best: bool = True) -> Figure:
    """Loss of every network over its epochs, and a validation figure; the best epoch is marked where it was chosen by that."""
    figure, (left, right) = axes(8, 3, 2)
    for i, (name, rows) in enumerate(histories.items()):
        epoch = [row["epoch"] for row in rows]
        left.plot(epoch, [row["loss"] for row in rows], label=name, **look(i))
        values = [row.get(figure_name, np.nan) for row in rows]
        right.plot(epoch, values, **look(i))
        if mark_best and np.isfinite(values).any():
            best = max(k for k, v in enumerate(values) if v == np.nanmax(values))
            right.plot(epoch[best], values[best], MARKERS[i % len(MARKERS)], color=COLOURS[i % len(COLOURS)], markersize=5)
    for ax in (left, right):
        ax.xaxis.get_major_locator().set_params(integer=True)
    left.set(xlabel="epoch", ylabel="training loss")
    right.set(xlabel="epoch", ylabel=f"validation {figure_name}")
    if 1 < len(histories) <= 10:
        left.legend(ncols=2)
    return figure


def confusion_matrix(counts: np.ndarray, truths: list[str], answers: list[str]) -> Figure:
    """(truths, answers) counts, and below each its share of the row."""
    figure, (ax,) = axes(1.6 + 0.85 * len(answers), 1.2 + 0.7 * len(truths))
    share = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    ax.imshow(share, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    ax.grid(False)
    for (i, k), value in np.ndenumerate(counts):
        ax.text(k, i, f"{value}\n{100 * share[i, k]:.0f} %", ha="center", va="center", fontsize=8, color="white" if share[i, k] > 0.55 else "black")
    ax.set_xticks(range(len(answers)), answers)
    ax.set_yticks(range(len(truths)), truths)
    ax.set(xlabel="answered", ylabel="truth")
    return figure


def roc(curves: dict[str, tuple[np.ndarray, np.ndarray]], title: str) -> Figure:
    """``curves``: name → (truth (R,) bool, score (R,)); those in which a class is missing are left out."""
    figure, (ax,) = axes(4.2, 4)
    ax.plot([0, 1], [0, 1], color="0.6", linewidth=0.8)
    for i, (name, (truth, score)) in enumerate(curves.items()):
        if truth.all() or not truth.any():
            continue
        order = np.argsort(-score, kind="stable")
        last = np.append(np.diff(score[order]) != 0, True)  # one point a distinct score
        hits, misses = np.cumsum(truth[order])[last], np.cumsum(~truth[order])[last]
        name = f"{name}: {scores.auroc(truth, score):.3f} ({truth.sum()}/{len(truth)})"
        ax.plot(np.append(0, misses / misses[-1]), np.append(0, hits / hits[-1]), label=name, linewidth=2 if i == 0 else 1.1, **look(i))
    ax.set(xlabel="1 − specificity", ylabel="sensitivity", title=title, xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal")
    ax.legend(title="AUROC (positives/recordings)", title_fontsize=8, loc="lower right")
    return figure


def calibration(alarm: np.ndarray, before: np.ndarray, after: np.ndarray, bins: int = 10) -> Figure:
    """Reliability of the alarm probability before and after temperature scaling, both classes given the same weight; ECE in the legend."""
    figure, (ax,) = axes(4.2, 4)
    ax.plot([0, 1], [0, 1], color="0.6", linewidth=0.8)
    weight = scores.class_weights(alarm)
    for i, (name, score) in enumerate((("before", before), ("after", after))):
        place = np.minimum((score * bins).astype(int), bins - 1)
        mass, told, true = (np.bincount(place, w, bins) for w in (weight, weight * score, weight * alarm))
        there = mass > 0
        ax.plot(told[there] / mass[there], true[there] / mass[there], label=f"{name}: ECE {scores.calibration_error(alarm, score):.3f}", marker=MARKERS[i], markersize=4, **look(i * 2))
    ax.set(xlabel="alarm probability", ylabel="share of alarms (at equal prevalence)", xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal")
    ax.legend(title="temperature scaling", title_fontsize=8, loc="upper left")
    return figure


def risk_coverage(confidence: np.ndarray, wrong: np.ndarray, alarm: np.ndarray, answered: np.ndarray) -> Figure:
    """Errors among the answered when only the most confident are answered; the diamonds are where the shipped abstain band stands. ``wrong`` (R,): its forced answer is wrong."""
    figure, (ax,) = axes(4.8, 3.4)
    order = np.argsort(-confidence, kind="stable")
    covered = np.arange(1, len(wrong) + 1) / len(wrong)
    for i, (name, members) in enumerate((("all recordings", np.ones(len(wrong), bool)), ("alarm recordings", alarm))):
        seen = np.cumsum(members[order])
        risk = np.cumsum((wrong & members)[order]) / np.maximum(seen, 1)
        there = seen >= min(20, seen[-1])  # a share of fewer recordings says nothing
        ax.plot(covered[there], risk[there], label=f"wrong among answered {name}", **look(i * 2))
        inside = members & answered
        if answered.any() and not answered.all():
            ax.plot(answered.mean(), scores.ratio((wrong & inside).sum(), inside.sum()), "D", color=COLOURS[i * 2], markersize=7, markeredgecolor="black")
    ax.set(xlabel="share of recordings answered", ylabel="share of wrong answers", xlim=(0, 1.01))
    ax.set_ylim(bottom=-0.005)
    ax.legend(loc="upper left")
    return figure


def database_bars(rows: dict[str, dict[str, tuple[float, float, float]]], marks: dict[str, dict[str, float]], mark_name: str) -> Figure:
    """``rows``: figure → database → (value, low, high). ``marks``: figure → database → what a probe reaches without hearing a heart."""
    figure, every = axes(4 * len(rows), 3, len(rows))
    for ax, (name, values) in zip(every, rows.items()):
        at = np.arange(len(values))
        value, low, high = (np.array(column) for column in zip(*values.values()))
        ax.bar(at, value, color=COLOURS[5], width=0.65)
        ax.errorbar(at, value, [np.maximum(value - low, 0), np.maximum(high - value, 0)], fmt="none", ecolor="black", capsize=3, linewidth=1)
        probe = [marks.get(name, {}).get(d, np.nan) for d in values]
        if np.isfinite(probe).any():
            ax.plot(at, probe, "D", color=COLOURS[1], markersize=5, markeredgecolor="black", label=mark_name, linestyle="none")
            ax.legend(loc="lower right", frameon=True)
        ax.axhline(0.5, color="0.4", linewidth=0.8)
        ax.set_xticks(at, list(values))
        ax.set(xlabel="database", ylabel=name, ylim=(0, 1.02))
        ax.grid(False, axis="x")
    return figure


def fold_spread(rows: list[dict], names: list[str]) -> Figure:
    """A point a fold, figure by figure; a run has its own marker and colour."""
    figure, (ax,) = axes(1.6 + 1.25 * len(names), 3)
    runs = sorted({row["run"] for row in rows})
    for at, name in enumerate(names):
        for i, run in enumerate(runs):
            mine = [row for row in rows if row["run"] == run and np.isfinite(row[name])]
            x = at + 0.5 * ((np.arange(len(mine)) + 0.5) / max(len(mine), 1) - 0.5)
            style = {"color": COLOURS[i % len(COLOURS)], "marker": MARKERS[i % len(MARKERS)], "linestyle": "none", "markersize": 4}
            ax.plot(x, [row[name] for row in mine], label=f"run {run}" if at == 0 and len(runs) > 1 else None, **style)
        ax.hlines(np.nanmean([row[name] for row in rows]), at - 0.33, at + 0.33, color="black", linewidth=1.2)
    ax.set_xticks(range(len(names)), names)
    ax.set(ylabel="figure of a fold (line: mean)")
    ax.grid(False, axis="x")
    if 1 < len(runs) <= 10:
        ax.legend(ncols=2)
    return figure
