"""The document of a pin, `pin.json`: read strictly, written so that equal pins have equal bytes. No files."""

import json
from collections.abc import Iterable
from functools import cache
from typing import Any, Final

import jsonschema_rs

from dome_contracts import documents
from dome_contracts.schema.control.pin import Pin, PinMember, PinRole
from dome_spec.contracts.pins.errors import PinUnreadable
from dome_spec.kernel import NotJson, read_json
from dome_spec.kernel.json_pointer import pointer

FILE: Final = "pin.json"
FIXTURES: Final = "fixtures"
"""Folder of own fixtures: `fixtures/<member>/<accepted|refused>/*.json`."""
SCHEMA_ROLES: Final = frozenset(
    {PinRole.GUARDRAILS_BUNDLE, PinRole.TRANSITION_RECORDS, PinRole.GUARD_RECORDS, PinRole.SCHEMA}
)
_FAULTS_SHOWN_MAX: Final = 3


def decode(data: bytes, place: str) -> Pin:
    """The pin. Raises PinUnreadable with the place of each fault."""
    try:
        value = read_json(data)
    except NotJson as error:
        at = f":{error.position.line}:{error.position.column}" if error.position else ""
        raise PinUnreadable(f"{place}{at}: {error.what}", error.remedy) from error
    check(value, place)
    return Pin.from_value(value)


def encode(pin: Pin) -> bytes:
    """The bytes of a pin, its members by name. Raises PinUnreadable for one that could not be read back."""
    value = pin.to_value()
    value["members"] = sorted(value["members"], key=lambda each: str(each["name"]))
    check(value, FILE)
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def check(value: Any, place: str) -> None:
    """Raises PinUnreadable for what the family control/pin refuses, or what names a member or vocabulary twice."""
    faults = [f"{_pointer(error.instance_path)}: {error.message}" for error in _validator().iter_errors(value)]
    if not faults:
        members = [each["name"] for each in value["members"]]
        files = [each["file"] for each in value["members"]]
        vocabularies = [each["name"] for each in value.get("vocabularies", ())]
        kinds = (("member", members), ("file", files), ("vocabulary", vocabularies))
        faults = [f"{what} {name} stands there twice" for what, names in kinds for name in sorted(_repeated(names))]
    if faults:
        more = f"; and {len(faults) - _FAULTS_SHOWN_MAX} more" if len(faults) > _FAULTS_SHOWN_MAX else ""
        what = f"{place} is no pin: {'; '.join(sorted(faults)[:_FAULTS_SHOWN_MAX])}{more}"
        raise PinUnreadable(what, "Mend the places; `dome contracts show control/pin` shows the form.")


def member(**fields: str | None) -> PinMember:
    """A member with the fields that are given."""
    return PinMember.from_value({name: value for name, value in fields.items() if value is not None})


def is_schema(of: PinMember) -> bool:
    """Whether a member is a schema, by whatever name."""
    return of.role in SCHEMA_ROLES


def _repeated(names: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    return {name for name in names if name in seen or seen.add(name)}  # type: ignore[func-returns-value]


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    registry = jsonschema_rs.Registry(list(documents.registry("shared")))
    return jsonschema_rs.Draft202012Validator(
        documents.schema("control", "pin"), registry=registry, validate_formats=True
    )


def _pointer(path: Iterable[str | int]) -> str:
    return pointer(path) or "the whole"
