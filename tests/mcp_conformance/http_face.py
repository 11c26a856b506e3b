"""`dome mcp` behind Streamable HTTP on loopback: the official suite reaches servers in no other way. For tests alone.

It carries messages and decides nothing that the suite asks of Dome. What the transport owes (sessions, the status of an
answer, headers that repeat the body) is its own, and is no part of what is judged.
"""

import asyncio
import json
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import uvicorn
from mcp.shared.inbound import ERROR_CODE_HTTP_STATUS, InboundLadderRejection, classify_inbound_request
from mcp_types import HEADER_MISMATCH
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.e2e.dome_home import Home
from tests.mcp_conformance.bridge_process import BridgeProcess, Exchange, Message, a_bridge_process

SESSION = "mcp-session-id"
VERSION = "io.modelcontextprotocol/protocolVersion"
LOCAL = ("127.0.0.1", "localhost")
DISCOVER: Message = {
    "jsonrpc": "2.0",
    "id": 0,
    "method": "server/discover",
    "params": {
        "_meta": {
            VERSION: "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        }
    },
}


class HttpFace:
    """A process for each session of the older era, and one for all clients of the era without sessions."""

    def __init__(self, home: Home, words: tuple[str, ...], stack: AsyncExitStack) -> None:
        self._home = home
        self._words = words
        self._stack = stack
        self._sessions: dict[str, BridgeProcess] = {}
        self._shared: BridgeProcess | None = None
        self._starting = asyncio.Lock()
        self.app = Starlette(routes=[Route("/mcp", self._answer, methods=["POST", "GET", "DELETE"])])

    async def _answer(self, request: Request) -> Response:
        if not _is_local(request):
            return Response(status_code=403)
        if request.method == "DELETE":
            return Response(status_code=200 if self._sessions.pop(request.headers.get(SESSION, ""), None) else 404)
        if request.method == "GET":
            return Response(status_code=405)
        try:
            message = json.loads(await request.body())
        except ValueError:
            return _error(None, -32700, "This is no JSON.")
        if not isinstance(message, dict) or "method" not in message:
            return Response(status_code=202)
        return await self._carry(request, message)

    async def _carry(self, request: Request, message: Message) -> Response:
        session = request.headers.get(SESSION)
        if session is not None and session not in self._sessions:
            return _error(message.get("id"), -32600, "There is no such session.", status=404)
        if session is not None:
            process = self._sessions[session]
        elif message["method"] == "initialize" and not _has_envelope(message):
            session = uuid.uuid4().hex
            process = self._sessions[session] = await self._started()
        else:
            rejection = classify_inbound_request(message, headers=request.headers)
            if isinstance(rejection, InboundLadderRejection) and rejection.code == HEADER_MISMATCH:
                return _error(message.get("id"), rejection.code, rejection.message)
            process = await self._without_session()
        headers = {SESSION: session} if session is not None else {}
        if "id" not in message:
            process.tell(message)
            return Response(status_code=202, headers=headers)
        return await _replied(request, process, message, headers)

    async def _started(self) -> BridgeProcess:
        return await self._stack.enter_async_context(a_bridge_process(self._home, *self._words))

    async def _without_session(self) -> BridgeProcess:
        async with self._starting:
            if self._shared is None:
                process = await self._started()
                # The first request of a process decides about its era.
                assert "result" in await process.ask(DISCOVER).answers.get()
                self._shared = process
        return self._shared


async def _replied(request: Request, process: BridgeProcess, message: Message, headers: dict[str, str]) -> Response:
    """JSON where the first message is the answer; else, and for the result of a call, a stream of all of them."""
    exchange = process.ask(message)
    leaving = asyncio.ensure_future(_left(request))
    first = asyncio.ensure_future(exchange.answers.get())
    try:
        await asyncio.wait({leaving, first}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        leaving.cancel()
    if not first.done():
        first.cancel()
        process.give_up(exchange)
        return Response(status_code=204)
    answer = first.result()
    if "error" in answer or ("id" in answer and message["method"] != "tools/call"):
        code = answer.get("error", {}).get("code")
        # Only the era without sessions gives errors a status of their own.
        status = ERROR_CODE_HTTP_STATUS.get(code, 200) if SESSION not in headers else 200
        return JSONResponse(answer, status_code=status, headers=headers)
    return StreamingResponse(
        _stream(process, exchange, answer),
        headers={**headers, "cache-control": "no-cache"},
        media_type="text/event-stream",
    )


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass  # the rest of a body that was read


async def _stream(process: BridgeProcess, exchange: Exchange, message: Message) -> AsyncIterator[bytes]:
    try:
        yield _event(message)
        while "id" not in message:
            message = await exchange.answers.get()
            yield _event(message)
    finally:
        process.give_up(exchange)


def _has_envelope(message: Message) -> bool:
    return VERSION in ((message.get("params") or {}).get("_meta") or {})


def _event(message: Message) -> bytes:
    return b"event: message\ndata: " + json.dumps(message).encode() + b"\n\n"


def _is_local(request: Request) -> bool:
    origin = request.headers.get("origin", "")
    hosts = (request.headers.get("host", ""), origin.rpartition("://")[2] or LOCAL[0])
    return all(host.rpartition(":")[0] in LOCAL or host in LOCAL for host in hosts)


def _error(request_id: Any, code: int, message: str, *, status: int = 400) -> Response:
    error = {"code": code, "message": message}
    return JSONResponse({"jsonrpc": "2.0", "id": request_id, "error": error}, status_code=status)


@asynccontextmanager
async def an_http_face(home: Home, *words: str) -> AsyncIterator[str]:
    """One on a free port of loopback; gives its address."""
    async with AsyncExitStack() as stack:
        face = HttpFace(home, words, stack)
        listener = stack.enter_context(socket.create_server((LOCAL[0], 0)))
        server = uvicorn.Server(
            uvicorn.Config(face.app, log_level="error", lifespan="off", timeout_graceful_shutdown=1)
        )
        serving = asyncio.ensure_future(server.serve(sockets=[listener]))
        try:
            yield f"http://{LOCAL[0]}:{listener.getsockname()[1]}/mcp"
        finally:
            server.should_exit = True
            await serving
