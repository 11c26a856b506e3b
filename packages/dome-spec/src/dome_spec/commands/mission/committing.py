"""A transition with its commit: where it is made, what it takes, and carrying it out."""

from argparse import Namespace
from pathlib import Path

from dome_contracts.schema.missions.status_event import CommitReceipt
from dome_contracts.schema.missions.work_package import WorkPackage
from dome_contracts.schema.shared.definitions import MissionAction
from dome_spec.commands.mission.opening import Opened
from dome_spec.governance import path_matches
from dome_spec.kernel import Runtime
from dome_spec.kernel.vcs_probe import probe
from dome_spec.mission_runtime import (
    ActionQuery,
    Commit,
    GitReference,
    RuntimeRefusal,
    commit_transition,
    resolve_action_context,
    verified_target,
)
from dome_spec.missions import scope
from dome_spec.missions.status import MissionStatus, Wish


class PathNotOwned(RuntimeRefusal):
    """A path lies outside of what the package may change."""

    code = "PATH_NOT_OWNED"


async def committed(
    arguments: Namespace, status: MissionStatus, wish: Wish, *, opened: Opened, runtime: Runtime
) -> CommitReceipt:
    """Carry out the transition with its commit, in the working tree of the package's track.

    Raises PathNotOwned, TargetMismatch, TargetProtected, and what `commit_transition` raises.
    """
    missions = opened.missions
    _refuse_foreign(arguments.path, status.standing.packages[wish.package])
    query = ActionQuery(action=MissionAction.IMPLEMENT, package=wish.package)
    identity = resolve_action_context(query, status.standing, missions.surroundings()).identity
    branches = missions.charter.policies.branches
    root = Path(identity.workspace.root)
    target = verified_target(
        probe(root),
        identity.destination_ref,
        repository_id=identity.repository_id,
        protected=(branches.protected or ()) if branches is not None else (),
        probe_time=opened.now,
    )
    message = {"subject": arguments.commit, **({} if arguments.body is None else {"body": arguments.body})}
    commit = Commit(
        operation_id=opened.scene.ids.new("op"),
        target=target,
        paths=tuple(dict.fromkeys(arguments.path)),
        message=message,
    )
    return await commit_transition(
        status, wish, commit, runtime=runtime, reference=GitReference(root), seen=probe(root)
    )


def _refuse_foreign(paths: list[str], package: WorkPackage) -> None:
    owned = scope(package)
    foreign = [each for each in paths if not path_matches(each, owned)]
    if foreign:
        raise PathNotOwned(
            f"{package.work_package_id} does not own {', '.join(foreign)}",
            why=f"it owns {', '.join(owned) or 'nothing'}",
            hint="Leave it out, or let a package that owns it change it",
        )
