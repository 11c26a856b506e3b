"""`codex.exec` through a real daemon, with the real codex and a scripted model."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.exit_codes import Exit
from tests.codex.codex_cli import TIMEOUT_S, Codex, program
from tests.codex.scripted_model import USAGE, Refusal, ScriptedModel, shell, text
from tests.e2e.dome_home import Done, Home, finish


class Worker:
    """The tool, asked by a user."""

    def __init__(self, home: Home, codex: Codex) -> None:
        self.home = home
        self._environ = [f"CODEX_PATH={program()}", f"CODEX_HOME={codex.folder}"]

    def words(self, prompt: str, **more: Any) -> list[str]:
        """The use of the command for one task."""
        document = self.home.root / "input.json"
        document.write_text(json.dumps({"prompt": prompt, **more}))
        environ = [part for each in self._environ for part in ("--env", each)]
        return ["run", "codex.exec", "--input", str(document), *environ]

    def do(self, prompt: str, **more: Any) -> tuple[Done, dict[str, Any]]:
        """One task to its end, and its job."""
        done = self.home.dome(*self.words(prompt, **more))
        return done, self.job(next(line for line in done.err.splitlines() if line.startswith("job-")))

    def job(self, job_id: str) -> dict[str, Any]:
        (job,) = self.home.dome("job", job_id, "--json").documents()
        return dict(job)


@pytest.fixture
def worker(home: Home, model: ScriptedModel) -> Worker:
    return Worker(home, Codex(home, model))


def test_a_task_becomes_an_answer_with_its_steps_and_its_tokens(worker: Worker, model: ScriptedModel) -> None:
    model.then([shell("cat notes.txt", call_id="c1")], [text("It says: find me.\nNothing else.")])
    done, job = worker.do("What do the notes say?\nAnswer in words.")
    assert done.code == Exit.OK, done.err
    result = job["outcome"]["result"]
    assert result["message"] == "It says: find me.\nNothing else."
    assert (result["completed"], result["sandbox"], result["network"]) == (True, "read-only", False)
    assert [(each["exit_code"], each["status"]) for each in result["commands"]] == [(0, "completed")]
    assert "cat notes.txt" in result["commands"][0]["command"]
    assert result["usage"]["input_tokens"] == 2 * USAGE["input_tokens"]  # type: ignore[operator]
    assert result["codex_version"].startswith("codex-cli ")
    # What the model was given is the task, byte for byte.
    [*_, asked] = [item for item in model.requests[0]["input"] if item.get("role") == "user"]
    assert asked["content"][0]["text"] == "What do the notes say?\nAnswer in words."
    assert b"cat notes.txt" in done.out
    assert b"It says: find me." in done.out


def test_events_are_progress_and_are_kept_with_the_last_message(worker: Worker, model: ScriptedModel) -> None:
    model.then([shell("true", call_id="c1")], [text("done")])
    _, job = worker.do("go")
    events = worker.home.dome("events", job["job_id"], "--json").documents()
    told = [event["progress"] for event in events if "progress" in event]
    assert told[-1]["unit"] == "steps"
    assert int(told[-1]["done"]) == job["outcome"]["result"]["steps_count"]
    kept = worker.home.dome("artifact", job["job_id"], "events.jsonl").out.splitlines()
    assert [json.loads(line)["type"] for line in (kept[0], kept[-1])] == ["thread.started", "turn.completed"]
    assert worker.home.dome("artifact", job["job_id"], "message.txt").out == b"done"


def test_the_sandbox_is_the_one_that_was_asked_for(worker: Worker, home: Home, model: ScriptedModel) -> None:
    made = home.work / "made.txt"
    model.then([shell("echo new > made.txt", call_id="c1")], [text("tried")])
    _, job = worker.do("write")
    assert "Read-only file system" in model.output("c1")
    assert (job["outcome"]["result"]["message"], made.exists()) == ("tried", False)
    writing = Worker(home, Codex(home, model))
    model.then([shell("echo new > made.txt", call_id="c2")], [text("written")])
    _, job = writing.do("write", sandbox="workspace-write")
    assert job["outcome"]["result"]["sandbox"] == "workspace-write"
    assert made.read_text() == "new\n"


@pytest.mark.slow
def test_no_configuration_widens_what_was_asked_for(
    worker: Worker, home: Home, model: ScriptedModel, codex: Codex
) -> None:
    elsewhere = home.root / "elsewhere"
    elsewhere.mkdir()
    configuration = codex.folder / "config.toml"
    table = "[sandbox_workspace_write]\n"
    wide = f'{table}network_access = true\nwritable_roots = ["{elsewhere}"]\n'
    narrow = configuration.read_text()
    assert table in narrow
    configuration.write_text(f'approval_policy = "on-request"\n{narrow.replace(table, wide)}')
    model.then([shell(f"touch {elsewhere}/made; touch here", call_id="c1")], [text("tried")])
    _, job = Worker(home, codex).do("write", sandbox="workspace-write")
    assert job["outcome"]["result"]["network"] is False
    assert (home.work / "here").exists()
    assert not (elsewhere / "made").exists()


def test_an_answer_of_a_form_is_json(worker: Worker, model: ScriptedModel) -> None:
    form = {
        "type": "object",
        "properties": {"lines": {"type": "integer"}},
        "required": ["lines"],
        "additionalProperties": False,
    }
    model.then([text('{"lines": 2}')])
    _, job = worker.do("count", answer_schema=form)
    assert job["outcome"]["result"]["answer"] == {"lines": 2}
    assert model.requests[0]["text"]["format"]["schema"] == form
    model.then([text("two")])
    done, job = worker.do("count", answer_schema=form)
    assert job["outcome"]["failure_reason_code"] == "CODEX.ANSWER_INVALID", done.err
    assert job["outcome"]["result"]["message"] == "two"


@pytest.mark.parametrize(
    ("status", "words", "reason"),
    [
        (401, "Incorrect API key provided", "CODEX.NOT_AUTHENTICATED"),
        pytest.param(429, "Rate limit reached", "CODEX.LIMIT_REACHED", marks=pytest.mark.slow),
        pytest.param(400, "no such model", "CODEX.FAILED", marks=pytest.mark.slow),
    ],
)
def test_what_the_provider_refuses_has_a_reason(
    worker: Worker, model: ScriptedModel, status: int, words: str, reason: str
) -> None:
    model.then(*[Refusal(status, {"error": {"message": words}})] * 3)
    done, job = worker.do("go")
    assert done.code != Exit.OK
    assert job["outcome"]["failure_reason_code"] == reason, job["outcome"]
    assert str(status) in done.err or words in done.err
    assert job["outcome"]["result"]["completed"] is False


def test_without_codex_the_remedy_is_said(home: Home) -> None:
    done = home.dome("run", "codex.exec", "--set", "prompt=go", "--env", "CODEX_PATH=/no/such/codex")
    assert "CODEX.NOT_FOUND" in done.err
    assert "CODEX_PATH" in done.err


def test_a_task_that_takes_too_long_is_ended_and_says_how_far_it_came(
    worker: Worker, home: Home, model: ScriptedModel
) -> None:
    model.then([shell("true", call_id="c1")], model.silence())
    _, job = worker.do("go", timeout_s=4)
    assert job["outcome"]["failure_reason_code"] == "CODEX.TIMEOUT"
    assert [each["exit_code"] for each in job["outcome"]["result"]["commands"]] == [0]
    assert running_for(home) == []


def test_a_cancelled_task_leaves_no_process(worker: Worker, home: Home, model: ScriptedModel) -> None:
    begun = home.work / "begun"
    # The command leaves its session, so that it is in no group of codex.
    model.then([shell("touch begun; setsid sleep 301 & sleep 302", call_id="c1")], [text("done")])
    running = home.start(*worker.words("go", sandbox="workspace-write"))
    until(begun.exists)
    (job,) = home.dome("jobs", "--json", "--state", "running").documents()
    assert {"codex", "sleep"} <= set(running_for(home))
    assert home.dome("cancel", job["job_id"]).code == 0
    assert finish(running).code == Exit.CANCELED
    assert running_for(home) == []
    events = home.dome("events", job["job_id"], "--json").documents()
    assert [event for event in events if "survivor_found" in event] == []


def running_for(home: Home) -> list[str]:
    """The programs of codex, and those that it has started, with the configuration of this user."""
    mark, found = f"CODEX_HOME={home.root}/".encode(), []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdecimal() and mark in (entry / "environ").read_bytes():
                found.append(Path(os.fsdecode((entry / "cmdline").read_bytes().split(b"\0")[0])).name)
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return found


def until(is_so: Callable[[], bool]) -> None:
    end_s = time.monotonic() + TIMEOUT_S
    while not is_so():
        assert time.monotonic() < end_s
        time.sleep(0.02)
