"""Asks the memory what a plan should know: what is known to fail, and what was learnt of it. Writes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dome_contracts.schema.control.control_strategies import ControlStrategies, PriorsUse
from dome_contracts.schema.knowledge.binder_policy import RolloutStage
from dome_contracts.schema.knowledge.capsule import Capsule
from dome_contracts.schema.patterns.memory_entry import MemoryEntry
from dome_contracts.schema.planning.packet import Packet
from dome_spec.binding import (
    LIMIT_MAX,
    Memory,
    Verifier,
    open_memory,
    priors,
    repository_policy,
    rollout,
)
from dome_spec.commands.environment import environment_of
from dome_spec.commands.memory.judging import known_versions, verifier_of
from dome_spec.commands.plan.layering import layered
from dome_spec.kernel import InfraContext, micros, moment
from dome_spec.patterns import About
from dome_spec.planning import (
    KnownFailure,
    Material,
    MemorySnapshot,
    OfferedPrior,
    PlanStore,
    Question,
    RepositoryFacts,
    fingerprint_input,
    known_failures,
    questions,
    task_key,
)

_PRIORS_MAX: Final = 20


def remembered(
    packet: Packet,
    facts: RepositoryFacts,
    infra: InfraContext,
    *,
    strategies: ControlStrategies,
    stated: Sequence[KnownFailure],
    entries: Sequence[MemoryEntry],
    at: str,
    run_id: str | None = None,
) -> MemorySnapshot:
    """What is known at a moment: what the memory answers, what the layers say of that, and what was stated beside it.

    `run_id` names the run whose own entries count, too.
    """
    now = moment(at)
    about = About(repository_id=infra.state_dir.name, run_id=run_id, now=at)
    with _memory(infra) as memory:
        rows = memory.recent_failures(limit=LIMIT_MAX)
        failures = (*stated, *known_failures(rows, strategies, now_us=micros(at)))
        asked = Material(packet, facts, strategies, MemorySnapshot(failures))
        stage = rollout(memory, memory.policy).effective_stage
        versions = known_versions(infra, memory)
        environment = environment_of(infra.root)
        asking = _Asking(memory, PlanStore(infra.state_dir), verifier_of(infra), versions, stage, now, environment)
        found = [prior for each in questions(asked) for prior in asking.priors(each)]
    offered = layered(found, entries, about)
    return MemorySnapshot(failures, offered, PriorsUse(stage.value))


@contextmanager
def _memory(infra: InfraContext) -> Iterator[Memory]:
    path = infra.memory_path if infra.memory_path.is_file() else None
    memory = open_memory(path, repository_policy(infra.root))
    try:
        yield memory
    finally:
        memory.close()


@dataclass(frozen=True, slots=True)
class _Asking:
    """The memory, as it is asked for one plan."""

    memory: Memory
    store: PlanStore
    verifier: Verifier
    versions: Mapping[str, str]
    stage: RolloutStage
    now: datetime
    environment: str
    """The class of the environment in which the plan's tasks would run."""

    def priors(self, question: Question) -> Iterator[OfferedPrior]:
        """What was learnt of a task, each with its remedy as far as it is kept."""
        found = priors(
            self.memory,
            task_key(question.spec),
            fingerprint_input(question.spec, self.versions, self.environment),
            now=self.now,
            limit=_PRIORS_MAX,
            verifier=self.verifier,
            stage=self.stage,
        )
        for each in found:
            remedy = each.capsule.remedy
            kept = None if remedy is None else self.store.template(remedy.template_digest)
            yield OfferedPrior(_as_kept(each.capsule), each.eligibility, kept)


def _as_kept(capsule: Capsule) -> Capsule:
    """The capsule without its judgement, which depends on the moment of asking."""
    return Capsule.from_value({name: each for name, each in capsule.to_value().items() if name != "eligibility"})
