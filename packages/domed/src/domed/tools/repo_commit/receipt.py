"""What the tool answers: the commit, and what became of each named path. Only looks."""

from dataclasses import dataclass
from typing import Any

from domed.tools.repo_commit.listing import Kind, changes, line_counts
from domed.tools.repo_commit.place import Place
from domed.tools.repo_commit.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class PathReceipt:
    """What became of one named path."""

    path: bytes
    change: Kind
    is_staged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A commit that is on the branch."""

    operation_id: str
    destination_ref: str
    commit: str
    parent: str
    tree: str
    paths: tuple[PathReceipt, ...]
    insertions: int
    deletions: int
    files_without_lines: int

    def value(self, *, was_already_committed: bool) -> dict[str, Any]:
        """The result, as the output schema has it."""
        paths = [
            {"path": each.path.decode("utf-8", "surrogateescape"), "change": each.change, "staged": each.is_staged}
            for each in self.paths
        ]
        return {
            "operation_id": self.operation_id,
            "destination_ref": self.destination_ref,
            "commit": self.commit,
            "parent": self.parent,
            "tree": self.tree,
            "was_already_committed": was_already_committed,
            "paths": paths,
            "stats": {
                "files": sum(each.change != "unchanged" for each in self.paths),
                "insertions": self.insertions,
                "deletions": self.deletions,
                "files_without_lines": self.files_without_lines,
            },
        }


def receipt(place: Place, request: Request, *, commit: str, parent: str, staged: frozenset[bytes]) -> Receipt:
    """The receipt of a commit, about the paths of a request. `staged`: what the index holds beside the branch."""
    before, tree = place.tree_of(parent), place.tree_of(commit)
    kinds = {change.path: change.kind for change in changes(place.git, before, tree)}
    counts = line_counts(place.git, before, tree)
    changed = [path for path in request.paths if path in kinds]
    counted = [counts[path] for path in changed if path in counts]
    return Receipt(
        operation_id=request.operation_id,
        destination_ref=request.target.destination_ref,
        commit=commit,
        parent=parent,
        tree=tree,
        paths=tuple(
            PathReceipt(path=path, change=kinds.get(path, "unchanged"), is_staged=path in staged)
            for path in request.paths
        ),
        insertions=sum(added for added, _ in counted),
        deletions=sum(deleted for _, deleted in counted),
        files_without_lines=len(changed) - len(counted),
    )
