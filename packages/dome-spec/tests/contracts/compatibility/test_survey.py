"""What is found in other documents is remembered, and no change of theirs goes unnoticed."""

import copy
from typing import Any

import pytest

from dome_spec.contracts.compatibility import SchemaRefused, parse

SHARED: Any = {
    "$defs": {"Word": {"$anchor": "word", "type": "string"}, "Own": {"$id": "own", "type": "integer"}},
    "x-kept": {"far": {"$anchor": "far", "type": "null"}},
}


def used(reference: str, shared: Any) -> Any:
    return parse({"$ref": reference}, resources={"shared.json": shared}).document


def test_the_same_document_gives_the_same_every_time() -> None:
    assert used("shared.json#word", SHARED) == used("shared.json#word", copy.deepcopy(SHARED))


def test_a_document_that_was_changed_is_looked_at_again() -> None:
    shared = copy.deepcopy(SHARED)
    before = used("shared.json#word", shared)
    shared["$defs"]["Word"]["maxLength"] = 3
    assert used("shared.json#word", shared) != before
    shared["$defs"]["Word"] = 7
    with pytest.raises(SchemaRefused):
        used("shared.json#word", shared)
    assert used("shared.json#word", SHARED) == before


def test_a_name_that_only_a_pointer_leads_to_is_known_to_nobody_else() -> None:
    far = parse(
        {"allOf": [{"$ref": "shared.json#/x-kept/far"}, {"$ref": "shared.json#/x-kept/far"}]},
        resources={"shared.json": SHARED},
    )
    assert far.validator.is_valid(None)
    assert not far.validator.is_valid(1)
    with pytest.raises(SchemaRefused, match="the anchor 'far'"):
        used("shared.json#far", SHARED)


def test_a_schema_with_a_name_of_its_own_within_another_document_is_found() -> None:
    assert used("own", SHARED)["$defs"]["Own"]["type"] == "integer"
