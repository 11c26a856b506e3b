"""`dome memory rekey`: give a copied repository an id, and a memory, of its own."""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs

_EXAMPLES: Final = """\
  cd the-copy && dome memory rekey

The id of a repository lies in its directory of git, so a copy of the directory carries it, and both would write into
one memory. The copy is refused until it has an id of its own. Its memory begins empty; that of the original is left
alone. Clones need none of this: git does not clone the id. Worktrees share the id by design."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    add_verb(verbs, "rekey", summary="Give a copied repository a memory of its own", examples=_EXAMPLES, run=_rekey)


def _rekey(_: Namespace, console: "Console") -> int:
    from dome_spec.commands.surroundings import here

    surroundings = here()
    renewed = surroundings.infra(allow_copy=True).rekey(surroundings.ids)
    if console.as_json:
        console.record({"repository_id": renewed.repository_id, "state_dir": str(renewed.state_dir)})
    else:
        console.text(f"{renewed.root} is {renewed.repository_id}. Its memory is empty.")
    return Exit.OK
