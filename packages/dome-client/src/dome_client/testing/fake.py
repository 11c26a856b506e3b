"""FakeRuntime: what a client of a daemon sees, in memory and at once.

A job runs to its end, or to where its script holds, before `execute` hands back the accepted job. Times and ids are the
same in every run. What it does not imitate: schemas, working directories, the catalog's problems.
"""

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from dome_client.client import TERMINAL
from dome_client.testing.artifacts import FakeArtifacts
from dome_client.testing.asked import Asked, retry_digest
from dome_client.testing.catalog import FakeCatalog
from dome_client.testing.record import STORE_ID, History, Record, job_filter, listed
from dome_client.testing.refusal import refusal
from dome_client.testing.script import End, Hold, Produce, Report, Say, ScriptedTool, Step
from dome_client.version import VERSION
from dome_contracts import ids
from dome_contracts.canonical import canonical_bytes, digest
from dome_contracts.runtime.v1 import (
    ArtifactProduced,
    CancelRequested,
    Correlation,
    ExecuteConstraints,
    Finished,
    Job,
    JobChange,
    JobEvent,
    JobState,
    ListCapabilitiesResponse,
    ListJobsResponse,
    ListLocksResponse,
    LockWait,
    Outcome,
    OutcomeCause,
    Output,
    Progress,
    RunProvenance,
    Started,
)


