"""JSON is read strictly, and its places are known."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_spec.kernel import NotJson, Position, nearest, positions, read_json

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)


def pointers(value: Any, at: str = "") -> set[str]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = {at}
    for key, child in children:
        found |= pointers(child, f"{at}/{str(key).replace('~', '~0').replace('/', '~1')}")
    return found


@given(VALUES, st.sampled_from([None, 2]), st.sampled_from(["ascii", "utf-8"]))
def test_every_value_is_read_back_and_every_place_of_it_is_known(value: Any, indent: int | None, encoding: str) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=encoding == "ascii")
    assert read_json(text.encode()) == value
    assert set(positions(text)) == pointers(value)


def test_a_place_is_the_line_and_column_of_its_name() -> None:
    known = positions('{\n  "a": [\n    1,\n    {"b": 2}\n  ],\n  "c/d": {"~": 3}\n}')
    assert known["/a"] == Position(2, 3)
    assert known["/a/0"] == Position(3, 5)
    assert known["/a/1/b"] == Position(4, 6)
    assert known["/c~1d/~0"] == Position(6, 11)


def test_the_nearest_place_stands_for_one_that_is_not_there() -> None:
    known = positions('{"a": {"b": 1}}')
    assert nearest(known, "/a/b/c/d") == known["/a/b"]
    assert nearest(known, "/x") == known[""]


@pytest.mark.parametrize(
    ("text", "what", "position"),
    [
        (b'{"a": 1,\n "a": 2}', "/a stands there twice", Position(2, 2)),
        (b'{"x": [{"b": 1, "c": 0, "b": 1}]}', "/x/0/b stands there twice", Position(1, 25)),
        (b'{"a": 1,}', "not JSON", Position(1, 9)),
        (b"", "not JSON", Position(1, 1)),
        (b'{"a": NaN}', "NaN", None),
        (b'{"a": -Infinity}', "Infinity", None),
        (b"[" * 100_000, "nested more than 500 levels", None),
        (b'{"a": "\xff"}', "byte 7 is not UTF-8", None),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8", None),
        (b"// a comment\n{}", "not JSON", Position(1, 1)),
        (b"9" * 10_000, "not JSON", None),
    ],
)
def test_what_readers_would_guess_at_is_refused_with_its_place(
    text: bytes, what: str, position: Position | None
) -> None:
    with pytest.raises(NotJson) as raised:
        read_json(text)
    assert what in raised.value.what
    assert raised.value.remedy
    assert raised.value.position == position


def test_a_byte_order_mark_is_no_part_of_the_document() -> None:
    assert read_json(b"\xef\xbb\xbf{}") == {}


def test_a_document_beyond_the_limit_is_not_read() -> None:
    with pytest.raises(NotJson, match="at most 10 are read"):
        read_json(b"[1,2,3,4,5,6]", bytes_max=10)
