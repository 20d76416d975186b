"""What arrived of a device's verdicts, held against what it said."""

import os
import statistics
from collections import defaultdict
from dataclasses import dataclass

from witness import Arrival

FIGURES = "DELIVERY_FIGURES"  # names the file that gets a line a fault, for docs/reliability.md


def numbered(verdict: dict) -> tuple[str, int]:
    return verdict["series"], verdict["sequence"]


def untimed(verdict: dict) -> dict:
    """Without what is stamped again when the clock is set."""
    return {name: value for name, value in verdict.items() if name not in ("time", "clockSynced")}


@dataclass
class Audit:
    """What arrived of one device against what it said. Every figure that is a fault is a list, and ought to be empty."""

    verdicts: int
    again: int  # arrivals of what was there already
    lost: list
    invented: list
    doubled: list
    unlike: list
    disordered: list
    holes: list
    delays: list[float]

    def faults(self) -> dict:
        names = ("lost", "invented", "doubled", "unlike", "disordered", "holes")
        return {name: (len(getattr(self, name)), getattr(self, name)[:5]) for name in names if getattr(self, name)}


def audit(name: str, said: list[dict], arrivals: list[Arrival], unsaid: int = 0, dropped: bool = False) -> Audit:
    """``said``: what the device told whoever stood beside it. ``unsaid``: so many of its runs were killed, and may have put verdicts into the outbox that
    they had no time to say.
    ``dropped``: holes are allowed, because the outbox was too small."""
    verdicts = [a for a in arrivals if a.topic == f"heartsound/{name}/verdict"]
    first: dict[str, Arrival] = {}
    unlike, order, ids = [], defaultdict(list), defaultdict(set)
    for arrival in verdicts:
        message = arrival.json
        assert not arrival.retained and arrival.qos == 1
        series, sequence = numbered(message)
        ids[series, sequence].add(message["id"])
        if message["id"] not in first:
            first[message["id"]] = arrival
            order[series].append(sequence)
        elif untimed(first[message["id"]].json) != untimed(message):
            unlike.append((sequence, message["id"]))
    by_id = {message["id"]: message for message in said}
    unlike += [numbered(v) for v in said if v["id"] in first and untimed(first[v["id"]].json) != untimed(v)]
    for message in said:
        ids[numbered(message)].add(message["id"])
    # A run that is killed may have stored its last verdicts and not have said them: the next in its numbering, and none of a run that was not killed.
    strangers = sorted((first[id].json for id in first if id not in by_id), key=numbered)
    last = {v["session"]: v["sequence"] for v in said}
    expected = len({v["session"] for v in strangers}) <= unsaid
    for verdict in strangers:
        expected = expected and verdict["sequence"] == last.get(verdict["session"], verdict["sequence"] - 1) + 1
        last[verdict["session"]] = verdict["sequence"]
    return Audit(
        verdicts=len(first),
        again=len(verdicts) - len(first),
        lost=[] if dropped else [numbered(v) for v in said if v["id"] not in first],
        invented=[] if expected else [(v["session"], *numbered(v)) for v in strangers],
        doubled=[(number, sorted(all)) for number, all in ids.items() if len(all) > 1],
        unlike=unlike,
        disordered=[(series, a, b) for series, numbers in order.items() for a, b in zip(numbers, numbers[1:]) if b <= a],
        holes=[] if dropped else [(series, number) for series, numbers in order.items() for number in sorted(set(range(1, max(numbers) + 1)) - set(numbers))],
        delays=[arrival.at - arrival.json["monotonicSeconds"] for arrival in first.values()],
    )


def note(fault: str, how: str, result: Audit) -> None:
    if (path := os.environ.get(FIGURES)) and how:
        delays = sorted(result.delays)
        cells = [fault, how, result.verdicts, result.again, len(result.lost), f"{statistics.median(delays):.3f}", f"{delays[-1]:.1f}"]
        with open(path, "a") as figures:
            figures.write("\t".join(map(str, cells)) + "\n")
