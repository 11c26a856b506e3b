"""Evidence that was promoted: attempts that an approved promotion rests on are chosen by it, whoever else did not.

Pure but for reading the record of the run; the same record gives the same facts.
"""

from collections.abc import Iterator
from typing import Final

from dome_contracts.canonical import digest
from dome_contracts.schema.gates.promotion_decision import PromotionDecision
from dome_contracts.schema.knowledge.evidence_capsule import EvidenceCapsule
from dome_contracts.schema.knowledge.fact import DocumentSource, EvidenceGroupFact, Fact
from dome_contracts.schema.knowledge.wrapper_envelope import WrapperEnvelope
from dome_contracts.schema.shared.definitions import AttemptStatus, Verdict, WrapperSignal
from dome_spec.binding import make_fact
from dome_spec.dispatch.wrap import EVIDENCE_MAX, Attempted
from dome_spec.gates import GateRecord
from dome_spec.kernel import moment
from dome_spec.planning import task_key

FAMILY: Final = "gates/promotion_decision"


def promoted_groups(kept: GateRecord) -> Iterator[tuple[PromotionDecision, str]]:
    """Each approved promotion with each attempt that it rests on, in a fixed order. Raises JudgementDamaged."""
    approved = [each for each in kept.promotions() if each.verdict is Verdict.APPROVE]
    if not approved:
        return
    decisions = [each.decision for each in kept.judgements() if each.decision is not None]
    groups = {digest(each.to_value()): each.group_id for each in decisions}
    for promotion in approved:
        for group_id in sorted({groups[each] for each in promotion.gate_decisions if each in groups}):
            yield promotion, group_id


def promoted_facts(promotion: PromotionDecision, attempted: Attempted, capsule: EvidenceCapsule) -> Iterator[Fact]:
    """That the evidence of an attempt was promoted; nothing where it did not hold."""
    if capsule.outcome.status is not AttemptStatus.SUCCEEDED:
        return
    wrapper = WrapperEnvelope(
        schema_version="1",
        run_id=capsule.run_id,
        task_id=capsule.task_id,
        group_id=capsule.group_id,
        signal=WrapperSignal.PROMOTED_EVIDENCE,
        wrapper_policy=attempted.opening.fallback_mode,
        task=task_key(attempted.task.spec),
        outcome=capsule.outcome,
        evidence=[member.evidence for member in capsule.members[:EVIDENCE_MAX]],
        lineage=attempted.lineage,
        wrap_time=promotion.decide_time,
    )
    source = DocumentSource(
        origin="document", family=FAMILY, digest=digest(promotion.to_value()), lineage=attempted.lineage
    )
    yield make_fact(
        EvidenceGroupFact(kind="evidence_group", wrapper=wrapper),
        source=source,
        repository_id=attempted.repository_id,
        occur_time=moment(promotion.decide_time),
    )
