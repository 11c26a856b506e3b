"""What an effector may do at all: the authority of its profile, before any table or guard is asked. Pure.

A person without a profile may do everything, and answers for it. A model or a program without one may do nothing, and
none of them overrides the table, in whoever's name. What is done beside changes of lanes is a deed, with its own rule.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from dome_contracts.exit_codes import Exit
from dome_contracts.schema.governance.agent_profile import ForceAuthority
from dome_contracts.schema.governance.governance_context import GovernanceContext
from dome_contracts.schema.shared.definitions import Effector, EffectorKind, LaneOperation
from dome_spec.mission_runtime.refusals import RuntimeRefusal
from dome_spec.missions.status import PackageState, TransitionRefused, same

_EVERYTHING: Final = frozenset(LaneOperation)
_WITH_PROFILE: Final = "Act with a profile that allows it: `--as kind:id,profile=NAME`"


class Deed(StrEnum):
    """What is done to a mission beside changing the lane of a package, as words."""

    BEGIN = "begin a mission"
    FINALIZE = "fix the packages"
    GO_ON = "go on with the run"
    NOTE = "write something down"
    TICK = "say where a subtask stands"
    BIND = "say who acts"
    ACKNOWLEDGE = "say that a fork was looked at"
    RECOVER = "settle what was interrupted"


_JUDGES: Final = frozenset({LaneOperation.APPROVE, LaneOperation.REOPEN})
_ASKED: Final[Mapping[Deed, frozenset[LaneOperation]]] = MappingProxyType({Deed.ACKNOWLEDGE: _JUDGES})
"""Deeds for which a profile has to allow one of these operations. For any other one every profile will do."""


class NotPermitted(RuntimeRefusal):
    """The effector's profile does not let it do this."""

    code = "NOT_PERMITTED"
    exit_code = Exit.PRECONDITION


def permitted(effector: Effector, governance: GovernanceContext) -> frozenset[LaneOperation]:
    """The operations that the effector may perform, where table and guards allow them."""
    if effector.profile_ref is None and effector.kind is EffectorKind.HUMAN:
        return _EVERYTHING
    return frozenset(governance.allowance.authority.operations)


def refuse_beyond(
    operation: LaneOperation, effector: Effector, governance: GovernanceContext, *, is_forced: bool
) -> None:
    """Refuse what the effector may not do. Raises NotPermitted."""
    allowed = permitted(effector, governance)
    who = f"{effector.kind.value} {effector.id}"
    if operation not in allowed:
        profile = effector.profile_ref
        names = ", ".join(sorted(each.value for each in allowed)) or "nothing"
        raise NotPermitted(
            f"{who} may not {operation.value}",
            why="it has no profile" if profile is None else f"the profile {profile} allows {names}",
            hint=_WITH_PROFILE,
        )
    if not is_forced:
        return
    hint = "Ask the accountable person to do it"
    if effector.kind is not EffectorKind.HUMAN:
        raise NotPermitted(f"{who} may not override the table", why="only a person answers for an override", hint=hint)
    if effector.profile_ref is not None and governance.allowance.authority.force is ForceAuthority.NEVER:
        why = f"the profile {effector.profile_ref} never allows it"
        raise NotPermitted(f"{who} may not override the table", why=why, hint=hint)


def refuse_deed(deed: Deed, effector: Effector, governance: GovernanceContext) -> None:
    """Refuse a model or a program what no profile of its own allows it. Raises NotPermitted."""
    if effector.kind is EffectorKind.HUMAN:
        return
    profile, asked = effector.profile_ref, _ASKED.get(deed)
    if profile is not None and (asked is None or asked & permitted(effector, governance)):
        return
    why = "it has no profile"
    if profile is not None and asked is not None:
        why = f"the profile {profile} allows none of {', '.join(sorted(each.value for each in asked))}"
    raise NotPermitted(f"{effector.kind.value} {effector.id} may not {deed.value}", why=why, hint=_WITH_PROFILE)


def refuse_other_hands(state: PackageState, effector: Effector) -> None:
    """Refuse a model or a program what is for the holder of a package to say. Raises TransitionRefused."""
    holder = state.holder
    if effector.kind is EffectorKind.HUMAN or (holder is not None and same(holder, effector)):
        return
    why = "nobody holds it" if holder is None else f"{holder.kind.value} {holder.id} holds it"
    what = f"{state.work_package_id}: {effector.kind.value} {effector.id} says nothing of it"
    raise TransitionRefused("NOT_HOLDER", what, why=why, hint="Claim it first, or let the holder or a person say it")
