"""Who acts on a package in a role, whatever its author recommended: whether that may be said, and the fact. Pure.

A person says it of anybody, everybody else of themselves. Saying who acts gives no right: claims and guards ask anew.
"""

from dome_contracts.schema.governance.agent_profile import AgentRole
from dome_contracts.schema.missions.status_event import EffectorBound, EffectorUnbound
from dome_contracts.schema.shared.definitions import Effector, EffectorKind
from dome_spec.mission_runtime.authority import NotPermitted
from dome_spec.missions.status import PackageState, Standing, TransitionRefused, same


def bound(
    standing: Standing, package: str, role: AgentRole, *, effector: Effector, by: Effector
) -> EffectorBound | None:
    """That an effector acts in a role; None where that was said already.

    Raises PackageUnknown, NotPermitted, TransitionRefused.
    """
    state, what = _open(standing, package), f"{package}: {_named(effector)} is not bound as {role.value}"
    if not _may(by, effector):
        raise _not_permitted(what, by)
    if role is AgentRole.REVIEWER and any(same(each, effector) for each in state.implementers):
        why = f"{_named(effector)} had a part in the work"
        raise TransitionRefused("REVIEWER_NOT_INDEPENDENT", what, why=why, hint="Bind somebody else")
    if state.bound.get(role) == effector:
        return None
    return EffectorBound(kind="effector_bound", role=role, bound=effector)


def unbound(standing: Standing, package: str, role: AgentRole, *, by: Effector) -> EffectorUnbound:
    """That nobody acts in a role any more. Raises PackageUnknown, NotPermitted, TransitionRefused."""
    state, what = _open(standing, package), f"{package}: nobody is taken from the role {role.value}"
    who = state.bound.get(role)
    if who is None:
        known = ", ".join(f"{each.value} ({_named(one)})" for each, one in state.bound.items()) or "nobody"
        raise TransitionRefused("NOBODY_BOUND", what, why="nobody was bound to it", hint=f"Bound are: {known}")
    if not _may(by, who):
        raise _not_permitted(what, by)
    return EffectorUnbound(kind="effector_unbound", role=role)


def _open(standing: Standing, package: str) -> PackageState:
    state = standing.package(package)
    what = f"{package}: nobody is bound or taken back"
    if standing.is_canceled:
        hint = f"Let a person take it up again: `dome mission reopen {standing.mission.slug} --reason TEXT`"
        raise TransitionRefused("MISSION_CANCELED", what, why="the mission was given up", hint=hint)
    if state.lane in standing.table.terminal:
        hint = "Bind somebody to a package that goes on: `dome board`"
        raise TransitionRefused("PACKAGE_ENDED", what, why=f"it is {state.lane.value}", hint=hint)
    return state


def _may(by: Effector, effector: Effector) -> bool:
    return by.kind is EffectorKind.HUMAN or same(by, effector)


def _not_permitted(what: str, by: Effector) -> NotPermitted:
    hint = "Let a person say it: `--as human:ID`"
    return NotPermitted(what, why=f"{_named(by)} is no person, and speaks for itself alone", hint=hint)


def _named(effector: Effector) -> str:
    return f"{effector.kind.value} {effector.id}"
