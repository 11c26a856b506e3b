"""What was learnt earlier, as the planner takes it: failures that are known, and priors with their standing.

Values only. Asking for them, and judging what a prior may be used for, is the business of the memory.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dome_contracts.canonical import digest
from dome_contracts.schema.control.control_strategies import PriorsUse
from dome_contracts.schema.knowledge.capsule import Capsule, CapsuleUse, Eligibility, EligibilityCode
from dome_contracts.schema.planning.task_spec import TaskSpec
from dome_contracts.schema.shared.definitions import Target, TaskKey


@dataclass(frozen=True, slots=True)
class KnownFailure:
    """Something that was seen to fail, and not since seen to hold."""

    target: Target
    failure_reason_code: str

    @property
    def order(self) -> tuple[str, str, str]:
        """What known failures are sorted by."""
        return (self.target.kind.value, self.target.id, self.failure_reason_code)


@dataclass(frozen=True, slots=True)
class OfferedPrior:
    """A capsule, what it may be used for at the moment of the plan, and its remedy as far as it is kept."""

    capsule: Capsule
    eligibility: Eligibility
    remedy: TaskSpec | None = None
    """The TaskSpec whose template last succeeded; None where nothing is kept of it."""

    @property
    def key(self) -> TaskKey:
        """What it was learnt of."""
        return self.capsule.key.task

    @property
    def is_prescriptive(self) -> bool:
        """Whether its remedy may be placed first."""
        return self.eligibility.use is CapsuleUse.PRESCRIPTIVE and self.remedy is not None


@dataclass(frozen=True, slots=True)
class MemorySnapshot:
    """What the memory answered: the same answers give the same plan."""

    failures: tuple[KnownFailure, ...] = ()
    priors: tuple[OfferedPrior, ...] = ()
    stage: PriorsUse = PriorsUse.PRESCRIPTIVE
    """How far what is learnt may reach by the memory's own policy. A planner's mode never goes beyond it."""

    @property
    def digest(self) -> str:
        """The digest of all that it says."""
        return digest(self.to_value())

    def to_value(self) -> dict[str, Any]:
        """As JSON, in an order of its own: who asked first makes no difference."""
        failures = [
            {"target": each.target.to_value(), "failure_reason_code": each.failure_reason_code}
            for each in ordered_failures(self.failures)
        ]
        priors = [_prior_value(each) for each in ordered_priors(self.priors)]
        return {"failures": failures, "priors": priors, "stage": self.stage.value}

    @classmethod
    def from_value(cls, value: Mapping[str, Any]) -> "MemorySnapshot":
        """What `to_value` gave."""
        failures = [
            KnownFailure(Target.from_value(each["target"]), str(each["failure_reason_code"]))
            for each in value["failures"]
        ]
        priors = [
            OfferedPrior(
                Capsule.from_value(each["capsule"]),
                Eligibility.from_value(each["eligibility"]),
                None if each["remedy"] is None else TaskSpec.from_value(each["remedy"]),
            )
            for each in value["priors"]
        ]
        return cls(tuple(failures), tuple(priors), PriorsUse(value["stage"]))


EMPTY = MemorySnapshot()
"""Nothing was learnt yet."""


def ordered_failures(failures: Sequence[KnownFailure]) -> tuple[KnownFailure, ...]:
    """Each once, by target and code."""
    unique = {each.order: each for each in failures}
    return tuple(unique[order] for order in sorted(unique))


def ordered_priors(priors: Sequence[OfferedPrior]) -> tuple[OfferedPrior, ...]:
    """Each capsule once, by its id, as it was judged for a task of its own circumstances, where there is one.

    Several answers to one failure share its key and differ in their tools: what the one has learnt is found for the
    others, too. Of several judgements that are left the more careful counts.
    """
    found: dict[str, OfferedPrior] = {}
    for each in sorted(priors, key=_prior_order):
        found.setdefault(each.capsule.capsule_id, each)
    return tuple(found.values())


def _prior_order(prior: OfferedPrior) -> tuple[str, bool, bool, str]:
    is_elsewhere = any(each.code is EligibilityCode.FINGERPRINT_DIFFERS for each in prior.eligibility.reasons)
    is_prescriptive = prior.eligibility.use is CapsuleUse.PRESCRIPTIVE
    return prior.capsule.capsule_id, is_elsewhere, is_prescriptive, digest(_prior_value(prior))


def _prior_value(prior: OfferedPrior) -> dict[str, Any]:
    return {
        "capsule": prior.capsule.to_value(),
        "eligibility": prior.eligibility.to_value(),
        "remedy": None if prior.remedy is None else prior.remedy.to_value(),
    }
