"""The command and its words. What it does is done beside it."""

from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dome_spec.commands.promote.door import SUMMARY
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from dome_spec.commands.console import Console
    from dome_spec.kernel import Runtime

_EXAMPLES: Final = """\
  dome promote run-nightly.12 --commit HEAD --to refs/heads/main
  dome promote run-nightly.12 --commit 1f0c --to main --confirm sha256:9b... --statement "Read and tried."
  dome promote run-nightly.12 --commit 1f0c --to main --decline sha256:9b... --statement "The name is wrong."
  dome promote run-nightly.12 --commit HEAD --to main --json | jq .shown_digest
  dome promote run-nightly.12 --export > promotion.intoto.json

It rests on what the gates decided of the last attempts (`dome gate eval`), shows them, and moves nothing: the decision
is kept for whoever integrates the commit. What is shown has a digest. With it, --confirm is refused where the gates
have decided anew since; without it, it is asked for on the terminal that shows it, and refused where there is none.
--export decides nothing: it prints the last decision, of this commit and destination where they are named, as a
Statement of in-toto, unsigned, with the gate decisions that it rests on. The same decision gives the same bytes.
Exit code 0: APPROVE. 1: REJECT. 67: NEEDS_HUMAN, until a person confirms or declines."""


def register(cli: "_SubParsersAction[ArgumentParser]", runtime: "Callable[[], Awaitable[Runtime]]") -> None:
    """Add the command. It needs no daemon."""
    parser = add_verb(cli, "promote", summary=SUMMARY, examples=_EXAMPLES, run=_promote)
    parser.add_argument("run_id", metavar="RUN", help="the run whose gates have decided")
    parser.add_argument("--commit", metavar="SHA", help="the commit, in any way git names one")
    parser.add_argument("--to", metavar="REF", help="the reference that shall name it, or a branch")
    answer = parser.add_mutually_exclusive_group()
    for word, meaning in (("confirm", "confirm"), ("decline", "decline")):
        answer.add_argument(
            f"--{word}",
            metavar="DIGEST",
            nargs="?",
            const="",
            default=SUPPRESS,
            help=f"{meaning} what is shown, as the person who gives this command; DIGEST: what was shown before; "
            "without it the terminal asks",
        )
    parser.add_argument("--statement", metavar="TEXT", help="what the person says to it, in a line")
    parser.add_argument("--ask", action="store_true", help="ask for a person also where no gate and no guard does")
    parser.add_argument("--export", action="store_true", help="print the last decision as a Statement of in-toto")
    parser.add_argument("--overlay", metavar="FILE", type=Path, help="a bundle of guards that the run adds")


def _promote(arguments: Namespace, console: "Console") -> int:
    if arguments.export:
        from dome_spec.commands.promote.exporting import export

        return export(arguments, console)
    from dome_spec.commands.promote.promoting import promote

    return promote(arguments, console)
