"""The parser of command lines: one that is wrong is told with what comes near to it, and with where to look."""

import sys
from argparse import Action, ArgumentError, ArgumentParser
from typing import Any, Final, NoReturn

from dome_contracts.exit_codes import Exit

_NAMED_MAX: Final = 8
"""So many choices are named where none comes near."""


class Parser(ArgumentParser):
    """Says of itself what the word was that it does not take, not its parent."""

    def error(self, message: str) -> NoReturn:
        """What is wrong and what to do next. Exits."""
        self.print_usage(sys.stderr)
        self.exit(Exit.USAGE, f"{self.prog}: error: {message}\n  `{self.prog} --help` says what it takes.\n")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """What a parser leaves no other takes: each tells its own, so that a command tells what it does not take."""
        found, left = super().parse_known_args(args, namespace)
        if left:
            self.error(
                f"unrecognized arguments: {' '.join(left)}{_similar(left[0], list(self._option_string_actions))}"
            )
        return found, left

    def _check_value(self, action: Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            raise ArgumentError(action, f"there is no {value!r}{_instead(str(value), list(map(str, action.choices)))}")


def _instead(value: str, choices: list[str]) -> str:
    few = f". There are: {', '.join(choices)}" if len(choices) <= _NAMED_MAX else ""
    return _similar(value, choices) or few


def _similar(value: str, choices: list[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(value, choices)
    return f". Similar: {', '.join(near)}" if near else ""
