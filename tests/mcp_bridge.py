"""The bridge between the SDK's client and a runtime in memory, and how a test asks it."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from mcp.client.client import Client

from dome_client.mcp.bridge import Bridge
from dome_client.mcp.server import Protocol
from dome_client.mcp.times import TIMES, Times
from dome_client.testing import End, FakeRuntime, Hold, Report, Say, ScriptedTool
from dome_contracts.runtime.v1 import ToolHints, ToolOrigin, ToolSummary

RESULT = {"matches": [{"path": "a.py", "line": 1}]}


@dataclass(frozen=True, slots=True)
class ChangingTool(ScriptedTool):
    """One that is not read-only."""

    def summary(self) -> ToolSummary:
        return replace(ScriptedTool.summary(self), hints=ToolHints(destructive=True))


def _lines(data: bytes) -> list[Say]:
    return [Say(b"".join(b"line %d\n" % n for n in range(1, json.loads(data)["lines"] + 1)))]


TOOLS = (
    ScriptedTool("test.find", lambda _: [Say(b"a.py:1\n"), End(result=json.dumps(RESULT).encode())]),
    ScriptedTool("test.lines", _lines),
    ScriptedTool("test.hold", lambda _: [Say(b"ready\n"), Report("half", 1, 2, "files"), Hold(), Say(b"released\n")]),
    ScriptedTool("test.untrusted", lambda _: [], origin=ToolOrigin.USER),
    ChangingTool("test.change", lambda _: [Say(b"changed\n")]),
    ChangingTool("test.fail", lambda _: [Say(b"why\x1b[2J\n"), End(exit_code=7)]),
    ChangingTool("test.long", lambda data: [End(result=json.dumps({"text": "x" * json.loads(data)["size"]}).encode())]),
)


class Called:
    """Calls tools and gives what a model is shown."""

    def __init__(self, client: Client, runtime: Any = None) -> None:
        self.client = client
        self.runtime = runtime

    async def __call__(self, name: str, arguments: Mapping[str, Any] | None = None, **meta: Any) -> dict[str, Any]:
        """An answer that is no error."""
        content, is_error = await self.either(name, arguments, **meta)
        assert not is_error, content
        return content

    async def failing(self, name: str, arguments: Mapping[str, Any] | None = None, **meta: Any) -> dict[str, Any]:
        """An answer that is one."""
        content, is_error = await self.either(name, arguments, **meta)
        assert is_error, content
        return content

    async def either(
        self, name: str, arguments: Mapping[str, Any] | None = None, **meta: Any
    ) -> tuple[dict[str, Any], bool]:
        result = await self.client.call_tool(name, dict(arguments or {}), meta=meta or None)  # type: ignore[arg-type]
        content = result.structured_content
        assert isinstance(content, dict)
        [text] = result.content
        assert json.loads(text.text) == content  # type: ignore[union-attr]
        assert content["message"]
        return content, result.is_error


@asynccontextmanager
async def a_bridge(
    runtime: FakeRuntime | None = None,
    *,
    mode: str = "legacy",
    exposed: Sequence[str] = (),
    times: Times = TIMES,
    **options: Any,
) -> AsyncIterator[Called]:
    """A client of the SDK, and the bridge that it speaks to over streams in memory."""
    behind = runtime or FakeRuntime(TOOLS)
    bridge = Bridge(lambda: behind, directory="/work", exposed=exposed, times=times)
    protocol = Protocol(lambda: bridge, exposes=bool(exposed))
    async with Client(protocol.server, mode=mode, **options) as client:
        yield Called(client, behind)
    protocol.close()
    await protocol.aclose()
