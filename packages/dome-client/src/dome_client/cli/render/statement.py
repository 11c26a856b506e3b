"""The record of one finished job as an in-toto Statement v1 with the predicate SLSA Provenance v1. Not signed.

What a run was asked for and what it was made of stand in `buildDefinition`, who carried it out and when in
`runDetails`. Of secrets there is nothing: no value of the environment, no input, only digests; nor the path of a
directory.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from dome_client.cli.render.document import timestamp
from dome_contracts.canonical import PREFIX, canonical_bytes

if TYPE_CHECKING:
    from dome_contracts.runtime.v1 import Job, RunProvenance

STATEMENT: Final = "https://in-toto.io/Statement/v1"
PREDICATE: Final = "https://slsa.dev/provenance/v1"
BUILD_TYPE: Final = "https://dome.dev/build-types/job/v1"
BUILDER: Final = "https://dome.dev/builders/domed/v1"
_URL: Final = re.compile(r"[a-z][a-z0-9+.-]*://\S+")

Json = dict[str, Any]


def in_toto(job: "Job", provenance: "RunProvenance", *, chain_head: str) -> bytes:
    """The Statement as canonical JSON on one line: the same record gives the same bytes.

    The job has ended; its provenance is complete.
    """
    statement = {
        "_type": STATEMENT,
        "subject": _subjects(job, provenance, chain_head),
        "predicateType": PREDICATE,
        "predicate": {
            "buildDefinition": _definition(job, provenance),
            "runDetails": _details(job, provenance, chain_head),
        },
    }
    return canonical_bytes(statement) + b"\n"


def _subjects(job: "Job", provenance: "RunProvenance", chain_head: str) -> list[Json]:
    """What the run made: its result and its artifacts. A run that made nothing is about its own record."""
    made = [_resource("result", provenance.result_digest)] if provenance.result_digest else []
    made += [
        _resource(f"artifact/{each.name}", each.digest) | ({"mediaType": each.media_type} if each.media_type else {})
        for each in sorted(provenance.artifacts, key=lambda artifact: artifact.name)
    ]
    return made or [_events(job, chain_head)]


def _definition(job: "Job", provenance: "RunProvenance") -> Json:
    internal = {"environmentFingerprint": provenance.env_fingerprint, "platform": provenance.platform}
    return {
        "buildType": BUILD_TYPE,
        "externalParameters": {"skillId": job.skill_id, "inputDigest": provenance.input_hash}
        | ({"retryOfJobId": provenance.retry_of_job_id} if provenance.retry_of_job_id else {}),
        "internalParameters": {name: value for name, value in internal.items() if value},
        "resolvedDependencies": [
            *_repository(provenance),
            _resource(f"tool/{job.skill_id}", provenance.tool_digest) | {"annotations": {"version": job.tool_version}},
            *(_resource(f"contract/{name}", digest) for name, digest in sorted(provenance.contract_hashes.items())),
        ],
    }


def _repository(provenance: "RunProvenance") -> Iterator[Json]:
    if not provenance.commit_sha:
        return
    commit: Json = {"name": "repository", "digest": {"gitCommit": provenance.commit_sha}}
    if _URL.fullmatch(provenance.remote):
        commit["uri"] = f"git+{provenance.remote}"
    notes: Json = {"branch": provenance.branch} if provenance.branch else {}
    if provenance.dirty_flag is not None:
        notes["dirty"] = provenance.dirty_flag
    yield commit | ({"annotations": notes} if notes else {})
    if provenance.dirty_digest:
        yield _resource("repository/changes", provenance.dirty_digest)


def _details(job: "Job", provenance: "RunProvenance", chain_head: str) -> Json:
    times = {"startedOn": job.start_time, "finishedOn": job.end_time}
    logs = {"log/stdout": provenance.stdout_digest, "log/stderr": provenance.stderr_digest}
    versions = {name: version for name, version in provenance.tool_versions.items() if name != job.skill_id}
    outcome = job.outcome
    return {
        "builder": {"id": BUILDER, "version": versions},
        "metadata": {"invocationId": job.job_id}
        | {name: timestamp(time) for name, time in times.items() if time is not None},
        "byproducts": [
            _events(job, chain_head)
            | {
                "annotations": {
                    "state": job.state.name,
                    "failureReasonCode": outcome.failure_reason_code if outcome is not None else "",
                }
            },
            *(_resource(name, digest) for name, digest in logs.items() if digest),
        ],
    }


def _events(job: "Job", chain_head: str) -> Json:
    """The events of the job, by the head of their chain."""
    return _resource(f"events/{job.job_id}", chain_head)


def _resource(name: str, digest: str) -> Json:
    return {"name": name, "digest": {"sha256": digest.removeprefix(PREFIX)}}
