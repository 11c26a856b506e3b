"""A table of transitions, looked at from a lane. The table itself is data that a mission names by version."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from dome_contracts.schema.governance.mission_type import ForceRule, LaneEdge, TransitionTable
from dome_contracts.schema.shared.definitions import Lane, LaneOperation


class Table:
    """Which transitions are legal."""

    def __init__(self, source: TransitionTable) -> None:
        self.source = source
        self.initial = source.initial
        self.terminal = frozenset(source.terminal)
        self.satisfying = frozenset(source.satisfying)
        self.force: ForceRule = source.force
        self._edges: Mapping[tuple[LaneOperation, Lane, Lane], LaneEdge] = MappingProxyType(
            {(each.operation, each.from_, each.to): each for each in source.edges}
        )

    def edge(self, operation: LaneOperation, lane: Lane, to: Lane) -> LaneEdge | None:
        """The edge, None where there is none."""
        return self._edges.get((operation, lane, to))

    def edges(self, lane: Lane) -> tuple[LaneEdge, ...]:
        """The edges that leave a lane, in the order of the table."""
        return tuple(each for each in self.source.edges if each.from_ is lane)

    def targets(self, operation: LaneOperation, lane: Lane) -> tuple[Lane, ...]:
        """Where an operation leads from a lane."""
        return tuple(each.to for each in self.edges(lane) if each.operation is operation)


@lru_cache(maxsize=1)
def upstream_table() -> Table:
    """`upstream-1`: what imported logs were written by. Every lane that is not terminal leads to every other one.

    Imported events are judged by the order in which they follow each other, not by rules that their writers did not
    have: the import itself has refused what it could not map.
    """
    lanes = [each for each in Lane if each not in {Lane.DONE, Lane.CANCELED}]
    edges: list[dict[str, object]] = [
        {"operation": operation_to(to).value, "from": lane.value, "to": to.value, "guards": []}
        for lane in lanes
        for to in Lane
        if to is not lane
    ]
    return Table(
        TransitionTable.from_value(
            {
                "id": "upstream-1",
                "version": "1.0.0",
                "initial": "planned",
                "terminal": ["done", "canceled"],
                "satisfying": ["approved", "done"],
                "edges": edges,
                "force": {"leaves": [each.value for each in Lane], "guards": []},
            }
        )
    )


_OPERATION_TO: Mapping[Lane, LaneOperation] = MappingProxyType(
    {
        Lane.PLANNED: LaneOperation.RELEASE,
        Lane.CLAIMED: LaneOperation.CLAIM,
        Lane.IN_PROGRESS: LaneOperation.START,
        Lane.FOR_REVIEW: LaneOperation.SUBMIT,
        Lane.IN_REVIEW: LaneOperation.BEGIN_REVIEW,
        Lane.APPROVED: LaneOperation.APPROVE,
        Lane.DONE: LaneOperation.INTEGRATE,
        Lane.BLOCKED: LaneOperation.BLOCK,
        Lane.CANCELED: LaneOperation.CANCEL,
    }
)


def operation_to(lane: Lane) -> LaneOperation:
    """The operation that most plainly leads into a lane."""
    return _OPERATION_TO[lane]
