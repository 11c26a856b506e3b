"""The words by which questions are narrowed, the same for every verb. Asks nothing."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

LIMIT_DEFAULT: Final = 20
LIMIT_MAX: Final = 200


def add_filters(parser: ArgumentParser) -> None:
    """Narrow by the parts of the TaskSpec, and bound the answer."""
    parser.add_argument(
        "--scope", metavar="SCOPE", type=_word("Scope"), help="how far the TaskSpec reaches: task, run, repo"
    )
    parser.add_argument(
        "--target-kind", metavar="KIND", type=_word("TargetKind"), help="kind of the target, such as test"
    )
    parser.add_argument("--target", metavar="ID", type=plain, help="name of the target, such as a path or a test")
    parser.add_argument("--action", metavar="KIND", type=_word("ActionKind"), help="what is done with it, such as fix")
    add_limit(parser)


def add_limit(parser: ArgumentParser) -> None:
    """Bound the answer."""
    parser.add_argument(
        "--limit",
        metavar="N",
        type=_limit,
        default=LIMIT_DEFAULT,
        help=f"at most so many, 1 to {LIMIT_MAX} (default: 20)",
    )


def add_moment(parser: ArgumentParser) -> None:
    """Judge as of another moment."""
    parser.add_argument(
        "--at", metavar="TIME", type=_moment, help="judge as of this moment, such as 2024-05-17T09:30:15Z"
    )


def task_parts(arguments: Namespace) -> dict[str, Any]:
    """The parts of the TaskSpec that were named, as filters take them."""
    return {
        "scope": arguments.scope,
        "target_kind": arguments.target_kind,
        "target_id": arguments.target,
        "action_kind": arguments.action,
    }


def plain(text: str) -> str:
    """Text that can stand in a memory: what the command line has in another encoding names nothing there."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ArgumentTypeError(f"{text!r} is no UTF-8") from None
    return text


def _word(vocabulary: str) -> Callable[[str], str]:
    """A word of the contract. Its vocabulary is read when a word is given: help needs none of it."""

    def checked(text: str) -> str:
        from dome_contracts.schema.shared import definitions

        words = [str(each.value) for each in getattr(definitions, vocabulary)]
        if text not in words:
            raise ArgumentTypeError(f"{text!r} is none of {', '.join(words)}")
        return text

    return checked


def _limit(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= LIMIT_MAX:
        raise ArgumentTypeError(f"{text!r} is no number from 1 to {LIMIT_MAX}")
    return int(text)


def _moment(text: str) -> datetime:
    from dome_spec.kernel import NotAMoment, moment

    try:
        return moment(text)
    except NotAMoment as error:
        raise ArgumentTypeError(str(error)) from error
