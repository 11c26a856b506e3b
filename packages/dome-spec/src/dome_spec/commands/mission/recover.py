"""`dome mission recover`: settle transitions whose commit was interrupted."""

from argparse import Namespace
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.mission.arguments import add_acting
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.mission.opening import Opened
    from dome_spec.commands.verb import Verbs
    from dome_spec.kernel import Runtime
    from dome_spec.missions.status import MissionStatus

    Connect = Callable[[], Awaitable[Runtime]]

_EXAMPLES: Final = """\
  dome mission recover              settle whatever is under way, in all missions
  dome mission recover parser

Where the commit is on its branch, the package moves; where it is not and never will be, it stands where it stood. A
commit that is being made is waited for. Exit code 75: the daemon cannot say; try again when it runs."""


def add(verbs: "Verbs", connect: "Connect") -> None:
    """Add the verb."""

    async def recover(arguments: Namespace, console: "Console") -> int:
        return await _recover(arguments, console, connect)

    parser = add_verb(verbs, "recover", summary="Settle what was interrupted", examples=_EXAMPLES, run=recover)
    parser.add_argument("mission", metavar="MISSION", nargs="?", help="one of them (default: all)")
    add_acting(parser)


async def _recover(arguments: Namespace, console: "Console", connect: "Connect") -> int:
    from dome_spec.commands.mission.opening import writing
    from dome_spec.commands.mission.queries import statuses
    from dome_spec.commands.mission.remembering import remember

    count = 0
    with writing(arguments) as opened:
        for status in statuses(arguments, opened):
            if any(each.prepared is not None for each in status.snapshot.packages.values()):
                count += await _settle(status, opened, await connect(), console)
            remember(opened, status, status.snapshot.packages, console)
    if not count and not console.as_json:
        console.text("Nothing was under way.")
    return Exit.OK


async def _settle(status: "MissionStatus", opened: "Opened", runtime: "Runtime", console: "Console") -> int:
    from dome_contracts.schema.missions.status_event import CommitReceipt
    from dome_spec.mission_runtime import Deed, GitReference, recover
    from dome_spec.mission_runtime.commit_job import Asking

    opened.permit(Deed.RECOVER, status)
    root, asking = opened.missions.root, Asking(runtime, parent_job_id=opened.scene.job_id)
    settled = await recover(
        status, opened.effector, asking=asking, reference=GitReference(root), worktree_root=str(root)
    )
    for name, outcome in settled:
        commit = outcome.commit if isinstance(outcome, CommitReceipt) else None
        if console.as_json:
            about = {"mission_id": status.mission.mission_id, "work_package_id": name}
            console.record(
                {**about, "operation_id": outcome.operation_id, "commit": commit, "lane": status.lane(name).value}
            )
        else:
            what = "no commit was made; it stands where it stood" if commit is None else f"committed as {commit}"
            console.text(f"{status.mission.slug} {name}: {what} ({status.lane(name).value.replace('_', ' ')}).")
    return len(settled)
