"""Patterns that the validator misreads are known as such."""

import pytest
from jsonschema_rs import Draft202012Validator

from dome_spec.contracts.compatibility.schema import parse
from dome_spec.contracts.compatibility.strings.automaton import Automaton
from dome_spec.contracts.compatibility.strings.misread import is_misread


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("^[a-z]+-?[a-z]+$", "a"),
        ("^a{1,}(?:bc)*a+$", "a"),
        ("^(?:a+)b{0,3}a+$", "a"),
        ("^(a)+b*(a)+$", "a"),
        ("^x(a+b?a+|c)$", "xa"),
        ("^(?=a)a+b?a+$", "a"),
        ("^(?:a+(?:ba+)?)+$", "ababa"),
        ("^(?:a+b?a*)+$", "abb"),
    ],
)
def test_a_pattern_that_the_validator_misreads_is_named(pattern: str, text: str) -> None:
    assert is_misread(pattern)
    assert Draft202012Validator({"pattern": pattern}).is_valid(text), "it reads it rightly: this module can go"
    assert not Automaton(pattern).matches(text)
    for schema in ({"pattern": pattern}, {"properties": {"a": {"patternProperties": {pattern: True}}}}):
        (reason,) = parse(schema).undecidable
        assert pattern in reason


@pytest.mark.parametrize(
    "pattern",
    [
        "^([a-z]+)-?[a-z]+$",
        "^[a-z]+(-[a-z]+)*$",
        "^[a-z][a-z]*-?[a-z]+$",
        "^[a-z]+-[a-z]+$",
        "^[a-z]*-?[a-z]+$",
        "^[a-z0-9]+(?:[._-][a-z0-9]+)*$",
        r"^\w+([.-]?\w+)*@\w+([.-]?\w+)*(\.\w{2,3})+$",
        r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$",
        "(a)\\1",
    ],
)
def test_any_other_pattern_is_not_suspected(pattern: str) -> None:
    assert not is_misread(pattern)
    assert parse({"pattern": pattern}).undecidable == ()
