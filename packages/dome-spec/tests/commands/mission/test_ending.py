"""A mission that is given up and taken up again, a review that is overridden, an effector that is bound."""

import pytest

from dome_contracts.exit_codes import Exit
from tests.mission_use import IMPLEMENTER, REVIEWER, Use, use

__all__ = ["use"]
WHY = ("--reason", "It came to nothing")
SHOWN = ("--reason", "It is out of scope", "--note", "Agreed with everybody")


def rule(error: dict[str, object]) -> object:
    metadata = error["metadata"]
    assert isinstance(metadata, dict)
    assert error["remedy"], "a refusal says what to do next"
    return metadata.get("rule", error["reason"])


def test_a_mission_that_was_given_up_moves_no_more_until_a_person_takes_it_up_again(use: Use) -> None:
    use.begin()
    use.claim()
    assert rule(use.refused("mission", "reopen", "tried", *WHY)) == "MISSION_GOES_ON"
    assert rule(use.refused("mission", "cancel", "tried", *WHY, "--as", IMPLEMENTER)) == "PERSON_NEEDED"
    canceled = use.done("mission", "cancel", "tried", *WHY)
    assert (canceled["state"], canceled["event"]["fact"]["reason"]) == ("canceled", WHY[1])
    assert rule(use.refused("mission", "move", "tried", "WP01", "start", "--as", IMPLEMENTER)) == "MISSION_CANCELED"
    assert rule(use.refused("mission", "cancel", "tried", *WHY)) == "MISSION_ENDED"
    assert rule(use.refused("mission", "accept", "tried")) == "MISSION_ENDED"
    board = use("board", "tried").out
    assert "given up" in board
    assert use.done("board", "tried")["is_canceled"] is True
    assert use("board").out.startswith("No mission goes on")
    assert rule(use.refused("mission", "reopen", "tried", *WHY, "--as", IMPLEMENTER)) == "PERSON_NEEDED"
    assert use("mission", "reopen", "tried", "--reason", "After all").out == "tried: under way.\n"
    assert use.move("start")["lane"] == "in_progress"
    history = use("mission", "show", "tried").out
    assert all(each in history for each in ("mission canceled", WHY[1], "mission reopened", "After all"))


def test_who_acts_with_a_profile_ends_a_mission_only_where_the_profile_lets_it(use: Use) -> None:
    use.begin()
    words = ("mission", "cancel", "tried", *WHY, "--as")
    assert rule(use.refused(*words, "human:grace,profile=reviewer")) == "NOT_PERMITTED"
    assert use.done(*words, "human:grace,profile=manager")["state"] == "canceled"


def test_a_mission_that_has_landed_is_reopened_and_judged_anew(use: Use) -> None:
    use.begin()
    use.to_review()
    use.review("approved")
    judged = ("mission", "accept", "tried", "--met", "all", "--absent", "all", "--note", "Tried by hand")
    use.done(*judged)
    use.done("mission", "integrate", "tried")
    error = use.refused("mission", "cancel", "tried", *WHY)
    assert (rule(error), "landed" in str(error["message"])) == ("MISSION_ENDED", True)
    use.done("mission", "reopen", "tried", *WHY)
    assert use.done("mission", "next", "tried", "--query")["decision"]["preview"]["action"] == "accept"
    assert use.refused("mission", "integrate", "tried")["reason"] == "NOT_ACCEPTED"
    use.done(*judged)
    assert use.done("mission", "integrate", "tried")["receipt"]["found_by"] == "ancestry"


def rejected(use: Use) -> None:
    use.begin()
    use.to_review()
    use.review("changes_requested", "--finding", "src/WP01.py:1: Leap seconds")


def test_a_person_decides_against_a_review_and_it_is_shown_everywhere(use: Use) -> None:
    rejected(use)
    events = use.done("mission", "override", "tried", "WP01", *SHOWN)["events"]
    overridden, approved = (each["fact"] for each in events)
    assert (overridden["kind"], overridden["accountable"]["id"]) == ("review_overridden", "ada")
    assert overridden["evidence"][0]["digest"].startswith("sha256:")
    assert approved["move"] == {"operation": "approve", "from": "in_progress", "to": "approved"}
    assert approved["force"]["reason"] == SHOWN[1]
    (row,) = use.done("board", "tried")["packages"]
    assert (row["lane"], row["review"], row["is_review_overridden"]) == ("approved", "changes_requested", True)
    assert "changes requested, overridden" in use("board", "tried").out
    shown = use("mission", "show", "tried", "WP01").out
    assert all(each in shown for each in ("review overridden", SHOWN[1], "(forced)"))
    assert use.done("mission", "next", "tried", "--query")["decision"]["preview"]["action"] == "accept"


