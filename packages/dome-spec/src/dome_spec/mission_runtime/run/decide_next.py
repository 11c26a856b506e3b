"""What comes next in a mission: a step, a question, a block, or nothing more. Pure and total; asking changes nothing.

Before the packages are fixed the steps of the run decide. After that the board does, whatever the run believes: what is
there to be carried out is carried out, then reviewed, then judged, then brought home. A template that has changed since
the run began blocks in any case.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from dome_contracts.canonical import digest
from dome_contracts.schema.governance.agent_profile import AgentRole
from dome_contracts.schema.governance.mission_type import MissionStep, MissionType
from dome_contracts.schema.governance.step_contract import StepContract
from dome_contracts.schema.mission_runtime.mission_run import MissionRun, Strictness
from dome_contracts.schema.mission_runtime.run_decision import RunDecision
from dome_contracts.schema.missions.acceptance import AcceptanceVerdict
from dome_contracts.schema.shared.definitions import Effector, Lane, MissionAction
from dome_spec.mission_runtime.board import board, progress
from dome_spec.mission_runtime.run.leaving import paths_of
from dome_spec.mission_runtime.run.progress import next_step, ordered, states
from dome_spec.mission_runtime.run.questions import Asking, before, reconsidered
from dome_spec.missions.status import Standing, held_up, same

ArtefactOf = Callable[[MissionAction, str | None], str | None]
"""Digest of what the effector would be given for an action, and of which package; None where it cannot be resolved."""
_OPEN: Final = frozenset({Lane.CLAIMED, Lane.IN_PROGRESS})
_PREFERRED: Final[Mapping[str | None, Sequence[MissionAction]]] = {
    AgentRole.IMPLEMENTER: (MissionAction.IMPLEMENT,),
    AgentRole.REVIEWER: (MissionAction.REVIEW,),
}
_BOTH: Final = (MissionAction.IMPLEMENT, MissionAction.REVIEW)


@dataclass(frozen=True, slots=True, kw_only=True)
class NextQuery:
    """What the decision is made from."""

    standing: Standing
    mission_type: MissionType
    """The type as it is now."""
    run: MissionRun | None
    """None: none has begun, and it is decided as if one began now."""
    effector: Effector | None
    artefact_of: ArtefactOf
    contracts: Mapping[str, StepContract]
    """The step contract of each step, by the step's id, where there is one."""
    missing: frozenset[str] = frozenset()
    """Artefacts of the type, by id, that nobody has written yet."""
    strictness: Strictness = Strictness.OFF
    """How much a run would ask the accountable person, where none has begun."""


def decide_next(query: NextQuery, *, is_query: bool) -> RunDecision:
    """What comes next. `is_query`: the same, as a preview."""
    is_board = _is_finalized(query.standing)
    found = _decided(query, is_board=is_board)
    value: dict[str, Any] = {
        "mission_id": query.standing.mission.mission_id,
        "origin": "board" if is_board else "run",
        "board_digest": board(query.standing).digest,
        "progress": progress(query.standing),
        "decision": {"kind": "query", "preview": found} if is_query else found,
        **({} if query.run is None else {"run_id": query.run.run_id}),
    }
    return RunDecision.from_value({"schema_version": "1", **value})


def _is_finalized(standing: Standing) -> bool:
    return standing.snapshot.mission is not None and standing.snapshot.mission.is_finalized


def _decided(query: NextQuery, *, is_board: bool) -> dict[str, Any]:
    mission = query.standing.snapshot.mission
    if mission is not None and mission.is_canceled:
        return {"kind": "terminal", "outcome": "canceled"}
    if mission is not None and mission.receipt is not None:
        return {"kind": "terminal", "outcome": "done"}
    if mission is not None and (mission.open_forks or mission.conflicts):
        return _blocked("conflict_unacknowledged", *_WORDS["conflict_unacknowledged"])
    begun = [query.standing.mission.mission_type, *([] if query.run is None else [query.run.mission_type])]
    now = digest(query.mission_type.to_value())
    if any(each.digest != now for each in begun):
        text = f"The mission type {query.mission_type.id} is not what it was when this began"
        return _blocked("template_drift", text, "Put it back, or begin a mission that follows this one")
    return _by_board(query) if is_board else _by_run(query)


