"""What priors change: which remedy is placed first, which answer comes before another, and what is only recorded."""

from collections.abc import Sequence
from dataclasses import dataclass

from dome_contracts.schema.control.control_strategies import ControlStrategies, FailureResponse, PriorsUse
from dome_contracts.schema.knowledge.capsule import EligibilityCode
from dome_contracts.schema.planning.plan import PriorEffect
from dome_contracts.schema.shared.definitions import Target
from dome_spec.planning.compose.material import Material
from dome_spec.planning.knowledge import OfferedPrior, ordered_priors

PRIORS_MAX = 20
"""Most priors for one failure where the strategies say nothing."""
UNKNOWN = 0.5
"""How reliable an answer is of which nothing is known, and how much a skill is preferred that nobody prefers."""


@dataclass(frozen=True, slots=True)
class Consulted:
    """A prior that was looked at, and what came of it."""

    prior: OfferedPrior
    effect: PriorEffect
    primitive: str | None
    """The primitive that it changed."""
    withheld: PriorEffect | None
    """What the mode did not let it change."""


def priors_for(target: Target, failure_reason_code: str, material: Material) -> tuple[OfferedPrior, ...]:
    """What was learnt of a failure of a target, the most confident first, as many as are consulted."""
    found = [
        each
        for each in ordered_priors(material.memory.priors)
        if each.key.target == target and each.key.failure_reason_code == failure_reason_code
    ]
    found.sort(key=lambda each: (-each.capsule.confidence, each.capsule.capsule_id))
    return tuple(found[: material.strategies.planner.priors_max or PRIORS_MAX])


def remedy_first(priors: Sequence[OfferedPrior], mode: PriorsUse) -> OfferedPrior | None:
    """The prior whose remedy comes before the ordinary plan, if any: at most one."""
    if mode is not PriorsUse.PRESCRIPTIVE:
        return None
    return next((each for each in priors if each.is_prescriptive), None)


def ranked(
    responses: Sequence[FailureResponse], priors: Sequence[OfferedPrior], strategies: ControlStrategies
) -> tuple[FailureResponse, ...]:
    """The answers in the order in which they are tried: as they are written, unless more speaks for one of them.

    Of cost, latency and size of a change nothing is known before an answer was tried: reliability and preference speak.
    """
    ranking = strategies.ranking
    whole = ranking.reliability + ranking.cost + ranking.latency + ranking.change_size
    weight = ranking.reliability / whole if whole else 0.0

    def worth(response: FailureResponse) -> float:
        preferred = (strategies.tool_preferences or {}).get(response.skill.skill_id, UNKNOWN)
        return weight * (_reliability(response, priors) - UNKNOWN) + (preferred - UNKNOWN)

    order = sorted(range(len(responses)), key=lambda index: (-worth(responses[index]), index))
    return tuple(responses[index] for index in order)


def _reliability(response: FailureResponse, priors: Sequence[OfferedPrior]) -> float:
    """The confidence in an answer that earlier held. One that is little sure is no worse than one never tried."""
    known = [each.capsule.confidence for each in priors if _speaks_for(each, response)]
    return max([UNKNOWN, *(UNKNOWN + confidence / 2 for confidence in known)])


def _speaks_for(prior: OfferedPrior, response: FailureResponse) -> bool:
    remedy = prior.capsule.remedy
    return remedy is not None and remedy.skill_id == response.skill.skill_id and prior.key.action == response.action


def advice(priors: Sequence[OfferedPrior], mode: PriorsUse) -> tuple[str, ...]:
    """What an answer is told of earlier ones. Says what held, not how often: words that change change the task."""
    if mode is PriorsUse.SHADOW:
        return ()
    skills = sorted({each.capsule.remedy.skill_id for each in priors if each.capsule.remedy is not None})
    return tuple(f"It was mended before, with `{each}`. That is advice; look for yourself." for each in skills)


def consulted(
    priors: Sequence[OfferedPrior], mode: PriorsUse, *, placed: OfferedPrior | None, remedy: str, answer: str | None
) -> tuple[Consulted, ...]:
    """What came of each prior. `answer` is the primitive that suggestions change; None where there is none."""
    found = []
    for each in priors:
        possible = _possible(each, answer)
        effect = PriorEffect.NONE
        if each is placed:
            effect = PriorEffect.PLACED_FIRST
        elif mode is not PriorsUse.SHADOW and possible is not PriorEffect.NONE and answer is not None:
            effect = PriorEffect.SUGGESTED
        changed = {PriorEffect.PLACED_FIRST: remedy, PriorEffect.SUGGESTED: answer, PriorEffect.NONE: None}[effect]
        is_by_mode = _MODES.index(mode) < _MODES.index(_NEEDED[possible])
        is_by_stage = possible is PriorEffect.PLACED_FIRST and not each.is_prescriptive
        found.append(Consulted(each, effect, changed, possible if is_by_mode or is_by_stage else None))
    return tuple(found)


_MODES = tuple(PriorsUse)
_NEEDED = {
    PriorEffect.NONE: PriorsUse.SHADOW,
    PriorEffect.SUGGESTED: PriorsUse.GUIDED,
    PriorEffect.PLACED_FIRST: PriorsUse.PRESCRIPTIVE,
}


def _possible(prior: OfferedPrior, answer: str | None) -> PriorEffect:
    """What it would change if no mode or stage held it back."""
    if prior.remedy is not None and all(
        each.code is EligibilityCode.ROLLOUT_STAGE for each in prior.eligibility.reasons
    ):
        return PriorEffect.PLACED_FIRST
    return PriorEffect.SUGGESTED if prior.capsule.remedy is not None and answer is not None else PriorEffect.NONE
