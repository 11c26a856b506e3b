"""Whether a capsule may be applied at a moment, or only shown, and every reason why.

A capsule is prescriptive when it is confident, fresh, uncontradicted, permitted and verifiable, all by the numbers of
the policy. Its age counts from its last support. The moment is given, so that the same capsule at the same moment has
the same answer, whenever it is asked. Whatever is not known to hold does not hold.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from dome_contracts.schema.knowledge.binder_policy import RolloutStage
from dome_contracts.schema.knowledge.capsule import CapsuleUse, Eligibility, EligibilityCode, EligibilityReason
from dome_spec.binding.capsules import Learnt, Remedy, Tally, confidence
from dome_spec.binding.policy import Policy
from dome_spec.binding.values import TaskColumns
from dome_spec.kernel import micros, timestamp

SECOND_US = 1_000_000


class Conformance(StrEnum):
    """What is known of a tool's conformance to its standard."""

    CONFORMS = "conforms"
    NONCONFORMING = "nonconforming"
    NONDETERMINISTIC = "nondeterministic"
    """It declares no determinism, so a past success says little of the next one."""
    UNKNOWN = "unknown"


class Verifier(Protocol):
    """Says of a remedy what facts do not say."""

    def resolves(self, digest: str) -> bool:
        """Whether this piece of evidence is in the evidence store, with these bytes."""
        ...

    def conformance(self, skill_id: str, tool_version: str) -> Conformance:
        """What is known of the tool in this version."""
        ...

    def refusal(self, task: TaskColumns, remedy: Remedy) -> str | None:
        """The policy reason for which guards would refuse the remedy; None where they would not."""
        ...


class NothingKnown:
    """Verifies nothing, so that nothing prescribes."""

    def resolves(self, digest: str) -> bool:
        return False

    def conformance(self, skill_id: str, tool_version: str) -> Conformance:
        return Conformance.UNKNOWN

    def refusal(self, task: TaskColumns, remedy: Remedy) -> str | None:
        return None


NOTHING_KNOWN = NothingKnown()


def judge(
    learnt: Learnt,
    policy: Policy,
    *,
    now: datetime,
    stage: RolloutStage,
    verifier: Verifier = NOTHING_KNOWN,
    fingerprint_hash: str | None = None,
) -> Eligibility:
    """Whether a capsule may be applied at a moment; under other circumstances than its own it never may."""
    evaluate_time = timestamp(now)
    reasons = [*by_facts(learnt.tally, policy, now_us=micros(evaluate_time)), *_by_verifier(learnt, verifier)]
    if fingerprint_hash not in (None, learnt.tally.fingerprint_hash):
        reasons.append(_reason(EligibilityCode.FINGERPRINT_DIFFERS, "It was learnt under other gates or versions."))
    if stage is not RolloutStage.PRESCRIPTIVE:
        reasons.append(_reason(EligibilityCode.ROLLOUT_STAGE, f"The rollout is in its {stage.value} stage."))
    reasons.sort(key=lambda each: each.code.value)
    return Eligibility(
        use=CapsuleUse.ADVISORY if reasons else CapsuleUse.PRESCRIPTIVE, evaluate_time=evaluate_time, reasons=reasons
    )


def by_facts(counts: Tally, policy: Policy, *, now_us: int) -> Iterator[EligibilityReason]:
    """What speaks against a capsule at a moment by what happened alone."""
    document = policy.document
    supports, contradictions = counts.support_count, counts.contradiction_count
    if counts.last_support is None:
        yield _reason(EligibilityCode.REMEDY_MISSING, "Nothing has succeeded yet.")
    if supports < document.support.minimum_count:
        yield _number(EligibilityCode.SUPPORT_LOW, document.support.minimum_count, supports)
    bound = confidence(supports, contradictions, document.confidence)
    if bound < document.confidence.prescriptive_min:
        yield _number(EligibilityCode.CONFIDENCE_LOW, document.confidence.prescriptive_min, bound)
    if counts.last_support is not None:
        # A failure says nothing of the remedy holding still: only what supports the capsule makes it fresh.
        age_s, horizon_s = (now_us - counts.last_support[0]) // SECOND_US, document.staleness.horizon_s
        if age_s >= horizon_s:
            yield _number(EligibilityCode.STALE, horizon_s, age_s, "Seconds since the last support.")
    share = round(contradictions / (supports + contradictions), 6) if contradictions else 0.0
    if counts.contradictions_since > document.contradiction.consecutive_max:
        limit = document.contradiction.consecutive_max
        yield _number(
            EligibilityCode.CONTRADICTED, limit, counts.contradictions_since, "Contradictions since the last support."
        )
    elif share > document.contradiction.share_max:
        detail = "Share of contradictions."
        yield _number(EligibilityCode.CONTRADICTED, document.contradiction.share_max, share, detail)
    if counts.refusals_since:
        yield _reason(EligibilityCode.POLICY_INCOMPATIBLE, "It was refused after its last success.")


def _by_verifier(learnt: Learnt, verifier: Verifier) -> Iterator[EligibilityReason]:
    remedy = learnt.remedy
    if remedy is None:
        return
    missing = [proof.digest for proof in remedy.proofs if not verifier.resolves(proof.digest)]
    if missing:
        yield _reason(EligibilityCode.EVIDENCE_UNRESOLVED, f"{missing[0]} is not in the evidence store.")
    tool = f"{remedy.skill_id} {remedy.tool_version}"
    match verifier.conformance(remedy.skill_id, remedy.tool_version):
        case Conformance.NONCONFORMING:
            yield _reason(EligibilityCode.TOOL_NONCONFORMING, f"{tool} does not conform to its standard.")
        case Conformance.UNKNOWN:
            yield _reason(
                EligibilityCode.TOOL_NONCONFORMING,
                f"{tool} is not known to conform: no report says it of all its effects.",
            )
        case Conformance.NONDETERMINISTIC:
            yield _reason(EligibilityCode.TOOL_NONDETERMINISTIC, f"{tool} declares no determinism.")
        case Conformance.CONFORMS:
            pass
    refused = verifier.refusal(learnt.tally.task, remedy)
    # One reason for each code: what happened says it already where it did.
    if refused is not None and not learnt.tally.refusals_since:
        yield _reason(EligibilityCode.POLICY_INCOMPATIBLE, f"Guards refuse it: {refused}.")


def _reason(code: EligibilityCode, detail: str) -> EligibilityReason:
    return EligibilityReason(code=code, detail=detail)


def _number(code: EligibilityCode, limit: float, actual: float, detail: str | None = None) -> EligibilityReason:
    if detail is None:
        return EligibilityReason(code=code, limit=limit, actual=actual)
    return EligibilityReason(code=code, limit=limit, actual=actual, detail=detail)
