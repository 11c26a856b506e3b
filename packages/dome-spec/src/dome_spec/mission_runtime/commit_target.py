"""A working tree and the branch that a commit in it moves, as one value. A pair that does not fit cannot be made.

The value is made from what a probe saw and a destination, and from nothing else. Before it is used the tree is probed
again, and what was seen then has to be the same: see `still_holds`.
"""

from collections.abc import Collection
from typing import Final

from dome_contracts.canonical import digest
from dome_contracts.schema.mission_runtime.commit_target import CommitCapability, CommitTarget, Protection
from dome_spec.kernel.vcs_probe import Probed
from dome_spec.mission_runtime.nameable import refuse_branch, refuse_directory, refuse_staged
from dome_spec.mission_runtime.refusals import TargetMismatch, TargetMoved, TargetProtected

_MADE_HERE: Final = object()


class VerifiedTarget:
    """A target whose parts fit together. Made by `verified_target` alone."""

    __slots__ = ("document",)

    def __init__(self, document: CommitTarget, made_by: object) -> None:
        if made_by is not _MADE_HERE:
            raise TypeError("a target is made from a probe: use `verified_target`")
        self.document = document
        """What the tool that commits is given."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VerifiedTarget) and self.document == other.document

    def __hash__(self) -> int:
        return hash(self.document.witness)


def verified_target(
    seen: Probed,
    destination: str,
    *,
    repository_id: str,
    protected: Collection[str],
    capability: CommitCapability = CommitCapability.STANDARD,
    probe_time: str,
) -> VerifiedTarget:
    """The target of a commit in the tree that was seen. Raises TargetMismatch, TargetProtected, PlaceUnnameable.

    `protected` are the references that the charter protects; `probe_time` is RFC 3339.
    """
    branch = seen.tree.branch
    if branch != destination:
        there = "no branch" if branch is None else branch.removeprefix("refs/heads/")
        wanted = destination.removeprefix("refs/heads/")
        raise TargetMismatch(
            f"A commit in {seen.tree.root} does not move {wanted}",
            why=f"the working tree is on {there}",
            hint=f"Check {wanted} out in a tree of its own: `git worktree add DIRECTORY {wanted}`",
        )
    refuse_directory(seen.tree.root)
    refuse_directory(seen.git_common_dir)
    refuse_branch(destination)
    refuse_staged(seen.staged_paths)
    protection = Protection.PROTECTED if destination in protected else Protection.OPEN
    if protection is Protection.PROTECTED and capability is CommitCapability.STANDARD:
        raise TargetProtected(
            f"{destination} takes no ordinary work",
            why="the charter protects it",
            hint="Work on the branch of the mission; an integration brings it there",
        )
    value = {
        "schema_version": "1",
        "repository_id": repository_id,
        "worktree_root": str(seen.tree.root),
        "git_common_dir": str(seen.git_common_dir),
        "destination_ref": destination,
        "head": seen.tree.head,
        "protection": protection.value,
        "capability": capability.value,
        "staged_paths": list(seen.staged_paths),
    }
    document = CommitTarget.from_value({**value, "witness": digest(value), "probe_time": probe_time})
    return VerifiedTarget(document, _MADE_HERE)


def still_holds(target: VerifiedTarget, seen: Probed) -> None:
    """Refuse a target whose tree is no longer what was seen. Raises TargetMismatch, TargetMoved."""
    document = target.document
    again = verified_target(
        seen,
        document.destination_ref,
        repository_id=document.repository_id,
        protected=(),
        capability=document.capability,
        probe_time=document.probe_time,
    ).document
    changed = [
        name
        for name in ("worktree_root", "git_common_dir", "head", "staged_paths")
        if getattr(again, name) != getattr(document, name)
    ]
    if changed:
        raise TargetMoved(
            f"{document.worktree_root} has changed since the operation began",
            why=f"other: {', '.join(changed)}",
            hint="Look at what changed, and begin again",
        )
