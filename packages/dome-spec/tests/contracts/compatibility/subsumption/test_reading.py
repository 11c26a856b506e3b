"""The law of reading: a schema read as formulas accepts exactly what the validator accepts."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from dome_spec.contracts.compatibility.subsumption.budget import Budget
from dome_spec.contracts.compatibility.subsumption.formula import Formulas
from dome_spec.contracts.compatibility.subsumption.judging import belongs
from dome_spec.contracts.compatibility.subsumption.reading import Reading
from dome_spec.contracts.compatibility.subsumption.unreadable import Unreadable
from tests.suite import tried

NAMES = st.sampled_from(["a", "b", "ab", "x1"])
PATTERNS = st.sampled_from(["^a", "b$", "^[a-z]+$", "[0-9]"])
SCALARS = st.sampled_from([None, False, True, 0, 1, 1.0, 2, -1, 0.5, 1.5, 3, "", "a", "ab", "x1", "2000-01-01"])
COUNTS = st.integers(min_value=0, max_value=3)
NUMBERS = st.sampled_from([0, 1, 2, 0.5, 1.5])
TYPES = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)


def some(**keywords: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Schemas with one to three of the keywords."""
    names = st.lists(st.sampled_from(sorted(keywords)), min_size=1, max_size=3, unique=True)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({name: keywords[name] for name in chosen}))


def schemas() -> st.SearchStrategy[Any]:
    leaves = st.booleans() | some(
        type=TYPES | st.lists(TYPES, min_size=1, max_size=3, unique=True),
        const=DOCUMENTS,
        enum=st.lists(DOCUMENTS, min_size=1, max_size=3),
        minimum=NUMBERS, maximum=NUMBERS, exclusiveMinimum=NUMBERS, exclusiveMaximum=NUMBERS,
        multipleOf=st.sampled_from([1, 2, 0.5, 0.1]),
        minLength=COUNTS, maxLength=COUNTS, pattern=PATTERNS, format=st.sampled_from(["date", "no such format"]),
        required=st.lists(NAMES, max_size=2, unique=True),
    )  # fmt: skip
    return st.recursive(leaves, extended, max_leaves=8)


def extended(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    branches = st.lists(inner, min_size=1, max_size=3)
    by_name = st.dictionaries(NAMES, inner, min_size=1, max_size=2)
    arrays = some(
        prefixItems=branches, items=inner, contains=inner, minContains=COUNTS, maxContains=COUNTS, minItems=COUNTS,
        maxItems=COUNTS, uniqueItems=st.booleans(), unevaluatedItems=inner, anyOf=branches,
    )  # fmt: skip
    objects = some(
        properties=by_name, patternProperties=st.dictionaries(PATTERNS, inner, min_size=1, max_size=2),
        additionalProperties=inner, propertyNames=inner, minProperties=COUNTS, maxProperties=COUNTS,
        dependentRequired=st.dictionaries(NAMES, st.lists(NAMES, max_size=2, unique=True), max_size=2),
        dependentSchemas=by_name, unevaluatedProperties=inner, anyOf=branches,
    )  # fmt: skip
    logic = some(
        allOf=branches, anyOf=branches, oneOf=branches, **{"not": inner, "if": inner, "then": inner, "else": inner}
    )  # fmt: skip
    return arrays | objects | logic


@settings(max_examples=tried(400, few=100), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(schema=schemas(), documents=st.lists(DOCUMENTS, min_size=1, max_size=12))
def test_formulas_accept_what_the_validator_accepts(schema: Any, documents: list[Any]) -> None:
    formulas = Formulas(Budget(1_000_000))
    try:
        read = Reading(schema, formulas, label=str).whole()
    except Unreadable:
        return
    validator = Draft202012Validator(schema, validate_formats=True)
    for document in documents:
        assert belongs(formulas, read, document) is validator.is_valid(document)
        assert belongs(formulas, formulas.cases_not(read), document) is not validator.is_valid(document)


def test_an_exact_choice_of_branches_that_exclude_each_other_needs_no_pairs() -> None:
    branches = [{"required": ["k"], "properties": {"k": {"const": number}}} for number in range(400)]
    schema = {"type": "object", "oneOf": branches}
    formulas = Formulas(Budget(8_000))
    read = Reading(schema, formulas, label=str).whole()
    assert belongs(formulas, read, {"k": 399})
    assert not belongs(formulas, read, {"k": 400})
    assert not belongs(formulas, read, {})
