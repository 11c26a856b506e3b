"""`dome mission bind`: say who acts on a package in a role, whatever its author recommended."""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.mission.arguments import FORM, add_acting
from dome_spec.commands.verb import UsageWrong, add_verb

if TYPE_CHECKING:
    from dome_contracts.schema.governance.agent_profile import AgentRole
    from dome_contracts.schema.missions.status_event import EffectorBound, EffectorUnbound
    from dome_contracts.schema.shared.definitions import Effector
    from dome_spec.commands.console import Console
    from dome_spec.commands.mission.opening import Opened
    from dome_spec.commands.verb import Verbs
    from dome_spec.missions.status import Standing

ROLES: Final = ("implementer", "reviewer", "planner", "architect", "researcher", "curator", "manager")
"""Roles that somebody may act in."""
_EXAMPLES: Final = """\
  dome mission bind parser WP01 implementer --to llm:agent-1,profile=implementer,model=m-2
  dome mission bind parser WP01 reviewer --to human:grace
  dome mission bind parser WP01 implementer --nobody

A person says it of anybody, everybody else of themselves. It stands on the board beside what the author recommended,
and gives no right: who acts claims the package as always. Who had a part in the work is not bound to review it."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(verbs, "bind", summary="Say who acts on a package in a role", examples=_EXAMPLES, run=_bind)
    parser.add_argument("mission", metavar="MISSION")
    parser.add_argument("package", metavar="PACKAGE")
    parser.add_argument("role", metavar="ROLE", choices=ROLES, help=", ".join(ROLES))
    whom = parser.add_mutually_exclusive_group(required=True)
    whom.add_argument("--to", metavar="EFFECTOR", help=f"who acts: {FORM}")
    whom.add_argument("--nobody", action="store_true", help="nobody does any more")
    add_acting(parser)


def _bind(arguments: Namespace, console: "Console") -> int:
    from dome_contracts.schema.governance.agent_profile import AgentRole
    from dome_spec.commands.mission.opening import writing
    from dome_spec.mission_runtime import Deed, bound, unbound

    role = AgentRole(arguments.role)
    whom = None if arguments.nobody else _effector(arguments.to, role)
    with writing(arguments) as opened:
        status, name, by = opened.status(arguments.mission), arguments.package, opened.effector
        opened.permit(Deed.BIND, status)
        fact: EffectorBound | EffectorUnbound | None
        if whom is None:
            fact = unbound(status.standing, name, role, by=by)
        else:
            fact = bound(status.standing, name, role, effector=whom, by=by)
            _refuse_unknown_profile(status.standing, name, whom, opened)
        if fact is not None:
            status.state(name, fact, by)
        events = status.save().events
    if console.as_json:
        event = events[-1].to_value() if events else None
        console.record({"event": event, "work_package_id": name, "role": role.value, "lane": status.lane(name).value})
    else:
        who = "nobody" if whom is None else f"{whom.kind.value} {whom.id}"
        console.text(f"{status.mission.slug} {name}: {role.value} is {who}{'' if fact is not None else ' already'}.")
    return Exit.OK


def _effector(text: str, role: "AgentRole") -> "Effector":
    """The effector that is named, with the role that it is bound in. Raises UsageWrong."""
    from dome_spec.commands.mission.acting import parsed

    effector = parsed(text)
    if effector.role is not None and effector.role != role:
        raise UsageWrong(f"--to {text}: it names the role {effector.role}, and is bound as {role.value}")
    return effector.model_copy(update={"role": role})


def _refuse_unknown_profile(standing: "Standing", package: str, whom: "Effector", opened: "Opened") -> None:
    """Raises GovernanceRefusal for a profile that cannot be told from, RoleNotOfProfile for a role that is not its."""
    from dome_spec.mission_runtime.playing import refuse_other_role

    action = opened.missions.action_at(standing.package(package).lane)
    refuse_other_role(whom, opened.missions.governance(standing, action, package, effector=whom))
