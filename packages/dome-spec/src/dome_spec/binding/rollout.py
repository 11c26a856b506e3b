"""Rollout: how far what is learnt reaches, what it would have advised, and when it is taken back.

A counterfactual stands beside each attempt that set out to mend a failure: what the capsule advised right before it,
and whether the attempt did so. It follows from the ledger alone, in every stage and for every order of facts: in
the shadow stage it is what would have been advised. The stage that holds falls one below the policy's as long as the
attempts that followed advice do worse, by more than the policy allows, than those that did not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from dome_contracts.schema.knowledge.binder_policy import RolloutStage
from dome_spec.binding.contributions import Contribution
from dome_spec.binding.eligibility import by_facts
from dome_spec.binding.modes import Result
from dome_spec.binding.policy import Policy
from dome_spec.binding.store.port import Ledger
from dome_spec.binding.values import Order
from dome_spec.binding.views import LIMIT_MAX

LOOKED_AT_MAX: Final = 2_000
"""How many of the last contributions are looked at."""
SHOWN_MAX: Final = 20
_BELOW: Final = {
    RolloutStage.PRESCRIPTIVE: RolloutStage.GUIDED,
    RolloutStage.GUIDED: RolloutStage.SHADOW,
    RolloutStage.SHADOW: RolloutStage.SHADOW,
}
_SHARE_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """An attempt, and what would have been advised right before it."""

    contribution: Contribution
    advised: str | None
    """The template that a capsule prescribed by what had happened until then; None where none did."""

    @property
    def is_followed(self) -> bool:
        """Whether the attempt did what was advised."""
        return self.advised == self.contribution.template_digest

    @property
    def is_success(self) -> bool:
        """Whether it succeeded."""
        return self.contribution.result is Result.SUCCESS


@dataclass(frozen=True, slots=True)
class Attempts:
    """Attempts of one group, and how many of them succeeded."""

    count: int
    success_count: int

    @property
    def share(self) -> float | None:
        """The share of successes; None where there are no attempts."""
        return round(self.success_count / self.count, _SHARE_DIGITS) if self.count else None


@dataclass(frozen=True, slots=True)
class RolloutEvidence:
    """Which stage holds, and what speaks for it."""

    stage: RolloutStage
    """The stage that the policy asks for."""
    effective_stage: RolloutStage
    """The stage that holds."""
    followed: Attempts
    """The last attempts that did what was advised."""
    others: Attempts
    """The last attempts that did something else, or of which nothing was advised."""
    window_count: int
    success_drop_max: float
    counterfactuals: tuple[Counterfactual, ...]
    """The last of them all, the latest first."""

    @property
    def is_demoted(self) -> bool:
        """Whether a regression took the stage back."""
        return self.effective_stage is not self.stage


def rollout(memory: Ledger, policy: Policy | None = None) -> RolloutEvidence:
    """Which stage holds by a policy, by the memory's own where none is given, and the evidence of it."""
    policy = policy or memory.policy
    configured, rule = policy.document.rollout.stage, policy.document.rollout.demotion
    followed: list[Counterfactual] = []
    others: list[Counterfactual] = []
    shown: list[Counterfactual] = []
    for each in counterfactuals(memory, policy):
        group = followed if each.is_followed else others
        if len(group) < rule.window_count:
            group.append(each)
        if len(shown) < SHOWN_MAX:
            shown.append(each)
        if min(len(followed), len(others)) == rule.window_count:
            break
    here, there = _attempts(followed), _attempts(others)
    is_full = here.count == rule.window_count and here.share is not None and there.share is not None
    # Rounded, or a drop that is just permitted would be a little more than that.
    drop = round((there.share or 0.0) - (here.share or 0.0), _SHARE_DIGITS)
    is_worse = is_full and drop > rule.success_drop_max
    return RolloutEvidence(
        stage=configured,
        effective_stage=_BELOW[configured] if is_worse else configured,
        followed=here,
        others=there,
        window_count=rule.window_count,
        success_drop_max=rule.success_drop_max,
        counterfactuals=tuple(shown),
    )


def counterfactuals(memory: Ledger, policy: Policy) -> Iterator[Counterfactual]:
    """The last attempts that set out to mend a failure and ran, the latest first, each with what was advised of it."""
    looked_at, before = 0, None
    while looked_at < LOOKED_AT_MAX:
        page = memory.contributions(before=before, limit=LIMIT_MAX)
        for each in page:
            if each.addresses and each.result is not Result.REFUSAL:
                yield Counterfactual(each, _advised(memory, policy, each))
        if len(page) < LIMIT_MAX:
            return
        looked_at += len(page)
        before = page[-1].order


def _advised(memory: Ledger, policy: Policy, attempt: Contribution) -> str | None:
    place: Order = attempt.order
    learnt = memory.learnt(attempt.capsule_id, before=place)
    if learnt is None or learnt.remedy is None or any(by_facts(learnt, policy, now_us=attempt.end_us)):
        return None
    return learnt.remedy.template_digest


def _attempts(group: list[Counterfactual]) -> Attempts:
    return Attempts(len(group), sum(each.is_success for each in group))
