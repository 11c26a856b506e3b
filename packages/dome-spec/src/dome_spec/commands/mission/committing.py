"""A transition with its commit: where it is made, what it takes, and carrying it out."""

import posixpath
from argparse import Namespace
from pathlib import Path

from dome_contracts.schema.missions.review_result import CommitRange
from dome_contracts.schema.missions.status_event import CommitReceipt
from dome_contracts.schema.shared.definitions import MissionAction
from dome_spec.commands.mission.opening import Opened
from dome_spec.commands.verb import UsageWrong
from dome_spec.kernel import Repository, Runtime
from dome_spec.kernel.vcs_probe import probe
from dome_spec.mission_runtime import (
    ActionQuery,
    Commit,
    GitReference,
    commit_transition,
    resolve_action_context,
    verified_target,
)
from dome_spec.mission_runtime.commit_job import Asking
from dome_spec.mission_runtime.commit_policy import refuse_commit
from dome_spec.mission_runtime.handed_in import refuse_beyond_scope, refuse_not_owned, work_of
from dome_spec.missions.status import MissionStatus, TransitionRefused, Wish, held_up


async def committed(
    arguments: Namespace, status: MissionStatus, wish: Wish, *, opened: Opened, runtime: Runtime
) -> CommitReceipt:
    """Carry out the transition with its commit, in the working tree of the package's track.

    Raises PathNotOwned, CommitAgainstCharter, TargetMismatch, TargetProtected, and what `commit_transition` raises.
    """
    missions = opened.missions
    paths = tuple(dict.fromkeys(map(_from_root, arguments.path)))
    status.package(wish.package)
    refuse_not_owned(paths, status.standing.packages[wish.package])
    refuse_commit(missions.charter.policies.commits, arguments.commit)
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
    _refuse_earlier(status, wish.package, head=target.document.head, root=root)
    message = {"subject": arguments.commit, **({} if arguments.body is None else {"body": arguments.body})}
    commit = Commit(
        operation_id=opened.scene.ids.new("op"),
        target=target,
        paths=paths,
        message=message,
    )
    asking = Asking(runtime, parent_job_id=opened.scene.job_id)
    return await commit_transition(status, wish, commit, asking=asking, reference=GitReference(root), seen=probe(root))


def refuse_held_up(status: MissionStatus, package: str) -> None:
    """Refuse a package that does not move, before its working tree is looked at: a commit may be under way there.

    Raises TransitionRefused, PackageUnknown.
    """
    held = held_up(status.package(package))
    if held is not None:
        raise TransitionRefused(held.code, f"{package}: submit is refused", why=held.why, hint=held.hint)


def _refuse_earlier(status: MissionStatus, package: str, *, head: str, root: Path) -> None:
    """Refuse what was committed since the package was begun and is handed in with it. Raises PathNotOwned."""
    began = status.package(package).workspace
    if began is None:
        return
    commits = CommitRange(kind="commits", base=began.base, head=head)
    with Repository.find(root) as repository:
        refuse_beyond_scope(repository, work_of(status.standing, package, commits))


def _from_root(path: str) -> str:
    """The path as git writes it. Raises UsageWrong where it does not begin at the root of the repository."""
    normal = posixpath.normpath(path)
    if normal.startswith(("/", "../")) or normal in {".", ".."} or any("\ud800" <= each <= "\udfff" for each in normal):
        raise UsageWrong(f"--path {path}: write the path of a file from the root of the repository, such as src/a.py")
    return normal
