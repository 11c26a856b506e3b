"""What an effector was told has to hold when it claims, hands in and judges; so does the template of the mission."""

import pytest

from tests.mission_use import IMPLEMENTER, REVIEWER, Use, use

__all__ = ["use"]
DIRECTIVE = "doctrine/directives/say-what-was-checked.yaml"
OF_OTHERS = "doctrine/directives/of-others.yaml"
TYPE = "doctrine/mission-types/software-change.yaml"
UNRELATED = """\
schema_version: "1"
id: of-others
version: 1.0.0
title: Of others
intent: It is of no concern here.
text: Do something else.
severity: warning
enforcement: review
scope: {actions: [implement, review], paths: ["elsewhere/**"]}
criteria: [It is done.]
"""


def write(use: Use, path: str, text: str) -> None:
    """Change the doctrine of the repository, which is read as it lies there."""
    (use.root / path).parent.mkdir(parents=True, exist_ok=True)
    (use.root / path).write_text(text)


def edit(use: Use, text: str) -> None:
    """Change a directive that concerns everybody who carries out or reviews."""
    write(use, DIRECTIVE, f"id: say-what-was-checked\ntext: {text}\n")


@pytest.fixture
def told(use: Use) -> Use:
    """A mission with a package, in a repository with doctrine of its own."""
    use.done("charter", "init")
    charter = use.root / ".dome/charter.yaml"
    charter.write_text(charter.read_text() + "doctrine_folder: doctrine\n")
    edit(use, "Say it.")
    words = ("--goal", "Try it", "--require", "FR-001=It works")
    use.done("mission", "new", "tried", *words)
    use.write_package("WP01")
    use.done("mission", "finalize", "tried")
    use.git.commit("the mission")
    return use


def in_hand(use: Use) -> tuple[str, ...]:
    """A package with work that is committed, and the words that hand it in."""
    before = use.git.run("rev-parse", "HEAD")
    use.claim()
    use.move("start")
    head = use.git.commit("do it", {"src/WP01.py": "1"})
    return ("mission", "move", "tried", "WP01", "submit", "--as", IMPLEMENTER, "--commits", f"{before}..{head}")


def review(verdict: str) -> tuple[str, ...]:
    found = ("--finding", "Wrong") if verdict == "changes_requested" else ()
    return ("mission", "review", "tried", "WP01", "--verdict", verdict, *found, "--as", REVIEWER)


def test_a_directive_that_changes_between_reading_and_claiming_makes_the_claim_stale(told: Use) -> None:
    shown = told.witness("WP01", IMPLEMENTER)
    claim = ("mission", "claim", "tried", "WP01", "--branch", "main", "--as", IMPLEMENTER, "--witness")
    write(told, OF_OTHERS, UNRELATED)
    assert told.witness("WP01", IMPLEMENTER) == shown
    edit(told, "Say it aloud.")
    refused = told.refused(*claim, shown)
    assert (refused["reason"], "dome artefact show" in refused["remedy"]) == ("STALE_ARTEFACT", True)
    assert told.lane() == "planned"
    assert told.done(*claim, told.witness("WP01", IMPLEMENTER))["lane"] == "claimed"


@pytest.mark.parametrize("damage", ["unreadable", "gone"])
def test_doctrine_that_cannot_be_read_keeps_everybody_from_claiming(told: Use, damage: str) -> None:
    claim = ("mission", "claim", "tried", "WP01", "--branch", "main", "--as", IMPLEMENTER)
    shown = told.witness("WP01", IMPLEMENTER)
    if damage == "gone":
        (told.root / ".dome/charter.yaml").unlink()
    else:
        write(told, DIRECTIVE, "id: say-what-was-checked\ntext: [\n")
    refused = told.refused(*claim, "--witness", shown)
    assert refused["reason"] in {"CHARTER_MISSING", "DOCTRINE_UNREADABLE"}
    assert told.lane() == "planned"


def test_work_is_handed_in_by_whom_it_was_told_as_it_holds_now(told: Use) -> None:
    submit = in_hand(told)
    assert "no artefact was shown" in told.refused(*submit)["message"]
    shown = told.witness("WP01", IMPLEMENTER)
    edit(told, "Say it aloud.")
    refused = told.refused(*submit, "--witness", shown)
    assert (refused["reason"], "dome artefact show" in refused["remedy"]) == ("STALE_ARTEFACT", True)
    shown = told.witness("WP01", IMPLEMENTER)
    told.done("mission", "note", "tried", "--package", "WP01", "Something came up")
    assert told.refused(*submit, "--witness", shown)["reason"] == "STALE_ARTEFACT"
    assert told.lane() == "in_progress"
    assert told.done(*submit, "--witness", told.witness("WP01", IMPLEMENTER))["lane"] == "for_review"


@pytest.mark.parametrize("verdict", ["approved", "changes_requested"])
def test_nobody_judges_by_what_they_were_told_before_it_changed(told: Use, verdict: str) -> None:
    submit = in_hand(told)
    told.done(*submit, "--witness", told.witness("WP01", IMPLEMENTER))
    claimed_with = told.witness("WP01", REVIEWER)
    told.done("mission", "claim", "tried", "WP01", "--as", REVIEWER, "--witness", claimed_with)
    for more in ((), ("--witness", claimed_with)):
        refused = told.refused(*review(verdict), *more)
        assert (refused["reason"], "of version 4" in refused["message"]) == ("STALE_ARTEFACT", True)
    shown = told.witness("WP01", REVIEWER)
    edit(told, "Say it aloud.")
    assert told.refused(*review(verdict), "--witness", shown)["reason"] == "STALE_ARTEFACT"
    assert told.lane() == "in_review"
    history = told.done("mission", "show", "tried", "WP01")["history"]
    assert history[-1]["fact"]["kind"] == "package_claimed"
    shown = told.witness("WP01", REVIEWER)
    with told.checked(told.submitted()) as job:
        found = told.done(*review(verdict), "--witness", shown, "--check", job)
    digest, _, version = shown.rpartition("@")
    assert found["review"]["witness"] == {"digest": digest, "stream_version": int(version)}
    assert found["lane"] == ("approved" if verdict == "approved" else "in_progress")


def test_a_mission_whose_type_has_changed_goes_no_further_and_can_be_put_aside(told: Use) -> None:
    claim = ("mission", "claim", "tried", "WP01", "--branch", "main", "--as", IMPLEMENTER, "--witness")
    shown = told.witness("WP01", IMPLEMENTER)
    changed = "id: software-change\ntitle: Another way\n"
    write(told, TYPE, changed)
    (block,) = told.done("mission", "next", "tried", "--query")["decision"]["preview"]["blocks"]
    assert block["reason"] == "template_drift"
    for witness in (shown, told.witness("WP01", IMPLEMENTER)):
        refused = told.refused(*claim, witness)
        assert (refused["reason"], "Put the type back" in refused["remedy"]) == ("TEMPLATE_DRIFT", True)
    assert told.lane() == "planned"
    (told.root / TYPE).unlink()
    told.claim()
    write(told, TYPE, changed)
    start = ("mission", "move", "tried", "WP01", "start", "--as", IMPLEMENTER)
    assert told.refused(*start)["reason"] == "TEMPLATE_DRIFT"
    force = ("mission", "move", "tried", "WP01", "submit", "--force", "--reason", "It is done")
    assert told.refused(*force)["reason"] == "TEMPLATE_DRIFT"
    assert told.move("release", "--reason", "It is done by another way")["lane"] == "planned"
    told.done("mission", "move", "tried", "WP01", "cancel", "--reason", "It is done by another way")
