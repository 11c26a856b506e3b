"""The commands that read the record of a job, against a served fake."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from dome_client.testing import FakeRuntime
from dome_contracts.canonical import digest_bytes
from dome_contracts.exit_codes import Exit
from dome_contracts.runtime.v1 import ListLocksResponse, Lock

Command = Callable[..., tuple[int, bytes, str]]


def submit(dome: Command, *words: str) -> str:
    code, out, _ = dome("run", *words, "--detach")
    assert code == 0
    return out.decode().strip()


def document(out: bytes) -> dict[str, Any]:
    (line,) = out.splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def test_verify_says_that_the_record_holds(dome: Command) -> None:
    job_id = submit(dome, "test.print", "--set", "lines=3")
    code, out, err = dome("verify", job_id)
    assert (code, err) == (Exit.OK, "")
    assert out.decode().splitlines()[-1].startswith(f"{job_id} holds: 4 events up to seq 6, head sha256:")
    found = document(dome("verify", job_id, "--json")[1])
    assert (found["job_id"], found["verified"], found["findings"]) == (job_id, True, [])
    assert dome("verify", job_id, "--head", found["chain_head"])[0] == Exit.OK


def test_verify_finds_a_changed_event_and_another_head(dome: Command, runtime: FakeRuntime) -> None:
    job_id = submit(dome, "test.print", "--set", "lines=3")
    events = runtime._records[job_id].events
    output = events[2].output
    assert output is not None
    output.data = output.data.upper()
    code, out, _ = dome("verify", job_id, "--json", "--head", "sha256:" + "0" * 64)
    assert code == Exit.FAILED
    assert {finding["check"] for finding in document(out)["findings"]} == {"chain", "head"}


def produced(dome: Command) -> str:
    return submit(dome, "test.produce", "--set", "name=report.txt", "--set", "text=words")


def test_verify_reads_every_artifact(dome: Command) -> None:
    code, out, _ = dome("verify", produced(dome), "--json")
    assert (code, document(out)["checks"][-1]) == (Exit.OK, {"check": "artifacts", "holds": True})


@pytest.mark.parametrize(
    ("kept", "words"), [({}, "is not there"), ({digest_bytes(b"words"): b"other"}, "does not have that digest")]
)
def test_verify_finds_an_artifact_that_is_gone_or_another(
    dome: Command, runtime: FakeRuntime, kept: dict[str, bytes], words: str
) -> None:
    job_id = produced(dome)
    runtime._kept = kept
    code, out, _ = dome("verify", job_id, "--json")
    (finding,) = document(out)["findings"]
    assert (code, finding["check"]) == (Exit.FAILED, "artifacts")
    assert "'report.txt'" in finding["message"]
    assert words in finding["message"]


def test_a_lock_has_a_line_and_an_object(dome: Command, monkeypatch: pytest.MonkeyPatch, runtime: FakeRuntime) -> None:
    async def locks() -> ListLocksResponse:
        return ListLocksResponse(locks=[Lock("port", "job-a", ["job-b"], 1)], omitted_locks=2)

    monkeypatch.setattr(runtime, "locks", locks)
    code, out, err = dome("locks")
    assert (code, out.decode().splitlines()[1].split()) == (Exit.OK, ["port", "job-a", "job-b"])
    assert "2 more locks are left out" in err
    assert document(dome("locks", "--json")[1]) == {
        "name": "port",
        "holder_job_id": "job-a",
        "waiter_job_ids": ["job-b"],
        "waiter_count": 1,
    }


def test_verify_of_a_job_that_runs_is_refused(dome: Command) -> None:
    job_id = submit(dome, "test.endless")
    code, _, err = dome("verify", job_id)
    assert (code, f"dome wait {job_id}" in err) == (Exit.PRECONDITION, True)


def test_verify_of_no_job_is_refused(dome: Command) -> None:
    assert dome("verify", "job-00000000000000000000000000")[0] == Exit.NOT_FOUND


@pytest.mark.parametrize("head", ["0" * 64, "sha256:" + "0" * 63, "sha256:" + "0" * 65, "sha256:" + "G" * 64])
def test_a_head_that_is_no_digest_is_a_usage_error(dome: Command, head: str) -> None:
    with pytest.raises(SystemExit) as left:
        dome("verify", "job-a", "--head", head)
    assert left.value.code == Exit.USAGE


def test_explain_tells_how_a_job_ended_and_where_one_stands(dome: Command) -> None:
    failed, runs = submit(dome, "test.fail", "--set", "exit_code=3"), submit(dome, "test.endless")
    code, out, err = dome("explain", failed)
    assert (code, err) == (Exit.OK, "")
    assert "exit code 3" in out.decode()
    shown = document(dome("explain", failed, "--json")[1])
    assert (shown["job_id"], shown["state"]) == (failed, "JOB_STATE_FAILED")
    assert shown["summary"] in out.decode()
    assert shown["next_steps"]
    assert document(dome("explain", runs, "--json")[1])["summary"].startswith("It runs since ")


def test_explain_of_no_job_is_refused(dome: Command) -> None:
    assert dome("explain", "job-00000000000000000000000000")[0] == Exit.NOT_FOUND


def test_a_statement_has_the_same_bytes_each_time_and_needs_the_end(dome: Command) -> None:
    job_id = submit(dome, "test.echo", "--set", 'argv=["a"]')
    code, out, _ = dome("provenance", job_id, "--format", "in-toto")
    assert code == Exit.OK
    assert document(out)["_type"] == "https://in-toto.io/Statement/v1"
    assert dome("provenance", job_id, "--format", "in-toto", "--json")[1] == out
    assert dome("provenance", submit(dome, "test.endless"), "--format", "in-toto")[0] == Exit.PRECONDITION


def test_locks_are_listed(dome: Command) -> None:
    code, out, err = dome("locks")
    assert (code, out, err) == (Exit.OK, b"No locks.\n", "")
    assert dome("locks", "--json")[1] == b""
