"""What is a document and a message says the same on both sides: generated values go there and back by the rows."""

import json
from copy import deepcopy
from dataclasses import replace
from functools import cache
from typing import Any, Final

import jsonschema_rs
import pytest
import yaml
from betterproto2 import Message
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from dome_client.cli.render.manifest import run_manifest
from dome_contracts import documents
from dome_contracts.canonical import canonical_bytes
from dome_contracts.runtime.v1 import Job, RunProvenance
from tests.contract import wire_mapping
from tests.contract.schema_values import json_objects, resolve, values
from tests.contract.wire_mapping import (
    CONTRACTS,
    Correspondence,
    Row,
    at,
    correspondence,
    put,
    schema_place,
    to_document,
    to_wire,
)
from tests.contract.wire_messages import DURATIONS, INSTANTS, field_class, instances, metas
from tests.suite import tried

NAMES: Final = (
    "provenance", "effects_enforcement", "artifact", "run_manifest", "effector", "event_envelope", "skill_execute",
)  # fmt: skip
# An event of a job has the seq in its id.
EVENT_IDS: Final = st.from_regex(r"evt-[0-7][0-9a-hjkmnp-tv-z]{25}-[1-9][0-9]{0,17}", fullmatch=True)
# What the document may lack in general and every event of a job has.
ALWAYS: Final = frozenset({("event_envelope", "/job_id"), ("event_envelope", "/last_sequence")})
law = settings(
    max_examples=tried(40, few=12),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)
Json = dict[str, Any]


@cache
def validator(name: str) -> jsonschema_rs.Validator:
    found: jsonschema_rs.Validator = jsonschema_rs.validator_for(
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "$ref": schema_place(name)},
        registry=jsonschema_rs.Registry(list(documents.registry())),
        validate_formats=True,
    )
    return found


@cache
def examples(mapping_name: str) -> tuple[Json, ...]:
    """Valid documents of the family, at the mapped place; for a shared definition none but the empty one."""
    mapping = correspondence(mapping_name)
    folder = CONTRACTS / "examples" / mapping.family / "valid"
    places = {"/$defs/ProvenanceRecord": "/provenance", "/$defs/EffectsEnforcement": "/provenance/effects_enforcement"}
    if place := places.get(mapping.pointer):
        found = (at(json.loads(path.read_text()), place) for path in sorted(folder.glob("*.json")))
        return tuple(each for each in found if each is not None)
    return tuple(json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))) or ({},)


@cache
def property_schema(name: str, pointer: str) -> tuple[str, Json, bool]:
    """The schema of a property with the document that it stands in, and whether the property is required."""
    base, schema = resolve("", schema_place(name))
    required = True
    always = (name, pointer) in ALWAYS
    for part in pointer.split("/")[1:]:
        while "$ref" in schema:
            base, schema = resolve(base, schema["$ref"])
        required = required and part in schema.get("required", ())
        schema = schema["properties"][part]
    return base, schema, required or always


@st.composite
def generated_documents(draw: st.DrawFn, name: str) -> Json:
    """A valid document in the form in which it is written: a property that says nothing is left out."""
    mapping = correspondence(name)
    made: Json = deepcopy(draw(st.sampled_from(examples(name))))
    for row in mapping.rows:
        base, schema, required = property_schema(mapping.name, row.document)
        if row.conversion == "fact":
            made |= to_document(replace_rows(mapping, row), draw(_facts(mapping, row)), {})
            continue
        value = draw(_document_values(row, base, schema))
        if required or (draw(st.booleans()) and value not in ("", {}, [])):
            put(made, row.document, value)
        else:
            _remove(made, row.document)
    assume(validator(name).is_valid(made))
    return made


def _document_values(row: Row, base: str, schema: Json) -> st.SearchStrategy[Any]:
    match row.conversion:
        case "timestamp":
            return INSTANTS.map(lambda time: time.isoformat(timespec="microseconds").replace("+00:00", "Z"))
        case "message":
            return generated_documents(row.options["mapping"])
        case "messages":
            return st.lists(generated_documents(row.options["mapping"]), max_size=3)
        case "json":
            return json_objects()
    return EVENT_IDS if row.wire == "event_id" else values(base, schema)


