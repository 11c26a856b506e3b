"""A schema of any dialect, bundled and upgraded, accepts exactly what it accepted."""

from random import Random
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dome_spec.contracts.compatibility.dialect import DIALECTS, Dialect, dialect_of
from dome_spec.contracts.compatibility.schema import SchemaFault, SchemaRefused, parse
from tests.suite import tried

VALIDATORS: dict[str, Any] = {
    "draft-04": jsonschema_rs.Draft4Validator,
    "draft-06": jsonschema_rs.Draft6Validator,
    "draft-07": jsonschema_rs.Draft7Validator,
    "2019-09": jsonschema_rs.Draft201909Validator,
    "2020-12": jsonschema_rs.Draft202012Validator,
}
NAMES = ("a", "b", "c")
SCALARS = (None, True, 0, 1, 2, 2.5, -1, "", "a", "ab", "2020-02-02", "x y")
FORMATS = ("date", "uuid", "iri", "uri-reference", "json-pointer", "unheard-of")
REFERENCES = ("#", "#/definitions/p", "#/definitions/q", "other.json", "other.json#/definitions/p", "#/properties/a")
SCHEMAS = ("not", "if", "then", "else", "contains", "propertyNames", "additionalProperties", "additionalItems", "items",
           "unevaluatedItems", "unevaluatedProperties")  # fmt: skip
MAPS = ("properties", "patternProperties", "dependentSchemas", "dependencies")
LISTS = ("allOf", "anyOf", "oneOf", "prefixItems", "items")


class Writer:
    """Writes schemas with keywords of every dialect in them, whether theirs reads them or not, and documents."""

    def __init__(self, seed: int, dialect: Dialect) -> None:
        self.pick = Random(seed)
        self.early = dialect.name == "draft-04"
        self.old = self.early or dialect.name in {"draft-06", "draft-07"}
        self.latest = dialect.name == "2020-12"

    def schema(self, depth: int) -> Any:
        if not self.early and self.pick.random() < 0.1:
            return self.pick.random() < 0.5
        return dict(filter(None, (self.keyword(depth) for _ in range(self.pick.choice((1, 1, 2, 2, 3))))))

    def keyword(self, depth: int) -> tuple[str, Any] | None:
        pick = self.pick
        if depth and pick.random() < 0.7:
            group = pick.choice((SCHEMAS, MAPS, LISTS))
            name = pick.choice(group)
            if (name == "dependencies" and not self.old) or (name == "items" and group is LISTS and self.latest):
                return None
            if group is SCHEMAS:
                return name, self.schema(depth - 1)
            if group is LISTS:
                return name, [self.schema(depth - 1) for _ in range(pick.choice((1, 2)))]
            keys = ("^a", "b|c") if name == "patternProperties" else NAMES
            return name, {
                key: ["a"] if name == "dependencies" and pick.random() < 0.3 else self.schema(depth - 1)
                for key in pick.sample(keys, pick.choice((1, 2)))
            }
        return pick.choice((
            ("type", pick.choice(("string", "object", "array", ["null", "number"]))),
            ("required", pick.sample(NAMES, 1)), ("minimum", pick.choice((0, 1))), ("maxItems", pick.choice((0, 2))),
            ("uniqueItems", True), ("format", pick.choice(FORMATS)), ("const", pick.choice(SCALARS)), ("minLength", 1),
            ("minContains", pick.choice((0, 1, 2))), ("maxContains", 1), ("dependentRequired", {"a": ["b"]}),
            ("enum", [0, "a", None, []]), ("$ref", pick.choice(REFERENCES)), ("$ref", pick.choice(REFERENCES)),
        ))  # fmt: skip

    def document(self, depth: int) -> Any:
        match self.pick.choice(("scalar", "array", "object", "object")) if depth else "scalar":
            case "array":
                return [self.document(depth - 1) for _ in range(self.pick.choice((0, 1, 2, 3)))]
            case "object":
                return {
                    name: self.document(depth - 1) for name in self.pick.sample(NAMES, self.pick.choice((0, 1, 2, 3)))
                }
            case _:
                return self.pick.choice(SCALARS)


@settings(max_examples=tried(500, few=125))
@given(st.integers(0, 2**32), st.sampled_from(DIALECTS))
def test_an_upgraded_schema_accepts_what_its_source_accepts(seed: int, dialect: Dialect) -> None:
    compare(Writer(seed, dialect), dialect)


