"""The examples of the families are good, and the checker would say if they were not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ci import examples
from ci.example_mutations import mutations

SHARED = {
    "$id": "https://dome.dev/schemas/shared/v1/definitions.json",
    "$defs": {"Word": {"type": "string", "pattern": "^[a-z]+$"}},
}
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://dome.dev/schemas/demo/v1/note.json",
    "type": "object",
    "additionalProperties": False,
    "required": ["word"],
    "properties": {
        "word": {"$ref": "../../shared/v1/definitions.json#/$defs/Word"},
        "level": {"enum": ["low", "high"]},
        "parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}},
        "day": {"type": "string", "format": "date"},
    },
    "$defs": {"Part": {"type": "object", "properties": {"size": {"type": ["number", "null"]}}}},
}
VALID = {"word": "a", "level": "low", "parts": [{"size": 1}], "day": "2024-02-29"}

Plant = Callable[..., list[str]]


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    """Writes a small repository with good examples, changes it, and gives what the checker finds."""

    def run(changes: dict[str, Any] | None = None, schema: dict[str, Any] = SCHEMA) -> list[str]:
        content = {
            "contracts/jsonschema/shared/v1/definitions.json": SHARED,
            "contracts/jsonschema/demo/v1/note.json": schema,
            **{f"contracts/examples/demo/note/valid/{name}.json": VALID for name in "abc"},
            "contracts/examples/demo/note/invalid/upper.json": {"breaks": "pattern: word", "document": {"word": "A"}},
            **{f"contracts/examples/{name}.json": value for name, value in (changes or {}).items()},
        }
        for name, value in content.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(value))
        return [str(finding) for finding in examples.check(tmp_path)]

    return run


def test_good_examples_are_no_finding(plant: Plant) -> None:
    assert plant() == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"demo/note/valid/d": {"word": "A"}}, "valid/d.json: jsonschema refuses it by pattern"),
        ({"demo/note/valid/d": {"word": "a", "day": "2023-02-29"}}, "jsonschema-rs refuses it by format"),
        ({"demo/note/invalid/d": {"breaks": "enum: level", "document": VALID}}, "refuses it by nothing"),
        ({"demo/note/invalid/d": {"breaks": "enum: level", "document": {}}}, "by required, not by enum alone"),
        (
            {"demo/note/invalid/d": {"breaks": "required: word", "document": {"level": "odd"}}},
            "by enum, required, not by required alone",
        ),
        ({"demo/note/invalid/d": {"level": "odd"}}, "it is not {breaks, document}"),
        ({"demo/note/invalid/d": {"breaks": "required", "document": {}}}, "`breaks` is not"),
        ({"demo/nobody/valid/d": {}}, "examples of no family"),
    ],
)
def test_a_bad_example_is_found(plant: Plant, changes: dict[str, Any], said: str) -> None:
    assert any(said in finding for finding in plant(changes))


def test_a_family_without_enough_examples_is_found(plant: Plant, tmp_path: Path) -> None:
    plant()
    (tmp_path / "contracts/examples/demo/note/valid/a.json").unlink()
    (tmp_path / "contracts/examples/demo/note/invalid/upper.json").unlink()
    (finding,) = examples.check(tmp_path)
    assert "2 valid and 0 invalid" in finding.what


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("additionalProperties", {}, None),
        ("required", ["word", "level"], "by pattern, required, not by pattern alone"),
        ("properties", {**SCHEMA["properties"], "word": True}, "upper.json: jsonschema refuses it by nothing"),  # type: ignore[dict-item]
    ],
)
def test_a_schema_that_changed_is_judged_by_its_own_rules(
    plant: Plant, place: str, value: Any, said: str | None
) -> None:
    findings = plant(schema={**SCHEMA, place: value})
    assert findings == [] if said is None else any(said in finding for finding in findings)


def test_a_document_is_spoilt_in_every_way_that_plain_rules_forbid() -> None:
    what = {words for words, *_ in mutations(VALID, SCHEMA, [SHARED])}
    assert {
        "/ without word",
        "/ with x_not_in_the_contract",
        "/level = x_not_in_the_contract",
        "/word of type integer",
        "/parts of type string",
        "/parts/0 of type array",
        "/parts/0/size of type boolean",
        "/ of type array",
    } <= what
    assert not any("size of type null" in words or "size of type integer" in words for words in what)


def test_the_branch_that_a_tag_chooses_is_spoilt_too() -> None:
    def branch(kind: str, name: str) -> dict[str, Any]:
        properties = {"kind": {"const": kind}, name: {"type": "integer"}}
        return {"type": "object", "required": ["kind", name], "properties": properties, "additionalProperties": False}

    schema = {
        "oneOf": [{"$ref": "#/$defs/Small"}, branch("large", "weight")],
        "$defs": {"Small": branch("small", "size")},
    }
    assert {
        "/kind = x_not_in_the_contract",
        "/ without size",
        "/size of type string",
    } <= {words for words, *_ in mutations({"kind": "small", "size": 1}, schema, [])}
    untagged = {"oneOf": [{"type": "object", "required": ["size"]}, {"type": "object", "required": ["weight"]}]}
    assert list(mutations({"size": 1}, untagged, [])) == []


def test_spoiling_leaves_the_document_as_it_was() -> None:
    before = json.dumps(VALID)
    assert len(list(mutations(VALID, SCHEMA, [SHARED]))) > 20
    assert json.dumps(VALID) == before


@pytest.mark.parametrize(
    ("changed", "is_judged"),
    [
        ("contracts/jsonschema/demo/v1/note.json", True),
        ("contracts/examples/demo/note/valid/a.json", True),
        ("contracts/jsonschema/demo/v1/other.json", False),
        ("contracts/examples/demo/notes/valid/a.json", False),
    ],
)
def test_changed_files_choose_the_families_that_are_judged(
    plant: Plant, tmp_path: Path, changed: str, is_judged: bool
) -> None:
    plant({"demo/note/valid/a": {"word": "A"}})
    assert bool(examples.check(tmp_path, [changed])) == is_judged
