"""Takes in what happened: the runs that are kept here, and the jobs that the daemon ran for this repository.

Each batch of facts commits with the revision up to which the daemon was read, so an ingestion that dies goes on where
it stood; whatever is read again is known already. A daemon with another store is read from its beginning.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from dome_contracts.runtime.v1 import Correlation, Job, JobChange, RefusedRequest
from dome_contracts.schema.knowledge.fact import CheckpointSource, Fact, GapFact
from dome_contracts.schema.shared.definitions import AttemptStatus
from dome_spec.binding import Checkpoint, EvidenceStore, FactLog
from dome_spec.dispatch.audit import (
    FEATURE,
    Audited,
    Standing,
    claim_of,
    is_denial,
    position,
    refused_since,
    settle,
)
from dome_spec.dispatch.changes import changed, following, listed
from dome_spec.dispatch.errors import RecordDamaged, RunUnknown
from dome_spec.dispatch.ingested import DAMAGE, Damaged, Ingested
from dome_spec.dispatch.job.evidence import gather
from dome_spec.dispatch.job.result import Assignment, job_result
from dome_spec.dispatch.job.story import EVENTS_GONE, Gap, read_story
from dome_spec.dispatch.kept_runs import KeptRun
from dome_spec.dispatch.ports import RuntimePlane
from dome_spec.dispatch.rebuilt import gap_of, kept_answer, of_other_stores, proven
from dome_spec.dispatch.record import RunRecord, run_ids
from dome_spec.dispatch.refusals import EndUnknown, failure_of
from dome_spec.dispatch.wrap import Attempted, gap_fact
from dome_spec.kernel import Refusal

_COUNTED: Final = {Standing.TAKEN: "refusals", Standing.PUT_ASIDE: "refusals_put_aside"}


@dataclass(slots=True)
class Ingestion:
    """One reading of what happened in a repository."""

    memory: FactLog
    evidence: EvidenceStore
    runs_dir: Path
    repository_id: str
    so_far: Ingested = field(default_factory=Ingested)
    _runs: dict[str, KeptRun | None] = field(default_factory=dict)
    _is_behind: bool = False
    """Whether a job was left out that is to be read again: then the checkpoint stays before it."""

    def runs(self) -> Ingested:
        """Take in what is known without a daemon: that runs began, and attempts without a job to be asked about.

        A run that cannot be read is named in the answer, and the others are taken in.
        """
        for run_id in run_ids(self.runs_dir):
            try:
                if (run := self._run(run_id)) is not None:
                    self._append(list(run.facts(self.memory.knows)), None)
            except DAMAGE as error:
                self._note(run_id, error)
        return self.so_far

    async def runtime(self, plane: RuntimePlane, *, follow: bool = False) -> AsyncGenerator[Ingested, None]:
        """Take in the ended jobs of the repository; with `follow`, also those that end from here on.

        What was taken in is told after each. Raises what the calls raise; what is committed stays.
        """
        self.runs()
        yield self.so_far
        capabilities = await plane.capabilities()
        store_id, is_audited = capabilities.store_id, FEATURE in capabilities.feature_flags
        since = self.memory.checkpoint(store_id)
        self._elsewhere(store_id)
        try:
            changes = listed(plane, self.repository_id) if since is None else changed(plane, since, self.repository_id)
            async with aclosing(changes):
                async for change in changes:
                    yield await self._take(plane, change, store_id)
        except Exception as error:
            if getattr(error, "reason", None) != EVENTS_GONE:
                raise
            async with aclosing(listed(plane, self.repository_id)) as changes:
                async for change in changes:
                    yield await self._take(plane, change, store_id)
        if is_audited:
            yield await self._audit(plane, store_id)
        if follow:
            since = self.memory.checkpoint(store_id) or 0
            async with aclosing(following(plane, since, self.repository_id)) as coming:
                async for new in coming:
                    if new is not None:
                        yield await self._take(plane, new, store_id)
                    if is_audited:
                        yield await self._audit(plane, store_id)

    def _elsewhere(self, store_id: str) -> None:
        """Take in what runs have kept of jobs that another store had, and nobody took in while it was there."""
        for run_id in run_ids(self.runs_dir):
            try:
                if (run := self._run(run_id)) is not None:
                    for facts in of_other_stores(run, store_id, self.memory.knows):
                        new = self._append(facts, None)
                        gaps = sum(isinstance(each.body, GapFact) for each in facts)
                        self._count(jobs=gaps if new else 0, gaps=gaps if new else 0)
            except DAMAGE as error:
                self._note(run_id, error)

    async def _audit(self, plane: RuntimePlane, store_id: str) -> Ingested:
        """Take in the refusals that nobody but the daemon knows of, up to the newest row of its audit."""
        stream = f"{store_id}/{FEATURE}"
        reached = since = self.memory.checkpoint(stream) or 0
        is_behind = False
        for row in await refused_since(plane, since, self.repository_id):
            audited = self._audited(row)
            is_behind = is_behind or audited is None or audited.standing is Standing.HELD_BACK
            reached = reached if is_behind else position(row.refusal_id)
            if audited is not None and audited.facts:
                new = self._append(list(audited.facts), Checkpoint(stream, reached) if reached else None)
                self._count(**{_COUNTED[audited.standing]: 1 if new else 0})
        if reached > since:
            self.memory.append((), checkpoint=Checkpoint(stream, reached))
        return self.so_far

    def _audited(self, row: RefusedRequest) -> Audited | None:
        """What becomes of a row; None where the run that it names is damaged."""
        claim = claim_of(row) if is_denial(row) else None
        if claim is None:
            return Audited(Standing.OF_NO_ATTEMPT)
        try:
            run = self._run(claim.run_id)
            return Audited(Standing.OF_NO_ATTEMPT) if run is None else settle(row, run, claim)
        except DAMAGE as error:
            self._note(claim.run_id, error)
            return None

    async def _take(self, plane: RuntimePlane, change: JobChange, store_id: str) -> Ingested:
        """Take in one ended job, up to the revision of its change. The checkpoint passes none that was left out."""
        facts: list[Fact] = []
        if change.job is not None:
            try:
                facts = await self._facts(plane, change.job, change, store_id)
            except DAMAGE as error:
                self._note((change.job.correlation or Correlation()).run_id, error)
                self._is_behind = True
        is_passed = change.revision and not self._is_behind
        self._append(facts, Checkpoint(store_id, change.revision) if is_passed else None)
        if is_passed:
            self.so_far = replace(self.so_far, revision=change.revision)
        return self.so_far

    async def _facts(self, plane: RuntimePlane, ended: Job, change: JobChange, store_id: str) -> list[Fact]:
        """What the job of an attempt comes to; nothing for one of which is not kept what it was for."""
        correlation = ended.correlation or Correlation()
        run = self._run(correlation.run_id)
        assignment = run.assignment(correlation.group_id) if run is not None else None
        if run is None or assignment is None:
            # Of a run without a queue facts come from whoever asked for the job.
            self._count(unplanned=0 if RunRecord.is_unqueued(self.runs_dir, correlation.run_id) else 1)
            return []
        try:
            attempted, gap = await self._attempted(plane, run, assignment, ended.job_id, store_id=store_id)
        except Exception as error:
            if not isinstance(failure_of(error), EndUnknown):
                raise
            return []  # it was there when jobs were listed; what is kept of it is taken in beside another store
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
        if run.store_of(answer.group_id) in ("", proof.store_id):
            try:
                held, _ = await self._attempted(plane, run, answer, answer.attempt.job_id, store_id=proof.store_id)
            except Exception as error:
                if not isinstance(failure_of(error), EndUnknown):
                    raise
            else:
                return proven(run, held, proof)
        # Another store had the job of the answer.
        facts, gap = kept_answer(run, answer, proof), list(gap_of(run, answer))
        self._count(gaps=len(gap))
        return [*facts, *gap]

    async def _attempted(
        self, plane: RuntimePlane, run: KeptRun, assignment: Assignment, job_id: str, *, store_id: str
    ) -> tuple[Attempted, Gap | None]:
        """An attempt with the end of its job, whose evidence is copied; and what is missing of its events."""
        job = await plane.status(job_id)
        story = await read_story(plane, job)
        # What was copied when it ended may not be there to be copied any more.
        copied = run.copied(assignment)
        members = await gather(plane, story, self.evidence) if copied is None else copied
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
        """The run; None where it is not kept here. Raises what the record raises where it is damaged."""
        if run_id not in self._runs:
            try:
                self._runs[run_id] = KeptRun(self.runs_dir, run_id, store=self.evidence)
            except RunUnknown:
                is_unqueued = RunRecord.is_unqueued(self.runs_dir, run_id)
                if RunRecord.is_there(self.runs_dir, run_id) and not is_unqueued:
                    raise RecordDamaged(
                        f"The run {run_id} has jobs, and its queue is not there",
                        hint=f"Put {self.runs_dir / run_id} back from a copy, or remove it if the run is not needed",
                    ) from None
                self._runs[run_id] = None
        return self._runs[run_id]

    def _note(self, run_id: str, error: Refusal) -> None:
        """Name a run that could not be taken in, once; it is read anew by whoever asks for it the next time."""
        self._runs.pop(run_id, None)
        if run_id not in {each.run_id for each in self.so_far.damaged}:
            self.so_far = replace(self.so_far, damaged=(*self.so_far.damaged, Damaged(run_id, error)))

    def _append(self, facts: list[Fact], checkpoint: Checkpoint | None) -> int:
        """Keep facts; how many are new."""
        if not facts and checkpoint is None:
            return 0
        appended = self.memory.append(facts, checkpoint=checkpoint)
        self._count(facts_new=appended.new, facts_known=appended.known, facts_differing=len(appended.differing))
        return appended.new

    def _count(self, **more: int) -> None:
        counts = {name: getattr(self.so_far, name) + count for name, count in more.items()}
        self.so_far = replace(self.so_far, **counts)


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
