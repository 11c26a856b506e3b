"""A whole daemon with tools of the tests, over memory and over a socket: the same calls, the same answers."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from dome_contracts.google.rpc import BadRequest, ErrorInfo
from domed.config import Config
from packages.domed.tests.runtime_suite import Running, a_config, running, write_document, write_tool

HELLO = "echo hello; echo oops >&2"
HANG = "echo up; exec sleep 60"
LARGE_RESULT = """
{
    printf '{"type":"result","value":{"text":"'
    head -c 8388000 /dev/zero | tr '\\0' x
    printf '"}}'
} >"/dev/fd/$DOME_CHANNEL_FD"
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    tools = tmp_path / "tools"
    write_tool(tools, "user.hello", HELLO)
    write_tool(tools, "user.hang", HANG)
    write_tool(tools, "user.locked", HANG, locks=["port"])
    write_tool(tools, "user.here", "pwd", working_directory="required")
    write_tool(tools, "user.variable", 'echo "$GREETING"', environment={"from_caller": ["GREETING"]})
    write_tool(tools, "user.limited", HELLO, limits={"grace_s": 0.5, "output_bytes_max": 1000})
    write_tool(tools, "user.untrusted", HELLO)
    write_tool(tools, "user.once", HELLO)
    write_tool(tools, "user.result", 'echo \'{"type": "result", "value": {"n": 1}}\' >"/dev/fd/$DOME_CHANNEL_FD"')
    write_tool(tools, "user.large", LARGE_RESULT)
    write_tool(tools, "user.sourcing", '. "${0%/*}/part.sh"')
    (tools / "user.sourcing" / "part.sh").write_text("echo good")
    by_python = {"backend": "local-process", "command": ["{python}", "{tool}/main.py"]}
    isolated = {"backend": "local-process", "command": ["{python}", "-I", "-B", "{tool}/main.py"]}
    start = "import os, sys; sys.path.insert(0, os.path.dirname(__file__)); import part"
    for tool_id, executor in (("user.python", by_python), ("user.isolated", isolated)):
        write_tool(tools, tool_id, "", executor=executor)
        (tools / tool_id / "main.py").write_text(start)
        (tools / tool_id / "part.py").write_text("print('good')")
    write_tool(tools, "user.lines", "i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i+1)); done")
    write_document(tools, "writing_commits")
    return a_config(tmp_path)


@pytest.fixture(params=["memory", "socket"])
async def dome(request: pytest.FixtureRequest, config: Config) -> AsyncIterator[Running]:
    async with running(config, over=request.param) as made:
        yield made


async def refusal(awaitable: Any) -> tuple[Status, str, dict[str, str]]:
    with pytest.raises(GRPCError) as caught:
        async with asyncio.timeout(20):
            await awaitable
    [info] = [detail for detail in caught.value.details if isinstance(detail, ErrorInfo)]
    assert info.domain == "dome.runtime"
    return caught.value.status, info.reason, info.metadata


async def violations(awaitable: Any) -> list[str]:
    with pytest.raises(GRPCError) as caught:
        await awaitable
    [found] = [detail for detail in caught.value.details if isinstance(detail, BadRequest)]
    return [violation.field for violation in found.field_violations]
