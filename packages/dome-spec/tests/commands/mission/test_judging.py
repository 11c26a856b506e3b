"""`dome mission accept` where the mission says how to look for what must not be: the daemon looks, in the commit."""

import json
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.exit_codes import Exit
from tests.mission_use import Use, use
from tests.searching_daemon import NOBODY, SearchingDaemon

__all__ = ["use"]
MET = ("--met", "all", "--note", "Tried by hand")
INVARIANTS = [
    {
        "id": "NI-001",
        "text": "Nobody prints",
        "search": {"skill_id": "repo.search", "query": "print", "paths": ["src/**"]},
    },
    {"id": "NI-002", "text": "Nothing is lost"},
]


@pytest.fixture
def reviewed(use: Use) -> Use:
    """A mission whose only package is approved; one thing that must not be can be searched for, the other cannot."""
    text = {
        "title": "Tried",
        "purpose": {"summary": "Try it"},
        "requirements": [{"id": "FR-001", "priority": "must", "text": "It works"}],
        "negative_invariants": INVARIANTS,
    }
    # Every JSON document is YAML.
    use.git.write("missions/tried/mission.yaml", json.dumps(text))
    use.done("charter", "init")
    use.done("mission", "new", "tried")
    use.write_package("WP01")
    use.done("mission", "finalize", "tried")
    use.git.commit("the mission")
    use.to_review()
    use.review("approved")
    use.daemon = SearchingDaemon()
    return use


def accept(use: Use, *more: str) -> Any:
    return use("mission", "accept", "tried", *more, "--json")


def states(said: Any) -> list[str]:
    return [each["state"] for each in said.document["negative_invariants"]]


def test_what_can_be_searched_for_is_searched_for_and_the_evidence_is_kept(reviewed: Use, tmp_path: Path) -> None:
    said = accept(reviewed, *MET, "--absent", "all")
    assert (said.code, said.document["verdict"]) == (Exit.OK, "accepted")
    first, second = said.document["negative_invariants"]
    searched = first["verification"]
    assert (searched["verifier"]["kind"], searched["verifier"]["tool"]) == ("service", "repo.search")
    assert searched["job_id"].startswith("job-")
    assert second["verification"]["verifier"] == {"kind": "human", "id": "ada"}
    (evidence,) = searched["evidence"]
    (kept,) = (tmp_path / "state").rglob(f"*{evidence['digest'].removeprefix('sha256:')}*")
    assert json.loads(kept.read_bytes())["revision"]["commit"] == said.document["commit"]
    assert [each["revision"] for each in reviewed.daemon.asked] == [said.document["commit"]]


def test_what_is_found_refuses_the_mission_and_is_shown(reviewed: Use) -> None:
    reviewed.git.commit("print", {"src/new.py": "print(1)\n"})
    said = reviewed("mission", "accept", "tried", *MET, "--absent", "NI-002", "--commit", "HEAD")
    assert said.code == Exit.FAILED
    assert "NI-001: still present\n    src/new.py:1: print(1)\n" in said.out
    assert "refused" in said.out
    assert "dome mission cancel" in said.err


def test_all_means_those_that_nobody_can_search_for_and_a_name_goes_before_a_search(reviewed: Use) -> None:
    reviewed.git.commit("print", {"src/new.py": "print(1)\n"})
    words = (*MET, "--commit", "HEAD")
    assert states(accept(reviewed, *words, "--absent", "all")) == ["still_present", "confirmed_absent"]
    assert states(accept(reviewed, *words, "--absent", "all", "--defer", "NI-001=Later")) == [
        "deferred",
        "confirmed_absent",
    ]
    count = len(reviewed.daemon.asked)
    assert states(accept(reviewed, *words, "--absent", "all", "--absent", "NI-001")) == ["confirmed_absent"] * 2
    assert len(reviewed.daemon.asked) == count


def test_without_a_daemon_nothing_is_recorded_and_evidence_can_be_handed_in(reviewed: Use) -> None:
    reviewed.daemon.refuses = NOBODY
    before = reviewed("mission", "export", "tried").out
    said = accept(reviewed, *MET, "--absent", "all")
    assert (said.code, said.error["reason"]) == (Exit.UNAVAILABLE, "SEARCH_UNAVAILABLE")
    assert all(each in said.error["remedy"] for each in ("dome service start", "--absent ID"))
    assert reviewed("mission", "export", "tried").out == before
    reviewed.daemon = None
    by_hand = accept(reviewed, *MET, "--absent", "NI-001", "--absent", "NI-002")
    assert by_hand.document["verdict"] == "accepted"


def test_a_search_that_fails_leaves_it_pending_and_says_why(reviewed: Use) -> None:
    reviewed.daemon.fails_with = "SEARCH.PATTERN_INVALID"
    said = reviewed("mission", "accept", "tried", *MET, "--absent", "all")
    assert said.code == Exit.FAILED
    assert "NI-001: verification failed  SEARCH.PATTERN_INVALID: a( is no pattern" in said.out
    assert "Not looked for: NI-001" in said.err


def test_a_mission_without_packages_is_not_judged(use: Use) -> None:
    use.done("charter", "init")
    use.done("mission", "new", "tried", "--goal", "Try it", "--require", "FR-001=It works")
    error = use.refused("mission", "accept", "tried")
    assert (error["reason"], "dome mission finalize" in error["remedy"]) == ("NOTHING_TO_JUDGE", True)
    use.write_package("WP01")
    use.done("mission", "finalize", "tried")
    use.done("mission", "move", "tried", "WP01", "cancel", "--reason", "Not wanted")
    error = use.refused("mission", "accept", "tried", *MET)
    assert (error["reason"], "dome mission cancel" in error["remedy"]) == ("NOTHING_TO_JUDGE", True)
    preview = use.done("mission", "next", "tried", "--query")["decision"]["preview"]
    assert [each["reason"] for each in preview["blocks"]] == ["packages_canceled"]
    assert [each["reason"] for each in use("mission", "attention", "--json").documents()] == ["packages_canceled"]


def test_what_is_open_says_how_to_bring_it_to_an_end(use: Use) -> None:
    use.begin("WP01", "WP02")
    use.to_review()
    use.review("approved")
    said = use("mission", "accept", "tried")
    assert said.code == Exit.FAILED
    for expected in (
        "Not through yet: WP02",
        "To be shown: FR-001",
        "Not looked for: NI-001",
        "--met ID",
        "--absent ID",
    ):
        assert expected in said.err
