import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import jsonschema_rs
import pytest

from dome_contracts import documents
from dome_contracts.exit_codes import Exit
from tests.e2e.dome_home import Home, a_home, finish


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with a_home() as made:
        yield made


def job_of(err: str) -> str:
    return next(line for line in err.splitlines() if line.startswith("job-"))


def test_output_goes_to_its_own_stream_and_the_exit_code_is_the_jobs(home: Home) -> None:
    done = home.dome("run", "process.run", "--", "sh", "-c", "echo out; echo err >&2; exit 7")
    assert (done.code, done.out) == (7, b"out\n")
    assert "err" in done.err.splitlines()
    assert "exit code 7" in done.err


def test_any_bytes_come_back_identical_live_and_from_the_record(home: Home) -> None:
    data = bytes(range(256)) * 500 + os.urandom(100_000) + b"\r\n\0" + b"x" * 300_000 + b"\xff"
    (home.work / "data").write_bytes(data)
    done = home.dome("run", "process.run", "--", "cat", "data")
    assert (done.code, done.out) == (0, data)
    again = home.dome("events", job_of(done.err), "--raw", "--stream", "stdout")
    assert again.out == data


def test_json_has_one_object_for_each_seq_without_gaps_and_one_terminal_event(home: Home) -> None:
    done = home.dome("run", "process.run", "--json", "--", "sh", "-c", "seq 1000; printf '\\377'")
    events = done.documents()
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert ["finished" in event for event in events] == [False] * (len(events) - 1) + [True]
    lines = [event["output"] for event in events if "output" in event]
    assert [line.get("text") for line in lines] == [f"{n}\n" for n in range(1, 1001)] + [None]
    assert lines[-1]["data"] == "/w=="


def test_a_hundred_thousand_lines_arrive_complete_and_in_order(home: Home) -> None:
    done = home.dome("run", "process.run", "--", "seq", "100000")
    assert done.code == 0
    assert done.out == b"".join(b"%d\n" % n for n in range(1, 100_001))


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (["run", "no.such"], Exit.NOT_FOUND, "SKILL_NOT_FOUND"),
        (["job", "job-00000000000000000000000000"], Exit.NOT_FOUND, "JOB_NOT_FOUND"),
        (["run", "process.run", "--set", "argv=echo"], Exit.INVALID, "INVALID_REQUEST"),
        (
            ["run", "process.run", "--cwd", "/no/such/directory", "--", "true"],
            Exit.INVALID,
            "WORKING_DIRECTORY_INVALID",
        ),
    ],
)
def test_a_refusal_has_an_exit_code_a_reason_and_a_remedy(
    home: Home, words: list[str], code: Exit, reason: str
) -> None:
    done = home.dome(words[0], "--json", *words[1:])
    assert (done.code, done.out) == (code, b"")
    error = json.loads(done.err)["error"]
    assert error["reason"] == reason
    assert error["remedy"]
    assert reason in home.dome(*words).err


def test_an_input_against_its_schema_names_the_place_by_pointer(home: Home) -> None:
    done = home.dome("run", "repo.search", "--json", "--set", "pattern=5")
    assert done.code == Exit.INVALID
    assert json.loads(done.err)["error"]["violations"][0]["field"] == "input/pattern"


def test_a_key_belongs_to_one_request(home: Home) -> None:
    first = home.dome("run", "process.run", "--detach", "--key", "one", "--", "true")
    again = home.dome("run", "process.run", "--detach", "--key", "one", "--", "true")
    other = home.dome("run", "process.run", "--json", "--detach", "--key", "one", "--", "false")
    assert first.out == again.out
    assert other.code == Exit.PRECONDITION
    error = json.loads(other.err)["error"]
    assert error["reason"] == "IDEMPOTENCY_KEY_REUSED"
    assert error["metadata"]["first_job"] == first.out.decode().strip()
    assert error["metadata"]["first_digest"] != error["metadata"]["this_digest"]


