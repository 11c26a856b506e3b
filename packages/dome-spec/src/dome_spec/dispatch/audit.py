"""What the daemon's audit of refused requests says of attempts: a refusal that its dispatcher did not live to keep.

Whoever carries a run out keeps its refusals itself. One that was killed before it could has left a row in the audit
alone: it is entered into the log of the run, and from there it is the same refusal as every other one.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Final

from dome_contracts.canonical import canonical_bytes
from dome_contracts.ids import ALPHABET, InvalidId, body_of, parse_run_id
from dome_contracts.runtime.v1 import JobState, RefusedRequest, Requester
from dome_contracts.schema.control.event_envelope import Correlation
from dome_contracts.schema.control.spawn_spec import SpawnSpec
from dome_contracts.schema.control.task_result import TaskResult
from dome_contracts.schema.knowledge.fact import Fact, QuarantineCause
from dome_spec.binding import quarantine
from dome_spec.dispatch.decide.identity import LABEL
from dome_spec.dispatch.job.asked import METHOD, request_digest
from dome_spec.dispatch.job.evidence import JSON, keep_refusal
from dome_spec.dispatch.job.result import Assignment, denied, unseen_result
from dome_spec.dispatch.kept_runs import DISPATCH, KeptRun
from dome_spec.dispatch.ports import RuntimePlane
from dome_spec.dispatch.record import Topic, if_free
from dome_spec.dispatch.refusals import REFUSED
from dome_spec.kernel import Violation, derived_id, timestamp

FEATURE: Final = "job.refused"
"""Feature flag of a daemon that lists what it refused."""
WRAPPER: Final = "knowledge/wrapper_envelope"
_DIGITS: Final = str.maketrans(ALPHABET, "0123456789abcdefghijklmnopqrstuv")
_UNORDERED_BITS: Final = 65
"""Bits of an id that a position leaves out, so that a store holds it as a number."""
_FIRST_PAGE: Final = 200
_ROWS_MAX: Final = 20_000
"""More than a daemon keeps."""


class Standing(Enum):
    """What becomes of a row of the audit."""

    OF_NO_ATTEMPT = auto()
    """It names no run, or none that is kept here: another repository's, or nobody's plan."""
    KNOWN = auto()
    """Whoever carried the run out has kept it, or asked again and was not refused."""
    TAKEN = auto()
    """It was taken in now."""
    PUT_ASIDE = auto()
    """It names a run that is kept here, and not what was asked for in it."""
    HELD_BACK = auto()
    """The run is being carried out: it is for its holder to keep the refusal."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Whose request it was, as its client has said."""

    run_id: str
    group_id: str


def position(refusal_id: str) -> int:
    """The place of a row in the order in which rows were made. Those of one moment may share it."""
    return int(body_of(refusal_id).translate(_DIGITS), 32) >> _UNORDERED_BITS


def is_denial(row: RefusedRequest) -> bool:
    """Whether an execution was asked for and refused for good. Looking is no act; what is busy may be asked again."""
    return row.method == METHOD and row.reason.name in REFUSED


def claim_of(row: RefusedRequest) -> Claim | None:
    """The attempt that the request was for; None where it names none."""
    said = row.requester or Requester()
    try:
        return Claim(parse_run_id(said.client_session_id), said.client_call_id)
    except InvalidId:
        return None


async def refused_since(plane: RuntimePlane, since: int, repository_id: str) -> list[RefusedRequest]:
    """The rows from a position on, the oldest first, each once."""
    limit, states, labels = _FIRST_PAGE, (JobState.QUEUED,), {LABEL: repository_id}
    while True:
        page = await plane.listing(states=states, labels=labels, limit=limit, include_refused=True)
        rows = {row.refusal_id: row for row in page.refused}
        reached = any(position(each) < since for each in rows)
        if reached or not page.next_page_token or limit >= _ROWS_MAX:
            return [rows[each] for each in sorted(rows, key=body_of) if position(each) >= since]
        limit *= 10


@dataclass(frozen=True, slots=True)
class Audited:
    """A row, what becomes of it, and the facts that follow."""

    standing: Standing
    facts: tuple[Fact, ...] = ()


