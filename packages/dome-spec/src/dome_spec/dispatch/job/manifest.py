"""The record of a job that has ended, as a document of `runtime/run_manifest`: the same job gives the same bytes."""

from datetime import datetime
from enum import Enum
from typing import Any, Final

from pydantic import ValidationError

from dome_contracts.canonical import canonical_bytes
from dome_contracts.runtime.v1 import Artifact, EffectsEnforcement, Job
from dome_contracts.schema.runtime.run_manifest import ProvenanceRecord, RunManifest
from dome_spec.kernel import DocumentInvalid, read_document, timestamp

_OF_JOB: Final = ("job_id", "skill_id", "tool_version", "tool_digest", "state", "create_time", "start_time", "end_time")
_HELD: Final = ("filesystem", "network", "processes")
_ARTIFACT: Final = ("name", "digest", "size_bytes", "media_type")


def manifest_bytes(job: Job, *, chain_head: str) -> bytes | None:
    """The canonical bytes of the document; None where the daemon has recorded less than it has to say."""
    if job.provenance is None or job.outcome is None or job.correlation is None:
        return None
    said = {
        "manifest_version": "1",
        "run_id": job.correlation.run_id,
        "failure_reason_code": job.outcome.failure_reason_code or None,
        "chain_head": chain_head or None,
        **{name: _value(getattr(job, name)) for name in _OF_JOB},
    }
    record = {name: _value(getattr(job.provenance, name)) for name in ProvenanceRecord.model_fields}
    required = {name for name, field in ProvenanceRecord.model_fields.items() if field.is_required()}
    kept = {name: value for name, value in record.items() if name in required or value not in (None, "", [])}
    document = {name: value for name, value in said.items() if value is not None} | {"provenance": kept}
    try:
        return canonical_bytes(RunManifest.from_value(document).to_value())
    except ValidationError:
        return None


def is_manifest(data: bytes) -> bool:
    """Whether the bytes are those of such a document."""
    try:
        read_document(RunManifest, data)
    except DocumentInvalid:
        return False
    return True


def _value(value: Any) -> Any:
    """A field of a message as JSON; None where it says nothing."""
    match value:
        case Enum():
            return value.name if value.value else None
        case datetime():
            return timestamp(value)
        case EffectsEnforcement():
            held = {name: _value(getattr(value, name)) for name in _HELD}
            return held if all(held.values()) else None
        case Artifact():
            return {name: getattr(value, name) for name in _ARTIFACT}
        case list():
            return [_value(each) for each in value]
        case dict():
            return dict(value)
        case _:
            return value
