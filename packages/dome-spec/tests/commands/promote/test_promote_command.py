"""`dome promote` on runs that gates have judged: it rests on them, hears a person, and is kept."""

import json
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.schema.knowledge.fact import EvidenceGroupFact
from dome_spec.binding import open_memory, repository_policy
from dome_spec.commands import gate, promote
from dome_spec.commands.promote.words import shown_lines
from dome_spec.dispatch import RunRecord, control_events
from dome_spec.gates import GateRecord, Standing, default_guardrails
from dome_spec.kernel import Ids, InfraContext, SystemClock, resolve_infra
from tests.gated_runs import Ending, a_run_that_is_over
from tests.group_use import Said, use_group
from tests.planned import Planned, Wish, planned

Git = Any
RUN = "run-1"
GATED: dict[str, Any] = {"gates": ["unit-tests"]}
LEFT = GATED | {"acceptance_criteria": [{"criterion_id": "AC01", "statement": "It reads well."}]}


@dataclass(frozen=True)
class Scene:
    """A repository with one commit, in which runs are judged and promoted."""

    infra: InfraContext
    head: str
    capture: pytest.CaptureFixture[str]

    def __call__(self, *words: str) -> Said:
        return use_group(self.capture, gate, promote, words=words)

    def judged(self, wishes: Mapping[str, Wish], **endings: Ending) -> Planned:
        given = a_run_that_is_over(self.infra, RUN, wishes, endings)
        self("gate", "eval", RUN)
        return given

    def promote(self, *more: str) -> Said:
        return self("promote", RUN, "--commit", "HEAD", "--to", "main", "--json", *more)

    def shown(self, *more: str) -> str:
        """The digest of what a person is shown."""
        return str(self.promote(*more).document["shown_digest"])

    def topics(self) -> list[str]:
        return [event.topic.value for event in control_events(RunRecord.find(self.infra.runs_dir, RUN))]


