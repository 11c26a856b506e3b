"""`repo.test` finds the Python of the repository and refuses one that cannot run its tests."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from packages.domed.tests.tools.repo_test.conftest import Run, make_environment, write


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
