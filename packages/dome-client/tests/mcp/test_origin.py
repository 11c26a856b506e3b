import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_client.mcp.origin import Origin, origin_of

CODEX: dict[str, Any] = {
    "threadId": "019a8d6e-2f4b",
    "callId": "call_8Fq2",
    "x-codex-turn-metadata": {"turn_id": "turn-7", "model": "m"},
    "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
}


def test_session_turn_and_call_of_codex_are_read() -> None:
    found = origin_of(CODEX, client="codex-mcp-client")
    assert (found.session_id, found.turn_id, found.call_id) == ("019a8d6e-2f4b", "turn-7", "call_8Fq2")
    assert found.idempotency_key == "mcp/019a8d6e-2f4b/turn-7/call_8Fq2"
    as_text = CODEX | {"x-codex-turn-metadata": json.dumps({"turn_id": "turn-7"})}
    assert origin_of(as_text, client="codex-mcp-client") == found


@pytest.mark.parametrize(
    "text",
    [
        "ff" + CODEX["traceparent"][2:],
        "00-" + "0" * 32 + "-00f067aa0ba902b7-01",
        CODEX["traceparent"] + "-more",
        CODEX["traceparent"].upper(),
    ],
)
def test_a_trace_that_the_daemon_would_refuse_is_left_out(text: str) -> None:
    assert origin_of({"traceparent": text, "tracestate": "vendor=1"}) == Origin()


def test_a_trace_goes_on_with_what_vendors_say_of_it() -> None:
    asked = origin_of(CODEX | {"tracestate": "vendor=1"}).correlation()
    assert (asked.traceparent, asked.tracestate) == (CODEX["traceparent"], "vendor=1")
    assert origin_of(CODEX | {"tracestate": "v\n"}).tracestate == ""


@given(st.lists(st.tuples(*[st.text("ab/", min_size=1, max_size=5)] * 2, st.text("ab/", max_size=5)), min_size=2))
def test_other_calls_have_other_keys(calls: list[tuple[str, str, str]]) -> None:
    metas = (
        {"threadId": session, "callId": call, "x-codex-turn-metadata": {"turn_id": turn}}
        for session, call, turn in calls
    )
    assert len({origin_of(meta).idempotency_key for meta in metas}) == len(set(calls))


def test_without_a_call_there_is_no_key() -> None:
    assert origin_of({}).idempotency_key == origin_of({"threadId": "t"}).idempotency_key == ""
    assert origin_of({}).correlation().effector is None


@pytest.mark.parametrize("value", [None, 3, ["a"], {"turn_id": 3}, "a\nb", "x" * 257])
def test_what_has_another_form_is_left_out(value: Any) -> None:
    names = ("threadId", "callId", "traceparent", "dome/run_id", "x-codex-turn-metadata")
    assert origin_of(dict.fromkeys(names, value)) == Origin()


@given(st.text(), st.text(), st.text())
def test_a_key_is_printable_ascii_of_at_most_255_characters(session: str, turn: str, call: str) -> None:
    meta = {"threadId": session, "callId": call, "x-codex-turn-metadata": {"turn_id": turn}}
    key = origin_of(meta).idempotency_key
    assert len(key) <= 255
    assert all("!" <= each <= "~" for each in key)


def test_ids_that_are_no_key_themselves_give_different_digests() -> None:
    first, second = (origin_of({"threadId": "ä" * 200, "callId": call}).idempotency_key for call in "12")
    assert first.startswith("mcp/sha256:")
    assert first != second
