"""Catalogues of reasons in both forms, and what became of each code between two of them."""

from typing import Any

import pytest

from dome_spec.contracts.compatibility import Verdict
from dome_spec.contracts.pins import MemberRefused
from dome_spec.contracts.pins.reasons import changes, reasons

OLD: dict[str, Any] = {"codes": {"A": {"class": "stop"}, "B": {"class": "repairable"}}, "restart": {"stop": "STOP"}}


def rules(new: dict[str, Any]) -> dict[str, Verdict]:
    return {f"{each.rule} {each.place}": each.verdict for each in changes(reasons(OLD, "old"), reasons(new, "new"))}


def test_an_object_and_a_list_of_codes_say_the_same() -> None:
    listed = [{"code": "A", "class": "stop"}, {"code": "B", "class": "repairable", "severity": "WARN"}]
    assert reasons({"codes": listed}, "x").classes == reasons(OLD, "x").classes


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"codes": []},
        {"codes": {}},
        {"codes": ["A"]},
        {"codes": [{"code": "A"}, {"code": "A"}]},
        {"codes": [{}]},
    ],
)
def test_what_is_no_catalogue_is_refused(document: Any) -> None:
    with pytest.raises(MemberRefused, match="has no catalogue of reasons"):
        reasons(document, "codes.json")


def test_each_kind_of_change_has_its_verdict() -> None:
    assert rules(OLD) == {}
    assert rules({**OLD, "codes": {"A": {"class": "stop"}}}) == {"reason.removed /codes/B": Verdict.INCOMPATIBLE}
    assert rules({**OLD, "codes": {**OLD["codes"], "C": {}}}) == {"reason.added /codes/C": Verdict.COMPATIBLE}
    assert rules({**OLD, "codes": {**OLD["codes"], "A": {"class": "advisory"}}}) == {
        "reason.reclassified /codes/A": Verdict.MEANING_CHANGED
    }
    assert rules({**OLD, "restart": {"stop": "RETRY"}}) == {"reason.semantics /restart": Verdict.MEANING_CHANGED}
    assert rules({**OLD, "extra": 1}) == {}
