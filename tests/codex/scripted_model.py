"""A model that says what the test wrote down.

An HTTP server on loopback that speaks as much of the Responses API as codex needs.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TIMEOUT_S = 60.0
USAGE = {
    "input_tokens": 100,
    "input_tokens_details": {"cached_tokens": 40},
    "output_tokens": 20,
    "output_tokens_details": {"reasoning_tokens": 5},
    "total_tokens": 120,
}

Item = dict[str, Any]


def text(words: str) -> Item:
    """The model says something. It ends the turn where nothing is called beside it."""
    return {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": words}]}


def call(name: str, arguments: Mapping[str, Any] | None = None, *, call_id: str, server: str = "mcp__dome") -> Item:
    """The model calls a tool of an MCP server."""
    said = json.dumps(arguments or {})
    return {"type": "function_call", "call_id": call_id, "namespace": server, "name": name, "arguments": said}


def shell(command: str, *, call_id: str) -> Item:
    """The model runs a command in codex's own shell, which is sandboxed."""
    said = json.dumps({"cmd": command})
    return {"type": "function_call", "call_id": call_id, "name": "exec_command", "arguments": said}


def script(source: str, *, call_id: str) -> Item:
    """The model runs JavaScript, as in code mode."""
    return {"type": "custom_tool_call", "call_id": call_id, "namespace": "functions", "name": "exec", "input": source}


@dataclass(frozen=True)
class Refusal:
    """The server answers with an error."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Silence:
    """The server does not answer before the event is set."""

    until: threading.Event


Answer = Sequence[Item] | Refusal | Silence
Turn = Answer | Callable[[Mapping[str, Any]], Answer]
"""An answer, or what makes one of the request."""


class ScriptedModel:
    """The server. Requests beyond the script are refused, and `requests` shows them."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/v1"
        self.requests: list[dict[str, Any]] = []
        self.headers: list[Mapping[str, str]] = []
        self._turns: list[Turn] = []
        self._held: list[threading.Event] = []
        self._asked = threading.Condition()

    def then(self, *turns: Turn) -> None:
        """What it answers next, one request after the other."""
        self._turns += turns

    def silence(self) -> Silence:
        """No answer before the end of the test, or before its event is set."""
        silence = Silence(threading.Event())
        self._held.append(silence.until)
        return silence

    def wait_for(self, count: int) -> None:
        """Wait until it was asked so often."""
        with self._asked:
            assert self._asked.wait_for(lambda: len(self.requests) >= count, TIMEOUT_S), self.requests

    def output(self, call_id: str) -> Any:
        """What the model was shown of a call: JSON where it is such, else text."""
        return shown(self.requests, call_id)

    def answer(self, request: dict[str, Any], headers: Mapping[str, str]) -> Answer:
        """The next answer of the script."""
        with self._asked:
            self.requests.append(request)
            self.headers.append(headers)
            number = len(self.requests)
            self._asked.notify_all()
        if number > len(self._turns):
            return Refusal(400, {"error": {"message": f"request {number} is beyond the script"}})
        turn = self._turns[number - 1]
        return turn(request) if callable(turn) else turn

    def release(self) -> None:
        """End every silence."""
        for event in self._held:
            event.set()


def shown(requests: Sequence[Mapping[str, Any]], call_id: str) -> Any:
    """What a model was shown of a call."""
    for item in (item for request in requests for item in request["input"]):
        if item.get("call_id") == call_id and item["type"].endswith("_output"):
            return _plain(item["output"])
    raise AssertionError(f"no output of {call_id}")


def _plain(output: Any) -> Any:
    parts = output if isinstance(output, list) else [{"text": output}]
    words = "\n".join(part.get("text", "") for part in parts)
    _, marked, after = words.partition("Output:\n")
    try:
        return json.loads(after if marked else words)
    except ValueError:
        return words


@contextmanager
def a_model() -> Iterator[ScriptedModel]:
    """A model that is there as long as the context lasts."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._send(404, b"{}")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            # Anything else, such as codex's figures about itself, is no turn.
            if self.path != "/v1/responses":
                self._send(404, b"{}")
                return
            answer = model.answer(json.loads(body), dict(self.headers.items()))
            if isinstance(answer, Silence):
                answer.until.wait(TIMEOUT_S)
                answer = Refusal(503)
            if isinstance(answer, Refusal):
                self._send(answer.status, json.dumps(answer.body).encode())
                return
            done = {"type": "response.completed", "response": {"id": f"r{len(model.requests)}", "usage": USAGE}}
            events = [*({"type": "response.output_item.done", "item": item} for item in answer), done]
            stream = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
            self._send(200, stream.encode(), kind="text/event-stream")

        def _send(self, status: int, body: bytes, *, kind: str = "application/json") -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Codex went away, as it should."""

    with Server(("127.0.0.1", 0), Handler) as server:
        model = ScriptedModel(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield model
        finally:
            model.release()
            server.shutdown()
            thread.join(10)
