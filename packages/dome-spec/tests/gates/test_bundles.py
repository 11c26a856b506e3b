"""Where guardrails come from, what is wrong with a bundle, and what the shipped ones ask for."""

import json
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.canonical import digest
from dome_contracts.schema.gates.guardrails_bundle import GuardrailsBundle
from dome_contracts.schema.gates.standard_report import ReportStatus
from dome_contracts.schema.knowledge.evidence_capsule import ChangeSummary
from dome_contracts.schema.shared.definitions import GuardDecision, Transition
from dome_spec.binding import EvidenceStore
from dome_spec.gates import (
    GUARDRAILS_FILE,
    INVARIANTS_FILE,
    BundleUnfit,
    bundle_faults,
    default_guardrails,
    keep_bundles,
    repository_guardrails,
)
from dome_spec.gates.bundles import GUARDS_MAX, GuardsTooMany
from dome_spec.governance import evaluate
from dome_spec.kernel import DocumentInvalid, read_document
from tests.judged import AT, bundle, guard, member, situation, task_key

SHIPPED = default_guardrails()
TO_RUNNING = Transition.from_value({"from": "queued", "to": "running"})
SHOWN = member("provenance")


def refusing(**known: Any) -> list[tuple[str, str]]:
    """The shipped guards that refuse in this situation, with their codes."""
    ruling = evaluate(SHIPPED, situation(**known), evaluate_time=AT)
    return [(e.guard_id, e.policy_reason_code) for e in ruling.evaluations if e.decision is GuardDecision.DENY]


def test_the_shipped_bundles_can_be_evaluated_and_say_so_at_every_step_of_a_task() -> None:
    assert bundle_faults(SHIPPED.bundle) == bundle_faults(SHIPPED.invariants) == ()
    steps = {tuple(each.to_value().values()) for each in SHIPPED.bundle.transitions}
    assert steps == {
        ("queued", "running"), ("running", "gated"), ("gated", "done"), ("running", "blocked"), ("gated", "blocked"),
    }  # fmt: skip


def test_the_shipped_guards_let_an_ordinary_attempt_pass_with_its_evidence() -> None:
    validate = task_key(action="validate")
    intact = {SHOWN.evidence.digest: True}
    assert refusing(task=validate, evidence=(SHOWN,), evidence_intact=intact) == []
    assert refusing(task=validate) == [("run.shown", "GUARD.UNKNOWN")]
    damaged = refusing(task=validate, evidence=(SHOWN,), evidence_intact={SHOWN.evidence.digest: False})
    assert damaged == [("evidence.intact", "EVIDENCE.MISSING"), ("run.shown", "EVIDENCE.MISSING")]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (ChangeSummary(paths=["src/a.py"], lines_added=5, lines_deleted=0), []),
        (ChangeSummary(paths=["src/a.py"], lines_added=5000, lines_deleted=0), ["diff.reviewable"]),
        (ChangeSummary(paths=[".dome/guardrails.json"], lines_added=1, lines_deleted=0), ["paths.ordinary"]),
        (None, ["diff.reviewable", "paths.ordinary"]),
    ],
)
def test_a_change_that_is_large_odd_or_unknown_goes_to_a_person(
    change: ChangeSummary | None, expected: list[str]
) -> None:
    intact = {SHOWN.evidence.digest: True}
    found = refusing(evidence=(SHOWN,), evidence_intact=intact, change=change)
    assert [name for name, _ in found] == expected
    assert {SHIPPED.bundle.guards[name].guard_class.value for name, _ in found} <= {"advisory"}


def test_a_prescribed_remedy_begins_only_with_a_tool_that_conforms() -> None:
    begins = {"transition": TO_RUNNING, "attempts": 1}
    assert refusing(**begins) == []
    assert refusing(**begins, is_prescribed=True) == [("tool.conforms", "GUARD.UNKNOWN")]
    assert refusing(**begins, is_prescribed=True, tool_status=ReportStatus.FAIL) == [("tool.conforms", "GUARD.DENIED")]
    assert refusing(**begins, is_prescribed=True, tool_status=ReportStatus.PASS) == []
    assert refusing(transition=TO_RUNNING, attempts=11) == [("attempts.within", "BUDGET.EXHAUSTED")]


def test_a_repository_has_its_own_and_keeps_the_shipped_ones_for_what_it_leaves_out(tmp_path: Path) -> None:
    assert repository_guardrails(tmp_path) == SHIPPED
    own = bundle({"mine": guard({"kind": "evidence_present"})}, name="mine")
    (tmp_path / GUARDRAILS_FILE).parent.mkdir()
    (tmp_path / GUARDRAILS_FILE).write_text(json.dumps(own.to_value()))
    overlay = bundle({}, name="overlay")
    found = repository_guardrails(tmp_path, overlay=overlay)
    assert (found.bundle, found.invariants, found.overlay) == (own, SHIPPED.invariants, overlay)
    store = EvidenceStore(tmp_path / "evidence")
    keep_bundles(found, store)
    assert read_document(GuardrailsBundle, store.read(digest(own.to_value()))) == own


def test_a_repository_whose_bundle_cannot_be_evaluated_is_refused(tmp_path: Path) -> None:
    path = tmp_path / INVARIANTS_FILE
    path.parent.mkdir()
    wrong = guard({"kind": "evidence_present"})
    wrong["policy_reason_code"] = "NO.SUCH_REASON"
    path.write_text(json.dumps(bundle({"a": wrong}).to_value()))
    with pytest.raises(BundleUnfit) as caught:
        repository_guardrails(tmp_path)
    assert [place for place, _ in caught.value.faults] == ["/guards/a/policy_reason_code"]
    path.write_text('{"guards": {"a": 1, "a": 2}}')
    with pytest.raises(DocumentInvalid):
        repository_guardrails(tmp_path)


def test_more_guards_than_a_decision_can_name_are_refused(tmp_path: Path) -> None:
    own = len(SHIPPED.guards())
    guards = {f"g{number}": guard({"kind": "evidence_present"}) for number in range(GUARDS_MAX - own + 1)}
    overlay = bundle(guards, name="overlay")
    with pytest.raises(GuardsTooMany, match=f"{GUARDS_MAX + 1} guards"):
        repository_guardrails(tmp_path, overlay=overlay)
    del guards["g0"]
    assert len(repository_guardrails(tmp_path, overlay=bundle(guards, name="overlay")).guards()) == GUARDS_MAX


def test_every_fault_is_told_at_its_place() -> None:
    before = guard({"kind": "evidence_present"}, evidence=["diff"])
    before["applies_to"]["transitions"] = [{"from": "queued", "to": "running"}]
    early = guard({"kind": "gate_approved", "gate_id": "lint"})
    early["applies_to"] = before["applies_to"]
    tried = bundle({"a": guard({"kind": "evidence_present"}), "b": guard({"kind": "evidence_present"})}).to_value()
    tried["guards"] |= {"c": before, "d": early}
    tried["guards"]["b"]["feedback"] = tried["guards"]["b"]["feedback"] | {"hint": "Another hint."}
    tried["unknowns_policy"] = tried["unknowns_policy"] | {"policy_reason_code": "NONE"}
    places = [each.place for each in bundle_faults(GuardrailsBundle.from_value(tried))]
    assert places == [
        "/guards/b",
        "/guards/c/applies_to/transitions/0",
        "/guards/c/applies_to/transitions/0",
        "/guards/d/applies_to/transitions/0",
        "/guards/d/applies_to/transitions/0",
        "/unknowns_policy/policy_reason_code",
    ]
