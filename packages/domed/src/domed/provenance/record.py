"""Makes the record of one run: its first part at the start, the rest at the end, nothing when it is asked for."""

import asyncio
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Final, Literal

from dome_contracts.canonical import digest, digest_bytes
from dome_contracts.runtime.v1 import Artifact, EffectsEnforcement, RepositoryState, Requester, RunProvenance
from domed.clock import Clock
from domed.jobs.model import Submission
from domed.provenance import git_config, working_tree
from domed.provenance.looks import Look, RecentLooks
from domed.provenance.repository import Head, Repository, Standing, Unreadable, find, read_head, standing
from domed.provenance.working_tree import Tree

RepositoryPolicy = Literal["full", "head", "none"]
"""What a tool's manifest asks to be recorded of the repository."""

NEVER_STARTED: Final = "The job ended before its program was started."
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
    retry_of_job_id: str = ""


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
        self._looks: dict[tuple[Path, RepositoryPolicy], asyncio.Future[Look]] = {}
        self._recent = RecentLooks(clock.monotonic)

    def at_hand(self, start: RunStart) -> RunProvenance | None:
        """What `capture` gives, where nothing has to be waited for."""
        seen = self._at_hand(start.working_directory, start.repository)
        return self._record(start, seen) if isinstance(seen, RunProvenance) else None

    def writing(self) -> AbstractContextManager[None]:
        """A run that may write files is under way in the block: what was seen before may no longer be so."""
        return self._recent.writing()

    async def capture(self, start: RunStart) -> RunProvenance:
        """The record as far as it is known at the start of a run."""
        return self._record(start, await self._repository(start.working_directory, start.repository))

    def _record(self, start: RunStart, repository: RunProvenance) -> RunProvenance:
        return replace(
            repository,
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
            retry_of_job_id=start.retry_of_job_id,
        )

    def unstarted(self, submission: Submission) -> RunProvenance:
        """The record of a job that ends without a start: what was asked for, and of whom. Nothing is looked at."""
        return RunProvenance(
            contract_hashes=self._contract_hashes,
            tool_versions={
                submission.skill_id: submission.tool_version,
                "domed": self._version,
                "python": platform.python_version(),
            },
            input_hash=submission.input_hash,
            env_fingerprint=_empty_fingerprint(),
            repository_state=RepositoryState.UNKNOWN,
            repository_state_reason=NEVER_STARTED,
            tool_digest=submission.tool_digest,
            platform=_platform(),
            working_directory=submission.working_directory,
            requester=submission.requester,
            capture_time=self._clock.now(),
            retry_of_job_id=submission.retry_of_job_id,
        )

    async def _repository(self, directory: Path, policy: RepositoryPolicy) -> RunProvenance:
        if isinstance(found := self._at_hand(directory, policy), RunProvenance):
            return found
        key = (found.root, policy)
        if (look := self._looks.get(key)) is None:
            look = asyncio.get_running_loop().run_in_executor(None, self._look, found, policy)
            self._looks[key] = look
            look.add_done_callback(partial(self._looked, key))
        # Shielded: one run that is cancelled meanwhile must not take the look from the others.
        return (await asyncio.shield(look)).seen

    def _at_hand(self, directory: Path, policy: RepositoryPolicy) -> RunProvenance | Repository:
        """What is known without a look, or the repository that has to be looked at."""
        if policy == "none":
            return _NO_REPOSITORY
        try:
            repository = find(directory)
        except Unreadable as error:
            return _unknown(error)
        if repository is None:
            return _NO_REPOSITORY
        return self._recent.find((repository.root, policy), repository) or repository

    def _looked(self, key: tuple[Path, RepositoryPolicy], look: "asyncio.Future[Look]") -> None:
        del self._looks[key]
        if not look.cancelled() and look.exception() is None:
            self._recent.keep(key, look.result())

    def _look(self, repository: Repository, policy: RepositoryPolicy) -> Look:
        """In a thread."""
        began_s = self._clock.monotonic()
        try:
            stood: Standing = standing(repository)
        except Unreadable:
            stood = ()
        return Look(self._seen(repository, policy), began_s, stood)

    def _seen(self, repository: Repository, policy: RepositoryPolicy) -> RunProvenance:
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


def complete(
    provenance: RunProvenance, *, result: bytes, stdout_digest: str, stderr_digest: str, artifacts: Sequence[Artifact]
) -> RunProvenance:
    """The record with what is known at the end."""
    return replace(
        provenance,
        result_digest=digest_bytes(result) if result else "",
        stdout_digest=stdout_digest,
        stderr_digest=stderr_digest,
        artifacts=list(artifacts),
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


@cache
def _empty_fingerprint() -> str:
    return env_fingerprint({})


def _unknown(error: Unreadable) -> RunProvenance:
    return RunProvenance(repository_state=RepositoryState.UNKNOWN, repository_state_reason=_text(str(error)))


def _text(path: str | os.PathLike[str]) -> str:
    """A path as text that can be sent: bytes that are no UTF-8 are replaced."""
    return os.fsencode(path).decode("utf-8", "replace")


@cache
def _platform() -> str:
    return f"{platform.system()} {platform.release()} {platform.machine()}"
