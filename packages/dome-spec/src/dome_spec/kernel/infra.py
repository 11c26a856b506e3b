"""Where things are: the repository that a command is used in, and the places in which this plane keeps its state.

The only reader of these places. One memory belongs to one repository: all working trees of it share the id.
"""

import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from dome_contracts.exit_codes import Exit
from dome_spec.kernel.durable import make_directory, replace_file
from dome_spec.kernel.identity import Ids, derived_id
from dome_spec.kernel.refusal import Refusal
from dome_spec.kernel.repository_key import RepositoryNotWritable, read_key, refuse_copy, write_key
from dome_spec.kernel.vcs import Repository
from dome_spec.kernel.vcs_errors import NotARepository

PREFIX: Final = "repo"
_BOUND: Final = "bound-to"
_PATH_BYTES_MAX: Final = 16 * 1024


class NothingKept(Refusal):
    """Nothing was ever kept of this repository: it has no id yet."""

    code = "NOTHING_KEPT"
    exit_code = Exit.NOT_FOUND


class NoHome(Refusal):
    """Neither the environment nor the system knows a directory of this user."""

    code = "NO_HOME"
    exit_code = Exit.USAGE


@dataclass(frozen=True, slots=True)
class InfraContext:
    """The places of one repository, or of one directory outside of any."""

    working_directory: Path
    repository_root: Path | None
    """Top of the working tree that the command was used in; None outside of git, and where there is no working tree."""
    git_common_dir: Path | None
    """What all working trees of the repository share; None outside of git."""
    state_root: Path
    """Where the state of all repositories lies."""
    repository_id: str | None
    """None until something is kept for the first time. Outside of git: derived from the directory."""

    @property
    def root(self) -> Path:
        """The directory that is worked on: the top of the working tree, else the directory itself."""
        return self.repository_root or self.working_directory

    @property
    def state_dir(self) -> Path:
        """Where the state of this repository lies. Raises NothingKept before it has an id."""
        if self.repository_id is None:
            raise NothingKept(
                f"Nothing is remembered of {self.root}",
                hint="`dome memory ingest FILE` or `dome plan run PLAN` begins its memory",
            )
        return self.state_root / self.repository_id

    @property
    def memory_path(self) -> Path:
        """The store of facts and of what is derived from them."""
        return self.state_dir / "memory.sqlite"

    @property
    def missions_path(self) -> Path:
        """The store of missions."""
        return self.state_dir / "missions.sqlite"

    @property
    def evidence_dir(self) -> Path:
        """The store of evidence."""
        return self.state_dir / "evidence"

    @property
    def runs_dir(self) -> Path:
        """A directory for each run, with its documents."""
        return self.state_dir / "runs"

    def mint(self, ids: Ids) -> "InfraContext":
        """The same with an id, and with the directory of its state. Every writer begins with this.

        The id is made once for all working trees; whoever comes second has the first one's.
        Raises RepositoryCopied, RepositoryKeyDamaged, RepositoryNotWritable.
        """
        if self.git_common_dir is None or self.repository_id is not None:
            minted = self
        else:
            key = write_key(self.git_common_dir, ids.new(PREFIX))
            minted = replace(self, repository_id=key.repository_id)
        minted._bind()
        return minted

    def rekey(self, ids: Ids) -> "InfraContext":
        """The same with another id, whose memory is empty. What was kept under the earlier one stays there.

        Raises RepositoryNotWritable.
        """
        if self.git_common_dir is None:
            raise NothingKept(
                f"{self.working_directory} has no id of its own to replace",
                why="outside of git the id is derived from the path, so a copy has another one already",
            )
        key = write_key(self.git_common_dir, ids.new(PREFIX), replace=True)
        renewed = replace(self, repository_id=key.repository_id)
        renewed._bind()
        return renewed

    def _bind(self) -> None:
        """Make the directory of the state, and remember whose it is. A repository that was moved is bound anew."""
        directory = self.git_common_dir or self.working_directory
        try:
            make_directory(self.state_dir)
            if _bound_to(self.state_dir) != directory:
                replace_file(self.state_dir / _BOUND, os.fsencode(directory))
        except OSError as error:
            raise RepositoryNotWritable(
                f"{self.state_dir} cannot be written",
                why=error.strerror or str(error),
                hint="Make it writable, or set XDG_STATE_HOME to a directory of yours",
            ) from error
        if self.git_common_dir is not None and self.repository_id is not None:
            key = read_key(self.git_common_dir)
            if key is not None and key.directory != self.git_common_dir:
                write_key(self.git_common_dir, self.repository_id, replace=True)


def resolve_infra(cwd: Path, environ: Mapping[str, str], *, allow_copy: bool = False) -> InfraContext:
    """The places for a directory. Writes nothing.

    `allow_copy` is for whoever gives a copy an id of its own. Raises RepositoryCopied, RepositoryKeyDamaged,
    RepositoryUnreadable.
    """
    directory, state_root = cwd.resolve(), _state_home(environ) / "dome" / "spec"
    try:
        with Repository.find(directory) as repository:
            root, common = repository.root, repository.common_directory
    except NotARepository:
        derived = derived_id(PREFIX, os.fsencode(directory))
        return InfraContext(directory, None, None, state_root, derived)
    if allow_copy:
        return InfraContext(directory, root, common, state_root, None)
    key = read_key(common)
    if key is not None:
        refuse_copy(key, common, bound_to=_bound_to(state_root / key.repository_id))
    return InfraContext(directory, root, common, state_root, key.repository_id if key else None)


def _bound_to(state_dir: Path) -> Path | None:
    try:
        with open(state_dir / _BOUND, "rb") as file:
            named = os.fsdecode(file.read(_PATH_BYTES_MAX))
    except OSError:  # never bound, or not readable: then it speaks against nobody
        return None
    return Path(named) if named.startswith("/") else None


def _state_home(environ: Mapping[str, str]) -> Path:
    named = environ.get("XDG_STATE_HOME", "")
    if named.startswith("/"):
        return Path(named)
    home = environ.get("HOME", "")
    if not home.startswith("/"):
        try:
            home = pwd.getpwuid(os.getuid()).pw_dir
        except KeyError:
            raise NoHome(
                "There is no place for what is remembered",
                why=f"the user {os.getuid()} has no home directory, and HOME names none",
                hint="Set XDG_STATE_HOME or HOME to a directory of yours, as a whole path",
            ) from None
    return Path(home) / ".local" / "state"
