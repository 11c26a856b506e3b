"""`dome contracts bless`: make the contracts as they stand what later changes are compared with."""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.contracts.verb import add_verb
from dome_spec.commands.verb import UsageWrong

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs
    from dome_spec.contracts.baseline import Plan

_EXAMPLES: Final = """\
  dome contracts bless --all --dry-run                              what would move, and what it asks for
  dome contracts bless planning/task_spec                           an internal family asks for nothing
  dome contracts bless runtime/run_manifest --note "Add `host`."    an experimental one for a line of the changelog
  dome contracts bless runtime/run_manifest --adr 0012              a broken stable one for a decision
  dome contracts bless wire reasons --note "Add CANCELED."          the protos, and the reason catalogue

All or nothing is written. A decision, never a repair: readers of the earlier form may be left behind. A removed reason
is never blessed. Protos are blessed as they were generated: run `./just gen` first.
Exit code 67: it was refused; the words say what is missing."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(
        verbs, "bless", summary="Move the baseline to the contracts as they stand", examples=_EXAMPLES, run=_bless
    )
    parser.add_argument("families", metavar="FAMILY", nargs="*", help="family to bless; also `reasons` and `wire`")
    parser.add_argument("--all", action="store_true", help="bless everything that differs from the baseline")
    parser.add_argument("--note", metavar="TEXT", default="", help="what moves for users; a line of the changelog")
    parser.add_argument("--adr", metavar="NNNN", default="", help="number of the decision that breaks a stable family")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")


def _bless(arguments: Namespace, console: "Console") -> int:
    from dome_spec.contracts.baseline import Asked, bless, prepare
    from dome_spec.contracts.check import Options
    from dome_spec.contracts.layout import Layout

    if bool(arguments.families) == arguments.all:
        raise UsageWrong("name the families to bless, or say --all")
    layout = Layout.find(console.directory)
    asked = Asked(families=tuple(arguments.families), note=arguments.note, adr=arguments.adr)
    prepared = prepare(layout, asked, Options(progress=console.progress))
    if not prepared.refused and not arguments.dry_run:
        bless(layout, prepared, asked)
    _show(prepared, "would bless" if arguments.dry_run or prepared.refused else "blessed", console)
    return Exit.PRECONDITION if prepared.refused else Exit.OK


def _show(prepared: "Plan", word: str, console: "Console") -> None:
    if console.as_json:
        for move in prepared.moves:
            console.record({"outcome": word, **move.document()})
        for each in prepared.refused:
            console.record({"refused": {"family": each.family, "what": each.what, "remedy": each.remedy}})
        return
    for move in prepared.moves:
        console.text(f"{word}  {move.family}: {move.verdict}" + (f" ({move.tier})" if move.tier else ""))
    for remedy in dict.fromkeys(each.remedy for each in prepared.refused):
        for each in (each for each in prepared.refused if each.remedy == remedy):
            console.note(f"refused  {each.family}: {each.what.rstrip('.')}.")
        console.note(f"  {remedy}")
    if prepared.refused:
        console.note("Nothing was written.")
    elif not prepared.moves:
        console.text("Nothing to bless: the baseline is as the contracts are.")
