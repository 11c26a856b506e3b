"""`dome promote` on runs that gates have judged: it rests on them, hears a person, and is kept."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dome_spec.commands import gate, promote
from dome_spec.commands.promote.words import shown_lines
from dome_spec.dispatch import RunRecord, control_events
from dome_spec.gates import GateRecord, Standing, default_guardrails
from dome_spec.kernel import Ids, InfraContext, Runtime, SystemClock, resolve_infra
from tests.gated_runs import Ending, a_run_that_is_over
from tests.planned import Planned, Wish, planned

Git = Any
RUN = "run-1"
GATED: dict[str, Any] = {"gates": ["unit-tests"]}
LEFT = GATED | {"acceptance_criteria": [{"criterion_id": "AC01", "statement": "It reads well."}]}


async def no_daemon() -> Runtime:
    raise AssertionError("no promotion needs a daemon")


@dataclass(frozen=True)
class Done:
    """How a use of the command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.out)
        return value


@dataclass(frozen=True)
class Scene:
    """A repository with one commit, in which runs are judged and promoted."""

    infra: InfraContext
    head: str
    capture: pytest.CaptureFixture[str]

    def __call__(self, *words: str) -> Done:
        parser = ArgumentParser()
        parser.add_argument("--json", action="store_true")
        verbs = parser.add_subparsers()
        gate.register(verbs, no_daemon)
        promote.register(verbs, no_daemon)
        arguments = parser.parse_args(list(words))
        code = arguments.run(arguments)
        assert isinstance(code, int)
        printed = self.capture.readouterr()
        return Done(code, printed.out, printed.err)

    def judged(self, wishes: Mapping[str, Wish], **endings: Ending) -> Planned:
        given = a_run_that_is_over(self.infra, RUN, wishes, endings)
        self("gate", "eval", RUN)
        return given

    def promote(self, *more: str) -> Done:
        return self("promote", RUN, "--commit", "HEAD", "--to", "main", "--json", *more)

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
    rejected = scene.promote("--confirm")
    assert (rejected.code, rejected.document["failure_reason_codes"]) == (1, ["TESTS.FAILED"])
    assert "blocked" in rejected.document["task_states"].values()


def test_a_person_may_be_asked_in_any_case_and_decline(scene: Scene) -> None:
    scene.judged({"a": Wish(spec=GATED)})
    assert scene.promote("--ask").code == 67
    declined = scene.promote("--ask", "--decline", "--statement", "Not today.")
    assert (declined.code, declined.document["policy_reason_codes"]) == (1, ["PROMOTION.DECLINED"])
    assert declined.document["failure_reason_codes"] == []


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
    by_person = scene.promote("--confirm")
    assert (by_person.code, by_person.document["effector"]["kind"]) == (0, "human")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--commit", "3" * 40, "--to", "main"), 66, "names no commit"),
        (("--commit", "HEAD", "--to", "a b"), 2, "takes a reference"),
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
