"""What decision 0001 asks of the runtime while it runs: through the daemon, the SDK and the command.

A record for every run, however it ends; what was discovered is checked before anything is dispatched; keys and locks
hold however often and from wherever something is asked for again.
"""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any, Final

import jsonschema_rs
import pytest

from dome_client.client import Client
from dome_client.connection import connect
from dome_client.errors import DomeError
from dome_contracts import documents
from dome_contracts.canonical import canonical_bytes, digest_bytes
from dome_contracts.runtime.v1 import JobState, LockWait, OutcomeCause, RepositoryState, SkillExecuteRequest
from packages.domed.tests.runtime_suite import write_tool
from tests.e2e.cutting import Cutting
from tests.e2e.dome_home import Home, a_home, finish
from tests.e2e.endings import Endings, Ran, wrote

CLIENTS: Final = 12
LIMIT_S: Final = 60.0
FROZEN: Final = (
    "repo", "commit_sha", "dirty_flag", "contract_hashes", "tool_versions", "input_hash", "env_fingerprint",
)  # fmt: skip
# Says that it is alone in a file that is there only while it runs; another that finds it says that it was not.
ALONE: Final = """
if mkdir "$HOME/alone" 2>/dev/null; then echo in >> "$HOME/witness"; else echo broken >> "$HOME/witness"; fi
i=0; while [ $i -lt 200 ]; do i=$((i+1)); done
rmdir "$HOME/alone"; echo out >> "$HOME/witness"
"""
MAKE: Final = """
printf hello > "$DOME_SCRATCH/made"
. "$DOME_TOOL_SH"
dome_artifact greeting.txt "$DOME_SCRATCH/made" text/plain
dome_result '{"made": 1}'
"""


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with a_home() as made:
        os.mkfifo(made.root / "gate")
        tools = made.config / "tools"
        write_tool(tools, "user.holder", f"echo up; read -r line <{made.root / 'gate'}", locks=["the-lock"])
        write_tool(tools, "user.waiter", "echo ran", locks=["the-lock"])
        write_tool(tools, "user.denied", "echo ran", locks=["the-lock"])
        write_tool(tools, "user.alone", ALONE, locks=["alone"])
        write_tool(tools, "user.make", MAKE)
        write_tool(tools, "user.elsewhere", "echo ran")
        listed = made.dome("tools", "--json", "user.").documents()
        digests = [tool["tool_digest"] for tool in listed if tool.get("tool_id") != "user.denied"]
        made.configure(f"[trust]\ndigests = {json.dumps([each for each in digests if each])}\n")
        assert made.dome("service", "stop").code == 0
        yield made


@pytest.fixture(scope="module")
def endings(home: Home) -> dict[str, Ran]:
    """A job for each way to end. For the last of them the daemon is killed, and another one takes over."""

    async def make() -> dict[str, Ran]:
        async with asyncio.timeout(LIMIT_S), connect(environ=home.environ()) as client:
            ended = await Endings(home, client).all()
            payload = {"argv": ["sh", "-c", "echo up; exec sleep 60"]}
            lost = await client.execute("process.run", payload, working_directory=str(home.work))
            await wrote(client, lost)
            for pid in home.daemons():
                os.kill(pid, signal.SIGKILL)
        async with asyncio.timeout(LIMIT_S), connect(environ=home.environ()) as client:
            ended["LOST"] = Ran(await client.wait(lost.job_id), payload)
        return ended

    return asyncio.run(make())


WAYS: Final[Mapping[str, tuple[JobState, OutcomeCause, bool]]] = {
    "SUCCEEDED": (JobState.SUCCEEDED, OutcomeCause.EXITED, True),
    "FAILED": (JobState.FAILED, OutcomeCause.EXITED, True),
    "WITH_AN_ARTIFACT": (JobState.SUCCEEDED, OutcomeCause.EXITED, True),
    "CANCELED_QUEUED": (JobState.CANCELED, OutcomeCause.CANCELED, False),
    "CANCELED_RUNNING": (JobState.CANCELED, OutcomeCause.CANCELED, True),
    "TIMEOUT": (JobState.FAILED, OutcomeCause.TIMEOUT, True),
    "TIMEOUT_QUEUED": (JobState.FAILED, OutcomeCause.TIMEOUT, False),
    "SPAWN_FAILED": (JobState.FAILED, OutcomeCause.SPAWN_FAILED, True),
    "LOST": (JobState.FAILED, OutcomeCause.LOST, True),
    "DENIED": (JobState.FAILED, OutcomeCause.DENIED, False),
}
"""State and cause by name, and whether a program was started."""


