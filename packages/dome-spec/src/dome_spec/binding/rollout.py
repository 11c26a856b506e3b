"""Rollout: how far what is learnt reaches, what it would have advised, and when it is taken back.

A counterfactual stands beside each attempt that set out to mend a failure: what the capsule advised right before it,
and whether the attempt did so. It follows from the ledger alone, in every stage and for every order of facts: in
the shadow stage it is what would have been advised. The stage that holds falls one below the policy's as long as the
attempts that followed advice do worse, by more than the policy allows, than those that did not. It is not judged before
a whole window of attempts has followed advice; of the others a single one is enough to compare with.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from dome_contracts.schema.knowledge.binder_policy import RolloutStage
from dome_spec.binding.capsules import Standing, opened
from dome_spec.binding.contributions import Contribution
from dome_spec.binding.eligibility import by_facts
from dome_spec.binding.modes import Result
from dome_spec.binding.policy import Policy
from dome_spec.binding.store.port import LOOKED_AT_MAX, Ledger
from dome_spec.binding.views import LIMIT_MAX

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
    """How many attempts have to have followed advice before it is judged; of the others no more are compared."""
    success_drop_max: float
    counterfactuals: tuple[Counterfactual, ...]
    """The last of them all, the latest first."""

    @property
    def is_judged(self) -> bool:
        """Whether there are attempts enough to take a stage back by: a window of those that followed, and another."""
        return self.followed.count == self.window_count and self.others.count > 0

    @property
    def success_drop(self) -> float | None:
        """By how much the share of successes of those that followed is the lower one; None before it is judged."""
        if not self.is_judged or self.followed.share is None or self.others.share is None:
            return None
        # Rounded, or a drop that is just permitted would be a little more than that.
        return round(self.others.share - self.followed.share, _SHARE_DIGITS)

    @property
    def is_demoted(self) -> bool:
        """Whether a regression took the stage back."""
        return self.effective_stage is not self.stage


def rollout(memory: Ledger, policy: Policy | None = None) -> RolloutEvidence:
    """Which stage holds by a policy, by the memory's own where none is given, and the evidence of it."""
    policy = policy or memory.policy
    # Where the last few fill both groups, nothing earlier can change what is found.
    found = _evidence(counterfactuals(memory, policy, count=LIMIT_MAX), policy)
    if min(found.followed.count, found.others.count) < found.window_count or len(found.counterfactuals) < SHOWN_MAX:
        found = _evidence(counterfactuals(memory, policy), policy)
    drop = found.success_drop
    if drop is None or drop <= found.success_drop_max:
        return found
    return replace(found, effective_stage=_BELOW[found.stage])


def counterfactuals(memory: Ledger, policy: Policy, *, count: int = LOOKED_AT_MAX) -> tuple[Counterfactual, ...]:
    """The last attempts that set out to mend a failure and ran, the latest first, each with what was advised of it.

    Looks at the last `count` contributions, at each of them once.
    """
    latest = memory.latest(count)
    standing: dict[str, Standing] = dict(latest.standing)
    found = []
    for each in latest.contributions:
        known = standing.get(each.capsule_id)
        if each.addresses and each.result is not Result.REFUSAL:
            found.append(Counterfactual(each, _advised(known, policy, each)))
        standing[each.capsule_id] = opened(each) if known is None else known.after(each)
    return tuple(reversed(found))


def _advised(known: Standing | None, policy: Policy, attempt: Contribution) -> str | None:
    if known is None or not known.is_begun or any(by_facts(known.tally, policy, now_us=attempt.end_us)):
        return None
    return known.template_digest


def _evidence(found: Iterable[Counterfactual], policy: Policy) -> RolloutEvidence:
    """What the last of these attempts show, with the stage that the policy asks for."""
    configured, rule = policy.document.rollout.stage, policy.document.rollout.demotion
    followed: list[Counterfactual] = []
    others: list[Counterfactual] = []
    shown: list[Counterfactual] = []
    for each in found:
        group = followed if each.is_followed else others
        if len(group) < rule.window_count:
            group.append(each)
        if len(shown) < SHOWN_MAX:
            shown.append(each)
    return RolloutEvidence(
        stage=configured,
        effective_stage=configured,
        followed=_attempts(followed),
        others=_attempts(others),
        window_count=rule.window_count,
        success_drop_max=rule.success_drop_max,
        counterfactuals=tuple(shown),
    )


def _attempts(group: list[Counterfactual]) -> Attempts:
    return Attempts(len(group), sum(each.is_success for each in group))
