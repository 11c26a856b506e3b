"""The tools of the tests of the client, and the rig that asks for them as the suite for runtimes wants it."""

import json
from typing import Any

from dome_client.testing import End, Hold, Produce, Report, Say, ScriptedTool, Step
from dome_client.testing.conformance import Request
from dome_contracts.runtime import v1

PROCESS_SCHEMA = json.dumps({"type": "object", "properties": {"argv": {"type": "array"}}}).encode()


def _print(data: bytes) -> list[Step]:
    return [Say(b"".join(b"line %d\n" % n for n in range(1, json.loads(data)["lines"] + 1)))]


def _fail(data: bytes) -> list[Step]:
    return [Say(b"oops\n", v1.OutputStream.STDERR), End(exit_code=json.loads(data)["exit_code"])]


def _echo(data: bytes) -> list[Step]:
    return [Say(" ".join(json.loads(data)["argv"]).encode() + b"\n"), End(result=data)]


def _produce(data: bytes) -> list[Step]:
    asked = json.loads(data)
    return [Produce(asked["name"], asked["text"].encode(), "text/plain")]


TOOLS = (
    ScriptedTool("test.produce", _produce),
    ScriptedTool("test.print", _print),
    ScriptedTool("test.untrusted", _print, origin=v1.ToolOrigin.USER),
    ScriptedTool("test.fail", _fail),
    ScriptedTool("test.endless", lambda _: [Say(b"ready\n"), Hold(), Say(b"released\n")]),
    ScriptedTool("test.echo", _echo, input_schema=PROCESS_SCHEMA),
    ScriptedTool("test.bytes", lambda _: [Say(b"\x00\xff\r\n"), Report("half", 1, 2, "files"), Say(b"\xc3")]),
)


class ScriptedRig:
    """A runtime that has these tools, by whichever way it is asked."""

    def __init__(self, runtime: Any) -> None:
        self.runtime = runtime

    def printing(self, lines: int) -> Request:
        return "test.print", {"lines": lines}

    def failing(self, exit_code: int) -> Request:
        return "test.fail", {"exit_code": exit_code}

    def untrusted(self) -> Request:
        return "test.untrusted", {"lines": 1}

    def endless(self) -> Request:
        return "test.endless", {}

    def producing(self, name: str, data: bytes) -> Request:
        return "test.produce", {"name": name, "text": data.decode()}
