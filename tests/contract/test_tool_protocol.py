"""The helper for tools keeps the line protocol, with a daemon at the other end of the channel and without."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

import pytest

from dome_contracts import tool

DOCUMENT = {"root": "/", "limit": 3}


class Channel:
    """The daemon's end: what the tool wrote, line by line."""

    def __init__(self) -> None:
        self._read_fd, self.write_fd = os.pipe()
        os.set_blocking(self._read_fd, False)

    def session_options(self) -> dict[str, Any]:
        return {"environ": {tool.CHANNEL_VARIABLE: str(self.write_fd)}, "stdin": a_document()}

    def lines(self) -> list[Any]:
        try:
            return [json.loads(line) for line in os.read(self._read_fd, 1 << 20).splitlines()]
        except BlockingIOError:
            return []

    def stop_listening(self) -> None:
        os.close(self._read_fd)
        self._read_fd = -1

    def close(self) -> None:
        for fd in (self._read_fd, self.write_fd):
            if fd >= 0:
                os.close(fd)


def a_document() -> BinaryIO:
    return io.BytesIO(json.dumps(DOCUMENT).encode())


@pytest.fixture
def channel() -> Iterator[Channel]:
    opened = Channel()
    yield opened
    opened.close()


def test_the_input_is_the_document_on_standard_input(channel: Channel) -> None:
    with tool.session(**channel.session_options()) as dome:
        assert dome.input == DOCUMENT


def test_no_input_is_null() -> None:
    with tool.session({}, io.BytesIO(b"")) as dome:
        assert dome.input is None


def test_each_report_is_one_line_at_once(channel: Channel) -> None:
    with tool.session(**channel.session_options()) as dome:
        dome.progress("half", done=1, total=2, unit="files")
        assert channel.lines() == [{"type": "progress", "message": "half", "done": 1, "total": 2, "unit": "files"}]
        dome.progress(done=0)
        assert channel.lines() == [{"type": "progress", "done": 0}]
        dome.artifact("report", "/tmp/report.xml", media_type="text/xml")
        assert channel.lines() == [
            {"type": "artifact", "name": "report", "path": "/tmp/report.xml", "media_type": "text/xml"}
        ]
        dome.result({"text": "a\nb\u2028"})
        assert channel.lines() == [{"type": "result", "value": {"text": "a\nb\u2028"}}]


def test_a_failure_is_reported_and_ends_the_program(channel: Channel, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, tool.session(**channel.session_options()) as dome:
        dome.fail("TESTS.FAILED", "3 of 10 tests failed")
    assert ended.value.code == 1
    assert channel.lines() == [{"type": "failure", "reason": "TESTS.FAILED", "message": "3 of 10 tests failed"}]
    assert "3 of 10 tests failed" in capsys.readouterr().err


def test_an_unexpected_error_is_not_reported_as_a_failure(channel: Channel) -> None:
    with pytest.raises(ZeroDivisionError), tool.session(**channel.session_options()):
        _ = 1 // 0
    assert channel.lines() == []


def test_a_tool_has_one_result(channel: Channel) -> None:
    with tool.session(**channel.session_options()) as dome:
        dome.result(1)
        with pytest.raises(ValueError, match="one result"):
            dome.result(2)


def test_a_line_that_is_too_long_is_refused_before_it_is_sent(channel: Channel) -> None:
    with tool.session(**channel.session_options()) as dome:
        with pytest.raises(ValueError, match="at most 8388608"):
            dome.result("x" * tool.RESULT_BYTES_MAX)
        with pytest.raises(ValueError, match="at most 65536"):
            dome.artifact("x" * tool.LINE_BYTES_MAX, "/tmp/x")
        assert channel.lines() == []
        dome.result("short")
        assert channel.lines() == [{"type": "result", "value": "short"}]


def test_a_long_message_is_cut(channel: Channel) -> None:
    with tool.session(**channel.session_options()) as dome:
        dome.progress("x" * tool.LINE_BYTES_MAX)
    (line,) = channel.lines()
    assert line["message"] == "x" * tool.MESSAGE_CHARACTERS_MAX


def test_a_name_that_is_no_utf_8_is_escaped(channel: Channel) -> None:
    with tool.session(**channel.session_options()) as dome:
        dome.progress(os.fsdecode(b"caf\xe9"))
    assert channel.lines() == [{"type": "progress", "message": "caf\udce9"}]


def test_a_result_that_is_no_json_is_refused(channel: Channel) -> None:
    with tool.session(**channel.session_options()) as dome, pytest.raises(ValueError, match="Out of range"):
        dome.result(float("nan"))


def test_a_tool_goes_on_when_the_daemon_no_longer_listens(channel: Channel) -> None:
    with tool.session(**channel.session_options()) as dome:
        channel.stop_listening()
        dome.progress("one")
        dome.progress("two")
        dome.result({"done": True})


def test_children_of_the_tool_do_not_hold_the_channel(channel: Channel) -> None:
    os.set_inheritable(channel.write_fd, True)
    with tool.session(**channel.session_options()):
        assert not os.get_inheritable(channel.write_fd)


PROGRAM = """\
from dome_contracts import tool
with tool.session() as dome:
    print("working")
    dome.progress("half")
    dome.result({"input": dome.input})
"""


def test_by_hand_the_result_is_printed_at_the_end() -> None:
    environment = {name: value for name, value in os.environ.items() if name != tool.CHANNEL_VARIABLE}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], input=b"[1]", capture_output=True, check=True, env=environment, timeout=30
    )
    assert done.stdout.splitlines() == [b"working", b'{"input":[1]}']


@pytest.mark.parametrize(
    ("end", "code", "said"),
    [
        ('dome.fail("TESTS.FAILED", "2 of 3 failed")', 1, b"TESTS.FAILED: 2 of 3 failed"),
        ("raise SystemExit(3)", 3, b""),
        ("1 // 0", 1, b"ZeroDivisionError"),
    ],
)
def test_by_hand_the_result_is_printed_also_where_the_tool_then_fails(end: str, code: int, said: bytes) -> None:
    environment = {name: value for name, value in os.environ.items() if name != tool.CHANNEL_VARIABLE}
    program = f"{PROGRAM}    {end}\n"
    done = subprocess.run(
        [sys.executable, "-c", program], input=b"[1]", capture_output=True, check=False, env=environment, timeout=30
    )
    assert done.returncode == code
    assert done.stdout.splitlines() == [b"working", b'{"input":[1]}']
    assert said in done.stderr


def test_under_a_daemon_standard_output_stays_the_tools_own(channel: Channel) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=b"[1]",
        capture_output=True,
        check=True,
        env={**os.environ, tool.CHANNEL_VARIABLE: str(channel.write_fd)},
        pass_fds=[channel.write_fd],
        timeout=30,
    )
    assert done.stdout == b"working\n"
    assert channel.lines() == [
        {"type": "progress", "message": "half"},
        {"type": "result", "value": {"input": [1]}},
    ]
