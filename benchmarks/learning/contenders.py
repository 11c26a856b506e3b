"""Who takes part: three that learn nothing, and the planner with the memory in each stage of its rollout.

A contender says what is tried about a failure, in which order, and hears how it went. `never`, `shadow`, `guided` and
`prescriptive` have their plans from the one planner; `shadow` differs from `never` in that it learns.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Protocol

from benchmarks.learning.telling import ENVIRONMENT, FAILED, REPOSITORY_ID, VERSION, told
from benchmarks.learning.world import ANSWERS, Failure
from dome_contracts.schema.control.control_strategies import ControlStrategies, PriorsUse
from dome_contracts.schema.knowledge.binder_policy import BinderPolicy
from dome_contracts.schema.planning.packet import Packet
from dome_contracts.schema.planning.plan import Layer, Plan, PriorEffect
from dome_contracts.schema.planning.task_spec import TaskSpec
from dome_contracts.schema.shared.definitions import Target, TargetKind
from dome_spec.binding import (
    Conformance,
    Memory,
    Remedy,
    TaskColumns,
    default_policy,
    fit,
    open_memory,
    priors,
    rollout,
)
from dome_spec.kernel import timestamp
from dome_spec.planning import (
    KnownFailure,
    Material,
    MemorySnapshot,
    OfferedPrior,
    default_strategies,
    facts_of,
    fingerprint_input,
    make_plan,
    questions,
    task_key,
    template_digest,
)

COMMIT: Final = "cac1cff493e1a9d191f58e0a7de3fe2b1d43c0c2"
_VERSIONS: Final = {f"team.{answer}": VERSION for answer in ANSWERS}


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt at mending."""

    answer: str
    spec: TaskSpec | None = None
    is_prescribed: bool = False


class Contender(Protocol):
    """Somebody who mends."""

    def tries(self, failure: Failure, now: datetime) -> Sequence[Try]:
        """What is tried, one after the other, until one holds."""
        ...

    def hear(self, failure: Failure, attempts: Iterable[tuple[Try, bool, datetime]]) -> None:
        """How the attempts went."""
        ...


@dataclass(slots=True)
class ByChance:
    """Tries the answers in any order."""

    seed: int

    def tries(self, failure: Failure, now: datetime) -> Sequence[Try]:
        chance = random.Random(f"by chance {self.seed} {failure.number}")
        return [Try(answer) for answer in chance.sample(ANSWERS, len(ANSWERS))]

    def hear(self, failure: Failure, attempts: Iterable[tuple[Try, bool, datetime]]) -> None:
        """Learns nothing."""


@dataclass(slots=True)
class Retrying:
    """Tries what held last, of whatever failure it was, again and again; in the beginning the first answer."""

    last: str = ANSWERS[0]

    def tries(self, failure: Failure, now: datetime) -> Sequence[Try]:
        return [Try(self.last) for _ in ANSWERS]

    def hear(self, failure: Failure, attempts: Iterable[tuple[Try, bool, datetime]]) -> None:
        self.last = next((each.answer for each, holds, _ in attempts if holds), self.last)


class AllThere:
    """Says that all evidence is there and every tool conforms: in a simulated world there is nothing to look at."""

    def resolves(self, digest: str) -> bool:
        return True

    def conformance(self, skill_id: str, tool_version: str) -> Conformance:
        return Conformance.CONFORMS

    def refusal(self, task: TaskColumns, remedy: Remedy) -> str | None:
        return None


