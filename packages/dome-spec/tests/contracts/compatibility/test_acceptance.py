"""Which documents a schema accepts, and what the second judge has to say."""

import time
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from dome_spec.contracts.compatibility import Acceptance, parse
from dome_spec.contracts.compatibility.reference import ReferenceJudge, is_hostname, is_iri
from dome_spec.contracts.compatibility.subsumption.formats import FORMATS, NEAR_MISSES


def test_formats_are_asserted_by_both_judges() -> None:
    dated = Acceptance(parse({"type": "string", "format": "date"}))
    assert dated.accepts("2020-01-31")
    assert dated.confirms_acceptance("2020-01-31")
    assert not dated.accepts("2020-13-45")
    assert dated.confirms_refusal("2020-13-45")


def test_a_refusal_says_where_and_by_what() -> None:
    schema = parse(
        {"type": "object", "properties": {"a/b": {"$ref": "#/$defs/short"}}, "$defs": {"short": {"maxLength": 2}}}
    )
    refusal = Acceptance(schema).refusal({"a/b": "long"})
    assert refusal is not None
    assert (refusal.place, refusal.keyword) == ("/a~1b", "maxLength")
    assert refusal.schema_place.endswith("/maxLength")
    assert "long" in refusal.message
    assert Acceptance(schema).refusal({"a/b": "ok"}) is None


@pytest.mark.parametrize(
    ("schema", "document", "keyword"),
    [
        (False, 1, "false"),
        ({"properties": {"type": False}}, {"type": 1}, "properties"),
        ({"additionalProperties": False}, {"a": 1}, "additionalProperties"),
        ({"contains": {}, "maxContains": 1}, [1, 2], "maxContains"),
        ({"properties": {"pattern": {"minLength": 1}}}, {"pattern": ""}, "minLength"),
        ({"prefixItems": [{"type": "null"}]}, [1], "type"),
        ({"$ref": "#/$defs/none", "$defs": {"none": False}}, 1, "false"),
    ],
)
def test_a_refusal_is_named_after_its_keyword_and_not_after_a_field(schema: Any, document: Any, keyword: str) -> None:
    refusal = Acceptance(parse(schema)).refusal(document)
    assert refusal is not None
    assert refusal.keyword == keyword


def test_where_the_judges_disagree_nothing_is_confirmed() -> None:
    # To the reference, `$` matches before a line break at the end.
    ends = Acceptance(parse({"pattern": "^a$"}))
    assert not ends.accepts("a\n")
    assert not ends.confirms_refusal("a\n")


def test_the_second_judge_knows_the_categories_of_unicode() -> None:
    letters = Acceptance(parse({"pattern": r"^[\p{Lu}_]\P{Lu}+$"}))
    for text, accepted in (("Äb", True), ("_bc", True), ("ab", False), ("AB", False)):
        assert letters.accepts(text) is accepted
        assert letters.confirms_acceptance(text) is accepted
        assert letters.confirms_refusal(text) is not accepted


def test_what_the_second_judge_cannot_read_it_neither_confirms_nor_denies() -> None:
    judge = ReferenceJudge({"pattern": r"^\p{Script=Latin}+$"})
    assert judge.verdict("a") is None


def test_a_pattern_that_may_take_forever_is_not_asked() -> None:
    judge = ReferenceJudge({"pattern": "^(a+)+$"})
    began = time.perf_counter()
    assert judge.verdict("a" * 60 + "!") is None
    assert time.perf_counter() - began < 1
    assert judge.verdict("aaaa") is True


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("a", True),
        ("a-b.example", True),
        ("-a", False),
        ("a..b", False),
        ("a_b", False),
        ("", False),
        ("x" * 64, False),
    ],
)
def test_the_check_of_host_names_is_ours_and_needs_no_package(text: str, valid: bool) -> None:
    assert is_hostname(text) is valid
    assert Acceptance(parse({"format": "hostname"})).accepts(text) is valid


def test_the_check_of_iris_takes_letters_of_all_languages() -> None:
    assert is_iri("http://example.org/ä")
    assert not is_iri("a b")
    assert is_iri(1)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_has_a_text_that_both_judges_accept_and_one_that_both_refuse(name: str) -> None:
    judged = Acceptance(parse({"format": name}))
    assert any(judged.accepts(text) and judged.confirms_acceptance(text) for text in FORMATS[name].samples)
    assert any(not judged.accepts(text) and judged.confirms_refusal(text) for text in NEAR_MISSES)


def test_every_format_of_the_reference_is_checked_without_packages_that_are_not_required() -> None:
    checked = set(Draft202012Validator.FORMAT_CHECKER.checkers)
    assert checked <= set(FORMATS)
