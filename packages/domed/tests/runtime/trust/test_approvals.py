"""Which tools run, with which digest, and for how long."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from grpclib.const import Status

from dome_contracts.runtime.v1 import (
    CancelJobRequest,
    JobState,
    ListToolsRequest,
    OutcomeCause,
    ToolTrust,
    TrustDecision,
    TrustToolRequest,
)
from domed.config import Config
from packages.domed.tests.runtime.conftest import refusal, violations
from packages.domed.tests.runtime.trust.asking import approvals, digest, real, reason, tool, trust
from packages.domed.tests.runtime_suite import Running, running

HELLO = "echo hello"


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
