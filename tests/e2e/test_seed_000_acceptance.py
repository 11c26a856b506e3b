"""What the plan of the runtime calls accepted, criterion by criterion, each as one test by its name.

Other modules look into each of these more closely: `test_dome_service` and `test_daemon_life` into the service,
`test_dome_shells` and `test_dome_watch` into streams, `test_dome_record` into provenance.
"""

import asyncio
import json
import os
import platform
import signal
import subprocess
from collections.abc import Iterator

import pytest

from dome_client import Client, connect
from dome_contracts.canonical import digest
from dome_contracts.runtime.v1 import Job, JobEvent, JobState, OutputStream, RepositoryState, ToolKind, ToolOrigin
from domed.catalog import BUILT_IN_ROOT
from tests.e2e.dome_home import Home, a_home
from tests.e2e.user_manager import UserManager, a_user_manager

WAIT_S = 30.0


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with a_home() as made:
        for command in (
            ["git", "init", "-q", "-b", "main"],
            [
                "git",
                "-c",
                "user.name=t",
                "-c",
                "user.email=t@example.org",
                "commit",
                "-q",
                "--allow-empty",
                "-m",
                "one",
            ],
        ):
            subprocess.run(command, cwd=made.work, check=True, timeout=WAIT_S)
        (made.work / "file.txt").write_text("needle\nhay\nneedle again\n")
        yield made


@pytest.fixture
def manager(home: Home) -> Iterator[UserManager]:
    with a_user_manager(home) as running:
        yield running


def client(home: Home) -> Client:
    return connect(environ=home.environ())


async def run(dome: Client, home: Home, tool_id: str, tool_input: dict[str, object]) -> tuple[Job, list[JobEvent]]:
    """A tool, run in the repository to its end."""
    async with asyncio.timeout(WAIT_S):
        job = await dome.execute(tool_id, tool_input, working_directory=str(home.work))
        events = [event async for event in dome.events(job.job_id)]
        return await dome.status(job.job_id), events


@pytest.mark.slow
def test_systemctl_user_start_domed_starts_the_service(home: Home, manager: UserManager) -> None:
    """About three seconds, with a real `systemd --user`."""
    assert manager.dome("service", "stop").code == 0
    installed = manager.dome("service", "install")
    assert installed.code == 0, installed.err
    manager.systemctl("start", "domed.service")
    assert manager.value("domed.service", "ActiveState") == "active"
    assert manager.dome("tools").code == 0
    manager.systemctl("restart", "domed.service")
    assert manager.dome("tools").code == 0
    assert manager.dome("service", "uninstall").code == 0


async def test_a_client_connects_without_an_endpoint(home: Home) -> None:
    environ = home.environ()
    assert "DOMED_ENDPOINT" not in environ
    async with connect(environ=environ) as dome:
        store_id = (await dome.capabilities()).store_id
    assert home.socket.exists()
    assert home.dome("jobs").code == 0
    # One that is named goes before, and is no other by chance.
    named = environ | {"DOMED_ENDPOINT": f"unix:{home.socket}"}
    async with connect(environ=named) as dome:
        assert (await dome.capabilities()).store_id == store_id


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
async def test_a_restart_is_safe_and_what_was_stored_persists(home: Home, number: signal.Signals) -> None:
    async with client(home) as dome:
        store_id = (await dome.capabilities()).store_id
        job, events = await run(dome, home, "process.run", {"argv": ["echo", "kept"]})
        (pid,) = home.daemons()
        os.kill(pid, number)
        async with asyncio.timeout(WAIT_S):
            while pid in home.daemons():
                await asyncio.to_thread(os.sched_yield)
        # The next call starts the next daemon.
        assert (await dome.status(job.job_id)) == job
        assert [event async for event in dome.events(job.job_id)] == events
        assert (await dome.capabilities()).store_id == store_id
    assert home.daemons() != [pid]


async def test_tools_are_listed_with_schema_references_from_the_single_source(home: Home) -> None:
    async with client(home) as dome:
        listed = [each for each in (await dome.tools(kind=ToolKind.TOOL)).tools if each.origin is ToolOrigin.BUILT_IN]
        sources = {path.parent for path in BUILT_IN_ROOT.glob("*/tool.yaml")}
        assert len(listed) == len(sources) >= 4
        for summary in listed:
            tool = await dome.tool(summary.tool_id)
            assert (summary.version != "", summary.short_description != "", summary.executor_backend) == (
                True,
                True,
                "local-process",
            )
            source = BUILT_IN_ROOT / summary.tool_id.replace(".", "_")
            assert source in sources
            for name, reference, schema in (
                ("input.json", summary.input_schema, tool.input_schema_document),
                ("output.json", summary.output_schema, tool.output_schema_document),
            ):
                assert reference is not None
                assert schema == (source / name).read_bytes()
                assert json.loads(schema)["type"] == "object"
                assert reference.digest == digest(json.loads(schema))
    shown = home.dome("tools", "--json").documents()
    assert {each["tool_id"] for each in shown} >= {each.tool_id for each in listed}


