"""Schemas that are no schemas, are open, say nothing or are written crookedly are refused."""

from pathlib import Path

import pytest

from ci.gates import schema, schema_rules
from ci.gates.schema_keywords import without_effect
from tests.ci.gate_trees import said, write

PATH = "contracts/jsonschema/sample/v1/thing.json"
GOOD = """\
{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "https://dome.dev/schemas/sample/v1/thing.json",
  "title": "Thing",
  "description": "A thing.",
  "x-dome-tier": "experimental",
  "x-dome-owner": "domed",
  "x-dome-intent": "status",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "name": {
      "description": "Its name.",
      "type": "string"
    },
    "part": {
      "$ref": "#/$defs/Part"
    }
  },
  "$defs": {
    "Part": {
      "title": "Part",
      "description": "A part.",
      "type": "object",
      "additionalProperties": false
    }
  }
}
"""


def test_a_good_schema_has_no_findings(tmp_path: Path) -> None:
    write(tmp_path, PATH, GOOD)
    assert schema.metaschema(tmp_path) == []
    assert schema.lint(tmp_path) == []
    assert schema.form(tmp_path) == []
    assert schema_rules.check(tmp_path) == []


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ('  "x-dome-tier": "experimental",\n', "", "x-dome-tier is null"),
        ('"experimental"', '"fresh"', 'x-dome-tier is "fresh"'),
        ('  "x-dome-owner": "domed",\n', "", "x-dome-owner is null"),
        ('  "x-dome-intent": "status",\n', "", "x-dome-intent is null"),
        ('      "description": "Its name.",\n', "", "properties/name: there is no description"),
        ('      "description": "A part.",\n', "", "$defs/Part: there is no description"),
        ('  "additionalProperties": false,\n', "", "json#: the object is open"),
        (',\n      "additionalProperties": false', "", "$defs/Part: the object is open"),
        ('"additionalProperties": false', '"additionalProperties": true', "is open for any other"),
        ('"additionalProperties": false', '"unevaluatedProperties": {}', "is open for any other"),
        ("sample/v1/thing.json", "sample/v1/other.json", "$id does not end"),
    ],
)
def test_a_broken_house_rule_is_found(tmp_path: Path, before: str, after: str, complaint: str) -> None:
    assert before in GOOD
    write(tmp_path, PATH, GOOD.replace(before, after, 1))
    assert complaint in said(schema_rules.check(tmp_path))


def test_a_keyword_of_the_wrong_type_is_no_schema(tmp_path: Path) -> None:
    write(tmp_path, PATH, GOOD.replace('"type": "string"', '"type": 7'))
    assert [found.place for found in schema.metaschema(tmp_path)] == [PATH]


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ('  "type": "object",\n', '  "type": "object",\n  "maxLength": 3,\n', "maxLength says nothing of object"),
        ('"type": "string"', '"type": ["string", "null"], "minimum": 3', "minimum says nothing of string or null"),
    ],
)
def test_a_keyword_of_another_type_is_found_with_its_line(
    tmp_path: Path, before: str, after: str, complaint: str
) -> None:
    assert before in GOOD
    write(tmp_path, PATH, GOOD.replace(before, after, 1))
    found = [*without_effect(tmp_path, "contracts/jsonschema")]
    assert [each.what for each in found] == [complaint]
    assert ":" in found[0].place
    assert any(each.place == found[0].place for each in schema.lint(tmp_path))


def test_a_property_that_is_called_like_a_keyword_is_none(tmp_path: Path) -> None:
    write(tmp_path, PATH, GOOD.replace('"name": {', '"maxLength": {', 1))
    assert [*without_effect(tmp_path, "contracts/jsonschema")] == []


def test_a_keyword_without_effect_is_found_by_lint(tmp_path: Path) -> None:
    write(tmp_path, PATH, GOOD.replace('"type": "string"', '"type": "string",\n      "minimum": 3'))
    assert PATH in said(schema.lint(tmp_path))


def test_a_crooked_schema_is_found_by_format(tmp_path: Path) -> None:
    write(tmp_path, PATH, GOOD.replace('  "title"', '     "title"', 1))
    assert [found.place for found in schema.form(tmp_path)] == [PATH]
