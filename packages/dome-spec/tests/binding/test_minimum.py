"""The five minimum tests of the loop, each as a property over generated histories."""

from hypothesis import given, settings
from hypothesis import strategies as st

from dome_contracts.canonical import canonical_bytes
from dome_contracts.schema.knowledge.capsule import FingerprintInput
from dome_contracts.schema.knowledge.fact import EvidenceGroupFact, Fact, TaskFact
from dome_contracts.schema.shared.definitions import VersionContext
from dome_spec.binding import (
    CapsuleFilter,
    DenialFilter,
    FailureFilter,
    GateFilter,
    Memory,
    MemoryModel,
    bind,
    capsule_document,
    fingerprint_hash,
    open_memory,
    rendered,
)
from tests import histories
from tests.histories import a_policy, a_run, a_wrapper, an_evaluation, outcome, run_id
from tests.suite import tried

POLICY = a_policy()
LAW = settings(max_examples=tried(500, few=30))
FAILURES = {"task_failed", "gate_failure"}
DENIALS = {"guard_denial"}


@LAW
@given(histories.histories, st.sampled_from(("GUARD.DENIED", "EVIDENCE.MISSING")), st.data())
def test_semantics_split(history: list[Fact], policy_reason: str, data: st.DataObject) -> None:
    """A guard's denial sets a policy reason, and overwrites no failure reason: not in the ledger, not in a view."""
    place = data.draw(st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(1, 4)))
    denied = an_evaluation(*place, policy=policy_reason, guard="late", second=800)
    said = outcome("DENIED", "PROCESS.SIGNALED", policy_reason)
    wrapped = a_wrapper(*place, signal="guard_denial", result=said, second=800)
    before, after = bind(history, POLICY), bind([*history, denied, wrapped], POLICY)
    failures = {row.act: row.failure_reason_code for row in before.failures}
    assert {row.act: row.failure_reason_code for row in after.failures} == failures
    for line in after.contributions:
        earlier = [each for each in before.contributions if each.act == line.act]
        assert all(each.task.failure_reason_code == line.task.failure_reason_code for each in earlier)
        assert line.task.failure_reason_code not in {policy_reason, "PROCESS.SIGNALED"}
    assert any(row.policy_reason_code == policy_reason for row in after.denials)


@LAW
@given(histories.retold())
def test_binder_idempotency(retold: tuple[list[Fact], list[list[Fact]]]) -> None:
    """The same facts, in any order, in any pieces and as often as one likes: the same tables, byte for byte."""
    history, pieces = retold
    memory = open_memory(None, POLICY)
    try:
        assert sum(memory.append(piece).new for piece in pieces) == len(history)
        once, digest = memory.derived(), memory.snapshot_digest()
        assert once == bind(history, POLICY)
        assert memory.append([fact for piece in pieces for fact in piece]).new == 0
        assert (memory.derived(), memory.snapshot_digest()) == (once, digest)
        assert memory.rebuild() == len(history)
        assert (memory.derived(), memory.snapshot_digest()) == (once, digest)
        assert memory.verify().problems == ()
    finally:
        memory.close()


def answered(memory: Memory, failure: str | None, parts: dict[str, str], limit: int) -> dict[str, object]:
    """What a memory answers to filters of each kind."""
    failures = (FailureFilter(failure_reason_code=failure, **parts), FailureFilter(run_id=run_id(1)))
    gates = (GateFilter(failure_reason_code=failure, **parts), GateFilter(gate_id="lint"))
    denials = (DenialFilter(**parts), DenialFilter(policy_reason_code="GUARD.DENIED"), DenialFilter(run_id=run_id(1)))
    capsules = memory.capsules(CapsuleFilter(failure_reason_code=failure, **parts), limit=limit)
    return {
        "failures": [rendered(row) for chosen in failures for row in memory.recent_failures(chosen, limit=limit)],
        "gates": [rendered(row) for chosen in gates for row in memory.gate_rollup(chosen, limit=limit)],
        "denials": [rendered(row) for chosen in denials for row in memory.guard_denials(chosen, limit=limit)],
        "capsules": [capsule_document(each, POLICY).to_value() for each in capsules],
        "quarantined": [fact.to_value() for fact in memory.quarantined(limit=limit)],
    }


