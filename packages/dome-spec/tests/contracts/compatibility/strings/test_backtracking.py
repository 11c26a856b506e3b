"""The bound on what a backtracking matcher does: what has one takes no longer, and what may explode has none."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dome_spec.contracts.compatibility.strings.backtracking import steps
from tests.suite import tried

AFFORDABLE = 300_000
PIECES = (
    *("a", "b", "[ab]", "a*", "b+", "[ab]*", "(?:ab)?", "a{1,3}", "-", "(?!b)a"),
    *("(a|bb)*", "(-a+)*", "(a+-)*", "(a|ab)+", "(-(a|ba*))*"),
)
PARTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join)
PATTERNS = st.builds(str.format, st.sampled_from(("{}c", "^{}c", "^{}$", "^(?:{})*$", "^(?:-{})+c")), PARTS)


@settings(max_examples=tried(400, few=100))
@given(PATTERNS, st.sampled_from(("a", "b", "ab", "-a", "aab", "a-")))
def test_what_has_a_bound_keeps_it(pattern: str, piece: str) -> None:
    text = (piece * 40)[:40] + "!"
    bound = steps(pattern, len(text))
    if bound is not None and bound <= AFFORDABLE:
        began = time.process_time()
        re.search(pattern, text)
        assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "pattern",
    ["^(a+)+$", "^(a*)*$", "(x+x+)+y", "^(a|ab)*$", "^(-(a|a))*$", "^(-a*a*)*$", "(a{1,5}){1,5}", "^(.*)*$", "((a)+)+"],
)
def test_what_may_double_with_each_character_has_none(pattern: str) -> None:
    assert steps(pattern, 64) is None


@pytest.mark.parametrize(
    "pattern",
    [
        "^[a-z]+(-[a-z0-9]+)*$",
        r"^([a-z]+\.)*[a-z]+$",
        "^(/([^~/]|~[01])*)*$",
        r"^(NONE|[A-Z][A-Z0-9_]*(\.[A-Z][A-Z0-9_]*)+)$",
        "^(/([^/.][^/]*|\\.[^/.][^/]*|\\.\\.[^/]+))+$",
        r"^(?!/)(?!([^\u0000]*/)?\.{1,2}(/|$))(?![^\u0000]*//)[^\\\u0000]{1,1024}$",
    ],
)
def test_what_people_write_stays_affordable_on_long_texts(pattern: str) -> None:
    found = steps(pattern, 1_000)
    assert found is not None
    assert found < 2_000_000