class FakeRuntime(FakeArtifacts, FakeCatalog):
    """Has the methods of `dome_client.Client`, and `release` for jobs that hold."""

    def __init__(self, tools: Sequence[ScriptedTool] = ()) -> None:
        FakeArtifacts.__init__(self)
        FakeCatalog.__init__(self, tools)
        self._records: dict[str, Record] = {}
        self._scripts: dict[str, Iterator[Step]] = {}
        self._keys: dict[str, tuple[str, str]] = {}
        self._asked: dict[str, Asked] = {}
        self._history = History()

    async def capabilities(self) -> ListCapabilitiesResponse:
        """What this runtime is."""
        return ListCapabilitiesResponse(
            server_version=VERSION, api_versions=["dome.runtime.v1"], executor_backends=["fake"], store_id=STORE_ID
        )

    async def execute(
        self,
        skill_id: str,
        tool_input: Mapping[str, Any] | bytes = b"",
        *,
        idempotency_key: str = "",
        tool_version: str | None = None,
        tool_digest: str | None = None,
        working_directory: str = "",
        environment: Mapping[str, str] | None = None,
        constraints: ExecuteConstraints | None = None,
        priority: int = 0,
        lock_wait: LockWait = LockWait.UNSPECIFIED,
        labels: Mapping[str, str] | None = None,
        correlation: Correlation | None = None,
        required_features: Sequence[str] = (),
    ) -> Job:
        """Accept, run as far as the script goes, and answer with the job as it was accepted."""
        data = (tool_input if isinstance(tool_input, bytes) else canonical_bytes(tool_input)) or b"{}"
        asked = Asked.of(
            skill_id,
            data,
            pins=(tool_version, tool_digest),
            working_directory=working_directory,
            environment=environment,
            priority=priority,
            labels=labels,
            correlation=correlation,
        )
        if (missing := min(required_features, default=None)) is not None:
            raise refusal("CAPABILITY_MISSING", f"This daemon lacks {missing}.", capability=missing)
        return self._known(idempotency_key, asked.request_digest) or self._accept(asked, idempotency_key)

    async def retry(
        self,
        job_id: str,
        *,
        idempotency_key: str = "",
        tool_version: str | None = None,
        tool_digest: str | None = None,
        constraints: ExecuteConstraints | None = None,
        lock_wait: LockWait = LockWait.UNSPECIFIED,
        labels: Mapping[str, str] | None = None,
        correlation: Correlation | None = None,
    ) -> Job:
        """What a job that has ended was asked for, once more."""
        pins = (tool_version, tool_digest)
        if (known := self._known(idempotency_key, retry_digest(job_id, pins))) is not None:
            return known
        job = self._record(job_id).job
        if job.state not in TERMINAL:
            state = job.state.name or str(job.state)
            message = f"The job {job_id!r} is {state}; a retry does not fit."
            raise refusal("INVALID_TRANSITION", message, job_id=job_id, state=state, fact="a retry")
        again = self._asked[job_id].again(job_id, pins=pins, labels=labels, correlation=correlation)
        return self._accept(again, idempotency_key)

    def release(self, job_id: str) -> None:
        """Let a job go on that holds."""
        self._go_on(self._record(job_id))

    async def status(self, job_id: str) -> Job:
        """One job as it stands."""
        return self._record(job_id).job

    async def jobs(
        self,
        *,
        states: Sequence[JobState] = (),
        skill_id: str = "",
        run_id: str = "",
        labels: Mapping[str, str] | None = None,
        limit: int = 100,
    ) -> Sequence[Job]:
        """The newest jobs that fit, newest first, each without its result."""
        return (await self.listing(states=states, skill_id=skill_id, run_id=run_id, labels=labels, limit=limit)).jobs

    async def listing(
        self,
        *,
        states: Sequence[JobState] = (),
        skill_id: str = "",
        run_id: str = "",
        labels: Mapping[str, str] | None = None,
        include_refused: bool = False,
        limit: int = 100,
    ) -> ListJobsResponse:
        """The same, with the revision after which `watch` goes on. It keeps no refused requests to be included."""
        if include_refused:
            raise refusal("UNSUPPORTED", "This runtime keeps no refused requests.", feature="job.refused")
        fits = job_filter(states, skill_id, run_id, labels)
        found = [listed(each.job) for each in reversed(self._records.values()) if fits(each.job)][:limit]
        return ListJobsResponse(jobs=found, revision=len(self._history.changes))

    async def cancel(self, job_id: str, *, reason: str = "") -> Job:
        """Ask for the end. A job that holds ends after the answer was made."""
        record = self._record(job_id)
        if record.job.state in TERMINAL:
            return record.job
        record.append(CancelRequested(reason=reason))
        asked = record.job
        outcome = Outcome(cause=OutcomeCause.CANCELED, failure_reason_code="CANCEL.REQUESTED")
        self._finish(record, JobState.CANCELED, outcome)
        return asked

    async def events(self, job_id: str, *, since_seq: int = 0, follow: bool = True) -> AsyncGenerator[JobEvent, None]:
        """The events after `since_seq`."""
        record = self._record(job_id)
        if record.job.state in TERMINAL and since_seq > record.job.last_seq:
            raise refusal(
                "SEQ_AHEAD",
                f"{job_id} ended with event {record.job.last_seq}, before {since_seq}.",
                job_id=job_id,
                requested=str(since_seq),
                latest=str(record.job.last_seq),
            )
        while True:
            changed = record.changed
            for event in list(record.after(since_seq)):
                since_seq = event.last_seq
                yield event
            if not follow or record.job.state in TERMINAL:
                return
            await changed.wait()

    async def stored_events(self, job_id: str, *, since_seq: int = 0) -> AsyncGenerator[bytes, None]:
        """The events so far, as bytes."""
        for event in self._record(job_id).events:
            if event.last_seq > since_seq:
                yield bytes(event)

    async def wait(self, job_id: str) -> Job:
        """The job when it has ended."""
        async for _ in self.events(job_id):
            pass
        return self._record(job_id).job

    async def locks(self) -> ListLocksResponse:
        """There are none."""
        return ListLocksResponse()

    async def watch(
        self,
        *,
        since_revision: int = 0,
        states: Sequence[JobState] = (),
        skill_id: str = "",
        run_id: str = "",
        labels: Mapping[str, str] | None = None,
    ) -> AsyncGenerator[JobChange, None]:
        """State changes of all jobs that fit, without end."""
        fits = job_filter(states, skill_id, run_id, labels)
        async with aclosing(self._history.follow(since_revision, fits)) as changes:
            async for change in changes:
                yield change

    def _accept(self, asked: Asked, key: str) -> Job:
        summary = self._runnable(asked.skill_id, *asked.pins)
        body = ids.body(time_ms=len(self._records), entropy=bytes(ids.ENTROPY_BYTES))
        if not asked.correlation.run_id:
            asked = replace(asked, correlation=replace(asked.correlation, run_id=ids.run_id(body)))
        job = asked.job(body, summary, key)
        submitted = asked.submitted(summary)
        record = self._records[job.job_id] = Record.begin(job, submitted, self._history)
        self._asked[job.job_id] = asked
        if key:
            self._keys[key] = (asked.request_digest, job.job_id)
        accepted = record.job
        self._scripts[job.job_id] = iter(self._tools[asked.skill_id].script(asked.data))
        provenance = RunProvenance(
            input_hash=submitted.input_hash,
            env_fingerprint=digest({}),
            tool_digest=summary.tool_digest,
            retry_of_job_id=asked.retry_of_job_id,
        )
        record.append(Started(attempt=1, executor_backend="fake", provenance=provenance))
        self._go_on(record)
        return accepted

    def _go_on(self, record: Record) -> None:
        for step in self._scripts[record.job.job_id]:
            match step:
                case Say():
                    ends_partial = not step.data.endswith(b"\n")
                    record.append(Output(stream=step.stream, data=step.data, ends_partial=ends_partial))
                case Report():
                    record.append(Progress(message=step.message, done=step.done, total=step.total, unit=step.unit))
                case Produce():
                    record.append(ArtifactProduced(artifact=self._keep(step)))
                case Hold():
                    return
                case End():
                    self._end(record, step)
                    return
        self._end(record, End())

    def _end(self, record: Record, end: End) -> None:
        well = end.exit_code == 0 and end.failure_reason_code in ("", "NONE")
        outcome = Outcome(
            cause=OutcomeCause.EXITED,
            exit_code=end.exit_code,
            failure_reason_code=end.failure_reason_code or ("NONE" if well else "PROCESS.EXIT_NONZERO"),
            message="" if well else f"The program ended with exit code {end.exit_code}.",
            result=end.result,
        )
        self._finish(record, JobState.SUCCEEDED if well else JobState.FAILED, outcome)

    def _finish(self, record: Record, state: JobState, outcome: Outcome) -> None:
        record.append(
            Finished(
                state=state,
                outcome=outcome,
                output_totals=record.totals(),
                provenance=record.job.provenance
                and replace(record.job.provenance, artifacts=list(record.job.artifacts)),
                chain_head=record.chain_head(),
            )
        )

    def _known(self, key: str, request_digest: str) -> Job | None:
        first_digest, first_job = self._keys.get(key, ("", ""))
        if not first_job:
            return None
        if first_digest != request_digest:
            raise refusal(
                "IDEMPOTENCY_KEY_REUSED",
                f"The key {key!r} belongs to {first_job}, another request.",
                key=key,
                first_digest=first_digest,
                this_digest=request_digest,
                first_job=first_job,
            )
        return self._records[first_job].job

    def _record(self, job_id: str) -> Record:
        if job_id not in self._records:
            raise refusal("JOB_NOT_FOUND", f"There is no job {job_id!r}.", job_id=job_id)
        return self._records[job_id]
