"""Each command against a served fake: text for people, JSON with the same facts."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.exit_codes import Exit

Command = Callable[..., tuple[int, bytes, str]]


def submit(dome: Command, *words: str) -> str:
    code, out, _ = dome("run", *words, "--detach")
    assert code == 0
    return out.decode().strip()


def documents(out: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_tools_lists_what_fits_the_words(dome: Command) -> None:
    code, out, _ = dome("tools", "ENDLESS")
    header, *lines = out.decode().splitlines()
    assert (code, header.split()[0], [line.split()[0] for line in lines]) == (0, "TOOL", ["test.endless"])
    assert dome("tools", "no such words")[1] == b"No tools.\n"


def test_tool_shows_schema_and_digest_in_both_forms(dome: Command) -> None:
    (described,) = documents(dome("tool", "test.echo", "--json")[1])
    assert described["input_schema_document"]["properties"] == {"argv": {"type": "array"}}
    text = dome("tool", "test.echo")[1].decode()
    assert described["summary"]["tool_digest"] in text
    assert '"argv"' in text


def test_run_detached_gives_the_job_and_in_json_all_of_it(dome: Command) -> None:
    code, out, err = dome("run", "test.endless", "--detach")
    assert (code, err) == (0, "")
    assert out.startswith(b"job-")
    (job,) = documents(dome("run", "test.endless", "--detach", "--json", "--label", "a=b")[1])
    assert (job["state"], job["labels"]) == ("JOB_STATE_QUEUED", {"a": "b"})


def test_job_shows_outcome_and_result(dome: Command) -> None:
    job_id = submit(dome, "test.fail", "--set", "exit_code=3")
    text = dome("job", job_id)[1].decode()
    (job,) = documents(dome("job", job_id, "--json")[1])
    assert job["outcome"]["exit_code"] == 3
    assert ["exit", "code", "3"] in [line.split() for line in text.splitlines()]


def test_jobs_are_found_by_state_and_tool(dome: Command) -> None:
    held, ended = submit(dome, "test.endless"), submit(dome, "test.print", "--set", "lines=1")
    running = documents(dome("jobs", "--json", "--state", "running")[1])
    printing = documents(dome("jobs", "--json", "--tool", "test.print")[1])
    assert [job["job_id"] for job in (*running, *printing)] == [held, ended]
    assert dome("jobs", "--state", "canceled")[1] == b"No jobs.\n"


def test_refused_requests_are_shown_where_they_are_asked_for(dome: Command) -> None:
    submit(dome, "test.endless")
    assert b"REFUSED" not in dome("jobs")[1]
    assert b"a.tool: TOOL_UNTRUSTED" in dome("jobs", "--refused")[1]
    assert [("refusal_id" in each) for each in documents(dome("jobs", "--refused", "--json")[1])] == [False, True]


@pytest.mark.parametrize(
    "words",
    [
        ["--since-revision", "3"],
        ["--watch", "--since-revision", "-1"],
        ["--watch", "--since-revision", str(2**64)],
        ["--watch", "--refused"],
    ],
)
def test_options_of_a_watch_that_contradict_are_a_mistake_of_usage(dome: Command, words: list[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        dome("jobs", *words)
    assert raised.value.code == Exit.USAGE


def test_a_watch_from_nowhere_is_refused(dome: Command) -> None:
    code, out, err = dome("jobs", "--watch", "--since-revision", "99")
    assert (code, out) == (Exit.NOT_FOUND, b"")
    assert "EVENTS_GONE" in err


def test_events_are_lines_objects_or_bytes(dome: Command) -> None:
    job_id = submit(dome, "test.print", "--set", "lines=2")
    lines = dome("events", job_id)[1].decode().splitlines()
    assert [line.split()[0] for line in lines] == ["1", "2", "3", "4", "5"]
    assert [line.split()[2] for line in lines] == ["submitted", "started", "stdout", "stdout", "finished"]
    assert [each["seq"] for each in documents(dome("events", job_id, "--json", "--since-seq", "3")[1])] == [4, 5]
    assert dome("events", job_id, "--raw")[1] == b"line 1\nline 2\n"
    assert dome("events", job_id, "--raw", "--stream", "stderr")[1] == b""


@pytest.mark.parametrize(
    "words",
    [
        ["--stream", "stdout"],
        ["--since-seq", "-1"],
        ["--since-seq", str(2**64)],
        ["--stream", "x", "--raw"],
        ["--raw", "--json"],
    ],
)
def test_events_options_that_mean_nothing_are_usage_errors(dome: Command, words: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        dome("events", "job-a", *words)
    assert left.value.code == Exit.USAGE


def test_events_without_follow_leave_a_running_job_alone(dome: Command) -> None:
    job_id = submit(dome, "test.endless")
    code, out, _ = dome("events", job_id, "--raw")
    assert (code, out) == (0, b"ready\n")


def test_cancel_then_wait_ends_with_the_code_for_cancelled(dome: Command) -> None:
    job_id = submit(dome, "test.endless")
    (asked,) = documents(dome("cancel", job_id, "--json", "--reason", "enough")[1])
    assert asked["cancel_requested"] is True
    code, out, _ = dome("wait", job_id, "--json")
    assert (code, documents(out)[0]["state"]) == (Exit.CANCELED, "JOB_STATE_CANCELED")
    assert "enough" in dome("events", job_id)[1].decode()


def test_provenance_has_the_same_digest_in_every_form(dome: Command) -> None:
    job_id = submit(dome, "test.print", "--set", "lines=1")
    (record,) = documents(dome("provenance", job_id, "--json")[1])
    (manifest,) = documents(dome("provenance", job_id, "--format", "manifest")[1])
    assert record["input_hash"] == manifest["provenance"]["input_hash"]
    assert manifest["chain_head"].startswith("sha256:")
    assert record["input_hash"] in dome("provenance", job_id)[1].decode()


def test_a_manifest_of_a_job_that_runs_is_refused(dome: Command) -> None:
    job_id = submit(dome, "test.endless")
    code, _, err = dome("provenance", job_id, "--format", "manifest")
    assert (code, "has not ended" in err, f"dome wait {job_id}" in err) == (Exit.PRECONDITION, True, True)


def test_service_status_names_endpoint_and_version(dome: Command, served: str) -> None:
    (status,) = documents(dome("service", "status", "--json")[1])
    assert (status["endpoint"], status["running"]) == (f"unix:{served}", True)
    assert "(from DOMED_ENDPOINT)" in dome("service", "status")[1].decode()


def test_service_touches_no_daemon_that_somebody_named(dome: Command) -> None:
    assert dome("service", "restart")[0] == Exit.UNAVAILABLE
    code, _, err = dome("service", "stop")
    assert code == Exit.PRECONDITION, "this test is no daemon, and is not stopped"
    assert "cannot be told to be a daemon" in err


def test_service_install_shows_its_files_and_writes_none(dome: Command, tmp_path: Path) -> None:
    code, out, _ = dome("service", "install", "--dry-run", HOME=str(tmp_path))
    assert code == Exit.OK
    assert out.startswith(f"# {tmp_path}/.config/systemd/user/domed.socket\n".encode())
    shown = documents(dome("service", "install", "--dry-run", "--json", HOME=str(tmp_path))[1])
    assert [Path(each["path"]).name for each in shown] == ["domed.socket", "domed.service"]
    assert all(each["text"].encode() in out for each in shown)
    assert list(tmp_path.iterdir()) == []
    assert dome("service", "uninstall", "--dry-run")[0] == Exit.USAGE


def test_service_install_is_for_the_socket_of_the_user(dome: Command, tmp_path: Path) -> None:
    for action in ("install", "uninstall"):
        code, _, err = dome("service", action, HOME=str(tmp_path))
        assert (code, "DOMED_ENDPOINT names" in err) == (Exit.PRECONDITION, True)


def test_doctor_finds_the_daemon_and_its_catalog(dome: Command) -> None:
    code, out, _ = dome("doctor", "--json", HOME="/")
    checks = {check["check"]: check for check in documents(out)}
    assert checks["daemon"]["verdict"] == "ok"
    assert checks["catalog"]["what"] == "7 tools and documents"
    assert code in (Exit.OK, Exit.FAILED)
    assert "domed" in dome("doctor", HOME="/")[1].decode()
