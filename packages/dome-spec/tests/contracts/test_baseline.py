"""The baseline moves as a whole, with the words that its promises ask for, and says when it was touched by hand."""

import json
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from dome_spec.contracts.baseline import (
    Asked,
    HistoryUnreadable,
    NoSuchFamily,
    Plan,
    baseline_faults,
    baselines,
    bless,
    history,
    prepare,
    store,
)
from dome_spec.contracts.check import Options, check
from dome_spec.contracts.layout import Layout
from dome_spec.contracts.policy import Level

NOTE = "Orders carry a size."
REASONS = """\
rpc_errors:
  - {reason: NOT_FOUND, grpc: NOT_FOUND, meaning: gone}
failure_reasons:
  - {code: TESTS.FAILED, class: tests}
policy_reasons:
  - {code: GUARD.DENIED, class: guard}
"""
CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- Things.\n\n## [0.0.1]\n\n- Older.\n"


class Contracts:
    """A small repository of contracts."""

    def __init__(self, root: Path) -> None:
        self.layout = Layout(root)
        self.root = root
        for family, tier in (("order", "stable"), ("event", "experimental"), ("draft", "internal")):
            self.schema(family, tier)
        self.write("contracts/reasons.yaml", REASONS)
        self.write("CHANGELOG.md", CHANGELOG)
        self.write("docs/adr/0012-break.md", "# 0012\n")

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def schema(self, family: str, tier: str, **rest: Any) -> None:
        document = {
            "$id": f"https://x/shop/v1/{family}.json",
            "x-dome-tier": tier,
            "x-dome-intent": "resource_spec",
            "type": "object",
            "properties": {"code": {"$ref": "../../shared/v1/lib.json#/$defs/Code"}},
            **rest,
        }
        self.write(f"contracts/jsonschema/shop/v1/{family}.json", json.dumps(document, indent=2) + "\n")
        if not (self.root / "contracts/jsonschema/shared/v1/lib.json").exists():
            self.library("^[a-z]+$")

    def library(self, pattern: str) -> None:
        definitions = {"Code": {"type": "string", "pattern": pattern}, "Free": {"type": "string"}}
        document = {"$id": "https://x/shared/v1/lib.json", "$defs": definitions}
        self.write("contracts/jsonschema/shared/v1/lib.json", json.dumps(document) + "\n")

    def prepare(self, *families: str, **words: str) -> Plan:
        return prepare(self.layout, Asked(families=families, **words))

    def bless(self, *families: str, **words: str) -> None:
        asked = Asked(families=families, **words)
        bless(self.layout, prepare(self.layout, asked), asked)

    def tree(self) -> dict[str, bytes]:
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file()
        }


@pytest.fixture
def contracts(tmp_path: Path) -> Contracts:
    found = Contracts(tmp_path)
    found.bless(note="First baseline.")
    return found


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
