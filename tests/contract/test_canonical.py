"""Laws of canonical bytes and digests."""

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.canonical import Digester, NotCanonical, canonical_bytes, digest, digest_bytes, digest_stream

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
INTEGERS = st.integers(-(2**53) + 1, 2**53 - 1)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | INTEGERS | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_canonical_bytes_are_those_of_rfc_8785(value: Any) -> None:
    assert canonical_bytes(value) == rfc8785.dumps(value)


@given(VALUES, st.sampled_from([None, 0, 3, "\t"]))
def test_white_space_and_the_order_of_keys_do_not_matter(value: Any, indent: int | str | None) -> None:
    written = json.dumps(_reversed(value), indent=indent)
    assert canonical_bytes(json.loads(written)) == canonical_bytes(value)


@given(VALUES)
def test_canonical_bytes_of_what_they_say_are_the_same(value: Any) -> None:
    encoded = canonical_bytes(value)
    # All JSON numbers are doubles: a large one is written without a fraction and must be read as it was meant.
    assert canonical_bytes(json.loads(encoded, parse_int=float)) == encoded


@given(st.lists(st.binary(max_size=20)))
def test_a_digest_does_not_depend_on_how_bytes_arrive(chunks: list[bytes]) -> None:
    digester = Digester()
    for chunk in chunks:
        digester.update(chunk)
    assert digester.digest() == digest_stream(chunks) == digest_bytes(b"".join(chunks))


@pytest.mark.parametrize("value", [2**53, float("nan"), float("inf"), "\ud800", {1: 2}, {"a": {1}}, b"bytes", object()])
def test_a_value_outside_json_is_refused_by_name(value: object) -> None:
    with pytest.raises(NotCanonical, match="no canonical JSON"):
        digest(value)


def test_a_bottomless_value_is_refused_by_name() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(NotCanonical, match="too deeply"):
        canonical_bytes(value)


def _reversed(value: Any) -> Any:
    match value:
        case dict():
            return {key: _reversed(item) for key, item in reversed(value.items())}
        case list():
            return [_reversed(item) for item in value]
        case _:
            return value
