"""The state machine of a job: one table, from where it stands and what happened to where it stands then.

- Submitted comes first and once: it makes the job QUEUED.
- Started comes at most once, and not after a cancellation was asked for.
- A cancellation is asked for at most once; it is a wish and changes no state. Whether it came before the end is
  decided by the order of the facts.
- Finished carries the terminal state. CANCELED needs a cancellation that was asked for; SUCCEEDED needs a start; a job
  may succeed although a cancellation was asked for.
- Output, progress, artifacts, signals and survivors belong to a run: between Started and Finished.
- A terminal job accepts nothing, so Finished is the last fact and the only one of its kind.
- Seqs have no gaps: a fact begins where the one before ended.

Pure. The diagram in the documentation is made from the table.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final, assert_never

from dome_contracts.runtime.v1 import (
    ArtifactProduced,
    CancelRequested,
    Finished,
    JobState,
    Output,
    Progress,
    Signaled,
    Started,
    Submitted,
    SurvivorFound,
    Truncated,
    Waiting,
)
from domed.errors import InvalidTransition
from domed.jobs.model import TERMINAL, Fact, Job

Rule = Callable[[Job, Fact], JobState | None]
"""Says where a fact leads, or None where it does not fit."""

ABSENT: Final = JobState.UNSPECIFIED
"""Before the first fact there is no job."""
QUEUED: Final = JobState.QUEUED
RUNNING: Final = JobState.RUNNING

ENDS: Final[Mapping[JobState, frozenset[JobState]]] = {
    QUEUED: frozenset({JobState.FAILED, JobState.CANCELED}),
    RUNNING: TERMINAL,
}
"""Terminal states by the state that a job ends from."""


def started(job: Job, fact: Fact) -> JobState | None:
    """Not after a cancellation was asked for."""
    return None if job.cancel_requested else RUNNING


def first_request(job: Job, fact: Fact) -> JobState | None:
    """The first request counts, and there is no other."""
    return None if job.cancel_requested else job.state


def finished(job: Job, fact: Fact) -> JobState | None:
    """The terminal state that the fact carries, where the job can end so."""
    if not isinstance(fact, Finished) or fact.state not in ENDS[job.state]:
        return None
    return None if fact.state is JobState.CANCELED and not job.cancel_requested else fact.state


TRANSITIONS: Final[Mapping[tuple[JobState, type[Fact]], JobState | Rule]] = {
    (ABSENT, Submitted): QUEUED,
    (QUEUED, Waiting): QUEUED,
    (QUEUED, Started): started,
    (QUEUED, CancelRequested): first_request,
    (QUEUED, Finished): finished,
    (RUNNING, Output): RUNNING,
    (RUNNING, Progress): RUNNING,
    (RUNNING, ArtifactProduced): RUNNING,
    (RUNNING, CancelRequested): first_request,
    (RUNNING, Signaled): RUNNING,
    (RUNNING, SurvivorFound): RUNNING,
    (RUNNING, Truncated): RUNNING,
    (RUNNING, Finished): finished,
}


def next_state(job: Job, fact: Fact) -> JobState:
    """Where the job stands after the fact. Raises InvalidTransition."""
    state = job.state if job.last_seq else ABSENT
    rule = TRANSITIONS.get((state, type(fact)))
    after = rule(job, fact) if callable(rule) else rule
    if after is None:
        raise InvalidTransition(job.job_id, state=state.name or str(state), fact=type(fact).__name__)
    return after


def advance(job: Job, fact: Fact, *, seq: int, last_seq: int, time: datetime) -> Job:
    """The job after one more fact. Raises InvalidTransition, and ValueError where `seq` does not follow the job's."""
    if seq != job.last_seq + 1 or last_seq < seq:
        raise ValueError(f"seqs {seq} to {last_seq} do not follow {job.last_seq}")
    state = next_state(job, fact)
    match fact:
        case Started():
            return replace(
                job,
                state=state,
                last_seq=last_seq,
                start_time=time,
                attempt=fact.attempt,
                provenance=fact.provenance,
            )
        case Progress():
            return replace(job, last_seq=last_seq, progress=fact)
        case ArtifactProduced():
            produced = () if fact.artifact is None else (fact.artifact,)
            return replace(job, last_seq=last_seq, artifacts=job.artifacts + produced)
        case CancelRequested():
            return replace(job, last_seq=last_seq, cancel_requested=True)
        case Finished():
            return replace(
                job,
                state=state,
                last_seq=last_seq,
                end_time=time,
                outcome=fact.outcome,
                provenance=job.provenance if fact.provenance is None else fact.provenance,
            )
        case Submitted() | Waiting() | Output() | Signaled() | SurvivorFound() | Truncated():
            return replace(job, state=state, last_seq=last_seq)
        case _:
            assert_never(fact)


def moves_seq_only(fact: Fact) -> bool:
    """Whether the fact changes nothing of a stored job but its `last_seq`."""
    return isinstance(fact, Waiting | Output | Signaled | SurvivorFound | Truncated)


def diagram() -> str:
    """The table as a mermaid state diagram."""
    lines = ["stateDiagram-v2"]
    for (state, fact), rule in TRANSITIONS.items():
        targets = ENDS[state] if fact is Finished else {_only_target(state, rule)}
        lines += [f"    {_label(state)} --> {target.name}: {fact.__name__}" for target in sorted(targets)]
    lines += [f"    {state.name} --> [*]" for state in sorted(TERMINAL)]
    return "\n".join(lines) + "\n"


def _label(state: JobState) -> str:
    return "[*]" if state is ABSENT else state.name or str(state)


def _only_target(state: JobState, rule: JobState | Rule) -> JobState:
    if rule is started:
        return RUNNING
    return state if callable(rule) else rule
