"""A pin moves with a verdict and a note; what breaks a consumer is refused until somebody decided it."""

from dataclasses import replace
from typing import Any

import pytest

from dome_contracts.schema.control.pin import FixtureVerdict
from dome_spec.contracts.compatibility import Verdict
from dome_spec.contracts.pins import MemberRefused, PinBroken, carry_out, faults, store
from dome_spec.contracts.sources import SourceNotFound


def refused(update: Any) -> str:
    return "\n".join(f"{each.member}: {each.what} | {each.remedy}" for each in update.refused)


def test_the_same_state_again_changes_nothing(owner: Any, consumer: Any) -> None:
    consumer.add()
    before = consumer.everything()
    assert consumer.update("../owner@v1").is_empty
    assert consumer.everything() == before


def test_a_compatible_change_moves_the_files_the_pin_and_the_note(owner: Any, consumer: Any) -> None:
    consumer.add()
    owner.write("schemas/order.json", owner.order(note={"type": "string"}))
    commit = owner.commit("v2")
    consumer.update(version="2")
    assert (consumer.pinned.pin.version, consumer.pinned.pin.source.commit) == ("2", commit)
    assert b"note" in consumer.pinned.files["order.json"]
    assert faults(consumer.layout, "orders") == []
    assert "## 1 to 2" in consumer.note
    assert "| `order` | changed | COMPATIBLE |" in consumer.note
    assert str(consumer.root) not in consumer.note + str(consumer.pinned.pin)


def test_an_update_that_was_done_is_not_done_again(owner: Any, consumer: Any) -> None:
    consumer.add()
    owner.write("schemas/order.json", owner.order(note={"type": "string"}))
    owner.commit("v2")
    consumer.update(version="2")
    before = consumer.everything()
    assert consumer.update(version="2").is_empty
    assert consumer.everything() == before


def test_a_breaking_change_is_refused_with_a_document_that_shows_it(owner: Any, consumer: Any) -> None:
    consumer.add()
    owner.write("schemas/order.json", {**owner.order(note={"type": "string"}), "required": ["id", "state", "note"]})
    owner.commit("v2")
    before = consumer.everything()
    update = consumer.prepare()
    (change,) = update.changes
    assert change.verdict is Verdict.INCOMPATIBLE
    assert change.changes[0].witness is not None
    assert "--adr NNNN" in refused(update)
    with pytest.raises(ValueError, match="not carried out"):
        carry_out(consumer.layout, update)
    assert consumer.everything() == before


def test_a_breaking_change_that_was_decided_is_noted_with_its_witness(owner: Any, consumer: Any) -> None:
    consumer.add()
    consumer.decide("0012")
    owner.write("schemas/order.json", {**owner.order(note={"type": "string"}), "required": ["id", "state", "note"]})
    owner.commit("v2")
    consumer.update(adr="0012", version="2")
    assert "Decided in ADR 0012" in consumer.note
    assert "```json" in consumer.note
    assert "What to do:" in consumer.note


def test_a_decision_that_nobody_wrote_decides_nothing(owner: Any, consumer: Any) -> None:
    consumer.add()
    owner.write("schemas/words.json", owner.words("open"))
    owner.commit("v2")
    assert "there is no docs/adr/0099" in refused(consumer.prepare(adr="0099"))


def test_a_change_in_what_a_schema_refers_to_is_a_change_of_the_schema(owner: Any, consumer: Any) -> None:
    consumer.add()
    owner.write("schemas/words.json", owner.words("open"))
    owner.commit("v2")
    update = consumer.prepare()
    assert {each.member.name: each.verdict for each in update.changes}["order"] is Verdict.INCOMPATIBLE
    assert "order: INCOMPATIBLE" in refused(update)


