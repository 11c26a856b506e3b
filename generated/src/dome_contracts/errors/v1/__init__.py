# @generated from contracts/proto: dome/errors/v1/errors.proto. Do not edit: change the source, then run `just gen`.
# mypy: disable-error-code="unreachable"
"""Messages, enums and stubs of the proto package `dome.errors.v1`."""

__all__ = ("ErrorReason",)


import betterproto2

_COMPILER_VERSION = "0.10.1"
betterproto2.check_compiler_version(_COMPILER_VERSION)


class ErrorReason(betterproto2.Enum):
    """
    The reasons of a failed call. Each stands in `contracts/reasons.yaml` with its
    gRPC status code, whether a retry can help, the metadata keys that it carries
    and the remedy that a client should show. Reasons are added, never removed and
    never given another meaning.
    """

    UNSPECIFIED = 0
    """
    Never sent. A reader that meets it talks to a server that breaks the contract.
    """

    INVALID_REQUEST = 1
    """
    The request does not satisfy the contract or the tool's input schema. Field
    violations name the places by JSON pointer.
    """

    CONSTRAINT_LOOSENED = 2
    """
    A constraint of the request is looser than the one in the tool's manifest.
    """

    WORKING_DIRECTORY_INVALID = 3
    """
    The working directory is missing, not a directory, not absolute or not readable.
    """

    SKILL_NOT_FOUND = 4
    """
    No tool has this id in the catalog that the caller sees.
    """

    JOB_NOT_FOUND = 5
    """
    No job has this id.
    """

    ARTIFACT_NOT_FOUND = 6
    """
    No artifact has this digest, or its bytes are no longer kept.
    """

    NOT_RUNNABLE = 7
    """
    The entry is a document: it can be read and cannot be run.
    """

    TOOL_UNTRUSTED = 8
    """
    The tool's digest has not been approved by the user.
    """

    MANIFEST_CHANGED = 9
    """
    The tool is not the one that the request pinned.
    """

    CAPABILITY_MISSING = 10
    """
    The daemon lacks something that the tool or the request needs.
    """

    INVALID_TRANSITION = 11
    """
    The job's state does not allow what was asked.
    """

    IDEMPOTENCY_KEY_REUSED = 12
    """
    The idempotency key belongs to another request.
    """

    IDEMPOTENT_RESULT_EXPIRED = 13
    """
    The key is known and its job's record has been removed by retention.
    """

    LOCK_CONFLICT = 14
    """
    A lock that the tool needs is held, and the request asked not to wait.
    """

    EVENTS_GONE = 15
    """
    Events from the asked position are no longer kept.
    """

    SEQ_AHEAD = 16
    """
    The asked position lies beyond the last event of a job that has ended.
    """

    LIMIT_EXCEEDED = 17
    """
    A limit of the daemon on what it does at a time was reached: jobs that wait, calls that are open. Wait, then retry.
    """

    PEER_DENIED = 18
    """
    The peer is not the user that the daemon serves.
    """

    SHUTTING_DOWN = 19
    """
    The daemon is stopping and accepts no further work.
    """

    UNSUPPORTED = 20
    """
    This daemon does not offer the call or the option.
    """

    INTERNAL = 21
    """
    The daemon failed. The error id in the metadata is found in its log.
    """

    TOO_LARGE = 22
    """
    The message, the input or another part of the request is larger than the daemon takes, now and later.
    """

    ARTIFACT_CORRUPT = 23
    """
    The stored bytes of the artifact no longer have its digest: the disk or another program changed them.
    """

    STORAGE_FULL = 24
    """
    The disk of the daemon's state is full: nothing more is accepted until there is space. Running jobs wait and go on.
    """

    UNAUTHENTICATED = 25
    """
    The call came over TCP without the token that the daemon made when it started.
    """

    INPUT_GONE = 26
    """
    The input of the job that was to be retried is no longer kept.
    """

    ARTIFACT_GONE = 27
    """
    The artifact's bytes were kept and retention has removed them.
    """

    @classmethod
    def betterproto_value_to_renamed_proto_names(cls) -> dict[int, str]:
        return {
            0: "ERROR_REASON_UNSPECIFIED",
            1: "ERROR_REASON_INVALID_REQUEST",
            2: "ERROR_REASON_CONSTRAINT_LOOSENED",
            3: "ERROR_REASON_WORKING_DIRECTORY_INVALID",
            4: "ERROR_REASON_SKILL_NOT_FOUND",
            5: "ERROR_REASON_JOB_NOT_FOUND",
            6: "ERROR_REASON_ARTIFACT_NOT_FOUND",
            7: "ERROR_REASON_NOT_RUNNABLE",
            8: "ERROR_REASON_TOOL_UNTRUSTED",
            9: "ERROR_REASON_MANIFEST_CHANGED",
            10: "ERROR_REASON_CAPABILITY_MISSING",
            11: "ERROR_REASON_INVALID_TRANSITION",
            12: "ERROR_REASON_IDEMPOTENCY_KEY_REUSED",
            13: "ERROR_REASON_IDEMPOTENT_RESULT_EXPIRED",
            14: "ERROR_REASON_LOCK_CONFLICT",
            15: "ERROR_REASON_EVENTS_GONE",
            16: "ERROR_REASON_SEQ_AHEAD",
            17: "ERROR_REASON_LIMIT_EXCEEDED",
            18: "ERROR_REASON_PEER_DENIED",
            19: "ERROR_REASON_SHUTTING_DOWN",
            20: "ERROR_REASON_UNSUPPORTED",
            21: "ERROR_REASON_INTERNAL",
            22: "ERROR_REASON_TOO_LARGE",
            23: "ERROR_REASON_ARTIFACT_CORRUPT",
            24: "ERROR_REASON_STORAGE_FULL",
            25: "ERROR_REASON_UNAUTHENTICATED",
            26: "ERROR_REASON_INPUT_GONE",
            27: "ERROR_REASON_ARTIFACT_GONE",
        }

    @classmethod
    def betterproto_renamed_proto_names_to_value(cls) -> dict[str, int]:
        return {
            "ERROR_REASON_UNSPECIFIED": 0,
            "ERROR_REASON_INVALID_REQUEST": 1,
            "ERROR_REASON_CONSTRAINT_LOOSENED": 2,
            "ERROR_REASON_WORKING_DIRECTORY_INVALID": 3,
            "ERROR_REASON_SKILL_NOT_FOUND": 4,
            "ERROR_REASON_JOB_NOT_FOUND": 5,
            "ERROR_REASON_ARTIFACT_NOT_FOUND": 6,
            "ERROR_REASON_NOT_RUNNABLE": 7,
            "ERROR_REASON_TOOL_UNTRUSTED": 8,
            "ERROR_REASON_MANIFEST_CHANGED": 9,
            "ERROR_REASON_CAPABILITY_MISSING": 10,
            "ERROR_REASON_INVALID_TRANSITION": 11,
            "ERROR_REASON_IDEMPOTENCY_KEY_REUSED": 12,
            "ERROR_REASON_IDEMPOTENT_RESULT_EXPIRED": 13,
            "ERROR_REASON_LOCK_CONFLICT": 14,
            "ERROR_REASON_EVENTS_GONE": 15,
            "ERROR_REASON_SEQ_AHEAD": 16,
            "ERROR_REASON_LIMIT_EXCEEDED": 17,
            "ERROR_REASON_PEER_DENIED": 18,
            "ERROR_REASON_SHUTTING_DOWN": 19,
            "ERROR_REASON_UNSUPPORTED": 20,
            "ERROR_REASON_INTERNAL": 21,
            "ERROR_REASON_TOO_LARGE": 22,
            "ERROR_REASON_ARTIFACT_CORRUPT": 23,
            "ERROR_REASON_STORAGE_FULL": 24,
            "ERROR_REASON_UNAUTHENTICATED": 25,
            "ERROR_REASON_INPUT_GONE": 26,
            "ERROR_REASON_ARTIFACT_GONE": 27,
        }
