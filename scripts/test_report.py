"""Adds up what scripts/test.sh ran: a table, the failures, why tests skipped, and the count line. Exit code 1 if anything failed.

    test_report.py RESULTS      a folder with suites.tsv (name, kind, exit code, seconds) and per suite NAME.log and NAME.trx or NAME.junit

Python's standard library only; nothing here may depend on what is being tested.
"""

import sys
import xml.etree.ElementTree as xml
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

TRX = "{http://microsoft.com/schemas/VisualStudio/TeamTest/2010}"
LOG_LINES, LOG_COLUMNS = 40, 200


@dataclass
class Suite:
    name: str
    seconds: float
    passed: int = 0
    failed: int = 0
    skips: list[str] = field(default_factory=list)  # a reason for each test that was skipped
    failures: list[str] = field(default_factory=list)  # "test: first lines of the message"
    broken: str = ""  # why the suite as a whole counts as a failure


def first_lines(text, count=6):
    return "\n".join((text or "").strip().splitlines()[:count])


def read_trx(path, suite):
    for result in xml.parse(path).getroot().iter(TRX + "UnitTestResult"):
        name, outcome = result.get("testName"), result.get("outcome")
        message = result.findtext(f"{TRX}Output/{TRX}ErrorInfo/{TRX}Message") or result.findtext(f"{TRX}Output/{TRX}StdOut") or ""
        if outcome == "Passed":
            suite.passed += 1
        elif outcome == "NotExecuted":
            suite.skips.append(first_lines(message, 1) or "no reason given")
        else:  # Failed, Error, Timeout, Aborted
            suite.failed += 1
            suite.failures.append(f"{name}: {first_lines(message)}")


def read_junit(path, suite):
    for case in xml.parse(path).getroot().iter("testcase"):
        trouble = [e for e in case if e.tag in ("failure", "error")]
        skip = case.find("skipped")
        if trouble:
            suite.failed += 1
            suite.failures.append(f"{case.get('classname')}.{case.get('name')}: {first_lines(trouble[0].get('message') or trouble[0].text)}")
        elif skip is not None:
            suite.skips.append(first_lines(skip.get("message"), 1) or "no reason given")
        else:
            suite.passed += 1


def read_suite(results, name, kind, status, seconds):
    suite = Suite(name, seconds)
    if kind == "check":
        suite.passed, suite.failed = (1, 0) if status == 0 else (0, 1)
        suite.broken = "" if status == 0 else f"exit code {status}"
        return suite
    path = results / f"{name}.{kind}"
    try:
        (read_trx if kind == "trx" else read_junit)(path, suite)
    except FileNotFoundError:
        suite.broken = f"it wrote no results (exit code {status})"
    except xml.ParseError as error:
        suite.broken = f"its results are cut off ({error}; exit code {status})"
    if not suite.broken:
        if status == 124 or status == 137:
            suite.broken = "it ran too long and was stopped"
        elif suite.passed + suite.failed + len(suite.skips) == 0:
            suite.broken = "it ran no test"
        elif status != 0 and suite.failed == 0:
            suite.broken = f"its tests passed, and yet it ended with exit code {status}"
    suite.failed += bool(suite.broken)
    return suite


def print_report(results, suites):
    width = max(len(s.name) for s in suites)
    print(f"\n  {'suite':<{width}}  passed  failed  skipped  seconds")
    for s in suites:
        print(f"  {s.name:<{width}}  {s.passed:>6}  {s.failed:>6}  {len(s.skips):>7}  {s.seconds:>7.1f}")

    reasons = Counter((s.name, reason) for s in suites for reason in s.skips)
    if reasons:
        print("\nSkipped, and why:")
        for (name, reason), count in reasons.items():
            print(f"  {name}: {count} × {reason}")

    for s in (s for s in suites if s.failed):
        print(f"\nFAILED: {s.name}")
        for failure in s.failures:
            print("  " + failure.replace("\n", "\n    "))
        if s.broken:
            print(f"  {s.broken}; the end of its log:")
            log = results / f"{s.name}.log"
            lines = log.read_text(errors="replace").splitlines() if log.exists() else []
            print("\n".join("    " + line[:LOG_COLUMNS] for line in lines[-LOG_LINES:]))
        print(f"  The whole log: {results.name}/{s.name}.log")


def main(results):
    listing = results / "suites.tsv"
    rows = [line.split("\t") for line in listing.read_text().splitlines()] if listing.exists() else []
    suites = [read_suite(results, name, kind, int(status), float(seconds)) for name, kind, status, seconds in rows]
    if suites:
        print_report(results, suites)
    passed, failed, skipped = sum(s.passed for s in suites), sum(s.failed for s in suites), sum(len(s.skips) for s in suites)
    if not suites:
        print("No suite was run.")
        failed = 1
    print(f"\n{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
