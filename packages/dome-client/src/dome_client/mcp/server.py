"""The bridge as a server of the protocol, by the official SDK: both eras of it over one pair of streams.

The one place, with the transport, that knows the SDK. Importing it takes about half a second.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import anyio
import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import NotificationOptions, Server
from mcp.server.session import ServerSession
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, ToolsListChanged
from mcp.shared.exceptions import MCPError

from dome_client.mcp.messages import result_of, tool_of
from dome_client.mcp.surface import DEFINITIONS, INSTRUCTIONS, Definition
from dome_client.mcp.task_methods import TaskMethods, asks_for_tasks, created, require_tasks, takes_tasks
from dome_client.version import VERSION

if TYPE_CHECKING:
    from dome_client.mcp.bridge import Bridge
    from dome_client.mcp.stdio import Incoming, Outgoing
    from dome_contracts.runtime.v1 import Job

_LOOK_AGAIN_MAX_S: Final = 30.0
_MODERN: Final = "2026"
"""How the versions begin whose clients are told of changes only where they listen."""
Context = ServerRequestContext[Any, Any]


Task = Callable[[], None]


def _nothing() -> None:
    pass


class Protocol:
    """Translates between messages of the protocol and the bridge, which is made when it is first needed."""

    def __init__(self, make_bridge: "Callable[[], Bridge]", *, exposes: bool = False, warm_up: Task = _nothing) -> None:
        self._make_bridge = make_bridge
        self._exposes = exposes
        self._warm_up = warm_up
        self._warming: asyncio.Future[None] | None = None
        self._made: Bridge | None = None
        self._looking: asyncio.Task[None] | None = None
        self._bus = InMemorySubscriptionBus()
        self.server: Server[Any] = Server(
            "dome",
            version=VERSION,
            instructions=INSTRUCTIONS,
            on_list_tools=self._list_tools,
            on_call_tool=self._call_tool,
            on_subscriptions_listen=self._listen,
        )
        self._listener = ListenHandler(self._bus, max_subscriptions=16)
        TaskMethods(lambda: self.bridge).add_to(self.server)

    @property
    def bridge(self) -> "Bridge":
        """What it speaks for."""
        if self._made is None:
            self._made = self._make_bridge()
        return self._made

    def close(self) -> None:
        """The client has left."""
        if self._made is not None:
            self._made.close()

    async def aclose(self) -> None:
        """End what still runs. Jobs go on."""
        if self._warming is not None:
            await self._warming
        if self._made is not None:
            await self._made.aclose()

    async def serve(self, incoming: "Incoming", outgoing: "Outgoing", *, stop: asyncio.Event) -> None:
        """Serve one client until it leaves, or until `stop` is set."""
        options = self.server.create_initialization_options(NotificationOptions(tools_changed=True))
        async with anyio.create_task_group() as tasks:

            async def leave() -> None:
                await stop.wait()
                self.close()
                tasks.cancel_scope.cancel()

            tasks.start_soon(leave)
            await self.server.run(incoming, outgoing, options)
            tasks.cancel_scope.cancel()

    async def _list_tools(self, context: Context, params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        definitions: Sequence[Definition] = DEFINITIONS
        if self._warming is None:
            self._warming = asyncio.get_running_loop().run_in_executor(None, self._warm_up)
        if self._exposes:
            definitions = await self.bridge.definitions()
            self._look_again(context.session, definitions)
        return types.ListToolsResult(tools=[tool_of(each) for each in definitions])

    async def _call_tool(self, context: Context, params: types.CallToolRequestParams) -> Any:
        """The result, or a task where the job goes on and the client takes tasks."""
        from dome_client.mcp.answers import Answer
        from dome_client.mcp.bridge import UnknownTool
        from dome_client.mcp.origin import origin_of

        meta = (context.params or {}).get("_meta")
        meta = meta if isinstance(meta, Mapping) else {}
        origin = origin_of(meta, client=_client_name(context.session))
        report = Reporter(context.session) if meta.get("progressToken") is not None else None
        try:
            answer = await self.bridge.call(
                params.name, params.arguments or {}, origin, report=report, as_task=takes_tasks(context)
            )
        except UnknownTool:
            raise MCPError(types.INVALID_PARAMS, f"There is no tool {params.name!r} here: list the tools.") from None
        self._look_again(context.session, ())
        return result_of(answer) if isinstance(answer, Answer) else created(answer)

    async def _listen(
        self, context: Context, params: types.SubscriptionsListenRequestParams
    ) -> types.SubscriptionsListenResult:
        if asks_for_tasks(params):
            require_tasks(context)
        return await self._listener(context, params)

    def _look_again(self, session: ServerSession, known: Sequence[Definition]) -> None:
        """Tell the client when the listing has become another one. At most one look at a time."""
        if not self.bridge.complete and (self._looking is None or self._looking.done()):
            names = [each.name for each in known]
            self._looking = self.bridge.background.start_endless(self._until_complete(session, names))

    async def _until_complete(self, session: ServerSession, known: Sequence[str]) -> None:
        delay_s = self.bridge.times.look_again_s
        listed = known
        while not self.bridge.complete:
            await asyncio.sleep(delay_s)
            delay_s = min(delay_s * 2, _LOOK_AGAIN_MAX_S)
            listed = [each.name for each in await self.bridge.definitions()]
        if listed != known:
            if not session.protocol_version.startswith(_MODERN):
                await session.send_tool_list_changed()
            await self._bus.publish(ToolsListChanged())


class Reporter:
    """Tells a client that asked for it how far a job is. Each report counts more than the one before."""

    def __init__(self, session: ServerSession) -> None:
        self._session = session
        self._reported = 0.0
        self._said: tuple[str, float | None] | None = None

    async def __call__(self, job: "Job") -> None:
        from dome_client.mcp.job_view import progress_text

        done = job.progress.done if job.progress is not None else None
        total = job.progress.total if job.progress is not None else None
        said = progress_text(job.progress) or f"{job.state.name}, {job.last_seq} events"
        if (said, done) == self._said:
            return
        self._said = (said, done)
        self._reported = max(self._reported + 0.001, float(done or 0))
        fits = total is not None and self._reported <= total
        await self._session.report_progress(self._reported, float(total) if fits and total is not None else None, said)


def _client_name(session: ServerSession) -> str:
    params = session.client_params
    return params.client_info.name if params is not None else ""
