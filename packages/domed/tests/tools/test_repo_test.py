"""`repo.test` runs the repository's own pytest, follows it test by test, and says what came of it by what happened."""

import ast
import json
import os
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domed.catalog import Tool
from domed.tools.repo_test import child, reporter

Run = Callable[..., Any]
MARK = "DOME_TEST_MARK"


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def make_environment(place: Path, *, has_pytest: bool = True) -> Path:
    """A virtual environment of its own. Its pytest is that of the one that runs this."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True)
    if has_pytest:
        (packages,) = place.glob("lib/python*/site-packages")
        (packages / "pytest.pth").write_text(sysconfig.get_paths()["purelib"])
    return place / "bin" / "python"


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_environment(tmp_path_factory.mktemp("environment") / ".venv")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    return root


@pytest.fixture
def run(run_tool: Run, built_in: Callable[[str], Tool], repository: Path, python: Path) -> Run:
    """Writes files into the repository and runs its tests."""

    def run(files: dict[str, str], **document: Any) -> Any:
        write(repository, files)
        asked = {"python": str(python), **document}
        ran = run_tool("repo.test", asked, repository, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
        for message in ran.messages:
            if message["type"] == "result":
                assert built_in("repo.test").output_violations(json.dumps(message["value"]).encode()) == ()
        assert (ran.exit_code == 0) == (ran.messages[-1]["type"] != "failure")
        return ran

    return run


def counted(ran: Any) -> dict[str, int]:
    return {name: number for name, number in ran.result["totals"].items() if number}


def progress(ran: Any) -> list[dict[str, Any]]:
    return [message for message in ran.messages if message["type"] == "progress"]


def left_processes(mark: str) -> list[str]:
    """Processes that have the mark in their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                if f"{MARK}={mark}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                    found.append((entry / "cmdline").read_text())
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
    return found


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


def test_output_of_any_bytes_and_any_length_passes_through(run: Run) -> None:
    text = r"""
import os, subprocess, sys
def test_a():
    sys.stdout.buffer.write(b"\xff\xfe\x00 \xc3\xbc\n"); print("ünï 針 \udcff".encode("utf-8", "replace"))
    os.write(2, b"low \xfe\n"); subprocess.run(["echo", "of a child"])
    for _ in range(200): sys.stdout.write("x" * 49_999 + "\n")
"""
    ran = run({"test_a.py": text}, live_output=True)
    assert ran.exit_code == 0
    assert b"\xff\xfe\x00 \xc3\xbc\n" in ran.stdout
    assert b"of a child\n" in ran.stdout
    assert b"low \xfe\n" in ran.stderr
    assert ran.stdout.count(b"x" * 49_999 + b"\n") == 200
    captured = run({"test_a.py": text})
    assert b"xxx" not in captured.stdout


def test_two_thousand_tests_make_few_reports_of_progress(run: Run) -> None:
    text = "import pytest\n@pytest.mark.parametrize('n', range(2000))\ndef test_a(n): pass"
    ran = run({"test_a.py": text})
    assert counted(ran) == {"passed": 2000}
    told = progress(ran)
    assert len(told) <= 3 + ran.result["duration_s"] / 0.2
    done = [each["done"] for each in told if "done" in each]
    assert done == sorted(done)
    assert (done[-1], told[-1]["total"]) == (2000, 2000)


def test_nothing_is_left_in_the_repository(run: Run, repository: Path) -> None:
    # The options need the cache plugin.
    files = {
        "test_a.py": "import b\ndef test_a(): assert b.x",
        "b.py": "x = 0",
        "pytest.ini": "[pytest]\naddopts = --ff",
    }
    assert run(files).failure[0] == "TESTS.FAILED"
    assert sorted(path.name for path in repository.rglob("*")) == sorted(files)


def test_modules_of_the_repository_are_found_and_stand_in_for_none_of_the_reporters(run: Run) -> None:
    files = dict.fromkeys(["reporter.py", "faulthandler.py", "platform.py"], "raise AssertionError('imported')")
    assert run({**files, "mine.py": "", "test_a.py": "import mine\ndef test_a(): pass"}).exit_code == 0


def test_descriptors_and_forks_of_tests_do_not_disturb_the_report(run: Run) -> None:
    text = """
import os, sys
def test_forks():
    pid = os.fork()
    if pid == 0: os._exit(0)
    os.waitpid(pid, 0)
def test_stays():
    os.posix_spawn("/bin/sleep", ["sleep", "0.01"], os.environ)
def test_environment():
    assert "DOME_CHANNEL_FD" not in os.environ
    assert os.environ["VIRTUAL_ENV"] == sys.prefix
    assert os.environ["PATH"].startswith(sys.prefix + "/bin:")
"""
    assert counted(run({"test_a.py": text})) == {"passed": 3}


XDIST = """
class Hooks:
    def pytest_xdist_node_collection_finished(self, node, ids): "A worker has collected."
    def pytest_testnodedown(self, node, error): "A worker has ended."

def pytest_addhooks(pluginmanager): pluginmanager.add_hookspecs(Hooks)
def pytest_runtestloop(session):
    session.config.hook.pytest_xdist_node_collection_finished(node=None, ids=["a", "b", "c"])
def pytest_sessionfinish(session):
    session.config.hook.pytest_testnodedown(node=None, error={error!r})
"""


