"""Completion as somebody sees it who presses Tab in bash, zsh or fish, with a daemon that runs."""

from collections.abc import Iterator

import pytest

from tests.e2e.dome_home import Home, a_home
from tests.e2e.tool_folder import write_tool
from tests.e2e.typing_shell import SHELLS, TypingShell, a_shell


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with a_home() as made:
        made.configure("[jobs]\ndrain_timeout_s = 0.1\ngrace_s = 0.1\n")
        write_tool(made.config / "tools", "own.greeting", "echo hello")
        yield made


@pytest.fixture(scope="module")
def live_job(home: Home) -> str:
    """A job that runs; there is one that has ended, too."""
    assert home.dome("run", "process.run", "--", "true").code == 0
    done = home.dome("run", "process.run", "--detach", "--", "sleep", "600")
    assert done.code == 0, done.err
    return done.out.decode().strip()


@pytest.fixture(scope="module", params=SHELLS)
def shell(request: pytest.FixtureRequest, home: Home, live_job: str) -> Iterator[TypingShell]:
    with a_shell(request.param, home) as made:
        yield made


def test_commands_and_their_words(shell: TypingShell) -> None:
    shell.completes("dome expl", "explain")
    shell.completes("dome service sta", "start", "status")
    shell.completes("dome mcp install ge", "gemini")
    shell.completes("dome jobs --state ru", "running")


def test_options(shell: TypingShell) -> None:
    shell.completes("dome events --fol", "--follow")
    shell.completes("dome run --", "--detach", "--wait-lock", "--input")


def test_tools_that_the_daemon_knows_and_the_fields_of_their_input(shell: TypingShell) -> None:
    shell.completes("dome run repo.se", "repo.search")
    shell.completes("dome run repo.search --set who", "whole_words=")
    shell.completes("dome tools trust ", "own.greeting")


def test_jobs_that_the_daemon_knows(shell: TypingShell, live_job: str) -> None:
    shell.completes("dome cancel ", live_job)
    shell.completes(f"dome explain {live_job[:-2]}", live_job)
