"""Which texts a pattern matches is what the validator says, on whatever patterns and texts."""

from collections.abc import Iterable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from dome_spec.contracts.compatibility.strings.automaton import Automaton, AutomatonTooLarge, automaton
from dome_spec.contracts.compatibility.strings.misread import is_misread
from dome_spec.contracts.compatibility.strings.syntax import PatternUnsupported
from tests.suite import tried

ATOMS = (
    "a", "b", "c", "1", "-", " ", "é", ".", r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", "[ab]", "[^ab]", "[a-c1-3]",
    r"[\w-]", r"[^\d\s]", r"[\]^-]", r"\.", r"\/", r"\x61", r"\u0062", r"\u{1F600}", r"\n", r"\t", r"\p{L}", r"\P{Lu}",
    r"[\p{Nd}_]", "}", "]", "[[a]", "[.$]",
)  # fmt: skip
QUANTIFIERS = ("", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,1}", "{1,}", "{0}", "*?", "+?", "??", "{1,3}?")
TEXTS = st.text(alphabet="aabbcc11-- .é\n\t/]}A_^$[\u2028\u0661\U0001f600", max_size=8)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    opening = st.sampled_from(("(", "(?:", "(?:"))
    group = st.builds("{}{}){}".format, opening, inner, st.sampled_from(QUANTIFIERS))
    ahead = st.builds("{}{})".format, st.sampled_from(("(?=", "(?!")), inner)
    return st.one_of(
        st.builds("{}{}".format, inner, inner),
        st.builds("{}|{}".format, inner, inner),
        st.builds("^{}".format, inner),
        st.builds("{}$".format, inner),
        group,
        group,
        st.builds("{}{}".format, ahead, inner),
    )


LEAVES = st.builds("{}{}".format, st.sampled_from(ATOMS), st.sampled_from(QUANTIFIERS))
PATTERNS = st.recursive(LEAVES, _grown, max_leaves=8)


def compare(pattern: str, texts: Iterable[str]) -> None:
    assume(not is_misread(pattern))
    validator = Draft202012Validator({"pattern": pattern})
    ours = Automaton(pattern)
    for text in texts:
        assert ours.matches(text) is validator.is_valid(text), (pattern, text)


@settings(max_examples=tried(400, few=100))
@given(PATTERNS, st.lists(TEXTS, min_size=1, max_size=12))
def test_a_pattern_matches_what_the_validator_says(pattern: str, texts: list[str]) -> None:
    compare(pattern, texts)


@pytest.mark.slow
@settings(max_examples=10_000, deadline=None)
@given(PATTERNS, st.lists(TEXTS, min_size=1, max_size=12))
def test_many_patterns_match_what_the_validator_says(pattern: str, texts: list[str]) -> None:
    compare(pattern, texts)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", ".", r"[^\W]", r"[^\s]"]),
    st.characters(exclude_categories=["Cs"]),
)
def test_a_class_holds_the_characters_that_the_validator_says(written: str, character: str) -> None:
    pattern = f"^{written}$"
    assert automaton(pattern).matches(character) is Draft202012Validator({"pattern": pattern}).is_valid(character)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([r"\p{L}", r"\P{Lu}", r"\p{Script=Greek}", r"\p{Alphabetic}", r"\p{gc=Nd}", r"[^\p{Z}]"]),
    st.characters(exclude_categories=["Cs"]),
)
def test_a_property_holds_the_characters_that_the_validator_says(written: str, character: str) -> None:
    pattern = f"^{written}$"
    assert automaton(pattern).matches(character) is Draft202012Validator({"pattern": pattern}).is_valid(character)


@pytest.mark.parametrize(
    ("pattern", "what"),
    [
        (r"(a)\1", "a backreference"),
        (r"(?<n>a)\k<n>", "a backreference"),
        (r"\bword\b", "a word boundary"),
        (r"a\B", "a word boundary"),
        ("(?<=a)b", "lookbehind"),
        ("(?<!a)b", "lookbehind"),
        ("(?i)a", "the group '(?i)'"),
        ("a++", "a repetition of a repetition"),
        ("a{2}{3}", "a repetition of a repetition"),
        ("^*", "a repeated assertion"),
        ("[]a]", "a class that begins with its end"),
        ("[^]", "a class that begins with its end"),
        (r"[\d-z]", "a range that does not go from character to character"),
        (r"\p{Klingon}", "the property Klingon"),
        (r"\uD83D\uDE00", "half of a surrogate pair"),
        ("a{,2}", "a brace that counts nothing"),
        (r"\z", "the escape \\z"),
        ("(" * 500 + ")" * 500, "more than 100 groups within each other"),
        ("(((a{1,99}){1,99}){1,99}){1,99}", "counts that come to more than 20000 steps"),
        ("a" * 30_000, "more than 20000 characters"),
    ],
)
def test_what_is_not_read_is_named(pattern: str, what: str) -> None:
    with pytest.raises(PatternUnsupported) as refused:
        Automaton(pattern)
    assert refused.value.what == what


@pytest.mark.parametrize(
    "pattern", ["", "a", "(", "[", "[a", "(?", "\\", "a{1", "(?<n", "[a-", r"\u{", r"\p{", "a)", "[\\"]
)
def test_a_fragment_of_a_pattern_is_read_or_named_and_nothing_else(pattern: str) -> None:
    try:
        assert Automaton(pattern).matches("a")
    except PatternUnsupported as refused:
        assert str(refused)


@given(st.text(alphabet=r"ab\^$.*+?()[]{}|,-=!<:12upPdwsx", max_size=12))
@settings(max_examples=tried(500, few=125))
def test_what_the_validator_takes_is_read_alike_or_named(pattern: str) -> None:
    try:
        validator = Draft202012Validator({"pattern": pattern})
    except ValueError:
        return
    assume(not is_misread(pattern))
    try:
        ours = Automaton(pattern)
    except PatternUnsupported:
        return
    for text in ("", "a", "b", "ab", "ba", "aab", "1", "12", "-", "p", "u", "x", "$", "\n", "a\n", "=", "<", "]", "}"):
        assert ours.matches(text) is validator.is_valid(text), (pattern, text)


def test_states_are_not_built_without_end() -> None:
    walked = Automaton("^[01]*1[01]{20}$")
    with pytest.raises(AutomatonTooLarge):
        for number in range(40_000):
            walked.matches(f"{number:021b}")


@pytest.mark.parametrize(
    "pattern", [r"^(?:(?!aa|b.b).(?=c|.a|$))*$", r"^((?=.*a.{3}b)(?!.*b.{4}a).)*$", r"^(?:(?!a.*b.*c).)*$"]
)
def test_looking_ahead_in_a_loop_does_not_nest_without_end(pattern: str) -> None:
    validator = Draft202012Validator({"pattern": pattern})
    walked = Automaton(pattern)
    for number in range(300):
        text = "".join("abc"[int(digit) % 3] for digit in str(number * 7919**3))
        assert walked.matches(text) is validator.is_valid(text)
