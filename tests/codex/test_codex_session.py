"""A session of the real codex that works through `dome mcp`, as its user sees it and as its model sees it."""

import json
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.codex.codex_cli import CODE_MODE, Codex, Ran, ended
from tests.codex.scripted_model import Answer, ScriptedModel, call, script, shown, text
from tests.e2e.dome_home import TIMEOUT_S, Home

MATCHES = [{"path": "notes.txt", "line": 2, "text": "find me"}]
ANSWERED = ("-c", 'mcp_servers.dome.tools.run_tool.approval_mode="approve"')
"""The user has said beforehand that `run_tool` may be called."""


def program(source: str, **more: Any) -> dict[str, Any]:
    return {"tool_id": "process.run", "input": {"argv": ["sh", "-c", source]}, **more}


def calls(ran: Ran) -> dict[str, Any]:
    """The calls of a run by the name of the tool."""
    return {item["tool"]: item for item in ran.items("mcp_tool_call")}


def test_a_tool_is_found_described_and_run_without_any_question(codex: Codex, model: ScriptedModel) -> None:
    model.then(
        [call("search_tools", {"query": "matches"}, call_id="find")],
        [call("describe_tool", {"tool_id": "repo.search"}, call_id="describe")],
        [call("run_read_only_tool", {"tool_id": "repo.search", "input": {"pattern": "find"}}, call_id="run")],
        [text("It is in notes.txt.")],
    )
    ran = codex.exec()
    assert (ran.code, [item["text"] for item in ran.items("agent_message")]) == (0, ["It is in notes.txt."])
    assert [entry.split()[0] for entry in model.output("find")["tools"]] == ["repo.search"]
    assert model.output("describe")["run_with"] == "run_read_only_tool"
    assert model.output("run")["result"]["matches"] == MATCHES
    assert {item["status"] for item in calls(ran).values()} == {"completed"}


def test_the_first_request_of_a_model_has_the_tools_and_what_they_are_for(codex: Codex, model: ScriptedModel) -> None:
    model.then([text("nothing to do")])
    assert codex.exec().code == 0
    [server] = [tool for tool in model.requests[0]["tools"] if tool.get("name") == "mcp__dome"]
    assert "search_tools" in server["description"]
    assert len(server["tools"]) == 8
    assert len(json.dumps(server)) < 8_000


def test_code_mode_finds_the_tools_and_reads_typed_results(home: Home, model: ScriptedModel) -> None:
    codex = Codex(home, model, name=CODE_MODE)
    codex.install()
    find = "text(JSON.stringify(ALL_TOOLS.filter(t => /durable jobs/.test(t.description)).map(t => t.name)))"
    run = """
        const found = await tools.mcp__dome__search_tools({query: "matches"});
        const tool_id = found.structuredContent.tools[0].split(" ")[0];
        const how = (await tools.mcp__dome__describe_tool({tool_id})).structuredContent.run_with;
        const done = await tools["mcp__dome__" + how]({tool_id, input: {pattern: "find"}});
        const wrong = await tools["mcp__dome__" + how]({tool_id, input: {}});
        const seen = [done.structuredContent.result.matches, wrong.isError, wrong.structuredContent.error.reason];
        text(JSON.stringify(seen));
    """
    model.then([script(find, call_id="find")], [script(run, call_id="run")], [text("done")])
    ran = codex.exec()
    assert ran.code == 0, ran.err
    assert set(model.output("find")) >= {"mcp__dome__search_tools", "mcp__dome__job_wait", "mcp__dome__run_tool"}
    assert model.output("run") == [MATCHES, True, "INVALID_REQUEST"]
    (job,) = home.dome("jobs", "--json", "--limit", "1").documents()
    (job,) = home.dome("job", job["job_id"], "--json").documents()
    assert job["correlation"]["client_session_id"] == ran.thread_id
    assert job["correlation"]["client_call_id"].startswith("exec-")


def test_who_asked_is_in_the_record_and_in_the_provenance(codex: Codex, home: Home, model: ScriptedModel) -> None:
    asked = {"tool_id": "repo.search", "input": {"pattern": "find"}}
    model.then([call("run_read_only_tool", asked, call_id="call_17")], [text("done")])
    ran = codex.exec()
    meta = calls(ran)["run_read_only_tool"]["result"]["_meta"]
    (job,) = home.dome("job", meta["dome/job_id"], "--json").documents()
    assert job["correlation"]["client_session_id"] == ran.thread_id
    assert job["correlation"]["client_call_id"] == "call_17"
    assert job["correlation"]["effector"] == {"kind": "EFFECTOR_KIND_LLM", "id": "codex-mcp-client"}
    assert job["provenance"]["requester"]["client_session_id"] == ran.thread_id
    assert job["provenance"]["requester"]["client_call_id"] == "call_17"
    assert meta["dome/tool_digest"] == job["tool_digest"]
    assert home.dome("verify", meta["dome/job_id"]).code == 0