def test_a_removed_reason_is_refused_and_an_added_one_is_not(owner: Any, consumer: Any) -> None:
    consumer.add()
    consumer.decide("0012")
    codes = {"LATE": {"class": "repairable"}, "LOST": {"class": "stop"}}
    owner.write("schemas/codes.json", {**owner.codes, "codes": codes})
    owner.commit("v2")
    update = consumer.prepare()
    assert {change.rule for each in update.changes for change in each.changes} == {"reason.removed", "reason.added"}
    assert "The reason BROKE is gone" in refused(update)
    assert "LOST" not in refused(update)
    consumer.update(adr="0012")
    assert "The reason LOST is added" in consumer.note


def test_a_reason_of_another_class_is_noted(owner: Any, consumer: Any) -> None:
    consumer.add()
    owner.write("schemas/codes.json", {**owner.codes, "codes": {**owner.codes["codes"], "LATE": {"class": "stop"}}})
    owner.commit("v2")
    update = consumer.update()
    assert update.changes[0].verdict is Verdict.MEANING_CHANGED
    assert "The class of LATE is stop, and was repairable." in consumer.note


def test_a_moved_tag_is_followed_to_the_commit_that_it_names(owner: Any, consumer: Any) -> None:
    consumer.add()
    first = consumer.pinned.pin.source.commit
    owner.write("schemas/order.json", owner.order(note={"type": "string"}))
    moved = owner.commit("v1")
    consumer.update("../owner@v1")
    assert consumer.pinned.pin.source.commit == moved != first


def test_a_renamed_file_is_found_by_its_bytes(owner: Any, consumer: Any) -> None:
    consumer.add()
    owner.move("schemas/codes.json", "schemas/reasons/all.json")
    owner.commit("v2")
    (change,) = consumer.update().changes
    assert (change.kind, change.path) == ("moved", "schemas/reasons/all.json")
    assert "reasons/all.json" in consumer.pinned.files
    assert "codes.json" not in consumer.pinned.files
    assert faults(consumer.layout, "orders") == []


def test_a_renamed_and_changed_file_is_found_where_it_is_said_to_be(owner: Any, consumer: Any) -> None:
    consumer.add()
    owner.remove("schemas/codes.json")
    owner.write("schemas/all.json", {**owner.codes, "codes": {**owner.codes["codes"], "LOST": {"class": "stop"}}})
    owner.commit("v2")
    assert "--path codes=PATH" in refused(consumer.prepare())
    consumer.update(paths={"codes": "schemas/all.json"})
    assert b"LOST" in consumer.pinned.files["all.json"]


def test_a_path_that_is_not_there_is_named(owner: Any, consumer: Any) -> None:
    consumer.add()
    with pytest.raises(SourceNotFound, match="nowhere"):
        consumer.prepare("../owner@v1", paths={"codes": "nowhere.json"})
    with pytest.raises(MemberRefused, match="'prices' is no member"):
        consumer.prepare("../owner@v1", paths={"prices": "prices.json"})


def test_a_removed_file_leaves_the_pin_when_that_is_decided(owner: Any, consumer: Any) -> None:
    consumer.add()
    consumer.decide("0012")
    owner.remove("schemas/codes.json")
    owner.commit("v2")
    assert "schemas/codes.json is gone" in refused(consumer.prepare())
    consumer.update(adr="0012")
    assert [each.name for each in consumer.pinned.pin.members] == ["order", "words"]
    assert faults(consumer.layout, "orders") == []


def test_a_schema_that_others_need_cannot_leave_alone(owner: Any, consumer: Any) -> None:
    consumer.add()
    consumer.decide("0012")
    owner.remove("schemas/words.json")
    owner.commit("v2")
    assert "order" in refused(consumer.prepare(adr="0012"))


@pytest.mark.parametrize("text", ["{", '{"type": "objekt"}', '{"$ref": "nowhere.json"}', "[]"])
def test_a_schema_that_cannot_be_read_is_refused_whatever_was_decided(owner: Any, consumer: Any, text: str) -> None:
    consumer.add()
    consumer.decide("0012")
    owner.write("schemas/order.json", text)
    owner.commit("v2")
    before = consumer.everything()
    assert "order" in refused(consumer.prepare(adr="0012"))
    assert consumer.everything() == before


