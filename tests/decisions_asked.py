"""Missions in any state, and what comes next for an effector in them."""

from typing import Any

from dome_contracts.canonical import canonical_bytes, digest_bytes
from dome_contracts.schema.governance.directive import DoctrineKind
from dome_contracts.schema.governance.mission_type import MissionType
from dome_contracts.schema.governance.step_contract import StepContract
from dome_contracts.schema.mission_runtime.mission_run import MissionRun, Strictness
from dome_contracts.schema.mission_runtime.run_decision import RunDecision
from dome_contracts.schema.shared.definitions import Effector, Lane
from dome_spec.governance.doctrine import built_in_sources, lay
from dome_spec.kernel import FixedClock, read_document
from dome_spec.mission_runtime import (
    NextQuery,
    decide_next,
    start_mission_run,
)
from dome_spec.mission_runtime.run import pin
from dome_spec.missions.status import Force, MissionStatus
from dome_spec.missions.store import MemoryStore
from tests.missions_made import (
    ADA,
    OTHER,
    PERSON,
    TABLE,
    a_mission,
    begun,
    ids,
    move,
)
from tests.missions_made import AT as MOMENT

AT = "2026-01-02T03:04:05Z"
DOCTRINE = lay(built_in_sources())
TOLD = digest_bytes(b"told")
MANAGER = Effector.from_value({"kind": "human", "id": "ada", "role": "manager"})
REVIEWER = OTHER


def of_type(name: str = "software-change") -> MissionType:
    document = DOCTRINE.document((DoctrineKind.MISSION_TYPE, name))
    assert isinstance(document, MissionType)
    return document


TYPE = of_type()
MISSION = a_mission(mission_type=pin(TYPE))


def run(strictness: str = "off", mission_type: MissionType = TYPE) -> MissionRun:
    return start_mission_run(
        a_mission(mission_type=pin(mission_type)),
        mission_type,
        run_id="run-1",
        starter=ADA,
        start_time=AT,
        strictness=Strictness(strictness),
    )


def created(mission_type: MissionType = TYPE) -> MissionStatus:
    of = a_mission(mission_type=pin(mission_type))
    return MissionStatus.create(MemoryStore(), of, TABLE, clock=FixedClock(MOMENT), ids=ids())


def finalized(*packages: Any) -> MissionStatus:
    return begun(MemoryStore(), *packages, of=MISSION)


def asked(
    status: MissionStatus,
    of: MissionRun | None = None,
    *,
    effector: Effector | None = None,
    contracts: dict[str, StepContract] | None = None,
    told: str | None = TOLD,
    mission_type: MissionType = TYPE,
) -> RunDecision:
    query = NextQuery(
        standing=status.standing,
        mission_type=mission_type,
        run=of,
        effector=effector,
        artefact_of=lambda action, package: told,
        contracts=contracts or {},
    )
    decided = decide_next(query, is_query=False)
    preview = decide_next(query, is_query=True)
    assert decided.decision.kind != "query"
    assert preview.decision.to_value() == {"kind": "query", "preview": decided.decision.to_value()}
    assert canonical_bytes(decided.to_value()) == canonical_bytes(decide_next(query, is_query=False).to_value())
    return read_document(RunDecision, decided.to_value())


def step(status: MissionStatus, *arguments: Any, **more: Any) -> Any:
    return asked(status, *arguments, **more).decision.to_value()


def reasons(decision: dict[str, Any]) -> list[str]:
    return [each["reason"] for each in decision["blocks"]]


FORCE = Force(accountable=PERSON, reason="For the test.")


def put(status: MissionStatus, name: str, lane: Lane) -> None:
    """Bring a package into a lane, by the ordinary way as far as there is one."""
    if lane is Lane.PLANNED:
        return
    move(status, "approve", ADA, name=name, to=lane, force=FORCE)
