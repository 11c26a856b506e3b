"""`dome mission accept`: judge a mission by its requirements and by what must not be."""

from argparse import Namespace
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.mission.arguments import add_acting, prose
from dome_spec.commands.mission.shown import add_shown
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.mission.judging import Judged
    from dome_spec.commands.verb import Verbs
    from dome_spec.kernel import Runtime

    Connect = Callable[[], Awaitable[Runtime]]

_LINES_SHOWN_MAX: Final = 5
_EXAMPLES: Final = """\
  dome mission accept parser                                            what is still to be shown
  dome mission accept parser --met all --absent all --note "Tried by hand" --commit missions/parser/track-01
  dome mission accept parser --met FR-001 --unmet FR-002 --reason "It comes with the next mission"
  dome mission accept parser --met all --absent NI-001 --note "Looked myself, without the daemon"

A person decides, on a commit that holds the work of every approved package. Nothing is taken for shown: what is not
named stays pending. What must not be, and has a `search` in mission.yaml, is searched for in that commit by the daemon,
unless it is named itself; `all` are the others. Exit code 1: it is pending or refused; that is recorded too, and can be
judged again. Exit code 69: there is a search and no daemon; then nothing is recorded."""


def add(verbs: "Verbs", connect: "Connect") -> None:
    """Add the verb."""

    async def accept(arguments: Namespace, console: "Console") -> int:
        return await _accept(arguments, console, connect)

    parser = add_verb(verbs, "accept", summary="Judge a mission", examples=_EXAMPLES, run=accept)
    parser.add_argument("mission", metavar="MISSION")
    for name, text in (("met", "a requirement that is met"), ("unmet", "one that is not")):
        parser.add_argument(f"--{name}", metavar="ID|all", action="append", default=[], help=text)
    for name, text in (("absent", "what must not be, and is not"), ("present", "what must not be, and is")):
        parser.add_argument(f"--{name}", metavar="ID|all", action="append", default=[], help=text)
    parser.add_argument(
        "--defer", metavar="ID=WHY", type=prose, action="append", default=[], help="what is looked at later"
    )
    parser.add_argument(
        "--reason", metavar="TEXT", type=prose, help="why it is decided so, where the findings do not say it"
    )
    add_shown(parser)
    parser.add_argument(
        "--commit", metavar="REV", help="the commit that is judged (default: the tip that holds all packages)"
    )
    add_acting(parser)


async def _accept(arguments: Namespace, console: "Console", connect: "Connect") -> int:
    from dome_contracts.schema.missions.acceptance import AcceptanceVerdict
    from dome_spec.commands.mission.judging import judged
    from dome_spec.commands.mission.opening import writing

    with writing(arguments) as opened:
        status = opened.status(arguments.mission)
        found = await judged(arguments, status, opened, connect)
    acceptance = found.acceptance
    if console.as_json:
        console.record(acceptance.to_value())
    else:
        console.text(f"{status.mission.slug}: {acceptance.verdict.value} at {acceptance.commit[:12]}")
        for line in _lines(found):
            console.text(line)
        for line in _ways_on(found, status.mission.slug):
            console.note(line)
    return Exit.OK if acceptance.verdict is AcceptanceVerdict.ACCEPTED else Exit.FAILED


def _lines(found: "Judged") -> Iterator[str]:
    for criterion in found.acceptance.criteria:
        yield f"  {' '.join(criterion.requirements)}: {criterion.state.value}  {criterion.text}"
    for finding in found.acceptance.negative_invariants:
        why = f"  {finding.reason}" if finding.reason else ""
        yield f"  {finding.id}: {finding.state.value.replace('_', ' ')}{why}"
        lines = found.found[finding.id].lines if finding.id in found.found else ()
        yield from (f"    {each}" for each in lines[:_LINES_SHOWN_MAX])
        if len(lines) > _LINES_SHOWN_MAX:
            yield f"    and {len(lines) - _LINES_SHOWN_MAX} more"


def _ways_on(found: "Judged", slug: str) -> Iterator[str]:
    """What would bring what is open to an end."""
    from dome_contracts.schema.missions.acceptance import AcceptanceVerdict, CriterionState, InvariantState

    acceptance = found.acceptance
    if acceptance.verdict is AcceptanceVerdict.ACCEPTED:
        yield f"When it is on its destination: dome mission integrate {slug}"
        return
    if found.open_packages:
        yield f"Not through yet: {', '.join(found.open_packages)}. See them: dome board {slug}"
    pending = [each for each in acceptance.criteria if each.state is CriterionState.PENDING]
    if pending:
        names = ", ".join(name for each in pending for name in each.requirements)
        yield f"To be shown: {names}. Say what was found: {_form('met', 'unmet')}"
    unknown = {InvariantState.PENDING, InvariantState.VERIFICATION_FAILED}
    unseen = [each.id for each in acceptance.negative_invariants if each.state in unknown]
    if unseen:
        yield f"Not looked for: {', '.join(unseen)}. Say what was found: {_form('absent', 'present')}"
    if acceptance.verdict is AcceptanceVerdict.REFUSED:
        yield f"It is refused as it stands. Mend it and judge it again, or give it up: dome mission cancel {slug}"


def _form(one: str, other: str) -> str:
    return f"--{one} ID or --{other} ID, with --note TEXT or --evidence FILE"
