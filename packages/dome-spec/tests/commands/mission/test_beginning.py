"""`dome charter` and the beginning of a mission: new, finalize, next."""

from pathlib import Path
from typing import Any

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
    assert {each["refused"] for each in use("charter", "check", "--json").documents()} == {None}
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
        ("mission", "next", "tried", "--answer", "plan=yes"),
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
    use.git.write("missions/tried/spec.md", "What is required.\n")
    assert step("--done") == "plan"
    use.git.write("missions/tried/plan.md", "How it is divided.\n")
    assert step("--done") == "mission_not_finalized"
    assert "dome mission finalize" in use("mission", "next", "tried").out
    use.write_package("WP01")
    use.done("mission", "finalize", "tried")
    assert step() == "implement"
    assert "Next: implement WP01" in use("mission", "next", "tried").out


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (" ", "it says nothing"),
        ("two\nlines", "more than one line"),
        ("x" * 241, "at most 240"),
        ("\udcff", "it is no UTF-8"),
    ],
)
def test_text_that_no_document_takes_is_told_before_anything_is_done(
    use: Use, text: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        use("mission", "new", "tried", "--goal", text, "--require", "FR-001=It works")
    assert (ended.value.code, why in capsys.readouterr().err) == (Exit.USAGE, True)


@pytest.mark.parametrize(
    "words",
    [
        ("new", "Tried", *GOAL),
        ("new", "größe", *GOAL),
        ("new", "../tried", *GOAL),
        ("new", "tried", "--goal", "x", "--require", "FR1=It works"),
        ("new", "tried", *GOAL, "--require", "FR-001=Again"),
        ("new", "tried", *GOAL, "--accountable", "Ada Lovelace"),
        ("new", "tried", *GOAL, "--destination", "a b"),
        ("new", "tried", *GOAL, "--owns", "/etc/passwd"),
        ("new", "tried", *GOAL, "--type", "no-such-type"),
    ],
    ids=lambda words: " ".join(words[1:2] + words[-2:]),
)
def test_what_does_not_fit_together_leaves_no_text_behind(use: Use, words: tuple[str, ...]) -> None:
    use.done("charter", "init")
    said = use("mission", *words)
    assert said.code != Exit.OK
    assert said.err.startswith("dome: ")
    assert not (use.root / "missions").exists()


def test_where_nothing_is_committed_no_mission_begins_and_no_text_is_left(
    use: Use, new_repository: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = new_repository("fresh").root
    monkeypatch.chdir(root)
    use.done("charter", "init")
    error = use.refused("mission", "new", "tried", *GOAL)
    assert (error["reason"], "Commit something" in error["remedy"]) == ("WORKSPACE_UNRESOLVED", True)
    assert not (root / "missions").exists()


def test_a_repository_without_files_of_the_work_says_how_to_get_some(use: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(use.root / ".git")
    error = use.refused("board")
    assert (error["reason"], "git worktree add" in error["remedy"]) == ("WRONG_DIRECTORY", True)


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("Größe", "---\ntitle: x\n---\n\nDo it.\n", "names no package"),
        ("WP01", "Do it.\n", "has no fields"),
        ("WP01", "---\ntitle: x\n---\n", "does not say what is to be done"),
    ],
)
def test_a_package_that_is_none_says_what_it_lacks(use: Use, name: str, text: str, why: str) -> None:
    use.done("charter", "init")
    use.done("mission", "new", "tried", *GOAL)
    use.git.write(f"missions/tried/packages/{name}.md", text)
    error = use.refused("mission", "finalize", "tried")
    assert (error["reason"], why in error["message"], bool(error["remedy"])) == ("PACKAGE_UNREADABLE", True, True)


def test_each_of_several_problems_says_what_would_mend_it(use: Use) -> None:
    use.done("charter", "init")
    use.done("mission", "new", "tried", *GOAL)
    use.write_package("WP01", dependencies=["WP09"], requirements=["FR-009"])
    said = use("mission", "finalize", "tried")
    assert all(each in said.err for each in ("mend `dependencies`", "name it in `requirements`", "--validate-only"))


def test_two_requirements_of_one_id_are_told(use: Use) -> None:
    use.done("charter", "init")
    asked = "{id: FR-001, priority: must, text: x}"
    text = f"title: T\npurpose: {{summary: S}}\nrequirements: [{asked}, {asked}]\n"
    use.git.write("missions/tried/mission.yaml", text)
    assert "FR-001 is there twice" in use.refused("mission", "new", "tried")["message"]


def test_a_text_that_was_changed_since_its_mission_began_is_refused_and_another_spelling_is_none(use: Use) -> None:
    use.done("charter", "init")
    use.done("mission", "new", "tried", *GOAL)
    use.write_package("WP01")
    path = use.root / "missions/tried/mission.yaml"
    said = path.read_text()
    path.write_text(f"{said}negative_invariants: [{{id: NI-001, text: Nobody prints}}]\n")
    for more in ((), ("--validate-only",)):
        error = use.refused("mission", "finalize", "tried", *more)
        assert (error["reason"], "negative_invariants" in error["message"]) == ("MISSION_TEXT_CHANGED", True)
    path.write_text(f"# as it was\n{said}")
    use.done("mission", "finalize", "tried")
