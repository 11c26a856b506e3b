"""What a verb that is refused says, to people and to programs, and with which code it ends."""

import errno
import json
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

import pytest

from dome_contracts.exit_codes import Exit
from dome_spec.commands.verb import UsageWrong, add_verb
from dome_spec.kernel import DocumentInvalid, NotARepository, Refusal, Violation

if TYPE_CHECKING:
    from dome_spec.commands.console import Console


class NoRoom(Refusal):
    """There is no room."""

    code = "NO_ROOM"
    exit_code = Exit.TRY_AGAIN


MANY = tuple(Violation(f"/{number:02}", "is wrong") for number in range(20))


def use(error: BaseException, *words: str) -> Any:
    """What a verb comes to that raises the error."""

    def run(arguments: Namespace, console: "Console") -> int:
        raise error

    parser = ArgumentParser()
    add_verb(parser.add_subparsers(), "do", summary="Do", examples="  do", run=run)
    arguments = parser.parse_args(["do", *words])
    return arguments.run(arguments)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (NoRoom("Nothing was kept", why="the disk is full", hint="Make room"), Exit.TRY_AGAIN, "Nothing was kept."),
        (DocumentInvalid("planning/plan", MANY), Exit.INVALID, "/00: is wrong"),
        (NotARepository("/x", "it does not exist"), Exit.PRECONDITION, "/x"),
        (FileNotFoundError(errno.ENOENT, "No such file", "/x/y"), Exit.NOT_FOUND, "/x/y: No such file."),
        (PermissionError(errno.EACCES, "Permission denied", "/x/y"), Exit.PRECONDITION, "/x/y: Permission denied."),
        (OSError(errno.ENOSPC, "No space left on device"), Exit.PRECONDITION, "No space left on device."),
        (UsageWrong("say what"), Exit.USAGE, "say what"),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Exception) else "",
)
def test_a_refusal_is_words_and_a_code(
    error: Exception, code: Exit, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert use(error) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("dome: ")
    assert said in printed.err


def test_a_program_is_told_the_same_as_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert use(NoRoom("Nothing was kept", why="the disk is full", hint="Make room"), "--json") == Exit.TRY_AGAIN
    told = json.loads(capsys.readouterr().err)["error"]
    assert told["reason"] == "NO_ROOM"
    assert told["message"] == "Nothing was kept: the disk is full"
    assert (told["remedy"], told["retryable"]) == ("Make room", True)
    assert use(DocumentInvalid("planning/plan", MANY), "--json") == Exit.INVALID
    assert len(json.loads(capsys.readouterr().err)["error"]["violations"]) == len(MANY)


def test_of_many_faults_people_are_shown_the_first(capsys: pytest.CaptureFixture[str]) -> None:
    use(DocumentInvalid("planning/plan", MANY))
    assert "and 8 more" in capsys.readouterr().err


@pytest.mark.parametrize("error", [ZeroDivisionError(), KeyboardInterrupt(), BrokenPipeError()])
def test_a_defect_an_interruption_and_a_reader_that_left_are_no_refusals(error: BaseException) -> None:
    with pytest.raises(type(error)):
        use(error)


async def test_a_verb_that_waits_is_told_of_in_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    async def run(arguments: Namespace, console: "Console") -> int:
        raise NoRoom("Nothing was kept")

    parser = ArgumentParser()
    add_verb(parser.add_subparsers(), "do", summary="Do", examples="  do", run=run)
    arguments = parser.parse_args(["do"])
    assert await arguments.run(arguments) == Exit.TRY_AGAIN
    assert "Nothing was kept" in capsys.readouterr().err
