"""The alias `reason_code`: taken at the doors for TaskSpecs and wrappers, known to no schema, written by nothing."""

import copy
import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any
from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dome_contracts.schema
from dome_contracts import documents
from dome_contracts.schema.base import Contract
from dome_spec.kernel.reason_alias import ALIAS, FIELD, PLACES, AliasConflict, without_alias

ROOT = Path(__file__).parents[2]
VECTORS = json.loads((ROOT / "contracts/vectors/reason_alias.json").read_text())
SCHEMAS = sorted((ROOT / "contracts/jsonschema").rglob("*.json"))


@pytest.mark.parametrize("case", VECTORS["taken"], ids=lambda case: str(case["name"]))
def test_the_alias_is_taken_as_the_vector_says(case: dict[str, Any]) -> None:
    before = copy.deepcopy(case["document"])
    assert without_alias(case["document"], case["family"]) == case["becomes"]
    assert case["document"] == before, "the document of the caller is left alone"


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: str(case["name"]))
def test_two_reasons_are_refused_where_the_vector_says(case: dict[str, Any]) -> None:
    with pytest.raises(AliasConflict) as caught:
        without_alias(case["document"], case["family"])
    assert caught.value.pointer == case["pointer"]
    assert case["pointer"] in str(caught.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([ALIAS, FIELD, "task", "outcome", "input"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(document=json_values, family=st.sampled_from(sorted(PLACES)))
def test_taking_it_twice_changes_nothing_more(document: Any, family: str) -> None:
    try:
        once = without_alias(document, family)
    except AliasConflict:
        return
    assert without_alias(once, family) == once


def test_a_document_with_the_alias_is_accepted_as_if_it_had_the_field() -> None:
    import jsonschema_rs

    registry = jsonschema_rs.Registry(list(documents.registry()))
    for family in PLACES:
        schema = documents.schema(*family.split("/"))
        accepts = jsonschema_rs.Draft202012Validator(schema, registry=registry, validate_formats=True).is_valid
        for path in sorted((ROOT / "contracts/examples" / family / "valid").glob("*.json")):
            document = json.loads(path.read_text())
            aliased = with_alias(document, family)
            assert not accepts(aliased), "the schema itself knows no alias"
            assert without_alias(aliased, family) == document
            assert accepts(without_alias(aliased, family))


def test_the_places_are_those_where_the_families_hold_a_failure_reason() -> None:
    for family, places in PLACES.items():
        schema = documents.schema(*family.split("/"))
        assert set(holders(schema, schema)) == set(places)


def test_no_schema_has_a_property_of_that_name() -> None:
    found = [f"{path.name}#{at}" for path in SCHEMAS for at in named(json.loads(path.read_text()), "")]
    assert found == []


def test_no_message_of_the_wire_has_a_field_of_that_name() -> None:
    for path in (ROOT / "contracts/proto").rglob("*.proto"):
        assert f" {ALIAS} =" not in path.read_text(), path


def test_no_generated_model_writes_it() -> None:
    models = list(generated_models())
    assert len(models) > 50
    for model in models:
        for name, field in model.model_fields.items():
            assert ALIAS not in (name, field.alias, field.serialization_alias), model


def with_alias(document: Any, family: str) -> Any:
    aliased = copy.deepcopy(document)
    for place in PLACES[family]:
        at = aliased
        for step in place.split("/")[1:]:
            at = at.get(step, {})
        if FIELD in at:
            at[ALIAS] = at.pop(FIELD)
    return aliased


def holders(schema: Any, root: Any, at: str = "") -> Iterator[str]:
    """The objects, by the pointer of a document, whose schema has a failure reason as a property of its own."""
    if "$ref" in schema:
        name, _, pointer = schema["$ref"].partition("#/$defs/")
        if name:
            root = dict(documents.registry())[urljoin(root["$id"], name)]
        schema = root["$defs"][pointer]
    properties = schema.get("properties", {})
    if FIELD in properties:
        yield at
    for name, below in properties.items():
        yield from holders(below, root, f"{at}/{name}")


def named(schema: Any, at: str) -> Iterator[str]:
    """Where a schema names the alias as a property."""
    if isinstance(schema, dict):
        for key in ("properties", "patternProperties", "dependentRequired", "dependentSchemas"):
            if ALIAS in schema.get(key, {}):
                yield f"{at}/{key}/{ALIAS}"
        if ALIAS in schema.get("required", ()):
            yield f"{at}/required"
        for key, below in schema.items():
            yield from named(below, f"{at}/{key}")
    elif isinstance(schema, list):
        for index, below in enumerate(schema):
            yield from named(below, f"{at}/{index}")


def generated_models() -> Iterator[type[Contract]]:
    for found in walk_packages(dome_contracts.schema.__path__, "dome_contracts.schema."):
        for value in vars(import_module(found.name)).values():
            if isinstance(value, type) and issubclass(value, Contract) and value is not Contract:
                yield value