@st.composite
def generated_messages(draw: st.DrawFn, name: str) -> Any:
    """A message with anything in the fields that only messages have, and values of the contract in the others."""
    mapping = correspondence(name)
    facts = [row for row in mapping.rows if row.conversion == "fact"]
    made = draw(_facts(mapping, facts[0]) if facts else instances(mapping.message))
    for row in mapping.rows:
        if row not in facts:
            made = _set(made, row.wire.split("."), draw(_wire_values(mapping, row)))
    return made


def _wire_values(mapping: Correspondence, row: Row) -> st.SearchStrategy[Any]:
    base, schema, required = property_schema(mapping.name, row.document)
    match row.conversion:
        case "same":
            found = EVENT_IDS if row.wire == "event_id" else values(base, schema)
            return found if required else st.one_of(st.just(_default(mapping.message, row.wire)), found)
        case "nullable":
            return values(base, schema)
        case "enum":
            cls = wire_mapping.field_class(mapping.message, row.wire)
            allowed = [cls[value.upper()] for value in _enum(base, schema)]
            return st.sampled_from(allowed if required else [cls(0), *allowed])
        case "timestamp":
            return INSTANTS if required else st.none() | INSTANTS
        case "seconds":
            return st.none() | DURATIONS.map(lambda duration: duration % (10 * 60 * type(duration)(seconds=1)))
        case "json":
            return json_objects().map(canonical_bytes)
        case "message":
            return generated_messages(row.options["mapping"])
        case "messages":
            return st.lists(generated_messages(row.options["mapping"]), max_size=3)
    raise AssertionError(row.conversion)


def _enum(base: str, schema: Json) -> list[str]:
    while "$ref" in schema:
        base, schema = resolve(base, schema["$ref"])
    found: list[str] = schema["enum"]
    return found


def _default(cls: type[Message], path: str) -> Any:
    *parents, last = path.split(".")
    for name in parents:
        cls = field_class(cls, name)
    return getattr(cls(), last)


def _set(message: Any, path: list[str], value: Any) -> Any:
    name, *rest = path
    if not rest:
        return replace(message, **{name: value})
    part = getattr(message, name)
    return replace(message, **{name: _set(field_class(type(message), name)() if part is None else part, rest, value)})


def _remove(document: Json, pointer: str) -> None:
    parent, _, last = pointer.rpartition("/")
    (at(document, parent) or {}).pop(last, None)


def _facts(mapping: Correspondence, row: Row) -> st.SearchStrategy[Any]:
    """Messages with one member of the oneof, and nothing else."""
    names = [name for name, meta in metas(mapping.message).items() if meta.group == row.wire]
    return st.sampled_from(names).flatmap(
        lambda name: instances(field_class(mapping.message, name)).map(lambda fact: mapping.message(**{name: fact}))
    )


def replace_rows(mapping: Correspondence, *rows: Row) -> Correspondence:
    """The mapping with these rows alone."""
    return replace(mapping, rows=rows, constants={}, document_only=())


@pytest.mark.parametrize("name", NAMES)
@law
@given(data=st.data())
def test_a_document_comes_back_from_the_wire(name: str, data: st.DataObject) -> None:
    mapping, document = correspondence(name), data.draw(generated_documents(name))
    message = to_wire(mapping, document)
    over_the_wire = mapping.message.parse(bytes(message))
    assert to_document(mapping, over_the_wire, document) == document


@pytest.mark.parametrize("name", NAMES)
@law
@given(data=st.data())
def test_a_message_comes_back_from_its_document(name: str, data: st.DataObject) -> None:
    mapping, message = correspondence(name), data.draw(generated_messages(name))
    document = to_document(mapping, message, data.draw(st.sampled_from(examples(name))))
    validator(name).validate(document)
    assert to_wire(mapping, json.loads(json.dumps(document))) == wire_mapping.kept(mapping, message)


@law
@given(job=generated_messages("run_manifest"), digest=st.binary(min_size=32, max_size=32))
def test_the_client_writes_manifests_as_the_mapping_says(job: Job, digest: bytes) -> None:
    chain_head = f"sha256:{digest.hex()}"
    assert isinstance(job.provenance, RunProvenance)
    written = run_manifest(job, job.provenance, chain_head=chain_head)
    assert written == to_document(correspondence("run_manifest"), job, {"chain_head": chain_head})


def test_every_declared_mapping_goes_there_and_back() -> None:
    assert set(yaml.safe_load((CONTRACTS / "mappings.yaml").read_text())["mappings"]) == set(NAMES)
