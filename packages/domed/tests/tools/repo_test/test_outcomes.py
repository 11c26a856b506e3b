"""`repo.test` says what came of the tests of a repository by what happened: passes, failures, faults of collection."""

import sys
from pathlib import Path
from typing import Any

import pytest

from domed.tools.repo_test import reporter
from packages.domed.tests.tools.repo_test.conftest import Run, counted, progress

OUTCOMES = """
import pytest, warnings

def test_passes(): warnings.warn("mind this")
def test_fails():
    wanted = 2
    assert wanted == 3, "ünï"

@pytest.fixture
def broken(): raise OSError("no disk")
@pytest.fixture
def late():
    yield
    1 / 0

def test_error(broken): pass
def test_late(late): pass
@pytest.mark.skip(reason="not here")
def test_skipped(): pass
@pytest.mark.xfail
def test_xfailed(): assert 0
@pytest.mark.xfail
def test_xpassed(): pass
@pytest.mark.xfail(strict=True)
def test_strict(): pass
"""


def test_passing_tests_succeed(run: Run, python: Path) -> None:
    ran = run({"test_a.py": "def test_a(): pass\ndef test_b(): pass"})
    assert ran.exit_code == 0
    assert counted(ran) == {"passed": 2}
    assert (ran.result["tests_collected"], ran.result["tests_done"], ran.result["failures"]) == (2, 2, [])
    assert ran.result["python"] == {"path": str(python), "version": sys.version.split()[0]}
    assert ran.result["pytest"] == {"version": pytest.__version__, "exit_status": 0, "distributed": False}
    assert b"2 passed" in ran.stdout
    assert progress(ran)[-1] == {"type": "progress", "done": 2, "total": 2, "unit": "tests"}


def test_outcomes_are_counted_as_pytest_counts_them(run: Run) -> None:
    ran = run({"test_a.py": OUTCOMES})
    assert ran.failure[0] == "TESTS.FAILED"
    expected = {"passed": 2, "failed": 2, "error": 2, "skipped": 1, "xfailed": 1, "xpassed": 1}
    assert counted(ran) == expected
    assert b"2 failed, 2 passed, 1 skipped, 1 xfailed, 1 xpassed, 1 warning, 2 errors" in ran.stdout
    assert ran.result["pytest"]["exit_status"] == 1


def test_a_failure_has_its_place_its_message_and_its_traceback(run: Run) -> None:
    ran = run({"tests/test_a.py": OUTCOMES})
    failed, error, late, strict = ran.result["failures"]
    assert (failed["node_id"], failed["outcome"], failed["phase"]) == ("tests/test_a.py::test_fails", "failed", "call")
    assert (failed["path"], failed["line"]) == ("tests/test_a.py", 7)
    assert failed["message"].startswith("AssertionError: ünï\nassert 2 == 3")
    assert failed["traceback"].endswith("tests/test_a.py:7: AssertionError")
    assert (error["outcome"], error["phase"], error["message"]) == ("error", "setup", "OSError: no disk")
    assert (late["phase"], late["message"]) == ("teardown", "ZeroDivisionError: division by zero")
    assert (strict["outcome"], strict["message"]) == ("failed", "[XPASS(strict)]")
    (warning,) = ran.result["warnings"]
    assert (warning["category"], warning["message"]) == ("UserWarning", "mind this")
    assert (warning["path"], warning["line"]) == ("tests/test_a.py", 4)
    assert {each["node_id"] for each in ran.result["slowest"]} >= {"tests/test_a.py::test_fails"}


def test_long_messages_and_tracebacks_are_cut_and_it_is_said(run: Run) -> None:
    text = "def test_a(): raise ValueError('start' + 'x' * 100_000 + 'end')\ndef test_b(): assert False"
    long, short = run({"test_a.py": text}).result["failures"]
    assert long["message"].startswith("ValueError: start")
    assert (len(long["message"]), long["message_truncated"]) == (reporter.MESSAGE_CHARACTERS_MAX, True)
    assert "end\n" in long["traceback"]
    assert (len(long["traceback"]), long["traceback_truncated"]) == (reporter.TRACEBACK_CHARACTERS_MAX, True)
    assert (short["message_truncated"], short["traceback_truncated"]) == (False, False)


def test_more_failures_than_the_result_holds_are_counted(run: Run) -> None:
    text = "import pytest\n@pytest.mark.parametrize('n', range(250))\ndef test_a(n): assert n < 0"
    result = run({"test_a.py": text, "pytest.ini": "[pytest]\naddopts = --tb=line\n"}).result
    assert (len(result["failures"]), result["failures_omitted"], result["totals"]["failed"]) == (200, 50, 250)


COLLECTION_FAILURES = {
    "an import": {"test_a.py": "import nowhere_at_all", "test_b.py": "def test_b(): pass"},
    "syntax": {"test_a.py": "def test_a(:"},
    "a conftest": {"conftest.py": "raise RuntimeError('x')", "test_a.py": "def test_a(): pass"},
    "a conftest that exits": {"conftest.py": "raise SystemExit(0)", "test_a.py": "def test_a(): pass"},
    "an option": {"pytest.ini": "[pytest]\naddopts = --no-such-option\n", "test_a.py": "def test_a(): pass"},
    "a hook": {"conftest.py": "def pytest_collection_modifyitems(): 1 / 0", "test_a.py": "def test_a(): pass"},
}


@pytest.mark.parametrize("files", COLLECTION_FAILURES.values(), ids=COLLECTION_FAILURES)
def test_what_cannot_be_collected_has_a_reason_of_its_own(run: Run, files: dict[str, str]) -> None:
    ran = run(files)
    assert ran.failure[0] == "TESTS.COLLECTION_FAILED"
    assert counted(ran) == {}


def test_a_collection_error_names_the_file_and_the_cause(run: Run) -> None:
    ran = run({"test_a.py": "import nowhere_at_all", "test_b.py": "def test_b(): pass"})
    (error,) = ran.result["collection_errors"]
    assert (error["node_id"], error["path"]) == ("test_a.py", "test_a.py")
    assert error["message"] == "ModuleNotFoundError: No module named 'nowhere_at_all'"
    assert "'test_a.py'" in ran.failure[1]


@pytest.mark.parametrize("document", [{"paths": ["missing.py"]}, {"paths": ["test_a.py::no"]}, {"select": "-("}])
def test_arguments_that_pytest_refuses_fail_the_collection(run: Run, document: dict[str, Any]) -> None:
    ran = run({"test_a.py": "def test_a(): pass"}, **document)
    assert ran.failure[0] == "TESTS.COLLECTION_FAILED"
