"""What a command is used in: the directory, the environment, the clock, the process. The one place of their reading."""

import getpass
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_contracts.schema.shared.definitions import Effector, EffectorKind
from dome_spec.kernel import Clock, Ids, Refusal, SystemClock, resolve_infra

if TYPE_CHECKING:
    from dome_spec.kernel import InfraContext

_NAME_CHARACTERS_MAX: Final = 64
_TOOL: Final = "dome-spec"
_JOB: Final = "DOME_JOB_ID"


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

    @property
    def config_home(self) -> Path:
        """Where this user keeps configuration."""
        named = self.environ.get("XDG_CONFIG_HOME", "")
        return Path(named) if named.startswith("/") else Path(self.environ.get("HOME") or "~").expanduser() / ".config"

    @property
    def job_id(self) -> str:
        """The job that this command is part of; empty where it is part of none."""
        return self.environ.get(_JOB, "")

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


def this_process() -> Effector:
    """This process, so that people find it."""
    return Effector(kind=EffectorKind.SERVICE, id=f"pid-{os.getpid()}@{_named(socket.gethostname())}", tool=_TOOL)


def this_person() -> Effector:
    """The person whose command this is, by the name of the login."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a user without a name
        name = f"uid-{os.getuid()}"
    return Effector(kind=EffectorKind.HUMAN, id=_named(name), tool=_TOOL)


def _named(text: str) -> str:
    name = "".join(character for character in text if character.isascii() and character.isprintable())
    return name.replace(" ", "-")[:_NAME_CHARACTERS_MAX] or "unnamed"
