from collections.abc import Sequence
from typing import Any, Literal

import mcp_types as types
import pytest
from mcp.client.extension import ClientExtension, ResultClaim
from mcp.shared.exceptions import MCPError
from pydantic import ConfigDict

from dome_client.errors import DaemonUnreachable
from dome_client.mcp import job_view
from dome_client.mcp.task_methods import EXTENSION
from dome_client.mcp.tasks import POLL_INTERVAL_MS, ended, task_content
from dome_client.mcp.times import Times
from dome_client.testing import FakeRuntime
from dome_contracts.runtime.v1 import Job, JobState, Outcome, OutcomeCause
from tests.mcp_bridge import TOOLS, Called, a_bridge

MODERN = "2026-07-28"
SOON = Times(task_after_s=0.05, wait_s=0.05)
HOLD = {"tool_id": "test.hold"}


class Created(types.Result):
    """A task, as it comes back from a call."""

    model_config = ConfigDict(extra="allow")
    result_type: Literal["task"]


class Said(types.Result):
    """What a method of the extension answers."""

    model_config = ConfigDict(extra="allow")


async def _unused(_created: Any, _context: Any) -> types.CallToolResult:
    raise AssertionError("the tests look at tasks themselves")


class Tasks(ClientExtension):
    identifier = EXTENSION

    def claims(self) -> Sequence[ResultClaim[Any]]:
        return [ResultClaim(result_type="task", model=Created, resolve=_unused)]


def a_tasks_bridge(runtime: FakeRuntime | None = None, *, times: Times = SOON, exposed: Sequence[str] = ()) -> Any:
    """A client that takes tasks."""
    return a_bridge(runtime, mode=MODERN, times=times, exposed=exposed, extensions=[Tasks()])


async def begun(call: Called, arguments: dict[str, Any], name: str = "run_tool") -> dict[str, Any]:
    """The answer to a call, which is a task."""
    answer: Any = await call.client.session.call_tool(name, arguments, allow_claimed=True)
    assert isinstance(answer, Created), answer
    return answer.model_dump(by_alias=True)


async def asked(call: Called, method: str, task_id: str, **more: Any) -> dict[str, Any]:
    request: types.Request[dict[str, Any], str] = types.Request[dict[str, Any], str](
        method=method, params={"taskId": task_id, **more}
    )
    answer = await call.client.session.send_request(request, Said)
    return answer.model_dump(by_alias=True, exclude={"meta"})


async def test_a_call_that_goes_on_is_a_task_that_has_the_id_of_its_job() -> None:
    async with a_tasks_bridge() as call:
        task = await begun(call, HOLD)
        [job] = await call.runtime.jobs()
        assert (task["resultType"], task["taskId"], task["status"]) == ("task", job.job_id, "working")
        assert (task["ttlMs"], task["pollIntervalMs"]) == (None, POLL_INTERVAL_MS)
        assert "half, 1/2 files" in task["statusMessage"]
        assert task["createdAt"].endswith("Z")


async def test_a_call_that_ends_soon_is_answered_with_its_result() -> None:
    async with a_tasks_bridge() as call:
        assert (await call("run_read_only_tool", {"tool_id": "test.find"}))["state"] == "SUCCEEDED"
        assert (await call.failing("run_tool", {"tool_id": "test.fail"}))["state"] == "FAILED"


async def test_a_call_that_says_how_long_it_waits_is_a_task_after_that_time() -> None:
    async with a_tasks_bridge(times=Times(task_after_s=60)) as call:
        assert (await begun(call, HOLD | {"wait_s": 0.05}, name="run_read_only_tool"))["status"] == "working"


async def test_a_call_of_an_exposed_tool_that_goes_on_is_a_task() -> None:
    async with a_tasks_bridge(exposed=["test.hold"]) as call:
        task_id = (await begun(call, {}, name="test__hold"))["taskId"]
        call.runtime.release(task_id)
        assert (await asked(call, "tasks/get", task_id))["result"]["structuredContent"]["state"] == "SUCCEEDED"


