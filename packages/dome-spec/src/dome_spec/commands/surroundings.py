"""What a command is used in: the directory, the environment, the clock. The one place where they are read."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dome_contracts.exit_codes import Exit
from dome_spec.kernel import Clock, Ids, Refusal, SystemClock, resolve_infra

if TYPE_CHECKING:
    from dome_spec.kernel import InfraContext


class DirectoryGone(Refusal):
    """The directory that the command was given in no longer exists."""

    code = "DIRECTORY_GONE"
    exit_code = Exit.USAGE


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is handed to everything below a command."""

    directory: Path
    environ: Mapping[str, str]
    clock: Clock
    ids: Ids

    def infra(self, *, allow_copy: bool = False) -> "InfraContext":
        """The places of the repository that the command was given in. Raises RepositoryCopied and its like."""
        return resolve_infra(self.directory, self.environ, allow_copy=allow_copy)


def here() -> Surroundings:
    """What this command was given in. Raises DirectoryGone."""
    clock = SystemClock()
    return Surroundings(directory(), os.environ, clock, Ids(clock))


def directory() -> Path:
    """The directory that the command was given in. Raises DirectoryGone."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise DirectoryGone("This directory no longer exists", hint="Change to another directory") from None
