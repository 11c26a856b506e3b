"""Packages carried out, reviewed, judged and brought home with the verbs alone, without a daemon."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dome_contracts.exit_codes import Exit
from tests.mission_use import IMPLEMENTER, REVIEWER, Use, use

__all__ = ["use"]


def test_a_package_goes_through_review_rework_and_approval(use: Use) -> None:
    use.begin(subtasks=[{"id": "T001", "title": "Do it"}])
    before = use.git.run("rev-parse", "HEAD")
    claimed = use.claim()
    assert claimed["event"]["fact"]["workspace"] == {"branch": "refs/heads/main", "base": before, "track": "track-01"}
    use.move("start")
    head = use.git.commit("do it", {"src/WP01.py": "1"})
    submit = ("mission", "move", "tried", "WP01", "submit", "--as", IMPLEMENTER, "--commits", f"{before}..{head}")
    assert use.refused(*submit)["metadata"] == {"rule": "SUBTASKS_OPEN"}
    assert use.refused("mission", "subtask", "tried", "WP01", "T009", "done")["metadata"] == {"rule": "SUBTASK_UNKNOWN"}
    assert "in progress" in use("mission", "subtask", "tried", "WP01", "T001", "done", "--note", "It was easy").out
    assert use.refused(*submit)["reason"] == "STALE_ARTEFACT"
    assert use.done(*submit, "--witness", use.witness("WP01", IMPLEMENTER))["event"]["fact"]["evidence"] == {
        "kind": "commits",
        "base": before,
        "head": head,
    }
    early = ("mission", "review", "tried", "WP01", "--verdict", "approved", "--as", REVIEWER)
    assert use.refused(*early)["metadata"] == {"rule": "NOT_HOLDER"}
    use.claim(acting=REVIEWER)
    found = use.review("changes_requested", "--finding", "src/WP01.py:1: It is wrong", "--suggest", "Shorter")
    first, second = found["review"]["findings"]
    assert (first["path"], first["line"], first["text"], first["weight"]) == ("src/WP01.py", 1, "It is wrong", "blocks")
    assert (second["weight"], second["text"]) == ("suggests", "Shorter")
    assert (found["lane"], found["review"]["cycle"]) == ("in_progress", 1)
    attention = use("mission", "attention", "--json").documents()
    assert [(each["reason"], each["work_package_id"]) for each in attention] == [("rework", "WP01")]
    use.move("submit", "--commits", f"{before}..{head}")
    use.claim(acting=REVIEWER)
    assert use.review("approved", "--suggest", "A shorter name")["lane"] == "approved"
    history = use("mission", "show", "tried", "WP01")
    assert all(each in history.out for each in ("claim: planned -> claimed", "review recorded", "approved"))


def test_a_review_says_what_it_found(use: Use, tmp_path: Path) -> None:
    use.begin()
    use.to_review()
    words = ("mission", "review", "tried", "WP01", "--as", REVIEWER, "--verdict")
    assert use(*words, "changes_requested").code == Exit.USAGE
    assert "--suggest" in use(*words, "approved", "--finding", "Wrong").err
    other = use.refused("mission", "review", "tried", "WP01", "--verdict", "approved", "--as", "human:grace")
    assert ("agent-2 reviews it" in other["message"], "claim" in other["remedy"]) == (True, False)
    path = tmp_path / "found.json"
    for text in ("{", "{}"):
        path.write_text(text)
        assert use(*words, "changes_requested", "--findings", str(path)).code == Exit.USAGE
    path.write_text('[{"weight": "blocks", "severity": "sad", "text": "x"}]')
    assert use.refused(*words, "changes_requested", "--findings", str(path))["reason"] == "DOCUMENT_INVALID"
    path.write_text('[{"weight": "blocks", "severity": "error", "text": "Wrong", "requirement": "FR-001"}]')
    feedback = tmp_path / "review.md"
    feedback.write_text("It is wrong.\n")
    found = use.review("changes_requested", "--findings", str(path), "--feedback", str(feedback))
    assert found["review"]["feedback"]["media_type"] == "text/markdown"
    assert use.lane() == "in_progress"


def test_what_is_given_back_blocked_or_given_up_says_why(use: Use) -> None:
    use.begin("WP01", "WP02")
    use.claim()
    words = ("mission", "move", "tried", "WP01")
    assert use.refused(*words, "release", "--as", IMPLEMENTER)["metadata"] == {"rule": "REASON_MISSING"}
    use.move("start")
    use.move("block", "--reason", "It is not decided")
    assert [each["reason"] for each in use("mission", "attention", "--json").documents()] == ["blocked"]
    assert use.done("board", "tried")["apart"] == {"blocked": ["WP01"], "canceled": []}
    assert use.move("resume")["lane"] == "in_progress"
    assert use.move("release", "--reason", "No time")["lane"] == "planned"
    # An override is for whoever may, names a reason, and is counted.
    force = (*words, "submit", "--force", "--reason", "It is done elsewhere")
    assert use.refused(*force, "--as", IMPLEMENTER)["reason"] == "NOT_PERMITTED"
    assert use.refused(*words, "submit", "--force")["metadata"] == {"rule": "REASON_MISSING"}
    forced = use.done(*force)["event"]["fact"]["force"]
    assert (forced["accountable"]["id"], forced["reason"]) == ("ada", "It is done elsewhere")
    assert "forced" in {each["reason"] for each in use("mission", "attention", "--json").documents()}
    use.done("mission", "move", "tried", "WP02", "cancel", "--reason", "Not wanted")
    assert use("mission", "ready", "tried").out.startswith("Nothing can be taken up now")


def test_documents_and_checks_show_work_too(use: Use, tmp_path: Path) -> None:
    use.begin("WP01", "WP02", product="documents", owned_files=[])
    use.claim()
    use.move("start")
    report = tmp_path / "report.md"
    report.write_text("It is so.\n")
    words = ("submit", "--document", str(report), "--document", str(report), "--check")
    with use.checked("", root="/elsewhere") as job:
        acting = ("--witness", use.witness("WP01", IMPLEMENTER), "--as", IMPLEMENTER)
        error = use.refused("mission", "move", "tried", "WP01", *words, job, *acting)
        assert error["reason"] == "CHECK_UNFIT"
    with use.checked("") as job:
        shown = use.move(*words, job)
    evidence = shown["event"]["fact"]["evidence"]
    assert (evidence["kind"], len(evidence["documents"])) == ("documents", 1)
    assert shown["event"]["fact"]["checks"] == ["job-" + "0" * 26]


@pytest.mark.parametrize(
    ("paths", "reason"),
    [
        (["src/other.py"], "PATH_NOT_OWNED"),
        (["src/WP01.py"], "TARGET_MISMATCH"),
        (["./src/WP01.py"], "TARGET_MISMATCH"),
    ],
)
def test_a_commit_that_does_not_fit_is_refused_before_anything_is_begun(
    use: Use, paths: list[str], reason: str
) -> None:
    use.begin()
    use.claim()
    use.move("start")
    use.daemon = SimpleNamespace()
    words = ["mission", "move", "tried", "WP01", "submit", "--as", IMPLEMENTER, "--commit", "Do it"]
    words += ["--witness", use.witness("WP01", IMPLEMENTER), *(f"--path={each}" for each in paths)]
    assert use.refused(*words)["reason"] == reason
    assert use.lane() == "in_progress"


@pytest.mark.parametrize("path", ["/etc/passwd", "../elsewhere.py", "."])
def test_a_path_that_does_not_begin_at_the_root_is_told(use: Use, path: str) -> None:
    use.begin()
    use.claim()
    use.move("start")
    use.daemon = SimpleNamespace()
    words = ("mission", "move", "tried", "WP01", "submit", "--as", IMPLEMENTER, "--commit", "Do it")
    said = use(*words, "--witness", use.witness("WP01", IMPLEMENTER), "--path", path)
    assert (said.code, "from the root of the repository" in said.err) == (Exit.USAGE, True)


def accept(use: Use, *more: str) -> Any:
    return use("mission", "accept", "tried", "--json", *more)


def test_a_mission_is_judged_by_a_person_and_what_is_not_shown_is_pending(use: Use) -> None:
    use.begin()
    use.to_review()
    use.review("approved")
    assert use.done("mission", "next", "tried", "--query")["decision"]["preview"]["action"] == "accept"
    pending = accept(use)
    assert (pending.code, pending.documents()[0]["verdict"]) == (Exit.FAILED, "pending")
    shown = ("--absent", "all", "--note", "Tried by hand")
    refused = accept(use, "--unmet", "FR-001", *shown).documents()[0]
    assert (refused["verdict"], refused["criteria"][0]["state"]) == ("refused", "unmet")
    assert accept(use, "--met", "all", "--present", "NI-001", *shown[2:]).documents()[0]["verdict"] == "refused"
    late = accept(use, "--met", "all", "--defer", "NI-001=It takes a month", *shown[2:])
    assert late.documents()[0]["negative_invariants"][0]["reason"] == "It takes a month"
    assert use.refused("mission", "accept", "tried", "--as", REVIEWER)["reason"] == "PERSON_NEEDED"
    assert "FR-001: met" in use("mission", "accept", "tried", "--met", "FR-001", *shown).out
    assert use.done("mission", "next", "tried", "--query")["decision"]["preview"]["action"] == "integrate"


def test_a_commit_that_lacks_a_package_is_not_judged(use: Use) -> None:
    use.begin()
    use.git.run("branch", "before")
    use.to_review()
    use.review("approved")
    assert use.refused("mission", "accept", "tried", "--commit", "before")["reason"] == "COMMIT_INCOMPLETE"


def test_a_mission_lands_when_its_destination_holds_what_was_accepted(use: Use) -> None:
    use.begin()
    base = use.git.run("rev-parse", "HEAD")
    use.git.run("switch", "-q", "-c", "side")
    head = use.to_review()
    use.review("approved")
    integrate = ("mission", "integrate", "tried")
    assert use.refused(*integrate)["reason"] == "NOT_ACCEPTED"
    shown = ("--met", "all", "--absent", "all", "--note", "Tried by hand", "--commit", "side")
    use.done("mission", "accept", "tried", *shown)
    assert use.refused(*integrate)["reason"] == "INTEGRATION_UNVERIFIED"
    use.done("mission", "note", "tried", "--package", "WP01", "Something came up")
    use.git.run("branch", "-f", "main", "side")
    assert "something happened to WP01" in use.refused(*integrate)["message"]
    use.done("mission", "accept", "tried", *shown)
    use.git.run("switch", "-q", "main")
    use.git.commit("what came after")
    receipt = use.done(*integrate)["receipt"]
    assert (receipt["commit"], receipt["parent"], receipt["found_by"]) == (head, base, "ancestry")
    assert use.lane() == "done"
    assert use.done(*integrate)["receipt"] == receipt
    assert use.refused("mission", "accept", "tried")["reason"] == "MISSION_ENDED"
    assert "is done" in use("mission", "next", "tried").out
    assert "done" in use("mission", "list").out
    assert use("mission", "attention").out == "Nothing needs anybody.\n"
    assert use("board").out.startswith("No mission goes on")
