"""`codex.exec` with a program in codex's place that says what the test wrote down. With the real one: `tests/codex`."""

import json
import os
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domed.catalog import Tool
from domed.tools.codex_exec.child import Ended
from domed.tools.codex_exec.command import DEFAULTS, arguments
from domed.tools.codex_exec.lines import BYTES_MAX, Lines
from domed.tools.codex_exec.program import environment, find
from domed.tools.codex_exec.transcript import COMMANDS_MAX, Transcript
from domed.tools.codex_exec.verdict import verdict

BEGIN = {"type": "thread.started", "thread_id": "t-1"}
END = {"type": "turn.completed", "usage": {"input_tokens": 7, "output_tokens": 2}}
Run = Callable[..., Any]


def item(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": "item.completed", "item": {"id": "i", "type": kind, **fields}}


MESSAGE = item("agent_message", text="done")


@pytest.fixture
def codex(tmp_path: Path) -> Callable[..., str]:
    """Writes a program that prints events, after or before what a shell script does."""

    def write(events: Sequence[Any], *, before: str = "cat >/dev/null", after: str = "") -> str:
        lines = tmp_path / "lines"
        lines.write_bytes(b"".join(json.dumps(event).encode() + b"\n" for event in events))
        program = tmp_path / "codex"
        version = '[ "$1" = --version ] && { echo codex-cli 9.9; exit 0; }'
        program.write_text(f"#!/bin/sh\n{version}\n{before}\ncat '{lines}'\n{after}\n")
        program.chmod(0o755)
        return str(program)

    return write


def test_the_program_is_given_the_task_and_told_what_it_may_do(
    run_tool: Run, codex: Callable[..., str], tmp_path: Path
) -> None:
    program = codex([BEGIN, MESSAGE, END], before=f'cat >{tmp_path}/task; echo "$@" >{tmp_path}/words')
    ran = run_tool("codex.exec", {"prompt": "do ünicode\n"}, tmp_path, CODEX_PATH=program, DOME_SCRATCH=str(tmp_path))
    assert ran.exit_code == 0, ran.stderr
    assert (tmp_path / "task").read_text() == "do ünicode\n"
    words = (tmp_path / "words").read_text()
    for told in ("--ephemeral", "--sandbox read-only", "approval_policy=", "network_access=false", "writable_roots=[]"):
        assert told in words
    result = ran.result
    assert (result["message"], result["completed"], result["thread_id"]) == ("done", True, "t-1")
    assert result["usage"] == {
        "input_tokens": 7,
        "cached_input_tokens": 0,
        "output_tokens": 2,
        "reasoning_output_tokens": 0,
    }
    named = {message["name"]: message["path"] for message in ran.messages if message["type"] == "artifact"}
    assert json.loads(Path(named["events.jsonl"]).read_text().splitlines()[-1]) == END
    assert Path(named["message.txt"]).read_text() == "done"


def test_what_was_asked_for_is_said_outright(tmp_path: Path) -> None:
    wanted = {
        **DEFAULTS,
        **{"sandbox": "workspace-write", "network": True, "additional_directories": ['/a "b"'], "model": "m-1"},
        **{"configuration": "none", "answer_schema": {}},
    }
    words = arguments(wanted, workspace=tmp_path, message_file=tmp_path / "m", schema_file=tmp_path / "s")
    told = " ".join(words)
    assert 'writable_roots=["/a \\"b\\""]' in told
    assert "network_access=true" in told
    assert "exclude_slash_tmp=true" in told
    assert f"--output-schema {tmp_path}/s" in told
    assert {"--ignore-user-config", "--model"} <= set(words)
    assert words[-1] == "-"


def test_it_does_not_hand_on_the_channel(run_tool: Run, codex: Callable[..., str], tmp_path: Path) -> None:
    program = codex([BEGIN, MESSAGE, END], before=f"cat >/dev/null; env >{tmp_path}/seen; ls -l /proc/$$/fd >&2")
    assert run_tool("codex.exec", {"prompt": "x"}, tmp_path, CODEX_PATH=program, DOME_JOB_ID="job-1").exit_code == 0
    seen = (tmp_path / "seen").read_text()
    assert "DOME_CHANNEL_FD" not in seen
    assert "DOME_JOB_ID=job-1" in seen
    assert f"TMPDIR={tempfile.gettempdir()}\n" not in seen
    assert "TMPDIR=" in seen
    assert environment({"A": "1", "DOME_TOOL_SH": "2", "CODEX_PATH": "3"}) == {"A": "1"}


@pytest.mark.parametrize(
    ("script", "said"),
    [("echo hello", "it says 'hello'"), ("exit 3", "is not codex"), ("kill -9 $$", "is not codex")],
)
def test_another_program_is_not_taken_for_codex(run_tool: Run, tmp_path: Path, script: str, said: str) -> None:
    program = tmp_path / "codex"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    reason, message = run_tool("codex.exec", {"prompt": "x"}, tmp_path, CODEX_PATH=str(program)).failure
    assert reason == "CODEX.NOT_FOUND"
    assert said in message


def test_codex_is_found_where_its_user_has_it(tmp_path: Path) -> None:
    place = tmp_path / ".local" / "bin" / "codex"
    place.parent.mkdir(parents=True)
    place.write_text("#!/bin/sh\n")
    place.chmod(0o755)
    assert find({"PATH": "/nonexistent", "HOME": str(tmp_path)}) == str(place)


def test_a_workspace_is_below_the_working_directory(
    run_tool: Run, built_in: Callable[[str], Tool], tmp_path: Path
) -> None:
    reason, message = run_tool("codex.exec", {"prompt": "x", "workspace": "not/there"}, tmp_path).failure
    assert (reason, str(tmp_path) in message) == ("CODEX.WORKSPACE_MISSING", True)
    for document in (
        {"prompt": "x", "workspace": "../a"},
        {"prompt": "x", "workspace": "/a"},
        {"prompt": " \n"},
        {"prompt": "x", "network": True},
        {"prompt": "x", "sandbox": "read-only", "additional_directories": ["/a"]},
        {"prompt": "x", "model": "--yolo"},
    ):
        assert built_in("codex.exec").input_violations(json.dumps(document).encode()), document
    fine = {"prompt": "x", "sandbox": "workspace-write", "network": True, "additional_directories": ["/a"]}
    assert built_in("codex.exec").input_violations(json.dumps(fine).encode()) == ()


def test_an_end_without_a_turn_has_the_words_of_codex(run_tool: Run, codex: Callable[..., str], tmp_path: Path) -> None:
    program = codex([BEGIN], after="echo 'Error loading config.toml: no such key' >&2; exit 1")
    ran = run_tool("codex.exec", {"prompt": "x"}, tmp_path, CODEX_PATH=program)
    reason, message = ran.failure
    assert (reason, "no such key" in message) == ("CODEX.FAILED", True)
    assert b"no such key" in ran.stderr
    assert ran.result["completed"] is False
    program = codex([BEGIN], after="kill -9 $$")
    assert "signal 9" in run_tool("codex.exec", {"prompt": "x"}, tmp_path, CODEX_PATH=program).failure[1]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("unexpected status 401 Unauthorized: Missing bearer", "CODEX.NOT_AUTHENTICATED"),
        ("Missing environment variable: `OPENAI_API_KEY`.", "CODEX.NOT_AUTHENTICATED"),
        ("Your access token could not be refreshed. Please log in again.", "CODEX.NOT_AUTHENTICATED"),
        ("exceeded retry limit, last status: 429 Too Many Requests", "CODEX.LIMIT_REACHED"),
        ("You've hit your usage limit. Try again at 3:00 PM.", "CODEX.LIMIT_REACHED"),
        ("stream disconnected before completion", "CODEX.FAILED"),
    ],
)
def test_the_words_of_a_provider_have_a_reason(words: str, reason: str) -> None:
    transcript = Transcript()
    transcript.take(json.dumps({"type": "turn.failed", "error": {"message": words}}).encode())
    found = verdict(transcript, Ended(1, ""))
    assert found is not None
    assert (found.reason, words in found.message) == (reason, True)


