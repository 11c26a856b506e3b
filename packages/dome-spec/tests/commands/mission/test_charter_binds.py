"""What charter and profiles of a repository ask, through the commands: runs, roles, artefacts, commits."""

import json
from pathlib import Path

import pytest

from dome_contracts.schema.governance.charter import CommitPolicy
from dome_contracts.schema.knowledge.fact import PackageFact
from dome_spec.binding import open_memory, repository_policy
from dome_spec.kernel.yaml_text import read_yaml
from dome_spec.mission_runtime.commit_policy import CommitAgainstCharter, refuse_commit
from tests.mission_use import IMPLEMENTER, Use, use

__all__ = ["use"]
GOAL = ("--goal", "Try it", "--require", "FR-001=It works")
NEXT = ("mission", "next", "tried")


def begin(use: Use, policies: str) -> None:
    use.bind(policies)
    use.done("mission", "new", "tried", *GOAL)


def test_a_strict_charter_asks_its_accountable_person_before_each_step(use: Use) -> None:
    begin(use, "audits: {strictness: max}")
    asked = use.done(*NEXT, "--query")["decision"]["preview"]
    assert (asked["question_id"], asked["audience"]) == ("audit:specify", "accountable")
    assert "--answer audit:specify=approve|reject" in use(*NEXT).out
    answer = (*NEXT, "--answer", "audit:specify=approve")
    assert use.refused(*answer, "--as", "llm:a,profile=planner")["reason"] == "PERSON_NEEDED"
    assert use.refused(*answer, "--as", "human:eve")["reason"] == "ANSWER_OF_ANOTHER"
    assert use.refused(*NEXT, "--answer", "audit:specify=perhaps")["reason"] == "QUESTION_NOT_ASKED"
    assert use.refused(*NEXT, "--answer", "audit:plan=approve")["reason"] == "QUESTION_NOT_ASKED"
    said_no = use.done(*NEXT, "--answer", "audit:specify=reject")["decision"]
    assert said_no["blocks"][0]["reason"] == "step_failed"
    assert use.done(*answer)["decision"]["step_id"] == "specify"
    assert use.refused(*answer)["reason"] == "QUESTION_NOT_ASKED"


@pytest.mark.parametrize(("strictness", "asks"), [(None, False), ("medium", False), ("max", True)])
def test_packages_are_handed_out_once_their_step_is_agreed_to(use: Use, strictness: str | None, asks: bool) -> None:
    use.bind("{}" if strictness is None else f"audits: {{strictness: {strictness}}}")
    use.done("mission", "new", "tried", *GOAL)
    use.write_package("WP01")
    use.done("mission", "finalize", "tried")
    found = use.done(*NEXT)["decision"]
    assert found.get("question_id") == ("audit:implement" if asks else None)
    if asks:
        found = use.done(*NEXT, "--answer", "audit:implement=approve")["decision"]
    assert (found["action"], found["package"]["work_package_id"]) == ("implement", "WP01")


def test_without_a_policy_nothing_is_asked_and_an_answer_is_refused(use: Use) -> None:
    begin(use, "{}")
    error = use.refused(*NEXT, "--answer", "audit:specify=reject")
    assert (error["reason"], "nothing is asked now" in error["message"]) == ("QUESTION_NOT_ASKED", True)
    assert use.done(*NEXT)["decision"]["step_id"] == "specify"


def test_a_step_is_done_when_it_left_what_it_writes_and_begins_when_there_is_what_it_reads(use: Use) -> None:
    begin(use, "{}")
    use.done(*NEXT)
    for text in (None, " \n"):
        if text is not None:
            use.git.write("missions/tried/spec.md", text)
        error = use.refused(*NEXT, "--done")
        assert (error["reason"], "missions/tried/spec.md" in error["message"]) == ("ARTEFACT_MISSING", True)
    use.git.write("missions/tried/spec.md", "What is required.\n")
    assert use.done(*NEXT, "--done")["decision"]["step_id"] == "plan"
    (use.root / "missions/tried/spec.md").unlink()
    (block,) = use.done(*NEXT)["decision"]["blocks"]
    assert (block["reason"], "missions/tried/spec.md" in block["text"]) == ("artefact_unavailable", True)


def test_nobody_acts_in_a_role_that_the_profile_does_not_have(use: Use) -> None:
    use.begin()
    other = "llm:agent-1,role=manager,profile=implementer"
    show = ("artefact", "show", "tried", "WP01", "--as", other)
    error = use.refused(*show)
    assert (error["reason"], "implementer" in error["message"]) == ("ROLE_NOT_OF_PROFILE", True)
    claim = ("mission", "claim", "tried", "WP01", "--witness", use.witness("WP01", IMPLEMENTER), "--as")
    assert use.refused(*claim, other)["reason"] == "ROLE_NOT_OF_PROFILE"
    assert use.refused(*NEXT, "--query", "--as", other)["reason"] == "ROLE_NOT_OF_PROFILE"
    assert use.lane() == "planned"


