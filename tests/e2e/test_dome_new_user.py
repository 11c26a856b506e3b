"""What somebody meets who has just got Dome: whatever is wrong is said, with why and with what to do next."""

import os
import pty
import subprocess
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from importlib.metadata import entry_points
from subprocess import PIPE

import pytest

from dome_client.cli import groups
from dome_client.cli.usage import Parser
from dome_contracts.exit_codes import Exit
from tests.e2e.dome_home import DOME, Done, Home, a_home, finish


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with a_home() as made:
        yield made


def verbs(parser: ArgumentParser, name: str) -> Iterator[tuple[str, ArgumentParser]]:
    """Every command line that does something, with its parser."""
    below = [action for action in parser._actions if isinstance(action, _SubParsersAction)]
    if not below:
        yield name, parser
    for action in below:
        for word, child in action.choices.items():
            yield from verbs(child, f"{name} {word}")


def test_whatever_can_be_called_shows_how_by_example() -> None:
    async def nobody() -> None:
        raise AssertionError("a parser needs no daemon")

    parser: ArgumentParser = Parser(prog="dome")
    commands = parser.add_subparsers()
    for name in groups.BUILT_IN:
        groups.add_built_in(commands, name)
    for group in entry_points(group=groups.GROUP):
        group.load()(commands, nobody)
    found = dict(verbs(parser, "dome"))
    assert {"dome run", "dome contracts check"} <= found.keys()
    assert [name for name, verb in found.items() if name not in (verb.epilog or "").partition("examples:")[2]] == []


def told(done: Done) -> str:
    assert done.out == b""
    assert "Traceback" not in done.err
    return done.err


def test_the_entry_for_an_agent_can_be_looked_at_before_anything_is_written(home: Home) -> None:
    shown = home.dome("mcp", "install", "codex", "--dry-run")
    assert shown.code == 0
    assert "+[mcp_servers.dome]" in shown.out.decode()
    assert not (home.root / ".codex").exists()


def test_somebody_who_starts_the_bridge_at_a_terminal_is_told_for_whom_it_is(home: Home) -> None:
    ours, its = pty.openpty()
    process = subprocess.Popen([*DOME, "mcp"], env=home.environ(), stdin=its, stdout=PIPE, stderr=PIPE)
    os.close(its)
    os.write(ours, b"\x04")  # what a terminal makes the end of input of
    done = finish(process)
    os.close(ours)
    assert done.code == 0
    assert "`dome mcp install codex` enters it with one" in told(done)


def test_without_a_daemon_at_the_named_place_it_says_how_there_will_be_one(home: Home) -> None:
    path = home.root / "nobody"
    done = home.dome("--endpoint", f"unix:{path}", "jobs")
    assert done.code == Exit.UNAVAILABLE
    assert f"there is no socket {path} (from the argument)" in told(done)
    assert f"`domed --socket {path}`" in done.err


def test_an_unsafe_socket_directory_is_named_with_the_command_that_mends_it(home: Home) -> None:
    directory = home.socket.parent
    directory.mkdir(exist_ok=True)
    directory.chmod(0o777)
    done = home.dome("jobs")
    assert done.code == Exit.UNAVAILABLE
    assert f"Others may enter the socket directory {directory}. Run `chmod 700 {directory}`." in told(done)
    checked = home.dome("doctor")
    assert f"repair: `chmod 700 {directory}`" in checked.out.decode()
    directory.chmod(0o700)
    assert home.dome("jobs").code == 0


def test_an_unknown_tool_is_told_with_those_that_come_near(home: Home) -> None:
    for words in (["run", "repo.serch"], ["tool", "repo.serch"]):
        done = home.dome(*words)
        assert done.code == Exit.NOT_FOUND
        assert "There is no tool 'repo.serch'. Similar: repo.search" in told(done)
        assert "`dome tools`" in done.err


@pytest.mark.parametrize(
    ("words", "what", "instead"),
    [
        (["repo.search"], 'input: "pattern" is a required property', "`dome tool repo.search` shows"),
        (["repo.search", "--set", "pattern=404"], "input/pattern: 404 is not of type", "--set 'pattern=\"404\"'"),
        (["process.run", "--set", 'argv=["a", 1]'], "input/argv/1: 1 is not of type", "`dome tool process.run` shows"),
    ],
)
def test_a_wrong_input_is_told_by_its_place_with_where_the_right_one_stands(
    home: Home, words: list[str], what: str, instead: str
) -> None:
    done = home.dome("run", *words)
    assert done.code == Exit.INVALID
    assert what in told(done)
    assert instead in done.err
