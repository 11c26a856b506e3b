"""What an effector may do at all: the authority of its profile, before any table or guard is asked. Pure.

A person without a profile may do everything, and answers for it. A model or a program without one may do nothing, and
none of them overrides the table, in whoever's name.
"""

from typing import Final

from dome_contracts.exit_codes import Exit
from dome_contracts.schema.governance.agent_profile import ForceAuthority
from dome_contracts.schema.governance.governance_context import GovernanceContext
from dome_contracts.schema.shared.definitions import Effector, EffectorKind, LaneOperation
from dome_spec.mission_runtime.refusals import RuntimeRefusal

_EVERYTHING: Final = frozenset(LaneOperation)


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
            hint="Act with a profile that allows it: `--as kind:id,profile=NAME`",
        )
    if not is_forced:
        return
    hint = "Ask the accountable person to do it"
    if effector.kind is not EffectorKind.HUMAN:
        raise NotPermitted(f"{who} may not override the table", why="only a person answers for an override", hint=hint)
    if effector.profile_ref is not None and governance.allowance.authority.force is ForceAuthority.NEVER:
        why = f"the profile {effector.profile_ref} never allows it"
        raise NotPermitted(f"{who} may not override the table", why=why, hint=hint)