async def test_a_wait_for_a_job_is_no_task() -> None:
    async with a_tasks_bridge() as call:
        job_id = (await begun(call, HOLD))["taskId"]
        assert (await call("job_wait", {"job_id": job_id, "wait_s": 0.05}))["state"] == "RUNNING"


@pytest.mark.parametrize("mode", ["legacy", MODERN])
async def test_a_client_that_does_not_declare_the_extension_gets_the_id_of_the_job(mode: str) -> None:
    async with a_bridge(mode=mode, times=SOON) as call:
        assert (await call("run_tool", HOLD))["job_id"].startswith("job-")


async def test_a_task_is_completed_with_what_the_call_would_have_come_back_with() -> None:
    async with a_tasks_bridge() as call:
        task_id = (await begun(call, HOLD))["taskId"]
        assert "result" not in await asked(call, "tasks/get", task_id)
        call.runtime.release(task_id)
        got = await asked(call, "tasks/get", task_id)
        waited = await call.client.call_tool("job_wait", {"job_id": task_id})
        assert (got["resultType"], got["status"]) == ("complete", "completed")
        assert got["result"]["structuredContent"] == waited.structured_content
        assert got["result"]["content"][0]["text"] == waited.content[0].text
        assert got["result"]["_meta"]["dome/job_id"] == task_id
        assert got["result"]["isError"] is False


async def test_a_task_that_was_cancelled_is_cancelled_and_may_be_cancelled_again() -> None:
    async with a_tasks_bridge() as call:
        task_id = (await begun(call, HOLD))["taskId"]
        for _ in range(2):
            assert await asked(call, "tasks/cancel", task_id) == {"resultType": "complete"}
        got = await asked(call, "tasks/get", task_id)
        assert got["status"] == "cancelled"
        assert "result" not in got
        assert "error" not in got


async def test_another_bridge_answers_for_the_task() -> None:
    runtime = FakeRuntime(TOOLS)
    async with a_tasks_bridge(runtime) as call:
        task_id = (await begun(call, HOLD))["taskId"]
    runtime.release(task_id)
    async with a_tasks_bridge(runtime) as call:
        assert (await asked(call, "tasks/get", task_id))["status"] == "completed"


async def test_an_answer_to_a_question_that_no_job_asks_is_left_alone() -> None:
    async with a_tasks_bridge() as call:
        task_id = (await begun(call, HOLD))["taskId"]
        answer = await asked(call, "tasks/update", task_id, inputResponses={"unknown": {"action": "accept"}})
        assert answer == {"resultType": "complete"}
        assert (await asked(call, "tasks/get", task_id))["status"] == "working"


@pytest.mark.parametrize("method", ["tasks/get", "tasks/update", "tasks/cancel"])
async def test_an_unknown_task_is_a_wrong_parameter(method: str) -> None:
    async with a_tasks_bridge() as call:
        with pytest.raises(MCPError) as caught:
            await asked(call, method, "job-unknown", inputResponses={})
        assert caught.value.error.code == types.INVALID_PARAMS
        assert "There is no such task" in caught.value.error.message


@pytest.mark.parametrize("method", ["tasks/get", "tasks/update", "tasks/cancel"])
async def test_a_client_that_does_not_declare_the_extension_is_told_which_one(method: str) -> None:
    async with a_bridge(mode=MODERN) as call:
        with pytest.raises(MCPError) as caught:
            await asked(call, method, "job-unknown", inputResponses={})
        assert caught.value.error.code == types.MISSING_REQUIRED_CLIENT_CAPABILITY
        assert caught.value.error.data == {"requiredCapabilities": {"extensions": {EXTENSION: {}}}}


