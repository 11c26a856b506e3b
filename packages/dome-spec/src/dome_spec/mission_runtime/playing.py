"""Whether an effector may play the part that it names, and hold one more package: what its profile says. Pure."""

from dome_contracts.exit_codes import Exit
from dome_contracts.schema.governance.governance_context import GovernanceContext
from dome_contracts.schema.shared.definitions import Effector
from dome_spec.mission_runtime.refusals import RuntimeRefusal
from dome_spec.missions.status import Standing, same


class RoleNotOfProfile(RuntimeRefusal):
    """The effector names a role in which its profile lets nobody act."""

    code = "ROLE_NOT_OF_PROFILE"
    exit_code = Exit.PRECONDITION


class PackagesHeld(RuntimeRefusal):
    """The effector holds as many packages as its profile allows."""

    code = "PACKAGES_HELD"
    exit_code = Exit.PRECONDITION


def refuse_other_role(effector: Effector, governance: GovernanceContext) -> None:
    """Refuse a role that the profile does not have. Raises RoleNotOfProfile."""
    if effector.role is None or governance.profile is None:
        return
    profile = governance.profile.value
    if effector.role in profile.roles:
        return
    roles = ", ".join(each.value for each in profile.roles)
    raise RoleNotOfProfile(
        f"{effector.kind.value} {effector.id} cannot act as {effector.role}",
        why=f"the profile {profile.id} is for: {roles}",
        hint="Name one of these roles, or another profile: `--as kind:id,role=NAME,profile=NAME`",
    )


def refuse_one_more(standing: Standing, effector: Effector, governance: GovernanceContext) -> None:
    """Refuse a claim beyond what the profile lets one effector hold of a mission. Raises PackagesHeld."""
    routing = None if governance.profile is None else governance.profile.value.routing
    if routing is None or routing.packages_max is None:
        return
    states = standing.snapshot.packages.items()
    held = [name for name, state in states if state.holder is not None and same(state.holder, effector)]
    if len(held) < routing.packages_max:
        return
    assert governance.profile is not None
    raise PackagesHeld(
        f"{effector.kind.value} {effector.id} holds {', '.join(held)}",
        why=f"the profile {governance.profile.value.id} lets one effector hold {routing.packages_max} at a time",
        hint="Finish one of them, or release it: `dome mission move MISSION PACKAGE release --reason TEXT`",
    )
