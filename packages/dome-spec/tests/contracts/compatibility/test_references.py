"""References lead where the specification says they lead, within one document and across several."""

from typing import Any

import pytest
from jsonschema_rs import Registry, validator_for

from dome_spec.contracts.compatibility.schema import SchemaRefused, parse

STRING = {"type": "string"}
DRAFT_04 = "http://json-schema.org/draft-04/schema#"
DRAFT_07 = "http://json-schema.org/draft-07/schema#"


@pytest.mark.parametrize(
    "document",
    [
        {"$ref": "#/$defs/a", "$defs": {"a": STRING}},
        {"$ref": "#/$defs/a~1b~0c", "$defs": {"a/b~c": STRING}},
        {"$ref": "#/$defs/a%25%20b", "$defs": {"a% b": STRING}},
        {"$ref": "#/properties/x/items", "properties": {"x": {"items": STRING}}},
        {"$ref": "#/allOf/1", "allOf": [{}, STRING]},
        {"$ref": "#here", "$defs": {"a": {"$anchor": "here", **STRING}}},
        {"$id": "https://example.org/root.json", "$ref": "root.json#/$defs/a", "$defs": {"a": STRING}},
        {"$id": "https://example.org/a/root.json", "$ref": "../b.json", "$defs": {"b": {"$id": "/b.json", **STRING}}},
        {"$ref": "urn:example:a", "$defs": {"a": {"$id": "urn:example:a", **STRING}}},
        {"$ref": "urn:example:a#/$defs/b", "$defs": {"a": {"$id": "urn:example:a", "$defs": {"b": STRING}}}},
        {"$ref": "#/components/a", "components": {"a": STRING}},
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": STRING}},
        {"$defs": {"a": {"$id": "a.json", "$ref": "#/$defs/b", "$defs": {"b": STRING}}, "b": True}, "$ref": "a.json"},
        {"$schema": DRAFT_07, "$ref": "#a", "definitions": {"x": {"$id": "#a", **STRING}}},
        {"$schema": DRAFT_04, "$ref": "#a", "definitions": {"x": {"id": "#a", **STRING}}},
        {"$dynamicRef": "#a", "$defs": {"x": {"$dynamicAnchor": "a", **STRING}}},
        {"$dynamicRef": "#a", "$ref": "#/$defs/y", "$defs": {"x": {"$anchor": "a"}, "y": STRING}},
        {"$ref": "#/$defs/x", "$dynamicRef": "#/$defs/y", "allOf": [{"title": "t"}], "$defs": {"x": STRING, "y": {}}},
    ],
)  # fmt: skip
def test_a_reference_leads_to_the_schema_it_names(document: Any) -> None:
    schema = parse(document)
    validator = validator_for(document)
    assert [validator.is_valid(instance) for instance in ("a", 1)] == [True, False]
    assert [schema.validator.is_valid(instance) for instance in ("a", 1)] == [True, False]
    assert parse(schema.document).document == schema.document


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("shared.json#/$defs/Name", "shared.json"),
        ("../../shared/v1/definitions.json#/$defs/Name", "../../shared/v1/definitions.json"),
        ("./a/../shared.json#/$defs/Name", "shared.json"),
        ("https://example.org/shared.json#/$defs/Name", "https://example.org/shared.json"),
        ("https://example.org/by-id.json#/$defs/Name", "whatever the file is called"),
        ("urn:example:embedded", "shared.json"),
    ],
)
def test_a_reference_leads_to_another_document_by_path_uri_or_id(reference: str, name: str) -> None:
    shared = {"$defs": {"Name": STRING, "Embedded": {"$id": "urn:example:embedded", **STRING}}}
    if "by-id" in reference:
        shared["$id"] = "https://example.org/by-id.json"  # type: ignore[assignment]
    schema = parse({"properties": {"name": {"$ref": reference}}}, resources={name: shared, "unused.json": {}})
    assert schema.validator.is_valid({"name": "a"})
    assert not schema.validator.is_valid({"name": 1})
    assert list(schema.resources) == ([name, "unused.json"] if "urn" in reference else [name])


def test_a_path_leads_to_a_document_though_the_documents_have_ids() -> None:
    resources = {
        "../../shared/v1/names.json": {"$ref": "more.json", "$defs": {"Name": {"$ref": "more.json#/$defs/N"}}},
        "../../shared/v1/more.json": {"$defs": {"N": STRING}},
    }
    source = {"$id": "https://example.org/planning/v1/plan.json", "$ref": "../../shared/v1/names.json#/$defs/Name"}
    schema = parse(source, resources=resources)
    assert schema.document["$defs"] == {"Name": {"$ref": "#/$defs/N"}, "N": STRING}


def test_two_definitions_of_one_name_stay_apart() -> None:
    schema = parse(
        {"allOf": [{"$ref": "#/$defs/A"}, {"$ref": "b.json#/$defs/A"}], "$defs": {"A": {"minimum": 1}}},
        resources={"b.json": {"$defs": {"A": {"maximum": 2}}}},
    )
    assert schema.document["allOf"] == [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/A-2"}]
    assert schema.document["$defs"] == {"A": {"minimum": 1}, "A-2": {"maximum": 2}}
    assert parse(schema.document).document == schema.document


def test_two_documents_with_one_id_are_refused_unless_they_are_equal() -> None:
    root = {"$id": "urn:example:a", "$ref": "urn:example:b"}
    other = {"$id": "urn:example:b"}
    parse(root, resources={"a": root, "b": other})
    with pytest.raises(SchemaRefused, match="MALFORMED"):
        parse({"$id": "urn:example:b", "$ref": "b.json"}, resources={"b.json": {"$id": "urn:example:b", "title": "B"}})


TREE = {
    "$id": "https://example.org/tree",
    "$dynamicAnchor": "node",
    "type": "object",
    "properties": {"data": True, "children": {"type": "array", "items": {"$dynamicRef": "#node"}}},
}
STRICT = {"$id": "https://example.org/strict", "$dynamicAnchor": "node", "$ref": "tree", "unevaluatedProperties": False}
EITHER = {
    "anyOf": [
        {"$ref": "https://example.org/strict"},
        {"properties": {"data": {"const": 1}}, "$ref": "https://example.org/tree"},
    ]
}


@pytest.mark.parametrize("document", [TREE, STRICT, EITHER])
def test_a_dynamic_reference_leads_where_its_scope_says(document: Any) -> None:
    resources: dict[str, Any] = {"https://example.org/tree": TREE, "https://example.org/strict": STRICT}
    registry = Registry(list(resources.items()))
    schema, validator = parse(document, resources=resources), validator_for(document, registry=registry)
    for instance in (
        {"children": [{"data": 1}]},
        {"children": [{"daat": 1}]},
        {"daat": 1, "children": []},
        {"data": 1, "children": [{"daat": 1, "children": [{"x": 1}]}]},
        {"children": [{"children": [{"x": 1}]}]},
        {"children": [1]},
        1,
    ):
        assert schema.validator.is_valid(instance) is validator.is_valid(instance), instance


def test_a_published_metaschema_can_be_referred_to() -> None:
    schema = parse({"$ref": "https://json-schema.org/draft/2020-12/schema"})
    assert schema.validator.is_valid({"properties": {"a": {"type": "string"}}})
    assert not schema.validator.is_valid({"properties": {"a": {"type": "text"}}})
    assert not schema.validator.is_valid({"allOf": [{"not": {"minLength": -1}}]})