def settle(row: RefusedRequest, run: KeptRun, claim: Claim) -> Audited:
    """Take a row in that names a run. Raises RecordDamaged, RecordUnwritable."""
    run.read_again()
    assignment = run.assignment(claim.group_id)
    problem = _problem(row, run, assignment)
    if assignment is None or problem is not None:
        found = problem or Violation("/group_id", "the run has no such attempt")
        return Audited(Standing.PUT_ASIDE, (_put_aside(row, run, claim, found),))
    if _is_known(run, assignment):
        return Audited(Standing.KNOWN)
    with if_free(run.record.directory) as is_free:
        if not is_free:
            return Audited(Standing.HELD_BACK)
        run.read_again()
        assignment = run.assignment(claim.group_id)
        if assignment is None or _is_known(run, assignment):
            return Audited(Standing.KNOWN)
        return Audited(Standing.TAKEN, tuple(_entered(row, run, assignment)))


def _is_known(run: KeptRun, assignment: Assignment) -> bool:
    return assignment.attempt.job_id is not None or run.record.kept(TaskResult, assignment.group_id) is not None


def _problem(row: RefusedRequest, run: KeptRun, assignment: Assignment | None) -> Violation | None:
    """Why the row is not of the attempt that it names."""
    if assignment is None:
        return Violation("/group_id", "the run has no such attempt")
    spawn = run.record.kept(SpawnSpec, assignment.group_id)
    if spawn is None:
        return Violation("/lineage", "nothing was asked for of this attempt")
    if not row.request_digest:  # a request that is not legal by itself has none
        return None
    directory = os.path.realpath(assignment.working_directory)
    if row.request_digest != request_digest(assignment, spawn, real_directory=directory):
        return Violation("/lineage", "what was refused is another request than that of the attempt")
    return None


def _entered(row: RefusedRequest, run: KeptRun, assignment: Assignment) -> Iterator[Fact]:
    """Enter the refusal where its dispatcher would have: into the log, then as the result of the attempt."""
    log, reason = run.record.log, row.reason.name or ""
    code, message = REFUSED[reason].value, f"The daemon has refused it: {reason}."
    event = log.of_attempt(Topic.REFUSED, assignment.group_id)
    if event is None:
        payload = {"message": message, "policy_reason_code": code, "rpc_reason": reason, "refusal_id": row.refusal_id}
        event = log.enter(
            Topic.REFUSED,
            payload,
            event_id=derived_id("evt", row.refusal_id.encode()),
            occur_time=timestamp(_moment(row)),
            effector=DISPATCH,
            correlation=Correlation(task_id=assignment.task_id, group_id=assignment.group_id),
        )
    message, reason = str(event.payload["message"]), str(event.payload["rpc_reason"])
    member = keep_refusal(message, reason, assignment.group_id, run.store)
    outcome = denied(str(event.payload["policy_reason_code"]))
    result = unseen_result(assignment, outcome, message=message, end_time=_moment(row), rpc_reason=reason)
    run.record.keep(result.model_copy(update={"evidence": [member.evidence]}))
    yield from run.unseen(event, assignment.group_id)


def _moment(row: RefusedRequest) -> datetime:
    if row.occur_time is None:
        raise ValueError(f"the row {row.refusal_id} of the audit does not say when")
    return row.occur_time


def _put_aside(row: RefusedRequest, run: KeptRun, claim: Claim, found: Violation) -> Fact:
    """The wrapper that it would be, without what is not known of it; a person can add that."""
    reason = row.reason.name or ""
    said = {
        "refusal_id": row.refusal_id,
        "reason": reason,
        "skill_id": row.skill_id,
        "request_digest": row.request_digest,
        "occur_time": timestamp(_moment(row)),
    }
    kept = run.store.put(canonical_bytes(said))
    wrapper = {
        "schema_version": "1",
        "run_id": claim.run_id,
        "group_id": claim.group_id,
        "signal": "guard_denial",
        "wrapper_policy": run.opening.fallback_mode.value,
        "outcome": denied(REFUSED[reason].value).to_value(),
        "evidence": [{"digest": kept.digest, "location": kept.location, "media_type": JSON}],
        "wrap_time": timestamp(_moment(row)),
    }
    document = canonical_bytes(wrapper)
    run.store.put(document)
    missing = [Violation(place, "the audit does not say it") for place in ("/lineage", "/task", "/task_id")]
    return quarantine(
        document,
        QuarantineCause.LINEAGE_INVALID,
        [found, *(each for each in missing if each.place != found.place)],
        family=WRAPPER,
        repository_id=run.repository_id,
        now=_moment(row),
    ).fact
