"""Facts as they are appended: how one is made and named, and which flat values the binder takes from it.

Every fact is kept; of some kinds (transitions, quarantine, gaps) nothing is learnt.
"""

from datetime import datetime
from functools import lru_cache
from typing import Final

from dome_contracts.canonical import digest
from dome_contracts.schema.knowledge.fact import (
    EvidenceGroupFact,
    EvidenceMemberFact,
    Fact,
    FactBody,
    FactSource,
    GapFact,
    GateFact,
    GuardEvaluationFact,
    RunFact,
    TaskFact,
)
from dome_contracts.schema.knowledge.guard_evaluation import GuardEvaluation
from dome_contracts.schema.knowledge.wrapper_envelope import WrapperEnvelope
from dome_contracts.schema.shared.definitions import EvidenceRef, GuardDecision
from dome_spec.binding.fingerprint import fingerprint_hash
from dome_spec.binding.values import (
    NONE,
    Attempt,
    GateVerdict,
    GuardRefusal,
    Member,
    Proof,
    Row,
    Run,
    Wrapping,
    act_of,
    columns,
)
from dome_spec.kernel import micros, timestamp

UNPROVEN: Final = "UNPROVEN"
"""Stands for the status of an attempt whose proof shows nothing. It supports nothing, and contradicts nothing."""
_MOMENTS_MAX: Final = 4_096


def fact_id(source: FactSource, body: FactBody) -> str:
    """The name of a fact: digest of its source and kind, and of what tells apart several from one source."""
    named: dict[str, object] = {"source": source.to_value(), "kind": body.kind}
    match body:
        case EvidenceMemberFact():
            named["evidence"] = body.member.evidence.digest
        case GapFact():
            named["job_id"] = body.job_id
        case _:
            pass
    return digest(named)


def make_fact(body: FactBody, *, source: FactSource, repository_id: str, occur_time: datetime) -> Fact:
    """A fact under its name."""
    return Fact(
        schema_version="1",
        fact_id=fact_id(source, body),
        repository_id=repository_id,
        occur_time=timestamp(occur_time),
        source=source,
        body=body,
    )


@lru_cache(maxsize=_MOMENTS_MAX)
def moment_us(text: str) -> int:
    """Microseconds since 1970 of a moment. Facts of one attempt name few moments many times."""
    return micros(text)


def row_of(fact: Fact) -> Row | None:
    """What the binder takes from a fact; None for a kind, or a verdict, of which nothing is derived."""
    match fact.body:
        case TaskFact() as body:
            return _attempt(fact.fact_id, body)
        case EvidenceGroupFact(wrapper=wrapper):
            return _wrapping(fact.fact_id, wrapper)
        case RunFact() as body:
            return Run(body.run_id, moment_us(fact.occur_time), fact.fact_id, str(body.fallback_mode))
        case EvidenceMemberFact() as body:
            return Member(body.group_id, _proof(body.member.evidence))
        case GateFact(decision=decision):
            return GateVerdict(
                fact_id=fact.fact_id,
                act=act_of(decision.run_id, decision.task_id, decision.group_id),
                gate_id=decision.gate_id,
                verdict=str(decision.verdict),
                failures=tuple(sorted(decision.failure_reason_codes)) or (NONE,),
                occur_us=moment_us(fact.occur_time),
            )
        case GuardEvaluationFact(evaluation=evaluation) if evaluation.decision is GuardDecision.DENY:
            return _refusal(fact.fact_id, evaluation)
        case _:
            return None


def _attempt(named: str, body: TaskFact) -> Attempt:
    return Attempt(
        act=act_of(body.run_id, body.task_id, body.group_id),
        run_id=body.run_id,
        task_id=body.task_id,
        group_id=body.group_id,
        number=body.attempt,
        task=columns(body.task),
        template_digest=body.template_digest,
        # What should have been proved and was not says nothing of its task, whatever it says of itself.
        status=str(body.outcome.status) if body.proof is None else UNPROVEN,
        failure=body.outcome.failure_reason_code,
        policy=body.outcome.policy_reason_code,
        fingerprint_hash=fingerprint_hash(body.fingerprint),
        job_id=body.job_id or "",
        skill_id=body.skill_id,
        tool_version=body.tool_version or "",
        evidence_capsule=body.evidence_capsule or "",
        end_us=moment_us(body.end_time),
        fact_id=named,
    )


def _wrapping(named: str, wrapper: WrapperEnvelope) -> Wrapping:
    return Wrapping(
        act=act_of(wrapper.run_id, wrapper.task_id, wrapper.group_id),
        fact_id=named,
        run_id=wrapper.run_id,
        task_id=wrapper.task_id,
        group_id=wrapper.group_id,
        signal=str(wrapper.signal),
        mode=str(wrapper.wrapper_policy),
        is_triggered=wrapper.trigger is not None,
        task=columns(wrapper.task),
        failure=wrapper.outcome.failure_reason_code,
        policy=wrapper.outcome.policy_reason_code,
        wrap_us=moment_us(wrapper.wrap_time),
        proofs=tuple(sorted(map(_proof, wrapper.evidence))),
    )


def _refusal(named: str, evaluation: GuardEvaluation) -> GuardRefusal:
    group_id = evaluation.group_id or ""
    return GuardRefusal(
        fact_id=named,
        act=act_of(evaluation.run_id, evaluation.task_id, group_id),
        run_id=evaluation.run_id,
        task_id=evaluation.task_id,
        group_id=group_id,
        guard_id=evaluation.guard_id,
        failure=evaluation.failure_reason_code,
        policy=evaluation.policy_reason_code,
        evaluate_us=moment_us(evaluation.evaluate_time),
    )


def _proof(evidence: EvidenceRef) -> Proof:
    return Proof(evidence.digest, evidence.location, evidence.media_type or "")
