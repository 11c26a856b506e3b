"""The Tasks extension (SEP-2663) on the wire: its methods, who may call them, and its messages.

Served in the era of the protocol that has extensions, to clients that declare it with the request.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from dome_client.mcp.messages import result_of

if TYPE_CHECKING:
    from dome_client.mcp.bridge import Bridge
    from dome_client.mcp.tasks import TaskHandle

EXTENSION: Final = "io.modelcontextprotocol/tasks"
_UNKNOWN: Final = frozenset({"JOB_NOT_FOUND", "INVALID_REQUEST"})
"""Reasons of the daemon that mean that there is no such task."""
Context = ServerRequestContext[Any, Any]


class TaskParams(types.RequestParams):
    """Names a task."""

    task_id: str


class UpdateParams(TaskParams):
    """Answers questions of a task."""

    input_responses: dict[str, Any]


class TaskMethods:
    """The methods of the extension, for one bridge."""

    def __init__(self, bridge: "Callable[[], Bridge]") -> None:
        self._bridge = bridge

    def add_to(self, server: Server[Any]) -> None:
        """Serve them, and say so to clients of the era that has extensions."""
        server.add_request_handler("tasks/get", TaskParams, _gated(self._get))
        server.add_request_handler("tasks/update", UpdateParams, _gated(self._update))
        server.add_request_handler("tasks/cancel", TaskParams, _gated(self._cancel))
        server.extensions[EXTENSION] = {}

    async def _get(self, params: Any) -> dict[str, Any]:
        from dome_client.mcp import tasks

        job, answer = await _known(self._bridge().task(params.task_id))
        if answer is None:
            return tasks.task_content(job)
        end = tasks.ended(job, answer)
        content = tasks.task_content(job, status=end.status)
        if end.answer is not None:
            content["result"] = result_of(end.answer).model_dump(by_alias=True, mode="json", exclude_none=True)
        if end.error is not None:
            content["error"] = dict(end.error)
        return content

    async def _update(self, params: Any) -> dict[str, Any]:
        """No job asks anything, so that every response is one to a question that is not open: it is left alone."""
        await _known(self._bridge().task(params.task_id))
        return {}

    async def _cancel(self, params: Any) -> dict[str, Any]:
        await _known(self._bridge().cancel_task(params.task_id))
        return {}


def takes_tasks(context: Context) -> bool:
    """Whether the client of this request may be answered with a task."""
    if context.protocol_version not in MODERN_PROTOCOL_VERSIONS:
        return False
    capabilities = context.session.client_capabilities
    return EXTENSION in ((capabilities.extensions if capabilities is not None else None) or {})


def require_tasks(context: Context) -> None:
    """Raises MCPError where the client does not declare the extension with the request."""
    if takes_tasks(context):
        return
    required = types.ClientCapabilities(extensions={EXTENSION: {}})
    data = types.MissingRequiredClientCapabilityErrorData(required_capabilities=required)
    raise MCPError(
        types.MISSING_REQUIRED_CLIENT_CAPABILITY,
        f"This request needs the extension {EXTENSION}, which the client does not declare.",
        data.model_dump(by_alias=True, mode="json", exclude_none=True),
    )


def asks_for_tasks(params: types.SubscriptionsListenRequestParams) -> bool:
    """Whether a client wants to be told of changes of tasks. It is not, and looks at them instead."""
    return bool((params.notifications.model_extra or {}).get("taskIds"))


def created(handle: "TaskHandle") -> dict[str, Any]:
    """The answer to a call that goes on as a task."""
    from dome_client.mcp.tasks import task_content

    return {"resultType": "task", **task_content(handle.job)}


def _gated(
    method: Callable[[Any], Awaitable[dict[str, Any]]],
) -> Callable[[Context, Any], Awaitable[dict[str, Any]]]:
    async def handle(context: Context, params: Any) -> dict[str, Any]:
        if context.protocol_version not in MODERN_PROTOCOL_VERSIONS:
            raise MCPError(types.METHOD_NOT_FOUND, "Method not found", context.method)
        require_tasks(context)
        return await method(params)

    return handle


async def _known(answer: Awaitable[Any]) -> Any:
    """What the daemon says of a task. Raises MCPError: the task is unknown, or the daemon could not be asked."""
    from dome_client.errors import DomeError
    from dome_client.mcp.answers import failure

    try:
        return await answer
    except DomeError as error:
        content: Mapping[str, Any] = failure(error).content
        unknown = error.reason in _UNKNOWN
        message = f"There is no such task: {content['message']}" if unknown else str(content["message"])
        raise MCPError(types.INVALID_PARAMS if unknown else types.INTERNAL_ERROR, message, dict(content)) from error
