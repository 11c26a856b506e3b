"""Who answers for a step, and who carries it out. The one who answers is always a person. Pure."""

from dataclasses import dataclass

from dome_contracts.schema.governance.agent_profile import AgentRole
from dome_contracts.schema.governance.mission_type import MissionStep
from dome_contracts.schema.mission_runtime.mission_run import Strictness
from dome_contracts.schema.shared.definitions import Accountable, Effector


@dataclass(frozen=True, slots=True, kw_only=True)
class Responsibility:
    """Who answers for a step, and who does it; None while nobody was chosen."""

    accountable: Accountable
    responsible: Effector | Accountable | None
    is_audited: bool
    """Whether the accountable person says yes before the step is done."""


_AUDITED = {
    Strictness.OFF: frozenset[AgentRole](),
    Strictness.MEDIUM: frozenset({AgentRole.MANAGER}),
    Strictness.MAX: frozenset(AgentRole),
}


def responsibility(
    step: MissionStep, accountable: Accountable, effector: Effector | None, strictness: Strictness
) -> Responsibility:
    """Of a step that is audited, the accountable person is responsible too."""
    audited = step.role in _AUDITED[strictness]
    return Responsibility(accountable=accountable, responsible=accountable if audited else effector, is_audited=audited)
