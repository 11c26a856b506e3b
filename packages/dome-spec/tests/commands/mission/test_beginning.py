"""`dome charter` and the beginning of a mission: new, finalize, next."""

from pathlib import Path

import pytest

from dome_contracts.exit_codes import Exit
from tests.mission_use import Use, use

__all__ = ["use"]
GOAL = ("--goal", "Try it", "--require", "FR-001=It works")


def test_a_charter_is_written_once_and_checked(use: Use) -> None:
    assert use.refused("charter", "check")["reason"] == "CHARTER_MISSING"
    charter = use.done("charter", "init", "--title", "Ours", "--protect", "main")
    assert charter["policies"] == {"branches": {"protected": ["refs/heads/main"]}}
    assert charter["adopted"]["accountable"]["id"] == "ada"
    assert use.refused("charter", "init")["reason"] == "CHARTER_INVALID"
    shown = use("charter", "show")
    assert all(each in shown.out for each in ("Ours", "refs/heads/main", "implementer", "built in"))
    assert "0 cannot be told" in use("charter", "check").out
    assert {each["refused"] for each in use("charter", "check", "--json").values()} == {None}
    kinds = {each["kind"] for each in use.done("charter", "show")["doctrine"]}
    assert {"directive", "tactic", "agent profile", "mission type", "step contract"} == kinds


def test_a_charter_is_for_a_person_and_what_it_leaves_out_is_named(use: Use) -> None:
    assert use.refused("charter", "init", "--as", "llm:a")["reason"] == "PERSON_NEEDED"
    use.done("charter", "init")
    path = use.root / ".dome/charter.yaml"
    path.write_text(path.read_text().replace("activation: {}", "activation: {directives: []}"))
    found = use("charter", "check")
    assert found.code == Exit.FAILED
    assert "say-what-was-checked" in found.err


def test_a_mission_begins_with_a_few_words_that_become_texts(use: Use) -> None:
    use.done("charter", "init")
    mission = use.done("mission", "new", "tried", *GOAL, "--must-not", "Harm", "--owns", "a.txt")
    assert (mission["slug"], mission["base"]["ref"], mission["accountable"]["id"]) == (
        "tried",
        "refs/heads/main",
        "ada",
    )
    assert [each["id"] for each in mission["negative_invariants"]] == ["NI-001"]
    assert (use.root / "missions/tried/packages/WP01.md").read_text().startswith("---\n")
    assert [each["work_package_id"] for each in use.done("mission", "finalize", "tried")["packages"]] == ["WP01"]
    assert use.refused("mission", "new", "tried", *GOAL)["reason"] == "MISSION_REFUSED"


def test_a_mission_begins_with_the_text_that_is_there(use: Use) -> None:
    use.done("charter", "init")
    assert use.refused("mission", "new", "tried")["reason"] == "MISSION_UNREADABLE"
    use.git.write(
        "missions/tried/mission.yaml",
        "title: Tried\npurpose: {summary: Try it}\ntype: small-change\nnumber: 7\n"
        "requirements: [{id: FR-001, priority: must, text: It works}]\n",
    )
    mission = use.done("mission", "new", "tried", "--destination", "release", "--as", "llm:a,profile=planner")
    assert (mission["mission_type"]["id"], mission["destination_ref"]) == ("small-change", "refs/heads/release")
    assert (mission["creator"]["id"], mission["accountable"]["id"]) == ("a", "ada")
    # By number, short id and slug it is the same one.
    for handle in ("7", mission["mission_id"][-8:], "tried", mission["mission_id"]):
        assert use.done("mission", "show", handle)["mission"]["mission_id"] == mission["mission_id"]
    assert use.refused("mission", "new", "tried-again", "--type", "no-such-type", *GOAL)["reason"] == "DOCTRINE_MISSING"
    assert not (use.root / "missions/tried-again").exists()
    use.git.write("missions/tried-again/mission.yaml", "title: Mine\n")
    assert "never replaced" in use.refused("mission", "new", "tried-again", *GOAL)["message"]


