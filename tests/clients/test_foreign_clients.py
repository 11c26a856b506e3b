"""The wire is standard: clients of others do everything with the protos alone, on the socket and on loopback TCP."""

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import USUAL_BYTES_MAX, Clients
from tests.clients.foreign_client import BAD_REQUEST, ERROR_INFO, HEALTH, RUNTIME, Door, ForeignClient, Message, Refused

DOMAIN = "dome.runtime"
ENDLESS = "echo ready; exec sleep 600"


def runtime(client: ForeignClient, method: str, **request: Any) -> Any:
    return client.call(RUNTIME, method, request)


def encoded(document: Any) -> str:
    return base64.b64encode(json.dumps(document).encode()).decode()


def submitted(client: ForeignClient, *argv: str, **more: Any) -> str:
    """Submit a program; gives the id of its job."""
    answer = runtime(client, "SkillExecute", skillId="process.run", input=encoded({"argv": argv}), **more)
    return str(answer["job"]["jobId"])


def events_of(client: ForeignClient, job_id: str, **more: Any) -> Iterator[Any]:
    """Each event as it comes, to the terminal one."""
    for answer in client.stream(RUNTIME, "StreamJobEvents", {"jobId": job_id, "follow": True, **more}):
        yield from answer.get("events", ())


def printed(events: Sequence[Any]) -> bytes:
    return b"".join(base64.b64decode(event["output"]["data"]) for event in events if "output" in event)


