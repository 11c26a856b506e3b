"""The exported Statement is what the official library of in-toto takes for one, and its predicate what SLSA says."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st
from in_toto_attestation.predicates.provenance.v1 import provenance_pb2  # type: ignore[import-untyped]
from in_toto_attestation.v1 import statement_pb2  # type: ignore[import-untyped]
from in_toto_attestation.v1.statement import Statement  # type: ignore[import-untyped]

from dome_client.cli.render.statement import in_toto
from dome_contracts.canonical import canonical_bytes, digest_bytes
from dome_contracts.runtime.v1 import Artifact, Job, JobState, Outcome, Requester, RunProvenance

BEGIN = datetime(2020, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
HEAD = digest_bytes(b"head")
SECRET = "hunter2-and-more"

ARTIFACTS = [
    Artifact("wheel", digest_bytes(b"wheel"), 5, "application/zip"),
    Artifact("log", digest_bytes(b"log"), 3),
]
PROVENANCE = RunProvenance(
    repo=f"/home/{SECRET}/repository",
    commit_sha="c0ffee00" * 5,
    dirty_flag=True,
    contract_hashes={"proto": digest_bytes(b"proto"), "jsonschema": digest_bytes(b"jsonschema")},
    tool_versions={"domed": "1.2.3", "executor": "local-process/1", "python": "3.11.7", "user.build": "4.5.6"},
    input_hash=digest_bytes(b"{}"),
    env_fingerprint=digest_bytes(b"env"),
    branch="main",
    remote="https://example.org/repository.git",
    dirty_digest=digest_bytes(b"diff"),
    tool_digest=digest_bytes(b"tool"),
    platform="Linux 6 x86_64",
    working_directory=f"/home/{SECRET}/repository",
    requester=Requester(uid=1000, pid=7, client_session_id=SECRET),
    result_digest=digest_bytes(b"result"),
    stdout_digest=digest_bytes(b"out"),
    stderr_digest=digest_bytes(b"err"),
    artifacts=ARTIFACTS,
)
JOB = Job(
    job_id="job-01m7vt481p2v8a5e5aw6df2ncq",
    skill_id="user.build",
    tool_version="4.5.6",
    tool_digest=digest_bytes(b"tool"),
    state=JobState.SUCCEEDED,
    create_time=BEGIN,
    start_time=BEGIN + timedelta(seconds=1),
    end_time=BEGIN + timedelta(seconds=3),
    outcome=Outcome(failure_reason_code="NONE", result=SECRET.encode()),
    artifacts=ARTIFACTS,
    labels={"token": SECRET},
    working_directory=f"/home/{SECRET}/repository",
    idempotency_key=SECRET,
)


def validated(job: Job = JOB, provenance: RunProvenance = PROVENANCE) -> dict[str, Any]:
    """The Statement as JSON, after the library has read and validated it, and found nothing that it does not know."""
    data = in_toto(job, provenance, chain_head=HEAD)
    message = json_format.Parse(data, statement_pb2.Statement())
    Statement.copy_from_pb(message).validate()
    shown: dict[str, Any] = json.loads(data)
    predicate = json_format.Parse(json.dumps(shown["predicate"]), provenance_pb2.Provenance())
    assert predicate.build_definition.build_type
    assert predicate.build_definition.external_parameters
    assert predicate.run_details.builder.id
    return shown


def test_the_subjects_are_result_and_artifacts_by_digest() -> None:
    subjects = {each["name"]: each["digest"] for each in validated()["subject"]}
    assert subjects == {
        "result": {"sha256": PROVENANCE.result_digest.removeprefix("sha256:")},
        "artifact/wheel": {"sha256": JOB.artifacts[0].digest.removeprefix("sha256:")},
        "artifact/log": {"sha256": JOB.artifacts[1].digest.removeprefix("sha256:")},
    }


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELED])
def test_a_run_that_made_nothing_is_about_the_record_of_its_events(state: JobState) -> None:
    job = replace(JOB, state=state, artifacts=[], outcome=Outcome(failure_reason_code="TOOL.FAILED"))
    shown = validated(job, replace(PROVENANCE, result_digest="", artifacts=[]))
    assert shown["subject"] == [{"name": f"events/{JOB.job_id}", "digest": {"sha256": HEAD.removeprefix("sha256:")}}]
    (events,) = [each for each in shown["predicate"]["runDetails"]["byproducts"] if each["name"].startswith("events/")]
    assert events["annotations"] == {"state": state.name, "failureReasonCode": "TOOL.FAILED"}


def test_the_definition_names_skill_input_commit_tool_and_contracts() -> None:
    definition = validated()["predicate"]["buildDefinition"]
    asked = {"skillId": "user.build", "inputDigest": PROVENANCE.input_hash}
    assert definition["externalParameters"] == asked
    again = validated(provenance=replace(PROVENANCE, retry_of_job_id="job-first"))["predicate"]["buildDefinition"]
    assert again["externalParameters"] == asked | {"retryOfJobId": "job-first"}
    found = {each["name"]: each for each in definition["resolvedDependencies"]}
    assert found["repository"] == {
        "name": "repository",
        "uri": "git+https://example.org/repository.git",
        "digest": {"gitCommit": PROVENANCE.commit_sha},
        "annotations": {"branch": "main", "dirty": True},
    }
    assert set(found) == {
        "repository", "repository/changes", "tool/user.build", "contract/proto", "contract/jsonschema",
    }  # fmt: skip


def test_the_details_name_builder_times_and_logs() -> None:
    details = validated()["predicate"]["runDetails"]
    assert details["builder"]["version"] == {"domed": "1.2.3", "executor": "local-process/1", "python": "3.11.7"}
    assert details["metadata"] == {
        "invocationId": JOB.job_id,
        "startedOn": "2020-01-02T03:04:06.000678Z",
        "finishedOn": "2020-01-02T03:04:08.000678Z",
    }
    assert [each["name"] for each in details["byproducts"]] == [f"events/{JOB.job_id}", "log/stdout", "log/stderr"]


def test_nothing_that_a_caller_could_hide_is_in_it() -> None:
    assert SECRET.encode() not in in_toto(JOB, PROVENANCE, chain_head=HEAD)


def test_a_run_outside_of_a_repository_has_none_among_its_dependencies() -> None:
    bare = replace(PROVENANCE, commit_sha="", branch="", remote="", dirty_flag=None, dirty_digest="")
    names = [
        each["name"] for each in validated(provenance=bare)["predicate"]["buildDefinition"]["resolvedDependencies"]
    ]
    assert names == ["tool/user.build", "contract/jsonschema", "contract/proto"]


def test_a_remote_that_is_no_url_gives_no_uri() -> None:
    shown = validated(provenance=replace(PROVENANCE, remote="git@example.org:repository.git"))
    assert "uri" not in shown["predicate"]["buildDefinition"]["resolvedDependencies"][0]


@given(
    st.permutations(list(PROVENANCE.contract_hashes.items())),
    st.permutations(list(PROVENANCE.tool_versions.items())),
    st.permutations(ARTIFACTS),
)
def test_the_same_record_gives_the_same_canonical_bytes(
    hashes: list[tuple[str, str]], versions: list[tuple[str, str]], artifacts: list[Artifact]
) -> None:
    data = in_toto(JOB, PROVENANCE, chain_head=HEAD)
    shuffled = replace(PROVENANCE, contract_hashes=dict(hashes), tool_versions=dict(versions), artifacts=artifacts)
    assert in_toto(JOB, shuffled, chain_head=HEAD) == data
    assert canonical_bytes(json.loads(data)) + b"\n" == data
