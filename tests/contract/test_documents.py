"""The shipped schemas and descriptors are those of the contracts, and the models of a family read what it allows."""

import json
from pathlib import Path

import jsonschema_rs
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from pydantic import ValidationError

from dome_contracts import documents, rpc_errors
from dome_contracts.canonical import digest
from dome_contracts.errors.v1 import ErrorReason
from dome_contracts.families import FAMILIES
from dome_contracts.schema.base import Contract

CONTRACTS = Path(__file__).parents[2] / "contracts"


def test_every_schema_is_shipped_byte_for_byte() -> None:
    shipped = {document.path.read_bytes() for document in documents.DOCUMENTS}
    assert shipped == {path.read_bytes() for path in (CONTRACTS / "jsonschema").rglob("*.json")}


def test_a_document_names_its_id_and_digest() -> None:
    for document in documents.DOCUMENTS:
        schema = documents.schema(document.context, document.family, version=document.version)
        assert (schema["$id"], digest(schema)) == (document.schema_id, document.digest)


def test_the_registry_resolves_every_reference() -> None:
    registry = jsonschema_rs.Registry(list(documents.registry()))
    for _, schema in documents.registry():
        jsonschema_rs.validator_for(schema, registry=registry, validate_formats=True)


def test_what_the_daemon_reads_needs_its_own_context_and_the_shared_definitions_only() -> None:
    registry = jsonschema_rs.Registry(list(documents.registry("runtime")))
    for document in documents.DOCUMENTS:
        if document.context == "runtime":
            schema = documents.schema("runtime", document.family, version=document.version)
            jsonschema_rs.validator_for(schema, registry=registry, validate_formats=True)


def test_a_caller_owns_the_schema_it_was_given() -> None:
    documents.schema("runtime", "tool_manifest").clear()
    assert documents.schema("runtime", "tool_manifest") != {}


def test_an_unknown_family_is_named() -> None:
    with pytest.raises(documents.NoSuchDocument, match="runtime/v1/nothing"):
        documents.schema("runtime", "nothing")


def test_the_descriptor_set_is_complete_and_without_comments() -> None:
    files = FileDescriptorSet.FromString(documents.descriptor_set()).file
    names = {file.name for file in files}
    assert {name for file in files for name in file.dependency} <= names
    assert {"dome/runtime/v1/service.proto", "google/rpc/status.proto", "grpc/health/v1/health.proto"} <= names
    assert not any(file.HasField("source_code_info") for file in files)


def test_every_error_reason_has_a_row_with_its_number() -> None:
    rows = {row.reason: row.number for row in rpc_errors.RPC_ERRORS.values()}
    assert rows == {str(reason.name): int(reason) for reason in ErrorReason if reason.value}


def test_every_family_of_documents_is_shipped() -> None:
    shipped = {f"{document.context}/{document.family}" for document in documents.DOCUMENTS}
    assert {row.family for row in FAMILIES if row.form == "json_schema"} <= shipped


class Sample(Contract):
    """A document as the generator makes them."""

    name: str
    pair: tuple[int, str] = (0, "")
    note: str | None = None


def test_a_document_reads_from_json_and_from_parsed_values() -> None:
    value = {"name": "a", "pair": [1, "b"]}
    assert Sample.from_value(value) == Sample.from_json(json.dumps(value)) == Sample(name="a", pair=(1, "b"))


def test_a_document_writes_what_it_was_given_and_no_more() -> None:
    value = {"name": "a", "pair": [1, "b"]}
    assert Sample.from_value(value).to_value() == json.loads(Sample.from_value(value).to_json()) == value
    assert Sample(name="a").to_value() == {"name": "a"}


@pytest.mark.parametrize("value", [{}, {"name": 1}, {"name": "a", "more": 1}, {"name": "a", "pair": ["1", "b"]}])
def test_a_document_of_another_shape_is_refused(value: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Sample.from_value(value)


def test_a_document_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Sample(name="a").name = "b"