@pytest.mark.parametrize("way", WAYS)
def test_every_run_has_a_record_that_keeps_the_contract_and_holds(
    home: Home, endings: dict[str, Ran], way: str
) -> None:
    ran = endings[way]
    state, cause, started = WAYS[way]
    assert ran.job.outcome is not None
    assert (ran.job.state, ran.job.outcome.cause) == (state, cause)
    assert (ran.job.start_time is not None) is started
    (manifest,) = home.dome("provenance", ran.job.job_id, "--format", "manifest").documents()
    assert list(contract().iter_errors(manifest)) == []
    assert (manifest["state"], manifest["job_id"]) == (state.name, ran.job.job_id)
    record = manifest["provenance"]
    assert set(FROZEN) <= record.keys()
    assert record["input_hash"] == digest_bytes(canonical_bytes(ran.payload))
    assert record["tool_versions"].keys() >= {"domed", "python", ran.job.skill_id}
    assert record["contract_hashes"]
    (verified,) = home.dome("verify", ran.job.job_id, "--json", "--head", manifest["chain_head"]).documents()
    assert (verified["verified"], verified["findings"]) == (True, [])
    assert {each["check"] for each in verified["checks"]} >= {"chain", "head", "snapshot", "artifacts"}


@pytest.mark.parametrize("way", [name for name, (_, _, started) in WAYS.items() if not started])
def test_the_record_of_a_job_that_never_started_says_so(endings: dict[str, Ran], way: str) -> None:
    record = endings[way].job.provenance
    assert record is not None
    assert record.repository_state is RepositoryState.UNKNOWN
    assert record.repository_state_reason == "The job ended before its program was started."
    assert (record.stdout_digest, record.result_digest) == ("", "")
    assert record.requester is not None
    assert record.requester.uid == os.getuid()


def test_the_record_names_the_artifacts_and_the_bytes_are_held_against_it(home: Home, endings: dict[str, Ran]) -> None:
    job = endings["WITH_AN_ARTIFACT"].job
    (manifest,) = home.dome("provenance", job.job_id, "--format", "manifest").documents()
    digest = digest_bytes(b"hello")
    greeting = {"name": "greeting.txt", "digest": digest, "size_bytes": 5, "media_type": "text/plain"}
    assert manifest["provenance"]["artifacts"] == [greeting]
    (statement,) = home.dome("provenance", job.job_id, "--format", "in-toto").documents()
    subject = {"name": "artifact/greeting.txt", "digest": {"sha256": digest.removeprefix("sha256:")}}
    assert subject | {"mediaType": "text/plain"} in statement["subject"]
    digits = digest.removeprefix("sha256:")
    file = home.state / "artifacts" / digits[:2] / digits
    file.write_bytes(b"hullo")
    done = home.dome("verify", job.job_id, "--json")
    (found,) = done.documents()
    assert [each["check"] for each in found["findings"]] == ["artifacts"]
    assert "does not have that digest" in found["findings"][0]["message"]
    file.write_bytes(b"hello")


@asynccontextmanager
async def connected(home: Home, **options: Any) -> AsyncIterator[Client]:
    async with asyncio.timeout(LIMIT_S), connect(environ=home.environ(), **options) as client:
        yield client


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        ({"skill_id": "user.no_such_tool"}, "SKILL_NOT_FOUND"),
        ({"skill_id": "user.elsewhere", "tool_version": "9.9.9"}, "MANIFEST_CHANGED"),
        ({"skill_id": "user.elsewhere", "tool_digest": "sha256:" + "0" * 64}, "MANIFEST_CHANGED"),
        ({"skill_id": "user.elsewhere", "required_features": ["job.retry", "no.such.feature"]}, "CAPABILITY_MISSING"),
    ],
)
async def test_a_pin_to_what_was_never_discovered_is_refused_before_anything_is_dispatched(
    home: Home, request_: dict[str, Any], reason: str
) -> None:
    async with connected(home) as client:
        before = (await client.listing(limit=1)).revision
        with pytest.raises(DomeError) as refused:
            await client.execute_request(SkillExecuteRequest(**request_))
        assert refused.value.reason == reason
        assert refused.value.remedy
        assert (await client.listing(limit=1)).revision == before


async def test_a_manifest_that_changed_since_it_was_pinned_is_refused(home: Home) -> None:
    folder = home.config / "tools" / "user.elsewhere"
    async with connected(home) as client:
        described = await client.tool("user.elsewhere")
        assert described.summary is not None
        pinned = described.summary.tool_digest
        first = await client.wait((await client.execute("user.elsewhere", tool_digest=pinned)).job_id)
        script = (folder / "run.sh").read_text()
        (folder / "run.sh").write_text("echo swapped")
        now = (await client.tool("user.elsewhere")).summary
        assert now is not None
        await client.trust("user.elsewhere", now.tool_digest)
        with pytest.raises(DomeError) as refused:
            await client.execute("user.elsewhere", tool_digest=pinned)
        assert (refused.value.reason, refused.value.metadata["current"]) == ("MANIFEST_CHANGED", now.tool_digest)
        with pytest.raises(DomeError) as refused:
            await client.retry(first.job_id, tool_digest=first.tool_digest)
        assert refused.value.reason == "MANIFEST_CHANGED"
        (folder / "run.sh").write_text(script)


