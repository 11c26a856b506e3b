"""Facts of a memory for tests: made one by one by hand, and whole histories by chance that collide often."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from dome_contracts.canonical import digest
from dome_contracts.schema.knowledge.anomaly_triggers import AnomalyTriggers
from dome_contracts.schema.knowledge.binder_policy import BinderPolicy
from dome_contracts.schema.knowledge.fact import Fact
from dome_spec.binding import Policy, default_policy, fact_id, fit

NOON = datetime(2024, 5, 17, 12, tzinfo=UTC)
REPOSITORY = "repo-01htvy9ae00wea48kqahr5gdxa"
STORE = "store-01hvnp8ge0g96r1nrsgqr858k9"
MODES = ("strict", "hybrid", "lenient")
SIGNALS = ("promoted_evidence", "task_succeeded", "task_failed", "gate_failure", "guard_denial", "anomaly")
TRIGGER = {
    "triggers": {"triggers_id": "dome-defaults", "version": "1.0.0"},
    "trigger_id": "retry-storm",
    "version": "1.0.0",
}


def a_policy(*, mode: str = "hybrid", stage: str = "prescriptive", binder: str = "v1", window: int = 20) -> Policy:
    """A policy whose triggers fire soon enough for small histories."""
    triggers = {
        "schema_version": "1",
        "triggers_id": "keen",
        "version": "1.0.0",
        "triggers": [
            {"kind": "retry_storm", "trigger_id": "storm", "version": "1.0.0", "attempts_min": 3, "window_s": 400},
            {"kind": "unseen_guard_denial", "trigger_id": "unseen", "version": "1.0.0", "lookback_s": 200},
            {
                "kind": "repeated_identical_failure",
                "trigger_id": "again",
                "version": "1.0.0",
                "failures_min": 2,
                "window_s": 300,
            },
        ],
    }
    policy = {
        **default_policy().document.to_value(),
        "policy_id": "keen",
        "binder_version": binder,
        "default_fallback_mode": mode,
        "anomaly_triggers": {"triggers_id": "keen", "version": "1.0.0"},
        "rollout": {"stage": stage, "demotion": {"window_count": window, "success_drop_max": 0.05}},
    }
    return fit(BinderPolicy.from_value(policy), AnomalyTriggers.from_value(triggers))


def sha(*parts: object) -> str:
    return digest([str(part) for part in parts])


def at(second: float) -> str:
    return (NOON + timedelta(seconds=second)).isoformat().replace("+00:00", "Z")


def run_id(run: int) -> str:
    return f"run-{run}"


def task_id(run: int, task: int) -> str:
    return sha("task", run, task)


def group_id(run: int, task: int, attempt: int) -> str:
    return sha("group", run, task, attempt)


def key(target: int = 0, *, action: str = "fix", failure: str = "TESTS.FAILED", scope: str = "repo") -> dict[str, Any]:
    return {
        "scope": scope,
        "target": {"kind": "test", "id": f"tests/test_{target}.py"},
        "action": {"kind": action},
        "failure_reason_code": failure,
    }


def fingerprint(version: int = 0) -> dict[str, Any]:
    return {
        "gates": ["lint", "unit-tests"],
        "versions": {
            "tools": {"repo.test": f"1.{version}.0"},
            "schemas": {"planning/task_spec": sha("task_spec")},
            "environment_class": "linux-x86_64-python3.11",
        },
    }


def outcome(status: str = "FAILED", failure: str = "TESTS.FAILED", policy: str = "NONE") -> dict[str, str]:
    return {"status": status, "failure_reason_code": failure, "policy_reason_code": policy}


def evidence(name: object) -> dict[str, str]:
    return {"digest": sha("evidence", name), "location": f"evidence/{name}", "media_type": "application/json"}


def fact(body: Mapping[str, Any], second: float, *, source: object = "") -> Fact:
    """A fact of a body, told by a document of its own; told twice in two ways where `source` differs."""
    value = {
        "schema_version": "1",
        "fact_id": sha(),
        "repository_id": REPOSITORY,
        "occur_time": at(second),
        "source": {"origin": "document", "family": "knowledge/fact", "digest": digest([dict(body), str(source)])},
        "body": dict(body),
    }
    made = Fact.from_value(value)
    return Fact.from_value({**value, "fact_id": fact_id(made.source, made.body)})


def a_run(run: int = 0, *, mode: str = "hybrid", second: float = 0) -> Fact:
    body = {"kind": "run", "run_id": run_id(run), "fallback_mode": mode, "binder_policy": sha("policy")}
    return fact(body, second, source=second)


def a_task(
    run: int = 0,
    task: int = 0,
    attempt: int = 1,
    *,
    second: float = 0,
    task_key: Mapping[str, Any] | None = None,
    result: Mapping[str, str] | None = None,
    version: int = 0,
    template: object = "template",
    ran: bool = True,
    sealed: bool = False,
    source: object = "",
) -> Fact:
    job = f"job-{run:013d}{task:06d}{attempt:07d}"
    body = {
        "kind": "task",
        "run_id": run_id(run),
        "task_id": task_id(run, task),
        "group_id": group_id(run, task, attempt),
        "attempt": attempt,
        "task": dict(task_key or key()),
        "template_digest": sha("template", template),
        "outcome": dict(result or outcome()),
        "fingerprint": fingerprint(version),
        "skill_id": "repo.test",
        "end_time": at(second),
        **({"job_id": job, "tool_version": "1.4.0"} if ran else {}),
        **({"evidence_capsule": sha("sealed", run, task, attempt)} if sealed else {}),
    }
    return fact(body, second, source=source)


def a_wrapper(
    run: int = 0,
    task: int = 0,
    attempt: int = 1,
    *,
    signal: str = "task_failed",
    second: float = 0,
    task_key: Mapping[str, Any] | None = None,
    result: Mapping[str, str] | None = None,
    mode: str = "hybrid",
    triggered: bool = False,
    proof: object = "",
    source: object = "",
) -> Fact:
    name = (run, task, attempt)
    wrapper = {
        "schema_version": "1",
        "run_id": run_id(run),
        "task_id": task_id(run, task),
        "group_id": group_id(run, task, attempt),
        "signal": signal,
        "wrapper_policy": mode,
        "task": dict(task_key or key()),
        "outcome": dict(result or outcome()),
        "evidence": [evidence((*name, proof))],
        "lineage": {"event_id": "evt-01hy2y66b0shfbrs31a249v0nf-42", "sequence": 42, "run_id": run_id(run)},
        "wrap_time": at(second),
        **({"trigger": TRIGGER} if triggered else {}),
    }
    return fact({"kind": "evidence_group", "wrapper": wrapper}, second, source=source)


def a_member(run: int = 0, task: int = 0, attempt: int = 1, *, name: object = "report", second: float = 0) -> Fact:
    member = {"kind": "test_report", "evidence": evidence(name), "size_bytes": 3}
    return fact({"kind": "evidence_member", "group_id": group_id(run, task, attempt), "member": member}, second)


def a_verdict(
    run: int = 0,
    task: int = 0,
    attempt: int = 1,
    *,
    gate: str = "unit-tests",
    verdict: str = "REJECT",
    failures: tuple[str, ...] = ("TESTS.FAILED",),
    policies: tuple[str, ...] = (),
    second: float = 0,
) -> Fact:
    decision = {
        "schema_version": "1",
        "gate_id": gate,
        "run_id": run_id(run),
        "task_id": task_id(run, task),
        "group_id": group_id(run, task, attempt),
        "verdict": verdict,
        "inputs": {"task_spec": task_id(run, task), "guardrails": sha("g"), "invariants": sha("i"), "evidence": []},
        "policy_digest": sha("rules"),
        "guard_evaluations": [],
        "failure_reason_codes": list(failures),
        "policy_reason_codes": list(policies),
    }
    return fact({"kind": "gate", "decision": decision}, second)


def an_evaluation(
    run: int = 0,
    task: int = 0,
    attempt: int | None = 1,
    *,
    guard: str = "paths.untouched",
    denies: bool = True,
    failure: str = "TESTS.FAILED",
    policy: str = "GUARD.DENIED",
    second: float = 0,
) -> Fact:
    evaluation: dict[str, Any] = {
        "schema_version": "1",
        "run_id": run_id(run),
        "task_id": task_id(run, task),
        "bundle": {"bundle_id": "guards", "version": "1.0.0", "digest": sha("bundle")},
        "guard_id": guard,
        "transition": {"from": "running", "to": "gated"},
        "status": "FAIL" if denies else "PASS",
        "decision": "DENY" if denies else "ALLOW",
        "failure_reason_code": failure,
        "policy_reason_code": policy if denies else "NONE",
        "evidence": [],
        "missing_evidence": [],
        "unknowns": [],
        "inputs_digest": sha("inputs"),
        "evaluate_time": at(second),
        **({} if attempt is None else {"group_id": group_id(run, task, attempt)}),
    }
    return fact({"kind": "guard_evaluation", "evaluation": evaluation}, second)


def a_quarantine(name: object, *, second: float = 0) -> Fact:
    body = {
        "kind": "quarantine",
        "cause": "schema_invalid",
        "document": {"digest": sha("document", name), "location": f"quarantine/{name}"},
        "violations": [{"place": "/signal", "message": "It is missing."}],
    }
    return fact(body, second)


def a_success(run: int = 0, task: int = 0, attempt: int = 1, *, second: float = 0, **changes: Any) -> tuple[Fact, Fact]:
    """An attempt that succeeded, and its wrapper."""
    done = outcome("SUCCEEDED", "NONE")
    task_key = changes.get("task_key")
    wrapper = a_wrapper(run, task, attempt, signal="task_succeeded", second=second, task_key=task_key, result=done)
    return a_task(run, task, attempt, second=second, result=done, **changes), wrapper


def a_failure(run: int = 0, task: int = 0, attempt: int = 1, *, second: float = 0, **changes: Any) -> tuple[Fact, Fact]:
    """An attempt that failed, and its wrapper."""
    wrapper = a_wrapper(run, task, attempt, second=second, task_key=changes.get("task_key"))
    return a_task(run, task, attempt, second=second, **changes), wrapper


_few = st.integers(min_value=0, max_value=1)
_runs = st.integers(min_value=0, max_value=2)
_seconds = st.integers(min_value=0, max_value=700)
_attempts = st.integers(min_value=1, max_value=4)
_failures = st.sampled_from(("TESTS.FAILED", "TESTS.FAILED", "OUTPUT.RESULT_INVALID"))
_policies = st.sampled_from(("GUARD.DENIED", "EVIDENCE.MISSING"))
_keys = st.sampled_from((key(), key(), key(), key(failure="NONE"), key(1), key(1, action="validate", failure="NONE")))
_succeeded = st.just(outcome("SUCCEEDED", "NONE"))
_outcomes = st.one_of(
    _succeeded,
    st.builds(outcome, st.just("FAILED"), _failures, st.sampled_from(("NONE", "NONE", "GUARD.DENIED"))),
    st.builds(outcome, st.just("DENIED"), st.sampled_from(("NONE", "TESTS.FAILED")), _policies),
    _succeeded,
    st.just(outcome("CANCELED", "NONE")),
)

tasks = st.builds(
    a_task,
    _runs,
    _few,
    _attempts,
    second=_seconds,
    task_key=_keys,
    result=_outcomes,
    version=st.sampled_from((0, 0, 0, 1)),
    template=_few,
    ran=st.sampled_from((True, True, True, False)),
    sealed=st.booleans(),
    source=_few,
)
wrappers = st.builds(
    a_wrapper,
    _runs,
    _few,
    _attempts,
    signal=st.sampled_from(SIGNALS),
    second=_seconds,
    task_key=_keys,
    result=_outcomes,
    mode=st.sampled_from(MODES),
    triggered=st.booleans(),
    proof=_few,
    source=_few,
)
others = st.one_of(
    st.builds(a_run, _runs, mode=st.sampled_from(MODES), second=_seconds),
    st.builds(a_member, _runs, _few, _attempts, name=st.sampled_from(("report", "log"))),
    st.builds(
        a_verdict,
        _runs,
        _few,
        _attempts,
        gate=st.sampled_from(("unit-tests", "lint")),
        failures=st.lists(_failures, unique=True, min_size=1).map(tuple),
        second=_seconds,
    ),
    st.builds(a_verdict, _runs, _few, _attempts, verdict=st.just("APPROVE"), failures=st.just(()), second=_seconds),
    st.builds(
        an_evaluation,
        _runs,
        _few,
        st.one_of(st.none(), _attempts),
        denies=st.booleans(),
        failure=_failures,
        policy=_policies,
        second=_seconds,
    ),
    st.builds(a_quarantine, _few, second=_seconds),
)


@st.composite
def stories(draw: st.DrawFn) -> list[Fact]:
    """An attempt as it is told in earnest: its fact, and mostly a wrapper that says the same of it."""
    place = (draw(_runs), draw(_few), draw(_attempts))
    second, result, task_key = draw(_seconds), draw(_outcomes), draw(_keys)
    task = a_task(*place, second=second, result=result, task_key=task_key, template=draw(_few))
    signal = {"SUCCEEDED": "task_succeeded", "FAILED": "task_failed", "DENIED": "guard_denial"}.get(result["status"])
    if signal is None or draw(st.integers(0, 3)) == 0:
        return [task]
    return [task, a_wrapper(*place, signal=signal, second=second, result=result, task_key=task_key)]


_any = st.one_of(stories(), stories(), stories(), *(each.map(lambda one: [one]) for each in (tasks, wrappers, others)))
histories = st.one_of(
    st.lists(_any, max_size=4), st.lists(_any, min_size=10, max_size=16), st.lists(_any, min_size=16, max_size=30)
).map(lambda told: [fact for story in told for fact in story])
"""Facts of few enough runs, tasks and keys that many are about the same."""


@st.composite
def retold(draw: st.DrawFn) -> tuple[list[Fact], list[list[Fact]]]:
    """A history, and the same facts in another order, some of them twice, in pieces."""
    history = draw(histories)
    twice = draw(st.lists(st.sampled_from(history), max_size=8)) if history else []
    # Of one name only one saying: what a source says first is kept, so it has to be the same in every order.
    said: dict[str, Fact] = {}
    for each in history:
        said.setdefault(each.fact_id, each)
    told = draw(st.permutations([said[each.fact_id] for each in [*history, *twice]]))
    cuts = sorted(draw(st.lists(st.integers(min_value=0, max_value=len(told)), max_size=4)))
    pieces = [told[start:end] for start, end in zip([0, *cuts], [*cuts, len(told)], strict=True)]
    return list(said.values()), pieces
