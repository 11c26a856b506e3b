"""What an attempt changed in the repository, read from its evidence: a diff that it left, or the commit that it made.

Pure. Where the evidence does not say it, nothing is guessed: then it is not known.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from dome_contracts.schema.knowledge.evidence_capsule import ChangeSummary, EvidenceMember
from dome_contracts.schema.shared.definitions import EvidenceKind
from dome_spec.kernel import NotJson, read_json

COMMITTING_SKILL: Final = "repo.commit"
"""The tool whose result says what it committed."""
_HUNK: Final = re.compile(rb"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_NOWHERE: Final = b"/dev/null"
_PATHS_MAX: Final = 10_000


def change_shown(
    members: Sequence[EvidenceMember], skill_id: str, read: Callable[[str], bytes]
) -> ChangeSummary | None:
    """What the evidence of an attempt says of its change: its diffs where it left any, else the commit that it made.

    `read` gives the bytes of a digest, and raises what it raises.
    """
    diffs = [each.evidence.digest for each in members if each.kind is EvidenceKind.DIFF]
    if diffs:
        return change_of_diffs(read(each) for each in diffs)
    results = [each.evidence.digest for each in members if each.kind is EvidenceKind.RESULT]
    if skill_id == COMMITTING_SKILL and results:
        return change_of_commit(read(results[0]))
    return None


def change_of_diffs(diffs: Iterable[bytes]) -> ChangeSummary | None:
    """The sum of unified diffs, as `git diff` writes them; None where one of them cannot be read as one."""
    paths: set[str] = set()
    added = deleted = 0
    for diff in diffs:
        counted = _counted(diff, paths)
        if counted is None:
            return None
        added, deleted = added + counted[0], deleted + counted[1]
    return _summary(paths, added, deleted)


def change_of_commit(result: bytes) -> ChangeSummary | None:
    """What a commit changed, from the result of `repo.commit`; None where it is none."""
    try:
        value = read_json(result)
        paths = {str(each["path"]) for each in value["paths"] if each["change"] != "unchanged"}
        stats = value["stats"]
        added, deleted = int(stats["insertions"]), int(stats["deletions"])
        if int(stats["files_without_lines"]):
            return None  # how much of a binary file changed is not said
    except (NotJson, KeyError, TypeError, ValueError):
        return None
    return _summary(paths, added, deleted)


def _summary(paths: set[str], added: int, deleted: int) -> ChangeSummary | None:
    if len(paths) > _PATHS_MAX:
        return None
    return ChangeSummary(paths=sorted(paths), lines_added=added, lines_deleted=deleted)


def _counted(diff: bytes, paths: set[str]) -> tuple[int, int] | None:
    """Lines added and deleted; the paths are entered. None where the text is no diff to its end."""
    added = deleted = left_old = left_new = files = 0
    for line in diff.splitlines():
        if left_old or left_new:
            mark = line[:1]
            added, deleted = added + (mark == b"+"), deleted + (mark == b"-")
            left_new -= mark in (b"+", b" ", b"")
            left_old -= mark in (b"-", b" ", b"")
            if mark not in b"+- \\" or min(left_old, left_new) < 0:
                return None
        elif (hunk := _HUNK.match(line)) is not None:
            left_old, left_new = (int(count) if count else 1 for count in hunk.groups())
        elif line.startswith((b"--- ", b"+++ ")):
            files += 1
            if not _entered(line[4:], paths):
                return None
        elif line.startswith((b"rename from ", b"rename to ", b"copy to ")):
            files += 1
            if not _entered(b"a/" + line.partition(b" ")[2].partition(b" ")[2], paths):
                return None
        elif line.startswith(b"Binary files ") or line == b"GIT binary patch":
            return None  # how much of it changed is not said
    whole = left_old == left_new == 0 and (files > 0 or not diff.strip())
    return (added, deleted) if whole else None


def _entered(name: bytes, paths: set[str]) -> bool:
    """Whether the path of a header is one; the prefix that git writes is left away."""
    name = name.partition(b"\t")[0]
    if name == _NOWHERE:
        return True
    try:
        path = name.decode()
    except UnicodeDecodeError:
        return False
    head, slash, rest = path.partition("/")
    if not slash or head not in {"a", "b", "c", "i", "w", "o"} or path.startswith('"'):
        return False
    paths.add(rest)
    return True
