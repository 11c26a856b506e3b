"""Takes in what happened: the runs that are kept here, and the jobs that the daemon ran for this repository.

Each batch of facts commits with the revision up to which the daemon was read, so an ingestion that dies goes on where
it stood; whatever is read again is known already. A daemon with another store is read from its beginning.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from dome_contracts.runtime.v1 import Correlation, Job, JobChange
from dome_contracts.schema.knowledge.fact import CheckpointSource, Fact
from dome_contracts.schema.shared.definitions import AttemptStatus
from dome_spec.binding import Checkpoint, EvidenceStore, FactLog
from dome_spec.dispatch.decide.identity import LABEL
from dome_spec.dispatch.errors import RunUnknown
from dome_spec.dispatch.job.evidence import gather
from dome_spec.dispatch.job.result import Assignment, job_result
from dome_spec.dispatch.job.story import EVENTS_GONE, TERMINAL, Gap, read_story
from dome_spec.dispatch.kept_runs import KeptRun
from dome_spec.dispatch.ports import RuntimePlane
from dome_spec.dispatch.record import run_ids
from dome_spec.dispatch.wrap import Attempted, gap_fact

JOBS_MAX: Final = 100_000
"""Most jobs of one repository that are listed where changes are not kept any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What was taken in so far."""

    jobs: int = 0
    """Jobs of plans, ended, that were read."""
    facts_new: int = 0
    facts_known: int = 0
    gaps: int = 0
    """Jobs of which events are missing for good."""
    unplanned: int = 0
    """Jobs of this repository that belong to no run that is kept here: nothing says what they were for."""
    revision: int = 0
    """Up to where the daemon was read."""


@dataclass(slots=True)
class Ingestion:
    """One reading of what happened in a repository."""

    memory: FactLog
    evidence: EvidenceStore
    runs_dir: Path
    repository_id: str
    so_far: Ingested = field(default_factory=Ingested)
    _runs: dict[str, KeptRun | None] = field(default_factory=dict)

    def runs(self) -> Ingested:
        """Take in what is known without a daemon: that runs began, and attempts without a job to be asked about."""
        for run_id in run_ids(self.runs_dir):
            if (run := self._run(run_id)) is not None:
                self._append(list(run.facts(self.memory.knows)), None)
        return self.so_far

    async def runtime(self, plane: RuntimePlane, *, follow: bool = False) -> AsyncGenerator[Ingested, None]:
        """Take in the ended jobs of the repository; with `follow`, also those that end from here on.

        What was taken in is told after each. Raises what the calls raise; what is committed stays.
        """
        self.runs()
        yield self.so_far
        store_id = (await plane.capabilities()).store_id
        since = self.memory.checkpoint(store_id)
        try:
            changes = self._listed(plane) if since is None else self._changed(plane, since)
            async with aclosing(changes):
                async for change in changes:
                    yield await self._take(plane, change, store_id)
        except Exception as error:
            if getattr(error, "reason", None) != EVENTS_GONE:
                raise
            async with aclosing(self._listed(plane)) as changes:
                async for change in changes:
                    yield await self._take(plane, change, store_id)
        if follow:
            since = self.memory.checkpoint(store_id) or 0
            labels, states = {LABEL: self.repository_id}, sorted(TERMINAL)
            async with aclosing(plane.watch(since_revision=since, states=states, labels=labels)) as watched:
                async for change in watched:
                    yield await self._take(plane, change, store_id)

    async def _listed(self, plane: RuntimePlane) -> AsyncGenerator[JobChange, None]:
        """Every ended job of the repository, the oldest first, as if it had changed up to the moment of the listing."""
        labels, states = {LABEL: self.repository_id}, sorted(TERMINAL)
        listing = await plane.listing(states=states, labels=labels, limit=JOBS_MAX)
        for job in reversed(listing.jobs):
            yield JobChange(revision=0, job=job)
        yield JobChange(revision=listing.revision, job=None)

    async def _changed(self, plane: RuntimePlane, since: int) -> AsyncGenerator[JobChange, None]:
        """What has changed from a revision up to the newest one."""
        newest = (await plane.listing(limit=1)).revision
        if since >= newest:
            return
        # Without a filter the newest change comes for certain, so the end is seen.
        async with aclosing(plane.watch(since_revision=since)) as watched:
            async for change in watched:
                if _is_ended(change, self.repository_id):
                    yield change
                if change.revision >= newest:
                    yield JobChange(revision=change.revision, job=None)
                    return

    async def _take(self, plane: RuntimePlane, change: JobChange, store_id: str) -> Ingested:
        """Take in one ended job, up to the revision of its change."""
        checkpoint = Checkpoint(store_id, change.revision) if change.revision else None
        facts: list[Fact] = []
        if change.job is not None:
            facts = await self._facts(plane, change.job, change, store_id)
        self._append(facts, checkpoint)
        return self.so_far

    async def _facts(self, plane: RuntimePlane, ended: Job, change: JobChange, store_id: str) -> list[Fact]:
        """What the job of an attempt comes to; nothing for one of which is not kept what it was for."""
        correlation = ended.correlation or Correlation()
        run = self._run(correlation.run_id)
        assignment = run.assignment(correlation.group_id) if run is not None else None
        if run is None or assignment is None:
            self._count(unplanned=1)
            return []
        attempted, gap = await self._attempted(plane, run, assignment, ended.job_id, store_id=store_id)
        self._count(jobs=1)
        facts: list[Fact] = []
        if not (run.is_proven(assignment.task_id) and attempted.outcome.status is AttemptStatus.SUCCEEDED):
            facts += run.wrapped(attempted).facts
        if (answer := run.proved_by(assignment, attempted.result)) is not None:
            facts += await self._proved(plane, run, answer, attempted)
        if gap is not None:
            source = CheckpointSource(origin="checkpoint", store_id=store_id, revision=change.revision)
            end = attempted.result.end_time
            facts.append(gap_fact(ended.job_id, gap, source, repository_id=self.repository_id, occur_time=end))
            self._count(gaps=1)
        return facts

    async def _proved(self, plane: RuntimePlane, run: KeptRun, answer: Assignment, proof: Attempted) -> list[Fact]:
        """What an attempt comes to that was held back until its proof had ended: it held if the proof says so."""
        if answer.attempt.job_id is None:
            return []
        store_id = proof.store_id
        held, _ = await self._attempted(plane, run, answer, answer.attempt.job_id, store_id=store_id)
        if held.outcome.status is not AttemptStatus.SUCCEEDED:
            return []
        unique = {(each.kind.value, each.evidence.digest): each for each in (*held.members, *proof.members)}
        members = [unique[key] for key in sorted(unique)]
        return list(run.wrapped(replace(held, proof=proof.result.outcome, members=members)).facts)

    async def _attempted(
        self, plane: RuntimePlane, run: KeptRun, assignment: Assignment, job_id: str, *, store_id: str
    ) -> tuple[Attempted, Gap | None]:
        """An attempt with the end of its job, whose evidence is copied; and what is missing of its events."""
        job = await plane.status(job_id)
        story = await read_story(plane, job)
        members = await gather(plane, story, self.evidence)
        result = run.record.keep(job_result(assignment, story, [member.evidence for member in members]))
        attempted = Attempted(
            repository_id=self.repository_id,
            opening=run.opening,
            task=assignment.task,
            result=result,
            members=members,
            lineage=story.lineage(run.record.run_id),
            store_id=store_id,
        )
        return attempted, story.gap

    def _run(self, run_id: str) -> KeptRun | None:
        if run_id not in self._runs:
            self._runs[run_id] = None
            with suppress(RunUnknown):
                self._runs[run_id] = KeptRun(self.runs_dir, run_id, store=self.evidence)
        return self._runs[run_id]

    def _append(self, facts: list[Fact], checkpoint: Checkpoint | None) -> None:
        if not facts and checkpoint is None:
            return
        appended = self.memory.append(facts, checkpoint=checkpoint)
        self._count(facts_new=appended.new, facts_known=appended.known)
        if checkpoint is not None:
            self.so_far = replace(self.so_far, revision=checkpoint.revision)

    def _count(self, **more: int) -> None:
        counts = {name: getattr(self.so_far, name) + count for name, count in more.items()}
        self.so_far = replace(self.so_far, **counts)


def _is_ended(change: JobChange, repository_id: str) -> bool:
    job = change.job
    return job is not None and job.state in TERMINAL and job.labels.get(LABEL) == repository_id


def ingest_runtime(
    plane: RuntimePlane,
    memory: FactLog,
    *,
    evidence: EvidenceStore,
    runs_dir: Path,
    repository_id: str,
    follow: bool = False,
) -> AsyncGenerator[Ingested, None]:
    """Take in what the daemon ran for a repository, telling after each job how much it was so far. See Ingestion."""
    return Ingestion(memory, evidence, runs_dir, repository_id).runtime(plane, follow=follow)
