#!/usr/bin/env python3
"""What metrics take of a device's memory: prints a table for docs/metrics.md. One to two minutes.

    PYTHONPATH=tests/endtoend /usr/bin/python3 tests/endtoend/measure_metrics.py
"""

import re
import tempfile
import urllib.request
from pathlib import Path

from otlp import collector
from supervisor import supervised

VERDICTS = 3
SCRAPES = 1000


def memory(pid: int) -> tuple[float, float]:
    """Resident, and of that the program's own (neither libraries nor files), in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return tuple(int(re.search(rf"{name}:\s+(\d+)", status)[1]) * 1024 / 1e6 for name in ("VmRSS", "RssAnon"))


def measure(name: str, *told: str) -> None:
    with tempfile.TemporaryDirectory() as folder, supervised(Path(folder), "run", "--simulate", "--json", "--examination-seconds", "5", *told) as service:
        service.until(lambda s: s.out.count("\n") >= VERDICTS)
        before = memory(service.pid)
        after = ("", "")
        if url := re.search(r"http://127\.0\.0\.1:\d+/metrics", service.err):
            for _ in range(SCRAPES):
                urllib.request.urlopen(url[0]).read()
            middle = memory(service.pid)
            for _ in range(4 * SCRAPES):
                urllib.request.urlopen(url[0]).read()
            after = (f"{middle[1]:.1f}", f"{memory(service.pid)[1]:.1f}")
        print(f"| {name} | {before[0]:.1f} | {before[1]:.1f} | {after[0]} | {after[1]} |", flush=True)


def main() -> None:
    print(f"| | resident, MB | its own, MB | after {SCRAPES:,} scrapes | after {5 * SCRAPES:,} |\n|---|---|---|---|---|")
    measure("off")
    measure("Prometheus", "--set", "metrics.prometheusPort=0")
    with collector() as (endpoint, _):
        measure("OTLP", "--set", f"metrics.otlpEndpoint={endpoint}", "--set", "metrics.otlpSeconds=5")
        measure("both", "--set", "metrics.prometheusPort=0", "--set", f"metrics.otlpEndpoint={endpoint}", "--set", "metrics.otlpSeconds=5")


if __name__ == "__main__":
    main()