def test_nobody_holds_more_packages_than_the_profile_allows(use: Use) -> None:
    use.bind("{}", doctrine=True)
    use.git.write(
        "doctrine/profiles/implementer.yaml",
        'schema_version: "1"\nid: implementer\nrouting: {priority: 1, packages_max: 1}\n',
    )
    use.done("mission", "new", "tried", *GOAL)
    for name in ("WP01", "WP02"):
        use.write_package(name)
    use.done("mission", "finalize", "tried")
    use.claim("WP01")
    words = ("mission", "claim", "tried", "WP02", "--branch", "main", "--as")
    error = use.refused(*words, IMPLEMENTER, "--witness", use.witness("WP02", IMPLEMENTER))
    assert (error["reason"], "holds WP01" in error["message"]) == ("PACKAGES_HELD", True)
    other = IMPLEMENTER.replace("agent-1", "agent-9")
    assert use.done(*words, other, "--witness", use.witness("WP02", other))["lane"] == "claimed"


@pytest.mark.parametrize(
    ("policy", "subject", "line"),
    [
        ("subject: conventional", "Do it", "policies.commits.subject: conventional"),
        ("subject_characters_max: 20", "feat: far too long a subject", "policies.commits.subject_characters_max: 20"),
        ("signature: required", "feat: it", "policies.commits.signature: required"),
    ],
)
def test_a_commit_against_the_charter_is_not_made(use: Use, policy: str, subject: str, line: str) -> None:
    use.bind(f"commits: {{{policy}}}")
    use.done("mission", "new", "tried", *GOAL)
    use.write_package("WP01")
    use.done("mission", "finalize", "tried")
    use.claim()
    use.move("start")
    words = ("mission", "move", "tried", "WP01", "submit", "--as", IMPLEMENTER, "--commit", subject)
    with use.checked(""):
        error = use.refused(*words, "--path", "src/WP01.py", "--witness", use.witness("WP01", IMPLEMENTER))
    assert (error["reason"], line in error["message"]) == ("COMMIT_AGAINST_CHARTER", True)
    assert use.lane() == "in_progress"


@pytest.mark.parametrize("subject", ["feat: it", "fix(dates)!: leap years", "chore(a/b): x"])
def test_conventional_subjects_pass(subject: str) -> None:
    refuse_commit(CommitPolicy.from_value({"subject": "conventional", "subject_characters_max": 120}), subject)
    refuse_commit(None, "Anything at all")
    refuse_commit(CommitPolicy.from_value({"subject": "plain", "signature": "advised"}), "Anything at all")


@pytest.mark.parametrize("subject", ["feat it", "Feat: it", "feat:it", "feat(): it", ": it", "feat: "])
def test_other_subjects_are_not_conventional(subject: str) -> None:
    with pytest.raises(CommitAgainstCharter):
        refuse_commit(CommitPolicy.from_value({"subject": "conventional"}), subject)


def test_an_artefact_tells_policies_and_tools_and_has_another_digest_under_other_policies(use: Use) -> None:
    use.begin()
    show = ("artefact", "show", "tried", "WP01", "--as", IMPLEMENTER)
    before = use.done(*show)
    text = use(*show).out
    assert "- repo.test *" in text
    assert "- At the end: Every subtask is done or dropped. (guard subtasks_complete)" in text
    path = use.root / ".dome/charter.yaml"
    value = read_yaml(path.read_bytes())
    assert isinstance(value, dict)
    value["policies"] = {**value["policies"], "testing": {"coverage_min": 0.9}}
    path.write_text(json.dumps(value))
    after = use.done(*show)
    assert after["policies"]["testing"] == {"coverage_min": 0.9}
    assert after["digest"] != before["digest"]
    assert "- policies.testing.coverage_min: 0.9" in use(*show).out
    assert [each["skill_id"] for each in after["tools"]] == ["repo.search", "repo.test", "repo.commit"]


def test_what_failed_is_remembered_once(use: Use, tmp_path: Path) -> None:
    use.begin("WP01", "WP02")
    use.to_review()
    use.review("changes_requested", "--finding", "src/WP01.py:1: Wrong")
    use.move("block", "--reason", "It is not decided")
    use.done("mission", "move", "tried", "WP02", "cancel", "--reason", "Not wanted")
    for _ in range(2):
        assert use("mission", "recover", "tried").code == 0
    (path,) = (tmp_path / "state").rglob("memory.sqlite")
    memory = open_memory(path, repository_policy(use.root))
    try:
        found = [each.body for each in memory.facts(kind="package") if isinstance(each.body, PackageFact)]
        assert memory.verify().holds
    finally:
        memory.close()
    assert sorted((each.work_package_id, each.failure.value) for each in found) == [
        ("WP01", "blocked"),
        ("WP01", "rejected"),
        ("WP02", "canceled"),
    ]
    (rejected,) = (each for each in found if each.failure.value == "rejected")
    assert [each.text for each in rejected.findings or ()] == ["Wrong"]
    assert [each.id for each in rejected.implementers or ()] == ["agent-1"]


def test_an_exit_condition_that_no_transition_shows_is_warned_of(use: Use) -> None:
    use.bind("{}", doctrine=True)
    contract = {
        "schema_version": "1",
        "id": "implement",
        "exit_conditions": [
            {"id": "checked", "text": "It was checked.", "proof": "computed", "guard": "checks_passed"}
        ],
    }
    use.git.write("doctrine/contracts/implement.yaml", json.dumps(contract))
    found = use("charter", "check", "--json").documents()
    warned = {each["mission_type"] for each in found if any("checks_passed" in text for text in each["warnings"])}
    assert warned == {"small-change"}
