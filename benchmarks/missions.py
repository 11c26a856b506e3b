"""A mission of many packages with a long history: packages go round from claim to release, made by counting."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from dome_contracts.canonical import canonical_bytes, digest, digest_bytes
from dome_contracts.schema.governance.directive import DoctrineKind
from dome_contracts.schema.governance.mission_type import MissionType, TransitionTable
from dome_contracts.schema.missions.mission import Mission
from dome_contracts.schema.missions.status_event import StatusEvent
from dome_contracts.schema.missions.work_package import WorkPackage
from dome_spec.governance.doctrine import built_in_sources, lay
from dome_spec.kernel import MissionName
from dome_spec.missions.status import Batch, MissionStore

MISSION_ID: Final = "mis-" + "0" * 26
_AT: Final = "2026-01-02T03:04:05Z"
_COMMIT: Final = "3" * 40
_PIECE: Final = 5_000
"""Events that are kept at a time."""
_AGENT: Final = {"kind": "llm", "id": "agent-1"}
_ROUND: Final = (
    ("package_claimed", "claim", "planned", "claimed"),
    ("package_transitioned", "start", "claimed", "in_progress"),
    ("note_added", "", "", ""),
    ("note_added", "", "", ""),
    ("package_released", "release", "in_progress", "planned"),
)
"""What happens to a package again and again; each round ends where it began."""


def table() -> TransitionTable:
    """The table of the ordinary mission type."""
    return mission_type().transition_table


def mission_type() -> MissionType:
    """The ordinary mission type."""
    document = lay(built_in_sources()).document((DoctrineKind.MISSION_TYPE, "software-change"))
    assert isinstance(document, MissionType)
    return document


def mission() -> Mission:
    """The mission."""
    found = mission_type()
    pin = {"id": found.id, "version": found.version, "digest": digest(found.to_value())}
    rules = found.transition_table
    return Mission.from_value(
        {
            "schema_version": "1",
            "mission_id": MISSION_ID,
            "slug": "large",
            "title": "Large",
            "purpose": {"summary": "Be large."},
            "repository_id": "repo-" + "0" * 26,
            "mission_type": pin,
            "transition_table": {"id": rules.id, "version": rules.version, "digest": digest(rules.to_value())},
            "requirements": [{"id": "FR-001", "priority": "must", "text": "It is large."}],
            "negative_invariants": [],
            "base": {"ref": "refs/heads/main", "commit": _COMMIT},
            "destination_ref": "refs/heads/main",
            "accountable": {"kind": "human", "id": "ada"},
            "creator": {"kind": "human", "id": "ada"},
            "create_time": _AT,
        }
    )


def names(count: int) -> list[str]:
    """The ids of so many packages."""
    return [f"WP{number:03d}" for number in range(1, count + 1)]


def packages(count: int) -> dict[str, WorkPackage]:
    """The packages; each but the first ten waits for one before it."""
    made = {}
    for place, name in enumerate(names(count)):
        value = {
            "schema_version": "1",
            "mission_id": MISSION_ID,
            "work_package_id": name,
            "title": name,
            "product": "code_change",
            "goal": "It works.",
            "authored": {"path": f"missions/large/packages/{name}.md", "digest": digest_bytes(name.encode())},
            "dependencies": [f"WP{place - 9:03d}"] if place >= 10 else [],
            "requirements": ["FR-001"],
            "owned_files": [f"src/{name.lower()}/**"],
            "reach": "owned_files",
            "subtasks": [],
        }
        made[name] = WorkPackage.from_value(value)
    return made


def events(count: int, package_count: int) -> Iterator[StatusEvent]:
    """About so many events, of all packages in turns."""
    number = 0

    def event(name: str | None, version: int, cause: str | None, fact: dict[str, Any]) -> StatusEvent:
        nonlocal number
        number += 1
        subject = {"mission_id": MISSION_ID} if name is None else {"mission_id": MISSION_ID, "work_package_id": name}
        return StatusEvent.from_value(
            {
                "schema_version": "1",
                "event_id": f"evt-{number:026d}",
                "subject": subject,
                "stream_version": version,
                "occur_time": _AT,
                "effector": _AGENT,
                "fact": fact,
                **({} if cause is None else {"cause": cause}),
            }
        )

    fixed = {name: digest(each.to_value()) for name, each in packages(package_count).items()}
    first = event(None, 1, None, {"kind": "mission_created", "mission_digest": digest(mission().to_value())})
    yield first
    yield event(None, 2, first.event_id, {"kind": "mission_finalized", "packages": fixed})
    tips = {}
    for name, made in fixed.items():
        tips[name] = event(name, 1, None, {"kind": "package_seeded", "work_package_digest": made, "lane": "planned"})
        yield tips[name]
    while number < count:
        for kind, operation, left, to in _ROUND:
            for name in fixed:
                tip = tips[name]
                tips[name] = event(name, tip.stream_version + 1, tip.event_id, _fact(kind, operation, left, to))
                yield tips[name]


def fill(store: MissionStore, count: int, package_count: int) -> None:
    """Keep the mission with about so many events, as a log that was carried here is."""
    documents = [("missions/mission", mission().to_value()), ("governance/mission_type", table().to_value())]
    documents += [("missions/work_package", each.to_value()) for each in packages(package_count).values()]
    store.append(Batch(documents=tuple((family, canonical_bytes(value)) for family, value in documents)))
    log = events(count, package_count)
    while piece := list(islice(log, _PIECE)):
        store.merge(piece, name=MissionName(MISSION_ID, "large"))


def _fact(kind: str, operation: str, left: str, to: str) -> dict[str, Any]:
    fact: dict[str, Any] = {"kind": kind}
    if operation:
        fact["move"] = {"operation": operation, "from": left, "to": to}
    match kind:
        case "package_claimed":
            fact["witness"] = {"digest": digest_bytes(b"told"), "stream_version": 1}
        case "package_released":
            fact["reason"] = "So it is."
        case "note_added":
            fact["text"] = "So it is."
    return fact
