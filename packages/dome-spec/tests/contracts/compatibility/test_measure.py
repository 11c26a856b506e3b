"""The quick look at a document lets nothing pass that the thorough one refuses."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_spec.contracts.compatibility.faults import SchemaRefused
from dome_spec.contracts.compatibility.measure import DEPTH_MAX, measure, values_in

PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
ODD = st.sampled_from((math.nan, math.inf, 2**5000, "\udfff", b"bytes", (1,), {1, 2}, {None: 1}, {True: {}}))


def nested(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10)


@given(nested(PLAIN))
def test_json_passes(document: Any) -> None:
    measure(document)


@given(nested(PLAIN), ODD, st.lists(st.sampled_from((0, "a", "b/~")), max_size=5))
def test_what_is_no_json_is_found_wherever_it_is(beside: Any, odd: Any, way: list[int | str]) -> None:
    document = odd
    for step in reversed(way):
        document = [document, beside] if isinstance(step, int) else {step: document, "other": beside}
    with pytest.raises(SchemaRefused) as refused:
        measure(document, name="x.json")
    written = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in way)
    assert refused.value.place == f"x.json#{written}"


def test_the_limit_of_depth_is_exact() -> None:
    document: Any = "leaf"
    for _ in range(DEPTH_MAX - 1):
        document = [document]
    measure(document)
    with pytest.raises(SchemaRefused, match="TOO_DEEP"):
        measure([document])


def test_values_are_counted() -> None:
    assert values_in({"a": [1, 2, {}], "b": None}) == 6
