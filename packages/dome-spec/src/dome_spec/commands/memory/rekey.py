"""`dome memory rekey`: give a copied repository an id, and a memory, of its own."""

from argparse import Namespace
from typing import TYPE_CHECKING, ClassVar, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.surroundings import Surroundings
    from dome_spec.commands.verb import Verbs

_EXAMPLES: Final = """\
  cd the-copy && dome memory rekey

The id of a repository lies in its directory of git, so a copy of the directory carries it, and both would write into
one memory. The copy is refused until it has an id of its own. Its memory begins empty; that of the original is left
alone. Clones need none of this: git does not clone the id. Worktrees share the id by design.
In a repository that is no copy it would only part it from its memory, and is refused without --forget."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(
        verbs, "rekey", summary="Give a copied repository a memory of its own", examples=_EXAMPLES, run=_rekey
    )
    parser.add_argument(
        "--forget", action="store_true", help="also where it is no copy: its memory stays where it is, and is nobody's"
    )


def _rekey(arguments: Namespace, console: "Console") -> int:
    from dome_spec.commands.surroundings import here

    surroundings = here()
    if not arguments.forget:
        _refuse_original(surroundings)
    renewed = surroundings.infra(allow_copy=True).rekey(surroundings.ids)
    if console.as_json:
        console.record({"repository_id": renewed.repository_id, "state_dir": str(renewed.state_dir)})
    else:
        console.text(f"{renewed.root} is {renewed.repository_id}. Its memory is empty.")
    return Exit.OK


def _refuse_original(surroundings: "Surroundings") -> None:
    """Raise NoCopy where a memory would be left behind that is rightly this repository's."""
    from dome_spec.kernel import Refusal, RepositoryCopied, RepositoryKeyDamaged

    class NoCopy(Refusal):
        """The repository is no copy, and has a memory."""

        code: ClassVar[str] = "REPOSITORY_NOT_COPIED"

    try:
        infra = surroundings.infra()
    except (RepositoryCopied, RepositoryKeyDamaged):
        return
    if infra.git_common_dir is not None and infra.repository_id is not None and infra.state_dir.is_dir():
        raise NoCopy(
            f"{infra.root} is no copy, and its memory would be left behind",
            why=f"it is {infra.repository_id}, whose state is in {infra.state_dir}",
            hint="Give the command in the copy; `dome memory rekey --forget` begins anew here all the same",
        )
