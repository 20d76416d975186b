"""The count line of `make test` must be right above all when things go wrong."""

import subprocess
import sys
from pathlib import Path

import pytest

REPORT = Path(__file__).parents[2] / "scripts" / "test_report.py"

TRX = """<?xml version="1.0"?>
<TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results>
{}
</Results></TestRun>"""
PASSED = '<UnitTestResult testName="A.Good" outcome="Passed" />'
FAILED = '<UnitTestResult testName="A.Bad" outcome="Failed"><Output><ErrorInfo><Message>1 is not 2</Message></ErrorInfo></Output></UnitTestResult>'
SKIPPED = '<UnitTestResult testName="A.Later" outcome="NotExecuted"><Output><ErrorInfo><Message>no board</Message></ErrorInfo></Output></UnitTestResult>'
JUNIT = """<testsuites><testsuite>
<testcase classname="t" name="good" /><testcase classname="t" name="bad"><failure message="boom">trace</failure></testcase>
<testcase classname="t" name="worse"><error message="bang">trace</error></testcase>
<testcase classname="t" name="later"><skipped message="no recordings" /></testcase>
</testsuite></testsuites>"""


@pytest.fixture
def report(tmp_path):
    def run(*rows, **files):
        (tmp_path / "suites.tsv").write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))
        for name, text in files.items():
            (tmp_path / name.replace("__", ".")).write_text(text)
        done = subprocess.run([sys.executable, REPORT, tmp_path], capture_output=True, text=True)
        return done.returncode, done.stdout.splitlines()[-1], done.stdout + done.stderr

    return run


def test_report_all_pass_sums_over_suites_and_kinds(report):
    code, last, _ = report(("a", "trx", 0, 1), ("b", "check", 0, 1), a__trx=TRX.format(PASSED * 3))
    assert (code, last) == (0, "4 passed, 0 failed")


def test_report_failed_and_skipped_tests_are_counted_and_named(report):
    code, last, text = report(("a", "trx", 1, 1), ("b", "junit", 1, 1), a__trx=TRX.format(PASSED + FAILED + SKIPPED), b__junit=JUNIT)
    assert (code, last) == (1, "2 passed, 3 failed, 2 skipped")
    assert all(word in text for word in ("A.Bad: 1 is not 2", "t.bad: boom", "t.worse: bang", "1 × no board", "1 × no recordings"))


@pytest.mark.parametrize(
    "status, files, why",
    [
        (0, {"a__trx": TRX.format("")}, "it ran no test"),
        (134, {"a__trx": TRX.format(PASSED)}, "exit code 134"),
        (134, {}, "it wrote no results"),
        (134, {"a__trx": TRX.format(PASSED)[:-20]}, "cut off"),
        (124, {"a__trx": TRX.format(PASSED)}, "ran too long"),
    ],
)
def test_report_suite_that_broke_counts_as_a_failure(report, status, files, why):
    code, last, text = report(("a", "trx", status, 1), a__log="the last words", **files)
    assert code == 1 and last.endswith("1 failed")
    assert why in text and "the last words" in text


def test_report_failed_check_shows_its_log(report):
    code, last, text = report(("format", "check", 2, 1), format__log="wrong indent")
    assert (code, last) == (1, "0 passed, 1 failed")
    assert "wrong indent" in text


def test_report_nothing_ran_is_a_failure(report):
    code, last, _ = report()
    assert (code, last) == (1, "0 passed, 1 failed")
