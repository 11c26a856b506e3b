"""Missions and work packages for tests, made from a few words."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from dome_contracts.canonical import digest, digest_bytes
from dome_contracts.schema.governance.charter import Charter
from dome_contracts.schema.governance.directive import DoctrineKind
from dome_contracts.schema.governance.mission_type import MissionType, TransitionTable
from dome_contracts.schema.missions.mission import Mission
from dome_contracts.schema.missions.review_result import CommitRange, ReviewResult
from dome_contracts.schema.missions.status_event import CommitReceipt, ReceiptSource, ReviewReference, WorkspaceRef
from dome_contracts.schema.missions.work_package import WorkPackage
from dome_contracts.schema.shared.definitions import Accountable, ArtefactWitness, Effector, LaneOperation
from dome_spec.governance.doctrine import built_in_sources, lay
from dome_spec.kernel import FixedClock, Ids
from dome_spec.missions.status import Given, MissionStatus, MissionStore, Wish

MISSION_ID = "mis-01hy2y63cm7n59a7hdtrjvmwd0"
REPOSITORY_ID = "repo-01hs20b6ngdw48d4by8jq7k94x"
COMMIT = "3" * 40
_PIN = {"id": "software-change", "version": "1.0.0", "digest": digest_bytes(b"type")}


def mission(**fields: Any) -> Mission:
    """A mission with one requirement."""
    stated: dict[str, Any] = {
        "schema_version": "1",
        "mission_id": MISSION_ID,
        "slug": "tried",
        "title": "Tried",
        "purpose": {"summary": "Try it."},
        "repository_id": REPOSITORY_ID,
        "mission_type": _PIN,
        "transition_table": {**_PIN, "id": "nine-lanes"},
        "requirements": [{"id": "FR-001", "priority": "must", "text": "It works."}],
        "negative_invariants": [],
        "base": {"ref": "refs/heads/main", "commit": COMMIT},
        "destination_ref": "refs/heads/main",
        "accountable": {"kind": "human", "id": "ada"},
        "creator": {"kind": "human", "id": "ada"},
        "create_time": "2026-01-02T03:04:05Z",
    }
    return Mission.from_value({**stated, **fields})


def package(name: str, **fields: Any) -> WorkPackage:
    """A package that owns a folder of its own."""
    stated: dict[str, Any] = {
        "schema_version": "1",
        "mission_id": MISSION_ID,
        "work_package_id": name,
        "title": name,
        "product": "code_change",
        "goal": "It works.",
        "authored": {"path": f"missions/tried/packages/{name}.md", "digest": digest_bytes(name.encode())},
        "dependencies": [],
        "requirements": ["FR-001"],
        "owned_files": [f"src/{name.lower()}/**"],
        "reach": "owned_files",
        "subtasks": [],
    }
    return WorkPackage.from_value({**stated, **fields})


AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ADA = Effector.from_value({"kind": "human", "id": "ada"})
AGENT = Effector.from_value({"kind": "llm", "id": "agent-1", "role": "implementer", "profile_ref": "implementer"})
OTHER = Effector.from_value({"kind": "llm", "id": "agent-2", "role": "reviewer", "profile_ref": "reviewer"})
TOLD = digest_bytes(b"told")
"""What everybody would be told of every package."""
COMMITS = CommitRange(kind="commits", base=COMMIT, head="4" * 40)
CHARTER = Charter.from_value(
    {
        "schema_version": "1",
        "version": "1.0.0",
        "title": "Charter",
        "purpose": "Try things.",
        "adopted": {"accountable": {"kind": "human", "id": "ada"}, "time": "2026-01-02T03:04:05Z"},
        "activation": {},
        "policies": {},
    }
)
"""A charter under which all that Dome ships is active."""
PERSON = Accountable.from_value({"kind": "human", "id": "ada"})


def table(mission_type: str = "software-change") -> TransitionTable:
    """The table of a mission type that Dome ships."""
    document = lay(built_in_sources()).document((DoctrineKind.MISSION_TYPE, mission_type))
    assert isinstance(document, MissionType)
    return document.transition_table


TABLE = table()


def told(package: str, effector: Effector, operation: LaneOperation) -> str | None:
    """Everybody is told the same of every package."""
    del package, effector, operation
    return TOLD


def ids(start: int = 0) -> Ids:
    """Ids that count."""
    counter = count(start)
    return Ids(FixedClock(AT), lambda length: next(counter).to_bytes(length))


def a_mission(by: TransitionTable = TABLE, **fields: Any) -> Mission:
    """A mission that keeps a table that Dome ships."""
    pin = {"id": by.id, "version": by.version, "digest": digest(by.to_value())}
    return mission(transition_table=pin, **fields)


def begun(
    store: MissionStore,
    *packages: WorkPackage,
    maker: Ids | None = None,
    of: Mission | None = None,
    by: TransitionTable = TABLE,
) -> MissionStatus:
    """A mission that was created and finalised with these packages, saved."""
    status = MissionStatus.create(store, of or a_mission(by), by, clock=FixedClock(AT), ids=maker or ids())
    status.finalize(packages or (package("WP01"),), ADA)
    status.save()
    return loaded(store, maker=maker or ids(10_000))


def loaded(store: MissionStore, *, maker: Ids | None = None) -> MissionStatus:
    """The mission as it stands in the store."""
    return MissionStatus.load(store, MISSION_ID, clock=FixedClock(AT), ids=maker or ids(20_000), artefact_digest=told)


def witness(status: MissionStatus, name: str = "WP01") -> ArtefactWitness:
    """What shows that somebody was told what holds now."""
    return ArtefactWitness(digest=TOLD, stream_version=status.package(name).version)


def everything(status: MissionStatus, name: str = "WP01", **more: Any) -> Given:
    """All that a transition may ask for, current."""
    review = status.package(name).review
    reference = None if review is None else ReviewReference(review_event=review.event_id, verdict=review.result.verdict)
    stated: dict[str, Any] = {
        "witness": witness(status, name),
        "workspace": WorkspaceRef(branch="refs/heads/work", base=COMMIT),
        "reason": "So it is.",
        "evidence": COMMITS,
        "are_checks_passed": True,
        "review": reference,
        "receipt": CommitReceipt(
            operation_id="op-01hy2y63cm7n59a7hdtrjvmwd0",
            commit="5" * 40,
            parent=COMMIT,
            destination_ref="refs/heads/main",
            found_by=ReceiptSource.ANSWER,
        ),
    }
    return Given(**{**stated, **more})


def review(status: MissionStatus, verdict: str, *, reviewer: Effector = OTHER, name: str = "WP01") -> ReviewResult:
    """What a reviewer says of a package."""
    state = status.package(name)
    findings = [] if verdict == "approved" else [{"weight": "blocks", "severity": "error", "text": "It does not work."}]
    shown = {"digest": digest_bytes(b"feedback"), "location": "evidence/feedback"}
    return ReviewResult.from_value(
        {
            "schema_version": "1",
            "mission_id": MISSION_ID,
            "work_package_id": name,
            **({} if verdict == "approved" else {"feedback": shown}),
            "cycle": state.review_count + 1,
            "reviewer": reviewer.to_value(),
            "implementers": [each.to_value() for each in state.implementers] or [AGENT.to_value()],
            "witness": witness(status, name).to_value(),
            "reviewed": COMMITS.to_value(),
            "verdict": verdict,
            "findings": findings,
            "review_time": "2026-01-02T03:04:05Z",
        }
    )


def move(status: MissionStatus, operation: str, effector: Effector = AGENT, *, name: str = "WP01", **more: Any) -> None:
    """Do something to a package with all that it may ask for."""
    to = more.pop("to", None)
    wish = Wish(
        package=name,
        effector=effector,
        operation=LaneOperation(operation),
        given=everything(status, name, **more),
        to=to,
    )
    status.transition(wish)


def to_review(status: MissionStatus, name: str = "WP01") -> None:
    """Bring a planned package into review by another effector."""
    for operation, effector in (("claim", AGENT), ("start", AGENT), ("submit", AGENT), ("begin_review", OTHER)):
        move(status, operation, effector, name=name)