@pytest.fixture
def scene(git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Scene:
    head = git.commit("one", {"a.txt": "a"})
    monkeypatch.chdir(git.root)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    infra = resolve_infra(git.root, {"XDG_STATE_HOME": str(tmp_path / "state")}).mint(Ids(SystemClock()))
    return Scene(infra, head, capsys)


def test_what_every_gate_approved_is_promoted_and_the_same_question_has_the_same_answer(scene: Scene) -> None:
    given = scene.judged({"a": Wish(spec=GATED), "b": Wish()})
    first = scene.promote()
    assert first.code == 0, first.err
    assert first.document["subject"] == {"commit_sha": scene.head, "destination": "refs/heads/main"}
    assert not first.document["human_confirmation_required"]
    # A task that no gate was asked about stays where it is.
    assert first.document["task_states"] == {given.ids["a"]: "done", given.ids["b"]: "running"}
    again = scene.promote()
    assert again.document == first.document
    (kept,) = GateRecord(scene.infra.runs_dir / RUN).promotions()
    assert kept.to_value().items() <= first.document.items()
    assert scene.topics()[-2:] == ["promotion.asked", "promotion.decided"]


def test_the_evidence_of_what_is_promoted_is_chosen_by_it_once_and_of_nothing_else(scene: Scene) -> None:
    given = scene.judged({"a": Wish(spec=GATED), "b": Wish(spec=LEFT), "c": Wish()})
    assert scene.promote().code == 67
    assert promoted(scene.infra) == []
    assert scene.promote("--confirm", scene.shown()).code == 0
    assert sorted(promoted(scene.infra)) == sorted(given.ids[name] for name in "ab")
    scene.promote()
    assert len(promoted(scene.infra)) == 2


def promoted(infra: InfraContext) -> list[str]:
    """The tasks whose evidence the memory knows to be promoted."""
    with closing(open_memory(infra.memory_path, repository_policy(infra.root))) as memory:
        told = [fact.body for fact in memory.facts(kind="evidence_group", limit=200)]
    wrapped = [body.wrapper for body in told if isinstance(body, EvidenceGroupFact)]
    return [each.task_id for each in wrapped if each.signal == "promoted_evidence"]


def test_what_a_gate_left_to_a_person_waits_for_one_who_saw_it(scene: Scene) -> None:
    scene.judged({"a": Wish(spec=GATED), "b": Wish(spec=LEFT)})
    waits = scene.promote()
    assert (waits.code, waits.document["verdict"]) == (67, "NEEDS_HUMAN")
    shown = waits.document["shown_digest"]
    said = scene("promote", RUN, "--commit", scene.head, "--to", "refs/heads/main")
    assert shown in said.out
    assert f"--confirm {shown}" in said.out
    other = scene.promote("--confirm", "sha256:" + "0" * 64)
    assert (other.code, json.loads(other.err)["error"]["reason"]) == (67, "SHOWN_DIFFERS")
    done = scene.promote("--confirm", shown, "--statement", "Read  and\ntried.")
    assert (done.code, done.document["verdict"]) == (0, "APPROVE")
    person = done.document["human_confirmation"]
    assert (person["effector"]["kind"], person["statement"]) == ("human", "Read and tried.")
    assert set(done.document["task_states"].values()) == {"done"}


def test_no_person_talks_a_rejection_away_and_who_declines_is_heard(scene: Scene) -> None:
    scene.judged({"a": Wish(spec=GATED), "b": Wish(spec=GATED)}, b=Ending(failure="TESTS.FAILED"))
    rejected = scene.promote("--confirm", scene.shown())
    assert (rejected.code, rejected.document["failure_reason_codes"]) == (1, ["TESTS.FAILED"])
    assert "blocked" in rejected.document["task_states"].values()


def test_a_person_may_be_asked_in_any_case_and_decline(scene: Scene) -> None:
    scene.judged({"a": Wish(spec=GATED)})
    assert scene.promote("--ask").code == 67
    declined = scene.promote("--ask", "--decline", scene.shown("--ask"), "--statement", "Not today.")
    assert (declined.code, declined.document["policy_reason_codes"]) == (1, ["PROMOTION.DECLINED"])
    assert declined.document["failure_reason_codes"] == []


@pytest.mark.parametrize(
    ("name", "value"), [("DOME_EFFECTOR", "llm:agent-1,role=implementer"), ("DOME_JOB_ID", "job-1")]
)
def test_what_is_no_person_is_not_heard(scene: Scene, name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.judged({"a": Wish(spec=LEFT)})
    shown = scene.shown()
    monkeypatch.setenv(name, value)
    before = scene.topics()
    for answer in ("--confirm", "--decline"):
        refused = scene.promote(answer, shown)
        assert (refused.code, refused.error["reason"]) == (67, "PERSON_NEEDED")
    assert scene.topics() == before
    assert scene.promote().document["verdict"] == "NEEDS_HUMAN"


@pytest.mark.parametrize("answer", ["--confirm", "--decline"])
def test_what_nobody_was_shown_nobody_answers(scene: Scene, answer: str) -> None:
    scene.judged({"a": Wish(spec=LEFT)})
    before = scene.topics()
    for more in ((), ("--json",)):
        refused = scene("promote", RUN, "--commit", "HEAD", "--to", "main", answer, *more)
        assert refused.code == 67
        assert "PERSON_NEEDED" in refused.err or "no terminal" in refused.err
    assert scene.topics() == before


class Typed(StringIO):
    """A keyboard with somebody at it."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "code", "verdict"), [("yes\n", 0, "APPROVE"), ("no\n", 67, None), ("", 67, None)])
def test_who_sees_it_on_a_terminal_is_asked_there(
    scene: Scene, typed: str, code: int, verdict: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.judged({"a": Wish(spec=LEFT)})
    monkeypatch.setattr(sys, "stdin", Typed(typed))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    said = scene("promote", RUN, "--commit", "HEAD", "--to", "main", "--confirm")
    assert said.code == code
    assert "what is shown: sha256:" in said.out
    assert "Do you confirm what is shown?" in said.err
    kept = GateRecord(scene.infra.runs_dir / RUN).promotions()
    assert [each.verdict.value for each in kept] == ([verdict] if verdict else [])


def test_a_gate_that_has_not_decided_rejects(scene: Scene) -> None:
    a_run_that_is_over(scene.infra, RUN, {"a": Wish(spec={"gates": ["lint", "unit-tests"]})}, {})
    nothing = scene.promote()
    assert (nothing.code, json.loads(nothing.err)["error"]["reason"]) == (67, "NOTHING_DECIDED")
    assert scene("gate", "eval", RUN, "--gate", "lint").code == 0
    half = scene.promote()
    assert (half.code, half.document["undecided"]) == (1, ["unit-tests of validate a"])
    assert half.document["policy_reason_codes"] == ["EVIDENCE.MISSING"]


def test_guards_over_the_last_step_are_asked(scene: Scene, tmp_path: Path) -> None:
    scene.judged({"a": Wish(spec=GATED)})
    value = default_guardrails().bundle.to_value()
    guard = value["guards"]["tool.conforms"] | {"predicate": {"kind": "effector_among", "effector_kinds": ["human"]}}
    guard["applies_to"] = {"transitions": [{"from": "gated", "to": "done"}]}
    overlay = tmp_path / "overlay.json"
    overlay.write_text(json.dumps(value | {"bundle_id": "by-person", "guards": {"by.person": guard}}))
    alone = scene.promote("--overlay", str(overlay))
    assert (alone.code, alone.document["policy_reason_codes"]) == (1, ["GUARD.DENIED"])
    by_person = scene.promote("--confirm", scene.shown())
    assert (by_person.code, by_person.document["effector"]["kind"]) == (0, "human")


def test_the_last_decision_is_exported_again_and_again_and_nothing_is_decided_by_it(scene: Scene) -> None:
    scene.judged({"a": Wish(spec=LEFT)})
    waits = scene.promote().document
    first = scene("promote", RUN, "--export")
    assert json.loads(first.out)["predicate"]["decision"]["verdict"] == waits["verdict"] == "NEEDS_HUMAN"
    approved = scene.promote("--confirm", waits["shown_digest"]).document
    scene("promote", RUN, "--commit", "HEAD", "--to", "release")
    before = scene.topics()
    named = ("--commit", "HEAD", "--to", "main")
    said = scene("promote", RUN, "--export", *named)
    assert said.code == 0, said.err
    predicate = json.loads(said.out)["predicate"]
    assert predicate["decisionDigest"] == {"sha256": approved["decision_digest"].removeprefix("sha256:")}
    assert predicate["gateDecisions"] == approved["shown"]
    assert scene("promote", RUN, "--export", "--json", *named).out == said.out
    assert json.loads(scene("promote", RUN, "--export").out)["predicate"]["decision"]["subject"] == {
        "commit_sha": scene.head,
        "destination": "refs/heads/release",
    }
    assert scene.topics() == before


def test_what_cannot_be_exported_is_told(scene: Scene) -> None:
    scene.judged({"a": Wish(spec=GATED)})
    assert scene("promote", RUN, "--export", "--json").error["reason"] == "NOTHING_PROMOTED"
    scene.promote()
    elsewhere = scene("promote", RUN, "--export", "--to", "elsewhere", "--json")
    assert (elsewhere.code, elsewhere.error["reason"]) == (66, "NOTHING_PROMOTED")
    for more in (("--confirm",), ("--ask",), ("--statement", "x")):
        assert scene("promote", RUN, "--export", *more).code == 2
    for judgement in (scene.infra.runs_dir / RUN / "gates/judgements").iterdir():
        judgement.unlink()
    damaged = scene("promote", RUN, "--export", "--json")
    assert (damaged.code, damaged.error["reason"], damaged.out) == (67, "JUDGEMENT_DAMAGED", "")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--commit", "HEAD"), 2, "name what is promoted"),
        (("--commit", "3" * 40, "--to", "main"), 66, "names no commit"),
        (("--commit", "HEAD", "--to", "a b"), 2, "takes a reference"),
        (("--commit", "HEAD", "--to", ""), 2, "takes a reference"),
        (("--commit", "HEAD", "--to", "refs/heads/.."), 2, "takes a reference"),
        (("--commit", "HEAD", "--to", "main", "--confirm", "--statement", "caf\udce9"), 2, "takes a line"),
        (("--commit", "HEAD", "--to", "main", "--statement", "x"), 2, "goes with --confirm"),
        (("--commit", "HEAD", "--to", "main", "--confirm", "--statement", "x" * 241), 2, "takes a line"),
    ],
)
def test_what_cannot_be_promoted_so_is_told(scene: Scene, words: tuple[str, ...], code: int, told: str) -> None:
    scene.judged({"a": Wish(spec=GATED)})
    before = scene.topics()
    done = scene("promote", RUN, *words)
    assert done.code == code
    assert told in done.err
    assert scene.topics() == before


def test_what_is_shown_names_every_gate_that_has_not_decided() -> None:
    lines = list(shown_lines(Standing((), ("lint of a",)), planned({"a": Wish()}).plan))
    assert lines[0].split() == ["undecided", "lint", "of", "a"]
    assert lines[-1].startswith("what is shown: sha256:")
