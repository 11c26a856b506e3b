"""`dome memory capsules`: what was learnt."""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs

_EXAMPLES: Final = """\
  dome memory capsules                                     what was learnt here, the latest first
  dome memory capsules --failure TESTS.FAILED              of tests that fail
  dome memory capsules --target-kind test --action fix     of mending tests
  dome memory capsules --json                              one capsule a line, in the form of knowledge/capsule

A capsule counts how often its remedy held (support), how often it failed after that (contradiction), and failures
before any success (sightings). `dome memory explain CAPSULE` says whether it may be applied."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    from dome_spec.commands.memory.filters import add_filters, plain

    parser = add_verb(verbs, "capsules", summary="List what was learnt", examples=_EXAMPLES, run=_capsules)
    parser.add_argument("--failure", metavar="CODE", type=plain, help="failure reason of the key, such as TESTS.FAILED")
    parser.add_argument("--fingerprint", metavar="DIGEST", type=plain, help="circumstances under which it was learnt")
    add_filters(parser)


def _capsules(arguments: Namespace, console: "Console") -> int:
    from dome_spec.binding import CapsuleFilter, capsule_document
    from dome_spec.commands.memory.capsule_words import HEADING, capsule_row
    from dome_spec.commands.memory.filters import task_parts
    from dome_spec.commands.memory.opening import opened_for_asking
    from dome_spec.commands.table import table

    asked = CapsuleFilter(
        failure_reason_code=arguments.failure, fingerprint_hash=arguments.fingerprint, **task_parts(arguments)
    )
    with opened_for_asking(console) as opened:
        found = opened.memory.capsules(asked, limit=arguments.limit)
        documents = [capsule_document(each, opened.policy) for each in found]
    if console.as_json:
        for document in documents:
            console.record(document.to_value())
    elif documents:
        console.text(table([HEADING, *map(capsule_row, documents)]))
    else:
        console.text("Nothing was learnt of that.")
    return Exit.OK
