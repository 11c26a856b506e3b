"""What the next plan of a package is made of, where it stands. Reads one commit of its workspace."""

from pathlib import Path

from dome_contracts.schema.planning.packet import Packet
from dome_contracts.schema.shared.definitions import MissionAction
from dome_spec.kernel import InfraContext, Repository
from dome_spec.mission_runtime.execution import ActionQuery, Surroundings, head_of, resolve_action_context
from dome_spec.mission_runtime.loop.packets import package_packet
from dome_spec.missions.status import Standing
from dome_spec.planning import look


def packet_there(infra: InfraContext, standing: Standing, package: str, surroundings: Surroundings) -> Packet:
    """The packet of a package, from the last commit of where it is carried out. Raises also PacketRefused."""
    query = ActionQuery(action=MissionAction.IMPLEMENT, package=package)
    execution = resolve_action_context(query, standing, surroundings)
    workspace, head = execution.identity.workspace, head_of(execution)
    base = {
        "repository_id": str(infra.repository_id),
        "base_ref": workspace.branch,
        "base_commit": head,
    }
    with Repository.find(Path(workspace.root)) as repository:
        facts = look(repository, head)
    return package_packet(standing, package, base=base, facts=facts)
