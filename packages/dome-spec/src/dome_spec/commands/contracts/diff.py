"""`dome contracts diff OLD NEW`: what became of each schema between two sources."""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_spec.commands.contracts import comparing
from dome_spec.commands.contracts.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs

_EXAMPLES: Final = """\
  dome contracts diff order-v1.json order-v2.json          two files
  dome contracts diff main schemas                         a directory, with itself on main
  dome contracts diff v1.2.0 HEAD                          all schemas of two revisions
  dome contracts diff ../other@main:api schemas/api        with another repository
  dome contracts diff main . --direction both --json       both directions, one object a family
  dome contracts diff main . --format sarif > result.sarif for code review

Exit code 1: something is red. Every verdict but COMPATIBLE is, except of families that say `x-dome-tier: internal`."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(verbs, "diff", summary="Say what a change of schemas breaks", examples=_EXAMPLES, run=_diff)
    parser.add_argument(
        "old", metavar="OLD", help="file, directory, revision (`main`, `REF:PATH`, `REPO@REF`), `baseline`"
    )
    parser.add_argument("new", metavar="NEW", help="the same; a revision without a path is read where the other one is")
    comparing.add_options(parser)


def _diff(arguments: Namespace, console: "Console") -> int:
    from dome_spec.contracts.check import check
    from dome_spec.contracts.sources import SourceEmpty, load

    old = load(arguments.old, console.directory, beside=arguments.new, progress=console.progress)
    new = load(arguments.new, console.directory, beside=arguments.old, progress=console.progress)
    if not old.documents and not new.documents and not new.problems:
        raise SourceEmpty(f"{old.origin} and {new.origin}", old.skipped_count + new.skipped_count)
    return comparing.show(check([old], new, comparing.options(arguments, console)), arguments, console)
