"""Our values as messages."""

from datetime import timedelta
from pathlib import Path

import pytest

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import (
    CatalogProblem,
    Correlation,
    JobState,
    ListJobsRequest,
    Permission,
    Progress,
    Requester,
    ToolKind,
    ToolOrigin,
    ToolTrust,
)
from dome_contracts.runtime.v1 import Job as WireJob
from dome_contracts.schema.runtime.tool_manifest import Effects
from domed.catalog import BUILT_IN_ROOT, Catalog, Tool
from domed.clock import SystemClock
from domed.jobs import encoding
from domed.jobs.model import Job, Submission
from domed.locks import LockState
from domed.rpc import translate
from packages.domed.tests.runtime_suite import write_tool
from packages.domed.tests.values import NOON

JOB = JobId("job-01m7vt2890pq6bwrh695awehtf")
SUBMISSION = Submission(
    skill_id="a.b",
    tool_version="1.0.0",
    tool_digest="sha256:t",
    input_hash="sha256:i",
    request_digest="sha256:r",
    working_directory="/w",
    correlation=Correlation(run_id="run-x"),
    requester=Requester(uid=1, pid=2, client="c"),
    idempotency_key="k",
    labels={"l": "v"},
    priority=-3,
)


def test_a_job_is_on_the_wire_as_it_stands() -> None:
    job = Job(JOB, SUBMISSION, NOON, state=JobState.RUNNING, last_seq=4, attempt=1, progress=Progress(message="p"))
    wire = translate.wire_job(job)
    assert (wire.job_id, wire.skill_id, wire.tool_version, wire.tool_digest) == (JOB, "a.b", "1.0.0", "sha256:t")
    assert (wire.state, wire.last_seq, wire.attempt) == (JobState.RUNNING, 4, 1)
    assert (wire.create_time, wire.start_time, wire.end_time, wire.outcome) == (NOON, None, None, None)
    assert (wire.correlation, wire.labels, wire.priority) == (Correlation(run_id="run-x"), {"l": "v"}, -3)
    assert (wire.working_directory, wire.request_digest, wire.idempotency_key) == ("/w", "sha256:r", "k")
    assert WireJob.parse(encoding.encode(wire)) == wire


@pytest.mark.parametrize(
    ("filesystem", "network", "starts", "words"),
    [
        ("none", "none", False, []),
        ("read", "none", False, [Permission.FILESYSTEM_READ]),
        ("write", "loopback", False, [Permission.FILESYSTEM_READ, Permission.FILESYSTEM_WRITE, Permission.NETWORK]),
        ("none", "any", True, [Permission.NETWORK, Permission.PROCESS]),
    ],
)
def test_permissions_follow_from_effects(filesystem: str, network: str, starts: bool, words: list[Permission]) -> None:
    effects = Effects.from_value({"filesystem": filesystem, "network": network, "starts_processes": starts})
    assert translate.permissions(effects) == words


def test_a_built_in_tool_is_described_with_its_schemas_and_limits() -> None:
    tool = Catalog(BUILT_IN_ROOT, monotonic=SystemClock().monotonic).view("").require("repo.search")
    described = translate.descriptor(tool)
    assert described.summary is not None
    assert (described.summary.kind, described.summary.origin) == (ToolKind.TOOL, ToolOrigin.BUILT_IN)
    assert described.summary.trust is ToolTrust.TRUSTED
    assert described.summary.hints is not None
    assert described.summary.hints.read_only
    assert described.input_schema_document == tool.input_schema
    assert described.location == str(tool.location)


def test_a_document_has_its_text_and_no_effects() -> None:
    document = Tool("notes", "", "Notes", "Some notes", "sha256:d", ToolKind.DOCUMENT, ToolOrigin.USER, trusted=False,
                    location=Path("/n"), text="# Notes")  # fmt: skip
    described = translate.descriptor(document)
    assert described.description == "# Notes"
    assert (described.effects, described.limits, described.permissions) == (None, None, [])
    assert described.summary is not None
    assert described.summary.trust is ToolTrust.UNTRUSTED


def test_a_listing_is_asked_for_as_the_request_says() -> None:
    request = ListJobsRequest(states=[JobState.FAILED, JobState.UNSPECIFIED], skill_id="a.b", run_id="run-x",
                              labels={"l": "v"}, create_time_min=NOON, create_time_max=NOON + timedelta(1))  # fmt: skip
    query = translate.job_query(request, before=JOB, limit=7)
    assert query.states == {JobState.FAILED}
    assert (query.skill_id, query.run_id, query.labels, query.before, query.limit) == (
        "a.b", "run-x", {"l": "v"}, JOB, 7)  # fmt: skip
    assert (query.create_time_min, query.create_time_max) == (NOON, NOON + timedelta(1))


def test_a_lock_without_a_holder_has_only_waiters() -> None:
    assert translate.lock(LockState("port", [], [JOB])).waiter_job_ids == [JOB]
    many = translate.lock(LockState("port", [], [JOB] * 101))
    assert (len(many.waiter_job_ids), many.waiter_count) == (100, 101)


def test_problems_that_do_not_fit_are_counted() -> None:
    problems = [CatalogProblem(path=f"/{n}", message="odd") for n in range(5)]
    assert translate.shown_problems(problems, problems) == problems
    *shown, last = translate.shown_problems(problems, problems[:2])
    assert shown == problems[:2]
    assert (last.path, last.message.split()[0]) == ("/2", "3")


def test_who_asks_is_said_by_kernel_client_and_request() -> None:
    caller = Requester(uid=1, pid=2, client="c", client_session_id="forged")
    said = translate.requester(caller, Correlation(client_session_id="s", client_call_id="n"))
    assert said == Requester(uid=1, pid=2, client="c", client_session_id="s", client_call_id="n")


def test_what_a_tool_is_held_to_as_a_whole_is_described(tmp_path: Path) -> None:
    limits = {"run_memory_bytes_max": 1 << 30, "run_processes_max": 7}
    effects = {"filesystem": "write", "network": "any", "starts_processes": True}
    write_tool(tmp_path, "demo.plain", "", effects=effects)
    held = effects | {"writes": ["out/"], "enforcement": "required"}
    write_tool(tmp_path, "demo.held", "", limits=limits, effects=held)
    tools = Catalog(tmp_path, monotonic=SystemClock().monotonic).view("")
    described = translate.descriptor(tools.require("demo.held"))
    assert described.effects is not None
    assert described.limits is not None
    assert (described.limits.run_memory_bytes_max, described.limits.run_processes_max) == (1 << 30, 7)
    assert (described.effects.writes_listed, described.effects.writes) == (True, ["out/"])
    assert described.effects.enforcement_required
    plain = translate.descriptor(tools.require("demo.plain")).effects
    assert plain is not None
    assert (plain.writes_listed, plain.writes, plain.enforcement_required) == (False, [], False)
