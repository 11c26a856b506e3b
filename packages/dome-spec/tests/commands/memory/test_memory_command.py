"""The verbs of `dome memory`: what they print, what they keep, and with which exit code they end."""

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from dome_contracts.canonical import digest_bytes
from dome_contracts.exit_codes import Exit
from dome_contracts.schema.knowledge.binder_policy import RolloutStage
from dome_spec.binding import Attempts, RolloutEvidence
from dome_spec.commands.memory.rollout import rollout_lines
from tests.memory_use import Use, filled, use, wrapper_bytes
from tests.remembered import a_fact, as_bytes, example

__all__ = ["filled", "use"]

ASKING = [
    ["capsules"],
    ["views", "recent-failures"],
    ["views", "gate-rollup"],
    ["views", "mv_guard_denials_by_policy_reason_code"],
    ["quarantine", "list"],
    ["rollout"],
    ["health"],
    ["verify", "--evidence"],
    ["export"],
    ["rebuild"],
]


@pytest.mark.parametrize("words", ASKING, ids=" ".join)
def test_where_nothing_is_kept_asking_finds_nothing_and_writes_nothing(
    use: Use, words: list[str], tmp_path: Path
) -> None:
    said = use(*words)
    assert said.code == Exit.OK
    assert "Nothing is remembered" in said.err
    assert use(*words, "--json").err == ""
    assert not (tmp_path / "state").exists()
    assert not (use.root / ".git/dome").exists()


def test_where_nothing_is_kept_nothing_is_shown_and_nothing_is_written(use: Use, tmp_path: Path) -> None:
    for words in (["show", "abcd"], ["dismiss", "abcd"], ["retry", "abcd"]):
        assert use("quarantine", *words, "--json").error["reason"] == "NOT_IN_QUARANTINE"
    assert use("quarantine", "retry").code == Exit.OK
    assert not (tmp_path / "state").exists()
    assert not (use.root / ".git/dome").exists()


def test_what_is_taken_in_is_counted(use: Use) -> None:
    use.write("w.jsonl", *(wrapper_bytes(number) for number in range(5)))
    said = use("ingest", "w.jsonl", "--json")
    assert said.code == Exit.OK
    assert said.documents() == [
        {"documents": 5, "accepted": 5, "quarantined": 0, "causes": {}}
        | {"facts_new": 5, "facts_known": 0, "facts_differing": 0, "differing": []}
    ]
    assert "known already" in use("ingest", "w.jsonl").out
    assert use("health", "--json").documents()[0]["facts_by_kind"] == {"evidence_group": 5}


def test_what_one_source_says_in_two_ways_is_told(use: Use) -> None:
    use.write("none.jsonl", b"")
    use("ingest", "none.jsonl")
    fact = a_fact("task_failed", repository_id=use("health", "--json").document["repository_id"])
    use.write("facts.jsonl", as_bytes(fact))
    assert use("ingest", "facts.jsonl").code == Exit.OK
    fact["body"]["skill_id"] = "another.skill"
    use.write("facts.jsonl", as_bytes(fact))
    said = use("ingest", "facts.jsonl")
    assert (said.code, fact["fact_id"][7:19] in said.err) == (Exit.FAILED, True)
    assert "what was kept first stays" in said.err
    told = use("ingest", "facts.jsonl", "--json").document
    assert (told["facts_new"], told["facts_differing"], told["differing"]) == (0, 1, [fact["fact_id"]])
    assert "another.skill" not in use("export").out


def test_how_far_what_is_learnt_reaches_says_what_it_waits_for(use: Use) -> None:
    said = use("rollout").out
    assert "judged     not yet: 20 more of 20 attempts have to follow advice; nothing is taken back" in said
    told = use("rollout", "--json").document
    assert (told["is_judged"], told["success_drop"], told["is_demoted"]) == (False, None, False)


@pytest.mark.parametrize(
    ("followed", "others", "said"),
    [
        (Attempts(20, 15), Attempts(4, 4), "yes: those that followed advice succeed 25.0% less often, 5.0% less is"),
        (Attempts(20, 20), Attempts(4, 3), "yes: those that followed advice succeed 25.0% more often, 5.0% less is"),
        (Attempts(20, 20), Attempts(0, 0), "not yet: every attempt followed advice"),
        (Attempts(13, 13), Attempts(20, 0), "not yet: 7 more of 20 attempts"),
    ],
)
def test_whether_a_stage_is_judged_is_said_in_words(followed: Attempts, others: Attempts, said: str) -> None:
    stage = RolloutStage.PRESCRIPTIVE
    found = RolloutEvidence(stage, stage, followed, others, 20, 0.05, ())
    (line,) = [each for each in rollout_lines(found) if each.startswith("judged")]
    assert line.removeprefix("judged     ").startswith(said)