@dataclass(slots=True)
class Planning:
    """Has plans made, by what the memory offers in a stage of its rollout; without a stage nothing is asked or told."""

    stage: PriorsUse | None
    memory: Memory = field(init=False)
    templates: dict[str, TaskSpec] = field(default_factory=dict)
    stage_changes: int = 0
    _held_back: bool = False

    def __post_init__(self) -> None:
        value = default_policy().document.to_value()
        value["rollout"]["stage"] = (self.stage or PriorsUse.SHADOW).value
        self.memory = open_memory(None, fit(BinderPolicy.from_value(value), default_policy().triggers))

    def tries(self, failure: Failure, now: datetime) -> Sequence[Try]:
        target = Target(kind=TargetKind.TEST, id=failure.target)
        known = MemorySnapshot((KnownFailure(target, FAILED),), stage=self.stage or PriorsUse.SHADOW)
        material = Material(_packet(failure.target), _FACTS, _STRATEGIES, known)
        snapshot = known if self.stage is None else self._remembered(material, now)
        plan = make_plan(material.packet, _FACTS, strategies=_STRATEGIES, evaluate_time=timestamp(now), memory=snapshot)
        return [self._try(each, plan) for each in _answers(plan)]

    def hear(self, failure: Failure, attempts: Iterable[tuple[Try, bool, datetime]]) -> None:
        if self.stage is None:
            return
        for number, (each, holds, at) in enumerate(attempts):
            if each.spec is not None:
                self.memory.append(told(each.spec, run_id=f"run-{failure.number}", number=number, holds=holds, at=at))

    def _remembered(self, material: Material, now: datetime) -> MemorySnapshot:
        found = rollout(self.memory)
        self.stage_changes += found.is_demoted is not self._held_back
        self._held_back = found.is_demoted
        offered = []
        for question in questions(material):
            asked = fingerprint_input(question.spec, _VERSIONS, ENVIRONMENT)
            key = task_key(question.spec)
            for each in priors(
                self.memory, key, asked, now=now, limit=20, verifier=AllThere(), stage=found.effective_stage
            ):
                remedy = each.capsule.remedy
                kept = None if remedy is None else self.templates.get(remedy.template_digest)
                offered.append(OfferedPrior(each.capsule, each.eligibility, kept))
        return replace(material.memory, priors=tuple(offered), stage=PriorsUse(found.effective_stage.value))

    def _try(self, task_id: str, plan: Plan) -> Try:
        spec = plan.tasks[task_id].spec
        self.templates[template_digest(spec)] = spec
        placed = {each.task_id for each in plan.priors if each.effect is PriorEffect.PLACED_FIRST}
        return Try(spec.requires.skill.skill_id.removeprefix("team."), spec, task_id in placed)


def contenders(seed: int) -> dict[str, Contender]:
    """All of them, as they begin. The first is what the others are compared with."""
    return {
        "never": Planning(None),
        "random": ByChance(seed),
        "always-retry": Retrying(),
        "shadow": Planning(PriorsUse.SHADOW),
        "guided": Planning(PriorsUse.GUIDED),
        "prescriptive": Planning(PriorsUse.PRESCRIPTIVE),
    }


def _answers(plan: Plan) -> list[str]:
    """The tasks that mend, in the order in which they wait for each other."""
    return [task_id for wave in plan.waves for task_id in wave if plan.tasks[task_id].layer is Layer.TRANSFORM]


def _packet(target: str) -> Packet:
    value: dict[str, Any] = {
        "schema_version": "1",
        "packet_id": "mend",
        "goal": "The test passes.",
        "plan_card": {"why": "It fails.", "what": "Mend it."},
        "repository": {"repository_id": REPOSITORY_ID, "base_ref": "refs/heads/main", "base_commit": COMMIT},
        "criteria": [{"criterion_id": "AC01", "statement": "It passes.", "check": "test"}],
        "checks": {"test": {"skill": {"skill_id": "repo.test", "version_range": "*"}, "input": {"paths": [target]}}},
        "budgets": {"attempts_max": 1, "parallel_max": 1, "duration_s_max": 3600},
        "constraints": {"allowed_paths": ["src/**"]},
        "required_evidence": [{"kind": "diff"}],
    }
    return Packet.from_value(value)


def _strategies() -> ControlStrategies:
    answers = [
        {
            "action": {"kind": "fix"},
            "layer": "transform",
            "skill": {"skill_id": f"team.{answer}", "version_range": "*"},
            "input": {"what": "{target}"},
        }
        for answer in ANSWERS
    ]
    return ControlStrategies.from_value({**default_strategies().to_value(), "responses": {FAILED: answers}})


_FACTS: Final = facts_of(COMMIT, ["src/ledger.py", "tests/test_0.py"], lambda _: "")
_STRATEGIES: Final = _strategies()
