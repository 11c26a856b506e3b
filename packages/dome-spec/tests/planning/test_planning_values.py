"""The small parts of planning: names, order, ranges, globs, what is recalled."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.schema.planning.task_spec import TaskSpec
from dome_spec.planning import (
    default_strategies,
    environment_class,
    fingerprint_input,
    known_failures,
    task_key,
    template_digest,
)
from dome_spec.planning.globs import covers, within
from dome_spec.planning.order import blocks_counts, cycle_in, waves_of
from dome_spec.planning.versions import precedence, version_in
from tests.plans_made import HALF_EVEN, a_remedy, some_strategies

NAMES = "abcdefgh"
WAITS = st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=3, unique=True))
ORDERS = st.lists(st.lists(st.integers(0, 20), max_size=3), max_size=9).map(
    lambda rows: {
        str(number): [str(each % number) for each in row] if number else [] for number, row in enumerate(rows)
    }
)


def whole(waits: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: list(dict.fromkeys(each for each in names if each in waits)) for name, names in waits.items()}


@given(WAITS)
def test_a_circle_is_found_exactly_where_there_are_no_waves(waits: dict[str, list[str]]) -> None:
    known = whole(waits)
    circle = cycle_in(known)
    if circle:
        assert circle[0] == circle[-1]
        assert all(other in known[name] for name, other in pairwise(circle))
        with pytest.raises(ValueError, match="circle"):
            waves_of(known, str, tasks_max=8)
    else:
        assert {name for wave in waves_of(known, str, tasks_max=8) for name in wave} == set(known)


@given(ORDERS, st.integers(1, 4))
def test_waves_hold_no_more_than_they_may_and_counts_are_those_of_all_who_wait(
    waits: dict[str, list[str]], tasks_max: int
) -> None:
    known = whole(waits)
    over: set[str] = set()
    for wave in waves_of(known, str, tasks_max=tasks_max):
        assert len(wave) <= tasks_max
        assert all(over.issuperset(known[name]) for name in wave)
        over.update(wave)

    def waiting(name: str) -> set[str]:
        return {other for each in known[name] for other in (each, *waiting(each))}

    counts = blocks_counts(known)
    assert counts == {name: sum(name in waiting(other) for other in known) for name in known}


@pytest.mark.parametrize(
    ("version", "version_range", "expected"),
    [
        ("1.2.0", "*", True),
        ("1.2.0", ">=1.2.0,<2.0.0", True),
        ("1.10.0", ">1.9.0", True),
        ("2.0.0", ">=1.2.0,<2.0.0", False),
        ("1.2.0", "==1.2.1", False),
        ("1.2.0-rc.1", ">=1.0.0", False),
        ("1.2.0+build", "<=1.2.0", True),
        ("1.2.0", "about 1", False),
    ],
)
def test_a_version_lies_in_a_range(version: str, version_range: str, *, expected: bool) -> None:
    assert version_in(version, version_range) is expected


@pytest.mark.parametrize("version", ["", "1.2.3.4", "1.2.3x", "1.2", "\u0661.0.0", "1.0.0\n"])
def test_what_is_no_version_lies_in_no_range_of_versions(version: str) -> None:
    assert not version_in(version, ">=0.0.0")


def test_a_version_comes_after_what_is_before_its_release() -> None:
    versions = ["1.0.0-rc.1", "1.0.0", "1.0.1-rc.1", "1.9.0", "1.10.0+build.7"]
    told = ["1.10.0+build.7", "1.0.1-rc.1", "1.0.0", "1.9.0", "1.0.0-rc.1"]
    assert sorted(told, key=lambda each: precedence(each) or ()) == versions


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ("**", "src/x.py", True),
        ("src/**", "src/ledger/**", True),
        ("src/**", "src/*.py", True),
        ("src/*.py", "src/x.py", True),
        ("src/*.py", "src/**", False),
        ("docs/**", "src/x.py", False),
        ("src/**", "srcs/x.py", False),
    ],
)
def test_a_pattern_covers_another_one_only_where_that_is_sure(outer: str, inner: str, *, expected: bool) -> None:
    assert covers(outer, inner) is expected


def test_what_is_forbidden_is_not_within() -> None:
    assert within(["src/a.py", "src/b.py", "x"], ["src/**"], ["src/b.py"]) == ("src/a.py",)


def test_a_template_forgets_the_packet_and_the_words_that_told_of_it() -> None:
    def worker(prompt: str, goal: str = "It holds.", **rest: Any) -> TaskSpec:
        value = a_remedy(skill_id="codex.exec", prompt=prompt, sandbox="workspace-write").to_value()
        return TaskSpec.from_value({**value, "goal": goal, **rest})

    plain = template_digest(worker("Mend it."))
    assert template_digest(worker("Mend something.", "Another goal.", gates=["lint"])) == plain
    changed = a_remedy(skill_id="codex.exec", prompt="Mend it.", sandbox="read-only")
    assert template_digest(changed) != plain
    assert template_digest(a_remedy("tests/test_x.py::test_y", "codex.exec", prompt="Mend it.")) != plain


def test_a_fingerprint_holds_gates_tool_schemas_and_environment_and_nothing_else() -> None:
    spec = TaskSpec.from_value({**a_remedy().to_value(), "gates": ["unit", "lint"]})
    found = fingerprint_input(spec, {"ledger.mend": "1.0.0", "other.tool": "2.0.0"}, "linux-x86_64-python3.11")
    assert found.gates == ["lint", "unit"]
    assert found.versions.tools == {"ledger.mend": "1.0.0"}
    assert list(found.versions.schemas) == ["planning/task_spec"]
    assert fingerprint_input(spec, {}, "linux").versions.tools == {}


def test_the_key_of_a_task_is_its_first_four_fields() -> None:
    assert task_key(a_remedy()).to_value() == {
        "scope": "repo",
        "target": {"kind": "test", "id": HALF_EVEN},
        "action": {"kind": "fix"},
        "failure_reason_code": "TESTS.FAILED",
    }


def test_the_class_of_an_environment_is_one_lower_case_word() -> None:
    assert environment_class("Linux", "x86_64", (3, 11)) == "linux-x86_64-python3.11"
    assert environment_class("Linux", "x86_64", None) == "linux-x86_64"


@dataclass(frozen=True)
class Columns:
    target_kind: str = "test"
    target_id: str = HALF_EVEN
    action_kind: str = "validate"


@dataclass(frozen=True)
class Row:
    task: Columns = Columns()
    failure_reason_code: str = "TESTS.FAILED"
    last_seen_us: int = 10**15


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (Row(), True),
        (Row(task=Columns(action_kind="observe")), True),
        (Row(task=Columns(action_kind="fix")), False),
        (Row(task=Columns(target_kind="")), False),
        (Row(failure_reason_code="PROCESS.LOST"), False),
        (Row(failure_reason_code="PROCESS.EXIT_NONZERO"), True),
        (Row(failure_reason_code="LINT.FAILED"), True),
        (Row(failure_reason_code="UNHEARD.OF"), False),
        (Row(last_seen_us=10**15 - 31 * 24 * 3600 * 1_000_000), False),
        (Row(last_seen_us=10**15 + 1), False),
    ],
)
def test_a_failure_is_known_where_something_that_looks_saw_it_lately_and_it_can_be_mended(
    row: Row, *, expected: bool
) -> None:
    assert bool(known_failures([row, row], default_strategies(), now_us=10**15)) is expected


def test_a_failure_that_the_strategies_answer_can_be_mended() -> None:
    answers = default_strategies().to_value()["responses"]
    strategies = some_strategies(responses={**answers, "PROCESS.LOST": answers["NONE"]})
    lost = Row(failure_reason_code="PROCESS.LOST")
    assert len(known_failures([lost], strategies, now_us=10**15)) == 1
