"""Capsules: what the contributions to one key add up to.

Support is a success; contradiction a failure after the first support; a sighting is a failure before any support, and
every refusal. All of it follows from the set of contributions and their order, so nothing is ever added to a number.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Final

from dome_contracts.schema.knowledge.binder_policy import ConfidenceRule
from dome_contracts.schema.knowledge.capsule import Capsule, ContributionEffect, Eligibility, FingerprintInput
from dome_spec.binding.contributions import Contribution
from dome_spec.binding.modes import Result
from dome_spec.binding.policy import Policy
from dome_spec.binding.values import Order, Proof, TaskColumns, task_value
from dome_spec.kernel import from_micros, timestamp

LATEST_MAX: Final = 5
"""How many of its contributions a capsule shows."""
_CONFIDENCE_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Tally:
    """The counts of a capsule, and the contributions that they turn on."""

    binder_version: str
    capsule_id: str
    task: TaskColumns
    fingerprint_hash: str
    support_count: int
    contradiction_count: int
    sighting_count: int
    contradictions_since: int
    """Contradictions after the last support."""
    refusals_since: int
    """Refusals after the last support; all of them where there is none."""
    first_seen_us: int
    last_seen_us: int
    first_support: Order | None
    last_support: Order | None


@dataclass(frozen=True, slots=True)
class Remedy:
    """What last succeeded, and what shows it."""

    template_digest: str
    skill_id: str
    tool_version: str
    group_id: str
    proofs: tuple[Proof, ...]


@dataclass(frozen=True, slots=True)
class Learnt:
    """A capsule as the store gives it: judged by nobody yet."""

    tally: Tally
    fingerprint: FingerprintInput
    remedy: Remedy | None
    latest: tuple[Contribution, ...]
    """The last contributions, in their order."""


def tally(contributions: Iterable[Contribution]) -> Tally | None:
    """What the contributions to one key add up to; None where none of them may begin a capsule."""
    ledger = sorted(contributions, key=lambda each: each.order)
    return counted(ledger) if any(each.begins for each in ledger) else None


def counted(ledger: Sequence[Contribution]) -> Tally:
    """What contributions to one key, in their order, add up to, whether or not any of them may begin a capsule."""
    supports = [each.order for each in ledger if each.result is Result.SUCCESS]
    first, last = (supports[0], supports[-1]) if supports else (None, None)
    effects = [effect(each, first) for each in ledger]
    since = [each for each in ledger if last is None or each.order > last]
    return Tally(
        binder_version=ledger[0].binder_version,
        capsule_id=ledger[0].capsule_id,
        task=ledger[0].task,
        fingerprint_hash=ledger[0].fingerprint_hash,
        support_count=len(supports),
        contradiction_count=effects.count(ContributionEffect.CONTRADICTION),
        sighting_count=effects.count(ContributionEffect.SIGHTING),
        contradictions_since=sum(effect(each, first) is ContributionEffect.CONTRADICTION for each in since),
        refusals_since=sum(each.result is Result.REFUSAL for each in since),
        first_seen_us=ledger[0].end_us,
        last_seen_us=ledger[-1].end_us,
        first_support=first,
        last_support=last,
    )


def continued(before: Tally, contribution: Contribution) -> Tally:
    """What one contribution more makes of a tally, where it comes after all that were counted."""
    last_us, order = contribution.end_us, contribution.order
    match effect(contribution, before.first_support):
        case ContributionEffect.SUPPORT:
            return replace(
                before,
                support_count=before.support_count + 1,
                contradictions_since=0,
                refusals_since=0,
                last_seen_us=last_us,
                first_support=before.first_support or order,
                last_support=order,
            )
        case ContributionEffect.CONTRADICTION:
            return replace(
                before,
                contradiction_count=before.contradiction_count + 1,
                contradictions_since=before.contradictions_since + 1,
                last_seen_us=last_us,
            )
        case ContributionEffect.SIGHTING:
            return replace(
                before,
                sighting_count=before.sighting_count + 1,
                refusals_since=before.refusals_since + (contribution.result is Result.REFUSAL),
                last_seen_us=last_us,
            )


@dataclass(frozen=True, slots=True)
class Standing:
    """A capsule right before a place: what it had come to, whether anything had begun it, what had last succeeded."""

    tally: Tally
    is_begun: bool
    template_digest: str | None

    def after(self, contribution: Contribution) -> "Standing":
        """The capsule right after one contribution more."""
        is_support = contribution.result is Result.SUCCESS
        return Standing(
            continued(self.tally, contribution),
            self.is_begun or contribution.begins,
            contribution.template_digest if is_support else self.template_digest,
        )


def opened(contribution: Contribution) -> Standing:
    """A capsule right after its first contribution."""
    is_support = contribution.result is Result.SUCCESS
    return Standing(counted([contribution]), contribution.begins, contribution.template_digest if is_support else None)


def effect(contribution: Contribution, first_support: Order | None) -> ContributionEffect:
    """Which count a contribution raises, given the first support of its capsule."""
    if contribution.result is Result.SUCCESS:
        return ContributionEffect.SUPPORT
    if contribution.result is Result.FAILURE and first_support is not None and contribution.order > first_support:
        return ContributionEffect.CONTRADICTION
    return ContributionEffect.SIGHTING


def confidence(supports: int, contradictions: int, rule: ConfidenceRule) -> float:
    """The lower bound of the Wilson score interval of the share of successes, to six digits; 0 without any."""
    count = supports + contradictions
    if not count:
        return 0.0
    share, z = supports / count, rule.z
    spread = z * sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    bound = (share + z * z / (2 * count) - spread) / (1 + z * z / count)
    return max(0.0, round(bound, _CONFIDENCE_DIGITS))


def capsule_document(learnt: Learnt, policy: Policy, eligibility: Eligibility | None = None) -> Capsule:
    """The capsule in the form of its contract, with its confidence by a policy."""
    counts = learnt.tally
    value = {
        "schema_version": "1",
        "capsule_id": counts.capsule_id,
        "key": {
            "task": task_value(counts.task),
            "fingerprint_hash": counts.fingerprint_hash,
            "binder_version": counts.binder_version,
        },
        "fingerprint": learnt.fingerprint.to_value(),
        "support_count": counts.support_count,
        "contradiction_count": counts.contradiction_count,
        "sighting_count": counts.sighting_count,
        "confidence": confidence(counts.support_count, counts.contradiction_count, policy.document.confidence),
        "binder_policy": policy.digest,
        "first_seen_ts": timestamp(from_micros(counts.first_seen_us)),
        "last_seen_ts": timestamp(from_micros(counts.last_seen_us)),
        "latest_contributions": _latest(learnt.latest, counts.first_support),
    }
    if counts.last_support is not None:
        value["last_support_ts"] = timestamp(from_micros(counts.last_support[0]))
    if learnt.remedy is not None:
        value["remedy"] = _remedy_value(learnt.remedy)
    if eligibility is not None:
        value["eligibility"] = eligibility.to_value()
    return Capsule.from_value(value)


def _latest(contributions: Sequence[Contribution], first_support: Order | None) -> list[dict[str, object]]:
    return [
        {
            "key": {
                "run_id": each.run_id,
                "task_id": each.task_id,
                "group_id": each.group_id,
                "binder_version": each.binder_version,
            },
            "effect": effect(each, first_support).value,
            **({"job_id": each.job_id} if each.job_id else {}),
            "end_time": timestamp(from_micros(each.end_us)),
        }
        for each in contributions
    ]


def _remedy_value(remedy: Remedy) -> dict[str, object]:
    return {
        "template_digest": remedy.template_digest,
        "skill_id": remedy.skill_id,
        "tool_version": remedy.tool_version,
        "group_id": remedy.group_id,
        "evidence": [
            {
                "digest": proof.digest,
                "location": proof.location,
                **({"media_type": proof.media_type} if proof.media_type else {}),
            }
            for proof in remedy.proofs
        ],
    }
