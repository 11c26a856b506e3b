"""Whether a commit is what the charter asks of commits, before it is made. Pure.

Dome signs nothing: where signatures are required, it makes no commit.
"""

import re
from collections.abc import Iterator
from typing import Final

from dome_contracts.exit_codes import Exit
from dome_contracts.schema.governance.charter import CommitPolicy, Demand, SubjectStyle
from dome_spec.mission_runtime.refusals import RuntimeRefusal

_CONVENTIONAL: Final = re.compile(r"[a-z][a-z0-9-]*(\([^()\s]+\))?!?: \S.*")


class CommitAgainstCharter(RuntimeRefusal):
    """The charter asks something else of commits."""

    code = "COMMIT_AGAINST_CHARTER"
    exit_code = Exit.PRECONDITION


def refuse_commit(policy: CommitPolicy | None, subject: str) -> None:
    """Refuse a commit with that first line. Raises CommitAgainstCharter, which names what the charter says."""
    found = () if policy is None else tuple(_against(policy, subject))
    if found:
        lines, hints = zip(*found, strict=True)
        raise CommitAgainstCharter(
            f"The commit {subject!r} is not made",
            why=f"the charter says {' and '.join(lines)}",
            hint="; ".join(hints),
        )


def _against(policy: CommitPolicy, subject: str) -> Iterator[tuple[str, str]]:
    """What the charter says against it, and what to do."""
    if policy.subject is SubjectStyle.CONVENTIONAL and _CONVENTIONAL.fullmatch(subject) is None:
        yield (
            "policies.commits.subject: conventional",
            "Write `type(scope): what`, such as `feat(dates): parse offsets`",
        )
    longest = policy.subject_characters_max
    if longest is not None and len(subject) > longest:
        yield (
            f"policies.commits.subject_characters_max: {longest}",
            f"Shorten it from {len(subject)} characters; `--body` takes the rest",
        )
    if policy.signature is Demand.REQUIRED:
        yield (
            "policies.commits.signature: required",
            "Commit and sign it yourself, then hand it in: `--commits BASE..HEAD`",
        )
