"""The group of verbs. Knows their names and nothing of what they do."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from dome_spec.commands.mission import (
    accept,
    annotate,
    as_tool,
    bind,
    claim,
    coming,
    ending,
    exchange,
    finalize,
    install,
    integrate,
    listing,
    move,
    new,
    override,
    packet,
    queries,
    recover,
    review,
    show,
)
from dome_spec.commands.mission.door import SUMMARY

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from dome_spec.kernel import Runtime

_EPILOG: Final = """\
examples:
  dome charter init                                       what this repository binds itself to, once
  dome mission new parser --goal "Parse dates" --require "FR-001=Dates are parsed"
  dome mission finalize parser                            fix its packages, as they stand in missions/parser/packages
  dome mission next parser --query                        what comes next, without changing anything
  dome artefact show parser WP01 > told.md                all that whoever takes WP01 has to know
  dome mission claim parser WP01 --artefact told.md       take it, and show what one was told
  dome mission move parser WP01 start                     begin; later `submit`
  dome board                                              where everything stands

A mission is named by its id, short id, slug or number. Who acts is said with `--as kind:id,role=...,profile=...`, by
$DOME_EFFECTOR, or it is you. The store belongs to the repository and all its worktrees.
exit codes: 0 done; 1 not accepted, or not settled; 2 the command line is wrong; 65 a document cannot be read as one; 66
there is no such thing; 67 it is refused as things stand; 69 the daemon did not answer; 75 somebody else was first: try
again"""


def register(cli: "_SubParsersAction[ArgumentParser]", runtime: "Callable[[], Awaitable[Runtime]]") -> None:
    """Add the group. Only what commits, searches or looks at jobs needs a daemon, and connects when it does."""
    group = cli.add_parser(
        "mission",
        help=SUMMARY,
        description=f"{SUMMARY}.",
        epilog=_EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    verbs = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in (new.add, listing.add, show.add, finalize.add, coming.add, queries.add, packet.add, claim.add):
        add(verbs)
    move.add(verbs, runtime)
    review.add(verbs, runtime)
    for add in (annotate.add, bind.add, override.add):
        add(verbs)
    accept.add(verbs, runtime)
    for add in (integrate.add, ending.add):
        add(verbs)
    recover.add(verbs, runtime)
    exchange.add(verbs)
    install.add(verbs)
    as_tool.add(verbs, runtime)
