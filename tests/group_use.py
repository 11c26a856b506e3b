"""Command groups of the spec plane, used in this process: what a verb prints, and the exit code it ends with."""

import asyncio
import json
from argparse import ArgumentParser
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest

Connect = Callable[[], Awaitable[Any]]


@dataclass(frozen=True)
class Said:
    """What a use of a verb printed, and its exit code."""

    code: int
    out: str
    err: str

    def documents(self) -> list[dict[str, Any]]:
        """What it printed for programs, an object a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def document(self) -> dict[str, Any]:
        """The last of them."""
        assert self.out, self.err
        return self.documents()[-1]

    @property
    def error(self) -> dict[str, Any]:
        """How a verb was refused."""
        assert self.code != 0, self.out
        refused: dict[str, Any] = json.loads(self.err.splitlines()[-1])["error"]
        return refused


async def no_daemon() -> Any:
    raise AssertionError("this needs no daemon")


def exit_code(*groups: ModuleType, words: tuple[str, ...], connect: Connect = no_daemon) -> int:
    """Use a verb of one of the groups, as `dome` does."""
    parser = ArgumentParser()
    parser.add_argument("--json", action="store_true")
    commands = parser.add_subparsers()
    for group in groups:
        group.register(commands, connect)
    arguments = parser.parse_args(words)
    arguments.words = None  # what the `dome` command sets for every command
    begun = arguments.run(arguments)
    code: int = begun if isinstance(begun, int) else asyncio.run(begun)
    return code


def use_group(
    capture: pytest.CaptureFixture[str], *groups: ModuleType, words: tuple[str, ...], connect: Connect = no_daemon
) -> Said:
    """Use a verb, and take what it printed."""
    code = exit_code(*groups, words=words, connect=connect)
    printed = capture.readouterr()
    return Said(code, printed.out, printed.err)
