"""Everything that a guard may find, each with what it makes of it: what laws of the table are tried over.

What is expected stands beside each input, written down by itself: no guard is asked.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from types import MappingProxyType
from typing import Any, Final

from dome_contracts.canonical import digest_bytes
from dome_contracts.schema.governance.charter import ReviewPolicy
from dome_contracts.schema.governance.mission_type import LaneGuard
from dome_contracts.schema.missions.review_result import Documents, ReviewResult, ReviewVerdict
from dome_contracts.schema.missions.status_event import (
    CommitReceipt,
    ConflictRule,
    ReceiptSource,
    ReviewReference,
    SubtaskStatus,
    TransitionPrepared,
    WorkspaceRef,
)
from dome_contracts.schema.shared.definitions import ArtefactWitness, Effector, Lane
from dome_spec.missions.status import Fork, PackageState
from dome_spec.missions.status.guards import GuardFacts
from dome_spec.missions.status.state import StandingReview
from tests.missions_made import AGENT, COMMIT, COMMITS, MISSION_ID, OTHER, TOLD

ASKING: Final = AGENT
"""Who asks for the change of lane."""
_SAME: Final = AGENT.model_copy(update={"role": "reviewer", "profile_ref": "reviewer"})
"""The same actor in another part."""
VERSION: Final = 7
REVIEW_EVENT: Final = "evt-01hy2y63cm7n59a7hdtrjvmwd1"
_OTHER_EVENT: Final = "evt-01hy2y63cm7n59a7hdtrjvmwd2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One thing that may be known or given, and which guards refuse because of it, with which code."""

    name: str
    known: Mapping[str, Any] = field(default_factory=dict)
    """Of the package."""
    given: Mapping[str, Any] = field(default_factory=dict)
    refused: Mapping[LaneGuard, str] = field(default_factory=dict)


Inputs = Callable[[Lane, Lane], Iterable[Input]]
"""What there may be of one kind, for the lane that is left and the one that is entered."""


def _dependencies(lane: Lane, to: Lane) -> Iterator[Input]:
    satisfying = frozenset({Lane.APPROVED, Lane.DONE})
    for other in (None, *Lane):
        is_open = other is not None and other not in satisfying
        yield Input(
            name=f"waits for {other}",
            given={
                "dependencies": {} if other is None else {"WP08": Lane.DONE, "WP09": other},
                "satisfying": satisfying,
            },
            refused={LaneGuard.DEPENDENCIES_SATISFIED: "DEPENDENCIES_OPEN"} if is_open else {},
        )


def _artefact(lane: Lane, to: Lane) -> Iterator[Input]:
    stale = {LaneGuard.ARTEFACT_CURRENT: "STALE_ARTEFACT"}
    shown = ArtefactWitness(digest=TOLD, stream_version=VERSION)
    early = ArtefactWitness(digest=TOLD, stream_version=VERSION - 1)
    yield Input(name="nothing shown", given={"artefact_digest": TOLD}, refused=stale)
    yield Input(name="an earlier version", given={"witness": early, "artefact_digest": TOLD}, refused=stale)
    yield Input(name="nobody can say", given={"witness": shown}, refused=stale)
    other = digest_bytes(b"other")
    yield Input(name="other words", given={"witness": shown, "artefact_digest": other}, refused=stale)
    yield Input(name="current", given={"witness": shown, "artefact_digest": TOLD})


def _workspace(lane: Lane, to: Lane) -> Iterator[Input]:
    there = WorkspaceRef(branch="refs/heads/work", base=COMMIT)
    yield Input(name="no workspace", refused={LaneGuard.WORKSPACE_RESOLVED: "WORKSPACE_MISSING"})
    yield Input(name="a known workspace", known={"workspace": there})
    yield Input(name="a given workspace", given={"workspace": there})


