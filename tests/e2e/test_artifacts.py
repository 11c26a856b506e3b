"""Artifacts from a tool to a file of the user, with the real daemon and the real command."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.canonical import digest_bytes
from dome_contracts.exit_codes import Exit
from tests.e2e.dome_home import Home, a_home

SCHEMA = {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"}
EFFECTS = {"filesystem": "none", "network": "none", "starts_processes": True}
BY_PYTHON = """\
import os
from dome_contracts import tool

with tool.session() as dome:
    path = os.path.join(os.environ["DOME_SCRATCH"], "report.bin")
    with open(path, "wb") as file:
        file.write(bytes(range(256)) * 10_000)
    dome.artifact("report.bin", path, media_type="application/x-report")
    dome.result({"made": 1})
"""
BY_SHELL = """\
. "$DOME_TOOL_SH"
cd "$DOME_SCRATCH"
printf 'line one\\n' > notes.txt
dome_progress "wrote notes" 1 1 files
dome_artifact notes.txt notes.txt text/plain
dome_result '{"made": 1}'
"""
CURIOUS = """\
. "$DOME_TOOL_SH"
dome_artifact notes.txt private.txt
"""
SLOW = """\
. "$DOME_TOOL_SH"
printf 'half' > "$DOME_SCRATCH/half"
dome_artifact half "$DOME_SCRATCH/half"
echo declared
exec sleep 600
"""


def write_tool(home: Home, name: str, command: list[str], program: str, **manifest: Any) -> None:
    folder = home.config / "tools" / name
    folder.mkdir(parents=True)
    values = {
        "manifest_version": "1",
        "tool_id": f"team.{name}",
        "version": "1.0.0",
        "title": name,
        "short_description": "A tool of the tests.",
        "executor": {"backend": "local-process", "command": command},
        "input_schema": "schema.json",
        "output_schema": "schema.json",
        "hints": {"read_only": True, "destructive": False, "idempotent": True, "open_world": False},
        "effects": EFFECTS,
    }
    (folder / "tool.yaml").write_text(json.dumps(values | manifest))
    (folder / "schema.json").write_text(json.dumps(SCHEMA))
    (folder / "program").write_text(program)


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with a_home() as made:
        write_tool(made, "python", ["{python}", "{tool}/program"], BY_PYTHON)
        write_tool(made, "shell", ["/bin/sh", "-eu", "{tool}/program"], BY_SHELL)
        write_tool(made, "curious", ["/bin/sh", "-eu", "{tool}/program"], CURIOUS)
        write_tool(made, "slow", ["/bin/sh", "-eu", "{tool}/program"], SLOW)
        write_tool(
            made,
            "limited",
            ["{python}", "{tool}/program"],
            BY_PYTHON,
            limits={"artifact_bytes_max": 1000, "artifacts_bytes_max": 2000},
        )
        digests = [tool["tool_digest"] for tool in made.dome("tools", "--json", "team").documents()]
        assert len(digests) == 5
        made.configure(f"[trust]\ndigests = {json.dumps(digests)}\n")
        made.dome("service", "stop")
        yield made


def job_of(err: str) -> str:
    return next(line for line in err.splitlines() if line.startswith("job-"))


def kept(home: Home) -> dict[str, bytes]:
    root = home.state / "artifacts"
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_file_of_a_python_tool_comes_back_identical(home: Home, tmp_path: Path) -> None:
    data = bytes(range(256)) * 10_000
    done = home.dome("run", "team.python")
    assert done.code == 0, done.err
    job = job_of(done.err)
    (status,) = home.dome("job", job, "--json").documents()
    assert status["artifacts"] == [
        {
            "name": "report.bin",
            "digest": digest_bytes(data),
            "size_bytes": len(data),
            "media_type": "application/x-report",
        }
    ]
    assert digest_bytes(data) in home.dome("job", job).out.decode()
    assert home.dome("artifact", job, "report.bin").out == data
    written = home.dome("artifact", job, "report.bin", "--output", str(tmp_path))
    assert written.code == 0, written.err
    assert (tmp_path / "report.bin").read_bytes() == data
    again = home.dome("artifact", job, "report.bin", "--output", str(tmp_path))
    assert again.code == Exit.PRECONDITION
    assert home.dome("artifact", job, "other").code == Exit.NOT_FOUND


def test_the_event_stands_before_the_end(home: Home) -> None:
    done = home.dome("run", "team.shell", "--json")
    assert done.code == 0, done.err
    events = done.documents()
    assert [set(event) & {"artifact_produced", "finished"} for event in events[-2:]] == [
        {"artifact_produced"},
        {"finished"},
    ]
    assert events[-2]["artifact_produced"]["artifact"]["name"] == "notes.txt"


def test_a_tool_in_shell_hands_over_a_file_and_a_result(home: Home) -> None:
    done = home.dome("run", "team.shell")
    assert done.code == 0, done.err
    assert home.dome("artifact", job_of(done.err), "notes.txt").out == b"line one\n"
    assert home.dome("verify", job_of(done.err)).code == 0


def test_a_tool_that_declares_to_read_nothing_gets_no_file_of_the_user(home: Home) -> None:
    (home.work / "private.txt").write_text("private")
    done = home.dome("run", "team.curious")
    assert done.code == Exit.OUTPUT_INVALID
    assert "OUTPUT.ARTIFACT_INVALID" in done.err
    assert b"private" not in kept(home).values()


def test_a_file_over_its_limit_fails_the_job(home: Home) -> None:
    done = home.dome("run", "team.limited")
    assert done.code == Exit.LIMIT
    assert "LIMIT.ARTIFACT_BYTES" in done.err
    assert "artifact_bytes_max" in done.err


def test_damaged_bytes_are_told(home: Home, tmp_path: Path) -> None:
    job = job_of(home.dome("run", "team.shell").err)
    digits = digest_bytes(b"line one\n").removeprefix("sha256:")
    path = home.state / "artifacts" / digits[:2] / digits
    path.write_bytes(b"line two\n")
    done = home.dome("artifact", job, "notes.txt", "--output", str(tmp_path / "notes"))
    assert done.code == Exit.INTERNAL
    assert "ARTIFACT_CORRUPT" in done.err
    assert os.listdir(tmp_path) == []
    assert home.dome("verify", job).code != 0
    assert home.dome("run", "team.shell").code == 0
    assert home.dome("artifact", job, "notes.txt").out == b"line one\n"


def test_after_a_kill_what_events_name_is_there_and_nothing_else(home: Home) -> None:
    job = job_of(home.dome("run", "team.shell").err)
    following = home.start("run", "team.slow")
    assert following.stdout is not None
    assert following.stdout.readline() == b"declared\n"
    (daemon,) = home.daemons()
    os.kill(daemon, signal.SIGKILL)
    following.kill()
    following.communicate()
    # As a daemon leaves them that is ended between the copy and the event.
    incoming = home.state / "artifacts" / "incoming"
    digits = digest_bytes(b"orphan").removeprefix("sha256:")
    place = home.state / "artifacts" / digits[:2] / digits
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(b"orphan")
    os.link(place, incoming / f"{digits}.job-x.1")
    (incoming / "job-y.1.part").write_bytes(b"half a co")
    assert home.dome("artifact", job, "notes.txt").out == b"line one\n"
    named = {
        artifact["digest"].removeprefix("sha256:")
        for each in home.dome("jobs", "--json", "--limit", "1000").documents()
        for artifact in each.get("artifacts", [])
    }
    assert {Path(name).name for name in kept(home)} == named