def test_standard_input_is_taken_in_too(use: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    use.write("w.jsonl", wrapper_bytes())
    with (use.root / "w.jsonl").open("rb") as stream:
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=stream))
        assert use("ingest", "-", "--json").documents()[0]["accepted"] == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["quarantine", "show", "0000"], Exit.NOT_FOUND),
        (["quarantine", "dismiss", "0"], Exit.NOT_FOUND),
        (["explain", "0000"], Exit.NOT_FOUND),
        (["ingest", "nowhere.jsonl"], Exit.NOT_FOUND),
        (["ingest"], Exit.USAGE),
        (["ingest", "x", "--runtime"], Exit.USAGE),
        (["ingest", "x", "--follow"], Exit.USAGE),
        (["ingest", "--runtime", "--family", "knowledge/fact"], Exit.USAGE),
        (["ingest", "x", "--family", "planning/plan"], Exit.USAGE),
        (["quarantine", "fix", "0000", "x", "--family", "nonsense"], Exit.USAGE),
        (["views", "nothing"], Exit.USAGE),
        (["views", "recent-failures", "--gate", "g"], Exit.USAGE),
        (["views", "guard-denials", "--failure", "TESTS.FAILED"], Exit.USAGE),
        (["priors", "nowhere.json"], Exit.NOT_FOUND),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "",
)
def test_what_cannot_be_done_is_told(filled: Use, words: list[str], code: Exit) -> None:
    said = filled(*words)
    assert (said.code, said.out) == (code, "")
    assert said.err.startswith("dome: ")