_slugs = st.from_regex(r"[a-z]{1,4}(-[a-z]{1,4})?", fullmatch=True)
_versions = st.from_regex(r"[0-9]\.[0-9]\.[0-9]", fullmatch=True)
_inputs = st.fixed_dictionaries(
    {
        "gates": st.lists(_slugs, max_size=5, unique=True),
        "tools": st.dictionaries(st.sampled_from(("repo.test", "repo.search", "codex.exec")), _versions),
        "schemas": st.dictionaries(st.sampled_from(("planning/plan", "planning/packet")), st.just(histories.sha("x"))),
    }
)


@LAW
@given(_inputs, st.randoms(use_true_random=False), st.sampled_from(("", "+build.7")))
def test_fingerprint_stability(parts: dict[str, dict[str, str]], chance: object, build: str) -> None:
    """Equal circumstances, in whatever order and spelling, have one digest; other ones have another."""

    def shuffled(names: list[str]) -> list[str]:
        chance.shuffle(names)  # type: ignore[attr-defined]
        return names

    def made(gates: list[str], tools: dict[str, str]) -> FingerprintInput:
        versions = VersionContext(tools=tools, schemas=parts["schemas"], environment_class="linux-x86_64-python3.11")
        return FingerprintInput(gates=gates, versions=versions)

    gates, tools = list(parts["gates"]), dict(parts["tools"])
    here = fingerprint_hash(made(gates, tools))
    again = {name: tools[name] + build for name in shuffled(list(tools))}
    assert fingerprint_hash(made(shuffled(list(gates)), again)) == here
    assert fingerprint_hash(made([*gates, "another-gate-still"], tools)) != here
    assert fingerprint_hash(made(gates, {**tools, "web.read": "1.0.0"})) != here


@LAW
@given(histories.histories)
def test_wrapper_fallback(history: list[Fact]) -> None:
    """Strict mints with a wrapper of a failure or denial alone; hybrid also what a trigger names; lenient all."""
    unstated = [fact for fact in history if fact.body.kind != "run"]
    runs = sorted({fact.body.run_id for fact in unstated if isinstance(fact.body, TaskFact)})
    bound = {}
    for mode in histories.MODES:
        stated = [a_run(int(name[-1]), mode=mode) for name in runs]
        bound[mode] = bind([*stated, *unstated], POLICY)
    wrapped: dict[str, set[str]] = {}
    wrappers = [fact.body.wrapper for fact in unstated if isinstance(fact.body, EvidenceGroupFact)]
    triggered = {each.group_id for each in wrappers if each.trigger is not None}
    for each in wrappers:
        if each.trigger is None:
            wrapped.setdefault(each.group_id, set()).add(each.signal.value)
    for line in bound["strict"].contributions:
        assert wrapped.get(line.group_id)
    for tally in bound["strict"].tallies:
        own = [each for each in bound["strict"].contributions if each.capsule_id == tally.capsule_id]
        assert any(wrapped[each.group_id] & (FAILURES | DENIALS) for each in own)
    for line in bound["hybrid"].contributions:
        assert wrapped.get(line.group_id) or line.admitted_by.startswith("keen@1.0.0:") or line.group_id in triggered
    acts = {mode: {each.act for each in bound[mode].contributions} for mode in histories.MODES}
    assert acts["strict"] <= acts["hybrid"] <= acts["lenient"]
    assert bound["strict"].failures == bound["hybrid"].failures == bound["lenient"].failures
    assert bound["strict"].denials == bound["lenient"].denials


@LAW
@given(histories.retold(), st.sampled_from(("TESTS.FAILED", "OUTPUT.RESULT_INVALID", None)), st.integers(1, 5))
def test_query_primitive_determinism(
    retold: tuple[list[Fact], list[list[Fact]]], failure: str | None, limit: int
) -> None:
    """The same snapshot and filters: the same rows in the same order, to the byte, in any memory of the facts."""
    history, pieces = retold
    told = open_memory(None, POLICY)
    model = MemoryModel(POLICY)
    try:
        for piece in pieces:
            told.append(piece)
        model.append(history)
        assert told.snapshot_digest() == model.snapshot_digest()
        target = {"target_id": "tests/test_0.py"}
        for parts in ({}, target, {"action_kind": "fix"}, {"scope": "task"}):
            answers = [canonical_bytes(answered(memory, failure, parts, limit)) for memory in (told, model)]
            assert answers[0] == answers[1]
    finally:
        told.close()