@pytest.mark.parametrize("method", ["tasks/get", "tasks/cancel", "tasks/list", "tasks/result"])
async def test_the_older_era_has_no_tasks(method: str) -> None:
    async with a_bridge(mode="legacy") as call:
        assert not call.client.server_capabilities.extensions
        with pytest.raises(MCPError) as caught:
            await asked(call, method, "job-unknown")
        assert caught.value.error.code == types.METHOD_NOT_FOUND


async def test_the_extension_is_declared_to_clients_of_the_era_that_has_it() -> None:
    async with a_bridge(mode="auto") as call:
        assert call.client.protocol_version == MODERN
        assert call.client.server_capabilities.extensions == {EXTENSION: {}}


async def test_who_wants_to_be_told_of_tasks_declares_the_extension() -> None:
    async with a_bridge(mode=MODERN) as call:
        wanted = {"notifications": {"taskIds": ["job-unknown"]}}
        request: types.Request[dict[str, Any], str] = types.Request[dict[str, Any], str](
            method="subscriptions/listen", params=wanted
        )
        with pytest.raises(MCPError) as caught:
            await call.client.session.send_request(request, Said)
        assert caught.value.error.code == types.MISSING_REQUIRED_CLIENT_CAPABILITY


class Vanishing(FakeRuntime):
    """Accepts a job, and cannot be asked from then on."""

    async def status(self, job_id: str) -> Job:
        raise DaemonUnreachable("Nothing answers.")

    wait = status


async def test_a_job_that_was_accepted_is_a_task_also_where_the_daemon_ends_right_after() -> None:
    async with a_tasks_bridge(Vanishing(TOOLS)) as call:
        task_id = (await begun(call, HOLD))["taskId"]
        with pytest.raises(MCPError) as caught:
            await asked(call, "tasks/get", task_id)
        assert caught.value.error.code == types.INTERNAL_ERROR
        assert caught.value.error.data["error"]["reason"] == "DAEMON_UNREACHABLE"


@pytest.mark.parametrize(
    ("state", "cause", "reason", "status"),
    [
        (JobState.SUCCEEDED, OutcomeCause.EXITED, "NONE", "completed"),
        (JobState.FAILED, OutcomeCause.EXITED, "TOOL.FAILED", "completed"),
        (JobState.FAILED, OutcomeCause.SIGNALED, "PROCESS.SIGNALED", "completed"),
        (JobState.FAILED, OutcomeCause.TIMEOUT, "TIME.RUN_TIMEOUT", "completed"),
        (JobState.FAILED, OutcomeCause.LIMIT, "LIMIT.OUTPUT_BYTES", "completed"),
        (JobState.FAILED, OutcomeCause.DENIED, "ADMISSION.TOOL_CHANGED", "completed"),
        (JobState.FAILED, OutcomeCause.LOST, "PROCESS.LOST", "failed"),
        (JobState.FAILED, OutcomeCause.INTERNAL, "DAEMON.FAILED", "failed"),
        (JobState.FAILED, OutcomeCause.SPAWN_FAILED, "PROCESS.SPAWN_FAILED", "failed"),
        (JobState.FAILED, OutcomeCause.OUTPUT_INVALID, "OUTPUT.CHANNEL_INVALID", "failed"),
        (JobState.CANCELED, OutcomeCause.CANCELED, "CANCEL.REQUESTED", "cancelled"),
    ],
)
def test_a_task_ends_as_its_job_did(state: JobState, cause: OutcomeCause, reason: str, status: str) -> None:
    job = Job(job_id="job-1", state=state, outcome=Outcome(cause=cause, failure_reason_code=reason))
    answer = job_view.handle(job)
    end = ended(job, answer)
    assert end.status == task_content(job, status=end.status)["status"] == status
    assert (end.answer is answer) == (status == "completed")
    assert answer.is_error == (state is not JobState.SUCCEEDED)
    if status == "failed":
        assert end.error is not None
        assert end.error["code"] == types.INTERNAL_ERROR
        assert end.error["data"]["error"]["reason"] == reason
