"""A pointer and the names in it say the same."""

from hypothesis import given
from hypothesis import strategies as st

from dome_spec.kernel.json_pointer import names, pointer, token


@given(st.lists(st.text(max_size=5)))
def test_names_come_back(path: list[str]) -> None:
    assert names(pointer(path)) == path


def test_what_would_be_read_otherwise_is_escaped() -> None:
    assert token("a/b~1") == "a~1b~01"
    assert pointer(["a", 0]) == "/a/0"
    assert names("") == []
