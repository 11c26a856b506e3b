"""`dome retry`, against a served fake."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from dome_client.testing import FakeRuntime
from dome_contracts.exit_codes import Exit

Command = Callable[..., tuple[int, bytes, str]]


def submit(dome: Command, *words: str) -> str:
    code, out, _ = dome("run", *words, "--detach")
    assert code == 0
    return out.decode().strip()


def documents(out: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_it_streams_like_a_run_and_has_the_exit_code_of_the_job(dome: Command) -> None:
    well, ill = submit(dome, "test.print", "--set", "lines=2"), submit(dome, "test.fail", "--set", "exit_code=7")
    code, out, err = dome("retry", well)
    assert (code, out) == (Exit.OK, b"line 1\nline 2\n")
    assert err.startswith("job-")
    code, out, err = dome("retry", ill)
    assert (code, out) == (7, b"")
    assert "oops" in err


def test_json_has_the_events_and_the_first_names_the_job_that_is_retried(dome: Command) -> None:
    first = submit(dome, "test.print", "--set", "lines=1")
    code, out, _ = dome("retry", first, "--json")
    events = documents(out)
    assert (code, events[0]["submitted"]["retry_of_job_id"]) == (Exit.OK, first)
    assert "finished" in events[-1]


def test_detached_it_shows_the_job(dome: Command, runtime: FakeRuntime) -> None:
    first = submit(dome, "test.print", "--set", "lines=1", "--label", "a=1")
    code, out, err = dome("retry", first, "--detach", "--json", "--label", "b=2")
    (job,) = documents(out)
    assert (code, err) == (Exit.OK, "")
    assert (job["retry_of_job_id"], job["labels"]) == (first, {"a": "1", "b": "2"})
    assert f"retry of   {first}" in dome("job", job["job_id"])[1].decode()


def test_one_key_is_one_retry(dome: Command) -> None:
    first = submit(dome, "test.print", "--set", "lines=1")
    made = {dome("retry", first, "--detach", "--key", "again")[1] for _ in range(3)}
    assert len(made) == 1
    assert dome("retry", first, "--detach")[1] not in made


def test_the_same_digest_is_asked_for_where_it_has_to_be_the_same(dome: Command, runtime: FakeRuntime) -> None:
    first = submit(dome, "test.print", "--set", "lines=1")
    assert dome("retry", first, "--same-digest", "--detach")[0] == Exit.OK
    tool = runtime._tools["test.print"]
    runtime._tools["test.print"] = type(tool)(tool.tool_id, tool.script, version="2.0.0")
    code, _, err = dome("retry", first, "--same-digest", "--detach")
    assert (code, "MANIFEST_CHANGED" in err) == (Exit.PRECONDITION, True)
    assert dome("retry", first, "--detach")[0] == Exit.OK


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["retry", "job-7zzzzzzzzzzzzzzzzzzzzzzzzz"], Exit.NOT_FOUND, "JOB_NOT_FOUND"),
        (["retry", "JOB", "--key", ""], Exit.USAGE, "--key is empty"),
        (["retry", "JOB", "--label", "x"], Exit.USAGE, "--label x: write NAME=VALUE"),
        (["retry", "JOB", "--timeout", "0"], Exit.USAGE, "--timeout 0.0"),
    ],
)
def test_what_cannot_be_retried_is_said(dome: Command, words: Sequence[str], code: int, said: str) -> None:
    first = submit(dome, "test.print", "--set", "lines=1")
    found, out, err = dome(*(first if word == "JOB" else word for word in words))
    assert (found, out, said in err) == (code, b"", True)


def test_a_job_that_has_not_ended_is_not_retried(dome: Command) -> None:
    job_id = submit(dome, "test.endless")
    code, _, err = dome("retry", job_id)
    assert code == Exit.PRECONDITION
    assert "INVALID_TRANSITION" in err


def test_explain_and_provenance_name_the_job_that_is_retried(dome: Command) -> None:
    first = submit(dome, "test.print", "--set", "lines=1")
    again = dome("retry", first, "--detach")[1].decode().strip()
    assert f", a retry of {first}" in dome("explain", again)[1].decode()
    (told,) = documents(dome("explain", again, "--json")[1])
    assert told["submitted"]["retry_of_job_id"] == first
    (record,) = documents(dome("provenance", again, "--json")[1])
    assert record["retry_of_job_id"] == first
    shown = dome("provenance", again)[1].decode().splitlines()
    assert [line.split()[-1] for line in shown if line.startswith("retry of ")] == [first]