def _holder(lane: Lane, to: Lane) -> Iterator[Input]:
    part = {Lane.CLAIMED: "implementer", Lane.IN_PROGRESS: "implementer", Lane.IN_REVIEW: "reviewer"}.get(lane)
    for implementer, reviewer in product((None, AGENT, _SAME, OTHER), repeat=2):
        holder = {"implementer": implementer, "reviewer": reviewer}.get(part or "")
        is_held = holder is not None and (holder.kind, holder.id) == (ASKING.kind, ASKING.id)
        yield Input(
            name=f"implemented by {implementer}, reviewed by {reviewer}",
            known={"implementer": implementer, "reviewer": reviewer},
            refused={} if is_held else {LaneGuard.HOLDER_ONLY: "NOT_HOLDER"},
        )


def _reason(lane: Lane, to: Lane) -> Iterator[Input]:
    for reason in (None, "", " \n"):
        yield Input(
            name=f"reason {reason!r}", given={"reason": reason}, refused={LaneGuard.REASON_GIVEN: "REASON_MISSING"}
        )
    yield Input(name="a reason", given={"reason": "So it is."})


def _subtasks(lane: Lane, to: Lane) -> Iterator[Input]:
    roster = {"roster": ("T001", "T002")}
    yield Input(name="no subtasks")
    for status in (None, *SubtaskStatus):
        is_open = status not in {SubtaskStatus.DONE, SubtaskStatus.DROPPED}
        yield Input(
            name=f"a subtask that is {status}",
            known={"subtasks": {"T001": SubtaskStatus.DONE, **({} if status is None else {"T002": status})}},
            given=roster,
            refused={LaneGuard.SUBTASKS_COMPLETE: "SUBTASKS_OPEN"} if is_open else {},
        )


def _evidence(lane: Lane, to: Lane) -> Iterator[Input]:
    documents = {"kind": "documents", "documents": [{"digest": TOLD, "location": "docs/a.md"}]}
    yield Input(name="no evidence", refused={LaneGuard.EVIDENCE_PRESENT: "EVIDENCE_MISSING"})
    yield Input(name="commits", given={"evidence": COMMITS})
    yield Input(name="documents", given={"evidence": Documents.from_value(documents)})


def _checks(lane: Lane, to: Lane) -> Iterator[Input]:
    for passed in (None, False):
        refused = {LaneGuard.CHECKS_PASSED: "CHECKS_OPEN"}
        yield Input(name=f"checks {passed}", given={"are_checks_passed": passed}, refused=refused)
        documents = Documents.from_value(
            {"kind": "documents", "documents": [{"digest": TOLD, "location": "docs/a.md"}]}
        )
        yield Input(
            name=f"checks {passed} of documents",
            known={"evidence": documents},
            given={"are_checks_passed": passed},
            refused={} if passed is None else refused,
        )
    yield Input(name="checks passed", given={"are_checks_passed": True})


def _review(lane: Lane, to: Lane) -> Iterator[Input]:
    """A review, and which one is named: one guard asks for both."""
    missing = dict.fromkeys(
        (LaneGuard.REVIEW_RECORDED, LaneGuard.VERDICT_APPROVES, LaneGuard.VERDICT_REQUESTS_CHANGES), "REVIEW_MISSING"
    )
    approves, requests = (
        {LaneGuard.VERDICT_REQUESTS_CHANGES: "VERDICT_OTHER"},
        {LaneGuard.VERDICT_APPROVES: "VERDICT_OTHER"},
    )
    kinds: list[tuple[str, StandingReview | None, dict[LaneGuard, str]]] = [
        ("no review", None, missing),
        ("an approval", _standing("approved"), approves),
        ("a rejection", _standing("changes_requested"), requests),
        ("an approval of an earlier cycle", replace(_standing("approved"), is_current=False), missing),
        ("a rejection of an earlier cycle", replace(_standing("changes_requested"), is_current=False), missing),
        ("an overridden rejection", replace(_standing("changes_requested"), is_overridden=True), {}),
    ]
    for (name, review, refused), named in product(kinds, (None, _OTHER_EVENT, REVIEW_EVENT)):
        reference = None if named is None else ReviewReference(review_event=named, verdict=ReviewVerdict.APPROVED)
        is_named = review is not None and named == REVIEW_EVENT
        unnamed = {} if is_named else {LaneGuard.REVIEW_REFERENCED: "REVIEW_REFERENCE_MISSING"}
        yield Input(
            name=f"{name}, named {named}",
            known={"review": review},
            given={"review": reference},
            refused={**refused, **unnamed},
        )


