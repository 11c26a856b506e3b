"""What is promoted, from the words of the command: the commit, in any way git names one, and the reference."""

import re
from pathlib import Path
from typing import Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.verb import UsageWrong
from dome_spec.kernel import NotARepository, RefNotFound, Refusal, Repository

_BRANCHES: Final = "refs/heads/"
_REFERENCE: Final = re.compile(r"refs(?:/[!-~]+)+", re.ASCII)
_NO_NAME: Final = re.compile(r"//|/\.|\.\.|@\{|[~^:?*\[\\]|(?:/|\.|\.lock)(?:/|$)")
"""What git has in no name of a reference."""
_REFERENCE_CHARACTERS_MAX: Final = 240


class CommitUnknown(Refusal):
    """The repository has no such commit."""

    code = "COMMIT_UNKNOWN"
    exit_code = Exit.NOT_FOUND


def commit_of(root: Path, named: str) -> str:
    """The whole name of a commit. Raises CommitUnknown."""
    try:
        with Repository.find(root) as repository:
            return repository.resolve(named)
    except (RefNotFound, NotARepository) as error:
        raise CommitUnknown(
            f"{named!r} names no commit of {root}",
            why=str(error),
            hint="Fetch it first, or name another",
        ) from error


def reference_of(named: str) -> str:
    """The reference, of a branch where it is not said of what. Raises UsageWrong."""
    reference = named if named.startswith("refs/") else f"{_BRANCHES}{named}"
    is_one = _REFERENCE.fullmatch(reference) is not None and len(reference) <= _REFERENCE_CHARACTERS_MAX
    if not is_one or _NO_NAME.search(reference.removeprefix("refs")[1:]) is not None:
        raise UsageWrong(f"--to takes a reference such as refs/heads/main, and not {named!r}")
    return reference
