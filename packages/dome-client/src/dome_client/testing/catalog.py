"""The catalog of the fake runtime: the tools that it was made with, and which of them may run."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from dome_client.errors import DomeError
from dome_client.testing.refusal import refusal
from dome_client.testing.script import ScriptedTool
from dome_contracts.runtime.v1 import (
    ListToolsResponse,
    ToolApproval,
    ToolDescriptor,
    ToolKind,
    ToolSummary,
    ToolTrust,
    TrustToolResponse,
)

ROOT: Final = "/fake"
_EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC)


class FakeCatalog:
    """Tools, and the user's word on them."""

    def __init__(self, tools: Sequence[ScriptedTool]) -> None:
        self._tools = {tool.tool_id: tool for tool in tools}
        self._approved: dict[tuple[str, str], ToolApproval] = {}

    async def tools(
        self, query: str = "", *, kind: ToolKind = ToolKind.UNSPECIFIED, working_directory: str = ""
    ) -> ListToolsResponse:
        """The tools that it was made with."""
        words = query.lower().split()
        summaries = [self._summary(tool_id) for tool_id in sorted(self._tools)]
        found = [
            each
            for each in summaries
            if kind in (ToolKind.UNSPECIFIED, each.kind)
            and all(word in f"{each.tool_id} {each.title} {each.short_description}".lower() for word in words)
        ]
        return ListToolsResponse(tools=found, catalog_revision="fake")

    async def tool(self, tool_id: str, *, working_directory: str = "") -> ToolDescriptor:
        """One tool in full."""
        return replace(self._tool(tool_id).descriptor(), summary=self._summary(tool_id))

    async def trust(self, tool_id: str, tool_digest: str, *, working_directory: str = "") -> ToolSummary:
        """Let a tool run as it is."""
        summary = self._summary(tool_id)
        if tool_digest != summary.tool_digest:
            raise _changed(tool_id, pinned=tool_digest, current=summary.tool_digest)
        if summary.trust is not ToolTrust.TRUSTED:
            self._approved[tool_id, tool_digest] = ToolApproval(
                root=ROOT, tool_id=tool_id, tool_digest=tool_digest, approve_time=_EPOCH
            )
        return self._summary(tool_id)

    async def untrust(self, tool_id: str, *, tool_digest: str = "", working_directory: str = "") -> TrustToolResponse:
        """Take the approvals of a tool back."""
        revoked = [key for key in self._approved if key[0] == tool_id and tool_digest in ("", key[1])]
        summary = self._tool(tool_id).summary()
        return TrustToolResponse(tool=summary, revoked=[self._approved.pop(key) for key in revoked])

    async def approvals(self) -> Sequence[ToolApproval]:
        """What was approved."""
        return [self._approved[key] for key in sorted(self._approved)]

    def _runnable(self, tool_id: str, *pins: str | None) -> ToolSummary:
        """The tool, where it may run and has the version and the digest that were pinned."""
        summary = self._summary(tool_id)
        if summary.trust is not ToolTrust.TRUSTED:
            raise refusal(
                "TOOL_UNTRUSTED",
                f"The tool {tool_id!r} was not approved.",
                skill_id=tool_id,
                digest=summary.tool_digest,
                command=f"dome tools trust {tool_id} --digest {summary.tool_digest}",
            )
        for pinned, current in zip(pins, (summary.version, summary.tool_digest), strict=False):
            if pinned is not None and pinned != current:
                raise _changed(tool_id, pinned=pinned, current=current)
        return summary

    def _summary(self, tool_id: str) -> ToolSummary:
        summary = self._tool(tool_id).summary()
        approved = (tool_id, summary.tool_digest) in self._approved
        return replace(summary, trust=ToolTrust.TRUSTED) if approved else summary

    def _tool(self, tool_id: str) -> ScriptedTool:
        if tool_id not in self._tools:
            raise refusal("SKILL_NOT_FOUND", f"There is no tool {tool_id!r}.", skill_id=tool_id)
        return self._tools[tool_id]


def _changed(tool_id: str, *, pinned: str, current: str) -> DomeError:
    message = f"The tool {tool_id!r} is {current}; the request pinned {pinned}."
    return refusal("MANIFEST_CHANGED", message, skill_id=tool_id, pinned=pinned, current=current)
