"""Codex starts the bridge, lists its tools and calls them, without any model: by its own interface for editors."""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.codex.codex_cli import TIMEOUT_S, Codex


class AppServer:
    """The server, asked one thing after the other."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._asked = 0

    def ask(self, method: str, **params: Any) -> Any:
        """The answer to a request."""
        self._asked += 1
        self.tell(method, id=self._asked, params=params)
        assert self._process.stdout is not None
        for line in self._process.stdout:
            message = json.loads(line)
            if message.get("id") == self._asked and "method" not in message:
                assert "error" not in message, message
                return message["result"]
        raise AssertionError(f"codex ended instead of answering {method}")

    def tell(self, method: str, **more: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"method": method, **more}).encode() + b"\n")
        self._process.stdin.flush()


@contextmanager
def an_app_server(codex: Codex) -> Iterator[AppServer]:
    """The server, which ends with the context, and soon in any case."""
    process = codex.start("app-server", stdin=subprocess.PIPE)
    timer = threading.Timer(TIMEOUT_S, process.kill)
    timer.start()
    with process:
        try:
            server = AppServer(process)
            server.ask("initialize", clientInfo={"name": "tests", "title": "Tests", "version": "1"})
            server.tell("initialized")
            yield server
        finally:
            timer.cancel()
            process.kill()


def test_codex_lists_and_calls_the_tools(codex: Codex) -> None:
    with an_app_server(codex) as server:
        (found,) = server.ask("mcpServerStatus/list")["data"]
        assert (found["name"], len(found["tools"])) == ("dome", 8)
        hints = {name: tool["annotations"]["readOnlyHint"] for name, tool in found["tools"].items()}
        assert {name for name, reads in hints.items() if not reads} == {"cancel_job", "run_tool"}
        thread = server.ask("thread/start", cwd=str(codex.home.work))["thread"]["id"]

        def call(tool: str, **arguments: Any) -> Any:
            return server.ask("mcpServer/tool/call", threadId=thread, server="dome", tool=tool, arguments=arguments)

        assert call("search_tools", query="matches")["structuredContent"]["total"] == 1
        ran = call("run_read_only_tool", tool_id="repo.search", input={"pattern": "find"})
        assert [match["path"] for match in ran["structuredContent"]["result"]["matches"]] == ["notes.txt"]
        wrong = call("run_read_only_tool", tool_id="no.such")
        assert (wrong["isError"], wrong["structuredContent"]["error"]["reason"]) == (True, "SKILL_NOT_FOUND")


@pytest.mark.slow
def test_codex_lists_a_tool_that_has_an_entry_of_its_own(codex: Codex) -> None:
    codex.install("--expose", "repo.search")
    with an_app_server(codex) as server:
        (found,) = server.ask("mcpServerStatus/list")["data"]
        assert found["tools"]["repo__search"]["inputSchema"]["required"] == ["pattern"]
