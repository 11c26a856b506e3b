"""Trust: which tools run, from which place, with which digest, and for how long."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from dome_contracts.google.rpc import BadRequest, ErrorInfo
from dome_contracts.runtime.v1 import (
    CancelJobRequest,
    GetToolRequest,
    JobState,
    ListToolsRequest,
    OutcomeCause,
    ToolApproval,
    ToolDescriptor,
    ToolTrust,
    TrustDecision,
    TrustToolRequest,
    TrustToolResponse,
)
from domed.config import Config
from packages.domed.tests.runtime_suite import Running, a_config, running, write_tool

HELLO = "echo hello"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """As it was cloned."""
    write_tool(tmp_path / "repository" / ".dome/tools", "project.hello", HELLO)
    return tmp_path / "repository"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    write_tool(tmp_path / "tools", "user.untrusted", HELLO)
    write_tool(tmp_path / "tools", "user.hello", HELLO)
    write_tool(tmp_path / "tools", "user.hang", "echo up; exec sleep 60")
    return a_config(tmp_path)


@pytest.fixture(params=["memory", "socket"])
async def dome(request: pytest.FixtureRequest, config: Config) -> AsyncIterator[Running]:
    async with running(config, over=request.param) as made:
        yield made


async def refusal(awaitable: Any) -> tuple[Status, str, dict[str, str]]:
    with pytest.raises(GRPCError) as caught:
        async with asyncio.timeout(20):
            await awaitable
    [info] = [detail for detail in caught.value.details if isinstance(detail, ErrorInfo)]
    return caught.value.status, info.reason, info.metadata


async def violations(awaitable: Any) -> list[str]:
    with pytest.raises(GRPCError) as caught:
        await awaitable
    [found] = [detail for detail in caught.value.details if isinstance(detail, BadRequest)]
    return [violation.field for violation in found.field_violations]


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


async def test_a_tool_that_was_not_approved_is_refused_with_the_command_that_approves_it(
    dome: Running, repository: Path
) -> None:
    status, why, metadata = await refusal(dome.execute("user.untrusted"))
    assert (status, why) == (Status.FAILED_PRECONDITION, "TOOL_UNTRUSTED")
    present = await digest(dome, "user.untrusted")
    assert metadata == {
        "skill_id": "user.untrusted",
        "digest": present,
        "command": f"dome tools trust user.untrusted --digest {present}",
    }
    _, _, metadata = await refusal(dome.execute("project.hello", working_directory=str(repository)))
    assert metadata["command"].endswith(f" --cwd {repository}")


async def test_an_approved_tool_runs_and_is_listed_as_trusted(dome: Running) -> None:
    answer = await trust(dome, "user.untrusted")
    assert answer.tool is not None
    assert answer.tool.trust is ToolTrust.TRUSTED
    assert await reason(dome, "user.untrusted") == ""
    listed = {each.tool_id: each.trust for each in (await dome.stub.list_tools(ListToolsRequest())).tools}
    assert listed["user.untrusted"] is ToolTrust.TRUSTED


async def test_an_approval_is_listed_with_place_time_and_who_asked(dome: Running, tmp_path: Path) -> None:
    assert await approvals(dome) == []
    await trust(dome, "user.untrusted")
    [found] = await approvals(dome)
    assert (found.root, found.tool_id) == (real(tmp_path / "tools"), "user.untrusted")
    assert found.tool_digest == await digest(dome, "user.untrusted")
    assert found.approve_time is not None
    assert found.requester is not None
    assert found.requester.uid == os.getuid()
    assert (await dome.stub.list_tools(ListToolsRequest())).approvals == []


async def test_approving_twice_is_approving_once(dome: Running) -> None:
    await trust(dome, "user.untrusted")
    first = await approvals(dome)
    await trust(dome, "user.untrusted")
    assert await approvals(dome) == first


async def test_an_approval_survives_a_restart(config: Config) -> None:
    async with running(config) as dome:
        await trust(dome, "user.untrusted")
    async with running(config) as dome:
        assert await reason(dome, "user.untrusted") == ""
        await trust(dome, "user.untrusted", revoke=True)
    async with running(config) as dome:
        assert await reason(dome, "user.untrusted") == "TOOL_UNTRUSTED"


async def test_an_approval_that_was_taken_back_counts_no_more(dome: Running) -> None:
    await trust(dome, "user.untrusted")
    answer = await trust(dome, "user.untrusted", revoke=True)
    assert [each.tool_id for each in answer.revoked] == ["user.untrusted"]
    assert answer.tool is not None
    assert answer.tool.trust is ToolTrust.UNTRUSTED
    assert await approvals(dome) == []
    assert await reason(dome, "user.untrusted") == "TOOL_UNTRUSTED"
    assert (await trust(dome, "user.untrusted", revoke=True)).revoked == []


async def test_taking_back_one_digest_leaves_the_others(dome: Running, tmp_path: Path) -> None:
    script = tmp_path / "tools" / "user.untrusted" / "run.sh"
    await trust(dome, "user.untrusted")
    first = await digest(dome, "user.untrusted")
    script.write_text("echo other")
    await trust(dome, "user.untrusted")
    second = await digest(dome, "user.untrusted")
    await trust(dome, "user.untrusted", tool_digest=first, revoke=True)
    assert [each.tool_digest for each in await approvals(dome)] == [second]
    assert await reason(dome, "user.untrusted") == ""


async def test_an_approval_of_a_tool_that_is_gone_can_be_taken_back(dome: Running, repository: Path) -> None:
    await trust(dome, "project.hello", repository)
    shutil.rmtree(repository)
    answer = await trust(dome, "project.hello", repository, revoke=True)
    assert (answer.tool, len(answer.revoked)) == (None, 1)
    _, why, _ = await refusal(trust(dome, "project.hello", repository, revoke=True))
    assert why == "SKILL_NOT_FOUND"


async def test_every_change_of_the_tool_needs_another_approval(dome: Running, tmp_path: Path) -> None:
    folder = tmp_path / "tools" / "user.untrusted"
    await trust(dome, "user.untrusted")
    (folder / "run.sh").write_text("echo something else")
    assert await reason(dome, "user.untrusted") == "TOOL_UNTRUSTED"
    (folder / "run.sh").write_text(HELLO)
    assert await reason(dome, "user.untrusted") == ""
    (folder / "helper.sh").write_text("a file that the approval did not cover")
    assert await reason(dome, "user.untrusted") == "TOOL_UNTRUSTED"


async def test_a_digest_that_is_not_the_present_one_is_not_approved(dome: Running, tmp_path: Path) -> None:
    seen = await digest(dome, "user.untrusted")
    (tmp_path / "tools" / "user.untrusted" / "run.sh").write_text("rm -rf ~")
    status, why, metadata = await refusal(trust(dome, "user.untrusted", tool_digest=seen))
    assert (status, why) == (Status.FAILED_PRECONDITION, "MANIFEST_CHANGED")
    assert (metadata["pinned"], metadata["current"]) == (seen, await digest(dome, "user.untrusted"))
    assert await approvals(dome) == []


async def test_an_approval_names_a_digest_a_tool_and_a_decision_of_the_contract(dome: Running) -> None:
    assert await violations(trust(dome, "user.untrusted", tool_digest="")) == ["tool_digest"]
    _, why, _ = await refusal(trust(dome, "no.such", tool_digest="sha256:" + "0" * 64))
    assert why == "SKILL_NOT_FOUND"
    unknown = TrustToolRequest(tool_id="user.untrusted", tool_digest="x", decision=TrustDecision(9))
    assert await violations(dome.stub.trust_tool(unknown)) == ["decision"]


async def test_a_tool_in_a_freshly_cloned_repository_is_refused_until_it_is_trusted(
    dome: Running, repository: Path
) -> None:
    assert await reason(dome, "project.hello", repository) == "TOOL_UNTRUSTED"
    await trust(dome, "project.hello", repository)
    assert await reason(dome, "project.hello", repository) == ""


async def test_the_same_tool_in_another_root_needs_an_approval_of_its_own(
    dome: Running, repository: Path, tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    shutil.copytree(repository, clone)
    await trust(dome, "project.hello", repository)
    assert await digest(dome, "project.hello", clone) == await digest(dome, "project.hello", repository)
    assert await reason(dome, "project.hello", clone) == "TOOL_UNTRUSTED"
    await trust(dome, "project.hello", clone)
    await trust(dome, "project.hello", repository, revoke=True)
    assert await reason(dome, "project.hello", clone) == ""
    assert await reason(dome, "project.hello", repository) == "TOOL_UNTRUSTED"


async def test_a_moved_repository_needs_another_approval(dome: Running, repository: Path, tmp_path: Path) -> None:
    await trust(dome, "project.hello", repository)
    assert await reason(dome, "project.hello", repository) == ""
    moved = tmp_path / "moved"
    os.rename(repository, moved)
    assert await reason(dome, "project.hello", moved) == "TOOL_UNTRUSTED"
    (tmp_path / "repository").symlink_to(moved)
    assert await reason(dome, "project.hello", tmp_path / "repository") == "TOOL_UNTRUSTED"


async def test_an_approval_holds_through_every_link_to_the_root(
    dome: Running, repository: Path, tmp_path: Path
) -> None:
    (tmp_path / "alias").symlink_to(repository)
    other = tmp_path / "other"
    (other / ".dome").mkdir(parents=True)
    (other / ".dome/tools").symlink_to(repository / ".dome/tools")
    await trust(dome, "project.hello", tmp_path / "alias")
    for directory in (repository, tmp_path / "alias", other):
        assert await reason(dome, "project.hello", directory) == ""
    assert [each.root for each in await approvals(dome)] == [real(repository / ".dome/tools")]


async def test_a_link_to_the_root_that_is_turned_elsewhere_takes_no_approval_along(
    config: Config, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        write_tool(tmp_path / name, "linked.hello", HELLO)
    (tmp_path / "root").symlink_to(tmp_path / "one")
    async with running(replace(config, user_roots=(tmp_path / "root",))) as dome:
        await trust(dome, "linked.hello")
        assert await reason(dome, "linked.hello") == ""
        (tmp_path / "next").symlink_to(tmp_path / "two")
        os.replace(tmp_path / "next", tmp_path / "root")
        assert await reason(dome, "linked.hello") == "TOOL_UNTRUSTED"


async def test_a_digest_of_the_configuration_holds_wherever_the_tool_is(
    config: Config, repository: Path, tmp_path: Path
) -> None:
    shutil.copytree(repository, tmp_path / "clone")
    async with running(config) as dome:
        present = await digest(dome, "project.hello", repository)
    async with running(replace(config, trusted_digests=frozenset({present}))) as dome:
        for directory in (repository, tmp_path / "clone"):
            assert await reason(dome, "project.hello", directory) == ""
        answer = await trust(dome, "project.hello", repository, revoke=True)
        assert answer.tool is not None
        assert answer.tool.trust is ToolTrust.TRUSTED


@pytest.mark.parametrize("change", ["manifest", "revoked", "gone"])
async def test_a_tool_that_is_changed_or_distrusted_between_approval_and_start_is_denied(
    config: Config, tmp_path: Path, change: str
) -> None:
    async with running(replace(config, parallel_jobs_max=1)) as dome:
        await trust(dome, "user.untrusted")
        busy = (await dome.execute("user.hang")).job_id
        await dome.reached(busy, JobState.RUNNING)
        queued = (await dome.execute("user.untrusted")).job_id
        folder = tmp_path / "tools" / "user.untrusted"
        match change:
            case "manifest":
                manifest = json.loads((folder / "tool.yaml").read_text())
                manifest["executor"]["command"] = ["/bin/sh", "-c", "echo swapped"]
                (folder / "tool.yaml").write_text(json.dumps(manifest))
            case "revoked":
                await trust(dome, "user.untrusted", revoke=True)
            case _:
                shutil.rmtree(folder)
        await dome.stub.cancel_job(CancelJobRequest(job_id=busy))
        ended = await dome.ended(queued)
        assert ended.state is JobState.FAILED
        assert ended.outcome is not None
        assert ended.outcome.cause is OutcomeCause.DENIED
        assert all(event.output is None for event in await dome.events(queued))


async def test_what_is_approved_is_described_with_its_command_and_its_files(dome: Running, tmp_path: Path) -> None:
    folder = tmp_path / "tools" / "user.untrusted"
    described = await tool(dome, "user.untrusted")
    assert described.command == ["/bin/sh", f"{folder.resolve()}/run.sh"]
    assert [(file.path, file.size_bytes) for file in described.files] == [
        (path.name, path.stat().st_size) for path in sorted(folder.iterdir())
    ]
    assert all(file.digest.startswith("sha256:") for file in described.files)
    by_input = await tool(dome, "process.run")
    assert (by_input.command, by_input.arguments_from) == ([], "/argv")
