"""Whether what a commit changed has come to lie on a branch, and with which commit: by ancestry, else by content.

A squash, a rebase and a cherry-pick leave no trace of the commit itself. What they leave is proven here: a commit of
the branch's own line in which every path that was changed is as it was left, or one that makes the very same changes,
line by line, where the branch had gone on. Reads only; what cannot be proven is not there.
"""

import difflib
import stat
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cache, lru_cache
from itertools import islice
from typing import Final, NamedTuple

from dome_spec.kernel.vcs import Repository
from dome_spec.kernel.vcs_files import Entry
from dome_spec.kernel.vcs_probe import COMMITS_MAX, NO_COMMIT

TEXT_BYTES_MAX: Final = 512 * 1024
"""Largest file that is compared line by line."""
_BINARY_PROBE_BYTES: Final = 8_000
_TREES_MAX: Final = 512
"""Directories that are remembered: commits in a row share most of theirs."""

Parents = Mapping[str, Iterable[str]]
"""Commits, each with those that it goes on from."""
Change = tuple[Entry | None, Entry | None]
"""What a path was and what it became; None: not there."""


class Proof(StrEnum):
    """How it is known that a commit landed."""

    ANCESTRY = "ancestry"
    CONTENT = "content"


class Landed(NamedTuple):
    """The commit of the branch's own line with which it came, and the one before it."""

    commit: str
    parent: str
    proof: Proof


def landed(repository: Repository, accepted: str, tip: str) -> Landed | None:
    """How an accepted commit came to lie on the branch that ends with the tip; None where that is not shown.

    Raises RefNotFound, RepositoryUnreadable.
    """
    return _landed(repository, accepted, tip, _walked(repository, tip))


def holds_all(repository: Repository, accepted: Iterable[str], tip: str) -> bool:
    """Whether all of these commits landed there; one that another goes on from, with that one. Raises as `landed`."""
    known = _walked(repository, tip)
    beyond = {each: set(_beyond(repository, each, known)) for each in set(accepted) - known.keys()}
    last = [each for each in beyond if not any(each in beyond[other] for other in beyond.keys() - {each})]
    return all(_landed(repository, each, tip, known) is not None for each in last)


def changed(repository: Repository, old: str, new: str) -> Mapping[bytes, Change]:
    """The paths that differ between two commits, each with what it was and what it became."""
    return dict(_differing(repository, (repository.tree_id(old), repository.tree_id(new)), b""))


def _landed(repository: Repository, accepted: str, tip: str, known: Parents) -> Landed | None:
    line = list(_own_line(known, tip))
    if accepted in known:
        after = _descendants(known, accepted)
        commit = next(each for each in reversed(line) if each in after)
        return Landed(commit, next(iter(known[commit]), NO_COMMIT), Proof.ANCESTRY)
    own = _beyond(repository, accepted, known)
    shared = {parent for parents in own.values() for parent in parents if parent in known}
    if not shared:
        return None
    base = _last(known, shared)
    before = _reached(known, shared)
    changes = changed(repository, base, accepted)
    since = [each for each in line if each not in before]
    found = _with_content(repository, changes, since) if changes else None
    return None if found is None else Landed(found, _parent(repository, found), Proof.CONTENT)


def _walked(repository: Repository, tip: str) -> Parents:
    """The commits that the tip goes on from, itself first and nearer ones before others, as far as is looked."""
    found: dict[str, list[str]] = {}
    waiting = [tip]
    while waiting and len(found) < COMMITS_MAX:
        found |= {each: repository.parents(each) for each in waiting}
        following = (parent for each in waiting for parent in found[each])
        waiting = list(dict.fromkeys(each for each in following if each not in found))
    return found


def _beyond(repository: Repository, start: str, known: Parents) -> Parents:
    """The commits that one goes on from, itself included, as far as they are not known."""
    found: dict[str, list[str]] = {}
    waiting = [start]
    while waiting and len(found) < COMMITS_MAX:
        commit = waiting.pop()
        if commit not in found and commit not in known:
            found[commit] = repository.parents(commit)
            waiting += found[commit]
    return found


def _last(known: Parents, among: set[str]) -> str:
    """One of the commits from which no other one of them goes on, the nearest to the tip of such as can be reached."""
    found, *later = (each for each in known if each in among)
    while later:
        after = _descendants(known, found)
        later = [each for each in later if each in after]
        if later:
            found, *later = later
    return found


