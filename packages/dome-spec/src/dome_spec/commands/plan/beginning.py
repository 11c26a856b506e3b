"""With what a run begins: the plan that was named, and the circumstances that hold for all of it.

What was said on the command line counts first, then what the plan was made with where that is kept here, then the
repository's own, then what is shipped.
"""

from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path

from dome_contracts.schema.planning.plan import Plan
from dome_contracts.schema.shared.definitions import FallbackMode
from dome_spec.binding import repository_policy
from dome_spec.commands.environment import environment_of
from dome_spec.commands.plan.documents import STANDARD_INPUT, read_strategies, read_value
from dome_spec.dispatch import Opening, RepositoryDiffers
from dome_spec.kernel import InfraContext, read_document
from dome_spec.planning import (
    PlanInvalid,
    PlanNotFound,
    PlanStore,
    StoredPlan,
    check_plan,
    plan_hash,
)


@dataclass(frozen=True, slots=True)
class Beginning:
    """A plan that can be carried out here, and how."""

    plan: Plan
    opening: Opening


def beginning_of(arguments: Namespace, infra: InfraContext) -> Beginning:
    """The plan and the circumstances. Raises PlanInvalid, PlanNotFound, RepositoryDiffers, DocumentInvalid."""
    plan, stored = _plan(arguments.plan, PlanStore(infra.state_dir))
    if problems := check_plan(plan, None if stored is None else stored.packet):
        raise PlanInvalid(problems)
    if plan.repository.repository_id != infra.repository_id:
        raise RepositoryDiffers(
            f"The plan is for the repository {plan.repository.repository_id}",
            why=f"this one is {infra.repository_id}",
            hint="Carry it out where it was made, or make one here: `dome plan new`",
        )
    policy = repository_policy(infra.root)
    if arguments.strategies is None and stored is not None:
        strategies = stored.strategies
    else:
        strategies = read_strategies(arguments.strategies, infra.root)
    wanted = stored.packet.fallback_mode if stored is not None else None
    opening = Opening(
        working_directory=str(infra.root),
        fallback_mode=FallbackMode(arguments.fallback_mode or wanted or policy.document.default_fallback_mode),
        binder_policy=policy.digest,
        environment_class=environment_of(infra.root),
        strategies=strategies,
        base_commit=plan.repository.base_commit,
    )
    return Beginning(plan, opening)


def _plan(named: str, kept: PlanStore) -> tuple[Plan, StoredPlan | None]:
    """The plan, and what it was made from where that is kept here."""
    if named != STANDARD_INPUT and not Path(named).is_file():
        stored = kept.get(named)
        return stored.plan, stored
    plan = read_document(Plan, read_value(named))
    try:
        return plan, kept.get(plan_hash(plan))
    except PlanNotFound:  # made elsewhere, or by hand
        return plan, None
