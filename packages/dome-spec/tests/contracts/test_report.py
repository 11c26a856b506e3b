"""A report says what, where, with which document, why, and what to do: the same facts in every form."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from dome_spec.contracts.check import Options, Report, check
from dome_spec.contracts.compatibility import Direction, Verdict
from dome_spec.contracts.pairing import pairs
from dome_spec.contracts.policy import Level
from dome_spec.contracts.report import (
    documents,
    explain_pair,
    explain_rule,
    explanation_document,
    find_pair,
    find_rule,
    findings,
    render,
    rules,
    sarif,
)
from dome_spec.contracts.report.text import DOCUMENT_CHARACTERS_MAX
from dome_spec.contracts.sources import SchemaSet, load

OLD = {
    "$id": "https://x/order.json",
    "type": "object",
    "properties": {"code": {"type": "string", "pattern": "^[a-z]+$"}, "size": {"type": "integer"}},
    "required": ["code"],
}
NARROW = {**OLD, "properties": {**OLD["properties"], "code": {"type": "string", "pattern": "^[a-f]+$"}}}  # type: ignore[dict-item]
# What SARIF 2.1.0 asks of the parts that are written here.
SARIF: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["version", "runs"],
    "properties": {
        "$schema": {"format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "items": {"$ref": "#/$defs/run"}},
    },
    "$defs": {
        "text": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}},
        "rule": {
            "type": "object",
            "required": ["id"],
            "additionalProperties": False,
            "properties": {
                "id": {"type": "string"},
                "shortDescription": {"$ref": "#/$defs/text"},
                "help": {"$ref": "#/$defs/text"},
                "properties": {"type": "object"},
            },
        },
        "run": {
            "type": "object",
            "required": ["tool", "results"],
            "additionalProperties": False,
            "properties": {
                "tool": {
                    "required": ["driver"],
                    "properties": {
                        "driver": {
                            "required": ["name"],
                            "properties": {"rules": {"uniqueItems": True, "items": {"$ref": "#/$defs/rule"}}},
                        }
                    },
                },
                "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                "results": {"items": {"$ref": "#/$defs/result"}},
            },
        },
        "result": {
            "type": "object",
            "required": ["message", "ruleId"],
            "additionalProperties": False,
            "properties": {
                "ruleId": {"type": "string"},
                "ruleIndex": {"type": "integer", "minimum": 0},
                "level": {"enum": ["none", "note", "warning", "error"]},
                "message": {"$ref": "#/$defs/text"},
                "locations": {"items": {"$ref": "#/$defs/location"}},
                "partialFingerprints": {"additionalProperties": {"type": "string"}},
                "properties": {"type": "object"},
            },
        },
        "location": {
            "required": ["physicalLocation"],
            "additionalProperties": False,
            "properties": {
                "logicalLocations": {"items": {"required": ["fullyQualifiedName"]}},
                "physicalLocation": {
                    "required": ["artifactLocation"],
                    "additionalProperties": False,
                    "properties": {
                        "artifactLocation": {"properties": {"uri": {"type": "string", "pattern": "^[^ ]*$"}}},
                        "region": {
                            "additionalProperties": False,
                            "properties": {
                                "startLine": {"type": "integer", "minimum": 1},
                                "startColumn": {"type": "integer", "minimum": 1},
                            },
                        },
                    },
                },
            },
        },
    },
}


def report(tmp_path: Path, old: dict[str, Any], new: dict[str, Any], options: Options | None = None) -> Report:
    for side, files in (("old", old), ("new", new)):
        (tmp_path / side).mkdir(exist_ok=True)
        for name, document in files.items():
            text = document if isinstance(document, str) else json.dumps(document, indent=2)
            (tmp_path / side / name).write_text(text)
    return check([load("old", tmp_path)], load("new", tmp_path), options)


@pytest.fixture
def broken(tmp_path: Path) -> Report:
    """One of everything: narrowed, removed, added, renamed, refused, unreadable, skipped."""
    gone = {**OLD, "$id": "https://x/gone.json"}
    named = {**OLD, "$id": "https://x/named.json", "minProperties": 1}
    return report(
        tmp_path,
        {"order.json": OLD, "gone.json": gone, "named.json": named, "bad.json": {**OLD, "$id": "https://x/bad.json"}},
        {
            "order.json": NARROW,
            "fresh file.json": {"type": "string", "maxLength": 3},
            "renamed.json": {**named, "$id": "https://x/renamed.json"},
            "bad.json": {**OLD, "$id": "https://x/bad.json", "properties": {"code": {"$ref": "#/$defs/nowhere"}}},
            "broken.json": '{"$id": "x",\n  oops}',
            "data.json": [1],
        },
    )


def test_text_tells_what_where_with_a_document_why_and_what_to_do(broken: Report) -> None:
    text = render(broken)
    assert "error    order.json: incompatible  (backward)" in text
    assert "error[pattern.tightened]: A text that the old pattern matches is refused" in text
    assert "at:         new/order.json:7:7  (#/properties/code/pattern)" in text
    assert 'document:   {"code": ' in text
    assert "accepted by the old schema" in text
    assert "refused by the new one at #/code, by `pattern`" in text
    assert "why:        what was written for the old schema must stay readable" in text
    assert "what to do: Keep what the old pattern matches" in text
    for word in ("family-removed", "family-renamed", "schema-refused", "file-unreadable"):
        assert word in text
    assert "new/broken.json:2:3" in text
    assert text.endswith("1 other JSON file was skipped.")


def test_json_is_one_object_a_family_with_the_whole_witness(broken: Report) -> None:
    found = list(documents(broken))
    order = next(each for each in found if each.get("family") == "order.json")
    (finding,) = order["findings"]
    assert (order["kind"], order["level"], order["verdict"]) == ("changed", "red", "INCOMPATIBLE")
    assert finding["place"] == {"path": "new/order.json", "pointer": "/properties/code/pattern", "line": 7, "column": 7}
    assert Draft202012Validator(OLD).is_valid(finding["witness"]["document"])
    assert not Draft202012Validator(NARROW).is_valid(finding["witness"]["document"])
    assert [each["problem"]["rule"] for each in found if "problem" in each] == ["file-unreadable"]
    assert found[-1]["summary"]["level"] == "invalid"
    assert found[-1]["summary"]["skipped_count"] == 1
    assert json.loads(json.dumps(found)) == found


def test_sarif_is_valid_and_every_result_has_its_rule_with_help(broken: Report) -> None:
    log = sarif(broken)
    Draft202012Validator(SARIF).validate(log)
    (run,) = log["runs"]
    known = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in known] == sorted({result["ruleId"] for result in run["results"]})
    for result in run["results"]:
        rule = known[result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert rule["help"]["text"] and rule["help"]["markdown"]
        assert "What to do:" in result["message"]["text"]
    order = next(each for each in run["results"] if each["ruleId"] == "pattern.tightened")
    physical = order["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "new/order.json"
    assert physical["region"] == {"startLine": 7, "startColumn": 7}


def test_a_finding_keeps_its_fingerprint_when_lines_move(tmp_path: Path) -> None:
    def fingerprints(new: Any) -> list[str]:
        (run,) = sarif(report(tmp_path, {"order.json": OLD}, {"order.json": new}))["runs"]
        return [each["partialFingerprints"]["domeContracts/v1"] for each in run["results"]]

    assert fingerprints(NARROW) == fingerprints("\n\n\n" + json.dumps(NARROW))


def test_every_form_tells_the_same_findings(broken: Report) -> None:
    told = sorted((each.rule, each.family) for each in findings(broken))
    of_json = [
        (finding["rule"], each["family"]) for each in documents(broken) for finding in each.get("findings", ())
    ] + [(each["problem"]["rule"], "broken.json") for each in documents(broken) if "problem" in each]
    of_sarif = [result["ruleId"] for result in sarif(broken)["runs"][0]["results"]]
    assert sorted(of_json) == told
    assert sorted(of_sarif) == [rule for rule, _ in told]


def test_a_long_witness_is_cut_in_text_and_whole_in_json(tmp_path: Path) -> None:
    required = [f"field_{number}" for number in range(60)]
    old = {"type": "object", "properties": {name: {"type": "string"} for name in required}, "required": required}
    found = report(tmp_path, {"a.json": old}, {"a.json": {**old, "required": [*required, "more"]}})
    line = next(line for line in render(found).splitlines() if "document:" in line)
    assert len(line) < DOCUMENT_CHARACTERS_MAX + 80
    assert "`--json` has all of them" in line
    (finding,) = next(documents(found))["findings"]
    assert finding["witness"]["document"].keys() == set(required)


def test_text_holds_nothing_that_a_terminal_obeys(tmp_path: Path) -> None:
    new = {**NARROW, "properties": {"\x1b[31mred\r": {"type": "string"}, "code": {"const": "\x1b[2J"}}}
    assert "\x1b" not in render(report(tmp_path, {"a.json": OLD}, {"a.json": new}))


def test_one_cause_in_a_shared_definition_is_told_once(tmp_path: Path) -> None:
    def files(pattern: str) -> dict[str, Any]:
        using = {"type": "object", "properties": {"code": {"$ref": "lib.json#/$defs/Code"}}}
        return {
            "lib.json": {"$id": "https://x/lib.json", "$defs": {"Code": {"type": "string", "pattern": pattern}}},
            "a.json": {"$id": "https://x/a.json", **using},
            "b.json": {"$id": "https://x/b.json", **using},
        }

    text = render(report(tmp_path, files("^[a-z]+$"), files("^[a-f]+$")))
    assert text.count("document:") == 1
    assert "as of a.json, at new/lib.json:" in text
    assert "2 incompatible" in text


def test_nothing_that_is_green_is_told_at_length(tmp_path: Path) -> None:
    new = {**OLD, "properties": {**OLD["properties"], "more": {"type": "string"}}}  # type: ignore[dict-item]
    text = render(
        report(tmp_path, {"a.json": OLD, "b.json": {"type": "null"}}, {"a.json": new, "b.json": {"type": "null"}})
    )
    assert text.splitlines()[-1].startswith("2 families against old: 1 unchanged, 1 ")
    assert "b.json" not in text


def test_each_rule_is_explained_with_an_example() -> None:
    assert len({each.id for each in rules()}) == len(rules())
    rule = find_rule("required.tightened")
    assert rule is not None
    text = "\n".join(explain_rule(rule))
    for part in ("example:", "document {}", "why:", "what to do:", rule.what):
        assert part in text
    assert explanation_document(rule)["examples"][0]["verdict"] == "INCOMPATIBLE"
    assert find_rule("unheard-of") is None


def test_a_comparison_is_explained_with_its_lines(tmp_path: Path) -> None:
    found = report(tmp_path, {"order.json": OLD}, {"order.json": NARROW})
    text = "\n".join(explain_pair(found, found.changes[0], Options(direction=Direction.BACKWARD)))
    assert "backward (asked for)" in text
    assert '7 |       "pattern": "^[a-f]+$"' in text
    assert f"{Verdict.INCOMPATIBLE}: shown by a document" in text


def test_a_pair_is_found_by_what_people_call_it(tmp_path: Path) -> None:
    old = SchemaSet("o", "o", {"api/order.json": {**OLD, "title": "Order"}, "api/other.json": {"type": "string"}})
    candidates = pairs(old, old)
    for word in ("api/order.json", "order", "Order", "https://x/order.json"):
        pair = find_pair(candidates, word, old, old)
        assert pair is not None
        assert pair.new_path == "api/order.json"
    assert find_pair(candidates, "nothing", old, old) is None


def test_the_level_of_a_report_is_the_gravest(broken: Report) -> None:
    assert broken.level is Level.INVALID
    assert any(each.level is Level.RED for each in broken.changes)