def test_a_long_event_is_left_out_and_the_next_one_heard(
    run_tool: Run, codex: Callable[..., str], tmp_path: Path
) -> None:
    long = f"cat >/dev/null; head -c {BYTES_MAX + 100_000} /dev/zero | tr '\\0' x; echo"
    ran = run_tool("codex.exec", {"prompt": "x"}, tmp_path, CODEX_PATH=codex([BEGIN, MESSAGE, END], before=long))
    assert ran.exit_code == 0, ran.stderr
    assert (ran.result["message"], ran.result["events_complete"]) == ("done", False)


def test_what_it_leaves_running_does_not_hold_up_the_end(
    run_tool: Run, codex: Callable[..., str], tmp_path: Path
) -> None:
    program = codex([BEGIN, MESSAGE, END], after=f"sleep 300 & echo $! >{tmp_path}/left")
    assert run_tool("codex.exec", {"prompt": "x"}, tmp_path, CODEX_PATH=program).exit_code == 0
    assert is_gone(int((tmp_path / "left").read_text()))


def test_the_end_reaches_commands_in_sessions_of_their_own(
    start_tool: Run, codex: Callable[..., str], tmp_path: Path
) -> None:
    # It hears no interrupt, and its command is in no group of its own.
    command = f"echo $$ >{tmp_path}/pid; mv {tmp_path}/pid {tmp_path}/left; sleep 300"
    deaf = f"trap '' INT; cat >/dev/null; setsid sh -c '{command}'"
    with start_tool("codex.exec", {"prompt": "x"}, tmp_path, CODEX_PATH=codex([], before=deaf)) as running:
        while not (tmp_path / "left").exists():
            assert running.process.poll() is None
            time.sleep(0.02)
        running.process.send_signal(signal.SIGTERM)
        assert running.end().exit_code == -signal.SIGTERM
    assert is_gone(int((tmp_path / "left").read_text()))


