"""What tests of trust ask a daemon."""

import os
from pathlib import Path

from grpclib.exceptions import GRPCError

from dome_contracts.google.rpc import ErrorInfo
from dome_contracts.runtime.v1 import (
    GetToolRequest,
    JobState,
    ListToolsRequest,
    ToolApproval,
    ToolDescriptor,
    TrustDecision,
    TrustToolRequest,
    TrustToolResponse,
)
from packages.domed.tests.runtime_suite import Running


async def tool(dome: Running, tool_id: str, directory: Path | str = "") -> ToolDescriptor:
    found = (await dome.stub.get_tool(GetToolRequest(tool_id=tool_id, working_directory=str(directory)))).tool
    assert found is not None
    return found


def real(path: Path) -> str:
    return os.path.realpath(path)


async def digest(dome: Running, tool_id: str, directory: Path | str = "") -> str:
    summary = (await tool(dome, tool_id, directory)).summary
    assert summary is not None
    return summary.tool_digest


async def trust(
    dome: Running, tool_id: str, directory: Path | str = "", *, tool_digest: str | None = None, revoke: bool = False
) -> TrustToolResponse:
    decision = TrustDecision.REVOKE if revoke else TrustDecision.UNSPECIFIED
    if tool_digest is None:
        tool_digest = "" if revoke else await digest(dome, tool_id, directory)
    return await dome.stub.trust_tool(
        TrustToolRequest(tool_id=tool_id, tool_digest=tool_digest, working_directory=str(directory), decision=decision)
    )


async def approvals(dome: Running) -> list[ToolApproval]:
    return (await dome.stub.list_tools(ListToolsRequest(include_approvals=True))).approvals


async def reason(dome: Running, tool_id: str, directory: Path | str = "") -> str:
    """Why a tool is refused; empty where its job is accepted and ends well."""
    try:
        job = await dome.execute(tool_id, working_directory=str(directory))
    except GRPCError as error:
        [info] = [detail for detail in error.details if isinstance(detail, ErrorInfo)]
        return info.reason
    assert (await dome.ended(job.job_id)).state is JobState.SUCCEEDED
    return ""
