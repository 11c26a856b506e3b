"""A run of `repo.test` that dies, hangs or is broken off is told as that, and is no success."""

import signal
from typing import Any

import pytest

from packages.domed.tests.tools.repo_test.conftest import Run, counted

CRASHES = {
    "a signal": ("def test_b(): os.kill(os.getpid(), signal.SIGSEGV)", (None, 11)),
    "an exit with 0": ("def test_b(): os._exit(0)", (0, None)),
    "an exit with 1": ("def test_b(): os._exit(1)", (1, None)),
    "an exit after the last test": ("def test_b(): atexit.register(os._exit, 3)", (3, None)),
}


@pytest.mark.parametrize(("text", "end"), CRASHES.values(), ids=CRASHES)
def test_an_interpreter_that_dies_is_a_crash_whatever_its_exit_code(run: Run, text: str, end: Any) -> None:
    ran = run({"test_a.py": f"import atexit, os, signal\ndef test_a(): pass\n{text}"})
    assert ran.failure[0] == "TESTS.CRASHED"
    assert (ran.result["exit_code"], ran.result["signal"]) == end
    if "atexit" in text:
        assert (ran.result["running"], counted(ran)) == ([], {"passed": 2})
    else:
        assert (ran.result["running"], counted(ran)) == (["test_a.py::test_b"], {"passed": 1})
        assert "while 'test_a.py::test_b' ran" in ran.failure[1]


def test_a_crash_while_tests_are_collected_names_the_file(run: Run) -> None:
    ran = run({"test_a.py": "import os; os._exit(0)"})
    assert ran.failure[0] == "TESTS.CRASHED"
    assert "'test_a.py'" in ran.failure[1]
    assert ran.result["tests_collected"] is None


def test_a_plugin_that_fails_midway_is_a_crash_of_the_runner(run: Run) -> None:
    ran = run({"conftest.py": "def pytest_runtest_logreport(): 1 / 0", "test_a.py": "def test_a(): pass"})
    assert ran.failure[0] == "TESTS.CRASHED"
    assert "ZeroDivisionError" in ran.failure[1]


def test_a_test_that_hangs_is_named_with_its_stack(run: Run) -> None:
    text = "import threading\ndef test_a(): pass\ndef test_b():\n    threading.Event().wait()\n"
    ran = run({"test_a.py": text}, idle_timeout_s=2)
    assert ran.failure[0] == "TESTS.HUNG"
    assert "'test_a.py::test_b'" in ran.failure[1]
    assert ran.result["running"] == ["test_a.py::test_b"]
    assert 'test_a.py", line 4 in test_b' in ran.result["stack"]
    assert counted(ran) == {"passed": 1}


def test_a_run_that_takes_too_long_is_ended_though_tests_go_on(run: Run) -> None:
    text = "import pytest, time\n@pytest.mark.parametrize('n', range(1000))\ndef test_a(n): time.sleep(0.05)"
    ran = run({"test_a.py": text}, timeout_s=3)
    assert ran.failure[0] == "TESTS.HUNG"
    assert "timeout_s" in ran.failure[1]
    assert ran.result["tests_done"] < 1000


@pytest.mark.slow
def test_a_test_that_ignores_signals_is_ended_all_the_same(run: Run) -> None:
    ignoring = "for each in (signal.SIGINT, signal.SIGTERM): signal.signal(each, signal.SIG_IGN)"
    ran = run(
        {"test_a.py": f"import signal, time\ndef test_a():\n    {ignoring}\n    time.sleep(600)"}, idle_timeout_s=2
    )
    assert (ran.failure[0], ran.result["signal"]) == ("TESTS.HUNG", signal.SIGKILL)


@pytest.mark.parametrize("text", ["pytest.exit('enough', returncode=0)", "raise KeyboardInterrupt"])
def test_a_session_that_is_broken_off_does_not_succeed(run: Run, text: str) -> None:
    ran = run({"test_a.py": f"import pytest\ndef test_a(): pass\ndef test_b(): {text}\ndef test_c(): pass"})
    assert ran.failure[0] == "TESTS.INTERRUPTED"
    assert (ran.result["tests_done"], ran.result["tests_collected"]) == (1, 3)