def is_gone(pid: int) -> bool:
    """Whether it ends soon."""
    end_s = time.monotonic() + 10
    while time.monotonic() < end_s:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    return False


def test_events_are_added_up() -> None:
    transcript = Transcript()
    changes = [{"path": "/w/a.py", "kind": "update"}, {"path": "/w/b.py", "kind": "add"}]
    events = [
        BEGIN,
        {"type": "item.started", "item": {"type": "command_execution", "command": "ls"}},
        item("command_execution", command="ls", exit_code=2, status="failed"),
        item("file_change", changes=changes, status="completed"),
        item("mcp_tool_call", server="dome", tool="search_tools", status="completed"),
        {"type": "error", "message": "Reconnecting... 1/5"},
        item("agent_message", text="half"),
        item("agent_message", text="all"),
        END,
        END,
    ]
    printed = [transcript.take(json.dumps(event).encode()) for event in events]
    assert printed[2] == "$ ls\n(failed, exit code 2)"
    assert transcript.commands == [{"command": "ls", "status": "failed", "exit_code": 2}]
    assert transcript.changes == changes
    assert transcript.calls == [{"server": "dome", "tool": "search_tools", "status": "completed"}]
    assert (transcript.message, transcript.steps, transcript.errors) == ("all", 5, ["Reconnecting... 1/5"])
    assert transcript.usage["input_tokens"] == 14


def test_lists_are_bounded() -> None:
    transcript = Transcript()
    for _ in range(COMMANDS_MAX + 3):
        transcript.take(json.dumps(item("command_execution", command="x" * 10_000, status="completed")).encode())
    assert (len(transcript.commands), transcript.left_out) == (COMMANDS_MAX, 3)
    assert len(transcript.commands[0]["command"]) < 10_000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KINDS = st.sampled_from(
    [
        *("thread.started", "item.started", "item.completed", "turn.completed", "turn.failed", "error"),
        *("agent_message", "command_execution", "file_change", "mcp_tool_call", "web_search", "reasoning", "todo_list"),
    ]
)
FIELDS = st.sampled_from(
    ["text", "message", "command", "changes", "usage", "error", "server", "exit_code", "thread_id"]
)


@given(st.dictionaries(FIELDS, JSON), KINDS, st.dictionaries(FIELDS, JSON) | JSON, KINDS)
def test_no_event_is_too_odd(outer: dict[str, Any], outer_kind: str, inner: Any, inner_kind: str) -> None:
    within = {**inner, "type": inner_kind} if isinstance(inner, dict) else inner
    transcript = Transcript()
    transcript.take(json.dumps({**outer, "type": outer_kind, "item": within}).encode())
    json.dumps([transcript.message, transcript.commands, transcript.changes, transcript.calls, transcript.errors])


@given(st.binary(max_size=40))
def test_what_is_no_event_is_left_out(line: bytes) -> None:
    Transcript().take(line)


@given(st.lists(st.binary(max_size=9), max_size=9), st.integers(1, 5))
def test_lines_are_the_same_however_they_come(parts: list[bytes], bytes_max: int) -> None:
    lines = Lines(bytes_max)
    found = [line for part in parts for line in lines.take(part)]
    found += [rest] if (rest := lines.rest()) else []
    whole = b"".join(parts).split(b"\n")
    assert found == [line for line in whole if 0 < len(line) <= bytes_max]
    assert lines.left_out == sum(len(line) > bytes_max for line in whole)
