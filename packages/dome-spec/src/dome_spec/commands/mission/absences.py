"""What must not be, looked for by the daemon where the mission says how, and what was found as findings."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from dome_contracts.schema.missions.acceptance import InvariantFinding, InvariantState, Verification
from dome_contracts.schema.missions.mission import AbsenceSearch, Mission
from dome_contracts.schema.shared.definitions import Effector, EffectorKind, EvidenceRef
from dome_spec.binding import EvidenceStore
from dome_spec.commands.mission.opening import Opened
from dome_spec.kernel import resolve_mission_read_path

if TYPE_CHECKING:
    from dome_spec.kernel import Runtime
    from dome_spec.mission_runtime.absence import Searched

Connect = Callable[[], Awaitable["Runtime"]]
_JSON: Final = "application/json"


def searches(mission: Mission) -> Mapping[str, AbsenceSearch]:
    """The searches that have to find nothing, by the invariants that they are of."""
    return {each.id: each.search for each in mission.negative_invariants if each.search is not None}


async def search_all(
    mission: Mission, findings: Sequence[InvariantFinding], commit: str, *, opened: Opened, connect: Connect
) -> "Mapping[str, Searched]":
    """What was found of each invariant that names a search and that no person has spoken of.

    No daemon is asked where there is nothing to search. Raises SearchUnavailable.
    """
    wanted = searches(mission)
    left = [each.id for each in findings if each.state is InvariantState.PENDING and each.id in wanted]
    if not left:
        return {}
    from dome_spec.mission_runtime.absence import Place, searched  # what knows the daemon is loaded when it is asked
    from dome_spec.mission_runtime.commit_job import Asking

    asking = Asking(await connect(), parent_job_id=opened.scene.job_id)
    name = opened.missions.resolve(mission.mission_id, opened.store)
    place = Place(root=str(opened.missions.root), commit=commit, aside=str(resolve_mission_read_path(name)))
    return {each: await searched(asking, wanted[each], place) for each in left}


def finding_of(finding: InvariantFinding, found: "Searched | None", opened: Opened) -> InvariantFinding:
    """The finding with what a search found; as it was where none was made."""
    if found is None:
        return finding
    if found.state is InvariantState.VERIFICATION_FAILED:
        return InvariantFinding(id=finding.id, state=found.state, reason=found.reason)
    from dome_spec.mission_runtime.absence import SEARCH_SKILL

    kept = EvidenceStore(opened.missions.infra.evidence_dir).put(found.evidence)
    evidence = EvidenceRef(digest=kept.digest, location=kept.location, media_type=_JSON)
    searcher = Effector(kind=EffectorKind.SERVICE, id="domed", tool=SEARCH_SKILL)
    verification = Verification(verifier=searcher, time=opened.now, evidence=[evidence], job_id=found.job_id)
    return InvariantFinding(id=finding.id, state=found.state, verification=verification)
