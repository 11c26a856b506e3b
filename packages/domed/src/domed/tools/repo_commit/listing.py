"""What an index holds and how two trees differ, read from git's own listings. Changes nothing."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from dome_contracts.tool import ToolFailure
from domed.tools.repo_commit.git import Git, fields, shown

SUBMODULE: Final = "160000"
NO_ENTRY: Final = "000000"

Kind = Literal["added", "modified", "deleted", "unchanged"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One file as git stores it."""

    mode: str
    object_id: str


class Listing:
    """The entries of an index, in the order of their paths."""

    def __init__(self, entries: dict[bytes, Entry], hidden: frozenset[bytes]) -> None:
        self.entries = entries
        self.hidden = hidden
        """Paths that the working tree is told not to have: outside of a sparse checkout."""
        self._order: list[bytes] = []

    @classmethod
    def of(cls, git: Git, index: bytes | None = None) -> "Listing":
        """What an index holds; None: that of the working tree. Raises ToolFailure where a path is unmerged."""
        entries: dict[bytes, Entry] = {}
        hidden: set[bytes] = set()
        for line in fields(git.must("ls-files", "-z", "-s", "-t", index=index).output):
            head, _, path = line.partition(b"\t")
            tag, mode, object_id, stage = head.decode().split(" ")
            if stage != "0":
                problem = f"{shown(path)} has a conflict that is not resolved."
                raise ToolFailure("COMMIT.OPERATION_IN_PROGRESS", f"{problem} Resolve it, then probe again.")
            entries[path] = Entry(mode, object_id)
            if tag == "S":
                hidden.add(path)
        return cls(entries, frozenset(hidden))

    def in_the_way_of(self, path: bytes) -> Iterator[bytes]:
        """Entries that cannot be beside a file: files where its folders are, files within it as a folder."""
        yield from (folder for folder in parents(path) if folder in self.entries)
        if not self._order:
            self._order = sorted(self.entries)
        within = path + b"/"
        for place in range(bisect_left(self._order, within), len(self._order)):
            if not self._order[place].startswith(within):
                return
            yield self._order[place]


@dataclass(frozen=True, slots=True)
class Change:
    """One path that differs between two trees; an entry is None where the tree does not have it."""

    path: bytes
    before: Entry | None
    after: Entry | None

    @property
    def kind(self) -> Kind:
        """What happened to it."""
        return "added" if self.before is None else "deleted" if self.after is None else "modified"


def changes(git: Git, before: str, after: str) -> list[Change]:
    """How a tree differs from another, by path."""
    output = fields(git.must("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", before, after).output)
    return [
        Change(path, *_entries(facts.decode())) for facts, path in zip(output[::2], output[1::2], strict=True)
    ]  # fmt: skip


def _entries(facts: str) -> tuple[Entry | None, Entry | None]:
    old_mode, new_mode, old_id, new_id, _status = facts.removeprefix(":").split(" ")
    return (
        None if old_mode == NO_ENTRY else Entry(old_mode, old_id),
        None if new_mode == NO_ENTRY else Entry(new_mode, new_id),
    )


def staged(git: Git, tree: str, index: bytes | None = None) -> frozenset[bytes]:
    """Paths whose entry in an index differs from a tree. An intent to add is no content yet."""
    options = ("--cached", "--name-only", "--no-renames", "--ita-invisible-in-index", "--no-ext-diff")
    return frozenset(fields(git.must("diff-index", "-z", *options, tree, "--", index=index).output))


def line_counts(git: Git, before: str, after: str) -> dict[bytes, tuple[int, int]]:
    """Lines that were added and deleted, of each path that is text; empty where git cannot tell."""
    answer = git.ask(
        "diff-tree", "-r", "-z", "--numstat", "--no-renames", "--no-ext-diff", "--no-textconv", before, after
    )
    found: dict[bytes, tuple[int, int]] = {}
    for line in fields(answer.output) if answer.exit_code == 0 else []:
        added, deleted, path = line.split(b"\t", 2)
        if added != b"-":
            found[path] = (int(added), int(deleted))
    return found


def parents(path: bytes) -> list[bytes]:
    """The folders of a path, from the top."""
    parts = path.split(b"/")
    return [b"/".join(parts[:count]) for count in range(1, len(parts))]
