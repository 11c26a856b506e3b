"""`repo.test` follows a run test by test, and neither disturbs the tests nor is disturbed by them."""

from pathlib import Path

from packages.domed.tests.tools.repo_test.conftest import Run, counted, progress


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
