"""Sets of characters behave as sets."""

from hypothesis import given
from hypothesis import strategies as st

from dome_spec.contracts.compatibility.strings.charset import ALL, LAST, CharSet, complement, intersection, of, union

CODES = st.one_of(st.integers(0, 40), st.integers(0xD7F0, 0xE010), st.integers(LAST - 5, LAST))
SETS = st.lists(st.tuples(CODES, CODES).map(lambda pair: ((min(pair), max(pair)),)), max_size=4).map(union)


def has(members: CharSet, code: int) -> bool:
    return any(low <= code <= high for low, high in members)


@given(SETS, SETS, CODES)
def test_a_character_is_in_what_sets_have_together_and_in_common(first: CharSet, second: CharSet, code: int) -> None:
    assert has(union([first, second]), code) is (has(first, code) or has(second, code))
    assert has(intersection(first, second), code) is (has(first, code) and has(second, code))
    assert has(complement(first), code) is (has(ALL, code) and not has(first, code))


@given(SETS)
def test_equal_sets_are_written_alike(members: CharSet) -> None:
    assert complement(complement(members)) == members == union([members, members]) == intersection(members, ALL)
    assert not any(has(members, code) for code in (0xD800, 0xDBFF, 0xDFFF))


def test_a_set_is_written_as_characters_and_ranges() -> None:
    assert of("ac", "d", "z") == ((97, 100), (122, 122))
