"""All that a plan is made from, as one value: nothing else can find its way into a plan."""

from dataclasses import dataclass, field

from dome_contracts.schema.control.control_strategies import ControlStrategies, PriorsUse
from dome_contracts.schema.patterns.pattern import Pattern
from dome_contracts.schema.planning.packet import Packet
from dome_contracts.schema.planning.plan import Layer
from dome_spec.planning.globs import within
from dome_spec.planning.knowledge import EMPTY, MemorySnapshot
from dome_spec.planning.repository import RepositoryFacts

_MODES = tuple(PriorsUse)
"""The least that is done with priors first."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a plan is made from, but for the moment."""

    packet: Packet
    repository: RepositoryFacts
    strategies: ControlStrategies
    memory: MemorySnapshot = EMPTY
    patterns: tuple[Pattern, ...] = ()
    """Those that a packet may name."""
    touchable: tuple[str, ...] = field(init=False)
    """The files that the packet allows to change."""

    def __post_init__(self) -> None:
        allowed = self.packet.constraints
        touchable = within(self.repository.paths, list(allowed.allowed_paths), list(allowed.forbidden_paths or ()))
        object.__setattr__(self, "touchable", touchable)

    @property
    def mode(self) -> PriorsUse:
        """What is done with priors: as far as both the strategies and the memory's policy let it."""
        return min(self.strategies.planner.priors, self.memory.stage, key=_MODES.index)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Layers that every criterion has, needed or not."""
        return tuple(self.strategies.planner.layers or ())
