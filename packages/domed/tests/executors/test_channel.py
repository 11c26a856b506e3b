"""The line protocol: what is taken, and what is refused by name."""

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.runtime.v1 import Progress
from domed.executors.channel import (
    ANY_MEDIA_TYPE,
    LINE_BYTES_MAX,
    RESULT_BYTES_MAX,
    RESULT_LINE_BYTES_MAX,
    TEXT_CHARACTERS_MAX,
    ChannelError,
    Failure,
    LineCutter,
    Result,
    declaration,
)
from domed.executors.port import DeclaredArtifact

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def refusal(line: bytes) -> str:
    said = declaration(line)
    assert isinstance(said, ChannelError)
    return said.message


def test_progress_need_say_nothing() -> None:
    assert declaration(b'{"type":"progress"}') == Progress()


def test_progress_says_how_far_the_work_is() -> None:
    line = b'{"type":"progress","message":"reading","done":3,"total":10,"unit":"files"}'
    assert declaration(line) == Progress(message="reading", done=3, total=10, unit="files")


def test_a_long_message_is_cut() -> None:
    said = declaration(json.dumps({"type": "progress", "message": "x" * 5000}).encode())
    assert isinstance(said, Progress)
    assert len(said.message) == TEXT_CHARACTERS_MAX


def test_text_that_cannot_be_sent_is_replaced() -> None:
    said = declaration(b'{"type":"progress","message":"odd \\ud800 name"}')
    assert isinstance(said, Progress)
    assert said.message.encode() == b"odd ? name"


@given(JSON)
def test_a_result_is_the_value_that_was_given(value: object) -> None:
    said = declaration(json.dumps({"type": "result", "value": value}).encode())
    assert isinstance(said, Result)
    assert json.loads(said.data) == value
    assert b"\n" not in said.data


def test_a_result_that_grows_beyond_its_limit_when_it_is_written_out_is_refused() -> None:
    text = "\u00fc" * (RESULT_BYTES_MAX // 4)
    line = '{"type":"result","value":"\\udcff' + text + '"}'
    assert len(line.encode()) < RESULT_BYTES_MAX
    said = declaration(line.encode())
    assert isinstance(said, ChannelError)
    assert "its value comes to" in said.message


def test_a_result_with_a_lone_surrogate_is_json_all_the_same() -> None:
    assert declaration(b'{"type":"result","value":"\\udcff"}') == Result(b'"\\udcff"')


def test_a_failure_has_a_reason() -> None:
    line = b'{"type":"failure","reason":"TESTS.FAILED","message":"2 of 3"}'
    assert declaration(line) == Failure("TESTS.FAILED", "2 of 3")


def test_an_artifact_has_a_name_a_path_and_a_media_type() -> None:
    line = b'{"type":"artifact","name":"report.xml","path":"/tmp/r","media_type":"Text/XML"}'
    assert declaration(line) == DeclaredArtifact("report.xml", "/tmp/r", "text/xml")
    assert declaration(b'{"type":"artifact","name":"a","path":"r"}') == DeclaredArtifact("a", "r", ANY_MEDIA_TYPE)


def test_the_path_of_an_artifact_may_be_no_text() -> None:
    said = declaration(b'{"type":"artifact","name":"a","path":"/tmp/\\udcff"}')
    assert isinstance(said, DeclaredArtifact)
    assert os.fsencode(said.path) == b"/tmp/\xff"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"hello", "no JSON"),
        (b"", "no JSON"),
        (b"\xff\xfe{}", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"9" * 5000, "no JSON"),
        (b"[1]", "no JSON object"),
        (b"{}", "unknown type None"),
        (b'{"type":["progress"]}', "unknown type"),
        (b'{"type":"dance"}', "unknown type 'dance'"),
        (b'{"type":"progress","done":-1}', "done is no count"),
        (b'{"type":"progress","done":true}', "done is no count"),
        (b'{"type":"progress","total":1.5}', "total is no count"),
        (b'{"type":"progress","total":18446744073709551616}', "total is no count"),
        (b'{"type":"progress","message":1}', "message is no text"),
        (b'{"type":"progress","percent":50}', "unknown field 'percent'"),
        (b'{"type":"result"}', "no value"),
        (b'{"type":"result","value":NaN}', "NaN"),
        (b'{"type":"result","value":1e999}', "result line is wrong"),
        (b'{"type":"failure"}', "no reason"),
        (b'{"type":"failure","reason":"oops"}', "'oops' is no reason"),
        (b'{"type":"artifact","path":"/x"}', "None is no name"),
        (b'{"type":"artifact","name":"","path":"/x"}', "'' is no name"),
        (b'{"type":"artifact","name":"..","path":"/x"}', "'..' is no name"),
        (b'{"type":"artifact","name":"a/b","path":"/x"}', "'a/b' is no name"),
        (b'{"type":"artifact","name":"a\\nb","path":"/x"}', "is no name"),
        (b'{"type":"artifact","name":"\\udcff","path":"/x"}', "is no name"),
        (b'{"type":"artifact","name":"' + b"x" * 256 + b'","path":"/x"}', "is no name"),
        (b'{"type":"artifact","name":"a"}', "path is no path"),
        (b'{"type":"artifact","name":"a","path":""}', "path is no path"),
        (b'{"type":"artifact","name":"a","path":"x\\u0000y"}', "path is no path"),
        (b'{"type":"artifact","name":"a","path":"/x","media_type":"text"}', "'text' is no media type"),
        (b'{"type":"artifact","name":"a","path":"/x","media_type":"text/plain; charset=utf-8"}', "no media type"),
        (b'{"type":"artifact","name":"a","path":"/x","size":3}', "unknown field 'size'"),
    ],
)
def test_anything_else_is_refused(line: bytes, words: str) -> None:
    assert words in refusal(line)


def test_a_refusal_quotes_the_line_shortened() -> None:
    message = refusal(b"x" * 10_000)
    assert "xxx" in message
    assert len(message) < 400


def test_only_a_result_may_be_long() -> None:
    long = "x" * LINE_BYTES_MAX
    assert isinstance(declaration(json.dumps({"type": "result", "value": long}).encode()), Result)
    assert "more than" in refusal(json.dumps({"type": "progress", "message": long}).encode())
    assert "result line" in refusal(b" " * (RESULT_LINE_BYTES_MAX + 1))


@given(st.lists(st.binary(max_size=8)), st.integers(min_value=1, max_value=7))
def test_lines_do_not_depend_on_how_the_bytes_were_read(pieces: list[bytes], step: int) -> None:
    data = b"\n".join(pieces)
    cutter = LineCutter()
    lines = [line for start in range(0, len(data), step) for line in cutter.feed(data[start : start + step])]
    lines += cutter.end()
    assert lines == (data.split(b"\n")[:-1] if data.endswith(b"\n") else data.split(b"\n") if data else [])


def test_a_line_without_an_end_is_refused_before_it_fills_the_memory() -> None:
    cutter = LineCutter()
    errors = [line for _ in range(9) for line in cutter.feed(b"x" * (1024 * 1024))]
    assert [type(error) for error in errors] == [ChannelError]