def test_one_key_from_many_clients_is_one_job_and_one_execution(home: Home) -> None:
    words = ["run", "process.run", "--key", "adr-once", "--", "sh", "-c", "echo ran >> once; echo done"]
    started = [home.start(*words) for _ in range(CLIENTS)]
    assert [(done.code, done.out) for done in map(finish, started)] == [(0, b"done\n")] * len(started)
    assert (home.work / "once").read_text() == "ran\n"


async def test_a_lock_is_held_by_one_however_many_ask_for_it(home: Home) -> None:
    async with connected(home) as client:
        jobs = await asyncio.gather(
            *(client.execute("user.alone", idempotency_key=f"alone-{n}") for n in range(CLIENTS))
        )
        again = await asyncio.gather(
            *(client.execute("user.alone", idempotency_key=f"alone-{n}") for n in range(CLIENTS))
        )
        assert [job.job_id for job in again] == [job.job_id for job in jobs]
        ended = await asyncio.gather(*(client.wait(job.job_id) for job in jobs))
        assert {job.state for job in ended} == {JobState.SUCCEEDED}
    assert (home.root / "witness").read_text().split() == ["in", "out"] * CLIENTS


async def test_who_does_not_wait_for_a_lock_is_refused_and_its_key_is_good_for_later(home: Home) -> None:
    async with connected(home) as client:
        holder = await client.execute("user.holder")
        await wrote(client, holder)

        async def attempt(number: int) -> str:
            try:
                await client.execute("user.waiter", idempotency_key=f"later-{number}", lock_wait=LockWait.REFUSE)
            except DomeError as error:
                return f"{error.reason} {error.metadata['holder_job']}"
            return "accepted"

        assert set(await asyncio.gather(*map(attempt, range(CLIENTS)))) == {f"LOCK_CONFLICT {holder.job_id}"}
        (home.root / "gate").write_text("go\n")
        await client.wait(holder.job_id)
        job = await client.execute("user.waiter", idempotency_key="later-0", lock_wait=LockWait.REFUSE)
        assert (await client.wait(job.job_id)).state is JobState.SUCCEEDED
        again = await client.execute("user.waiter", idempotency_key="later-0", lock_wait=LockWait.REFUSE)
        assert again.job_id == job.job_id


async def test_an_answer_that_is_lost_with_its_connection_is_asked_for_again_and_nothing_runs_twice(home: Home) -> None:
    cutting = Cutting(home.root / "cut.sock", home.socket, cuts=2)
    environ = home.environ()

    async def cut_when_accepted(direct: Client, since_revision: int) -> None:
        async with aclosing(direct.watch(since_revision=since_revision, labels={"case": "cut"})) as changes:
            await anext(changes)
        cutting.may_cut.set()

    async with connected(home) as direct, cutting.serving():
        before = (await direct.listing(limit=1)).revision
        watching = asyncio.create_task(cut_when_accepted(direct, before))
        async with connect(f"unix:{cutting.path}", environ=environ) as client:
            argv = ["sh", "-c", "echo ran >> lost-answer"]
            job = await client.execute(
                "process.run", {"argv": argv}, working_directory=str(home.work), labels={"case": "cut"}
            )
            assert (await client.wait(job.job_id)).state is JobState.SUCCEEDED
        await watching
        assert [each.job_id for each in await direct.jobs(labels={"case": "cut"})] == [job.job_id]
    assert cutting.connections > 2
    assert (home.work / "lost-answer").read_text() == "ran\n"


async def test_a_daemon_that_dies_with_the_answer_is_asked_again_by_the_same_call(home: Home) -> None:
    """The client has the next daemon started, and that one knows the key."""
    async with connected(home) as client:
        await client.capabilities()
        calls = [
            client.execute(
                "process.run",
                {"argv": ["sh", "-c", f"echo ran >> died-{number}"]},
                working_directory=str(home.work),
                labels={"case": "died"},
                idempotency_key=f"died-{number}",
            )
            for number in range(CLIENTS)
        ]
        tasks = [asyncio.create_task(call) for call in calls]
        await asyncio.sleep(0)
        for pid in home.daemons():
            os.kill(pid, signal.SIGKILL)
        jobs = await asyncio.gather(*tasks)
        for job in jobs:
            await client.wait(job.job_id)
        assert {each.job_id for each in await client.jobs(labels={"case": "died"})} == {job.job_id for job in jobs}
    # One that the first daemon had started is lost, and is not run again.
    witnesses = [home.work / f"died-{number}" for number in range(CLIENTS)]
    assert {each.read_text() for each in witnesses if each.exists()} <= {"ran\n"}


def contract() -> jsonschema_rs.Validator:
    """The family that every record keeps."""
    return jsonschema_rs.validator_for(
        documents.schema("runtime", "run_manifest"),
        registry=jsonschema_rs.Registry(list(documents.registry())),
        validate_formats=True,
    )