async def test_a_real_tool_runs_end_to_end_with_start_lines_progress_and_completion(home: Home) -> None:
    async with client(home) as dome:
        job, events = await run(dome, home, "repo.search", {"pattern": "needle"})
        assert job.state is JobState.SUCCEEDED, job.outcome
        assert job.outcome is not None
        assert len(json.loads(job.outcome.result)["matches"]) == 2
        assert [events[0].submitted is None, events[1].started is None, events[-1].finished is None] == [False] * 3
        said = b"".join(event.output.data for event in events if event.output is not None)
        assert said == b"file.txt:1:needle\nfile.txt:3:needle again\n"
        progress = [event.progress for event in events if event.progress is not None]
        assert progress
        assert progress[-1].message != ""

        argv = ["sh", "-c", "echo out; echo err >&2; exit 3"]
        job, events = await run(dome, home, "process.run", {"argv": argv})
        lines = {event.output.stream: event.output.data for event in events if event.output is not None}
        assert lines == {OutputStream.STDOUT: b"out\n", OutputStream.STDERR: b"err\n"}
        assert (job.state, job.outcome and job.outcome.exit_code) == (JobState.FAILED, 3)


async def test_a_stream_is_like_tail_f_until_the_job_has_ended(home: Home) -> None:
    os.mkfifo(home.work / "told")
    writing = os.open(home.work / "told", os.O_RDWR)
    argv = ["sh", "-c", "while read -r line; do echo $line; [ $line = end ] && exit 0; done < told"]
    async with client(home) as dome, asyncio.timeout(WAIT_S):
        job = await dome.execute("process.run", {"argv": argv}, working_directory=str(home.work))
        told = iter(["one", "two", "end", None])
        heard: list[JobEvent] = []
        async for event in dome.events(job.job_id, follow=True):
            heard.append(event)
            # Each line is seen before the next one is written.
            if (event.started is not None or event.output is not None) and (line := next(told)) is not None:
                os.write(writing, f"{line}\n".encode())
        assert [event.output.data for event in heard if event.output is not None] == [b"one\n", b"two\n", b"end\n"]
        assert heard[-1].finished is not None, "the stream ends with the job"
    os.close(writing)
    (home.work / "told").unlink()


async def test_since_seq_resumes_a_stream_anywhere(home: Home) -> None:
    async with client(home) as dome:
        job, events = await run(dome, home, "process.run", {"argv": ["seq", "1", "50"]})
        lines = {event.seq: event for event in events if event.output is None}
        position = 2
        assert events[2].output is not None
        assert events[2].output.data.startswith(b"1\n")
        for since_seq in range(job.last_seq):
            rest = [event async for event in dome.events(job.job_id, since_seq=since_seq)]
            assert rest[0].seq == since_seq + 1
            assert rest[-1] == events[-1]
            data = b"".join(event.output.data for event in rest if event.output is not None)
            begin = max(since_seq - position, 0) + 1
            assert data == b"".join(b"%d\n" % number for number in range(begin, 51))
            assert [event for event in rest if event.output is None] == [
                event for seq, event in lines.items() if seq > since_seq
            ]
        assert [event async for event in dome.events(job.job_id, since_seq=job.last_seq)] == []


async def test_the_status_has_the_commit_the_versions_of_tools_and_of_the_environment(home: Home) -> None:
    commit = (home.work / ".git" / "refs" / "heads" / "main").read_text().strip()
    async with client(home) as dome:
        version = (await dome.capabilities()).server_version
        job, _ = await run(dome, home, "repo.search", {"pattern": "needle"})
        found = job.provenance
        assert found is not None
        assert (found.commit_sha, found.branch) == (commit, "main")
        assert (found.repository_state, found.dirty_flag) == (RepositoryState.CAPTURED, True)
        assert found.tool_versions["domed"] == version
        assert found.tool_versions["repo.search"] == "1.0.0"
        assert found.tool_versions["python"] == platform.python_version()
        assert found.tool_versions["executor"].startswith("local-process/")
        assert found.env_fingerprint.startswith("sha256:")
        assert found.platform != ""
