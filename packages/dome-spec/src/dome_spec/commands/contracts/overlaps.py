"""`dome contracts overlaps`: families that are about the same concept, within one source or between two."""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.contracts.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs
    from dome_spec.contracts.similarity import Likeness
    from dome_spec.contracts.sources import SchemaSet

_EXAMPLES: Final = """\
  dome contracts overlaps schemas                        families of one set that repeat each other
  dome contracts overlaps schemas ../other/schemas       the same concepts in two sets that grew apart, pair by pair
  dome contracts overlaps main ../other@v2:schemas --json

Alike are families of one name, `$id` or title; those that have most fields of the smaller one in common; and those of
the same structure under other names. A field counts for more the fewer families have it; order counts for nothing.
Exit code 1: some are alike."""
_SHOWN_MAX: Final = 6


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(
        verbs, "overlaps", summary="Find families for the same concept", examples=_EXAMPLES, run=_overlaps
    )
    parser.add_argument("source", metavar="SOURCE", help="file, directory, revision or `baseline`")
    parser.add_argument("other", metavar="OTHER", nargs="?", help="a second set; each pair has one family of each")


def _overlaps(arguments: Namespace, console: "Console") -> int:
    from dome_spec.contracts.similarity import likenesses, likenesses_between

    ours = _families(arguments.source, console)
    alike = (
        likenesses(ours) if arguments.other is None else likenesses_between(ours, _families(arguments.other, console))
    )
    for each in alike:
        if console.as_json:
            console.record({"first": each.first, "second": each.second, "by": each.by, "share": each.share,
                            "shared": each.shared})  # fmt: skip
        else:
            console.text(_line(each))
    if not console.as_json:
        console.note(f"{len(alike)} {'pair' if len(alike) == 1 else 'pairs'} of families alike.")
    return Exit.FAILED if alike else Exit.OK


def _families(source: str, console: "Console") -> "dict[str, object]":
    """The schemas of a source by name, without files that only hold definitions for others."""
    from dome_spec.contracts.pairing import family_name, is_library
    from dome_spec.contracts.sources import SourceEmpty, load

    schemas: SchemaSet = load(source, console.directory, progress=console.progress)
    if not schemas.documents:
        raise SourceEmpty(schemas.origin, schemas.skipped_count, schemas.unread)
    named = {path: document for path, document in schemas.documents.items() if not is_library(document)}
    return {family_name(schemas, path): document for path, document in named.items()}


def _line(alike: "Likeness") -> str:
    shared = ", ".join(alike.shared[:_SHOWN_MAX]) + (", ..." if len(alike.shared) > _SHOWN_MAX else "")
    return f"{alike.first}  {alike.second}  {alike.by} {alike.share:.0%}" + (f"  ({shared})" if shared else "")
