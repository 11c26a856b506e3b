"""Makes the record of one run: its first part at the start, the rest at the end, nothing when it is asked for."""

import asyncio
import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final, Literal

from dome_contracts.canonical import digest, digest_bytes
from dome_contracts.runtime.v1 import EffectsEnforcement, RepositoryState, Requester, RunProvenance
from domed.clock import Clock
from domed.provenance import git_config, working_tree
from domed.provenance.repository import Head, Repository, Unreadable, find, read_head
from domed.provenance.working_tree import Tree

RepositoryPolicy = Literal["full", "head", "none"]
"""What a tool's manifest asks to be recorded of the repository."""

_NO_REPOSITORY: Final = RunProvenance(repository_state=RepositoryState.NONE)


@dataclass(frozen=True, slots=True)
class RunStart:
    """What the record needs to know of a run that is about to start."""

    tool_id: str
    tool_version: str
    tool_digest: str
    input_hash: str
    working_directory: Path
    """Of the child process. Absolute."""
    environment: Mapping[str, str]
    """Of the child process, without what differs from run to run."""
    requester: Requester
    executor: str
    """Backend and version."""
    repository: RepositoryPolicy
    """`none` for a scratch directory."""
    effects_enforcement: EffectsEnforcement
    """How far the program, if it starts, is held."""


class Provenance:
    """Captures records. One for the daemon: runs that start at the same time share a look at a repository."""

    def __init__(
        self,
        clock: Clock,
        *,
        version: str,
        contract_hashes: Mapping[str, str],
        git_environment: Mapping[str, str],
    ) -> None:
        self._clock = clock
        self._version = version
        self._contract_hashes = dict(contract_hashes)
        self._git_environment = dict(git_environment)
        self._looks: dict[tuple[Path, RepositoryPolicy], asyncio.Future[RunProvenance]] = {}

    async def capture(self, start: RunStart) -> RunProvenance:
        """The record as far as it is known at the start of a run."""
        return replace(
            await self._repository(start.working_directory, start.repository),
            contract_hashes=self._contract_hashes,
            # The daemon's own names come last: no tool can take them.
            tool_versions={
                start.tool_id: start.tool_version,
                "domed": self._version,
                "executor": start.executor,
                "python": platform.python_version(),
            },
            input_hash=start.input_hash,
            env_fingerprint=env_fingerprint(start.environment),
            tool_digest=start.tool_digest,
            platform=_platform(),
            working_directory=_text(start.working_directory),
            requester=start.requester,
            capture_time=self._clock.now(),
            effects_enforcement=start.effects_enforcement,
        )

    async def _repository(self, directory: Path, policy: RepositoryPolicy) -> RunProvenance:
        if policy == "none":
            return _NO_REPOSITORY
        try:
            repository = find(directory)
        except Unreadable as error:
            return _unknown(error)
        if repository is None:
            return _NO_REPOSITORY
        key = (repository.root, policy)
        if (look := self._looks.get(key)) is None:
            look = asyncio.get_running_loop().run_in_executor(None, self._look, repository, policy)
            self._looks[key] = look
            look.add_done_callback(lambda _: self._looks.pop(key))
        # Shielded: one run that is cancelled meanwhile must not take the look from the others.
        return await asyncio.shield(look)

    def _look(self, repository: Repository, policy: RepositoryPolicy) -> RunProvenance:
        known = RunProvenance(repo=_text(repository.root))
        try:
            configured = git_config.entries(repository)
            known = replace(known, remote=git_config.origin(configured))
            head = read_head(repository)
        except Unreadable as error:
            return replace(_unknown(error), repo=known.repo, remote=known.remote)
        tree = self._tree(repository, head, configured) if policy == "full" else Tree()
        return replace(
            known,
            commit_sha=head.commit,
            branch=_text(head.branch),
            dirty_flag=tree.dirty,
            dirty_digest=tree.digest,
            repository_state=RepositoryState.UNKNOWN if tree.unknown else RepositoryState.CAPTURED,
            repository_state_reason=tree.unknown,
        )

    def _tree(self, repository: Repository, head: Head, configured: tuple[git_config.Entry, ...]) -> Tree:
        if variable := git_config.program_named(configured):
            return Tree(
                unknown=f"the repository's configuration has {variable}, so looking at its files could run a program"
            )
        return working_tree.look(
            repository.root,
            born=bool(head.commit),
            environment=self._git_environment,
            monotonic=self._clock.monotonic,
        )


def complete(provenance: RunProvenance, *, result: bytes, stdout_digest: str, stderr_digest: str) -> RunProvenance:
    """The record with what is known at the end."""
    return replace(
        provenance,
        result_digest=digest_bytes(result) if result else "",
        stdout_digest=stdout_digest,
        stderr_digest=stderr_digest,
    )


def env_fingerprint(environment: Mapping[str, str]) -> str:
    """Digest of platform, machine, interpreter, and names and digests of the variables: their values stay unknown."""
    return digest(
        {
            "platform": _platform(),
            "interpreter": f"{sys.implementation.name} {platform.python_version()}",
            "environment": {name: digest_bytes(os.fsencode(value)) for name, value in environment.items()},
        }
    )


def _unknown(error: Unreadable) -> RunProvenance:
    return RunProvenance(repository_state=RepositoryState.UNKNOWN, repository_state_reason=_text(str(error)))


def _text(path: str | os.PathLike[str]) -> str:
    """A path as text that can be sent: bytes that are no UTF-8 are replaced."""
    return os.fsencode(path).decode("utf-8", "replace")


@cache
def _platform() -> str:
    return f"{platform.system()} {platform.release()} {platform.machine()}"
