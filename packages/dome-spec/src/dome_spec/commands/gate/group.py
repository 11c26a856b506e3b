"""The group of verbs. Knows their names and nothing of what they do."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from dome_spec.commands.gate import check, evaluating, explain
from dome_spec.commands.gate.door import SUMMARY

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from dome_spec.kernel import Runtime

_EPILOG: Final = """\
examples:
  dome gate eval run-...           ask the gates of every task about its last attempt
  dome gate explain run-...        every guard that was evaluated: what it looked at, what is missing, what would help
  dome gate check guardrails.json  whether a bundle of guards can be evaluated"""


def register(cli: "_SubParsersAction[ArgumentParser]", runtime: "Callable[[], Awaitable[Runtime]]") -> None:
    """Add the group. It needs no daemon."""
    group = cli.add_parser(
        "gate",
        help=SUMMARY,
        description=f"{SUMMARY}.",
        epilog=_EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    verbs = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in (evaluating.add, explain.add, check.add):
        add(verbs)
