"""What an approval needs, through the commands: what charter, doctrine and checks ask of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.runtime.v1 import JobState
from tests.mission_use import REVIEWER, Use, use

__all__ = ["use"]
GOAL = ("--goal", "Try it", "--require", "FR-001=It works")


def in_review(use: Use, policies: str) -> str:
    """A package that is in review under a charter with these policies. Its commit."""
    use.bind(policies)
    use.done("mission", "new", "tried", *GOAL)
    use.write_package("WP01")
    use.done("mission", "finalize", "tried")
    use.git.commit("the mission")
    return use.to_review()


OTHER = REVIEWER.replace("agent-2", "agent-3")
PERSON = "human:grace"


def test_an_approval_that_is_not_enough_is_recorded_and_the_package_waits_for_another(use: Use) -> None:
    in_review(use, "reviews: {approvals_min: 2, human: required}")
    first = use.review("approved")
    assert (first["lane"], "approvals_min: 2" in first["missing"]) == ("for_review", True)
    (row,) = use.done("board", "tried")["packages"]
    assert [each["id"] for each in row["approvals"]] == ["agent-2"]
    assert "1 approval" in use("board", "tried").out
    text = use("artefact", "show", "tried", "WP01", "--as", OTHER).out
    assert "policies.reviews.approvals_min: 2" in text
    assert "- llm agent-2" in text
    # Who approved already adds nothing: nothing is offered, and a second word is refused.
    asked = use.done("mission", "next", "tried", "--query", "--as", REVIEWER)["decision"]["preview"]
    assert asked["kind"] == "blocked"
    use.claim(acting=REVIEWER)
    words = ("mission", "review", "tried", "WP01", "--verdict", "approved", "--as", REVIEWER)
    with use.checked(use.submitted()) as job:
        error = use.refused(*words, "--check", job, "--witness", use.witness("WP01", REVIEWER))
    assert error["metadata"] == {"rule": "APPROVALS_MISSING"}
    assert "policies.reviews.human: required" in error["message"]
    use.move("release", "--reason", "Another's turn", acting=REVIEWER)
    use.claim(acting=OTHER)
    second = use.review("approved", acting=OTHER)
    assert (second["lane"], "human: required" in second["missing"]) == ("for_review", True)
    use.claim(acting=PERSON)
    third = use.review("approved", acting=PERSON)
    assert (third["lane"], third["missing"]) == ("approved", None)


def test_approvals_are_of_the_work_as_it_stands(use: Use) -> None:
    head = in_review(use, "reviews: {approvals_min: 2}")
    use.review("approved")
    use.claim(acting=OTHER)
    assert use.review("changes_requested", "--finding", "Wrong", acting=OTHER)["lane"] == "in_progress"
    assert use.done("board", "tried")["packages"][0]["approvals"] == []
    use.move("submit", "--commits", f"{head}~1..{head}")
    use.claim(acting=REVIEWER)
    assert use.review("approved")["lane"] == "for_review"


def test_the_charter_asks_of_an_approval_whatever_the_table_of_the_mission_says(use: Use) -> None:
    use.bind("reviews: {approvals_min: 2}", doctrine=True)
    table = {
        "id": "software-change",
        "schema_version": "1",
        "transition_table": {
            "edges": [
                {"operation": "claim", "from": "planned", "to": "claimed", "guards": []},
                {"operation": "start", "from": "claimed", "to": "in_progress", "guards": []},
                {"operation": "submit", "from": "in_progress", "to": "for_review", "guards": []},
                {"operation": "begin_review", "from": "for_review", "to": "in_review", "guards": []},
                {"operation": "release", "from": "in_review", "to": "for_review", "guards": ["reason_given"]},
                {"operation": "approve", "from": "in_review", "to": "approved", "guards": []},
            ]
        },
    }
    use.git.write("doctrine/mission-types/software-change.yaml", json.dumps(table))
    use.done("mission", "new", "tried", *GOAL)
    use.write_package("WP01")
    use.done("mission", "finalize", "tried")
    use.git.commit("the mission")
    use.to_review()
    assert use.review("approved")["lane"] == "for_review"


def test_a_finding_that_names_a_refusing_directive_approves_nothing(use: Use, tmp_path: Path) -> None:
    in_review(use, "{}")
    bind_refusing(use)
    path = tmp_path / "found.json"
    words = ("mission", "review", "tried", "WP01", "--verdict", "approved", "--as", REVIEWER, "--findings", str(path))
    for directive, refused in (("no-prints", True), ("tests-come-along", False)):
        path.write_text(
            json.dumps([{"weight": "suggests", "severity": "info", "text": "It prints", "directive": directive}])
        )
        with use.checked(use.submitted()) as job:
            shown = ("--check", job, "--witness", use.witness("WP01", REVIEWER))
            if refused:
                error = use.refused(*words, *shown)
                assert (error["reason"], "no-prints" in error["message"]) == ("DIRECTIVE_BROKEN", True)
                assert use.lane() == "in_review"
            else:
                assert use.done(*words, *shown)["lane"] == "approved"


def bind_refusing(use: Use) -> None:
    path = use.root / ".dome/charter.yaml"
    path.write_text(json.dumps({**json.loads(path.read_text()), "doctrine_folder": "doctrine"}))
    directive = {
        "schema_version": "1",
        "id": "no-prints",
        "version": "1.0.0",
        "title": "No prints",
        "intent": "Logs are for programs.",
        "text": "Nothing prints.",
        "severity": "error",
        "enforcement": "refuse",
        "scope": {},
    }
    use.git.write("doctrine/directives/no-prints.yaml", json.dumps(directive))
    text = use("artefact", "show", "tried", "WP01", "--as", REVIEWER).out
    assert "Where a review finds it broken, nothing is approved." in text


@pytest.mark.parametrize(
    ("more", "refused"),
    [
        ({}, None),
        ({"commit": "f" * 40}, "CHECK_UNFIT"),
        ({"commit": ""}, "CHECK_UNFIT"),
        ({"dirty": True}, "CHECK_UNFIT"),
        ({"dirty": None}, "CHECK_UNFIT"),
        ({"state": JobState.FAILED}, "CHECKS_OPEN"),
        (None, "CHECKS_OPEN"),
    ],
)
def test_an_approval_needs_checks_that_ran_on_the_very_commit(use: Use, more: Any, refused: str | None) -> None:
    use.begin()
    head = use.to_review()
    shown = ("--as", REVIEWER, "--witness", use.witness("WP01", REVIEWER))
    words = ("mission", "review", "tried", "WP01", "--verdict", "approved", *shown)
    with use.checked(**{"commit": head, **(more or {})}) as job:
        given = () if more is None else ("--check", job)
        if refused is None:
            assert use.done(*words, *given)["review"]["checks"] == [job]
            assert use.lane() == "approved"
            return
        error = use.refused(*words, *given)
    assert error["metadata"].get("rule", error["reason"]) == refused
    assert use.lane() == "in_review"


def test_checks_that_were_handed_in_with_the_work_count_for_its_approval(use: Use) -> None:
    use.begin()
    before = use.git.run("rev-parse", "HEAD")
    use.claim()
    use.move("start")
    head = use.git.commit("do it", {"src/WP01.py": "1"})
    with use.checked(head) as job:
        use.move("submit", "--commits", f"{before}..{head}", "--check", job)
        use.claim(acting=REVIEWER)
        words = ("mission", "review", "tried", "WP01", "--verdict", "approved", "--as", REVIEWER)
        assert use.done(*words, "--witness", use.witness("WP01", REVIEWER))["lane"] == "approved"


def test_work_that_somebody_hands_in_over_the_holders_head_is_approved_by_others_and_anew(use: Use) -> None:
    head = in_review(use, "reviews: {approvals_min: 2}")
    use.review("approved")
    use.move("block", "--reason", "It is not decided", acting=PERSON)
    other = use.git.commit("do it otherwise", {"src/WP01.py": "otherwise"})
    use.move("submit", "--force", "--reason", "It is urgent", "--commits", f"{head}..{other}", acting=PERSON)
    assert use.done("board", "tried")["packages"][0]["approvals"] == []
    claim = ("mission", "claim", "tried", "WP01", "--as", PERSON, "--witness", use.witness("WP01", PERSON))
    assert use.refused(*claim)["metadata"] == {"rule": "REVIEWER_NOT_INDEPENDENT"}
    use.claim(acting=REVIEWER)
    assert use.review("approved")["lane"] == "for_review"