def test_files_that_were_edited_by_hand_stop_an_update(owner: Any, consumer: Any) -> None:
    consumer.add()
    (consumer.layout.pins / "orders/order.json").write_text("{}")
    with pytest.raises(PinBroken, match="edited by hand"):
        consumer.prepare("../owner@v1")


def test_a_fixture_that_is_judged_otherwise_is_a_break(owner: Any, consumer: Any) -> None:
    consumer.fixture("order/refused/note.json", {"id": "o-1", "state": "open", "note": "fragile"})
    consumer.add()
    consumer.decide("0012")
    owner.write("schemas/order.json", owner.order(note={"type": "string"}))
    owner.commit("v2")
    assert "The fixture is accepted by order, and was refused" in refused(consumer.prepare())
    consumer.update(adr="0012")
    (fixture,) = [each for each in consumer.pinned.pin.members if each.of == "order"]
    assert (fixture.expected, fixture.file) == (FixtureVerdict.ACCEPTED, "fixtures/order/accepted/note.json")
    assert faults(consumer.layout, "orders") == []


def test_a_fixture_of_our_own_is_taken_up(owner: Any, consumer: Any) -> None:
    consumer.add()
    consumer.fixture("order/accepted/small.json", {"id": "o-1", "state": "open"})
    assert not consumer.update("../owner@v1").is_empty
    assert "order-small" in [each.name for each in consumer.pinned.pin.members]
    assert "- Added: `order-small`." in consumer.note
    assert faults(consumer.layout, "orders") == []


def test_a_fixture_of_nothing_is_refused(owner: Any, consumer: Any) -> None:
    consumer.add()
    consumer.fixture("prices/accepted/small.json", {})
    with pytest.raises(MemberRefused, match="no schema of the pin"):
        consumer.prepare("../owner@v1")


def test_an_interruption_between_two_renames_brings_back_the_old_pin(owner: Any, consumer: Any) -> None:
    consumer.add()
    before = consumer.everything()
    folder = consumer.layout.pins
    (folder / "orders").rename(folder / ".orders.previous")
    (folder / ".orders.staged").mkdir()
    assert store.bundles(consumer.layout) == []
    store.recover(consumer.layout, "orders")
    assert consumer.everything() == before


def test_sections_of_the_note_are_added_in_order(owner: Any, consumer: Any) -> None:
    consumer.add()
    for number in (2, 3):
        owner.write("schemas/order.json", owner.order(**{f"note_{each}": {"type": "string"} for each in range(number)}))
        owner.commit(f"v{number}")
        consumer.update(f"../owner@v{number}", version=str(number))
    assert consumer.note.index("## 1 to 2") < consumer.note.index("## 2 to 3")
    assert consumer.note.count("# Migration notes: orders") == 1


def test_a_note_that_cannot_be_written_leaves_the_pin_as_it_was(owner: Any, consumer: Any) -> None:
    consumer.add()
    owner.write("schemas/order.json", owner.order(note={"type": "string"}))
    owner.commit("v2")
    (consumer.root / "docs/migrations").write_text("no folder")
    before = consumer.everything()
    with pytest.raises(OSError):
        consumer.update(version="2")
    assert consumer.everything() == before


def test_a_pin_that_cannot_be_put_in_place_takes_its_note_back(owner: Any, consumer: Any) -> None:
    consumer.add()
    owner.write("schemas/order.json", owner.order(note={"type": "string"}))
    owner.commit("v2")
    update = consumer.prepare(version="2")
    broken = replace(update, contents={**update.contents, "order.json/inside.json": b""})
    before = consumer.everything()
    with pytest.raises(OSError):
        carry_out(consumer.layout, broken)
    assert consumer.everything() == before
