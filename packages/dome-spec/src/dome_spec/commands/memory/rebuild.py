"""`dome memory rebuild`: derive everything anew from the facts."""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs

_EXAMPLES: Final = """\
  dome memory rebuild

What comes out is, byte for byte, what was kept while the facts came in: it repairs what `dome memory verify` found,
and is needed for nothing else. Facts and evidence are left alone. It is one transaction: interrupted, nothing has
changed."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    add_verb(verbs, "rebuild", summary="Derive everything anew from the facts", examples=_EXAMPLES, run=_rebuild)


def _rebuild(_: Namespace, console: "Console") -> int:
    from dome_spec.commands.memory.opening import opened_for_asking

    with opened_for_asking(console) as opened:
        console.progress("deriving everything anew")
        count = opened.memory.rebuild()
        digest = opened.memory.snapshot_digest()
    if console.as_json:
        console.record({"facts": count, "snapshot": digest})
    else:
        console.text(f"Derived anew from {count} facts.")
    return Exit.OK
