"""Decides a conjunction of atoms about objects.

Properties that are asked for by name are decided one by one, since they do not influence each other. What has to exist
somewhere (a property that a wider schema refuses) is tried at each name that is spoken of, and at further names: those
fall into classes by the statements whose names they match, and within a class one name is as good as another.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from dome_spec.contracts.compatibility.subsumption.asking import Asking
from dome_spec.contracts.compatibility.subsumption.judging import holds
from dome_spec.contracts.compatibility.subsumption.outcome import Model, NoModel, Open, Outcome
from dome_spec.contracts.compatibility.subsumption.terms import (
    Cases,
    Every,
    Formula,
    Has,
    Kind,
    Literal,
    LongerThan,
    Property,
)

FILLERS_MAX: Final = 1024
"""Properties that are added only to reach a number of them."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """A set of names, and the values that belong to them."""

    names: Formula
    values: Cases


@dataclass(slots=True)
class _Demands:
    low: int = 0
    high: int | None = None
    required: dict[str, None] = field(default_factory=dict)
    contested: dict[str, None] = field(default_factory=dict)
    """Required properties whose value must not be what some statement says: where a contradiction is likely."""
    absent: set[str] = field(default_factory=set)
    named: dict[str, list[Cases]] = field(default_factory=dict)
    rules: list[_Rule] = field(default_factory=list)
    """Every property with such a name has one of the values."""
    shown: list[_Rule] = field(default_factory=list)
    """Some property with such a name has one of the values."""


def decide(search: Asking, literals: list[Literal]) -> Outcome:
    """An object for which all the literals hold."""
    demands = _demands(search, literals)
    if not demands.absent.isdisjoint(demands.required) or (demands.high is not None and demands.low > demands.high):
        return NoModel()
    return _Object(search, demands).outcome()


def _demands(search: Asking, literals: list[Literal]) -> _Demands:
    demands = _Demands()
    negated = search.formulas.cases_not
    for literal in literals:
        match literal.atom, literal.holds:
            case LongerThan(length), True:
                demands.low = max(demands.low, length + 1)
            case LongerThan(length), False:
                demands.high = length if demands.high is None else min(demands.high, length)
            case Has(name), True:
                demands.required[name] = None
            case Has(name), False:
                demands.absent.add(name)
            case Property(name, values), True:
                demands.named.setdefault(name, []).append(values)
            case Property(name, values), False:
                demands.required[name] = demands.contested[name] = None
                demands.named.setdefault(name, []).append(negated(values))
            case Every(names, values), True:
                demands.rules.append(_Rule(names, values))
            case Every(names, values), False:
                demands.shown.append(_Rule(names, negated(values)))
            case _:
                raise AssertionError(literal)
    return demands


class _Object:
    """The search for one object."""

    def __init__(self, search: Asking, demands: _Demands) -> None:
        self._search = search
        self._demands = demands
        self._spoken_of = {**demands.required, **dict.fromkeys(demands.named), **dict.fromkeys(sorted(demands.absent))}
        self._open: Open | None = None

    def outcome(self) -> Outcome:
        """An object, or why there is none."""
        chosen: dict[str, list[Cases]] = {}
        for name in {**self._demands.contested, **self._demands.required}:
            outcome = self._search.member(self._of(name))
            if isinstance(outcome, NoModel):
                return outcome
            chosen[name] = []
        for way in self._ways(0, chosen):
            outcome = self._filled(way)
            if isinstance(outcome, Model):
                return outcome
            if isinstance(outcome, Open):
                self._open = self._open or outcome
        return self._open or NoModel()

    def _of(self, name: str) -> list[Cases]:
        """What the value of a property of this name has to be in any case."""
        by_rule = (rule.values for rule in self._demands.rules if holds(self._search.formulas, rule.names, name))
        return [*self._demands.named.get(name, ()), *by_rule]

    def _possible(self, name: str, further: list[Cases]) -> bool:
        """Whether the property can be there with a value that is in the further sets, too; noted where open."""
        outcome = self._search.member([*self._of(name), *further])
        if isinstance(outcome, Open):
            self._open = self._open or outcome
        return isinstance(outcome, Model)

    def _ways(self, position: int, chosen: dict[str, list[Cases]]) -> Iterator[dict[str, list[Cases]]]:
        """All ways to choose the properties in which what has to exist somewhere exists."""
        if self._demands.high is not None and len(chosen) > self._demands.high:
            return
        if position == len(self._demands.shown):
            yield chosen
            return
        wanted = self._demands.shown[position]
        for name in self._names(wanted, chosen):
            self._search.spend()
            further = [*chosen.get(name, ()), wanted.values]
            if self._possible(name, further):
                yield from self._ways(position + 1, {**chosen, name: further})

    def _names(self, wanted: _Rule, chosen: dict[str, list[Cases]]) -> Iterator[str]:
        formulas = self._search.formulas
        usable = (name for name in self._spoken_of if name not in self._demands.absent)
        for name in dict.fromkeys((*chosen, *usable)):
            if holds(formulas, wanted.names, name):
                yield name
        used = formulas.negate(formulas.member([*self._spoken_of, *chosen]))
        others = (each.names for each in self._demands.shown if each is not wanted)
        signs = [*self._demands.rules, *(_Rule(names, formulas.everything) for names in others)]
        yield from self._further(formulas.all_of([wanted.names, used]), [wanted.values], signs)

    def _further(self, names: Formula, values: list[Cases], rules: list[_Rule]) -> Iterator[str]:
        """One name that is not spoken of for each class in which the values are possible."""
        name = self._search.value(Kind.STRING, names)
        value = NoModel() if isinstance(name, NoModel) else self._search.member(values)
        if isinstance(name, NoModel) or isinstance(value, NoModel):
            return
        for outcome in (name, value):
            if isinstance(outcome, Open):
                self._open = self._open or outcome
                return
        if not rules:
            assert isinstance(name, Model)
            yield name.value
            return
        formulas = self._search.formulas
        rule, rest = rules[0], rules[1:]
        yield from self._further(formulas.all_of([names, formulas.negate(rule.names)]), values, rest)
        yield from self._further(formulas.all_of([names, rule.names]), [*values, rule.values], rest)

    def _filled(self, chosen: dict[str, list[Cases]]) -> Outcome:
        """The object with these properties, and with as many others as a lower limit asks for."""
        missing = self._demands.low - len(chosen)
        if missing > FILLERS_MAX:
            return Open(f"objects with {self._demands.low} properties")
        while missing > 0:
            name = self._filler(chosen)
            if name is None:
                return NoModel()
            chosen = {**chosen, name: []}
            missing -= 1
        found: dict[str, Any] = {}
        for name, further in chosen.items():
            outcome = self._search.member([*self._of(name), *further])
            if not isinstance(outcome, Model):
                return outcome
            found[name] = outcome.value
        return Model(found)

    def _filler(self, chosen: dict[str, list[Cases]]) -> str | None:
        """The name of one more property that can be there."""
        self._search.spend()
        for name in self._spoken_of:
            if name not in chosen and name not in self._demands.absent and self._possible(name, []):
                return name
        formulas = self._search.formulas
        used = formulas.negate(formulas.member([*self._spoken_of, *chosen]))
        return next(self._further(used, [formulas.everything], self._demands.rules), None)
