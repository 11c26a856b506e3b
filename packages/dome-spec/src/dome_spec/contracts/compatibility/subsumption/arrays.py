"""Decides a conjunction of atoms about arrays.

A small array is enough: items that are neither demanded by a length nor needed to show something can be left out, and
behind the last index that is spoken of all positions are alike. So the lengths to look at are finite, and for each of
them every position is given what it has to be: what all there must be, what it shows, and on which side of each upper
count it falls.
"""

from collections.abc import Iterator
from itertools import combinations, product
from typing import Any, Final

from dome_spec.contracts.compatibility.subsumption.array_demands import Demands, demands_of
from dome_spec.contracts.compatibility.subsumption.asking import Asking
from dome_spec.contracts.compatibility.subsumption.different import different
from dome_spec.contracts.compatibility.subsumption.outcome import Model, NoModel, Open, Outcome
from dome_spec.contracts.compatibility.subsumption.scalars import any_constant
from dome_spec.contracts.compatibility.subsumption.terms import (
    Cases,
    Literal,
)

ITEMS_MAX: Final = 10_000
"""Items of an array that a proof looks at."""
CHOSEN_ITEMS_MAX: Final = 64
"""The same, where each item may be on either side of an upper count, or equal to another."""

DIFFERENT_ITEMS_MAX: Final = 2_048
"""The same, where all have to be different from each other."""


def decide(search: Asking, literals: list[Literal]) -> Outcome:
    """An array for which all the literals hold."""
    demands = demands_of(search, literals)
    if demands.high is not None and demands.low > demands.high:
        return NoModel()
    longest = demands.longest() if demands.high is None else min(demands.longest(), demands.high)
    items_max = CHOSEN_ITEMS_MAX if demands.limited or demands.distinct is False else ITEMS_MAX
    why: Open | None = None
    for length in range(demands.low, min(longest, items_max) + 1):
        search.spend()
        for outcome in _Positions(search, demands, length).outcomes():
            if isinstance(outcome, Model):
                return outcome
            if isinstance(outcome, Open):
                why = why or outcome
    if longest > items_max and why is None:
        return Open(f"arrays of more than {items_max} items")
    return why or NoModel()


class _Positions:
    """All ways to give each position of an array of one length what it has to be."""

    def __init__(self, search: Asking, demands: Demands, length: int) -> None:
        self._search = search
        self._demands = demands
        self._length = length
        self._limited = [(values, search.formulas.cases_not(values)) for _, values in demands.limited]
        self._hopeless: set[tuple[int, tuple[int, ...], tuple[int, ...]]] = set()
        self._open: Open | None = None

    def outcomes(self) -> Iterator[Outcome]:
        """One outcome for each way; what stays open in the items is one, too."""
        needs = tuple(each.count for each in self._demands.shown)
        room = tuple(count for count, _ in self._demands.limited)
        for goals in self._ways(0, needs, room, []):
            yield self._filled(goals)
        if self._open is not None:
            yield self._open

    def _ways(
        self, index: int, needs: tuple[int, ...], room: tuple[int, ...], goals: list[list[Cases]]
    ) -> Iterator[list[list[Cases]]]:
        if index == self._length or (index >= self._demands.varied() and not self._limited):
            if not any(needs):
                yield from self._with_rest(index, goals)
            return
        state = (index, needs, room)
        if max(needs, default=0) > self._length - index or state in self._hopeless:
            return
        found = False
        for shows, falls in self._choices(index, needs, room):
            self._search.spend()
            goal = [
                *self._demands.of(index),
                *(self._demands.shown[position].values for position in shows),
                *(self._limited[position][0 if inside else 1] for position, inside in enumerate(falls)),
            ]
            outcome = self._search.member(goal)
            if isinstance(outcome, NoModel):
                continue
            if isinstance(outcome, Open):
                self._open = self._open or outcome
                continue
            fewer = tuple(need - (position in shows) for position, need in enumerate(needs))
            less = tuple(left - inside for left, inside in zip(room, falls, strict=True))
            for way in self._ways(index + 1, fewer, less, [*goals, goal]):
                found = True
                yield way
        if not found:
            self._hopeless.add(state)

    def _with_rest(self, index: int, goals: list[list[Cases]]) -> Iterator[list[list[Cases]]]:
        """The goals with those of the positions that are all alike, if there can be such items."""
        rest = self._length - index
        if rest == 0:
            yield goals
            return
        goal = self._demands.of(index)
        outcome = self._search.member(goal)
        if isinstance(outcome, Open):
            self._open = self._open or outcome
        elif isinstance(outcome, Model):
            yield [*goals, *([goal] * rest)]

    def _choices(
        self, index: int, needs: tuple[int, ...], room: tuple[int, ...]
    ) -> Iterator[tuple[tuple[int, ...], tuple[bool, ...]]]:
        """What the item shows, much before little, and within which limits it falls, outside before inside."""
        possible = [
            position for position, need in enumerate(needs) if need > 0 and self._demands.shown[position].start <= index
        ]
        for size in range(len(possible), -1, -1):
            for shows in combinations(possible, size):
                for falls in product(*(((False, True) if left > 0 else (False,)) for left in room)):
                    yield shows, falls

    def _filled(self, goals: list[list[Cases]]) -> Outcome:
        match self._demands.distinct:
            case None:
                return self._each(goals)
            case True:
                return self._all_different(goals)
            case False:
                return self._two_alike(goals)

    def _each(self, goals: list[list[Cases]]) -> Outcome:
        items = []
        for goal in goals:
            outcome = self._search.member(goal)
            if not isinstance(outcome, Model):
                return outcome
            items.append(outcome.value)
        return Model(items)

    def _all_different(self, goals: list[list[Cases]]) -> Outcome:
        if len(goals) > DIFFERENT_ITEMS_MAX:
            return Open(f"more than {DIFFERENT_ITEMS_MAX} different items")
        found = different(self._search, goals)
        if found is not None:
            return Model(found)
        items: list[Any] = []
        for goal in goals:
            outcome = self._search.member([*goal, self._others(items)])
            if not isinstance(outcome, Model):
                return outcome if isinstance(outcome, Open) else self._too_few(goals)
            items.append(outcome.value)
        return Model(items)

    def _too_few(self, goals: list[list[Cases]]) -> Outcome:
        """Proof that there are not enough different values for the positions; open where it does not succeed."""
        formulas = self._search.formulas
        common = formulas.cases_any(formulas.cases_all(goal) for goal in goals)
        items: list[Any] = []
        for _ in goals:
            outcome = self._search.member([common, self._others(items)])
            if not isinstance(outcome, Model):
                return outcome
            items.append(outcome.value)
        return Open("which items can be different from each other")

    def _others(self, items: list[Any]) -> Cases:
        """All values but these."""
        return self._search.formulas.cases_not(any_constant(self._search.formulas, items))

    def _two_alike(self, goals: list[list[Cases]]) -> Outcome:
        why: Open | None = None
        items = self._each(goals)
        if not isinstance(items, Model):
            return items
        for first, second in combinations(range(len(goals)), 2):
            outcome = self._search.member([*goals[first], *goals[second]])
            if isinstance(outcome, Model):
                alike = list(items.value)
                alike[first] = alike[second] = outcome.value
                return Model(alike)
            if isinstance(outcome, Open):
                why = why or outcome
        return why or NoModel()
