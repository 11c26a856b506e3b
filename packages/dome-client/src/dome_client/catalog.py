"""The calls about tools: what there is, what one is in full, and which the user lets run."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, TypeVar

from dome_client.calling import Caller
from dome_client.errors import AnswerIncomplete
from dome_contracts.runtime.v1 import (
    GetToolRequest,
    ListToolsRequest,
    ListToolsResponse,
    ToolApproval,
    ToolDescriptor,
    ToolKind,
    ToolSummary,
    TrustDecision,
    TrustToolRequest,
    TrustToolResponse,
)

T = TypeVar("T")

PAGE_SIZE: Final = 1000


class ToolCalls:
    """Part of the client."""

    _caller: Caller

    async def tools(
        self, query: str = "", *, kind: ToolKind = ToolKind.UNSPECIFIED, working_directory: str = ""
    ) -> ListToolsResponse:
        """The whole catalog as the working directory sees it: all pages in one answer."""
        request = ListToolsRequest(query=query, kind=kind, working_directory=working_directory, page_size=PAGE_SIZE)
        whole = await self._list_tools(request)
        while whole.next_page_token:
            page = await self._list_tools(replace(request, page_token=whole.next_page_token))
            whole = replace(whole, tools=[*whole.tools, *page.tools], next_page_token=page.next_page_token)
        return whole

    async def tool(self, tool_id: str, *, working_directory: str = "") -> ToolDescriptor:
        """One tool in full."""
        request = GetToolRequest(tool_id=tool_id, working_directory=working_directory)
        answer = await self._caller.call(lambda stub, timeout_s: stub.get_tool(request, timeout=timeout_s))
        return present(answer.tool, "GetTool")

    async def trust(self, tool_id: str, tool_digest: str, *, working_directory: str = "") -> ToolSummary:
        """Record that the user approves this tool as it is. Whoever calls this has asked a person who saw it."""
        request = TrustToolRequest(
            tool_id=tool_id,
            tool_digest=tool_digest,
            working_directory=working_directory,
            decision=TrustDecision.APPROVE,
        )
        return present((await self._trust_tool(request)).tool, "TrustTool")

    async def untrust(self, tool_id: str, *, tool_digest: str = "", working_directory: str = "") -> TrustToolResponse:
        """Take the approvals of a tool back: of one digest, or of all. Gives those that there were."""
        request = TrustToolRequest(
            tool_id=tool_id,
            tool_digest=tool_digest,
            working_directory=working_directory,
            decision=TrustDecision.REVOKE,
        )
        return await self._trust_tool(request)

    async def approvals(self) -> Sequence[ToolApproval]:
        """What the user approved, wherever it is, ordered by root, id and digest."""
        return (await self._list_tools(ListToolsRequest(include_approvals=True, page_size=1))).approvals

    async def _list_tools(self, request: ListToolsRequest) -> ListToolsResponse:
        return await self._caller.call(lambda stub, timeout_s: stub.list_tools(request, timeout=timeout_s))

    async def _trust_tool(self, request: TrustToolRequest) -> TrustToolResponse:
        return await self._caller.call(lambda stub, timeout_s: stub.trust_tool(request, timeout=timeout_s))


def present(part: T | None, call: str) -> T:
    """A part of an answer that every daemon sends. Raises AnswerIncomplete."""
    if part is None:
        raise AnswerIncomplete(call)
    return part
