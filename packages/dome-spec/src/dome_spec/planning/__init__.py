"""Planning: from a packet, the facts of a repository and what was learnt to a plan in waves. Executes nothing."""

from dome_spec.planning.again import make_again
from dome_spec.planning.checking import check_packet, check_plan, check_strategies, decisive, target_fault
from dome_spec.planning.compose import (
    Material,
    Question,
    check_pattern,
    find_pattern,
    make_plan,
    questions,
)
from dome_spec.planning.identity import (
    document_digest,
    environment_class,
    fingerprint_input,
    plan_hash,
    task_id,
    task_key,
    template,
    template_digest,
)
from dome_spec.planning.knowledge import KnownFailure, MemorySnapshot, OfferedPrior
from dome_spec.planning.packets import Wanted, packet_example, packet_from, packet_of
from dome_spec.planning.plan_store import PlanAmbiguous, PlanDamaged, PlanNotFound, PlanStore, StoredPlan
from dome_spec.planning.reach import Reach, beyond, side_effects_for
from dome_spec.planning.recall import known_failures
from dome_spec.planning.refusals import (
    PacketRefused,
    PatternRefused,
    PlanInvalid,
    PlanningRefused,
    PlansExhausted,
    PlanTooLarge,
    Problem,
    StrategiesRefused,
)
from dome_spec.planning.repository import Head, Language, RepositoryFacts, Suite, facts_of, head_of, look
from dome_spec.planning.skills import SKILL_VERSIONS
from dome_spec.planning.strategies import default_strategies, default_strategies_text
from dome_spec.planning.versions import PLANNER_VERSION, version_in

__all__ = [
    "PLANNER_VERSION",
    "SKILL_VERSIONS",
    "Head",
    "KnownFailure",
    "Language",
    "Material",
    "MemorySnapshot",
    "OfferedPrior",
    "PacketRefused",
    "PatternRefused",
    "PlanAmbiguous",
    "PlanDamaged",
    "PlanInvalid",
    "PlanNotFound",
    "PlanStore",
    "PlanTooLarge",
    "PlanningRefused",
    "PlansExhausted",
    "Problem",
    "Question",
    "Reach",
    "RepositoryFacts",
    "StoredPlan",
    "StrategiesRefused",
    "Suite",
    "Wanted",
    "beyond",
    "check_packet",
    "check_pattern",
    "check_plan",
    "check_strategies",
    "decisive",
    "default_strategies",
    "default_strategies_text",
    "document_digest",
    "environment_class",
    "facts_of",
    "find_pattern",
    "fingerprint_input",
    "head_of",
    "known_failures",
    "look",
    "make_again",
    "make_plan",
    "packet_example",
    "packet_from",
    "packet_of",
    "plan_hash",
    "questions",
    "side_effects_for",
    "target_fault",
    "task_id",
    "task_key",
    "template",
    "template_digest",
    "version_in",
]
