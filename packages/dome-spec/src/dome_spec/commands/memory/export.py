"""`dome memory export`: the facts, and the evidence they refer to, as files."""

from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_contracts.schema.knowledge.fact import Fact
    from dome_spec.binding import EvidenceStore, Memory
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs

FACTS: Final = "facts.jsonl"
_PAGE: Final = 200
_EXAMPLES: Final = """\
  dome memory export > facts.jsonl    the facts, one a line, ordered by name
  dome memory export backup           and their evidence: backup/facts.jsonl and backup/evidence/

The same facts give the same bytes. `dome memory ingest backup/facts.jsonl` takes them in again, in the same
repository."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(verbs, "export", summary="Write facts and evidence to files", examples=_EXAMPLES, run=_export)
    parser.add_argument("directory", metavar="DIR", nargs="?", help="where to (default: the facts to standard output)")


def _export(arguments: Namespace, console: "Console") -> int:
    from dome_spec.commands.memory.opening import opened_for_asking

    with opened_for_asking(console) as opened:
        if arguments.directory is None:
            for fact in _facts(opened.memory):
                console.data(_line(fact))
            return Exit.OK
        directory = Path(arguments.directory)
        facts = _write_facts(opened.memory, directory, console)
        pieces = _copy_evidence(opened.evidence, directory, console)
    if console.as_json:
        console.record({"facts": facts, "evidence": pieces, "directory": str(directory)})
    else:
        console.text(f"{facts} facts and {pieces} pieces of evidence are in {directory}.")
    return Exit.OK


def _facts(memory: "Memory") -> "Iterator[Fact]":
    after = ""
    while page := memory.facts(after=after, limit=_PAGE):
        yield from page
        after = page[-1].fact_id


def _line(fact: "Fact") -> bytes:
    from dome_contracts.canonical import canonical_bytes

    return canonical_bytes(fact.to_value()) + b"\n"


def _write_facts(memory: "Memory", directory: Path, console: "Console") -> int:
    from dome_spec.kernel.durable import make_directory, write_beside

    make_directory(directory)
    counted = 0

    def lines() -> Iterator[bytes]:
        nonlocal counted
        for counted, fact in enumerate(_facts(memory), 1):
            console.progress(f"{counted} facts written")
            yield _line(fact)

    write_beside(directory / FACTS, lines()).replace(directory / FACTS)
    return counted


def _copy_evidence(evidence: "EvidenceStore | None", directory: Path, console: "Console") -> int:
    """Every piece, checked on its way; one that is damaged ends the export."""
    from dome_spec.binding import EvidenceStore

    if evidence is None:
        return 0
    target, copied = EvidenceStore(directory / "evidence"), 0
    for copied, digest in enumerate(evidence.digests(), 1):
        console.progress(f"{copied} pieces of evidence copied")
        if not target.has(digest):
            target.put(evidence.chunks(digest), expect=digest)
    return copied
