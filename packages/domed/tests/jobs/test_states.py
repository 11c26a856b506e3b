"""Every walk of a job obeys the table."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import (
    Artifact,
    ArtifactProduced,
    CancelRequested,
    Finished,
    JobState,
    Output,
    Progress,
    RunProvenance,
    Signaled,
    Started,
    Submitted,
    SurvivorFound,
    Truncated,
    Waiting,
)
from domed.errors import InvalidTransition
from domed.jobs.model import TERMINAL, Fact, Job
from domed.jobs.states import ENDS, TRANSITIONS, advance, diagram, moves_seq_only, next_state
from packages.domed.tests.jobs.strategies import FACTS
from packages.domed.tests.values import NOON, exited, started, submission

JOB = Job(JobId("job-01kdvdna0004hmasw9nf6yy093"), submission(), NOON)
TERMINAL_STATES = sorted(TERMINAL)
# Walks of legal and illegal steps in a mixture that reaches every state.
STEPS = st.sampled_from(
    [
        Submitted(),
        Waiting(),
        Started(attempt=1),
        Output(data=b"a\n"),
        Progress(message="half"),
        ArtifactProduced(artifact=Artifact(name="a")),
        CancelRequested(reason="enough"),
        Signaled(signal=15),
        SurvivorFound(pid=1),
        Truncated(bytes=1),
        *(Finished(state=state, outcome=exited()) for state in JobState),
    ]
)


def after(*facts: Fact) -> Job:
    job = JOB
    for fact in facts:
        job = step(job, fact)
    return job


def step(job: Job, fact: Fact) -> Job:
    return advance(job, fact, seq=job.last_seq + 1, last_seq=job.last_seq + 1, time=NOON)


def finished(state: JobState) -> Finished:
    return Finished(state=state, outcome=exited())


@given(st.lists(STEPS | FACTS, max_size=30))
def test_every_walk_obeys_the_table(facts: list[Fact]) -> None:
    job = JOB
    taken: list[Fact] = []
    for fact in [Submitted(), *facts]:
        before = job
        try:
            job = step(job, fact)
        except InvalidTransition:
            assert job is before
        else:
            assert (before.state if taken else JobState.UNSPECIFIED, type(fact)) in TRANSITIONS
            taken.append(fact)
    kinds = [type(fact) for fact in taken]
    assert job.last_seq == len(taken)
    assert kinds[0] is Submitted
    assert all(kinds.count(kind) <= 1 for kind in (Submitted, Started, CancelRequested, Finished))
    assert Finished not in kinds[:-1]
    assert (job.state in TERMINAL) == (kinds[-1] is Finished)
    assert (Started in kinds) == (job.attempt > 0 or job.start_time is not None)
    assert job.cancel_requested == (CancelRequested in kinds)
    assert job.state is not JobState.CANCELED or CancelRequested in kinds
    assert job.state is not JobState.SUCCEEDED or Started in kinds


@pytest.mark.parametrize("state", TERMINAL_STATES, ids=lambda state: state.name)
@given(fact=FACTS)
def test_a_terminal_job_accepts_nothing(fact: Fact, state: JobState) -> None:
    job = after(Submitted(), started(), CancelRequested(), finished(state))
    with pytest.raises(InvalidTransition) as refused:
        step(job, fact)
    assert refused.value.metadata["state"] == state.name


def test_a_job_is_submitted_first() -> None:
    assert after(Submitted()).state is JobState.QUEUED
    for fact in (Waiting(), Started(), CancelRequested(), finished(JobState.FAILED)):
        with pytest.raises(InvalidTransition):
            step(JOB, fact)


def test_a_job_starts_once() -> None:
    job = after(Submitted(), started())
    assert (job.state, job.start_time, job.attempt) == (JobState.RUNNING, NOON, 1)
    with pytest.raises(InvalidTransition):
        step(job, started())


def test_a_job_does_not_start_after_a_cancellation_was_asked_for() -> None:
    with pytest.raises(InvalidTransition):
        after(Submitted(), CancelRequested(), started())


def test_a_cancellation_changes_no_state() -> None:
    assert after(Submitted(), CancelRequested()).state is JobState.QUEUED
    assert after(Submitted(), started(), CancelRequested()).state is JobState.RUNNING


def test_a_job_that_nobody_canceled_does_not_end_canceled() -> None:
    with pytest.raises(InvalidTransition):
        after(Submitted(), started(), finished(JobState.CANCELED))


def test_a_job_may_succeed_although_a_cancellation_was_asked_for() -> None:
    assert after(Submitted(), started(), CancelRequested(), finished(JobState.SUCCEEDED)).state is JobState.SUCCEEDED


def test_a_job_that_was_not_started_does_not_succeed() -> None:
    with pytest.raises(InvalidTransition):
        after(Submitted(), finished(JobState.SUCCEEDED))
    assert after(Submitted(), finished(JobState.FAILED)).state is JobState.FAILED


@pytest.mark.parametrize("state", [JobState.UNSPECIFIED, JobState.QUEUED, JobState.RUNNING], ids=lambda s: s.name)
def test_a_job_ends_in_a_terminal_state_only(state: JobState) -> None:
    with pytest.raises(InvalidTransition):
        after(Submitted(), started(), finished(state))


def test_the_end_carries_outcome_time_and_the_whole_record() -> None:
    first, whole = RunProvenance(repo="/a"), RunProvenance(repo="/a", result_digest="sha256:x")
    running = after(Submitted(), Started(attempt=1, provenance=first))
    assert running.provenance == first
    end = Finished(state=JobState.SUCCEEDED, outcome=exited(), provenance=whole)
    job = step(running, end)
    assert (job.outcome, job.end_time, job.provenance) == (exited(), NOON, whole)
    assert step(running, finished(JobState.FAILED)).provenance == first


def test_progress_is_replaced_and_artifacts_gather() -> None:
    one, two = (ArtifactProduced(artifact=Artifact(name=name)) for name in "ab")
    job = after(Submitted(), started(), Progress(done=1), one, Progress(done=2), two)
    assert job.progress == Progress(done=2)
    assert [artifact.name for artifact in job.artifacts] == ["a", "b"]


def test_seqs_have_no_gaps() -> None:
    job = after(Submitted())
    for seq, last_seq in ((1, 1), (3, 3), (2, 1)):
        with pytest.raises(ValueError, match="do not follow"):
            advance(job, Waiting(), seq=seq, last_seq=last_seq, time=NOON)


@given(STEPS)
def test_a_fact_that_moves_the_seq_only_moves_nothing_else(fact: Fact) -> None:
    for job in (after(Submitted()), after(Submitted(), started())):
        try:
            moved = step(job, fact)
        except InvalidTransition:
            continue
        only_seq: Any = {name for name in Job.__slots__ if getattr(moved, name) != getattr(job, name)}
        assert not moves_seq_only(fact) or only_seq == {"last_seq"}


def test_every_fact_and_every_state_stands_in_the_table() -> None:
    assert {fact for _, fact in TRANSITIONS} == set(get_args(Fact))
    assert {state for state, _ in TRANSITIONS} == set(JobState) - TERMINAL
    assert set().union(*ENDS.values()) == TERMINAL


def test_the_diagram_shows_every_step_that_can_be_taken() -> None:
    lines = diagram().splitlines()
    assert lines[0] == "stateDiagram-v2"
    assert "    [*] --> QUEUED: Submitted" in lines
    assert "    QUEUED --> RUNNING: Started" in lines
    assert "    RUNNING --> RUNNING: CancelRequested" in lines
    assert "    RUNNING --> SUCCEEDED: Finished" in lines
    assert "    QUEUED --> SUCCEEDED: Finished" not in lines
    assert [line for line in lines if "CANCELED --> " in line] == ["    CANCELED --> [*]"]


def test_next_state_names_what_did_not_fit() -> None:
    with pytest.raises(InvalidTransition) as refused:
        next_state(after(Submitted()), Output(data=b"x\n"))
    assert refused.value.metadata == {"job_id": JOB.job_id, "state": "QUEUED", "fact": "Output"}
