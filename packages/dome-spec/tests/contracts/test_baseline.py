"""The baseline moves as a whole, with the words that its promises ask for."""

import json
import os
import shutil
from contextlib import suppress
from typing import Any

import pytest

from dome_spec.contracts.baseline import (
    Asked,
    NoSuchFamily,
    Plan,
    baseline_faults,
    baselines,
    bless,
    history,
    store,
)
from dome_spec.contracts.check import Options, check
from dome_spec.contracts.policy import Level
from tests.small_contracts import REASONS, Contracts, contracts

__all__ = ["contracts"]

NOTE = "Orders carry a size."


def verdicts(plan: Plan) -> dict[str, str]:
    return {move.family: move.verdict for move in plan.moves}


def test_a_blessed_tree_is_compatible_with_its_baseline_and_has_no_faults(contracts: Contracts) -> None:
    assert contracts.prepare().moves == ()
    assert baseline_faults(contracts.root) == []
    (baseline,) = baselines(contracts.layout)
    assert sorted(baseline.documents) == [
        "shared/v1/lib.json", "shop/v1/draft.json", "shop/v1/event.json", "shop/v1/order.json",
    ]  # fmt: skip


def test_the_same_contracts_give_the_same_bytes(contracts: Contracts, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = Contracts(tmp_path_factory.mktemp("other"))
    other.bless(note="First baseline.")
    assert other.tree() == contracts.tree()


def test_nothing_to_move_writes_nothing(contracts: Contracts) -> None:
    before = contracts.tree()
    contracts.bless(note="Again.")
    assert contracts.tree() == before


def test_a_note_becomes_a_line_of_the_changelog_and_a_row_of_the_history(contracts: Contracts) -> None:
    contracts.schema("event", "experimental", minProperties=1)
    contracts.bless("shop/event", note=NOTE)
    text = contracts.layout.changelog.read_text()
    assert f"- Contracts, baseline moved for `shop/event`: {NOTE}" in text
    assert text.index(NOTE) < text.index("## [0.0.1]")
    row = history.read(contracts.layout.blessings.read_bytes())[-1]
    assert (row.family, row.verdict, row.tier, row.note) == ("shop/event", "INCOMPATIBLE", "experimental", NOTE)
    assert baseline_faults(contracts.root) == []


def test_an_experimental_family_moves_with_a_note_only(contracts: Contracts) -> None:
    contracts.schema("event", "experimental", minProperties=1)
    before = contracts.tree()
    plan = contracts.prepare("shop/event")
    (refused,) = plan.refused
    assert "--note" in refused.remedy
    with pytest.raises(ValueError, match="refusals"):
        bless(contracts.layout, plan, Asked())
    assert contracts.tree() == before


def test_an_internal_family_asks_for_nothing(contracts: Contracts) -> None:
    contracts.schema("draft", "internal", minProperties=1)
    contracts.bless("shop/draft")
    assert contracts.prepare().moves == ()


@pytest.mark.parametrize(
    ("change", "verdict"),
    [({"minProperties": 1}, "INCOMPATIBLE"), ({"default": {}}, "MEANING_CHANGED"), ({"type": "array"}, "INCOMPATIBLE")],
)
def test_a_stable_family_is_not_broken_without_a_decision(
    contracts: Contracts, change: dict[str, Any], verdict: str
) -> None:
    contracts.schema("order", "stable", **change)
    plan = contracts.prepare("shop/order", note=NOTE)
    assert verdicts(plan) == {"shop/order": verdict}
    assert ["ADR" in each.remedy or "--adr" in each.remedy for each in plan.refused] == [True]
    missing = contracts.prepare("shop/order", adr="0099")
    assert ["0099" in each.what for each in missing.refused] == [True]
    for number in ("12", "../0012", "0012-break", "*"):
        assert contracts.prepare("shop/order", adr=number).refused
    contracts.bless("shop/order", adr="0012")
    assert baseline_faults(contracts.root) == []


def test_lowering_the_tier_is_no_way_around_a_decision(contracts: Contracts) -> None:
    contracts.schema("order", "internal", minProperties=1)
    assert contracts.prepare("shop/order", note=NOTE).refused


def test_a_compatible_change_of_a_stable_family_needs_a_note(contracts: Contracts) -> None:
    contracts.schema("order", "stable", properties={"code": {"type": "string"}})
    assert verdicts(contracts.prepare("shop/order", note=NOTE)) == {"shop/order": "COMPATIBLE"}
    assert contracts.prepare("shop/order", note=NOTE).refused == ()
    assert contracts.prepare("shop/order").refused != ()


def test_a_removed_family_leaves_the_baseline(contracts: Contracts) -> None:
    for family in ("draft", "order"):
        (contracts.layout.schemas / f"shop/v1/{family}.json").unlink()
    assert contracts.prepare("shop/order", note=NOTE).refused
    contracts.bless("shop/draft")
    assert not (contracts.layout.blessed_schemas() / "shop/v1/draft.json").exists()
    contracts.bless("shop/order", adr="0012")
    assert baseline_faults(contracts.root) == []


def test_a_shared_definition_moves_with_all_that_use_it_or_not_at_all(contracts: Contracts) -> None:
    contracts.library("^[a-f]+$")
    plan = contracts.prepare("shop/draft")
    assert any("shop/event" in each.what and "shop/order" in each.what for each in plan.refused)
    everything = contracts.prepare(adr="0012", note=NOTE)
    assert everything.refused == ()
    assert verdicts(everything)["shop/order"] == "INCOMPATIBLE"
    contracts.bless("shop/draft", "shop/event", "shop/order", adr="0012", note=NOTE)
    assert contracts.prepare().moves == ()
    assert baseline_faults(contracts.root) == []


def test_a_definition_that_nobody_uses_moves_alone(contracts: Contracts) -> None:
    library = contracts.layout.schemas / "shared/v1/lib.json"
    document = json.loads(library.read_text())
    document["$defs"]["More"] = {"type": "null"}
    library.write_text(json.dumps(document))
    assert verdicts(contracts.prepare()) == {"shared/lib": "COMPATIBLE"}
    assert contracts.prepare("shared/lib").refused == ()
    document["$defs"]["Free"]["maxLength"] = 3
    library.write_text(json.dumps(document))
    assert verdicts(contracts.prepare()) == {"shared/lib": "INCOMPATIBLE"}
    assert contracts.prepare("shared/lib").refused != ()
    contracts.bless("shared/lib", note=NOTE)
    assert contracts.prepare().moves == ()


@pytest.mark.parametrize("after", ["", "  - {code: TESTS.FAILED, class: other}\n"])
def test_a_removed_or_changed_reason_is_never_blessed(contracts: Contracts, after: str) -> None:
    contracts.write(
        "contracts/reasons.yaml", REASONS.replace("  - {code: TESTS.FAILED, class: tests}\n", after or "  []\n")
    )
    plan = contracts.prepare("reasons", note=NOTE, adr="0012")
    assert ["TESTS.FAILED" in each.what for each in plan.refused] == [True]


def test_an_added_reason_is_blessed(contracts: Contracts) -> None:
    contracts.write("contracts/reasons.yaml", REASONS + "  - {code: GUARD.LATE, class: guard}\n")
    contracts.bless("reasons")
    assert "GUARD.LATE" in (contracts.layout.baseline / "reasons.json").read_text()


def test_an_unreadable_schema_is_never_blessed(contracts: Contracts) -> None:
    contracts.schema("draft", "internal", properties={"a": {"$ref": "#/nowhere"}})
    assert contracts.prepare("shop/draft").refused
    contracts.write("contracts/jsonschema/shop/v1/draft.json", '{"$id": "x",')
    assert contracts.prepare().refused


def test_an_unknown_family_is_told_with_the_known_ones(contracts: Contracts) -> None:
    with pytest.raises(NoSuchFamily) as raised:
        contracts.prepare("shop/odrer")
    assert {"shop/order", "reasons", "wire"} <= set(raised.value.known)


def test_a_note_that_is_no_sentence_is_refused(contracts: Contracts) -> None:
    contracts.schema("event", "experimental", minProperties=1)
    assert contracts.prepare("shop/event", note="x" * 600).refused
    assert contracts.prepare("shop/event", note="  \n ").refused


def release(contracts: Contracts, version: str) -> None:
    """What a release does: it keeps the baseline as it is."""
    kept = contracts.layout.baseline / version
    kept.mkdir()
    shutil.copytree(contracts.layout.blessed_schemas(), kept / "jsonschema")
    shutil.copy(contracts.layout.blessings, kept / "blessings.yaml")


def test_releases_are_compared_with_until_they_are_broken_on_purpose(contracts: Contracts) -> None:
    release(contracts, "0.1.0")
    contracts.schema("order", "stable", required=["code"])
    assert check(baselines(contracts.layout), load(contracts), Options()).level is Level.RED
    contracts.bless("shop/order", adr="0012")
    report = check(baselines(contracts.layout), load(contracts), Options())
    assert (report.level, len(report.olds)) == (Level.GREEN, 2)
    release(contracts, "0.2.0")
    contracts.schema("order", "stable", required=["code", "size"])
    assert check(baselines(contracts.layout), load(contracts), Options()).level is Level.RED


def load(contracts: Contracts) -> Any:
    from dome_spec.contracts.sources import load as load_source

    return load_source(str(contracts.layout.schemas), contracts.root)


@pytest.mark.parametrize("step", range(1, 12))
def test_an_interruption_leaves_the_old_baseline_or_the_new_one(
    contracts: Contracts, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    contracts.schema("event", "experimental", minProperties=1)
    before = {path: data for path, data in contracts.tree().items() if path.startswith("contracts/baseline")}
    calls = 0

    def interrupted(real: Any) -> Any:
        def call(*words: Any, **more: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == step:
                raise KeyboardInterrupt
            return real(*words, **more)

        return call

    with monkeypatch.context() as patched:
        for name in ("rename", "replace", "fsync"):
            patched.setattr(os, name, interrupted(getattr(os, name)))
        with suppress(KeyboardInterrupt):
            contracts.bless("shop/event", note=NOTE)
    after = {path: data for path, data in contracts.tree().items() if path.startswith("contracts/baseline")}
    if after != before:
        assert contracts.prepare().moves == ()
    contracts.bless("shop/event", note=NOTE)
    assert baseline_faults(contracts.root) == []
    assert not [path for path in contracts.tree() if ".staged" in path or ".previous" in path]
    assert contracts.layout.changelog.read_text().count(NOTE) == 1


def test_a_baseline_that_was_put_aside_comes_back(contracts: Contracts) -> None:
    before = contracts.tree()
    contracts.layout.baseline.rename(contracts.layout.contracts / ".baseline.previous")
    store.recover(contracts.layout)
    assert contracts.tree() == before
