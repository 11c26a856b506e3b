"""What is wrong with a pin is found: bytes, fixtures, reasons, words. What its owner changed is told with a verdict."""

import json
from pathlib import Path
from typing import Any

import pytest

from dome_spec.contracts.compatibility import Verdict
from dome_spec.contracts.pins import PinNotFound, SourceUnusable, drift, faults, pin_faults, upstream
from dome_spec.contracts.pins.mapping import Catalogue, mapping_faults
from dome_spec.contracts.sources import SourceNotFound
from dome_spec.kernel import RepositoryUnreadable


def said(consumer: Any) -> str:
    return "\n".join(f"{each.place}: {each.what}. {each.remedy}" for each in faults(consumer.layout, "orders"))


def change_pin(consumer: Any, **members: Any) -> None:
    path = consumer.layout.pins / "orders/pin.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **members}))


@pytest.fixture
def pinned(owner: Any, consumer: Any) -> Any:
    consumer.fixture("order/accepted/small.json", {"id": "o-1", "state": "open"})
    consumer.add()
    assert pin_faults(consumer.root) == []
    return consumer


def test_a_repository_without_pins_has_no_faults(tmp_path: Path) -> None:
    assert pin_faults(tmp_path) == []


def test_an_unknown_bundle_is_named_with_those_that_there_are(pinned: Any) -> None:
    with pytest.raises(PinNotFound, match="There are: orders"):
        faults(pinned.layout, "prices")


@pytest.mark.parametrize("bundle", ["..", "../orders", "/", ""])
def test_a_name_that_leads_elsewhere_is_no_bundle(pinned: Any, bundle: str) -> None:
    with pytest.raises(PinNotFound):
        faults(pinned.layout, bundle)


def test_an_edited_file_is_found(pinned: Any) -> None:
    path = pinned.layout.pins / "orders/words.json"
    path.write_text(path.read_text() + "\n")
    assert "contracts/pins/orders/words.json: it is not what was pinned: it was edited by hand" in said(pinned)


def test_a_lost_file_a_stray_one_and_a_link_are_found(pinned: Any) -> None:
    (pinned.layout.pins / "orders/codes.json").unlink()
    (pinned.layout.pins / "orders/stray.txt").write_text("")
    path = pinned.layout.pins / "orders/words.json"
    path.rename(pinned.root / "words.json")
    path.symlink_to(pinned.root / "words.json")
    found = said(pinned)
    assert "codes.json: it was pinned, and is gone" in found
    assert "stray.txt: no member of the pin names it" in found
    assert "words.json: it was pinned, and is gone" in found


def test_a_folder_without_a_pin_is_found(pinned: Any) -> None:
    (pinned.layout.pins / "prices").mkdir()
    (found,) = pin_faults(pinned.root)
    assert (found.place, found.what) == ("contracts/pins/prices", "it has no pin.json")


def test_a_digest_written_by_hand_is_found(pinned: Any) -> None:
    members = pinned.pinned.pin.to_value()["members"]
    copied = next(each for each in members if each["name"] == "order")
    copied["upstream_digest"] = "sha256:" + "0" * 64
    change_pin(pinned, members=members)
    assert "order is a copy, and its digest is not the owner's" in said(pinned)


def test_a_fixture_that_is_judged_otherwise_is_found(pinned: Any) -> None:
    members = pinned.pinned.pin.to_value()["members"]
    next(each for each in members if each["role"] == "fixture")["expected"] = "refused"
    change_pin(pinned, members=members)
    assert "order has accepted it, which was to be refused" in said(pinned)


@pytest.mark.parametrize("location", ["/home/ann/orders", "~/orders", "file:///srv/orders", "C:\\orders"])
def test_a_source_that_is_a_path_of_one_machine_is_found(pinned: Any, location: str) -> None:
    change_pin(pinned, source={**pinned.pinned.pin.source.to_value(), "location": location})
    assert "/source/location" in said(pinned)


@pytest.mark.parametrize("text", ["", "[]", '{"bundle": 1}', "{", '{"a": 1, "a": 2}'])
def test_a_pin_that_is_none_is_found(pinned: Any, text: str) -> None:
    (pinned.layout.pins / "orders/pin.json").write_text(text)
    (found,) = pin_faults(pinned.root)
    assert found.place.startswith("contracts/pins/orders/pin.json")


def test_the_pin_of_another_bundle_is_found(pinned: Any) -> None:
    change_pin(pinned, bundle="prices")
    assert "is the pin of 'prices'" in said(pinned)


ROWS = (
    {"bundle": "orders", "code": "LATE", "failure_reason_code": "TIME.LATE"},
    {"bundle": "orders", "code": "BROKE", "policy_reason_code": "BUDGET.BROKE"},
    {"bundle": "prices", "code": "HIGH", "failure_reason_code": "PRICE.HIGH"},
)
CODES = {
    "failure_reason_code": frozenset({"TIME.LATE", "TIME.EARLY", "PRICE.HIGH"}),
    "policy_reason_code": frozenset({"BUDGET.BROKE"}),
}


def mapped(*rows: Any) -> str:
    found = mapping_faults(Catalogue("contracts/reasons.yaml", CODES, rows), "orders", frozenset({"LATE", "BROKE"}))
    return "\n".join(f"{each.place}: {each.what}" for each in found)


