"""The evidence of an attempt: what its job left behind, copied while the daemon still has it.

Copying twice keeps once. What is gone, or larger than what is kept, is no member; its digest stands in the task result.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, Final

from dome_contracts.canonical import canonical_bytes
from dome_contracts.runtime.v1 import Artifact, Job
from dome_contracts.schema.control.task_result import TaskResult
from dome_contracts.schema.knowledge.evidence_capsule import EvidenceMember
from dome_contracts.schema.shared.definitions import AttemptStatus, EvidenceKind, EvidenceRef
from dome_spec.binding import EvidenceStore, EvidenceTooLarge, Kept
from dome_spec.dispatch.job.manifest import is_manifest, manifest_bytes
from dome_spec.dispatch.job.output import MEDIA_TYPES, record_of
from dome_spec.dispatch.job.story import EVENTS_GONE, JobStory
from dome_spec.dispatch.ports import RuntimePlane

EVIDENCE_BYTES_MAX: Final = 64 * 1024 * 1024
"""Largest artifact that is copied."""
JSON: Final = "application/json"
GONE: Final = frozenset({"ARTIFACT_NOT_FOUND", "ARTIFACT_GONE", "ARTIFACT_CORRUPT"})
_RESULT_KINDS: Final = {"repo.test": EvidenceKind.TEST_REPORT}
"""What the result of a tool shows, where it is more than a result."""
_ARTIFACT_KINDS: Final = {"text/x-diff": EvidenceKind.DIFF, "text/x-patch": EvidenceKind.DIFF}
"""What an artifact shows, by its media type."""


async def gather(plane: RuntimePlane, story: JobStory, store: EvidenceStore) -> tuple[EvidenceMember, ...]:
    """Copy result, record, output and artifacts of a job that has ended. In the order of kind and digest."""
    job, members = story.job, list[EvidenceMember]()
    if job.outcome is not None and job.outcome.result:
        kept = store.put(job.outcome.result)
        members.append(_member(result_kind(job.skill_id), kept, JSON))
    members.append(_provenance(job, story.chain_head, store))
    if (written := await _output(plane, story, store)) is not None:
        members.append(written)
    for artifact in job.artifacts:
        if (member := await _copied(plane, artifact, store)) is not None:
            members.append(member)
    unique = {(member.kind.value, member.evidence.digest): member for member in members}
    return tuple(unique[key] for key in sorted(unique))


def keep_refusal(message: str, rpc_reason: str, group_id: str, store: EvidenceStore) -> EvidenceMember:
    """Keep what the daemon said when it refused."""
    said = canonical_bytes({"group_id": group_id, "message": message, "rpc_reason": rpc_reason})
    kept = store.put(said)
    return _member(EvidenceKind.REFUSAL, kept, JSON)


def keep_end(said: Mapping[str, Any], store: EvidenceStore) -> EvidenceMember:
    """Keep what is known of an attempt that has no job to be asked about."""
    return _member(EvidenceKind.TELEMETRY, store.put(canonical_bytes(dict(said))), JSON)


def members_of(result: TaskResult, store: EvidenceStore) -> tuple[EvidenceMember, ...]:
    """The evidence that a kept result names, as far as it is kept; never empty. In the order of kind and digest."""
    members = {
        (kind.value, each.digest): EvidenceMember(
            kind=kind, evidence=each, size_bytes=store.path(each.digest).stat().st_size
        )
        for each in result.evidence
        if store.has(each.digest)
        for kind in [_kind_of(each, result, store)]
    }
    if not members:
        return (keep_end({"group_id": result.group_id, "missing": [each.digest for each in result.evidence]}, store),)
    return tuple(members[key] for key in sorted(members))


def _kind_of(evidence: EvidenceRef, result: TaskResult, store: EvidenceStore) -> EvidenceKind:
    """What a piece shows, the same as when it was gathered."""
    job = result.job
    if job is None:
        return EvidenceKind.REFUSAL if result.outcome.status is AttemptStatus.DENIED else EvidenceKind.TELEMETRY
    if evidence.digest == job.result_digest:
        return result_kind(job.skill_id)
    for artifact in result.artifacts:
        if artifact.digest == evidence.digest:
            return _ARTIFACT_KINDS.get(artifact.media_type, EvidenceKind.RESULT)
    if evidence.media_type in MEDIA_TYPES:
        return EvidenceKind.BUILD_LOG
    is_record = is_manifest(store.read(evidence.digest))
    return EvidenceKind.PROVENANCE if is_record else EvidenceKind.TELEMETRY


def result_kind(skill_id: str) -> EvidenceKind:
    """What the result of a tool shows."""
    return _RESULT_KINDS.get(skill_id, EvidenceKind.RESULT)


def _provenance(job: Job, chain_head: str, store: EvidenceStore) -> EvidenceMember:
    """Where and with what the job ran, as the daemon has recorded it."""
    manifest = manifest_bytes(job, chain_head=chain_head)
    if manifest is None:
        return keep_end({"job_id": job.job_id, "state": job.state.name or str(job.state)}, store)
    return _member(EvidenceKind.PROVENANCE, store.put(manifest), JSON)


async def _output(plane: RuntimePlane, story: JobStory, store: EvidenceStore) -> EvidenceMember | None:
    job_id = story.job.job_id
    try:
        recorded = await record_of(plane.stored_events(job_id), job_id, chain_head=story.chain_head)
    except Exception as error:
        if getattr(error, "reason", None) == EVENTS_GONE:
            return None
        raise
    if recorded is None:
        return None
    return _member(EvidenceKind.BUILD_LOG, store.put(recorded.data), recorded.media_type)


async def _copied(plane: RuntimePlane, artifact: Artifact, store: EvidenceStore) -> EvidenceMember | None:
    if artifact.size_bytes > EVIDENCE_BYTES_MAX:
        return None
    kind = _ARTIFACT_KINDS.get(artifact.media_type, EvidenceKind.RESULT)
    if store.has(artifact.digest):
        return _member(kind, store.put(store.read(artifact.digest)), artifact.media_type)
    try:
        data = await _read(plane.artifact(artifact.digest))
    except EvidenceTooLarge:
        return None
    except Exception as error:
        if getattr(error, "reason", None) in GONE:
            return None
        raise
    kept = store.put(data, expect=artifact.digest)
    return _member(kind, kept, artifact.media_type)


async def _read(pieces: AsyncGenerator[bytes, None]) -> bytes:
    data = bytearray()
    async with aclosing(pieces):
        async for piece in pieces:
            data += piece
            if len(data) > EVIDENCE_BYTES_MAX:
                raise EvidenceTooLarge(f"An artifact has more than {EVIDENCE_BYTES_MAX} bytes")
    return bytes(data)


def _member(kind: EvidenceKind, kept: Kept, media_type: str) -> EvidenceMember:
    evidence = EvidenceRef(digest=kept.digest, location=kept.location, media_type=media_type)
    return EvidenceMember(kind=kind, evidence=evidence, size_bytes=kept.size_bytes)
