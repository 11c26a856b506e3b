"""What git remembers of a baseline: rows that were committed stay, and a move is what its row says."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.canonical import digest_bytes
from dome_spec.contracts.baseline import Asked, baseline_faults, bless, prepare
from dome_spec.contracts.layout import Layout

REASONS = "rpc_errors: []\nfailure_reasons:\n  - {code: LATE, class: tests}\npolicy_reasons: []\n"


class Team:
    """A repository that keeps a baseline, and commits it."""

    def __init__(self, git: Any) -> None:
        self.git = git
        self.layout = Layout(git.root)
        for name, tier in (("order", "stable"), ("event", "experimental"), ("draft", "internal")):
            self.schema(name, tier)
        git.write("contracts/reasons.yaml", REASONS)
        git.write("docs/adr/0012-break.md", "# 0012\n")
        self.bless(note="First baseline.")
        git.commit("first baseline")

    def schema(self, name: str, tier: str, **rest: Any) -> None:
        """A family, closed and with one optional field."""
        document = {
            "$id": f"https://x/shop/v1/{name}.json",
            "x-dome-tier": tier,
            "x-dome-intent": "resource_spec",
            "type": "object",
            "properties": {"code": {"type": "string"}},
            **rest,
        }
        self.git.write(f"contracts/jsonschema/shop/v1/{name}.json", json.dumps(document, indent=2) + "\n")

    def bless(self, *families: str, **words: str) -> None:
        """As the command does it."""
        asked = Asked(families=families, **words)
        bless(self.layout, prepare(self.layout, asked), asked)

    def smuggle(self, name: str) -> str:
        """Copy a changed schema over its baseline by hand; its digest."""
        path = f"shop/v1/{name}.json"
        shutil.copy(self.layout.schemas / path, self.layout.blessed_schemas() / path)
        return digest_bytes((self.layout.blessed_schemas() / path).read_bytes())

    def row(self, name: str, digest: str, *, verdict: str, tier: str, more: str = "") -> None:
        """A row of the history, written by hand."""
        text = self.layout.blessings.read_text()
        row = f"  - family: shop/{name}\n    path: jsonschema/shop/v1/{name}.json\n    digest: {digest}\n"
        self.layout.blessings.write_text(f"{text}{row}    verdict: {verdict}\n    tier: {tier}\n{more}")

    def faults(self) -> str:
        """What is wrong, as text."""
        return "\n".join(f"{each.place}: {each.what}" for each in baseline_faults(self.layout.root))


@pytest.fixture
def team(git: Any) -> Team:
    return Team(git)


def empty_the_folder(team: Team) -> None:
    shutil.rmtree(team.layout.baseline)


def begin_anew(team: Team) -> None:
    shutil.rmtree(team.layout.baseline)
    team.schema("event", "experimental", required=["code"])
    team.bless(note="First baseline.")


def forget_a_family(team: Team) -> None:
    (team.layout.blessed_schemas() / "shop/v1/event.json").unlink()
    rows = team.layout.blessings.read_text().split("  - family: ")
    team.layout.blessings.write_text("  - family: ".join(row for row in rows if not row.startswith("shop/event")))


def rewrite_a_digest(team: Team) -> None:
    path = team.layout.blessed_schemas() / "shop/v1/event.json"
    was = digest_bytes(path.read_bytes())
    team.schema("event", "experimental", required=["code"])
    text = team.layout.blessings.read_text()
    team.layout.blessings.write_text(text.replace(was, team.smuggle("event")))


@pytest.mark.parametrize("is_committed", [False, True], ids=["in the working tree", "committed"])
@pytest.mark.parametrize("cheat", [empty_the_folder, begin_anew, forget_a_family, rewrite_a_digest])
def test_a_committed_row_cannot_be_lost(team: Team, cheat: Callable[[Team], None], *, is_committed: bool) -> None:
    assert team.faults() == ""
    cheat(team)
    if is_committed:
        team.git.commit("nothing to see here")
    assert "the row of shop/event that was committed" in team.faults()


@pytest.mark.parametrize("is_committed", [False, True], ids=["in the working tree", "committed"])
@pytest.mark.parametrize("verdict", ["COMPATIBLE", "MOVED", "FIRST", "MEANING_CHANGED"])
def test_a_row_that_plays_a_break_down_is_found(team: Team, verdict: str, *, is_committed: bool) -> None:
    team.schema("event", "experimental", required=["code"])
    team.row("event", team.smuggle("event"), verdict=verdict, tier="experimental")
    if is_committed:
        team.git.commit("blessed, so to speak")
        team.git.commit("another one")
    assert f"the row of shop/event says {verdict}, and the move is INCOMPATIBLE" in team.faults()


def test_an_older_move_is_looked_at_too(team: Team) -> None:
    team.schema("event", "experimental", required=["code"])
    team.row("event", team.smuggle("event"), verdict="COMPATIBLE", tier="experimental")
    team.git.commit("blessed, so to speak")
    team.schema("draft", "internal", required=["code"])
    team.bless("shop/draft")
    team.git.commit("an honest one")
    assert "the row of shop/event says COMPATIBLE" in team.faults()


@pytest.mark.parametrize(("name", "tier", "asked"), [("event", "experimental", "note"), ("order", "stable", "adr")])
def test_a_row_without_the_words_that_its_tier_asks_for_is_found(team: Team, name: str, tier: str, asked: str) -> None:
    team.schema(name, tier, required=["code"])
    team.row(name, team.smuggle(name), verdict="INCOMPATIBLE", tier="internal")
    assert f"`--{asked}`" in team.faults()


def test_honest_blessings_are_no_faults(team: Team) -> None:
    team.schema("event", "experimental", required=["code"])
    team.bless("shop/event", note="Events have a code.")
    assert team.faults() == ""
    team.git.commit("one")
    team.schema("order", "stable", required=["code"])
    team.bless("shop/order", adr="0012")
    team.git.commit("two")
    (team.layout.schemas / "shop/v1/draft.json").unlink()
    team.bless("shop/draft")
    team.git.commit("three")
    team.schema("event", "experimental")
    team.bless("shop/event", note="Events do without a code again.")
    team.git.write("contracts/reasons.yaml", REASONS.replace("  - {", "  - {code: BROKEN, class: x}\n  - {", 1))
    team.bless("reasons")
    assert team.faults() == ""


def test_a_reason_that_left_the_baseline_is_found(team: Team) -> None:
    path = team.layout.baseline / "reasons.json"
    was = digest_bytes(path.read_bytes())
    path.write_text(path.read_text().replace("LATE", "EARLY"))
    text = team.layout.blessings.read_text()
    row = f"  - family: reasons\n    path: reasons.json\n    digest: {digest_bytes(path.read_bytes())}\n"
    team.layout.blessings.write_text(f"{text}{row}    verdict: COMPATIBLE\n    tier: internal\n")
    assert was in text
    assert "a reason is gone, or was changed" in team.faults()


@pytest.mark.parametrize(
    ("name", "before", "after"), [("event", "experimental", "internal"), ("order", "stable", "experimental")]
)
def test_a_tier_is_lowered_by_decision_only(team: Team, name: str, before: str, after: str) -> None:
    team.schema(name, after)
    (refused,) = prepare(team.layout, Asked(families=(f"shop/{name}",), note="Less is promised.")).refused
    assert refused.what == f"it is {before}, and its tier is lowered"
    assert "--adr" in refused.remedy
    team.bless(f"shop/{name}", adr="0012")
    assert team.faults() == ""


def test_a_repository_without_commits_or_without_git_remembers_nothing(team: Team, tmp_path: Path) -> None:
    copied = tmp_path / "copied"
    shutil.copytree(team.layout.root, copied, ignore=shutil.ignore_patterns(".git"))
    begin_anew(team)
    shutil.rmtree(team.layout.root / ".git")
    assert team.faults() == ""
    assert baseline_faults(copied) == []
