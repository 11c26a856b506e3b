"""What a conjunction of atoms demands of an array."""

from dataclasses import dataclass, field

from dome_spec.contracts.compatibility.subsumption.asking import Asking
from dome_spec.contracts.compatibility.subsumption.terms import At, Cases, Distinct, Holding, Literal, LongerThan, Tail


@dataclass(frozen=True, slots=True)
class Shown:
    """At least `count` items from `start` on are among the values."""

    start: int
    count: int
    values: Cases


@dataclass(slots=True)
class Demands:
    """What is demanded of the length, of items at their places, and of some items wherever they are."""

    low: int = 0
    high: int | None = None
    at: dict[int, list[Cases]] = field(default_factory=dict)
    tails: list[tuple[int, Cases]] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    limited: list[tuple[int, Cases]] = field(default_factory=list)
    """At most that many items are among the values."""
    distinct: bool | None = None

    def limit_length(self, length: int, *, longer: bool) -> None:
        """Take a limit of the length: longer than that, or not."""
        if longer:
            self.low = max(self.low, length + 1)
        else:
            self.high = length if self.high is None else min(self.high, length)

    def longest(self) -> int:
        """A length beyond which no array is needed."""
        return max(self.low, self.varied()) if self.shown or self.distinct is False else self.low

    def varied(self) -> int:
        """The number of positions, from the first on, that need not be like all those behind them."""
        needed = sum(each.count for each in self.shown) + (2 if self.distinct is False else 0)
        starts = [index + 1 for index in self.at]
        starts += [start for start, _ in self.tails]
        starts += [each.start for each in self.shown]
        return max(starts, default=0) + needed

    def of(self, index: int) -> list[Cases]:
        """What an item at the index has to be in any case."""
        return [*self.at.get(index, ()), *(values for start, values in self.tails if start <= index)]


def demands_of(search: Asking, literals: list[Literal]) -> Demands:
    """The demands of the literals, all of which have to hold."""
    demands = Demands()
    negated = search.formulas.cases_not
    for literal in literals:
        match literal.atom, literal.holds:
            case LongerThan(length), longer:
                demands.limit_length(length, longer=longer)
            case At(index, values), True:
                demands.at.setdefault(index, []).append(values)
            case At(index, values), False:
                demands.at.setdefault(index, []).append(negated(values))
                demands.low = max(demands.low, index + 1)
            case Tail(start, values), True:
                demands.tails.append((start, values))
            case Tail(start, values), False:
                demands.shown.append(Shown(start, 1, negated(values)))
            case Holding(count, values), True:
                demands.shown.append(Shown(0, count, values))
            case Holding(count, values), False:
                demands.limited.append((count - 1, values))
            case Distinct(), holds:
                demands.distinct = holds
            case _:
                raise AssertionError(literal)
    return demands
