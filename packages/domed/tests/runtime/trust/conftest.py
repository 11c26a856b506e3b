"""Tools that nobody has approved, in the folder of the user and in a repository."""

from pathlib import Path

import pytest

from domed.config import Config
from packages.domed.tests.runtime_suite import a_config, write_tool

HELLO = "echo hello"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """As it was cloned."""
    write_tool(tmp_path / "repository" / ".dome/tools", "project.hello", HELLO)
    return tmp_path / "repository"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    write_tool(tmp_path / "tools", "user.untrusted", HELLO)
    write_tool(tmp_path / "tools", "user.hello", HELLO)
    write_tool(tmp_path / "tools", "user.hang", "echo up; exec sleep 60")
    return a_config(tmp_path)
