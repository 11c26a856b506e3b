"""`repo.test` runs the tests that were asked for, and none is no success."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from domed.catalog import Tool
from packages.domed.tests.tools.repo_test.conftest import Run, counted

NOTHING: list[tuple[dict[str, str], dict[str, Any]]] = [
    ({}, {}),
    ({"test_a.py": "x = 1"}, {}),
    ({"test_a.py": "def test_a(): pass"}, {"select": "other"}),
    ({"test_a.py": "def test_a(): pass", "pytest.ini": "[pytest]\naddopts = --collect-only\n"}, {}),
]


@pytest.mark.parametrize(("files", "document"), NOTHING)
def test_a_run_of_no_test_is_no_success(run: Run, files: dict[str, str], document: dict[str, Any]) -> None:
    assert run(files, **document).failure[0] == "TESTS.NONE_COLLECTED"


def test_a_plugin_that_is_not_content_is_no_failed_test(run: Run) -> None:
    conftest = "def pytest_sessionfinish(session): session.exitstatus = 1"
    ran = run({"conftest.py": conftest, "test_a.py": "def test_a(): pass"})
    assert (ran.failure[0], counted(ran)) == ("TOOL.FAILED", {"passed": 1})


def test_tests_are_chosen_by_path_name_marker_and_number_of_failures(run: Run) -> None:
    files = {
        "pytest.ini": "[pytest]\nmarkers = slow\n",
        "a/test_a.py": "import pytest\n@pytest.mark.slow\ndef test_slow(): assert 0\ndef test_one(): assert 0",
        "test_b.py": "def test_two(): pass\ndef test_three(): pass",
    }
    assert counted(run(files, paths=["test_b.py"])) == {"passed": 2}
    assert counted(run(files, paths=["test_b.py::test_two", "a"], max_failures=1)) == {"passed": 1, "failed": 1}
    assert counted(run(files, select="two or three")) == {"passed": 2, "deselected": 2}
    assert counted(run(files, markers="not slow", select="one")) == {"failed": 1, "deselected": 3}


ODD_IDS = ["a::b", "../x", "@x", "-k", "é ü", "[]", "a b\\n", "\\0", "x" * 300]


def test_odd_ids_of_parameters_come_back_and_can_be_asked_for(run: Run) -> None:
    files = {"test_a.py": f"import pytest\n@pytest.mark.parametrize('v', {ODD_IDS!r})\ndef test_a(v): assert 0"}
    failed = [failure["node_id"] for failure in run(files).result["failures"]]
    assert len(failed) == len(ODD_IDS)
    again = run(files, paths=failed)
    assert [failure["node_id"] for failure in again.result["failures"]] == failed


@pytest.mark.parametrize("path", ["-x", "--rootdir=/", "@file", "/etc", "../other", "a/../../b", "a/..::b", "a\0", ""])
def test_a_path_that_pytest_could_take_for_an_option_is_refused(built_in: Callable[[str], Tool], path: str) -> None:
    assert built_in("repo.test").input_violations(json.dumps({"paths": [path]}).encode()) != ()