def test_a_review_is_overridden_by_a_person_without_a_part_in_it_and_never_without_grounds(use: Use) -> None:
    use.begin()
    words = ("mission", "override", "tried", "WP01")
    assert rule(use.refused(*words, *SHOWN)) == "REVIEW_MISSING"
    use.to_review()
    assert rule(use.refused(*words, *SHOWN)) == "REVIEW_MISSING"
    use.review("changes_requested", "--finding", "Wrong")
    assert rule(use.refused(*words, *SHOWN, "--as", REVIEWER)) == "PERSON_NEEDED"
    assert use(*words, "--reason", "So it is").code == Exit.USAGE
    assert use.lane() == "in_progress"
    # In the lane of a review that goes on, that review decides.
    head = use.git.run("rev-parse", "HEAD")
    use.move("submit", "--commits", f"{head}~1..{head}")
    use.claim(acting=REVIEWER)
    assert "reviewed anew" in str(use.refused(*words, *SHOWN)["message"])
    use.review("approved")
    assert rule(use.refused(*words, *SHOWN)) == "LANE_OTHER"


def test_nobody_overrides_the_review_of_work_in_which_they_had_a_part(use: Use) -> None:
    use.begin()
    before = use.git.run("rev-parse", "HEAD")
    witness = use.witness("WP01", "human:ada")
    use.done("mission", "claim", "tried", "WP01", "--as", "human:ada", "--witness", witness, "--branch", "main")
    use.move("start", acting="human:ada")
    head = use.git.commit("do it", {"src/WP01.py": "1"})
    use.move("submit", "--commits", f"{before}..{head}", acting="human:ada")
    use.claim(acting=REVIEWER)
    use.review("changes_requested", "--finding", "Wrong")
    words = ("mission", "override", "tried", "WP01", *SHOWN)
    assert rule(use.refused(*words)) == "REVIEWER_NOT_INDEPENDENT"
    assert use.done(*words, "--as", "human:grace")["lane"] == "approved"


def test_who_acts_is_said_by_a_person_or_by_whom_it_is_about(use: Use) -> None:
    use.begin()
    words = ("mission", "bind", "tried", "WP01")
    agent = "llm:agent-1,profile=implementer,model=m-2"
    event = use.done(*words, "implementer", "--to", agent)["event"]
    assert event["fact"]["bound"] == {
        "kind": "llm", "id": "agent-1", "role": "implementer", "profile_ref": "implementer", "model": "m-2"
    }  # fmt: skip
    assert use.done("board", "tried")["packages"][0]["effector"]["acts"]["model"] == "m-2"
    assert "is llm agent-1 already" in use(*words, "implementer", "--to", agent).out
    assert "implementer is llm agent-1" in use("mission", "show", "tried", "WP01").out
    assert rule(use.refused(*words, "implementer", "--to", agent, "--as", REVIEWER)) == "NOT_PERMITTED"
    assert rule(use.refused(*words, "implementer", "--nobody", "--as", REVIEWER)) == "NOT_PERMITTED"
    assert use.done(*words, "implementer", "--to", agent.replace("m-2", "m-3"), "--as", IMPLEMENTER)["event"]
    assert use(*words, "implementer", "--nobody").out == "tried WP01: implementer is nobody.\n"
    assert use.done("board", "tried")["packages"][0]["effector"]["acts"] is None
    assert rule(use.refused(*words, "implementer", "--nobody")) == "NOBODY_BOUND"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("reviewer", "--to", "llm:a,role=implementer"), Exit.USAGE),
        (("reviewer", "--to", "nonsense"), Exit.USAGE),
        (("implementer", "--to", "llm:a,profile=no-such"), Exit.NOT_FOUND),
    ],
)
def test_an_effector_that_does_not_fit_is_not_bound(use: Use, words: tuple[str, ...], code: Exit) -> None:
    use.begin()
    said = use("mission", "bind", "tried", "WP01", *words)
    assert said.code == code
    assert said.err.startswith("dome: ")


def test_who_had_a_part_in_the_work_is_not_bound_to_review_it(use: Use) -> None:
    use.begin()
    use.to_review()
    words = ("mission", "bind", "tried", "WP01", "reviewer", "--to")
    assert rule(use.refused(*words, "llm:agent-1,profile=reviewer")) == "REVIEWER_NOT_INDEPENDENT"
    use.done(*words, "human:grace")
    use.done("mission", "cancel", "tried", *WHY)
    assert rule(use.refused(*words, "human:eve")) == "MISSION_CANCELED"
    use.done("mission", "reopen", "tried", *WHY)
    use.done("mission", "move", "tried", "WP01", "cancel", *WHY)
    assert rule(use.refused(*words, "human:eve")) == "PACKAGE_ENDED"