def _independence(lane: Lane, to: Lane) -> Iterator[Input]:
    parts: list[tuple[Effector, ...]] = [(), (OTHER,), (AGENT,), (OTHER, AGENT), (_SAME,)]
    for implementers in parts:
        had_a_part = ASKING.id in {each.id for each in implementers}
        refused = {LaneGuard.REVIEWER_INDEPENDENT: "REVIEWER_NOT_INDEPENDENT"} if had_a_part else {}
        yield Input(name=f"done by {implementers}", known={"implementers": implementers}, refused=refused)


def _prior(lane: Lane, to: Lane) -> Iterator[Input]:
    for prior in (None, *Lane):
        refused = {} if prior is to else {LaneGuard.PRIOR_LANE: "PRIOR_LANE_OTHER"}
        yield Input(name=f"blocked in {prior}", known={"prior_lane": prior}, refused=refused)


def _receipt(lane: Lane, to: Lane) -> Iterator[Input]:
    landed = CommitReceipt(
        operation_id="op-01hy2y63cm7n59a7hdtrjvmwd0",
        commit="5" * 40,
        parent=COMMIT,
        destination_ref="refs/heads/main",
        found_by=ReceiptSource.ANSWER,
    )
    yield Input(name="no receipt", refused={LaneGuard.INTEGRATION_VERIFIED: "INTEGRATION_UNVERIFIED"})
    yield Input(name="a receipt", given={"receipt": landed})


def _approvals(lane: Lane, to: Lane) -> Iterator[Input]:
    """What the charter asks of reviews, and who has approved."""
    person = Effector.from_value({"kind": "human", "id": "grace"})
    for wanted, human, given in product((None, 1, 2), (None, "advised", "required"), ((), (OTHER,), (OTHER, person))):
        policy = {"approvals_min": wanted, "human": human}
        is_refused = len(given) < (wanted or 1) or (human == "required" and person not in given)
        yield Input(
            name=f"{wanted} approvals, a person {human}, by {len(given)}",
            known={"approvals": given},
            given={"reviews": ReviewPolicy.from_value({name: each for name, each in policy.items() if each})},
            refused={LaneGuard.APPROVALS_COMPLETE: "APPROVALS_MISSING"} if is_refused else {},
        )
    yield Input(name="nothing asked")


def _standing(verdict: str) -> StandingReview:
    findings = [] if verdict == "approved" else [{"weight": "blocks", "severity": "error", "text": "It fails."}]
    feedback = {} if verdict == "approved" else {"feedback": {"digest": TOLD, "location": "evidence/feedback"}}
    value = {
        "schema_version": "1",
        "mission_id": MISSION_ID,
        "work_package_id": "WP01",
        "cycle": 1,
        "reviewer": OTHER.to_value(),
        "implementers": [AGENT.to_value()],
        "witness": {"digest": TOLD, "stream_version": VERSION},
        "reviewed": COMMITS.to_value(),
        "verdict": verdict,
        "findings": findings,
        "review_time": "2026-01-02T03:04:05Z",
        **feedback,
    }
    return StandingReview(event_id=REVIEW_EVENT, result=ReviewResult.from_value(value))


