"""A baseline says when it was touched by hand."""

import shutil

import pytest

from dome_spec.contracts.baseline import (
    HistoryUnreadable,
    baseline_faults,
    history,
)
from tests.small_contracts import CHANGELOG, Contracts, contracts

__all__ = ["contracts"]


def faults(contracts: Contracts) -> str:
    return "\n".join(f"{each.place}: {each.what}. {each.remedy}" for each in baseline_faults(contracts.root))


def test_a_baseline_edited_by_hand_is_found(contracts: Contracts) -> None:
    path = contracts.layout.blessed_schemas() / "shop/v1/order.json"
    path.write_text(path.read_text() + "\n")
    (contracts.layout.blessed_schemas() / "shop/v1/event.json").unlink()
    (contracts.layout.blessed_schemas() / "shop/v1/extra.json").write_text("{}")
    found = faults(contracts)
    assert "order.json: it is not what was blessed: it was edited by hand" in found
    assert "event.json: it was blessed, and is gone" in found
    assert "extra.json: it was never blessed" in found


def test_a_stable_break_without_a_decision_is_found(contracts: Contracts) -> None:
    text = contracts.layout.blessings.read_text()
    path = "jsonschema/shop/v1/order.json"
    row = f"  - family: shop/order\n    path: {path}\n    digest: 'x'\n    verdict: UNDECIDED\n    tier: stable\n"
    contracts.layout.blessings.write_text(text + row)
    assert "was broken (UNDECIDED) without an ADR" in faults(contracts)
    contracts.layout.blessings.write_text(text + row + "    adr: '0099'\n")
    assert "names ADR 0099, which is not there" in faults(contracts)


def test_a_note_that_left_the_changelog_is_found(contracts: Contracts) -> None:
    contracts.layout.changelog.write_text(CHANGELOG)
    assert "is not in the changelog" in faults(contracts)


def test_a_baseline_without_history_or_with_an_unreadable_one_is_found(contracts: Contracts) -> None:
    contracts.layout.blessings.write_text("blessings: {}")
    assert "the history is unreadable" in faults(contracts)
    contracts.layout.blessings.unlink()
    assert "has no history" in faults(contracts)
    shutil.rmtree(contracts.layout.baseline)
    assert faults(contracts) == ""


@pytest.mark.parametrize(
    "text", ["[]", "blessings: [1]", "blessings: [{family: a}]", "blessings: [{family: a, when: b}]", "a: 1\na: 2", "{"]
)
def test_a_history_that_was_written_by_hand_is_refused(text: str) -> None:
    with pytest.raises(HistoryUnreadable):
        history.read(text.encode())
