"""`dome contracts list`: the families of the registry, or the schemas of a source."""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.contracts.verb import add_verb
from dome_spec.commands.table import table

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs

_EXAMPLES: Final = """\
  dome contracts list                   every family: its form, tier and owner
  dome contracts list --json            one object a line, with all columns of the registry
  dome contracts list schemas           the schemas in a directory of any repository
  dome contracts list main              those of a revision"""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "list",
        summary="List the families of the registry, or the schemas of a source",
        examples=_EXAMPLES,
        run=_list,
    )
    parser.add_argument("source", metavar="SOURCE", nargs="?", help="file, directory, revision or `baseline`")


def _list(arguments: Namespace, console: "Console") -> int:
    return _schemas(arguments.source, console) if arguments.source else _families(console)


def _families(console: "Console") -> int:
    from dome_spec.contracts import list_families

    families = list_families()
    if console.as_json:
        for each in families:
            console.record(each._asdict())
    else:
        header = ("FAMILY", "FORM", "TIER", "OWNER", "INTENT")
        console.text(table([header, *((e.family, e.form, e.tier, e.owner, e.intent) for e in families)]))
    return Exit.OK


def _schemas(source: str, console: "Console") -> int:
    from dome_spec.contracts.catalogue import entries
    from dome_spec.contracts.sources import SourceEmpty, load

    schemas = load(source, console.directory, progress=console.progress)
    if not schemas.documents:
        raise SourceEmpty(schemas.origin, schemas.skipped_count, schemas.unread)
    rows = entries(schemas)
    if console.as_json:
        for entry in rows:
            console.record(entry._asdict())
    else:
        header = ("SCHEMA", "ID", "TITLE", "TIER", "INTENT", "DIGEST")
        cells = [(e.family, e.schema_id, e.title, e.tier, e.intent, e.digest) for e in rows]
        console.text(table([header, *(tuple(cell or "-" for cell in row) for row in cells)]))
    for problem in schemas.problems:
        console.note(f"dome: {schemas.shown(problem.path)} is left out: {problem.what}")
    return Exit.OK
