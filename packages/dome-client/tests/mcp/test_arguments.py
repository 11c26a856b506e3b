from typing import Any

import pytest

from dome_client.errors import DomeError
from dome_client.mcp.arguments import Arguments
from dome_client.mcp.surface import EVENTS, RUN


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "tool_id"),
        ({"tool_id": ""}, "tool_id"),
        ({"tool_id": None}, "tool_id"),
        ({"tool_id": 3}, "tool_id"),
        ({"tool_id": "a", "input": [1]}, "input"),
        ({"tool_id": "a", "input": "no json"}, "input"),
        ({"tool_id": "a", "wait_s": True}, "wait_s"),
        ({"tool_id": "a", "wait_s": 3600}, "wait_s"),
        ({"tool_id": "a", "wait_s": -1}, "wait_s"),
        ({"tool_id": "a", "timeout": 1}, "timeout"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(given: dict[str, Any], field: str) -> None:
    with pytest.raises(DomeError) as refused:
        Arguments(RUN, given)
    assert refused.value.reason == "INVALID_REQUEST"
    assert [each.field for each in refused.value.violations] == [field]
    assert field in refused.value.message


def test_what_models_write_now_and_then_is_understood() -> None:
    arguments = Arguments(RUN, {"tool_id": "a", "input": '{"b": 1}', "wait_s": 3.0, "working_directory": None})
    assert (arguments.value("input"), arguments.seconds("wait_s", 1), arguments.text("working_directory")) == (
        {"b": 1},
        3.0,
        "",
    )
    assert Arguments(EVENTS, {"job_id": "j", "after": -50.0}).integer("after") == -50


def test_a_number_beyond_all_events_is_refused() -> None:
    with pytest.raises(DomeError):
        Arguments(EVENTS, {"job_id": "j", "after": 10**30})