@pytest.mark.parametrize(
    "words",
    [
        ("mission", "new", "tried", "--title", "x"),
        ("mission", "new", "tried", "--goal", "x"),
        ("mission", "new", "tried", "--goal", "x", "--require", "It works"),
        ("mission", "next", "tried", "--done"),
        ("mission", "next", "tried", "--answer", "audit:plan"),
        ("mission", "move", "tried", "WP01", "start", "--path", "a"),
        ("mission", "move", "tried", "WP01", "start", "--commit", "x", "--path", "a"),
        ("mission", "move", "tried", "WP01", "submit", "--commit", "x"),
        ("mission", "move", "tried", "WP01", "submit", "--commit", "x", "--path", "a", "--reason", "x"),
        ("mission", "move", "tried", "WP01", "submit", "--commits", "a..b", "--document", "a"),
        ("mission", "move", "tried", "WP01", "submit", "--commits", "main"),
        ("mission", "move", "tried", "WP01", "submit", "--commits", "main..main"),
        ("mission", "claim", "tried", "WP01", "--witness", "sha256:0@1"),
        ("mission", "claim", "tried", "WP01", "--as", "somebody"),
        ("mission", "accept", "tried", "--met", "FR-009"),
        ("mission", "accept", "tried", "--met", "all"),
        ("mission", "accept", "tried", "--defer", "NI-001"),
    ],
    ids=lambda words: " ".join(words[1:]),
)
def test_words_that_do_not_fit_together_are_told(use: Use, words: tuple[str, ...]) -> None:
    if words[1] == "new":
        use.done("charter", "init")
    else:
        use.begin()
    said = use(*words)
    assert said.code == Exit.USAGE
    assert said.err.startswith("dome: ")


def test_everything_that_does_not_fit_is_told_at_once_and_nothing_is_changed(use: Use, tmp_path: Path) -> None:
    use.done("charter", "init")
    use.done("mission", "new", "tried", *GOAL)
    use.write_package("WP01", dependencies=["WP09"], requirements=["FR-009"])
    before = (tmp_path / "state").rglob("missions.sqlite")
    store = next(before)
    data = store.read_bytes()
    error = use.refused("mission", "finalize", "tried")
    assert [each["description"].partition(":")[0] for each in error["violations"]] == [
        "DEPENDENCY_UNKNOWN",
        "REQUIREMENT_UNKNOWN",
        "REQUIREMENT_UNSERVED",
    ]
    use.write_package("WP01")
    assert use.done("mission", "finalize", "tried", "--validate-only")["is_fixed"] is False
    assert store.read_bytes() == data
    said = use("mission", "finalize", "tried")
    assert "track-01" in said.out
    assert "git worktree add" in said.err
    assert use("mission", "finalize", "tried").code == Exit.OK
    use.write_package("WP01", title="Another")
    assert use.refused("mission", "finalize", "tried")["reason"] == "MISSION_FIXED"


def test_a_run_goes_on_by_results_and_answers_until_the_board_takes_over(use: Use) -> None:
    use.done("charter", "init")
    use.done("mission", "new", "tried", *GOAL)

    def step(*more: str) -> str:
        decision = use.done("mission", "next", "tried", *more)["decision"]
        return str(decision.get("step_id") or decision["blocks"][0]["reason"])

    assert use.done("mission", "next", "tried", "--query")["decision"]["preview"]["step_id"] == "specify"
    assert step() == "specify"
    assert step() == "specify"
    assert step("--failed", "Nobody knows") == "step_failed"
    assert step() == "step_failed"
    assert step("--resume") == "specify"
    assert step("--done") == "plan"
    assert step("--done") == "mission_not_finalized"
    assert "dome mission finalize" in use("mission", "next", "tried").out
    use.write_package("WP01")
    use.done("mission", "finalize", "tried")
    assert step() == "implement"
    assert "Next: implement WP01" in use("mission", "next", "tried").out


def test_an_audit_is_answered_by_a_person(use: Use) -> None:
    use.done("charter", "init")
    use.done("mission", "new", "tried", *GOAL)
    answer = ("mission", "next", "tried", "--answer", "audit:specify=approve")
    assert use.refused(*answer, "--as", "llm:a,profile=planner")["reason"] == "PERSON_NEEDED"
    assert use.done(*answer)["decision"]["step_id"] == "specify"
