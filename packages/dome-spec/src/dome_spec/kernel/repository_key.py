"""The identity of a repository: an id in a file of its own, with the place that it was made at.

The file lies in the directory that all working trees of the repository share. A copy of that directory carries the id
of the original: it is told from a repository that was moved by looking whether the id is still where it came from.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dome_contracts.exit_codes import Exit
from dome_spec.kernel.durable import create_file, make_directory, replace_file
from dome_spec.kernel.refusal import Refusal

FILE: Final = Path("dome") / "repository-id"
_BYTES_MAX: Final = 16 * 1024
_CONTENT: Final = re.compile(r"(repo-[0-7][0-9a-hjkmnp-tv-z]{25})\n(/[^\0]*)\n", re.ASCII | re.DOTALL)


class RepositoryCopied(Refusal):
    """The directory carries the id of another one, which is still there."""

    code = "REPOSITORY_COPIED"


class RepositoryKeyDamaged(Refusal):
    """The file of the id holds no id."""

    code = "REPOSITORY_KEY_DAMAGED"
    exit_code = Exit.INVALID


class RepositoryNotWritable(Refusal):
    """The id cannot be written into the directory of git."""

    code = "REPOSITORY_NOT_WRITABLE"


@dataclass(frozen=True, slots=True)
class RepositoryKey:
    """What the file says."""

    repository_id: str
    directory: Path
    """The shared directory of git, where it was when this was written."""


def read_key(directory: Path) -> RepositoryKey | None:
    """The key in a shared directory of git; None where there is none. Raises RepositoryKeyDamaged."""
    path = directory / FILE
    try:
        with open(path, "rb") as file:
            data = file.read(_BYTES_MAX)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        why = error.strerror or str(error)
        raise RepositoryKeyDamaged(f"{path} cannot be read", why=why, hint="Make it readable") from error
    found = _CONTENT.fullmatch(os.fsdecode(data))
    if found is None:
        raise RepositoryKeyDamaged(
            f"{path} holds no repository id", hint="Give the repository another one: `dome memory rekey`"
        )
    return RepositoryKey(found[1], Path(found[2]))


def write_key(directory: Path, repository_id: str, *, replace: bool = False) -> RepositoryKey:
    """Keep the id; without `replace` the one that is there stays. The key as it is. Raises RepositoryNotWritable."""
    path, data = directory / FILE, os.fsencode(f"{repository_id}\n{directory}\n")
    try:
        make_directory(path.parent)
        if replace:
            replace_file(path, data)
        elif not create_file(path, data):
            kept = read_key(directory)
            if kept is not None:
                return kept
            replace_file(path, data)
    except OSError as error:
        why = error.strerror or str(error)
        raise RepositoryNotWritable(
            f"{path} cannot be written", why=why, hint="Make the directory of git writable for this user"
        ) from error
    return RepositoryKey(repository_id, directory)


def refuse_copy(key: RepositoryKey, directory: Path, *, bound_to: Path | None) -> None:
    """Raise RepositoryCopied where another directory has the id too.

    `bound_to` is the directory that the id's memory was last used from, if one is known.
    """
    for other in (key.directory, bound_to):
        if other is None or _is_same(other, directory):
            continue
        if _holds(other, key.repository_id):
            raise RepositoryCopied(
                f"{directory} is a copy of {other}",
                why=f"both carry the id {key.repository_id}, and one memory would mix what happens in the two",
                hint="In the copy, give it an id of its own: `dome memory rekey`",
            )


def _is_same(first: Path, second: Path) -> bool:
    """Whether both are one directory, perhaps by two names."""
    try:
        return first == second or os.path.samefile(first, second)
    except OSError:
        return False


def _holds(directory: Path, repository_id: str) -> bool:
    try:
        key = read_key(directory)
    except RepositoryKeyDamaged:
        return False
    return key is not None and key.repository_id == repository_id
