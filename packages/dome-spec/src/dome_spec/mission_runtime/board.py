"""The board: where every package of a mission stands, and who acts on it. One projection, for all who look. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from dome_contracts.canonical import digest
from dome_contracts.schema.governance.agent_profile import AgentRole
from dome_contracts.schema.missions.work_package import WorkPackage
from dome_contracts.schema.shared.definitions import Effector, Lane
from dome_spec.missions.status import Fork, PackageState, Standing, same

_WEIGHTS: Final[Mapping[Lane, float]] = MappingProxyType(
    {
        Lane.PLANNED: 0.0,
        Lane.CLAIMED: 0.05,
        Lane.IN_PROGRESS: 0.3,
        Lane.FOR_REVIEW: 0.6,
        Lane.IN_REVIEW: 0.7,
        Lane.APPROVED: 0.8,
        Lane.DONE: 1.0,
        Lane.BLOCKED: 0.0,
    }
)
"""How much of its way a package has gone. One that is canceled counts for nothing."""


COLUMNS: Final[Mapping[str, tuple[Lane, ...]]] = MappingProxyType(
    {
        "Planned": (Lane.PLANNED,),
        "Doing": (Lane.CLAIMED, Lane.IN_PROGRESS),
        "For review": (Lane.FOR_REVIEW,),
        "In review": (Lane.IN_REVIEW,),
        "Approved": (Lane.APPROVED,),
        "Done": (Lane.DONE,),
    }
)
"""The columns of a board in their order, and the lanes that each holds."""
APART: Final = (Lane.BLOCKED, Lane.CANCELED)
"""Lanes that stand beside the columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Everything that a board shows, as JSON values."""

    value: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """Digest of what is shown."""
        return digest(dict(self.value))


def board(standing: Standing) -> Board:
    """The board of a mission."""
    mission, state = standing.mission, standing.snapshot.mission
    return Board(
        value={
            "mission_id": mission.mission_id,
            "slug": mission.slug,
            "title": mission.title,
            "is_finalized": state is not None and state.is_finalized,
            "is_canceled": state is not None and state.is_canceled,
            "acceptance": None if state is None or state.acceptance is None else state.acceptance[1].value,
            "commit": None if state is None or state.receipt is None else state.receipt.commit,
            "dropped_count": len(standing.snapshot.dropped),
            "orphan_count": len(standing.snapshot.orphans),
            "progress": progress(standing),
            "packages": [_row(standing, name) for name in standing.snapshot.packages],
            "columns": {name: _in(standing, *lanes) for name, lanes in COLUMNS.items()},
            "apart": {lane.value: _in(standing, lane) for lane in APART},
        }
    )


def _in(standing: Standing, *lanes: Lane) -> list[str]:
    return [name for name, state in standing.snapshot.packages.items() if state.lane in lanes]


def progress(standing: Standing) -> dict[str, Any]:
    """How far the mission is: packages by lane, the share that is done, and the share of the way that is gone."""
    lanes = [each.lane for each in standing.snapshot.packages.values()]
    counted = [each for each in lanes if each is not Lane.CANCELED]
    total = len(counted) or 1
    return {
        "lanes": {lane.value: lanes.count(lane) for lane in Lane if lane in lanes},
        "done": sum(each is Lane.DONE for each in counted) / total,
        "weighted": round(sum(_WEIGHTS[each] for each in counted) / total, 6),
    }


def _row(standing: Standing, name: str) -> dict[str, Any]:
    state, package = standing.snapshot.packages[name], standing.packages[name]
    review = state.review
    return {
        "work_package_id": name,
        "title": package.title,
        "lane": state.lane.value,
        "stream_version": state.version,
        "track": package.track,
        "effector": effector_view(state, package),
        "waits_for": list(standing.waits_for(name)),
        "review": None if review is None else review.result.verdict.value,
        "review_count": state.review_count,
        "approvals": [each.to_value() for each in state.approvals],
        "is_review_overridden": review is not None and review.is_overridden,
        "force_count": state.force_count,
        "pending_operation": None if state.prepared is None else state.prepared.operation_id,
        "has_conflict": bool(state.open_forks or state.conflicts),
        "forks": [_fork(each) for each in state.forks],
        "subtasks": {each.id: state.subtasks.get(each.id, "open") for each in package.subtasks},
        "last_time": state.last_time,
    }


def _fork(fork: Fork) -> dict[str, Any]:
    """Events after the same one: which of them holds, which do not, and by what rule."""
    lost = [each for each in fork.children if each != fork.winner]
    return {"parent": fork.parent, "holds": fork.winner, "lost": lost, "rule": fork.rule.value}


def effector_view(state: PackageState, package: WorkPackage) -> dict[str, Any]:
    """Who acts on a package, and who was recommended: two answers, neither taken for the other."""
    role = AgentRole.REVIEWER if state.lane is Lane.IN_REVIEW else AgentRole.IMPLEMENTER
    bound, holder = state.bound.get(role), state.holder
    # A binding says more of who holds it; of somebody else who held it before, it says nothing.
    acts: Effector | None = bound if bound is not None and (holder is None or same(bound, holder)) else holder
    recommended = package.recommendation
    return {
        "acts": None if acts is None else acts.to_value(),
        "recommended": None if recommended is None else recommended.to_value(),
    }
