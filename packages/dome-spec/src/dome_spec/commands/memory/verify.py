"""`dome memory verify`: recount everything, and look at the evidence."""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.memory.identifiers import counted
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs

_EXAMPLES: Final = """\
  dome memory verify              recount ledger, capsules and views from the facts
  dome memory verify --evidence   and read every piece of evidence, and compare its digest

Changes nothing. Exit code 1: something does not hold; `dome memory rebuild` derives it anew from the facts."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(
        verbs, "verify", summary="Check that what was learnt follows from the facts", examples=_EXAMPLES, run=_verify
    )
    parser.add_argument("--evidence", action="store_true", help="read all evidence too")


def _verify(arguments: Namespace, console: "Console") -> int:
    from dome_spec.binding import EvidenceDamaged
    from dome_spec.commands.memory.opening import opened_for_asking

    damaged: list[str] = []
    checked = 0
    with opened_for_asking(console) as opened:
        console.progress("recounting")
        found = opened.memory.verify()
        if arguments.evidence and opened.evidence is not None:
            for checked, digest in enumerate(opened.evidence.digests(), 1):
                console.progress(f"{checked} pieces of evidence read")
                try:
                    opened.evidence.check(digest)
                except EvidenceDamaged as error:
                    damaged.append(error.why)
    problems = [*found.problems, *damaged]
    if console.as_json:
        read = {"evidence_read": checked} if arguments.evidence else {}
        console.record({"holds": not problems, "facts": found.fact_count, **read, "problems": problems})
    else:
        evidence = f", {counted(checked, 'file')} of evidence" if arguments.evidence else ""
        console.text(
            f"{counted(found.fact_count, 'fact')}{evidence}: {'does NOT hold' if problems else 'all of it holds'}."
        )
        for problem in problems:
            console.note(f"  {problem}")
        if found.problems:
            console.note("  `dome memory rebuild` derives everything anew from the facts.")
    return Exit.FAILED if problems else Exit.OK
