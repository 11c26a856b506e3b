"""What became of pinned files: definitions that nobody in the pin uses count too, and consumers are told their part."""

from typing import Any

import pytest

from dome_spec.contracts.compatibility import Change, Direction, Verdict
from dome_spec.contracts.pins import faults
from dome_spec.contracts.pins.advice import advice, place_shown


def rules(update: Any) -> dict[str, str]:
    return {change.rule: change.place for each in update.changes for change in each.changes}


def test_a_word_that_leaves_a_pinned_list_of_words_is_a_break(owner: Any, consumer: Any) -> None:
    consumer.add("words=schema:words.json")
    owner.write("schemas/words.json", owner.words("shipped", "lost"))
    owner.commit("v2")
    update = consumer.prepare()
    assert rules(update)["enum.tightened"] == "/definitions/state/enum"
    assert update.refused != ()


def test_a_definition_that_leaves_is_a_break_and_one_that_comes_is_none(owner: Any, consumer: Any) -> None:
    consumer.add("words=schema:words.json")
    known = owner.words("open", "shipped")
    owner.write("schemas/words.json", {**known, "definitions": {**known["definitions"], "more": {"type": "null"}}})
    owner.commit("v2")
    consumer.update()
    owner.write("schemas/words.json", {**known, "definitions": {"more": {"type": "null"}}})
    owner.commit("v3")
    update = consumer.prepare("../owner@v3")
    assert rules(update) == {"definition.removed": "/definitions/state"}
    assert update.refused != ()


def test_a_definition_that_refers_to_another_file_is_compared_with_it(owner: Any, consumer: Any) -> None:
    outer = {"$schema": owner.order()["$schema"], "definitions": {"kind": {"$ref": "words.json#/definitions/state"}}}
    owner.write("schemas/outer.json", outer)
    owner.commit("v1")
    consumer.add("outer=schema:outer.json", "words=schema:words.json")
    owner.write("schemas/words.json", owner.words("open"))
    owner.commit("v2")
    changed = {each.member.name for each in consumer.prepare().changes if each.verdict is Verdict.INCOMPATIBLE}
    assert changed == {"outer", "words"}


def test_the_note_tells_consumers_what_they_can_do_themselves(owner: Any, consumer: Any) -> None:
    consumer.add()
    owner.write("schemas/words.json", owner.words("shipped"))
    owner.commit("v2")
    consumer.decide("0001")
    consumer.update(adr="0001")
    assert "Write no such document any more, and convert those that are kept" in consumer.note
    assert "new major version" not in consumer.note
    assert "`words.json#/definitions/state/enum`" in consumer.note


@pytest.mark.parametrize(
    ("rule", "verdict", "direction", "expected"),
    [
        ("pattern.tightened", Verdict.INCOMPATIBLE, Direction.BACKWARD, "Write no such document"),
        ("additionalProperties.loosened", Verdict.INCOMPATIBLE, Direction.FORWARD, "Let what reads such documents"),
        ("default", Verdict.MEANING_CHANGED, Direction.BACKWARD, "old default is meant"),
        ("enum-growth", Verdict.MEANING_CHANGED, Direction.FORWARD, "a value that it does not know"),
        ("description", Verdict.MEANING_CHANGED, Direction.BACKWARD, "relies on what was said"),
        ("undecided", Verdict.UNDECIDED, Direction.BACKWARD, "documents of your own"),
        ("reason.removed", Verdict.INCOMPATIBLE, Direction.BACKWARD, "The owner's words."),
    ],
)
def test_advice_is_for_those_who_pin(rule: str, verdict: Verdict, direction: Direction, expected: str) -> None:
    change = Change(
        verdict=verdict, rule=rule, direction=direction, place="/a", what="It moved.", remedy="The owner's words."
    )
    assert expected in advice(change)
    assert place_shown(change) == "#/a"


def test_codes_are_asked_for_where_the_repository_only_maps_those_of_others(owner: Any, consumer: Any) -> None:
    consumer.add()
    assert faults(consumer.layout, "orders") == []
    row = "pinned_reasons:\n  - {bundle: orders, code: LATE, failure_reason_code: OURS.LATE}\n"
    consumer.layout.reasons.write_text(row)
    said = "\n".join(each.what for each in faults(consumer.layout, "orders"))
    assert "BROKE of orders is none of our reasons" in said
    assert "LATE of orders is OURS.LATE, which is not in failure_reasons" in said
    consumer.layout.reasons.write_text("codes: [{code: X}]\n")
    assert faults(consumer.layout, "orders") == []
