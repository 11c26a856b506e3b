"""`repo.test` runs the pytest of a repository that the test writes, by a Python of its own."""

import json
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domed.catalog import Tool

Run = Callable[..., Any]


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