def test_ends_other_than_an_exit_have_codes_of_their_own(home: Home) -> None:
    killed = home.dome("run", "process.run", "--", "sh", "-c", "kill -9 $$")
    late = home.dome("run", "process.run", "--timeout", "0.3", "--", "sleep", "60")
    missing = home.dome("run", "process.run", "--", "/no/such/program")
    assert killed.code == 128 + signal.SIGKILL
    assert late.code == Exit.TIMEOUT
    assert (missing.code != 0, "PROCESS.SPAWN_FAILED" in missing.err) == (True, True)


def test_a_cancelled_job_ends_the_command_that_follows_it(home: Home) -> None:
    following = home.start("run", "process.run", "--", "sh", "-c", "echo ready; sleep 60")
    assert following.stdout is not None
    assert following.stdout.readline() == b"ready\n"
    (job,) = home.dome("jobs", "--json", "--state", "running").documents()
    assert home.dome("cancel", job["job_id"], "--reason", "enough").code == 0
    assert finish(following).code == Exit.CANCELED
    waited = home.dome("wait", job["job_id"], "--json")
    assert waited.code == Exit.CANCELED
    assert waited.documents()[0]["state"] == "JOB_STATE_CANCELED"


def test_a_reader_who_leaves_ends_the_command_and_not_the_job(home: Home) -> None:
    following = home.start("run", "process.run", "--", "seq", "200000")
    assert following.stdout is not None
    assert following.stdout.readline() == b"1\n"
    following.stdout.close()
    assert following.stderr is not None
    err = following.stderr.read().decode()
    following.stderr.close()
    assert following.wait(30) == 128 + signal.SIGPIPE
    assert "Traceback" not in err
    assert home.dome("wait", job_of(err)).code == 0


def test_the_manifest_of_a_run_satisfies_its_family(home: Home) -> None:
    job = job_of(home.dome("run", "process.run", "--", "true").err)
    done = home.dome("provenance", job, "--format", "manifest")
    (manifest,) = done.documents()
    registry = jsonschema_rs.Registry(list(documents.registry()))
    validator = jsonschema_rs.Draft202012Validator(
        documents.schema("runtime", "run_manifest"), registry=registry, validate_formats=True
    )
    validator.validate(manifest)
    assert manifest["job_id"] == job
    assert manifest["chain_head"].startswith("sha256:")
    (record,) = home.dome("provenance", job, "--format", "json").documents()
    assert record["input_hash"] == manifest["provenance"]["input_hash"]
    assert manifest["provenance"]["input_hash"] in home.dome("provenance", job).out.decode()


def test_tools_are_found_described_and_run_with_what_they_say(home: Home) -> None:
    listed = home.dome("tools", "--json", "search").documents()
    assert [tool["tool_id"] for tool in listed] == ["repo.search"]
    (described,) = home.dome("tool", "repo.search", "--json").documents()
    assert described["input_schema_document"]["type"] == "object"
    (home.work / "found.txt").write_text("a needle\n")
    found = home.dome("run", "repo.search", "--set", "pattern=needle")
    assert found.code == 0
    assert b"found.txt" in found.out


def test_a_bad_manifest_is_reported_and_the_other_tools_work(home: Home) -> None:
    bad = home.work / ".dome" / "tools" / "bad"
    bad.mkdir(parents=True)
    (bad / "tool.yaml").write_text("tool_id: bad.tool\nunknown_field: 1\n")
    listed = home.dome("tools")
    assert "process.run" in listed.out.decode()
    assert str(bad) in listed.err
    problems = [each["problem"] for each in home.dome("tools", "--json").documents() if "problem" in each]
    assert [Path(problem["path"]).is_relative_to(bad) for problem in problems] == [True]
    checks = home.dome("doctor", "--json").documents()
    assert [check["verdict"] for check in checks if str(bad) in check["what"]] == ["warning"]
    assert home.dome("run", "process.run", "--", "true").code == 0
