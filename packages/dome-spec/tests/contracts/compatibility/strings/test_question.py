"""Questions about texts: what is found fits, and what is said to be empty is empty."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from dome_spec.contracts.compatibility.strings import (
    EMPTY,
    Empty,
    Found,
    StringQuestion,
    Unknown,
    find,
    several,
)
from dome_spec.contracts.compatibility.strings.misread import is_misread
from tests.suite import tried

PIECES = (
    "a",
    "b",
    "ab",
    "[ab]",
    "a*",
    "b+",
    "(?:ab)?",
    "a{1,2}",
    ".",
    "[^a]",
    "(?!b)",
    "(?=a)",
    "(a|b)",
    "(a|bb)*",
    "x",
)
PATTERNS = st.builds(
    "{}{}{}".format,
    st.sampled_from(("", "^", "^")),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join),
    st.sampled_from(("", "$", "$")),
).filter(lambda pattern: not is_misread(pattern))
SHORT_TEXTS = tuple("".join(letters) for length in range(5) for letters in product("abx", repeat=length))
QUESTIONS = st.builds(
    StringQuestion,
    st.frozensets(PATTERNS, max_size=2),
    st.frozensets(PATTERNS, max_size=2),
    st.integers(0, 4),
    st.one_of(st.none(), st.integers(0, 6)),
    st.frozensets(st.sampled_from(SHORT_TEXTS[:20]), max_size=8),
)


def fits(question: StringQuestion, text: str) -> bool:
    """Whether the text is what the question asks for, in the eyes of the validator."""
    schema: dict[str, Any] = {
        "allOf": [{"pattern": pattern} for pattern in question.required],
        "not": {"anyOf": [False, *({"pattern": pattern} for pattern in question.barred)]},
        "minLength": question.length_min,
    } | ({} if question.length_max is None else {"maxLength": question.length_max})
    if not schema["allOf"]:
        del schema["allOf"]
    return text not in question.excluded and Draft202012Validator(schema).is_valid(text)


@settings(max_examples=tried(300, few=75))
@given(QUESTIONS)
def test_what_is_found_fits_and_what_is_empty_has_no_text(question: StringQuestion) -> None:
    match find(question):
        case Found(text):
            assert fits(question, text)
            assert not [shorter for shorter in SHORT_TEXTS if len(shorter) < len(text) and fits(question, shorter)]
        case Empty():
            assert not [text for text in SHORT_TEXTS if fits(question, text)]
        case Unknown(why):
            raise AssertionError(why)


@settings(max_examples=tried(100, few=30))
@given(QUESTIONS, st.integers(0, 6))
def test_several_texts_are_different_and_all_fit(question: StringQuestion, count: int) -> None:
    texts = several(question, count)
    assert len(set(texts)) == len(texts) <= count
    assert all(fits(question, text) for text in texts)
    if len(texts) < count:
        assert find(replace(question, excluded=question.excluded | set(texts))) == EMPTY


@pytest.mark.parametrize(
    ("required", "barred", "text"),
    [
        ("^[a-z]{1,64}$", "^[a-z]{1,63}$", "a" * 64),
        ("^sha256:[0-9a-f]{64}$", "^sha256:[0-9A-F]{64}$", "sha256:" + "a" * 64),
        ("^(job|run)-[0-9a-z]{26}$", "^job-", "run-" + "a" * 26),
        (r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})$", "Z$", "0000-00-00T00:00:00-00:00"),
        (r"^(?=.*[A-Z])(?=.*\d).{8,}$", "^[a-z]", "0aaaaaaA"),
        (r"^[^/]+(/[^/]+)*$", r"^[\w./-]+$", ":"),
        ("^.$", "^[ -~]$", "ª"),
    ],
)
def test_patterns_that_people_write_are_told_apart_by_a_readable_text(required: str, barred: str, text: str) -> None:
    assert find(StringQuestion(frozenset({required}), frozenset({barred}))) == Found(text)


@pytest.mark.parametrize(
    ("required", "barred"),
    [
        ("^[a-z]{1,63}$", "^[a-z]{1,64}$"),
        ("^sha256:[0-9a-f]{64}$", "^sha256:[0-9a-f]+$"),
        (r"^v\d+\.\d+\.\d+$", r"^v\d+(\.\d+)*$"),
        ("^(a|b|c)$", "^[a-c]$"),
        ("^[a-c]$", "^(a|b|c)$"),
        (r"^\p{Lu}$", r"^\p{L}$"),
        ("^[a-z]+$", "^[^0-9]*$"),
        ("abc", "b"),
        ("^((?!ab).)*$", "^(?!.*ab)"),
    ],
)
def test_a_pattern_that_is_contained_in_another_leaves_nothing(required: str, barred: str) -> None:
    assert find(StringQuestion(frozenset({required}), frozenset({barred}))) == EMPTY


def test_a_finite_language_is_exhausted_by_its_words() -> None:
    question = StringQuestion(frozenset({"^(red|green|blue)$"}), excluded=frozenset({"red", "green"}))
    assert find(question) == Found("blue")
    assert find(replace(question, excluded=frozenset({"red", "green", "blue"}))) == EMPTY


def test_lengths_count_characters_and_not_bytes() -> None:
    question = StringQuestion(frozenset({r"^\u{1F600}+$"}), length_min=3, length_max=3)
    assert find(question) == Found("\U0001f600" * 3)


def test_no_text_is_shorter_than_it_must_be() -> None:
    assert find(StringQuestion(length_min=5000)) == Found("a" * 5000)
    assert find(StringQuestion(frozenset({"^(ab)*$"}), length_min=999)) == Found("ab" * 500)
    assert find(StringQuestion(frozenset({"^[ab]{3}$"}), length_min=4)) == EMPTY
    assert find(StringQuestion(length_min=4, length_max=3)) == EMPTY


def test_a_printable_text_is_preferred_to_a_shorter_one_that_is_not() -> None:
    assert find(StringQuestion(frozenset({r"^(\n|abc)$"}))) == Found("abc")


@pytest.mark.parametrize(
    ("question", "why"),
    [
        (StringQuestion(frozenset({r"(a)\1"})), "a backreference"),
        (StringQuestion(frozenset({"^[01]*1[01]{20}$"}), frozenset({"^[01]+$"})), "moves of automata"),
        (StringQuestion(length_min=10**9), "more than 100000 characters"),
        (
            StringQuestion(frozenset({"^(a{7})*$", "^(a{11})*$", "^(a{13})*$", "^(a{17})*$"}), length_min=1),
            "moves of automata",
        ),
    ],
)
def test_what_is_not_settled_is_said_so_with_the_reason(question: StringQuestion, why: str) -> None:
    answer = find(question, moves_max=60_000)
    assert isinstance(answer, Unknown)
    assert why in answer.why
