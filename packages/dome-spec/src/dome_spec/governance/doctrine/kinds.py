"""The kinds of documents of the doctrine: the model of each, and the folder in which a layer keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from dome_contracts.schema.base import Contract
from dome_contracts.schema.governance.agent_profile import AgentProfile
from dome_contracts.schema.governance.directive import Directive, DoctrineKind
from dome_contracts.schema.governance.mission_type import MissionType
from dome_contracts.schema.governance.step_contract import StepContract
from dome_contracts.schema.governance.tactic import Tactic

Document = Directive | Tactic | AgentProfile | MissionType | StepContract
Address = tuple[DoctrineKind, str]
"""Names a document of the doctrine: its kind and its id."""


@dataclass(frozen=True, slots=True)
class KindOf:
    """What belongs to one kind."""

    model: type[Contract]
    folder: str
    """Below a layer's root; its files end in `.yaml`."""


KINDS: Final[Mapping[DoctrineKind, KindOf]] = MappingProxyType(
    {
        DoctrineKind.DIRECTIVE: KindOf(Directive, "directives"),
        DoctrineKind.TACTIC: KindOf(Tactic, "tactics"),
        DoctrineKind.AGENT_PROFILE: KindOf(AgentProfile, "profiles"),
        DoctrineKind.MISSION_TYPE: KindOf(MissionType, "mission-types"),
        DoctrineKind.STEP_CONTRACT: KindOf(StepContract, "contracts"),
    }
)
