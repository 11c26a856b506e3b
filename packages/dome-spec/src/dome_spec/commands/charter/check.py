"""`dome charter check`: whether every action of every active mission type could be told what holds."""

from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_contracts.schema.governance.governance_context import GovernanceContext
    from dome_contracts.schema.governance.mission_type import MissionType
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs
    from dome_spec.mission_runtime import Missions

_EXAMPLES: Final = """\
  dome charter check             every action of every active mission type, with every active profile
  dome charter check --json | jq 'select(.refused)'

Exit code 65 or 66: charter or doctrine cannot be read. 1: an action could not be told what holds."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    add_verb(verbs, "check", summary="Check charter and doctrine", examples=_EXAMPLES, run=_check)


def _check(arguments: Namespace, console: "Console") -> int:
    from dome_spec.commands.mission.opening import governed

    del arguments
    refused = warned = count = 0
    for place, problem, warnings in _found(governed()):
        count += 1
        refused += bool(problem)
        warned += len(warnings)
        if console.as_json:
            console.record({**place, "refused": problem or None, "warnings": list(warnings)})
            continue
        about = f"{place['mission_type']}, {place['action']}, profile {place['profile'] or '-'}"
        for text in ([problem] if problem else []) + list(warnings):
            console.note(f"{about}: {text}")
    if not console.as_json:
        console.text(f"{count} combinations, {refused} cannot be told what holds, {warned} warnings.")
    return Exit.FAILED if refused else Exit.OK


def _found(missions: "Missions") -> Iterator[tuple[dict[str, str | None], str, tuple[str, ...]]]:
    """Every combination, why it is refused or nothing, and what is warned of."""
    from dome_contracts.schema.governance.directive import DoctrineKind
    from dome_contracts.schema.governance.mission_type import MissionType
    from dome_spec.governance import ContextQuery, GovernanceRefusal, build_charter_context
    from dome_spec.governance.doctrine import is_active

    charter, doctrine = missions.charter, missions.doctrine
    active = {
        kind: [each for each in doctrine.ids(kind) if is_active(charter.activation, (kind, each))]
        for kind in (DoctrineKind.MISSION_TYPE, DoctrineKind.AGENT_PROFILE)
    }
    for name in active[DoctrineKind.MISSION_TYPE]:
        mission_type = doctrine.document((DoctrineKind.MISSION_TYPE, name))
        assert isinstance(mission_type, MissionType)
        for step in mission_type.steps:
            for action in step.actions:
                for profile in (None, *active[DoctrineKind.AGENT_PROFILE]):
                    place = {"mission_type": name, "action": action.value, "profile": profile}
                    query = ContextQuery(
                        action=action.value, mission_type=name, profile=profile, step_contract=step.contract
                    )
                    try:
                        context = build_charter_context(query, charter, doctrine)
                    except GovernanceRefusal as error:
                        yield place, str(error), ()
                        continue
                    warnings = tuple(f"{each.target.id}: {each.text}" for each in context.warnings)
                    yield place, "", (*warnings, *_unguarded(mission_type, context))


def _unguarded(mission_type: "MissionType", context: "GovernanceContext") -> Iterator[str]:
    """Exit conditions that name a guard which no edge of the table asks."""
    if context.step_contract is None:
        return
    asked = {guard for edge in mission_type.transition_table.edges for guard in edge.guards}
    contract = context.step_contract.value
    for each in contract.exit_conditions:
        if each.guard is not None and each.guard not in asked:
            yield f"{contract.id}: no transition asks {each.guard.value}, by which `{each.id}` would hold"