@pytest.mark.parametrize("limit", ["0", "201", "x", "-1"])
def test_a_limit_out_of_range_is_refused(use: Use, limit: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        use("capsules", f"--limit={limit}")
    assert "from 1 to 200" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["capsules", "--target"], ["capsules", "--failure"], ["views", "recent-failures", "--run"], ["explain"]]
)
def test_words_that_are_no_text_are_a_wrong_command_line(
    use: Use, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        use(*words, "caf\udce9")
    assert "is no UTF-8" in capsys.readouterr().err


def test_a_task_that_failed_stands_in_the_view_of_failures(use: Use) -> None:
    use.write("none.jsonl", b"")
    use("ingest", "none.jsonl")
    fact = a_fact("task_failed", repository_id=use("health", "--json").documents()[0]["repository_id"])
    use.write("facts.jsonl", as_bytes(fact))
    assert use("ingest", "facts.jsonl").code == Exit.OK
    (row,) = use("views", "recent-failures", "--json").documents()
    assert row["failure_reason_code"] == fact["body"]["outcome"]["failure_reason_code"]
    assert use("views", "recent-failures", "--target", "elsewhere", "--json").documents() == []


def test_a_capsule_is_listed_explained_and_offered(use: Use) -> None:
    use.write("none.jsonl", b"")
    use("ingest", "none.jsonl")
    ours = use("health", "--json").documents()[0]["repository_id"]
    fact = a_fact("task_failed", repository_id=ours)
    body = fact["body"]
    group = {name: body[name] for name in ("run_id", "task_id", "group_id", "task", "outcome")}
    event = {"event_id": fact["source"]["lineage"]["event_id"], "run_id": body["run_id"]}
    lineage = {**fact["source"]["lineage"], **event}
    saw = wrapper_bytes(0, **group, signal="task_failed", lineage=lineage)
    made = json.loads(saw)
    del made["trigger"]
    use.write("facts.jsonl", as_bytes(fact), as_bytes(made))
    assert use("ingest", "facts.jsonl").code == Exit.OK, use("quarantine", "list").out
    (capsule,) = use("capsules", "--json").documents()
    assert capsule["sighting_count"] == 1
    assert capsule["capsule_id"][7:19] in use("capsules").out
    explained = use("explain", capsule["capsule_id"][7:15], "--json").documents()[0]
    assert explained["eligibility"]["use"] == "advisory"
    said = use("explain", capsule["capsule_id"], "--at", "2024-05-18T00:00:00Z")
    assert "remedy_missing" in said.out
    spec = example("planning/task_spec", "verify_all_tests")
    spec |= {name: made["task"][name] for name in ("scope", "target", "action", "failure_reason_code")}
    use.write("spec.json", as_bytes(spec))
    (prior,) = use("priors", "spec.json", "--json").documents()
    assert prior["capsule"]["capsule_id"] == capsule["capsule_id"]
    assert "advisory" in use("priors", "spec.json").out


def test_verify_sees_damaged_evidence_and_rebuild_changes_nothing(filled: Use, tmp_path: Path) -> None:
    before = filled("export").out
    assert filled("verify", "--evidence", "--json").documents()[0]["holds"]
    assert filled("rebuild", "--json").documents()[0]["facts"] == 6
    assert filled("export").out == before
    (kept,) = (tmp_path / "state").rglob("evidence/*/" + _hex(b"<testsuite failures='1'/>"))
    kept.write_bytes(b"something else")
    said = filled("verify", "--evidence", "--json")
    assert (said.code, len(said.documents()[0]["problems"])) == (Exit.FAILED, 1)
    assert filled("verify").code == Exit.OK


def _hex(data: bytes) -> str:
    return digest_bytes(data).removeprefix("sha256:")


def test_an_export_is_the_same_bytes_and_is_taken_in_again(filled: Use, tmp_path: Path) -> None:
    copied = filled("export", str(tmp_path / "backup"), "--json").documents()[0]
    assert (copied["facts"], copied["evidence"]) == (6, 4)
    assert (tmp_path / "backup/facts.jsonl").read_text() == filled("export").out
    shutil.rmtree(tmp_path / "state")
    assert filled("ingest", str(tmp_path / "backup/facts.jsonl"), "--json").documents()[0]["facts_new"] == 6
    assert filled("export").out == (tmp_path / "backup/facts.jsonl").read_text()
    assert filled("verify", "--evidence").code == Exit.OK


def test_a_copy_is_refused_until_it_has_an_id_of_its_own(
    filled: Use, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(filled.root, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    for words in (["capsules"], ["ingest", "mixed.jsonl"], ["health"]):
        assert filled(*words, "--json").error["reason"] == "REPOSITORY_COPIED"
    assert filled("rekey").code == Exit.OK
    assert filled("health", "--json").documents()[0]["facts"] == 0
    monkeypatch.chdir(filled.root)
    assert filled("health", "--json").documents()[0]["facts"] == 6


def test_an_original_is_parted_from_its_memory_only_when_that_is_said(filled: Use) -> None:
    assert filled("rekey", "--json").error["reason"] == "REPOSITORY_NOT_COPIED"
    assert filled("health", "--json").documents()[0]["facts"] == 6
    assert filled("rekey", "--forget").code == Exit.OK
    assert filled("health", "--json").documents()[0]["facts"] == 0


def test_a_damaged_id_is_replaced_without_further_words(filled: Use) -> None:
    (filled.root / ".git/dome/repository-id").write_text("garbage")
    assert filled("health", "--json").error["reason"] == "REPOSITORY_KEY_DAMAGED"
    assert filled("rekey").code == Exit.OK


def test_a_policy_of_the_repository_holds(filled: Use) -> None:
    policy = example("knowledge/binder_policy", "prescriptive_of_a_day")
    (filled.root / ".dome").mkdir()
    (filled.root / ".dome/binder_policy.yaml").write_text(json.dumps({**policy, "policy_id": "ours"}))
    said = filled("health", "--json")
    assert said.code == 0, said.err
    assert said.documents()[0]["policy"]["policy_id"] == "ours"
    assert filled("verify").code == Exit.OK
    (filled.root / ".dome/binder_policy.yaml").write_text("policy_id: [")
    assert filled("health", "--json").error["reason"] == "POLICY_UNREADABLE"
    (filled.root / ".dome/binder_policy.yaml").write_text("policy_id: ours")
    assert filled("health", "--json").error["reason"] == "DOCUMENT_INVALID"


VERBS = (
    *("ingest", "quarantine", "capsules", "priors", "explain", "views", "rollout"),
    *("health", "verify", "rebuild", "export", "rekey"),
)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_a_help_with_examples(use: Use, verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        use(verb, "--help")
    _, _, examples = capsys.readouterr().out.partition("examples:")
    assert f"dome memory {verb}" in examples