def _own_line(known: Parents, tip: str) -> Iterator[str]:
    at: str | None = tip
    while at is not None and at in known:
        yield at
        at = next(iter(known[at]), None)


def _descendants(known: Parents, start: str) -> set[str]:
    children: dict[str, list[str]] = {}
    for commit, parents in known.items():
        for parent in parents:
            children.setdefault(parent, []).append(commit)
    return _reached(children, {start})


def _reached(edges: Mapping[str, Iterable[str]], starts: set[str]) -> set[str]:
    found, waiting = set(starts), list(starts)
    while waiting:
        for each in edges.get(waiting.pop(), ()):
            if each not in found:
                found.add(each)
                waiting.append(each)
    return found


def _parent(repository: Repository, commit: str) -> str:
    return next(iter(repository.parents(commit)), NO_COMMIT)


def _with_content(repository: Repository, changes: Mapping[bytes, Change], since: list[str]) -> str | None:
    """The oldest commit that left every path as the changes did, else the oldest that makes the same changes."""

    @lru_cache(_TREES_MAX)
    def entries(tree_id: str) -> Mapping[bytes, Entry]:
        return repository.entries(tree_id)

    @cache
    def entry(commit: str, path: bytes) -> Entry | None:
        *folders, name = path.split(b"/")
        at = repository.tree_id(commit)
        for folder in folders:
            found = entries(at).get(folder)
            if found is None or not stat.S_ISDIR(found.mode):
                return None
            at = found.object_id
        return entries(at).get(name)

    for commit in reversed(since):
        if all(entry(commit, path) == became for path, (_, became) in changes.items()):
            return commit
    first = min(changes)
    for commit in reversed(since):
        before = _parent(repository, commit)
        if before == NO_COMMIT or entry(before, first) == entry(commit, first):
            continue
        if _is_same_patch(repository, changes, changed(repository, before, commit)):
            return commit
    return None


def _is_same_patch(repository: Repository, one: Mapping[bytes, Change], other: Mapping[bytes, Change]) -> bool:
    if one.keys() != other.keys():
        return False
    return all(_is_same_change(repository, change, other[path]) for path, change in one.items())


def _is_same_change(repository: Repository, one: Change, other: Change) -> bool:
    if one == other:
        return True
    (old, new), (before, after) = one, other
    if old is None or new is None or before is None or after is None:
        return False
    if (old.mode, new.mode) != (before.mode, after.mode) or not all(stat.S_ISREG(each.mode) for each in (old, new)):
        return False
    texts = [_text(repository, each) for each in (old, new, before, after)]
    if any(each is None for each in texts):
        return False
    first, second = texts[:2], texts[2:]
    return _lines_of(first[0] or [], first[1] or []) == _lines_of(second[0] or [], second[1] or [])


def _lines_of(old: list[bytes], new: list[bytes]) -> list[bytes]:
    """The lines of a patch with their surroundings, without the numbers of lines."""
    patch = difflib.diff_bytes(difflib.unified_diff, old, new)
    return [line for line in islice(patch, 2, None) if not line.startswith(b"@@")]


def _text(repository: Repository, entry: Entry) -> list[bytes] | None:
    """The lines of a file; None of one that is no text, or too large to be compared by lines."""
    data = repository.blob(entry.object_id)
    if len(data) > TEXT_BYTES_MAX or b"\0" in data[:_BINARY_PROBE_BYTES]:
        return None
    return data.splitlines(keepends=True)


def _differing(
    repository: Repository, trees: tuple[str | None, str | None], prefix: bytes
) -> Iterator[tuple[bytes, Change]]:
    """The differing files below two directories; what is equal is not looked into."""
    if trees[0] == trees[1]:
        return
    old, new = ({} if each is None else repository.entries(each) for each in trees)
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        folders = [each is not None and stat.S_ISDIR(each.mode) for each in (before, after)]
        if any(folders):
            below = tuple(
                each.object_id if each is not None and is_folder else None
                for each, is_folder in zip((before, after), folders, strict=True)
            )
            yield from _differing(repository, (below[0], below[1]), prefix + name + b"/")
        files = [None if is_folder else each for each, is_folder in zip((before, after), folders, strict=True)]
        if files != [None, None]:
            yield prefix + name, (files[0], files[1])