def test_a_model_sees_why_a_call_was_refused_and_why_a_job_failed(codex: Codex, model: ScriptedModel) -> None:
    model.then(
        [call("run_read_only_tool", program("true"), call_id="not-read-only")],
        [call("run_read_only_tool", {"tool_id": "repo.search", "input": {"pattern": 3}}, call_id="wrong")],
        [call("describe_tool", {"tool_id": "no.such"}, call_id="unknown")],
        [call("run_tool", program("echo before >&2; exit 7"), call_id="failed")],
        [text("done")],
    )
    ran = codex.exec(*ANSWERED)
    assert ran.code == 0
    seen = {name: model.output(name) for name in ("not-read-only", "wrong", "unknown", "failed")}
    assert seen["not-read-only"]["error"]["reason"] == "INVALID_REQUEST"
    assert "run_tool" in seen["not-read-only"]["next"]
    assert seen["wrong"]["error"]["reason"] == "INVALID_REQUEST"
    assert seen["wrong"]["error"]["violations"][0]["field"]
    assert seen["unknown"]["error"]["reason"] == "SKILL_NOT_FOUND"
    assert seen["failed"]["state"] == "FAILED"
    assert seen["failed"]["error"]["reason"] == "PROCESS.EXIT_NONZERO"
    assert any("before" in line for line in seen["failed"]["output_tail"])
    assert all(answer["message"] and answer["next"] for answer in seen.values())
    assert {item["status"] for item in ran.items("mcp_tool_call")} == {"failed"}


def test_a_long_job_comes_back_as_a_handle_and_is_waited_for(codex: Codex, home: Home, model: ScriptedModel) -> None:
    gate = home.work / "gate"
    waiting = f"echo begun; while [ ! -e {gate} ]; do sleep 0.05; done; echo over"

    def wait(request: Mapping[str, Any]) -> Answer:
        job_id = shown([request], "begin")["job_id"]
        gate.touch()
        return [call("job_wait", {"job_id": job_id}, call_id="wait")]

    def read(request: Mapping[str, Any]) -> Answer:
        return [call("job_events", {"job_id": shown([request], "begin")["job_id"]}, call_id="events")]

    model.then([call("run_tool", program(waiting, wait_s=0.2), call_id="begin")], wait, read, [text("done")])
    assert codex.exec(*ANSWERED).code == 0
    assert model.output("begin")["state"] == "RUNNING"
    assert "job_wait" in model.output("begin")["next"]
    assert model.output("wait")["state"] == "SUCCEEDED"
    said = [line.split(" ", 2)[1:] for line in model.output("events")["events"]]
    assert [words for kind, words in (each for each in said if each[0] == "stdout")] == ["begun", "over"]


def test_a_session_that_was_interrupted_goes_on_with_its_job(codex: Codex, home: Home, model: ScriptedModel) -> None:
    gate = home.work / "resumed"
    waiting = f"echo begun; while [ ! -e {gate} ]; do sleep 0.05; done; echo over"
    model.then([call("run_tool", program(waiting, wait_s=0.2), call_id="begin")], model.silence())
    running = codex.start_exec(*ANSWERED)
    model.wait_for(2)
    job_id = model.output("begin")["job_id"]
    running.send_signal(signal.SIGINT)
    first = ended(running)
    assert first.code == 1
    assert state(home, job_id) == "JOB_STATE_RUNNING"
    gate.touch()
    model.then([call("job_wait", {"job_id": job_id}, call_id="wait")], [text("done")])
    second = codex.exec("resume", first.thread_id)
    assert (second.code, second.thread_id) == (0, first.thread_id)
    assert model.output("wait")["state"] == "SUCCEEDED"
    assert any("over" in line for line in model.output("wait")["output_tail"])


@pytest.mark.slow
def test_a_job_of_a_call_that_was_interrupted_is_found_by_its_thread_and_can_be_ended(
    codex: Codex, home: Home, model: ScriptedModel
) -> None:
    began = home.work / "began"
    model.then([call("run_tool", program(f"touch {began}; sleep 300", wait_s=20), call_id="begin")])
    running = codex.start_exec(*ANSWERED)
    wait_until_there(began)
    running.send_signal(signal.SIGINT)
    ran = ended(running)
    assert ran.code == 1
    (job,) = home.dome("jobs", "--json", "--limit", "1").documents()
    assert job["correlation"]["client_session_id"] == ran.thread_id
    # Some versions of codex tell the server of the interrupt before they end it, which cancels the job; others do not.
    home.dome("cancel", job["job_id"])
    assert home.dome("wait", job["job_id"], "--json").documents()[0]["state"] == "JOB_STATE_CANCELED"


