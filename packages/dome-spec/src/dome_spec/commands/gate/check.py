"""`dome gate check`: whether a bundle of guards is of its form, and can be evaluated."""

import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs

STANDARD_INPUT: Final = "-"
BYTES_MAX: Final = 16 * 1024 * 1024
_EXAMPLES: Final = """\
  dome gate check .dome/guardrails.json
  dome gate check strict.json --json | jq .faults

Exit code 0: it can be evaluated. 65: it cannot, for the reasons that are told."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(
        verbs, "check", summary="Check that a bundle of guards can be evaluated", examples=_EXAMPLES, run=_check
    )
    parser.add_argument("file", metavar="FILE", help="guardrails, invariants or an overlay; `-` for standard input")


def _check(arguments: Namespace, console: "Console") -> int:
    from dome_contracts.canonical import digest
    from dome_contracts.schema.gates.guardrails_bundle import GuardrailsBundle
    from dome_spec.gates import bundle_faults
    from dome_spec.kernel import DocumentInvalid, read_document

    try:
        bundle = read_document(GuardrailsBundle, _read(arguments.file))
        faults, name = bundle_faults(bundle), f"{bundle.bundle_id} {bundle.version}"
    except DocumentInvalid as error:
        bundle, faults, name = None, error.violations, arguments.file
    if console.as_json:
        told = [{"place": each.place, "message": each.message} for each in faults]
        named = None if bundle is None else digest(bundle.to_value())
        console.record({"valid": not faults, "bundle": name, "digest": named, "faults": told})
    elif faults:
        found = [f"  {_told(each.place)}: {each.message}" for each in faults]
        console.text("\n".join([f"{name} cannot be evaluated:", *found]))
    elif bundle is not None:
        console.text(f"{name}: {len(bundle.guards)} guards over {len(bundle.transitions)} transitions")
    return Exit.INVALID if faults else Exit.OK


def _read(source: str) -> bytes:
    return sys.stdin.buffer.read(BYTES_MAX + 1) if source == STANDARD_INPUT else Path(source).read_bytes()


def _told(place: str) -> str:
    return place or "(whole)"
