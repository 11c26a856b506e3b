# @generated from contracts/reasons.yaml. Do not edit: change the source, then run `just gen`.
"""Why a call can fail: each reason with its gRPC status, whether to retry, and the remedy."""

from types import MappingProxyType
from typing import Final, Mapping, NamedTuple


class RpcError(NamedTuple):
    """One reason of a failed call. `number` is that of `ErrorReason`, `grpc_status` that of the gRPC status."""

    reason: str
    number: int
    grpc_status: int
    grpc_name: str
    retryable: bool
    meaning: str
    remedy: str
    metadata: tuple[str, ...]


DOMAIN: Final = "dome.runtime"
"""The domain of every `google.rpc.ErrorInfo` of this contract."""

RPC_ERRORS: Final[Mapping[str, RpcError]] = MappingProxyType(
    {
        "INVALID_REQUEST": RpcError(
            "INVALID_REQUEST",
            1,
            3,
            "INVALID_ARGUMENT",
            False,
            "The request does not satisfy the contract or the tool's input schema.",
            "Mend the fields that the violations name.",
            ("field",),
        ),
        "CONSTRAINT_LOOSENED": RpcError(
            "CONSTRAINT_LOOSENED",
            2,
            3,
            "INVALID_ARGUMENT",
            False,
            "A constraint of the request is looser than the one in the tool's manifest.",
            "Ask for the manifest's limit or less.",
            ("constraint", "asked", "allowed"),
        ),
        "WORKING_DIRECTORY_INVALID": RpcError(
            "WORKING_DIRECTORY_INVALID",
            3,
            3,
            "INVALID_ARGUMENT",
            False,
            "The working directory is missing, not a directory, not absolute or not readable.",
            "Name an existing absolute directory that you can enter.",
            ("path", "problem"),
        ),
        "SKILL_NOT_FOUND": RpcError(
            "SKILL_NOT_FOUND",
            4,
            5,
            "NOT_FOUND",
            False,
            "No tool has this id in the catalog that the caller sees.",
            "List the tools with `dome tools`; a rejected manifest is listed there with its reason.",
            ("skill_id",),
        ),
        "JOB_NOT_FOUND": RpcError(
            "JOB_NOT_FOUND",
            5,
            5,
            "NOT_FOUND",
            False,
            "No job has this id.",
            "List the jobs with `dome jobs`.",
            ("job_id",),
        ),
        "ARTIFACT_NOT_FOUND": RpcError(
            "ARTIFACT_NOT_FOUND",
            6,
            5,
            "NOT_FOUND",
            False,
            "No artifact has this digest, or its bytes are no longer kept.",
            "See the artifacts of the job with `dome job ID`.",
            ("digest",),
        ),
        "NOT_RUNNABLE": RpcError(
            "NOT_RUNNABLE",
            7,
            9,
            "FAILED_PRECONDITION",
            False,
            "The entry is a document; it can be read and cannot be run.",
            "Read it with `dome tool ID`.",
            ("skill_id",),
        ),
        "TOOL_UNTRUSTED": RpcError(
            "TOOL_UNTRUSTED",
            8,
            9,
            "FAILED_PRECONDITION",
            False,
            "The tool's digest has not been approved by the user.",
            "Look at the tool, then approve the digest that you saw with `dome tools trust ID --digest DIGEST`, or in `trust.digests` of the daemon's configuration.",
            ("skill_id", "digest", "command"),
        ),
        "MANIFEST_CHANGED": RpcError(
            "MANIFEST_CHANGED",
            9,
            9,
            "FAILED_PRECONDITION",
            False,
            "The tool is not the one that the request pinned.",
            "Describe the tool again with `dome tool ID` and pin what you see.",
            ("skill_id", "pinned", "current"),
        ),
        "CAPABILITY_MISSING": RpcError(
            "CAPABILITY_MISSING",
            10,
            9,
            "FAILED_PRECONDITION",
            False,
            "The daemon lacks something that the tool or the request needs.",
            "Install or enable what the metadata names, or use a daemon that has it.",
            ("capability",),
        ),
        "INVALID_TRANSITION": RpcError(
            "INVALID_TRANSITION",
            11,
            9,
            "FAILED_PRECONDITION",
            False,
            "The job's state does not allow what was asked.",
            "Look at the job's state with `dome job ID`.",
            ("job_id", "state", "fact"),
        ),
        "IDEMPOTENCY_KEY_REUSED": RpcError(
            "IDEMPOTENCY_KEY_REUSED",
            12,
            9,
            "FAILED_PRECONDITION",
            False,
            "The idempotency key belongs to another request.",
            "Use a key of its own for each request; nothing was executed.",
            ("key", "first_digest", "this_digest", "first_job"),
        ),
        "IDEMPOTENT_RESULT_EXPIRED": RpcError(
            "IDEMPOTENT_RESULT_EXPIRED",
            13,
            9,
            "FAILED_PRECONDITION",
            False,
            "The key is known and its job's output has been removed by retention.",
            "Look at what is left of the first job, or use a new key if the tool shall run again.",
            ("key", "first_job"),
        ),
        "LOCK_CONFLICT": RpcError(
            "LOCK_CONFLICT",
            14,
            10,
            "ABORTED",
            True,
            "A lock that the tool needs is held, and the request asked not to wait.",
            "Retry when the holder has ended, or ask to wait.",
            ("lock", "holder_job"),
        ),
        "EVENTS_GONE": RpcError(
            "EVENTS_GONE",
            15,
            11,
            "OUT_OF_RANGE",
            False,
            "Events or changes from the asked position are no longer kept.",
            "Take the job's snapshot, then stream from the oldest event that is kept; to watch all jobs, list the jobs, then watch after the list's revision.",
            ("job_id", "requested", "oldest", "latest"),
        ),
        "SEQ_AHEAD": RpcError(
            "SEQ_AHEAD",
            16,
            11,
            "OUT_OF_RANGE",
            False,
            "The asked position lies beyond the last event of a job that has ended.",
            "Resume with the last_seq that you have read.",
            ("job_id", "requested", "latest"),
        ),
        "LIMIT_EXCEEDED": RpcError(
            "LIMIT_EXCEEDED",
            17,
            8,
            "RESOURCE_EXHAUSTED",
            True,
            "A limit of the daemon on what it does at a time was reached.",
            "Wait until others have ended; the metadata names the limit.",
            ("limit", "allowed", "asked"),
        ),
        "PEER_DENIED": RpcError(
            "PEER_DENIED",
            18,
            7,
            "PERMISSION_DENIED",
            False,
            "The peer is not the user that the daemon serves.",
            "Start a daemon as your own user.",
            ("uid",),
        ),
        "SHUTTING_DOWN": RpcError(
            "SHUTTING_DOWN",
            19,
            14,
            "UNAVAILABLE",
            True,
            "The daemon is stopping and accepts no further work.",
            "Retry with the same idempotency key.",
            (),
        ),
        "UNSUPPORTED": RpcError(
            "UNSUPPORTED",
            20,
            12,
            "UNIMPLEMENTED",
            False,
            "This daemon does not offer the call or the option.",
            "Look at the feature flags of ListCapabilities; a newer daemon may offer it.",
            ("feature",),
        ),
        "INTERNAL": RpcError(
            "INTERNAL",
            21,
            13,
            "INTERNAL",
            False,
            "The daemon failed.",
            "Find the error id in the daemon's log and report both.",
            ("error_id",),
        ),
        "TOO_LARGE": RpcError(
            "TOO_LARGE",
            22,
            3,
            "INVALID_ARGUMENT",
            False,
            "The message, the input or another part of the request is larger than the daemon takes.",
            "Send less, or raise `messages.input_bytes_max` in the daemon's configuration.",
            ("limit", "allowed", "asked"),
        ),
        "ARTIFACT_CORRUPT": RpcError(
            "ARTIFACT_CORRUPT",
            23,
            15,
            "DATA_LOSS",
            False,
            "The stored bytes of the artifact no longer have its digest.",
            "Throw away what was sent, look after the disk, and run the tool again.",
            ("digest",),
        ),
    }
)
"""By the name that `ErrorReason` has without its prefix; the same text travels as `ErrorInfo.reason`."""
