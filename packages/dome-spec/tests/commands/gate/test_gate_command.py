"""`dome gate` on runs that are over: verdicts, what is kept of them, and every reason in words."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.canonical import digest
from dome_contracts.schema.control.task_result import TaskResult
from dome_contracts.schema.gates.standard_report import StandardReport
from dome_contracts.schema.knowledge.evidence_capsule import EvidenceCapsule
from dome_contracts.schema.knowledge.fact import EvidenceGroupFact, GateFact, GuardEvaluationFact
from dome_spec.binding import EvidenceStore, default_policy, open_memory
from dome_spec.commands import gate as group
from dome_spec.commands.gate.deciding import DEFAULT_GATE
from dome_spec.commands.gate.explaining import explanations
from dome_spec.commands.gate.words import short
from dome_spec.dispatch import Lease, RunRecord, control_events
from dome_spec.gates import GUARDRAILS_FILE, default_guardrails
from dome_spec.kernel import Ids, InfraContext, SystemClock, read_document, resolve_infra
from dome_spec.standards import StandardReports
from tests.gated_runs import HOLDER, Ending, a_run_that_is_over
from tests.group_use import Said, use_group
from tests.planned import Planned, Wish

Git = Any
RUN = "run-1"
REPORT = Path(__file__).parents[5] / "contracts/examples/gates/standard_report/valid/passed.json"
GATED: dict[str, Any] = {"gates": ["unit-tests"]}


@dataclass(frozen=True)
class Scene:
    """A repository in which the group is used."""

    infra: InfraContext
    capture: pytest.CaptureFixture[str]

    def __call__(self, *words: str) -> Said:
        return use_group(self.capture, group, words=("gate", *words))

    def over(self, wishes: Mapping[str, Wish], **endings: Ending) -> Planned:
        return a_run_that_is_over(self.infra, RUN, wishes, endings)

    def record(self) -> RunRecord:
        return RunRecord.find(self.infra.runs_dir, RUN)

    def remembered(self, kind: type) -> list[Any]:
        memory = open_memory(self.infra.memory_path, default_policy())
        try:
            return [fact.body for fact in memory.facts(limit=200) if isinstance(fact.body, kind)]
        finally:
            memory.close()


@pytest.fixture
def scene(git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Scene:
    git.commit("one", {"a.txt": "a"})
    monkeypatch.chdir(git.root)
    environ = {"XDG_STATE_HOME": str(tmp_path / "state")}
    monkeypatch.setenv("XDG_STATE_HOME", environ["XDG_STATE_HOME"])
    return Scene(resolve_infra(git.root, environ).mint(Ids(SystemClock())), capsys)


def test_each_gate_is_asked_about_the_last_attempt_and_answers_once(scene: Scene) -> None:
    scene.over({"a": Wish(spec=GATED), "b": Wish()})
    first = scene("eval", RUN, "--json")
    assert first.code == 0, first.err
    (decision,) = first.documents()
    assert (decision["verdict"], decision["known"]) == ("APPROVE", False)
    events = control_events(scene.record())
    again = scene("eval", RUN, "--json")
    assert again.documents() == [decision | {"known": True}]
    assert control_events(scene.record()) == events
    (fact,) = scene.remembered(GateFact)
    assert digest(fact.decision.to_value()) == decision["decision_digest"]
    everything = scene("eval", RUN, "--all", "--json").documents()
    assert [each["gate_id"] for each in everything] == ["unit-tests", DEFAULT_GATE]


def test_one_gate_and_one_task_can_be_asked_for(scene: Scene) -> None:
    given = scene.over({"a": Wish(spec={"gates": ["lint", "unit-tests"]}), "b": Wish(spec=GATED)})
    lint = scene("eval", RUN, "--gate", "lint", "--json").documents()
    assert [(each["gate_id"], each["task_id"]) for each in lint] == [("lint", given.ids["a"])]
    one = scene("eval", RUN, short(given.ids["b"]), "--json").documents()
    assert [each["task_id"] for each in one] == [given.ids["b"]]
    unknown = scene("eval", RUN, "ffff", "--json")
    assert (unknown.code, json.loads(unknown.err)["error"]["reason"]) == (66, "TASK_UNKNOWN")
    silent = scene("eval", RUN, "--gate", "release")
    assert (silent.code, "No gate was asked" in silent.err) == (67, True)


def test_a_rejection_is_told_wrapped_and_remembered(scene: Scene) -> None:
    scene.over({"a": Wish(spec=GATED)}, a=Ending(failure="TESTS.FAILED"))
    done = scene("eval", RUN)
    assert done.code == 1
    assert "rejected" in done.out
    assert "TESTS.FAILED" in done.out
    (wrapper,) = (body.wrapper for body in scene.remembered(EvidenceGroupFact))
    assert (wrapper.signal, wrapper.outcome.failure_reason_code, wrapper.outcome.policy_reason_code) == (
        "gate_failure", "TESTS.FAILED", "NONE",
    )  # fmt: skip


def lose(scene: Scene) -> None:
    (capsule,) = scene.record().all_kept(EvidenceCapsule)
    EvidenceStore(scene.infra.evidence_dir).path(capsule.members[0].evidence.digest).unlink()


def damage(scene: Scene) -> None:
    (capsule,) = scene.record().all_kept(EvidenceCapsule)
    EvidenceStore(scene.infra.evidence_dir).path(capsule.members[0].evidence.digest).write_bytes(b"other")


@pytest.mark.parametrize("harm", [lose, damage])
def test_evidence_that_cannot_be_verified_is_refused_and_explained(scene: Scene, harm: Callable[[Scene], None]) -> None:
    scene.over({"a": Wish(spec=GATED)})
    harm(scene)
    (decision,) = scene("eval", RUN, "--json").documents()
    assert decision["verdict"] == "REJECT"
    assert (decision["failure_reason_codes"], decision["policy_reason_codes"]) == ([], ["EVIDENCE.MISSING"])
    told = scene("explain", RUN).out
    assert "running -> gated  DENY" in told
    assert "FAIL    evidence.intact  EVIDENCE.MISSING" in told
    assert "SKIP    tool.conforms" in told
    assert "Ingest it again from where it was made" in told
    assert "gate unit-tests: REJECT, EVIDENCE.MISSING" in told


def test_the_report_on_the_tool_is_an_input_of_the_decision_by_its_digest(scene: Scene) -> None:
    scene.over({"a": Wish(spec=GATED)})
    (before,) = scene("eval", RUN, "--json").documents()
    assert "standard_report" not in before["inputs"]
    (job,) = [each.job for each in scene.record().all_kept(TaskResult)]
    assert job is not None
    value = json.loads(REPORT.read_bytes())
    value["tool"] = {"tool_id": job.skill_id, "version": job.tool_version, "digest": job.tool_digest}
    report = read_document(StandardReport, value)
    StandardReports(scene.infra.state_dir).keep(report)
    (after,) = scene("eval", RUN, "--json").documents()
    assert after["inputs"]["standard_report"] == digest(report.to_value())
    assert (after["verdict"], after["known"]) == ("APPROVE", False)
    assert scene("eval", RUN, "--json").document == after | {"known": True}
    assert f"by the standard report {short(digest(report.to_value()))} on its tool" in scene("explain", RUN).out


def test_an_explanation_follows_from_facts_alone(scene: Scene) -> None:
    given = scene.over({"a": Wish(spec=GATED), "b": Wish(spec=GATED)})
    assert scene("eval", RUN).code == 0
    for path in sorted(scene.record().directory.rglob("*"), reverse=True):
        if path.is_file():
            path.unlink()
    told = scene("explain", RUN, short(given.ids["b"]), "--json").documents()
    evaluated = [each["evaluation"] for each in told if each["kind"] == "guard_evaluation"]
    assert {each["task_id"] for each in evaluated} == {given.ids["b"]}
    assert [each["decision"]["verdict"] for each in told if each["kind"] == "gate"] == ["APPROVE"]
    assert all(each["feedback"] for each in told if each["kind"] == "guard_evaluation")
    memory = open_memory(scene.infra.memory_path, default_policy())
    try:
        (without, _) = explanations(memory, None, RUN, None)
        assert without.feedback == {}
        assert len(list(without.lines())) > len(without.evaluations)
    finally:
        memory.close()
    nothing = scene("explain", "run-other")
    assert (nothing.code, "Nothing was judged" in nothing.err) == (66, True)


def test_the_guards_of_the_repository_hold_instead_of_the_shipped_ones(scene: Scene) -> None:
    changed = {"paths": ["contracts/a.json"], "lines_added": 1, "lines_deleted": 0}
    scene.over({"a": Wish(spec=GATED | {"action": {"kind": "fix"}})}, a=Ending(change=changed))
    assert scene("eval", RUN).code == 0
    own = default_guardrails().bundle.to_value() | {"bundle_id": "own"}
    own["guards"]["paths.ordinary"]["predicate"]["globs"] = ["contracts/**"]
    path = scene.infra.root / GUARDRAILS_FILE
    path.parent.mkdir()
    path.write_text(json.dumps(own))
    done = scene("eval", RUN)
    assert done.code == 67
    assert "needs a person" in done.out
    assert "SCOPE.PATH_FORBIDDEN" in done.out
    path.write_text(json.dumps(own | {"transitions": own["transitions"][:1]}))
    refused = scene("eval", RUN, "--json")
    assert refused.code == 65
    assert json.loads(refused.err)["error"]["reason"] == "BUNDLE_UNFIT"


def test_a_run_has_one_overlay(scene: Scene) -> None:
    scene.over({"a": Wish(spec=GATED)})
    files = []
    for name in ("one", "other"):
        path = scene.infra.root / f"{name}.json"
        path.write_text(json.dumps(default_guardrails().bundle.to_value() | {"bundle_id": name}))
        files.append(str(path))
    (decision,) = scene("eval", RUN, "--overlay", files[0], "--json").documents()
    assert "overlay" in decision["inputs"]
    assert scene("eval", RUN, "--json").documents() == [decision | {"known": True}]
    other = scene("eval", RUN, "--overlay", files[1])
    assert (other.code, "the overlay one 1.0.0 already" in other.err) == (67, True)
    bundles = {each.evaluation.bundle.bundle_id for each in scene.remembered(GuardEvaluationFact)}
    assert "one" in bundles


def test_what_is_under_way_or_not_sealed_is_not_judged(scene: Scene) -> None:
    scene.over({"a": Wish(spec=GATED)}, a=Ending(is_sealed=False))
    unsealed = scene("eval", RUN, "--json")
    assert json.loads(unsealed.err)["error"]["reason"] == "EVIDENCE_NOT_SEALED"
    with Lease.take(scene.record().directory, RUN, HOLDER, SystemClock()):
        assert scene("eval", RUN).code == 75
    assert scene("eval", "run-none").code == 66


@pytest.mark.parametrize("change", [{"run_id": "run-other"}, {"task_id": f"sha256:{'0' * 64}"}])
def test_the_evidence_of_another_attempt_is_not_judged(scene: Scene, change: dict[str, str]) -> None:
    scene.over({"a": Wish(spec=GATED)})
    for path in scene.record().directory.rglob("*.json"):
        value = json.loads(path.read_bytes())
        if "seal_time" in value:
            path.write_text(json.dumps(value | change))
    refused = scene("eval", RUN, "--json")
    assert (refused.code, refused.error["reason"]) == (65, "EVIDENCE_FOREIGN")
    assert scene.remembered(GateFact) == []


def test_a_bundle_is_checked_place_by_place(scene: Scene) -> None:
    bundle = default_guardrails().bundle.to_value()
    path = scene.infra.root / "bundle.json"
    path.write_text(json.dumps(bundle))
    assert "guards over 5 transitions" in scene("check", str(path)).out
    bundle["guards"]["attempts.within"]["policy_reason_code"] = "TESTS.FAILED"
    bundle["guards"]["attempts.within"]["applies_to"]["transitions"] = [{"from": "heaven", "to": "earth"}]
    path.write_text(json.dumps(bundle))
    done = scene("check", str(path), "--json")
    assert done.code == 65
    (told,) = done.documents()
    assert [each["place"] for each in told["faults"]] == [
        "/guards/attempts.within/applies_to/transitions/0",
        "/guards/attempts.within/policy_reason_code",
    ]
    path.write_text("{}")
    assert "cannot be evaluated" in scene("check", str(path)).out
    assert scene("check", "no-such-file").code == 66