# By the run


def _by_run(query: NextQuery) -> dict[str, Any]:
    run = query.run
    if run is not None and run.halt is not None:
        return _blocked(run.halt.reason.value, run.halt.text, "Look at it, then `dome mission next MISSION --resume`")
    found = ordered(query.mission_type)[0] if run is None else next_step(run, query.mission_type)
    if found is None or not set(found.actions) & _BEFORE_PACKAGES:
        return _blocked("mission_not_finalized", "The packages are not fixed yet", "`dome mission finalize MISSION`")
    return _asked(query, found) or _step(query, found)


_BEFORE_PACKAGES: Final = frozenset(
    {MissionAction.SPECIFY, MissionAction.PLAN, MissionAction.ANALYZE, MissionAction.FINALIZE}
)


def _asked(query: NextQuery, step: MissionStep) -> dict[str, Any] | None:
    """What keeps a step from being handed out: a question that goes before it, or what it reads and nobody wrote."""
    run, person = query.run, query.standing.mission.accountable
    asking = Asking(
        accountable=person if run is None else run.accountable,
        strictness=query.strictness if run is None else run.strictness,
        answers=() if run is None else tuple(run.answers),
    )
    found = before(step, asking, query.contracts.get(step.id), query.effector)
    if found.objection is not None:
        return _blocked("step_failed", found.objection, "Mend what was objected to, and answer again")
    if found.question is not None:
        return dict(found.question)
    gone = [each for each in step.reads or () if each in query.missing]
    if not gone:
        return None
    paths = ", ".join(paths_of(query.standing.mission.slug, query.mission_type, gone))
    return _blocked("artefact_unavailable", f"{step.title} reads {paths}, which is not there", "Write it first")


def asked_now(query: NextQuery) -> Mapping[str, Any] | None:
    """The question that may be answered now; one that was answered with no may be answered again."""
    if query.run is None:
        return None
    again = replace(query, run=reconsidered(query.run))
    found = _decided(again, is_board=_is_finalized(query.standing))
    return found if found["kind"] == "decision_required" else None


# By the board


def _by_board(query: NextQuery) -> dict[str, Any]:
    for action in _PREFERRED.get(None if query.effector is None else query.effector.role, _BOTH):
        package = next(_candidates(query, action), None)
        if package is not None:
            return _package_step(query, action, package)
    states = query.standing.snapshot.packages.values()
    if not _all_through(query.standing) or any(held_up(each) for each in states):
        return {"kind": "blocked", "blocks": list(_blocks(query))}
    if all(each.lane is Lane.CANCELED for each in states):
        return _blocked(
            "packages_canceled", "Every package was canceled", "Give it up: `dome mission cancel MISSION --reason TEXT`"
        )
    mission = query.standing.snapshot.mission
    judged = None if mission is None else mission.acceptance
    is_accepted = judged is not None and judged[1] is AcceptanceVerdict.ACCEPTED
    return _mission_step(query, MissionAction.INTEGRATE if is_accepted else MissionAction.ACCEPT)


def _candidates(query: NextQuery, action: MissionAction) -> Iterator[str]:
    """Packages that there is something to do about, the effector's own first."""
    standing, effector = query.standing, query.effector
    free = [(name, state) for name, state in standing.snapshot.packages.items() if held_up(state) is None]
    mine = [
        (name, state)
        for name, state in free
        if effector is not None and state.holder is not None and same(state.holder, effector)
    ]
    if action is MissionAction.IMPLEMENT:
        yield from (name for name, state in mine if state.lane in _OPEN)
        yield from standing.ready()
    else:
        yield from (name for name, state in mine if state.lane is Lane.IN_REVIEW)
        for name, state in free:
            # Who has approved it already adds nothing: it waits for somebody else.
            done = (*state.implementers, *state.approvals)
            part = effector is not None and any(same(each, effector) for each in done)
            if state.lane is Lane.FOR_REVIEW and not part:
                yield name