def test_the_controller_of_workers_is_listened_to(run: Run) -> None:
    ran = run({"conftest.py": XDIST.format(error=None), "test_a.py": "def test_a(): pass"})
    assert (ran.exit_code, ran.result["totals"]["deselected"]) == (0, None)
    assert (ran.result["tests_collected"], ran.result["pytest"]["distributed"]) == (3, True)
    died = run({"conftest.py": XDIST.format(error="Not properly terminated"), "test_a.py": "def test_a(): pass"})
    assert died.failure == ("TESTS.CRASHED", "A worker of pytest-xdist died: Not properly terminated")


def test_the_repositorys_own_environment_is_found_from_below(
    run_tool: Run, repository: Path, git: Callable[..., bytes]
) -> None:
    own = make_environment(repository / ".venv")
    git(repository, "init", "-q")
    below = write(repository, {"below/test_a.py": "def test_a(): pass"}) / "below"
    assert run_tool("repo.test", {}, below).result["python"]["path"] == str(own)


def test_without_an_environment_the_python_on_the_path_is_taken(
    run_tool: Run, repository: Path, python: Path, tmp_path: Path
) -> None:
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to("/bin/false")
    write(repository, {"test_a.py": "def test_a(): pass"})
    ran = run_tool("repo.test", {}, repository, PATH=f"{python.parent}:{os.environ['PATH']}")
    assert ran.result["python"]["path"] == str(python.parent / "python3")


@pytest.fixture
def bare_python(tmp_path: Path) -> Path:
    return make_environment(tmp_path / "bare", has_pytest=False)


def test_a_python_without_pytest_is_refused_with_a_remedy(run_tool: Run, repository: Path, bare_python: Path) -> None:
    ran = run_tool("repo.test", {"python": str(bare_python)}, repository)
    reason, message = ran.failure
    assert reason == "TESTS.RUNNER_MISSING"
    assert "No module named 'pytest'" in message
    assert "name another Python" in message
    assert [message["type"] for message in ran.messages if message["type"] == "result"] == []


def test_an_old_pytest_is_refused(run_tool: Run, repository: Path, bare_python: Path) -> None:
    (packages,) = bare_python.parent.parent.glob("lib/python*/site-packages")
    write(packages, {"pytest.py": "__version__ = '5.4.3'"})
    reason, message = run_tool("repo.test", {"python": str(bare_python)}, repository).failure
    assert (reason, "5.4.3" in message) == ("TESTS.RUNNER_MISSING", True)


@pytest.mark.parametrize("wanted", ["missing/python", "no-such-python", "/bin/false", "./folder", "./text"])
def test_what_is_no_python_is_refused(run_tool: Run, repository: Path, wanted: str) -> None:
    write(repository, {"folder/x": "", "text": "#!/nowhere"})
    (repository / "text").chmod(0o755)
    assert run_tool("repo.test", {"python": wanted}, repository).failure[0] == "TESTS.RUNNER_MISSING"


def test_a_broken_environment_is_not_passed_over(run_tool: Run, repository: Path) -> None:
    (repository / ".venv" / "bin").mkdir(parents=True)
    (repository / ".venv" / "bin" / "python").symlink_to("/nowhere")
    reason, message = run_tool("repo.test", {}, repository).failure
    assert (reason, ".venv/bin/python" in message) == ("TESTS.RUNNER_MISSING", True)


CANCELLED = """
import pathlib, pytest, subprocess
@pytest.fixture
def place():
    yield
    pathlib.Path("cleaned").touch()
def test_a(): pass
def test_b(place):
    subprocess.Popen(["sleep", "600"])
    print("ready", flush=True)
    subprocess.run(["sleep", "600"])
"""


@pytest.mark.parametrize("to_group", [False, True], ids=["the tool alone", "all of its processes"])
def test_a_run_that_is_asked_to_end_leaves_no_process_and_says_how_far_it_was(
    start_tool: Run, repository: Path, python: Path, *, to_group: bool
) -> None:
    write(repository, {"test_a.py": CANCELLED})
    mark = f"{os.getpid()}-{to_group}"
    asked = {"python": str(python), "live_output": True}
    with start_tool("repo.test", asked, repository, **{MARK: mark}) as running:
        assert any(b"ready" in line for line in running.process.stdout)
        children = [
            int(pid)
            for path in Path("/proc").glob(f"{running.process.pid}/task/*/children")
            for pid in path.read_text().split()
        ]
        assert len(children) == 1
        # The daemon tells every process of the job, its program first.
        for pid in [running.process.pid, *(children if to_group else [])]:
            os.kill(pid, signal.SIGTERM)
        ran = running.end()
        assert left_processes(mark) == []
    assert ran.failure[0] == "CANCEL.REQUESTED"
    assert "1 of 2 tests" in ran.failure[1]
    assert ran.result["running"] == ["test_a.py::test_b"]
    assert (repository / "cleaned").exists() != to_group


def test_the_reporter_is_readable_for_old_pythons() -> None:
    ast.parse(child.REPORTER.read_text(), feature_version=(3, 7))
