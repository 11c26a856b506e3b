"""`dome memory quarantine`: what was put aside, why, and the ways out."""

from argparse import Namespace, RawDescriptionHelpFormatter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.memory.identifiers import short
from dome_spec.commands.memory.streams import directory_of, input_of, known_family
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_contracts.schema.knowledge.fact import Fact
    from dome_spec.binding import Door, EvidenceStore
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs

_EPILOG: Final = """\
examples:
  dome memory quarantine list                          what is put aside
  dome memory quarantine show 3060349b                 everything that is wrong with one
  dome memory quarantine show 3060349b --document      its bytes as they came, to be repaired
  dome memory quarantine fix 3060349b repaired.json    take in the repaired document in its place
  dome memory quarantine retry                         try all again, where evidence was missing or time has passed
  dome memory quarantine dismiss 3060349b              leave it out for good"""
_LIST: Final = "  dome memory quarantine list\n  dome memory quarantine list --json | jq .body.violations"
_SHOW: Final = "  dome memory quarantine show 3060349b\n  dome memory quarantine show 3060349b --document > broken.json"
_FIX: Final = (
    "  dome memory quarantine fix 3060349b repaired.json\n  jq .document x.json | dome memory quarantine fix 3060349b -"
)
_RETRY: Final = (
    "  dome memory quarantine retry               all of them\n  dome memory quarantine retry 3060349b      one"
)
_DISMISS: Final = "  dome memory quarantine dismiss 3060349b"


def add(verbs: "Verbs") -> None:
    """Add the verb and its own verbs."""
    group = verbs.add_parser(
        "quarantine",
        help="See what was put aside, and take it in after all",
        description="See what was put aside, and take it in after all.",
        epilog=_EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    own = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    add_verb(own, "list", summary="List what is put aside", examples=_LIST, run=_list)
    show = add_verb(own, "show", summary="Say everything that is wrong with one", examples=_SHOW, run=_show)
    show.add_argument("--document", action="store_true", help="print the document instead, byte for byte")
    fix = add_verb(own, "fix", summary="Take in a repaired document", examples=_FIX, run=_fix)
    retry = add_verb(own, "retry", summary="Try again what was put aside", examples=_RETRY, run=_retry)
    dismiss = add_verb(own, "dismiss", summary="Leave something out for good", examples=_DISMISS, run=_dismiss)
    for parser in (show, fix, dismiss):
        parser.add_argument("id", metavar="ID", help="the id, or enough of its beginning")
    fix.add_argument("file", metavar="FILE", help="the repaired document; `-` for standard input")
    fix.add_argument("--family", metavar="NAME", default="", help="family of the document (default: as at first)")
    retry.add_argument("ids", metavar="ID", nargs="*", help="what to try (default: all)")


def _list(arguments: Namespace, console: "Console") -> int:
    from dome_spec.binding import put_aside
    from dome_spec.commands.memory.opening import opened_for_asking
    from dome_spec.commands.memory.words import quarantine_row
    from dome_spec.commands.table import table

    with opened_for_asking(console) as opened:
        facts = put_aside(opened.memory)
    if console.as_json:
        for fact in facts:
            console.record(fact.to_value())
    elif facts:
        console.text(table([("ID", "CAUSE", "FAMILY", "WHEN", "FIRST FAULT"), *map(quarantine_row, facts)]))
    else:
        console.text("Nothing is put aside.")
    return Exit.OK


def _show(arguments: Namespace, console: "Console") -> int:
    from dome_spec.binding import EvidenceStore, document_of, find_aside
    from dome_spec.commands.memory.opening import opened_for_asking
    from dome_spec.commands.memory.words import quarantine_lines

    with opened_for_asking(console) as opened:
        fact = find_aside(opened.memory, arguments.id)
        document = document_of(fact, opened.evidence or EvidenceStore(opened.infra.evidence_dir))
    if arguments.document:
        console.data(document)
    elif console.as_json:
        console.record({"fact": fact.to_value(), "document": document.decode("utf-8", errors="backslashreplace")})
    else:
        console.text("\n".join(quarantine_lines(fact, document)))
    return Exit.OK


def _fix(arguments: Namespace, console: "Console") -> int:
    from dome_spec.binding import Accepted
    from dome_spec.commands.memory.words import refusal_of

    known_family(arguments.family)
    with input_of(arguments.file) as stream:
        document = stream.read().strip()
    (fact,) = _found([arguments.id], console)
    with _door(directory_of(arguments.file)) as (_, door):
        answer = door.release(fact, document, family=arguments.family)
    if not isinstance(answer, Accepted):
        raise refusal_of(answer)
    if console.as_json:
        console.record({"released": fact.fact_id, "facts": [each.to_value() for each in answer.facts]})
    else:
        console.text(f"Taken in, in the place of {short(fact.fact_id)}.")
    return Exit.OK


def _retry(arguments: Namespace, console: "Console") -> int:
    from dome_spec.binding import Accepted, document_of
    from dome_spec.commands.memory.words import first_fault

    facts, stays = _found(arguments.ids, console), 0
    if not facts:
        if not console.as_json:
            console.text("Nothing is put aside.")
        return Exit.OK
    with _door(console.directory) as (evidence, door):
        for number, fact in enumerate(facts, 1):
            console.progress(f"trying {number} of {len(facts)}")
            answer = door.release(fact, document_of(fact, evidence))
            is_in = isinstance(answer, Accepted)
            stays += not is_in
            why = "" if isinstance(answer, Accepted) else first_fault(answer.body)
            if console.as_json:
                console.record({"fact_id": fact.fact_id, "released": is_in, "why": why})
            else:
                console.text(f"{short(fact.fact_id)}  {'taken in' if is_in else f'stays: {why}'}")
    return Exit.FAILED if stays else Exit.OK


def _dismiss(arguments: Namespace, console: "Console") -> int:
    (fact,) = _found([arguments.id], console)
    with _door(console.directory) as (_, door):
        left_out = door.dismiss(fact)
    if console.as_json:
        console.record(left_out.to_value())
    else:
        console.text(f"{short(fact.fact_id)} is left out for good. Its document stays in the store of evidence.")
    return Exit.OK


def _found(wanted: "Sequence[str]", console: "Console") -> "Sequence[Fact]":
    """What is put aside under these ids; all of it where none is named. Where nothing is kept, nothing is written."""
    from dome_spec.binding import find_aside, put_aside
    from dome_spec.commands.memory.opening import opened_for_asking

    with opened_for_asking(console) as opened:
        return [find_aside(opened.memory, each) for each in wanted] if wanted else put_aside(opened.memory)


@contextmanager
def _door(directory: Path) -> "Iterator[tuple[EvidenceStore, Door]]":
    """The door of the memory, and its evidence; more of that is looked for below the directory."""
    from dome_spec.binding import Door, FilesBeside
    from dome_spec.commands.memory.opening import opened_for_keeping

    with opened_for_keeping() as (opened, evidence):
        clock, named = opened.surroundings.clock, opened.infra.state_dir.name
        finder = FilesBeside(directory)
        yield evidence, Door(opened.memory, evidence, repository_id=named, clock=clock, finder=finder)
