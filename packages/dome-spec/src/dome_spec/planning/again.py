"""Makes a kept plan again, from all that it was made from: the proof that nothing else found its way in."""

from dome_contracts.schema.planning.plan import Plan
from dome_spec.kernel import Repository
from dome_spec.planning.compose import make_plan
from dome_spec.planning.plan_store import StoredPlan
from dome_spec.planning.repository import look


def make_again(stored: StoredPlan, repository: Repository) -> Plan:
    """The plan as these rules make it today. Raises RefNotFound where its commit is gone, PlanningRefused."""
    facts = look(repository, stored.packet.repository.base_commit)
    return make_plan(
        stored.packet,
        facts,
        strategies=stored.strategies,
        evaluate_time=stored.plan.inputs.evaluate_time,
        memory=stored.memory,
        patterns=[] if stored.pattern is None else [stored.pattern],
    )
