"""A finding points at what the author wrote, also where the engine knows no keyword to blame."""

import json
from pathlib import Path
from typing import Any

import pytest

from dome_spec.contracts.check import Options, check
from dome_spec.contracts.compatibility import Direction
from dome_spec.contracts.policy import Level
from dome_spec.contracts.report import Finding, findings, render
from dome_spec.contracts.sources import SchemaSet, load

BACK_REFERENCE = r"^(a)\1*$"
LIBRARY = {"$id": "https://x/lib.json", "$defs": {"Code": {"type": "string", "pattern": "^a+$"}}}


def closed(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties}


def schemas(**documents: Any) -> SchemaSet:
    found = {f"{path}.json": document for path, document in documents.items()}
    texts = {path: json.dumps(each, indent=1).encode() for path, each in found.items()}
    return SchemaSet("set", "set", found, texts)


def only(old: SchemaSet, new: SchemaSet, direction: Direction | None = None) -> Finding:
    (found,) = findings(check([old], new, Options(direction=direction)))
    return found


def test_what_is_undecided_is_shown_where_it_was_written() -> None:
    old = schemas(a=closed(code={"type": "string", "pattern": "^a+$"}, size={"type": "integer"}))
    new = schemas(a=closed(code={"type": "string", "pattern": BACK_REFERENCE}, size={"type": "integer"}))
    found = only(old, new)
    assert (found.rule, found.place.path, found.place.pointer) == ("undecided", "a.json", "/properties/code/pattern")
    assert found.place.position is not None and found.place.position.line > 1


def test_what_is_undecided_in_a_shared_definition_is_shown_there_and_told_once() -> None:
    code = {"$ref": "https://x/lib.json#/$defs/Code"}
    old = schemas(a=closed(code=code), b=closed(other=code), lib=LIBRARY)
    definition = {"type": "string", "pattern": BACK_REFERENCE}
    new = schemas(a=closed(code=code), b=closed(other=code), lib={**LIBRARY, "$defs": {"Code": definition}})
    report = check([old], new)
    assert {each.rule for each in findings(report)} == {"undecided"}
    places = {(each.place.path, each.place.pointer) for each in findings(report)}
    assert places == {("lib.json", "/$defs/Code/pattern")}
    assert "as of a.json, at lib.json" in render(report)


def test_a_member_that_old_readers_refuse_is_shown_where_it_was_added() -> None:
    old = schemas(a=closed(inner=closed(code={"type": "string"})))
    new = schemas(a=closed(inner=closed(code={"type": "string"}, note={"type": "string"})))
    found = only(old, new, Direction.FORWARD)
    assert (found.rule, found.place.pointer) == ("additionalProperties.loosened", "/properties/inner/properties/note")


def test_a_line_is_known_in_a_file_that_the_named_one_refers_to(tmp_path: Path) -> None:
    library = {"$defs": {"Code": {"type": "string", "maxLength": 9}}}
    for folder, limit in (("old", 9), ("new", 3)):
        library["$defs"]["Code"]["maxLength"] = limit
        (tmp_path / folder / "api").mkdir(parents=True)
        (tmp_path / folder / "lib.json").write_text(json.dumps(library, indent=1))
        document = closed(code={"$ref": "../lib.json#/$defs/Code"})
        (tmp_path / folder / "api/order.json").write_text(json.dumps(document))
    (tmp_path / ".git").mkdir()
    old, new = (load(f"{folder}/api/order.json", tmp_path) for folder in ("old", "new"))
    found = only(old, new)
    assert found.place.path == "new/lib.json"
    assert found.place.position is not None and found.place.position.line > 1


@pytest.mark.parametrize(
    ("intent", "direction", "expected"),
    [
        ("resource_spec", None, Level.GREEN),
        ("job_invocation", None, Level.GREEN),
        ("resource_spec", Direction.BACKWARD, Level.RED),
        ("event_log", None, Level.RED),
        ("", None, Level.RED),
    ],
)
def test_a_further_value_concerns_those_who_may_receive_it(
    intent: str, direction: Direction | None, expected: Level
) -> None:
    said = {"x-dome-tier": "experimental", **({"x-dome-intent": intent} if intent else {})}
    old = schemas(a={**said, **closed(level={"enum": ["low", "high"]})})
    new = schemas(a={**said, **closed(level={"enum": ["low", "high", "odd"]})})
    assert check([old], new, Options(direction=direction)).level is expected


def test_a_further_value_hides_no_other_change() -> None:
    said = {"x-dome-tier": "experimental", "x-dome-intent": "resource_spec"}
    old = schemas(a={**said, **closed(level={"enum": ["low"], "default": "low"})})
    new = schemas(a={**said, **closed(level={"enum": ["low", "odd"], "default": "odd"})})
    assert [each.rule for each in findings(check([old], new))] == ["default"]


def test_a_file_that_cannot_be_read_is_told_before_what_it_causes(tmp_path: Path) -> None:
    (tmp_path / "zed.json").write_text('{"$defs": {,}')
    (tmp_path / "a.json").write_text(json.dumps(closed(code={"$ref": "zed.json#/$defs/Code"})))
    report = check([schemas(a=closed())], load(".", tmp_path))
    assert [each.rule for each in findings(report)] == ["file-unreadable", "schema-refused"]
    assert render(report).index("file-unreadable") < render(report).index("schema-refused")
