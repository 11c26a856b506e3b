"""What was learnt before, as an effector of a package is told it: each prior with its standing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dome_contracts.schema.knowledge.capsule import Capsule
from dome_contracts.schema.mission_runtime.communication_artefact import Prior, PriorStanding
from dome_spec.mission_runtime.loop.packets import packet_name
from dome_spec.planning import OfferedPrior, PlanStore, StoredPlan

PRIORS_MAX = 8
"""Most priors that an effector is told."""
_PLANS_MAX: Final = 64
"""Plans that are looked through, the newest first."""


def learnt(state: Path, slug: str, package: str) -> tuple[Prior, ...]:
    """What the last plan of a package knew from before; empty where it was never planned."""
    plans, name = PlanStore(state), packet_name(slug, package)
    for each in plans.names()[:_PLANS_MAX]:
        stored = plans.get(each)
        if stored.plan.packet_id == name:
            return told_priors(stored)
    return ()


def told_priors(stored: StoredPlan) -> tuple[Prior, ...]:
    """The priors that the last plan of a package consulted: what prescribes first, then the surest."""
    offered = sorted(stored.memory.priors, key=_rank)
    return tuple(_told(offered[:PRIORS_MAX]))


def _rank(prior: OfferedPrior) -> tuple[bool, float, str]:
    return not prior.is_prescriptive, -prior.capsule.confidence, prior.capsule.capsule_id


def _told(offered: list[OfferedPrior]) -> Iterator[Prior]:
    for each in offered:
        standing = PriorStanding.PRESCRIPTIVE if each.is_prescriptive else PriorStanding.ADVISORY
        yield Prior(capsule=each.capsule.capsule_id, standing=standing, text=_words(each.capsule))


def _words(capsule: Capsule) -> str:
    task = capsule.key.task
    about = f"{task.failure_reason_code} of {task.target.kind.value} {task.target.id}"
    if capsule.remedy is None:
        return f"{about} was seen {capsule.sighting_count} times; nothing has mended it yet."
    tried = capsule.support_count + capsule.contradiction_count
    remedy = f"{capsule.remedy.skill_id} {capsule.remedy.tool_version}"
    return f"{about}: {remedy} has mended it {capsule.support_count} of {tried} times, last {capsule.last_seen_ts}."
