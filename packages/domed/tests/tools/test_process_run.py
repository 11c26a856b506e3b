"""`process.run`: the program that the input names is the one that the executor starts, and nothing stands between."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from domed.catalog import Tool
from domed.executors.local_process import LocalProcessExecutor
from domed.executors.port import Canceled, Exit, Exited, Invocation, SpawnFailed
from packages.domed.tests.executors.conformance import ERR, OUT, WAIT_S, Record, fresh_job_id, limits

Run = Callable[..., Coroutine[Any, Any, Exit]]


@pytest.fixture
def record() -> Record:
    return Record()


@pytest.fixture
def tool(built_in: Callable[[str], Tool]) -> Tool:
    return built_in("process.run")


@pytest.fixture
def run(tool: Tool, record: Record, tmp_path: Path) -> Run:
    async def run(*argv: str, stop: asyncio.Event | None = None, path: str = "/usr/bin:/bin", **document: Any) -> Exit:
        payload = json.dumps({"argv": argv, **document}).encode()
        assert tool.input_violations(payload) == ()
        invocation = Invocation(
            job_id=fresh_job_id(),
            argv=tool.argv(payload),
            payload=tool.standard_input(payload),
            environment={"PATH": path},
            working_directory=tmp_path,
            scratch=tmp_path,
            limits=limits(),
        )
        async with asyncio.timeout(2 * WAIT_S):
            return await LocalProcessExecutor().run(invocation, emit=record, stop=stop or asyncio.Event())

    return run


async def test_output_and_exit_code_are_the_programs_own(run: Run, record: Record) -> None:
    ended = await run("sh", "-c", "printf 'a\\0\\377'; echo b >&2; exit 7")
    assert ended.end == Exited(7, None)
    assert (record.written(OUT), record.written(ERR)) == (b"a\0\xff", b"b\n")


async def test_arguments_reach_the_program_as_they_are(run: Run, record: Record) -> None:
    arguments = ["", " ", "$HOME", "`x`", "ü", "a\nb", "*", "{tool}", "{python}"]
    await run("printf", "%s|", *arguments)
    assert record.written().decode() == "".join(f"{argument}|" for argument in arguments)


async def test_a_stop_reaches_the_program_itself(run: Run, record: Record) -> None:
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(run("sh", "-c", "echo ready; exec cat /dev/zero >/dev/null", stop=stop))
        await record.until(lambda record: record.written() == b"ready\n")
        stop.set()
    assert running.result().end == Canceled(None, 15)


async def test_a_program_may_end_by_a_signal(run: Run) -> None:
    assert (await run("sh", "-c", "kill -KILL $$")).end == Exited(None, 9)


@pytest.mark.parametrize("text", ["", "héllo\n", "x" * 300_000])
async def test_standard_input_is_the_text_and_then_ends(run: Run, record: Record, text: str) -> None:
    await run("cat", stdin=text)
    assert record.written().decode() == text


async def test_standard_input_is_empty_where_none_is_given(run: Run, record: Record) -> None:
    assert (await run("cat")).end == Exited(0, None)
    assert record.written() == b""


async def test_a_relative_program_is_looked_for_in_the_working_directory(
    run: Run, record: Record, tmp_path: Path
) -> None:
    write_program(tmp_path / "own")
    await run("./own")
    assert record.written().decode() == f"{tmp_path}\n"


async def test_a_name_is_looked_for_on_the_path_of_the_program(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    write_program(tmp_path / "bin" / "own")
    assert (await run("own", path=f"{tmp_path}/bin:/usr/bin:/bin")).end == Exited(0, None)
    assert isinstance((await run("own")).end, SpawnFailed)


@pytest.mark.parametrize(
    ("program", "exit_code"),
    [("no-such-program", 127), ("./no/such", 127), ("./plain/x", 127), (".", 126), ("./plain", 126)],
)
async def test_a_program_that_cannot_be_started_is_told_as_a_shell_tells_it(
    run: Run, tmp_path: Path, program: str, exit_code: int
) -> None:
    (tmp_path / "plain").write_text("")
    end = (await run(program)).end
    assert isinstance(end, SpawnFailed)
    assert end.exit_code == exit_code
    assert program in end.message


@pytest.mark.parametrize(
    "payload",
    [
        b"{}",
        b'{"argv": []}',
        b'{"argv": [""]}',
        b'{"argv": ["a\\u0000"]}',
        b'{"argv": ["a", "\\u0000"]}',
        b'{"argv": "ls"}',
        b'{"argv": ["ls"], "timeout_s": 1}',
    ],
)
def test_an_input_without_a_program_is_refused(tool: Tool, payload: bytes) -> None:
    assert tool.input_violations(payload)


def test_it_needs_no_result(tool: Tool) -> None:
    assert tool.output_violations(b"") == ()


def write_program(path: Path) -> None:
    path.write_text("#!/bin/sh\npwd\n")
    path.chmod(0o755)