def _all_through(standing: Standing) -> bool:
    through = {*standing.table.satisfying, Lane.CANCELED}
    return all(each.lane in through for each in standing.snapshot.packages.values())


def _blocks(query: NextQuery) -> Iterator[dict[str, Any]]:
    """Why nothing can be done, each reason with the packages that it is about."""
    reasons: dict[str, list[str]] = {}
    for name in query.standing.snapshot.packages:
        reason = _reason(query.standing, name)
        if reason is not None:
            reasons.setdefault(reason, []).append(name)
    for reason, names in sorted(reasons.items()):
        text, remedy = _WORDS[reason]
        yield {"reason": reason, "text": text, "remedy": remedy, "packages": names}


def _reason(standing: Standing, name: str) -> str | None:
    state = standing.snapshot.packages[name]
    if state.prepared is not None:
        return "transition_pending"
    if state.open_forks or state.conflicts:
        return "conflict_unacknowledged"
    match state.lane:
        case Lane.PLANNED:
            return "dependencies_unsatisfied" if standing.waits_for(name) else "all_claimed"
        case Lane.CLAIMED | Lane.IN_PROGRESS:
            return "all_claimed"
        case Lane.FOR_REVIEW | Lane.IN_REVIEW:
            return "review_in_progress"
        case Lane.BLOCKED:
            return "step_failed"
        case _:  # approved, where the table asks for more
            return None if state.lane in {*standing.table.satisfying, Lane.CANCELED} else "all_claimed"


_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "transition_pending": ("A commit is under way", "Wait for it, or settle it: `dome mission recover`"),
    "conflict_unacknowledged": (
        "Two events follow the same one",
        "Look at it: `dome mission show MISSION`, then `dome mission acknowledge MISSION [PACKAGE] --reason TEXT`",
    ),
    "dependencies_unsatisfied": ("They wait for others", "Finish those first"),
    "all_claimed": ("Others work on them, or another role does", "Wait, or ask with another role"),
    "review_in_progress": (
        "They are reviewed, or wait for somebody else to review them",
        "Wait, or let another review",
    ),
    "step_failed": ("They are blocked", "Mend it, then `dome mission move MISSION PACKAGE resume`"),
}


def _package_step(query: NextQuery, action: MissionAction, package: str) -> dict[str, Any]:
    state = query.standing.snapshot.packages[package]
    step = _step_of(query.mission_type, action)
    found = _asked(query, step) or _told(query, step, action, package)
    standing = {"work_package_id": package, "lane": state.lane.value, "stream_version": state.version}
    return {**found, "package": standing} if found["kind"] == "step" else found


def _mission_step(query: NextQuery, action: MissionAction) -> dict[str, Any]:
    step = _step_of(query.mission_type, action)
    return _asked(query, step) or _told(query, step, action, None)


def _step_of(mission_type: MissionType, action: MissionAction) -> MissionStep:
    """The step that serves an action; of a type that has none, the last."""
    return next((each for each in mission_type.steps if action in each.actions), mission_type.steps[-1])


def _step(query: NextQuery, step: MissionStep) -> dict[str, Any]:
    return _told(query, step, step.actions[0], None)


def _told(query: NextQuery, step: MissionStep, action: MissionAction, package: str | None) -> dict[str, Any]:
    """The step with what its effector is given; without that nothing is begun."""
    artefact = query.artefact_of(action, package)
    if artefact is None:
        text = "What an effector is to be told cannot be resolved"
        return _blocked("artefact_unavailable", text, "`dome charter check` says why")
    return {"kind": "step", "step_id": step.id, "action": action.value, "artefact": artefact}


def _blocked(reason: str, text: str, remedy: str) -> dict[str, Any]:
    return {"kind": "blocked", "blocks": [{"reason": reason, "text": text, "remedy": remedy}]}


def is_done(run: MissionRun) -> bool:
    """Whether every step of a run is done."""
    return all(each.value in {"completed", "skipped"} for each in states(run).values())