@pytest.mark.slow
def test_after_the_daemon_was_killed_every_stored_event_is_read_and_a_new_call_runs(
    codex: Codex, home: Home, model: ScriptedModel
) -> None:
    printed = home.work / "printed"

    def kill(request: Mapping[str, Any]) -> Answer:
        wait_until_there(printed)
        job_id = shown([request], "begin")["job_id"]
        until_stored(home, job_id, "40")
        [daemon] = home.daemons()
        os.kill(daemon, signal.SIGKILL)
        return [call("job_wait", {"job_id": job_id}, call_id="lost")]

    def read(request: Mapping[str, Any]) -> Answer:
        return [call("job_events", {"job_id": shown([request], "begin")["job_id"]}, call_id="events")]

    endless = program(f"seq 40; touch {printed}; sleep 60", wait_s=0.2)
    again = program("seq 3")
    model.then(
        [call("run_tool", endless, call_id="begin")],
        kill,
        read,
        [call("run_tool", again, call_id="again")],
        [text("done")],
    )
    assert codex.exec(*ANSWERED).code == 0
    lost = model.output("lost")
    assert (lost["state"], lost["error"]["reason"]) == ("FAILED", "PROCESS.LOST")
    events = [line.split(" ", 2) for line in model.output("events")["events"]]
    assert [words[2] for words in events if words[1] == "stdout"] == [str(n) for n in range(1, 41)]
    assert events[-1][1] == "finished"
    assert "PROCESS.LOST" in events[-1][2]
    assert [int(number) for number, *_ in events] == list(range(1, len(events) + 1))
    assert model.output("again")["state"] == "SUCCEEDED"


def state(home: Home, job_id: str) -> str:
    (job,) = home.dome("job", job_id, "--json").documents()
    return str(job["state"])


def wait_until_there(path: Path) -> None:
    end_s = time.monotonic() + TIMEOUT_S
    while not path.exists():
        assert time.monotonic() < end_s, f"{path} did not come"
        time.sleep(0.02)


def until_stored(home: Home, job_id: str, line: str) -> None:
    """Wait until the daemon has kept a line of output."""
    end_s = time.monotonic() + TIMEOUT_S
    while line.encode() not in home.dome("events", job_id, "--raw").out.splitlines():
        assert time.monotonic() < end_s, f"{line} was not kept"


ASKING = {"search_tools", "describe_tool", "run_read_only_tool", "job_status", "job_wait", "job_events"}


@pytest.mark.parametrize(
    ("mode", "refused"),
    [
        ("auto", {"run_tool"}),
        pytest.param("writes", {"run_tool", "cancel_job"}, marks=pytest.mark.slow),
        pytest.param("prompt", {*ASKING, "run_tool", "cancel_job"}, marks=pytest.mark.slow),
        pytest.param("approve", set(), marks=pytest.mark.slow),
    ],
)
def test_which_calls_codex_asks_its_user_about(
    codex: Codex, home: Home, model: ScriptedModel, mode: str, refused: set[str]
) -> None:
    (begun,) = home.dome("run", "process.run", "--detach", "--json", "--set", 'argv=["true"]').documents()
    job = {"job_id": begun["job_id"]}
    model.then(
        [
            call("search_tools", call_id="a1"),
            call("describe_tool", {"tool_id": "repo.search"}, call_id="a2"),
            call("run_read_only_tool", {"tool_id": "repo.search", "input": {"pattern": "find"}}, call_id="a3"),
            call("run_tool", program("true"), call_id="a4"),
            *(call(name, job, call_id=name) for name in ("job_status", "job_wait", "job_events", "cancel_job")),
        ],
        [text("done")],
    )
    ran = codex.exec("-c", f'mcp_servers.dome.default_tools_approval_mode="{mode}"')
    assert len(calls(ran)) == 8
    asked = {name for name, item in calls(ran).items() if "requires approval" in str(item["error"])}
    assert asked == refused
    assert {name for name, item in calls(ran).items() if item["result"] is None} == refused


def test_a_tool_with_an_entry_of_its_own_is_asked_about_by_its_manifest(
    home: Home, codex: Codex, model: ScriptedModel
) -> None:
    codex.install("--expose", "repo.search", "--expose", "process.run")
    model.then(
        [
            call("repo__search", {"pattern": "find"}, call_id="search"),
            call("process__run", {"argv": ["true"]}, call_id="run"),
        ],
        [text("done")],
    )
    ran = codex.exec()
    assert model.output("search")["result"]["matches"] == MATCHES
    assert "requires approval" in calls(ran)["process__run"]["error"]["message"]
