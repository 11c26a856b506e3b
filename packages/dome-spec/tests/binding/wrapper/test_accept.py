"""What the door answers to one document: facts, or every fault with its place."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.canonical import digest_bytes
from dome_contracts.schema.knowledge.fact import DocumentSource
from dome_spec.binding.facts import fact_id
from dome_spec.binding.wrapper import DOORS, LINE_BYTES_MAX, Accepted, Quarantined, accept
from tests.remembered import EXAMPLES, NOW, OURS, a_fact, a_wrapper, as_bytes, example

Change = Callable[[dict[str, Any]], Any]


def answer(document: Any, family: str = "") -> Accepted | Quarantined:
    data = document if isinstance(document, bytes) else as_bytes(document)
    return accept(data, repository_id=OURS, now=NOW, family=family)


def accepted(document: Any, family: str = "") -> Accepted:
    found = answer(document, family)
    assert isinstance(found, Accepted), found
    return found


def refused(document: Any, family: str = "") -> tuple[str, list[str]]:
    found = answer(document, family)
    assert isinstance(found, Quarantined), found
    return found.cause.value, [each.place for each in found.body.violations]


def set_at(*names: str, to: Any) -> Change:
    def change(document: dict[str, Any]) -> None:
        for name in names[:-1]:
            document = document[name]
        document[names[-1]] = to

    return change


@pytest.mark.parametrize(
    ("family", "name", "kinds"),
    [
        ("knowledge/wrapper_envelope", "anomaly", ["evidence_group"]),
        ("knowledge/wrapper_envelope", "guard_denial", ["evidence_group"]),
        ("knowledge/guard_evaluation", "denied", ["guard_evaluation"]),
        ("knowledge/guard_evaluation", "skipped_before_any_attempt", ["guard_evaluation"]),
        ("knowledge/transition_record", "allowed", ["transition"]),
        ("knowledge/fact", "task_failed", ["task"]),
        ("gates/gate_decision", "approved", ["gate"]),
        ("gates/gate_decision", "rejected_tests_failed", ["gate"]),
    ],
)
def test_a_valid_document_becomes_the_facts_that_it_is(family: str, name: str, kinds: list[str]) -> None:
    document = example(family, name)
    found = accepted(document)
    assert found.family == family
    assert [each.body.kind for each in found.facts] == kinds
    assert found == accepted(document), "the same bytes at the same moment have the same answer"
    assert found.facts == accepted(document, family).facts
    assert all(each.repository_id == OURS for each in found.facts)


@pytest.mark.parametrize("family", DOORS)
def test_every_example_of_a_family_is_recognised_as_one_of_it(family: str) -> None:
    for path in sorted((EXAMPLES / family / "valid").iterdir()):
        found = answer(path.read_bytes())
        name = found.family if isinstance(found, Accepted) else found.fact.source.family  # type: ignore[union-attr]
        assert name == family, path.name


def test_a_capsule_of_evidence_becomes_a_fact_for_each_member() -> None:
    capsule = example("knowledge/evidence_capsule", "tests_failed")
    found = accepted(capsule)
    members = [each.body.member.to_value() for each in found.facts if each.body.kind == "evidence_member"]
    assert members == capsule["members"]
    assert len({each.fact_id for each in found.facts}) == len(found.facts)
    assert [each.digest for each in found.evidence] == [each["evidence"]["digest"] for each in capsule["members"]]


def test_a_wrapper_keeps_where_it_came_from() -> None:
    document = as_bytes(a_wrapper())
    (fact,) = accepted(document).facts
    assert isinstance(fact.source, DocumentSource)
    assert fact.source.digest == digest_bytes(document)
    assert fact.source.lineage is not None
    assert fact.source.lineage.to_value() == a_wrapper()["lineage"]
    assert fact.occur_time == a_wrapper()["wrap_time"]
    assert fact.fact_id == fact_id(fact.source, fact.body)


def test_the_evidence_of_a_document_is_named_with_its_place() -> None:
    found = accepted(a_wrapper())
    assert [each.place for each in found.evidence] == ["/evidence/0"]


def test_the_earlier_name_of_a_reason_is_taken_and_not_written() -> None:
    wrapper = a_wrapper()
    wrapper["outcome"]["reason_code"] = wrapper["outcome"].pop("failure_reason_code")
    (fact,) = accepted(wrapper).facts
    assert b'"reason_code"' not in fact.to_json()
    assert b"TESTS.FAILED" in fact.to_json()


def test_a_document_may_say_its_family() -> None:
    assert accepted({"family": "knowledge/wrapper_envelope", "document": a_wrapper()}).family == (
        "knowledge/wrapper_envelope"
    )


@pytest.mark.parametrize("data", [b"{", b"nonsense", b"\xff\xfe", b'{"a": 1, "a": 2}', b"[" * 1000, b"NaN"])
def test_what_is_no_json_is_put_aside(data: bytes) -> None:
    assert refused(data)[0] == "not_json"


@pytest.mark.parametrize("document", [b"{", b"{}", b" " * (LINE_BYTES_MAX + 1)])
def test_a_family_that_none_is_called_keeps_nothing_from_an_answer(document: bytes) -> None:
    answered = answer(document, family="no family \ud800")
    assert isinstance(answered, Quarantined)
    assert (answered.fact.to_value()["source"]["family"], answered.body.named_family) == ("knowledge/fact", None)


@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        1,
        "text",
        None,
        {"schema_version": "1", "run_id": "run-1"},
        {"family": "planning/packet", "document": {}},
        {"family": "Nonsense!", "document": {}},
    ],
)
def test_what_is_of_no_family_is_put_aside(document: Any) -> None:
    assert refused(document) == ("family_unknown", [""])


@pytest.mark.parametrize("name", ["run_id", "task_id", "group_id", "signal", "wrapper_policy", "evidence", "lineage"])
def test_what_a_wrapper_lacks_is_named_by_its_place(name: str) -> None:
    wrapper = a_wrapper()
    del wrapper[name]
    assert refused(wrapper) == ("schema_invalid", [f"/{name}"])


@pytest.mark.parametrize(
    ("change", "cause", "place"),
    [
        (set_at("signal", to="hunch"), "schema_invalid", "/signal"),
        (set_at("task", "scope", to=1), "schema_invalid", "/task/scope"),
        (set_at("colour", to="red"), "schema_invalid", "/colour"),
        (set_at("outcome", "reason_code", to="LINT.FAILED"), "alias_conflict", "/outcome/reason_code"),
        (set_at("task", "reason_code", to="LINT.FAILED"), "alias_conflict", "/task/reason_code"),
        (set_at("outcome", "failure_reason_code", to="MOON.FULL"), "reason_unknown", "/outcome/failure_reason_code"),
        (set_at("outcome", "policy_reason_code", to="TESTS.FAILED"), "reason_unknown", "/outcome/policy_reason_code"),
        (set_at("task", "failure_reason_code", to="GUARD.DENIED"), "reason_unknown", "/task/failure_reason_code"),
        (set_at("wrap_time", to="2024-05-17T12:05:01Z"), "time_in_future", "/wrap_time"),
        (set_at("wrap_time", to="9999-01-01T00:00:00.5Z"), "time_in_future", "/wrap_time"),
        (set_at("run_id", to="run-other"), "lineage_invalid", "/lineage/run_id"),
        (set_at("lineage", "sequence", to=43), "lineage_invalid", "/lineage/sequence"),
        (set_at("lineage", "job_id", to=f"job-{'0' * 26}"), "lineage_invalid", "/lineage/job_id"),
    ],
)
def test_what_is_wrong_with_a_wrapper_is_named_with_its_place(change: Change, cause: str, place: str) -> None:
    wrapper = a_wrapper()
    change(wrapper)
    assert refused(wrapper) == (cause, [place])


@pytest.mark.parametrize("wrap_time", ["2024-05-17T12:00:00Z", "2024-05-17T12:05:00Z", "2024-05-17T12:05:00.999999Z"])
def test_clocks_may_differ_a_little(wrap_time: str) -> None:
    accepted(a_wrapper(wrap_time=wrap_time))


def test_a_document_beyond_the_limit_is_put_aside() -> None:
    assert refused(as_bytes(a_wrapper()) + b" " * LINE_BYTES_MAX) == ("too_large", [""])


def test_a_fact_of_another_repository_is_put_aside() -> None:
    foreign = a_fact(repository_id=f"repo-{'0' * 26}")
    assert refused(foreign) == ("lineage_invalid", ["/repository_id"])
    capsule = example("knowledge/evidence_capsule", "tests_failed") | {"repository_id": f"repo-{'0' * 26}"}
    assert refused(capsule) == ("lineage_invalid", ["/repository_id"])


def test_a_fact_under_a_name_that_is_not_its_own_is_put_aside() -> None:
    assert refused(a_fact(fact_id=f"sha256:{'0' * 64}")) == ("lineage_invalid", ["/fact_id"])


def test_a_reason_inside_of_a_fact_is_looked_at_too() -> None:
    fact = a_fact("evidence_group")
    fact["body"]["wrapper"]["outcome"]["failure_reason_code"] = "MOON.FULL"
    assert refused(fact) == ("reason_unknown", ["/body/wrapper/outcome/failure_reason_code"])


def test_what_is_put_aside_is_named_by_its_bytes_alone() -> None:
    first, again = answer(b"{"), accept(b"{", repository_id=OURS, now=NOW.replace(hour=20))
    assert isinstance(first, Quarantined)
    assert isinstance(again, Quarantined)
    assert first.fact.fact_id == again.fact.fact_id
    assert first.body.document.digest == digest_bytes(b"{")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@given(st.binary(max_size=200))
def test_any_bytes_have_an_answer(data: bytes) -> None:
    assert isinstance(answer(data), Quarantined)


@given(st.data(), JSON)
def test_a_wrapper_with_anything_anywhere_has_an_answer(data: st.DataObject, value: Any) -> None:
    wrapper = a_wrapper()
    inner: Any = wrapper
    while isinstance(inner, dict) and inner:
        name = data.draw(st.sampled_from(sorted(inner)))
        if not isinstance(inner[name], dict) or data.draw(st.booleans()):
            inner[name] = value
            break
        inner = inner[name]
    found = answer(json.dumps(wrapper).encode())
    if isinstance(found, Quarantined):
        assert found.body.violations, "a refusal says what is wrong"


@pytest.mark.parametrize(
    "text", ["2024-02-30T00:00:00Z", "0000-01-01T00:00:00Z", "2023-12-31T23:59:60Z", "2024-01-01T25:00:00Z"]
)
def test_a_time_that_no_calendar_has_is_put_aside_with_its_place(text: str) -> None:
    assert refused(a_wrapper(wrap_time=text)) == ("schema_invalid", ["/wrap_time"])
    fact = a_fact()
    fact["body"]["end_time"] = text
    assert refused(fact) == ("schema_invalid", ["/body/end_time"])


def test_a_byte_order_mark_before_a_document_changes_nothing() -> None:
    document = as_bytes(a_wrapper())
    marked = accepted(b"\xef\xbb\xbf" + document)
    assert [fact.body for fact in marked.facts] == [fact.body for fact in accepted(document).facts]


def test_a_document_of_any_depth_is_put_aside() -> None:
    for depth in (100, 254, 260, 480, 499, 501, 100_000):
        deep = b'{"family":"knowledge/wrapper_envelope","document":' + b"[" * depth + b"]" * depth + b"}"
        assert isinstance(answer(deep), Quarantined), depth