def test_a_total_mapping_has_no_faults() -> None:
    assert mapped(*ROWS) == ""


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        (ROWS[1:], "LATE of orders is none of our reasons"),
        ((*ROWS, {**ROWS[0], "failure_reason_code": "TIME.EARLY"}), "LATE of orders has several rows"),
        ((*ROWS, {**ROWS[0], "code": "LOST", "failure_reason_code": "TIME.EARLY"}), "orders has no reason LOST"),
        (({**ROWS[0], "failure_reason_code": "TIME.NEVER"}, ROWS[1]), "TIME.NEVER, which is not in failure_reasons"),
        (({**ROWS[0], "failure_reason_code": "BUDGET.BROKE"}, ROWS[1]), "which is not in failure_reasons"),
        (({**ROWS[0], "policy_reason_code": "BUDGET.BROKE"}, ROWS[1]), "a failure and a refusal"),
        (({"bundle": "orders", "code": "LATE"}, ROWS[1]), "LATE of orders is no reason"),
        (
            ({**ROWS[1], "code": "LATE"}, ROWS[1]),
            "BROKE and LATE of orders are the same reason of ours",
        ),
    ],
)
def test_a_mapping_that_is_not_one_to_one_is_found(rows: Any, complaint: str) -> None:
    assert complaint in mapped(*rows)


def test_reasons_are_held_to_the_catalogue_of_the_repository(pinned: Any) -> None:
    rows = {"failure_reasons": [{"code": "TIME.LATE"}], "policy_reasons": [], "pinned_reasons": [dict(ROWS[0])]}
    pinned.layout.reasons.write_text(json.dumps(rows))
    assert "BROKE of orders is none of our reasons" in said(pinned)
    assert "LATE" not in said(pinned)


def vocabulary(**members: Any) -> dict[str, Any]:
    return {
        "name": "state",
        "pinned": {"member": "words", "pointer": "/definitions/state/enum"},
        "ours": {"family": "sales/order", "pointer": "/$defs/State/enum"},
        "to_ours": {"open": "OPEN", "shipped": "SENT"},
        "from_ours": {"OPEN": "open", "SENT": "shipped"},
        "rationale": "The same two states.",
        **members,
    }


@pytest.fixture
def spoken(pinned: Any) -> Any:
    path = pinned.layout.schemas / "sales/v1/order.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"$defs": {"State": {"enum": ["OPEN", "SENT"]}}}))
    change_pin(pinned, vocabularies=[vocabulary()])
    assert said(pinned) == ""
    return pinned


@pytest.mark.parametrize(
    ("members", "complaint"),
    [
        ({"to_ours": {"open": "OPEN"}}, "shipped has no answer"),
        ({"to_ours": {"open": "OPEN", "shipped": "LOST"}}, "shipped is LOST, which is no word of the other side"),
        ({"to_ours": {"open": "OPEN", "shipped": "SENT", "lost": "SENT"}}, "lost is not in the list"),
        ({"from_ours": {"OPEN": "open"}}, "SENT has no answer"),
        ({"from_ours": {"OPEN": "open", "SENT": "sent"}}, "SENT is sent, which is no word"),
        ({"pinned": {"member": "prices", "pointer": ""}}, "there is no member 'prices'"),
        ({"pinned": {"member": "words", "pointer": "/definitions/mood/enum"}}, "leads nowhere"),
        ({"pinned": {"member": "words", "pointer": "/definitions"}}, "is no list of words"),
        ({"ours": {"family": "sales/price", "pointer": ""}}, "there is no family 'sales/price'"),
    ],
)
def test_a_vocabulary_that_is_not_total_is_found(spoken: Any, members: Any, complaint: str) -> None:
    change_pin(spoken, vocabularies=[vocabulary(**members)])
    assert complaint in said(spoken)


def test_a_word_that_the_owner_adds_has_no_answer_yet(owner: Any, spoken: Any) -> None:
    owner.write("schemas/words.json", owner.words("open", "shipped", "lost"))
    owner.commit("v2")
    spoken.update()
    assert "lost has no answer" in said(spoken)


def changes(consumer: Any, source: str) -> dict[str, Any]:
    with upstream(source, consumer.root) as found:
        return {each.member.name: each for each in drift(consumer.pinned, found, {})}


def test_an_unchanged_owner_has_not_drifted(pinned: Any) -> None:
    assert changes(pinned, "../owner@v1") == {}
    assert changes(pinned, "../owner") == {}


def test_a_change_of_layout_is_told_and_is_compatible(owner: Any, pinned: Any) -> None:
    owner.write("schemas/order.json", json.dumps(owner.order(), indent=4))
    assert changes(pinned, "../owner")["order"].verdict is Verdict.COMPATIBLE


def test_each_changed_file_has_its_verdict(owner: Any, pinned: Any) -> None:
    owner.write("schemas/order.json", {**owner.order(), "required": ["id", "state", "note"]})
    owner.write("schemas/codes.json", {**owner.codes, "precedence": ["repairable", "stop"]})
    owner.commit("v2")
    found = changes(pinned, "../owner@v2")
    assert {name: each.verdict for name, each in found.items()} == {
        "order": Verdict.INCOMPATIBLE,
        "codes": Verdict.MEANING_CHANGED,
    }
    witness = found["order"].changes[0].witness
    assert witness is not None
    assert "note" not in witness.document


def test_a_damaged_repository_is_a_typed_error(owner: Any, pinned: Any) -> None:
    blob = owner.git.run("rev-parse", "v1:schemas/order.json")
    path = owner.root / ".git/objects" / blob[:2] / blob[2:]
    path.chmod(0o600)
    path.write_bytes(b"garbage")
    with pytest.raises(RepositoryUnreadable):
        changes(pinned, "../owner@v1")


def test_a_source_that_is_not_there_is_a_typed_error(pinned: Any) -> None:
    for source in ("../nowhere", "../owner@nowhere", "https://acme.example/orders"):
        with pytest.raises((SourceNotFound, SourceUnusable, Exception)) as caught:
            changes(pinned, source)
        assert hasattr(caught.value, "remedy")
