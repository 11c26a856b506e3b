"""Jobs that start jobs: a tool that waits for another never waits for what itself holds."""

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from packages.domed.tests.runtime_suite import write_tool
from tests.e2e.dome_home import Done, Home, a_home, finish

NEST = """
import asyncio, json, os, sys
import dome_client
from dome_contracts.runtime.v1 import Correlation

async def main():
    depth = json.load(sys.stdin)["count"]
    if depth > 1:
        parent = "" if os.environ.get("FORGETFUL") else os.environ["DOME_JOB_ID"]
        correlation = Correlation(run_id=os.environ["DOME_RUN_ID"], parent_job_id=parent)
        async with dome_client.connect(os.environ["DOMED_ENDPOINT"]) as dome:
            job = await dome.execute(
                os.environ["DOME_TOOL_ID"], {"count": depth - 1}, correlation=correlation,
                environment={"DOMED_ENDPOINT": os.environ["DOMED_ENDPOINT"]},
            )
            print(f"started {job.job_id}", flush=True)
            ended = await dome.wait(job.job_id)
            print(f"{depth - 1} {ended.state.name}", flush=True)
    print(f"{depth} done", flush=True)

asyncio.run(main())
"""
"""Submits itself, with a count less by one, and waits for it."""
PASSED_ON = {"from_caller": ["DOMED_ENDPOINT", "FORGETFUL"]}


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with a_home() as made:
        tools = made.config / "tools"
        (made.root / "nest.py").write_text(NEST)
        for name in ("gate", "other"):
            os.mkfifo(made.root / name)
        nest = f"exec {sys.executable} -I {made.root / 'nest.py'}"
        write_tool(tools, "user.nest", nest, locks=["port"], limits={"concurrency_max": 1}, environment=PASSED_ON)
        forgetful = {"concurrency_max": 1, "queue_timeout_s": 0.5}
        write_tool(tools, "user.forget", nest, limits=forgetful, environment=PASSED_ON)
        wait = f"read -r line <{made.root / 'gate'}; echo $line"
        write_tool(tools, "user.one", wait, limits={"concurrency_max": 1})
        write_tool(tools, "user.free", "echo free")
        listed = made.dome("tools", "--json", "user.").documents()
        digests = [tool["tool_digest"] for tool in listed if "tool_digest" in tool]
        assert len(digests) == 4
        made.configure(f"[jobs]\nparallel_max = 2\n[trust]\ndigests = {json.dumps(digests)}\n")
        assert made.dome("service", "stop").code == 0
        yield made


def nested(home: Home, tool: str, count: int, *options: str) -> Done:
    endpoint = f"DOMED_ENDPOINT=unix:{home.socket}"
    return home.dome("run", tool, "--set", f"count={count}", "--env", endpoint, *options)


def events(home: Home, job_id: str) -> list[dict[str, Any]]:
    return home.dome("events", job_id, "--json").documents()


def waits(home: Home, job_id: str) -> list[dict[str, Any]]:
    return [event["waiting"] for event in events(home, job_id) if "waiting" in event]


def started(done: Done) -> str:
    """The job that the tool started."""
    return next(line.split()[1] for line in done.lines() if line.startswith("started"))


def test_a_job_waits_for_no_seat_lock_or_turn_of_an_ancestor(home: Home) -> None:
    """Five generations in two seats, under one lock, of a tool that runs once at a time: each waits for the next."""
    done = nested(home, "user.nest", 5)
    assert done.code == 0, done.err
    assert done.lines()[1:] == ["4 SUCCEEDED", "5 done"]
    job_id, generations = started(done), 0
    while job_id:
        assert waits(home, job_id) == []
        generations += 1
        (job,) = home.dome("job", job_id, "--json").documents()
        assert job["correlation"]["parent_job_id"]
        lines = [event["output"].get("text", "") for event in events(home, job_id) if "output" in event]
        job_id = next((line.split()[1] for line in "".join(lines).splitlines() if line.startswith("started")), "")
    assert generations == 4


def test_a_tool_that_does_not_say_whose_job_it_is_waits_for_itself_until_the_queue_ends_it(home: Home) -> None:
    done = nested(home, "user.forget", 2, "--env", "FORGETFUL=1")
    assert done.lines()[1:] == ["1 FAILED", "2 done"]
    child = started(done)
    assert [wait["cause"] for wait in waits(home, child)] == ["WAIT_CAUSE_SLOT"]
    (job,) = home.dome("job", child, "--json").documents()
    assert job["outcome"]["failure_reason_code"] == "TIME.QUEUE_TIMEOUT"


def test_a_tool_runs_no_more_often_at_a_time_than_it_says_and_holds_up_nobody_else(home: Home) -> None:
    first = home.dome("run", "user.one", "--detach").out.decode().strip()
    second = home.start("run", "user.one", "--json")
    assert second.stdout is not None
    seen = []
    for line in second.stdout:
        seen.append(json.loads(line))
        if "waiting" in seen[-1]:
            break
    assert seen[-1]["waiting"]["cause"] == "WAIT_CAUSE_SLOT"
    # A seat is free, and the next in the queue takes it.
    assert home.dome("run", "user.free").out == b"free\n"
    (home.root / "gate").write_text("one\n")
    assert home.dome("wait", first).code == 0
    assert waits(home, first) == []
    (home.root / "gate").write_text("two\n")
    assert finish(second).code == 0
