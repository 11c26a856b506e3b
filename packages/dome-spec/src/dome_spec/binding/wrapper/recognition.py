"""Which family a document is of: by what it says of itself, else by the members that it has. Judges no document."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from dome_contracts import documents

FACT: Final = "knowledge/fact"
WRAPPER: Final = "knowledge/wrapper_envelope"
EVALUATION: Final = "knowledge/guard_evaluation"
TRANSITION: Final = "knowledge/transition_record"
CAPSULE: Final = "knowledge/evidence_capsule"
DECISION: Final = "gates/gate_decision"
DOORS: Final = (FACT, WRAPPER, EVALUATION, TRANSITION, CAPSULE, DECISION)
"""The families that are taken in."""
_FAMILY_NAME: Final = re.compile(r"[a-z][a-z_]*/[a-z][a-z_]*")
_ENVELOPE: Final = frozenset({"family", "document"})
_LIKENESS_MIN: Final = 0.5
_UNTELLING: Final = frozenset({"schema_version", "run_id", "task_id", "group_id"})
"""Members that most families have."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A document and its family."""

    family: str
    document: Any
    whole: Any = None
    """The document, where nothing was around it."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """No family that is taken in."""

    claimed: str
    """What it says of itself; empty where it says nothing."""
    message: str


def recognise(value: Any, *, family: str = "") -> Recognised | Unknown:
    """The family that was named from outside; else that of `{"family": ..., "document": ...}`; else by its members."""
    if family:
        return Recognised(family, value, value) if family in DOORS else _not_taken(family)
    if not isinstance(value, Mapping):
        return Unknown("", f"a document is an object, and this is {_kind(value)}")
    if value.keys() == _ENVELOPE and isinstance(value["family"], str):
        inner = recognise(value["document"], family=value["family"])
        return Recognised(inner.family, inner.document) if isinstance(inner, Recognised) else inner
    likest = _likest(frozenset(value))
    if likest is None:
        known = ", ".join(DOORS)
        return Unknown("", f"its members fit no family that is taken in; say which it is of: {known}")
    return Recognised(likest, value, value)


def is_family_name(text: str) -> bool:
    """Whether a family could be called so."""
    return _FAMILY_NAME.fullmatch(text) is not None


def _not_taken(family: str) -> Unknown:
    return Unknown(family, f"{family[:80]!r} is no family that is taken in: those are {', '.join(DOORS)}")


@cache
def _likest(members: frozenset[str]) -> str | None:
    """The family most of whose telling members are there; None where none stands out."""
    shares = sorted(((_share(members, family), family) for family in DOORS), reverse=True)
    (best, family), (second, _) = shares[:2]
    return family if best >= _LIKENESS_MIN and best > second else None


def _share(members: frozenset[str], family: str) -> float:
    telling = _telling(family)
    return len(telling & members) / len(telling)


@cache
def _telling(family: str) -> frozenset[str]:
    context, _, name = family.partition("/")
    return frozenset(documents.schema(context, name)["required"]) - _UNTELLING


def _kind(value: Any) -> str:
    names = {list: "a list", str: "a text", bool: "a boolean", int: "a number", float: "a number", type(None): "null"}
    return names.get(type(value), "something else")
