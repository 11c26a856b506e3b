"""Carries out `contracts/mappings.yaml`: documents to messages and back. Production converts by its own code."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

import betterproto2
import yaml
from betterproto2 import Casing, Message, OutputFormat

from dome_contracts import documents
from dome_contracts.canonical import canonical_bytes
from dome_contracts.runtime import v1

CONTRACTS: Final = Path(__file__).parents[2] / "contracts"
EMPTY: Final[tuple[Any, ...]] = (None, "", b"", 0, {}, [])
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where the value stands on either side, and how it is converted."""

    document: str
    wire: str
    conversion: str
    options: Mapping[str, Any]

    @property
    def is_written_empty(self) -> bool:
        """Whether the document says it where the message leaves it empty."""
        return self.options.get("empty") == "written" or self.conversion == "nullable"


@dataclass(frozen=True, slots=True)
class Correspondence:
    """One mapping: the rows that convert, and what either side has alone."""

    name: str
    family: str
    pointer: str
    message: Any
    """The class of the message."""
    rows: tuple[Row, ...]
    constants: Mapping[str, Any]
    given: tuple[str, ...]
    document_only: tuple[str, ...]
    wire_only: tuple[str, ...]


@cache
def correspondence(name: str) -> Correspondence:
    """The mapping of this name."""
    entry = yaml.safe_load((CONTRACTS / "mappings.yaml").read_text())["mappings"][name]
    family, _, pointer = entry["document"].partition("#")
    fields = entry["fields"]
    alone = [field for field in fields if field.get("only") == "document"]
    return Correspondence(
        name=name,
        family=family,
        pointer=pointer,
        message=getattr(v1, entry["message"].rpartition(".")[2]),
        rows=tuple(Row(field["document"], field["wire"], field["as"], field) for field in fields if "as" in field),
        constants={field["document"]: field["const"] for field in alone if "const" in field},
        given=tuple(field["document"] for field in alone if "given" in field),
        document_only=tuple(field["document"] for field in alone),
        wire_only=tuple(field["wire"] for field in fields if field.get("only") == "wire"),
    )


def to_document(mapping: Correspondence, message: Message, onto: Mapping[str, Any]) -> Json:
    """The document of a message; what only documents have comes from `onto`, or is constant."""
    made: Json = {}
    for pointer in mapping.document_only:
        if (kept := at(onto, pointer)) is not None:
            put(made, pointer, kept)
    for pointer, value in mapping.constants.items():
        put(made, pointer, value)
    for row in mapping.rows:
        if row.conversion == "fact":
            topic, payload = _fact_document(message, row)
            put(made, row.document, topic)
            put(made, row.options["payload"], payload)
            continue
        value = field(message, row.wire)
        if value not in EMPTY or isinstance(value, timedelta | bool) or row.is_written_empty:
            put(made, row.document, _to_document(row, value))
    return made


def to_wire(mapping: Correspondence, document: Mapping[str, Any]) -> Any:
    """The message of a document, without what only messages have."""
    values: Json = {}
    for row in mapping.rows:
        value = at(document, row.document)
        if row.conversion == "fact":
            values |= _fact_wire(mapping.message, row, document)
        elif value is not None:
            put(values, "/" + row.wire.replace(".", "/"), _to_wire(mapping.message, row, value))
    return _built(mapping.message, values)


def kept(mapping: Correspondence, message: Any) -> Any:
    """The message without what only messages have."""
    for path in mapping.wire_only:
        message = _without(message, path.split("."))
    for row in mapping.rows:
        if row.conversion == "message" and (part := field(message, row.wire)) is not None:
            message = replace(message, **{row.wire: kept(correspondence(row.options["mapping"]), part)})
        if row.conversion == "messages":
            parts = [kept(correspondence(row.options["mapping"]), part) for part in field(message, row.wire)]
            message = replace(message, **{row.wire: parts})
    return message


def at(document: Any, pointer: str) -> Any:
    """What stands at a place of a document; None where nothing does."""
    for part in pointer.split("/")[1:]:
        document = document.get(part) if isinstance(document, Mapping) else None
    return document


def put(document: Json, pointer: str, value: Any) -> None:
    """Write a value at a place of a document."""
    *parents, last = pointer.split("/")[1:]
    for part in parents:
        document = document.setdefault(part, {})
    document[last] = value


def field(message: Any, path: str) -> Any:
    """The value of a field; None below a message that is absent."""
    for name in path.split("."):
        message = None if message is None else getattr(message, name)
    return message


def field_class(cls: Any, path: str) -> Any:
    """The class of a field's values, where it is a message or an enum."""
    for name in path.split("."):
        cls = cls._betterproto.cls_by_field[name]
    return cls


@cache
def schema_place(name: str) -> str:
    """Where the mapped schema stands: the `$id` of its family, and the pointer."""
    mapping = correspondence(name)
    context, family = mapping.family.split("/")
    return f"{documents.schema(context, family)['$id']}#{mapping.pointer}"


def _to_document(row: Row, value: Any) -> Any:
    match row.conversion:
        case "same" | "nullable":
            return dict(value) if isinstance(value, Mapping) else value
        case "enum":
            name = str(value.name)
            return name.lower() if row.options.get("case") == "lower" else name
        case "timestamp":
            return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        case "seconds":
            return value.total_seconds()
        case "json":
            return json.loads(value)
        case "message":
            return to_document(correspondence(row.options["mapping"]), value, {})
        case "messages":
            return [to_document(correspondence(row.options["mapping"]), part, {}) for part in value]
    raise AssertionError(row.conversion)


def _to_wire(cls: Any, row: Row, value: Any) -> Any:
    match row.conversion:
        case "same" | "nullable":
            return value
        case "enum":
            return field_class(cls, row.wire)[value.upper()]
        case "timestamp":
            return datetime.fromisoformat(value)
        case "seconds":
            return timedelta(seconds=value)
        case "json":
            return canonical_bytes(value)
        case "message":
            return to_wire(correspondence(row.options["mapping"]), value)
        case "messages":
            return [to_wire(correspondence(row.options["mapping"]), part) for part in value]
    raise AssertionError(row.conversion)


def _fact_document(message: Message, row: Row) -> tuple[str, Json]:
    name, fact = betterproto2.which_one_of(message, row.wire)
    assert isinstance(fact, Message)
    return row.options["prefix"] + name, fact.to_dict(output_format=OutputFormat.PROTO_JSON, casing=Casing.SNAKE)


def _fact_wire(cls: Any, row: Row, document: Mapping[str, Any]) -> Json:
    name = at(document, row.document).removeprefix(row.options["prefix"])
    return {name: field_class(cls, name).from_dict(at(document, row.options["payload"]))}


def _built(cls: Any, values: Json) -> Any:
    """A message from nested values."""
    made = {}
    for name, value in values.items():
        kind = cls._betterproto.cls_by_field.get(name)
        is_message = isinstance(value, dict) and isinstance(kind, type) and issubclass(kind, Message)
        made[name] = _built(kind, value) if is_message and not _is_map(cls, name) else value
    return cls(**made)


def _is_map(cls: Any, name: str) -> bool:
    kind: str = cls._betterproto.meta_by_field_name[name].proto_type
    return kind == betterproto2.TYPE_MAP


def _without(message: Any, path: list[str]) -> Any:
    """The message with one field as it is by default; a part that is empty then is absent."""
    name, *rest = path
    if not rest:
        return replace(message, **{name: getattr(type(message)(), name)})
    part = getattr(message, name)
    if part is None:
        return message
    left = _without(part, rest)
    return replace(message, **{name: None if left == type(left)() else left})
