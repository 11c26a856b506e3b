"""Patterns of paths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_spec.governance import common_path, path_matches


@pytest.mark.parametrize(
    ("path", "glob"),
    [
        ("src/a.py", "src/*.py"),
        ("src/a.py", "**"),
        ("src/deep/er/a.py", "src/**/*.py"),
        ("src/a.py", "src/**/*.py"),
        ("src/a.py", "src/**"),
        ("a.py", "?.py"),
        ("a+b(1).py", "a+b(1).py"),
    ],
)
def test_a_pattern_matches_the_whole_path(path: str, glob: str) -> None:
    assert path_matches(path, [glob])


@pytest.mark.parametrize(
    ("path", "glob"),
    [
        ("src/deep/a.py", "src/*.py"),
        ("src", "src/**"),
        ("src/a.pyc", "src/*.py"),
        ("xsrc/a.py", "src/*.py"),
        ("axpy", "a.py"),
        ("src/.py", "src/?.py"),
    ],
)
def test_a_pattern_does_not_match_what_it_does_not_name(path: str, glob: str) -> None:
    assert not path_matches(path, [glob])


def test_one_of_several_patterns_is_enough() -> None:
    assert path_matches("b", ["a", "b"])
    assert not path_matches("b", [])


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("src/**", "src/a.py", True),
        ("src/*.py", "src/a.py", True),
        ("src/*.py", "src/**/*.md", False),
        ("src/**/*.py", "src/deep/**", True),
        ("src/*", "src/*/*", False),
        ("**", "a", True),
        ("a", "b", False),
        ("a?c", "ab*", True),
        ("*.py", "*.md", False),
        ("**/a.py", "b/**/a.py", True),
    ],
)
def test_patterns_meet_where_a_path_matches_both(one: str, other: str, *, meet: bool) -> None:
    assert (common_path(one, other) is not None) == meet


GLOBS = st.lists(st.sampled_from(["a", "b", "/", "*", "**", "**/", "?", "a/"]), min_size=1, max_size=5).map("".join)
PATHS = st.lists(st.text(alphabet="ab", min_size=1, max_size=2), min_size=1, max_size=3).map("/".join)


@given(GLOBS, GLOBS)
def test_a_common_path_matches_both_patterns(one: str, other: str) -> None:
    path = common_path(one, other)
    assert path == common_path(other, one)
    assert path is None or (path_matches(path, [one]) and path_matches(path, [other]))
    assert path is None or all(path.split("/"))


def test_a_common_path_names_a_file() -> None:
    assert common_path("src/**", "src/**") == "src/a"
    assert common_path("src/", "src/**") is None


@given(GLOBS, GLOBS, PATHS)
def test_patterns_without_a_common_path_have_none(one: str, other: str, path: str) -> None:
    if common_path(one, other) is None:
        assert not (path_matches(path, [one]) and path_matches(path, [other]))
