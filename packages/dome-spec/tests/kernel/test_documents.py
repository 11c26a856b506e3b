"""Documents from outside: what is said of those that are refused, and where."""

import json
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.schema.knowledge.fact import Fact
from dome_contracts.schema.knowledge.wrapper_envelope import WrapperEnvelope
from dome_contracts.schema.planning.task_spec import TaskSpec
from dome_spec.kernel import DocumentAmbiguous, DocumentInvalid, DocumentNotJson, family_of, read_document
from dome_spec.kernel.documents import VIOLATIONS_MAX, violations

EXAMPLES = Path(__file__).parents[4] / "contracts/examples"


def example(family: str, name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((EXAMPLES / family / "valid" / f"{name}.json").read_text())
    return document


@pytest.fixture
def wrapper() -> dict[str, Any]:
    return example("knowledge/wrapper_envelope", "anomaly")


def faults(document: Any) -> list[tuple[str, str]]:
    with pytest.raises(DocumentInvalid) as refused:
        read_document(WrapperEnvelope, json.dumps(document).encode())
    return [(each.place, each.message) for each in refused.value.violations]


def test_a_valid_document_is_read_as_it_is(wrapper: dict[str, Any]) -> None:
    read = read_document(WrapperEnvelope, json.dumps(wrapper).encode())
    assert read.to_value() == wrapper
    assert read_document(WrapperEnvelope, wrapper) == read


def test_the_family_of_a_model_is_where_it_is_written() -> None:
    assert [family_of(model) for model in (Fact, TaskSpec)] == ["knowledge/fact", "planning/task_spec"]


def test_what_is_missing_is_named_by_its_own_place(wrapper: dict[str, Any]) -> None:
    del wrapper["run_id"], wrapper["task"]["scope"]
    assert [place for place, _ in faults(wrapper)] == ["/run_id", "/task/scope"]


def test_what_is_too_much_is_named_by_its_own_place(wrapper: dict[str, Any]) -> None:
    wrapper["outcome"]["colour"] = "red"
    wrapper["a/b"] = 1
    assert [place for place, _ in faults(wrapper)] == ["/a~1b", "/outcome/colour"]


def test_of_alternatives_the_one_that_was_meant_is_judged() -> None:
    fact = example("knowledge/fact", "task_failed")
    del fact["body"]["attempt"]
    fact["source"]["lineage"]["sequence"] = 0
    assert [each.place for each in violations("knowledge/fact", fact)] == ["/body/attempt", "/source/lineage/sequence"]


def test_an_alternative_that_nobody_knows_is_named_as_a_whole() -> None:
    fact = example("knowledge/fact", "task_failed")
    fact["body"]["kind"] = "rumour"
    assert [each.place for each in violations("knowledge/fact", fact)] == ["/body"]


def test_the_earlier_name_of_a_reason_is_taken(wrapper: dict[str, Any]) -> None:
    wrapper["outcome"]["reason_code"] = wrapper["outcome"].pop("failure_reason_code")
    assert read_document(WrapperEnvelope, wrapper).outcome.failure_reason_code == "TESTS.FAILED"


def test_two_names_that_disagree_are_refused(wrapper: dict[str, Any]) -> None:
    wrapper["outcome"]["reason_code"] = "LINT.FAILED"
    with pytest.raises(DocumentAmbiguous) as refused:
        read_document(WrapperEnvelope, wrapper)
    assert [each.place for each in refused.value.violations] == ["/outcome/reason_code"]


@pytest.mark.parametrize("text", [b"", b"{", b'{"a": 1, "a": 2}', b"\xff", b"NaN", b"[" * 600 + b"]" * 600])
def test_what_is_no_json_is_refused_as_that(text: bytes) -> None:
    with pytest.raises(DocumentNotJson):
        read_document(WrapperEnvelope, text)


@pytest.mark.parametrize("text", [b"1", b"null", b'"text"', b"[]"])
def test_what_is_no_object_is_refused_by_the_schema(text: bytes) -> None:
    with pytest.raises(DocumentInvalid):
        read_document(WrapperEnvelope, text)


def test_the_refusal_of_a_huge_document_is_short(wrapper: dict[str, Any]) -> None:
    wrapper |= {f"extra_{index}": "x" * 1000 for index in range(500)}
    found = faults(wrapper)
    assert len(found) == VIOLATIONS_MAX
    assert all(len(message) < 400 and "\n" not in message for _, message in found)


def test_half_a_surrogate_pair_is_called_what_it_is(wrapper: dict[str, Any]) -> None:
    assert faults(wrapper | {"run_id": "run-\ud800"}) == [
        ("", "a text in it has half a surrogate pair, which is no character")
    ]


def test_a_document_that_is_deeper_than_the_validator_goes_is_refused_in_words() -> None:
    deep = b'{"task":' * 480 + b"1" + b"}" * 480
    with pytest.raises(DocumentInvalid) as refused:
        read_document(WrapperEnvelope, deep)
    assert [each.place for each in refused.value.violations] == [""]
    assert "nested too deeply" in refused.value.violations[0].message