@pytest.mark.slow
@settings(max_examples=10_000, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(DIALECTS))
def test_many_upgraded_schemas_accept_what_their_sources_accept(seed: int, dialect: Dialect) -> None:
    compare(Writer(seed, dialect), dialect)


def compare(writer: Writer, dialect: Dialect) -> None:
    body = writer.schema(3)
    source = {"$schema": dialect.uri, **(body if isinstance(body, dict) else {})}
    source["definitions"] = {"p": writer.schema(2), "q": writer.schema(2)}
    source["properties"] = {"a": writer.schema(2), **source.get("properties", {})}
    other = {
        "$schema": dialect.uri,
        "definitions": {"p": writer.schema(2), "q": writer.schema(1)},
        "properties": {"a": writer.schema(2)},
    }
    try:
        schema = parse(source, resources={"other.json": other})
    except SchemaRefused as refused:
        assume(refused.reason is not SchemaFault.CYCLIC_REFERENCE)
        raise
    assert parse(schema.document).document == schema.document
    assume(not schema.undecidable)
    registry = jsonschema_rs.Registry([("https://example.org/other.json", other)])
    validator = VALIDATORS[dialect.name](
        source, validate_formats=True, registry=registry, base_uri="https://example.org/root.json"
    )
    for document in [writer.document(3) for _ in range(12)]:
        assert schema.validator.is_valid(document) is validator.is_valid(document), (source, other, document)


@pytest.mark.parametrize(
    ("draft", "source", "upgraded"),
    [
        ("draft-04", {"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ("draft-04", {"minimum": 1, "exclusiveMinimum": False}, {"minimum": 1}),
        ("draft-04", {"const": 1, "if": {}, "title": "t"}, {"x-unread-const": 1, "x-unread-if": {}, "title": "t"}),
        ("draft-04", {"format": "date"}, {"format": "date"}),
        ("draft-04", {"format": "uuid"}, {"x-unread-format": "uuid"}),
        ("draft-06", {"contains": {}, "minContains": 0}, {"contains": {}, "x-unread-minContains": 0}),
        ("draft-07", {"items": [True, {}], "additionalItems": False}, {"prefixItems": [True, {}], "items": False}),
        ("draft-07", {"items": {}, "additionalItems": False}, {"items": {}, "x-unread-additionalItems": False}),
        ("draft-07", {"dependencies": {"a": ["b"], "c": {"minimum": 1}}},
            {"dependentRequired": {"a": ["b"]}, "dependentSchemas": {"c": {"minimum": 1}}}),
        ("draft-07", {"properties": {"a": {"$ref": "#", "minimum": 1, "title": "t"}}},
            {"properties": {"a": {"$ref": "#", "x-unread-minimum": 1, "title": "t"}}}),
        ("2019-09", {"properties": {"a": {"$recursiveRef": "#"}}}, {"properties": {"a": {"$ref": "#"}}}),
        ("2019-09", {"items": {"$ref": "#", "minimum": 1}}, {"items": {"$ref": "#", "minimum": 1}}),
        ("2020-12", {"$comment": "c", "x-dome-tier": "stable"}, {"$comment": "c", "x-dome-tier": "stable"}),
    ],
)  # fmt: skip
def test_keywords_are_upgraded_one_by_one(draft: str, source: dict[str, Any], upgraded: dict[str, Any]) -> None:
    (dialect,) = (known for known in DIALECTS if known.name == draft)
    schema = parse({"$schema": dialect.uri, **source})
    assert schema.document == {"$schema": DIALECTS[-1].uri, **upgraded}
    assert schema.undecidable == ()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ({"dependencies": {"a": ["b"]}}, "/dependencies: 2020-12 has no `dependencies`"),
        ({"$schema": "http://json-schema.org/draft-07/schema#", "contentEncoding": "base64"}, "draft-07 may check"),
        ({"$schema": "http://json-schema.org/draft-04/schema#", "items": {"format": "hostname"}}, "/items/format"),
        ({"$schema": DIALECTS[3].uri, "contains": {}, "unevaluatedItems": False}, "evaluates no items"),
    ],
)  # fmt: skip
def test_what_no_upgrade_can_say_is_named(source: Any, reason: str) -> None:
    (named,) = parse(source).undecidable
    assert reason in named


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_dialect_is_known_by_each_way_to_write_it(dialect: Dialect) -> None:
    rest = dialect.uri.rstrip("#").partition("://")[2]
    assert {dialect_of(f"{scheme}://{rest}{end}") for scheme in ("http", "https") for end in ("", "#")} == {dialect}
