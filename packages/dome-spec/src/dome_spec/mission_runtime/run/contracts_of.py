"""Which step contract says how each step of a mission type is carried out. Pure."""

from collections.abc import Mapping

from dome_contracts.schema.governance.directive import DoctrineKind
from dome_contracts.schema.governance.mission_type import MissionType
from dome_contracts.schema.governance.step_contract import StepContract
from dome_spec.governance import Doctrine


def contracts_of(mission_type: MissionType, doctrine: Doctrine) -> Mapping[str, StepContract]:
    """The contract of each step, by the step's id, where there is one."""
    found: dict[str, StepContract] = {}
    for step in mission_type.steps:
        address = (DoctrineKind.STEP_CONTRACT, step.contract or step.actions[0].value)
        if address in doctrine:
            document = doctrine.document(address)
            if isinstance(document, StepContract):
                found[step.id] = document
    return found