SPACE: Final[Mapping[frozenset[LaneGuard], Inputs]] = MappingProxyType(
    {
        frozenset({LaneGuard.DEPENDENCIES_SATISFIED}): _dependencies,
        frozenset({LaneGuard.ARTEFACT_CURRENT}): _artefact,
        frozenset({LaneGuard.WORKSPACE_RESOLVED}): _workspace,
        frozenset({LaneGuard.HOLDER_ONLY}): _holder,
        frozenset({LaneGuard.REASON_GIVEN}): _reason,
        frozenset({LaneGuard.SUBTASKS_COMPLETE}): _subtasks,
        frozenset({LaneGuard.EVIDENCE_PRESENT}): _evidence,
        frozenset({LaneGuard.CHECKS_PASSED}): _checks,
        frozenset(
            {
                LaneGuard.REVIEW_RECORDED,
                LaneGuard.VERDICT_APPROVES,
                LaneGuard.VERDICT_REQUESTS_CHANGES,
                LaneGuard.REVIEW_REFERENCED,
            }
        ): _review,
        frozenset({LaneGuard.REVIEWER_INDEPENDENT}): _independence,
        frozenset({LaneGuard.PRIOR_LANE}): _prior,
        frozenset({LaneGuard.INTEGRATION_VERIFIED}): _receipt,
        frozenset({LaneGuard.APPROVALS_COMPLETE}): _approvals,
    }
)
"""The inputs by the guards that look at them. Those of one row belong together; rows are independent."""


def combinations(guards: Iterable[LaneGuard], lane: Lane, to: Lane) -> Iterator[tuple[Input, ...]]:
    """Every combination of what these guards may find."""
    wanted = set(guards)
    return product(*(tuple(inputs(lane, to)) for row, inputs in SPACE.items() if row & wanted))


def facts(inputs: Iterable[Input], lane: Lane, to: Lane, **known: Any) -> GuardFacts:
    """What guards look at where there is all of this."""
    chosen = tuple(inputs)
    package = state(lane, **{name: value for each in chosen for name, value in each.known.items()}, **known)
    given = {name: value for each in chosen for name, value in each.given.items()}
    return GuardFacts(state=package, effector=ASKING, to=to, **given)


def codes(inputs: Iterable[Input], guards: Iterable[LaneGuard]) -> list[tuple[LaneGuard, str]]:
    """Which of the guards have to refuse, in their order, each with its code."""
    refused = {guard: code for each in inputs for guard, code in each.refused.items()}
    return [(guard, refused[guard]) for guard in guards if guard in refused]


def state(lane: Lane, **known: Any) -> PackageState:
    """A package in a lane."""
    stated: dict[str, Any] = {
        "work_package_id": "WP01",
        "digest": TOLD,
        "lane": lane,
        "version": VERSION,
        "last_event_id": _OTHER_EVENT,
        "last_time": "2026-01-02T03:04:05Z",
    }
    return PackageState(**{**stated, **known})


def held_up() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What keeps a package from moving at all: the code, and how the package stands."""
    move = {"operation": "submit", "from": "in_progress", "to": "for_review"}
    prepared = {
        "kind": "transition_prepared",
        "operation_id": "op-01hy2y63cm7n59a7hdtrjvmwd0",
        "move": move,
        "witness": {"digest": TOLD, "stream_version": VERSION},
        "paths": ["src/a.py"],
        "expected_version": VERSION,
        "destination_ref": "refs/heads/work",
        "parent": COMMIT,
    }
    fork = Fork(
        parent=None,
        children=(REVIEW_EVENT, _OTHER_EVENT),
        winner=REVIEW_EVENT,
        rule=ConflictRule.LOWER_EVENT_ID,
        tips=(_OTHER_EVENT,),
    )
    yield "PACKAGE_PENDING", {"prepared": TransitionPrepared.from_value(prepared)}
    yield "PACKAGE_CONFLICTED", {"forks": (fork,)}
    yield "PACKAGE_CONFLICTED", {"conflicts": {_OTHER_EVENT: frozenset({REVIEW_EVENT})}}
