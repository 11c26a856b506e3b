"""Builds the governance context: everything that one action is told and allowed, frozen, with a digest. Pure.

The same charter, doctrine and query give the same bytes. A change of a document that belongs to the action changes the
digest; one of a document that does not, leaves it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from dome_contracts.canonical import digest
from dome_contracts.schema.governance.agent_profile import AgentProfile
from dome_contracts.schema.governance.charter import Charter
from dome_contracts.schema.governance.directive import DoctrineKind
from dome_contracts.schema.governance.governance_context import GovernanceContext
from dome_contracts.schema.governance.mission_type import MissionType
from dome_contracts.schema.governance.step_contract import StepContract
from dome_spec.governance.doctrine import (
    Address,
    Doctrine,
    Item,
    Origin,
    Where,
    applies,
    closure,
    field_pointer,
    is_active,
    narrowed,
    require,
)

DEPTH: Final = 2
"""How many suggestions in a row are followed where nobody says otherwise."""
_NOBODY: Final[Mapping[str, Any]] = {"authority": {"operations": [], "force": "never"}, "tools": []}


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextQuery:
    """What the context is asked for."""

    action: str
    """An action on a mission or on a work package of it."""
    mission_type: str
    profile: str | None = None
    """None before an effector is chosen: then nothing is allowed yet."""
    step_contract: str | None = None
    """None: the first active contract for the action and the mission type, by id, if there is one."""
    paths: tuple[str, ...] = ()
    """Paths and patterns that the work package owns."""
    depth: int = DEPTH


def build_charter_context(query: ContextQuery, charter: Charter, doctrine: Doctrine) -> GovernanceContext:
    """The context of the action. Raises DoctrineMissing, DoctrineInactive, DoctrineUnreadable."""
    where = Where(action=query.action, mission_type=query.mission_type, paths=query.paths)
    activation = charter.activation
    type_address = (DoctrineKind.MISSION_TYPE, query.mission_type)
    mission_type = require(doctrine, activation, type_address, by="the mission")
    assert isinstance(mission_type, MissionType)
    excluded = narrowed(doctrine, activation, where)
    roots = [type_address, *_directives(doctrine, charter, where, excluded)]
    contract = _contract(query, doctrine, charter)
    if contract is not None:
        roots.append((DoctrineKind.STEP_CONTRACT, contract))
    if query.profile is not None:
        roots.append((DoctrineKind.AGENT_PROFILE, query.profile))
    found = closure(doctrine, activation, where, roots=roots, depth=query.depth)
    value: dict[str, Any] = {
        "schema_version": "1",
        "action": query.action,
        "mission_type": {
            "id": mission_type.id,
            "version": mission_type.version,
            "digest": digest(mission_type.to_value()),
        },
        "charter": {"version": charter.version, "digest": digest(charter.to_value())},
        "policies": charter.policies.to_value(),
        "depth": query.depth,
        "directives": _resolved(doctrine, found.documents, DoctrineKind.DIRECTIVE),
        "tactics": _resolved(doctrine, found.documents, DoctrineKind.TACTIC),
        "allowance": _allowance(found.documents, query),
        "deferred": [_target(each.address) for each in found.loose if each.kind is None],
        "warnings": [
            *_collisions(doctrine, found.documents),
            *(
                {"kind": each.kind.value, "target": _target(each.address), "text": _LOOSE[each.kind.value]}
                for each in found.loose
                if each.kind is not None
            ),
        ],
    }
    for field, kind, name in (
        ("profile", DoctrineKind.AGENT_PROFILE, query.profile),
        ("step_contract", DoctrineKind.STEP_CONTRACT, contract),
    ):
        if name is not None:
            (value[field],) = _resolved(doctrine, {(kind, name): found.documents[kind, name]}, kind)
    return GovernanceContext.from_value({**value, "digest": digest(value)})


_LOOSE: Final = {
    "unresolved_suggestion": "It is suggested, and does not exist.",
    "inactive": "It is suggested, and the charter does not activate it.",
}


def _directives(doctrine: Doctrine, charter: Charter, where: Where, excluded: frozenset[Address]) -> list[Address]:
    """The active directives whose scope holds there."""
    found = []
    for name in doctrine.ids(DoctrineKind.DIRECTIVE):
        address = (DoctrineKind.DIRECTIVE, name)
        if address in excluded or not is_active(charter.activation, address):
            continue
        if applies(getattr(doctrine.document(address), "scope", None), where):
            found.append(address)
    return found


def _contract(query: ContextQuery, doctrine: Doctrine, charter: Charter) -> str | None:
    if query.step_contract is not None:
        return query.step_contract
    for name in doctrine.ids(DoctrineKind.STEP_CONTRACT):
        address = (DoctrineKind.STEP_CONTRACT, name)
        if not is_active(charter.activation, address):
            continue
        document = doctrine.document(address)
        if isinstance(document, StepContract) and document.action == query.action:
            types = document.mission_types
            if types is None or query.mission_type in types:
                return name
    return None


def _allowance(documents: Mapping[Address, Any], query: ContextQuery) -> Mapping[str, Any]:
    if query.profile is None:
        return _NOBODY
    profile = documents[DoctrineKind.AGENT_PROFILE, query.profile]
    assert isinstance(profile, AgentProfile)
    tools = [each.to_value() for each in profile.allowed_tools]
    return {"authority": profile.authority.to_value(), "tools": tools}


def _resolved(doctrine: Doctrine, documents: Mapping[Address, Any], kind: DoctrineKind) -> list[dict[str, Any]]:
    return [
        {"value": document.to_value(), "provenance": _provenance(doctrine.item(address))}
        for address, document in sorted(documents.items(), key=lambda each: each[0])
        if address[0] is kind
    ]


def _provenance(item: Item) -> dict[str, Any]:
    fields = {field_pointer(place): _origin(origin) for place, origin in sorted(item.fields.items())}
    return {"origin": _origin(item.origin), **({"fields": fields} if fields else {})}


def _origin(origin: Origin) -> dict[str, Any]:
    return {"layer": origin.layer.value, "path": origin.path, "digest": origin.digest}


def _collisions(doctrine: Doctrine, documents: Mapping[Address, Any]) -> list[dict[str, Any]]:
    return [
        {"kind": "collision", "target": _target(address), "text": each.text, "field": field_pointer(each.place)}
        for address in sorted(documents)
        for each in sorted(doctrine.item(address).collisions, key=lambda each: each.place)
    ]


def _target(address: Address) -> dict[str, Any]:
    return {"kind": address[0].value, "id": address[1]}