def refused(client: ForeignClient, method: str, **request: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        runtime(client, method, **request)
    return caught.value


def test_it_checks_health_and_learns_what_the_daemon_is(client: ForeignClient) -> None:
    assert client.call(HEALTH, "Check", {"service": RUNTIME}) == {"status": "SERVING"}
    known = runtime(client, "ListCapabilities")
    assert known["apiVersions"] == ["dome.runtime.v1"]
    assert "job.watch" in known["featureFlags"]
    assert int(known["limits"]["answerBytesMax"]) > 0


def test_it_lists_tools_page_by_page_and_describes_one(client: ForeignClient) -> None:
    found: list[str] = []
    page: Message = runtime(client, "ListTools", pageSize=4)
    found += [tool["toolId"] for tool in page["tools"]]
    while token := page.get("nextPageToken"):
        page = runtime(client, "ListTools", pageSize=4, pageToken=token)
        found += [tool["toolId"] for tool in page["tools"]]
    assert found == sorted(found)
    assert {"process.run", "repo.search"} <= set(found)
    tool = runtime(client, "GetTool", toolId="process.run")["tool"]
    assert tool["summary"]["trust"] == "TOOL_TRUST_TRUSTED"
    assert "argv" in json.loads(base64.b64decode(tool["inputSchemaDocument"]))["properties"]


def test_it_submits_and_watches_to_the_terminal_event(client: ForeignClient) -> None:
    job_id = submitted(client, "seq", "3")
    events = list(events_of(client, job_id))
    assert [int(event["seq"]) for event in events[1:]] == [int(event["lastSeq"]) + 1 for event in events[:-1]]
    assert printed(events) == b"1\n2\n3\n"
    assert events[-1]["finished"]["state"] == "JOB_STATE_SUCCEEDED"
    assert ["finished" in event for event in events].count(True) == 1
    job = runtime(client, "GetJobStatus", jobId=job_id)["job"]
    assert (job["state"], job["lastSeq"]) == ("JOB_STATE_SUCCEEDED", events[-1]["lastSeq"])


def test_it_resumes_after_any_seq_also_inside_a_page_of_output(client: ForeignClient) -> None:
    job_id = submitted(client, "seq", "4")
    events = list(events_of(client, job_id))
    first = next(int(event["seq"]) for event in events if "output" in event)
    rest = list(events_of(client, job_id, sinceSeq=str(first + 1)))
    assert int(rest[0]["seq"]) == first + 2
    assert printed(rest) == b"3\n4\n"
    assert rest[-1] == events[-1]
    last = int(events[-1]["lastSeq"])
    assert list(events_of(client, job_id, sinceSeq=str(last))) == []
    with pytest.raises(Refused) as ahead:
        list(events_of(client, job_id, sinceSeq=str(last + 1)))
    assert (ahead.value.code, ahead.value.details[ERROR_INFO]["reason"]) == ("OUT_OF_RANGE", "SEQ_AHEAD")


def test_it_cancels_what_it_watches(client: ForeignClient) -> None:
    job_id = submitted(client, "sh", "-c", ENDLESS)
    events = events_of(client, job_id)
    seen = []
    for event in events:
        seen.append(event)
        if printed([event]):
            break
    asked = runtime(client, "CancelJob", jobId=job_id, reason="seen enough")["job"]
    assert asked["jobId"] == job_id
    seen += events
    assert seen[-1]["finished"]["state"] == "JOB_STATE_CANCELED"
    assert [event["cancelRequested"]["reason"] for event in seen if "cancelRequested" in event] == ["seen enough"]


def test_it_leaves_a_stream_and_the_job_goes_on(client: ForeignClient) -> None:
    job_id = submitted(client, "sh", "-c", ENDLESS)
    events = client.stream(RUNTIME, "StreamJobEvents", {"jobId": job_id, "follow": True})
    assert "submitted" in next(events)["events"][0]
    events.close()  # type: ignore[attr-defined]
    assert runtime(client, "GetJobStatus", jobId=job_id)["job"]["state"] in {"JOB_STATE_QUEUED", "JOB_STATE_RUNNING"}
    runtime(client, "CancelJob", jobId=job_id)
    assert list(events_of(client, job_id))[-1]["finished"]["state"] == "JOB_STATE_CANCELED"


def test_the_same_key_gives_the_same_job(client: ForeignClient, key: str) -> None:
    first = submitted(client, "true", idempotencyKey=key)
    assert submitted(client, "true", idempotencyKey=key) == first
    other = refused(
        client, "SkillExecute", skillId="process.run", input=encoded({"argv": ["false"]}), idempotencyKey=key
    )
    assert other.details[ERROR_INFO]["reason"] == "IDEMPOTENCY_KEY_REUSED"


def test_it_reads_what_is_wrong_from_the_details_of_the_status(client: ForeignClient) -> None:
    error = refused(client, "SkillExecute", skillId="process.run", input=encoded({"argv": ["echo", 1]}))
    assert error.code == "INVALID_ARGUMENT"
    assert error.details[ERROR_INFO]["reason"] == "INVALID_REQUEST"
    assert error.details[ERROR_INFO]["domain"] == DOMAIN
    [violation] = error.details[BAD_REQUEST]["fieldViolations"]
    assert violation["field"] == "input/argv/1"
    missing = refused(client, "GetTool", toolId="process.rum")
    assert (missing.code, missing.details[ERROR_INFO]["reason"]) == ("NOT_FOUND", "SKILL_NOT_FOUND")


def searched(client: ForeignClient, large_file: Path) -> str:
    """A job whose result is larger than what libraries take where nothing is said."""
    search = encoded({"pattern": "needle", "matches_max": 5_000})
    folder = str(large_file.parent)
    job = runtime(client, "SkillExecute", skillId="repo.search", input=search, workingDirectory=folder)["job"]
    return str(job["jobId"])


@pytest.mark.parametrize("clients", ["grpcio", "grpc-js"], indirect=True)
def test_told_to_take_as_much_as_the_daemon_says_it_takes_the_largest_result(
    clients: Clients, socket: Door, large_file: Path
) -> None:
    limits = runtime(clients.of(socket), "ListCapabilities")["limits"]
    client = clients.of(socket, answer_bytes_max=int(limits["answerBytesMax"]))
    *_, last = events_of(client, searched(client, large_file))
    assert last["finished"]["state"] == "JOB_STATE_SUCCEEDED"
    assert len(base64.b64decode(last["finished"]["outcome"]["result"])) > USUAL_BYTES_MAX


@pytest.mark.parametrize("clients", ["buf curl"], indirect=True)
def test_buf_cannot_be_told_so_and_says_that_it_was_itself(clients: Clients, socket: Door, large_file: Path) -> None:
    client = clients.of(socket)
    with pytest.raises(Refused) as caught:
        list(events_of(client, searched(client, large_file)))
    assert (caught.value.code, caught.value.details) == ("RESOURCE_EXHAUSTED", {})


@pytest.mark.parametrize("token", ["", "wrong"])
def test_without_the_token_it_is_told_so_with_a_reason(clients: Clients, loopback: Door, token: str) -> None:
    stranger = clients.of(replace(loopback, token=token))
    error = refused(stranger, "ListCapabilities")
    assert (error.code, error.details[ERROR_INFO]["reason"]) == ("UNAUTHENTICATED", "UNAUTHENTICATED")
