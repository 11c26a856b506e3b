"""What `unevaluatedProperties` and `unevaluatedItems` say, as formulas.

Which names or items count as evaluated depends on which of the subschemas beside the keyword the value satisfies. Each
such subschema gives a condition and what it evaluates when the condition holds; the keyword then is a disjunction over
the sets of conditions that may be relied on. That is exact, and exponential in the number of conditions, which is
therefore limited.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from operator import or_
from typing import Any, Final, Protocol

from dome_spec.contracts.compatibility.subsumption import statements
from dome_spec.contracts.compatibility.subsumption.formula import Formulas
from dome_spec.contracts.compatibility.subsumption.terms import (
    FALSE,
    TRUE,
    Cases,
    Formula,
    Has,
    Kind,
)
from dome_spec.contracts.compatibility.subsumption.unreadable import Unreadable

GLANCES_A_SCHEMA: Final = 16
"""How a schema beside the keyword counts in the budget: one that is referred to twice is looked at twice."""
CONDITIONS_MAX: Final = 8
"""Subschemas beside one `unevaluated` keyword that may or may not apply; each doubles the formula."""


class Reader(Protocol):
    """Reads subschemas and finds what a reference points at."""

    @property
    def formulas(self) -> Formulas:
        """Where formulas are built."""
        ...

    def cases(self, schema: Any) -> Cases:
        """What the subschema accepts."""
        ...

    def schema_at(self, reference: str) -> Any:
        """The subschema a reference points at."""
        ...


@dataclass(frozen=True, slots=True)
class _Evaluated:
    """What is evaluated: names (objects), or a prefix and the values elsewhere (arrays)."""

    names: frozenset[str] = frozenset()
    patterns: frozenset[str] = frozenset()
    items: int = 0
    values: frozenset[Cases] = frozenset()
    everything: bool = False

    def __or__(self, other: "_Evaluated") -> "_Evaluated":
        return _Evaluated(
            self.names | other.names,
            self.patterns | other.patterns,
            max(self.items, other.items),
            self.values | other.values,
            self.everything or other.everything,
        )


def properties(reader: Reader, schema: Mapping[str, Any], value: Any) -> Formula:
    """`unevaluatedProperties` with this value, beside the other keywords of the schema."""
    formulas = reader.formulas
    allowed = reader.cases(value)

    def statement(evaluated: _Evaluated) -> Formula:
        names = statements.declared(formulas, evaluated.names, evaluated.patterns)
        return statements.every(formulas, formulas.negate(names), allowed)

    return _choices(formulas, _evaluated(reader, schema, Kind.OBJECT, outermost=True), statement)


def items(reader: Reader, schema: Mapping[str, Any], value: Any) -> Formula:
    """`unevaluatedItems` with this value, beside the other keywords of the schema."""
    formulas = reader.formulas
    allowed = reader.cases(value)

    def statement(evaluated: _Evaluated) -> Formula:
        return statements.tail(formulas, evaluated.items, formulas.cases_any([*evaluated.values, allowed]))

    return _choices(formulas, _evaluated(reader, schema, Kind.ARRAY, outermost=True), statement)


def _choices(
    formulas: Formulas, found: Iterable[tuple[Formula, _Evaluated]], statement: Callable[[_Evaluated], Formula]
) -> Formula:
    """The statement for each set of conditions that may be relied on."""
    always, sometimes = _Evaluated(), dict[Formula, _Evaluated]()
    for condition, evaluated in found:
        if condition is TRUE:
            always = always | evaluated
        elif condition is not FALSE:
            sometimes[condition] = sometimes.get(condition, always) | evaluated
    if always.everything:
        return TRUE
    # What is evaluated in any case needs no condition, and conditions that add the same are one.
    adding: dict[_Evaluated, list[Formula]] = {}
    for condition, evaluated in sometimes.items():
        if evaluated | always != always:
            adding.setdefault(evaluated | always, []).append(condition)
    if len(adding) > CONDITIONS_MAX:
        raise Unreadable(f"an `unevaluated` keyword beside {len(adding)} conditions")
    return formulas.any_of(
        formulas.all_of(
            [
                *(formulas.any_of(adding[each]) for each in chosen),
                TRUE if any(each.everything for each in chosen) else statement(reduce(or_, chosen, always)),
            ]
        )
        for size in range(len(adding) + 1)
        for chosen in combinations(adding, size)
    )


def _evaluated(
    reader: Reader, schema: Any, kind: Kind, *, outermost: bool = False, condition: Formula = TRUE
) -> Iterator[tuple[Formula, _Evaluated]]:
    """What the schema evaluates in a value of the kind, given that the value satisfies it, and when it does."""
    reader.formulas.glance(GLANCES_A_SCHEMA)
    if isinstance(schema, bool):
        return
    yield condition, _own_names(schema) if kind is Kind.OBJECT else _own_items(reader, schema)
    everything = "unevaluatedProperties" if kind is Kind.OBJECT else "unevaluatedItems"
    if everything in schema and not outermost:
        yield condition, _Evaluated(everything=True)
    for applies, subschema in _beside(reader, schema, kind):
        under = reader.formulas.all_of([condition, applies])
        yield from _evaluated(reader, subschema, kind, condition=under)


def _own_names(schema: Mapping[str, Any]) -> _Evaluated:
    return _Evaluated(
        names=frozenset(schema.get("properties", ())),
        patterns=frozenset(schema.get("patternProperties", ())),
        everything="additionalProperties" in schema,
    )


def _own_items(reader: Reader, schema: Mapping[str, Any]) -> _Evaluated:
    return _Evaluated(
        items=len(schema.get("prefixItems", ())),
        values=frozenset({reader.cases(schema["contains"])} if "contains" in schema else ()),
        everything="items" in schema,
    )


def _beside(reader: Reader, schema: Mapping[str, Any], kind: Kind) -> Iterator[tuple[Formula, Any]]:
    """The subschemas that apply to the same value, each with the condition under which it counts."""

    def says(subschema: Any) -> Formula:
        return reader.cases(subschema).formulas[kind]

    for subschema in schema.get("allOf", ()):
        yield TRUE, subschema
    for keyword in ("anyOf", "oneOf"):
        for subschema in schema.get(keyword, ()):
            yield says(subschema), subschema
    if "if" in schema:
        condition = says(schema["if"])
        yield condition, schema["if"]
        yield condition, schema.get("then", True)
        yield reader.formulas.negate(condition), schema.get("else", True)
    if kind is Kind.OBJECT:
        for name, subschema in schema.get("dependentSchemas", {}).items():
            yield reader.formulas.literal(Has(name)), subschema
    if "$ref" in schema:
        yield TRUE, reader.schema_at(schema["$ref"])
