# @generated from contracts/proto: dome/runtime/v1/event.proto, dome/runtime/v1/job.proto, dome/runtime/v1/provenance.proto, dome/runtime/v1/service.proto, dome/runtime/v1/tool.proto. Do not edit: change the source, then run `just gen`.
# mypy: disable-error-code="unreachable"
"""Messages, enums and stubs of the proto package `dome.runtime.v1`."""

__all__ = (
    "Artifact",
    "ArtifactProduced",
    "CancelJobRequest",
    "CancelJobResponse",
    "CancelRequested",
    "CatalogProblem",
    "CatalogProblemKind",
    "Correlation",
    "DaemonLimits",
    "Effector",
    "EffectorKind",
    "EffectsEnforcement",
    "Enforcement",
    "ExecuteConstraints",
    "FilesystemEffect",
    "Finished",
    "GetJobStatusRequest",
    "GetJobStatusResponse",
    "GetToolRequest",
    "GetToolResponse",
    "Heartbeat",
    "Job",
    "JobChange",
    "JobEvent",
    "JobState",
    "ListCapabilitiesRequest",
    "ListCapabilitiesResponse",
    "ListJobsRequest",
    "ListJobsResponse",
    "ListLocksRequest",
    "ListLocksResponse",
    "ListToolsRequest",
    "ListToolsResponse",
    "Lock",
    "LockWait",
    "NetworkEffect",
    "Outcome",
    "OutcomeCause",
    "Output",
    "OutputStream",
    "OutputTotals",
    "Permission",
    "Progress",
    "ReadArtifactRequest",
    "ReadArtifactResponse",
    "RefusedRequest",
    "RepositoryState",
    "Requester",
    "RequesterProof",
    "ResourceUsage",
    "RunProvenance",
    "RuntimeServiceBase",
    "RuntimeServiceStub",
    "SchemaRef",
    "SignalCause",
    "Signaled",
    "SkillExecuteRequest",
    "SkillExecuteResponse",
    "Started",
    "StreamJobEventsRequest",
    "StreamJobEventsResponse",
    "Submitted",
    "SurvivorFound",
    "ToolApproval",
    "ToolDescriptor",
    "ToolEffects",
    "ToolFile",
    "ToolHints",
    "ToolKind",
    "ToolLimits",
    "ToolOrigin",
    "ToolSummary",
    "ToolTrust",
    "Truncated",
    "TrustDecision",
    "TrustToolRequest",
    "TrustToolResponse",
    "WaitCause",
    "Waiting",
    "WatchJobsRequest",
    "WatchJobsResponse",
)

import datetime
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import betterproto2
import grpclib
from betterproto2 import grpclib as betterproto2_grpclib

from dome_contracts.message_pool import default_message_pool

if TYPE_CHECKING:
    import grpclib.server
    from betterproto2.grpclib.grpclib_client import MetadataLike
    from grpclib.metadata import Deadline

_COMPILER_VERSION = "0.10.1"
betterproto2.check_compiler_version(_COMPILER_VERSION)


class CatalogProblemKind(betterproto2.Enum):
    """
    What is wrong with an entry that the catalog does not serve.
    """

    UNSPECIFIED = 0
    """
    Never sent.
    """

    REJECTED = 1
    """
    The manifest or a schema does not satisfy its contract, or cannot be read.
    """

    COLLISION = 2
    """
    An earlier root has a tool of the same id.
    """

    @classmethod
    def betterproto_value_to_renamed_proto_names(cls) -> dict[int, str]:
        return {
            0: "CATALOG_PROBLEM_KIND_UNSPECIFIED",
            1: "CATALOG_PROBLEM_KIND_REJECTED",
            2: "CATALOG_PROBLEM_KIND_COLLISION",
        }

    @classmethod
    def betterproto_renamed_proto_names_to_value(cls) -> dict[str, int]:
        return {
            "CATALOG_PROBLEM_KIND_UNSPECIFIED": 0,
            "CATALOG_PROBLEM_KIND_REJECTED": 1,
            "CATALOG_PROBLEM_KIND_COLLISION": 2,
        }


class EffectorKind(betterproto2.Enum):
    """
    What kind of actor an effector is.
    """

    UNSPECIFIED = 0
    """
    Not said.
    """

    HUMAN = 1
    """
    A person.
    """

    LLM = 2
    """
    A language model, through some agent.
    """

    SERVICE = 3
    """
    A program.
    """

    @classmethod
    def betterproto_value_to_renamed_proto_names(cls) -> dict[int, str]:
        return {
            0: "EFFECTOR_KIND_UNSPECIFIED",
            1: "EFFECTOR_KIND_HUMAN",
            2: "EFFECTOR_KIND_LLM",
            3: "EFFECTOR_KIND_SERVICE",
        }

    @classmethod
    def betterproto_renamed_proto_names_to_value(cls) -> dict[str, int]:
        return {
            "EFFECTOR_KIND_UNSPECIFIED": 0,
            "EFFECTOR_KIND_HUMAN": 1,
            "EFFECTOR_KIND_LLM": 2,
            "EFFECTOR_KIND_SERVICE": 3,
        }


class Enforcement(betterproto2.Enum):
    """
    Whether one declared effect of a tool was held by the kernel during a run.
    """

    UNSPECIFIED = 0
    """
    Never sent.
    """

    DECLARED = 1
    """
    The manifest's declaration was known and not enforced.
    """

    ENFORCED = 2
    """
    The kernel refused what the manifest does not declare.
    """

    @classmethod
    def betterproto_value_to_renamed_proto_names(cls) -> dict[int, str]:
        return {
            0: "ENFORCEMENT_UNSPECIFIED",
            1: "ENFORCEMENT_DECLARED",
            2: "ENFORCEMENT_ENFORCED",
        }

    @classmethod
    def betterproto_renamed_proto_names_to_value(cls) -> dict[str, int]:
        return {
            "ENFORCEMENT_UNSPECIFIED": 0,
            "ENFORCEMENT_DECLARED": 1,
            "ENFORCEMENT_ENFORCED": 2,
        }


class FilesystemEffect(betterproto2.Enum):
    """
    How far a tool reaches into the file system outside its scratch directory.
    """

    UNSPECIFIED = 0
    """
    Never sent.
    """

    NONE = 1
    """
    Not at all.
    """

    READ = 2
    """
    It reads.
    """

    WRITE = 3
    """
    It reads and writes.
    """

    @classmethod
    def betterproto_value_to_renamed_proto_names(cls) -> dict[int, str]:
        return {
            0: "FILESYSTEM_EFFECT_UNSPECIFIED",
            1: "FILESYSTEM_EFFECT_NONE",
            2: "FILESYSTEM_EFFECT_READ",
            3: "FILESYSTEM_EFFECT_WRITE",
        }

    @classmethod
    def betterproto_renamed_proto_names_to_value(cls) -> dict[str, int]:
        return {
            "FILESYSTEM_EFFECT_UNSPECIFIED": 0,
            "FILESYSTEM_EFFECT_NONE": 1,
            "FILESYSTEM_EFFECT_READ": 2,
            "FILESYSTEM_EFFECT_WRITE": 3,
        }


class JobState(betterproto2.Enum):
    """
    Where a job stands. Only the daemon's ledger changes it, by appending a fact.
    """

    UNSPECIFIED = 0
    """
    Never sent. In a filter: any state.
    """

    QUEUED = 1
    """
    Accepted and durable; its program has not been started.
    """

    RUNNING = 2
    """
    Its program was started, or is about to be.
    """

    SUCCEEDED = 3
    """
    Terminal: the program ended with exit code 0 and its result satisfies the schema.
    """

    FAILED = 4
    """
    Terminal: it ended in any other way that nobody asked for.
    """

    CANCELED = 5
    """
    Terminal: it ended because a cancellation was asked for.
    """

    @classmethod
    def betterproto_value_to_renamed_proto_names(cls) -> dict[int, str]:
        return {
            0: "JOB_STATE_UNSPECIFIED",
            1: "JOB_STATE_QUEUED",
            2: "JOB_STATE_RUNNING",
            3: "JOB_STATE_SUCCEEDED",
            4: "JOB_STATE_FAILED",
            5: "JOB_STATE_CANCELED",
        }

    @classmethod
    def betterproto_renamed_proto_names_to_value(cls) -> dict[str, int]:
        return {
            "JOB_STATE_UNSPECIFIED": 0,
            "JOB_STATE_QUEUED": 1,
            "JOB_STATE_RUNNING": 2,
            "JOB_STATE_SUCCEEDED": 3,
            "JOB_STATE_FAILED": 4,
            "JOB_STATE_CANCELED": 5,
        }


class LockWait(betterproto2.Enum):
    """
    What to do when a named lock is held.
    """

    UNSPECIFIED = 0
    """
    The same as WAIT.
    """

    WAIT = 1
    """
    Accept the job and let it wait for its turn.
    """

    REFUSE = 2
    """
    Refuse the job with LOCK_CONFLICT. Decided in one go with the locks: those of a job that was accepted are kept for it,
    before every other that waits. Only a job whose ancestor runs goes before it, and a daemon that starts again keeps
    none: then it waits like the others.
    """

    @classmethod
    def betterproto_value_to_renamed_proto_names(cls) -> dict[int, str]:
        return {
            0: "LOCK_WAIT_UNSPECIFIED",
            1: "LOCK_WAIT_WAIT",
            2: "LOCK_WAIT_REFUSE",
        }

    @classmethod
    def betterproto_renamed_proto_names_to_value(cls) -> dict[str, int]:
        return {
            "LOCK_WAIT_UNSPECIFIED": 0,
            "LOCK_WAIT_WAIT": 1,
            "LOCK_WAIT_REFUSE": 2,
        }


class NetworkEffect(betterproto2.Enum):
    """
    How far a tool reaches into the network.
    """

    UNSPECIFIED = 0
    """
    Never sent.
    """

    NONE = 1
    """
    Not at all.
    """

    LOOPBACK = 2
    """
    Addresses of this machine only.
    """

    ANY = 3
    """
    Any address.
    """

    @classmethod
    def betterproto_value_to_renamed_proto_names(cls) -> dict[int, str]:
        return {
            0: "NETWORK_EFFECT_UNSPECIFIED",
            1: "NETWORK_EFFECT_NONE",
            2: "NETWORK_EFFECT_LOOPBACK",
            3: "NETWORK_EFFECT_ANY",
        }

    @classmethod
    def betterproto_renamed_proto_names_to_value(cls) -> dict[str, int]:
        return {
            "NETWORK_EFFECT_UNSPECIFIED": 0,
            "NETWORK_EFFECT_NONE": 1,
            "NETWORK_EFFECT_LOOPBACK": 2,
            "NETWORK_EFFECT_ANY": 3,
        }


class OutcomeCause(betterproto2.Enum):
    """
    How a job ended. The cause decides; the numbers only describe.
    """

    UNSPECIFIED = 0
    """
    Never sent.
    """

    EXITED = 1
    """
    The program ended by itself with an exit code.
    """

    SIGNALED = 2
    """
    A signal ended the program, and the daemon did not send it.
    """

    TIMEOUT = 3
    """
    A time limit ran out: in the queue, while running or without output.
    """

    CANCELED = 4
    """
    A cancellation was asked for, and took effect.
    """

    SPAWN_FAILED = 5
    """
    The program could not be started.
    """

    OUTPUT_INVALID = 6
    """
    The program ended well and its result does not satisfy the output schema.
    """

    LIMIT = 7
    """
    A limit on a resource or on output was reached.
    """

    LOST = 8
    """
    The daemon ended while the job ran; what became of the program is not known.
    """

    DENIED = 9
    """
    Trust or manifest changed while the job waited; it was not started.
    """

    INTERNAL = 10
    """
    The daemon failed while it ran the job; its log has the error id of the message.
    """

    @classmethod
    def betterproto_value_to_renamed_proto_names(cls) -> dict[int, str]:
        return {
            0: "OUTCOME_CAUSE_UNSPECIFIED",
            1: "OUTCOME_CAUSE_EXITED",
            2: "OUTCOME_CAUSE_SIGNALED",
            3: "OUTCOME_CAUSE_TIMEOUT",
            4: "OUTCOME_CAUSE_CANCELED",
            5: "OUTCOME_CAUSE_SPAWN_FAILED",
            6: "OUTCOME_CAUSE_OUTPUT_INVALID",
            7: "OUTCOME_CAUSE_LIMIT",
            8: "OUTCOME_CAUSE_LOST",
            9: "OUTCOME_CAUSE_DENIED",
            10: "OUTCOME_CAUSE_INTERNAL",
        }

    @classmethod
    def betterproto_renamed_proto_names_to_value(cls) -> dict[str, int]:
        return {
            "OUTCOME_CAUSE_UNSPECIFIED": 0,
            "OUTCOME_CAUSE_EXITED": 1,
            "OUTCOME_CAUSE_SIGNALED": 2,
            "OUTCOME_CAUSE_TIMEOUT": 3,
            "OUTCOME_CAUSE_CANCELED": 4,
            "OUTCOME_CAUSE_SPAWN_FAILED": 5,
            "OUTCOME_CAUSE_OUTPUT_INVALID": 6,
            "OUTCOME_CAUSE_LIMIT": 7,
            "OUTCOME_CAUSE_LOST": 8,
            "OUTCOME_CAUSE_DENIED": 9,
            "OUTCOME_CAUSE_INTERNAL": 10,
        }


class OutputStream(betterproto2.Enum):
    """
    A standard stream of a program.
    """

    UNSPECIFIED = 0
    """
    Never sent.
    """

    STDOUT = 1
    """
    Standard output.
    """

    STDERR = 2
    """
    Standard error.
    """

    @classmethod
    def betterproto_value_to_renamed_proto_names(cls) -> dict[int, str]:
        return {
            0: "OUTPUT_STREAM_UNSPECIFIED",
            1: "OUTPUT_STREAM_STDOUT",
            2: "OUTPUT_STREAM_STDERR",
        }

    @classmethod
    def betterproto_renamed_proto_names_to_value(cls) -> dict[str, int]:
        return {
            "OUTPUT_STREAM_UNSPECIFIED": 0,
            "OUTPUT_STREAM_STDOUT": 1,
            "OUTPUT_STREAM_STDERR": 2,
        }


class Permission(betterproto2.Enum):
    """
    What a tool is allowed to do, in four words for a prompt. Derived from its effects.
    """

    UNSPECIFIED = 0
    """
    Never sent.
    """

    FILESYSTEM_READ = 1
    """
    Reads files outside its scratch directory.
    """

    FILESYSTEM_WRITE = 2
    """
    Writes files outside its scratch directory.
    """

    NETWORK = 3
    """
    Opens network connections.
    """

    PROCESS = 4
    """
    Starts other programs.
    """

    @classmethod
    def betterproto_value_to_renamed_proto_names(cls) -> dict[int, str]:
        return {
            0: "PERMISSION_UNSPECIFIED",
            1: "PERMISSION_FILESYSTEM_READ",
            2: "PERMISSION_FILESYSTEM_WRITE",
            3: "PERMISSION_NETWORK",
            4: "PERMISSION_PROCESS",
        }

    @classmethod
    def betterproto_renamed_proto_names_to_value(cls) -> dict[str, int]:
        return {
            "PERMISSION_UNSPECIFIED": 0,
            "PERMISSION_FILESYSTEM_READ": 1,
            "PERMISSION_FILESYSTEM_WRITE": 2,
            "PERMISSION_NETWORK": 3,
            "PERMISSION_PROCESS": 4,
        }


class RepositoryState(betterproto2.Enum):
    """
    What is known of the repository of a job's working directory.
    """

    UNSPECIFIED = 0
    """
    Never sent.
    """

    CAPTURED = 1
    """
    The fields about the repository were read when the job started.
    """

    NONE = 2
    """
    The working directory is not in a repository, or the tool asked for none.
    """

    UNKNOWN = 3
    """
    There is a repository and some of it could not be read in time; the reason says why.
    """

    @classmethod
    def betterproto_value_to_renamed_proto_names(cls) -> dict[int, str]:
        return {
            0: "REPOSITORY_STATE_UNSPECIFIED",
            1: "REPOSITORY_STATE_CAPTURED",
            2: "REPOSITORY_STATE_NONE",
            3: "REPOSITORY_STATE_UNKNOWN",
        }

    @classmethod
    def betterproto_renamed_proto_names_to_value(cls) -> dict[str, int]:
        return {
            "REPOSITORY_STATE_UNSPECIFIED": 0,
            "REPOSITORY_STATE_CAPTURED": 1,
            "REPOSITORY_STATE_NONE": 2,
            "REPOSITORY_STATE_UNKNOWN": 3,
        }


class RequesterProof(betterproto2.Enum):
    """
    How the daemon knows the user of a request.
    """

    UNSPECIFIED = 0
    """
    Recorded by a daemon that had the kernel's word and no other way.
    """

    PEER_CREDENTIALS = 1
    """
    The kernel named the process at the other end of the Unix socket.
    """

    LOOPBACK_TOKEN = 2
    """
    The call came over loopback TCP with the token that only this user can read. Which process it was is not known.
    """

    NONE = 3
    """
    The call came over loopback TCP without that token: any user of the machine may have sent it. It was refused.
    """

    @classmethod
    def betterproto_value_to_renamed_proto_names(cls) -> dict[int, str]:
        return {
            0: "REQUESTER_PROOF_UNSPECIFIED",
            1: "REQUESTER_PROOF_PEER_CREDENTIALS",
            2: "REQUESTER_PROOF_LOOPBACK_TOKEN",
            3: "REQUESTER_PROOF_NONE",
        }

    @classmethod
    def betterproto_renamed_proto_names_to_value(cls) -> dict[str, int]:
        return {
            "REQUESTER_PROOF_UNSPECIFIED": 0,
            "REQUESTER_PROOF_PEER_CREDENTIALS": 1,
            "REQUESTER_PROOF_LOOPBACK_TOKEN": 2,
            "REQUESTER_PROOF_NONE": 3,
        }


class SignalCause(betterproto2.Enum):
    """
    Why the daemon sent a signal.
    """

    UNSPECIFIED = 0
    """
    Never sent.
    """

    CANCELLATION = 1
    """
    A cancellation was asked for, by a caller or by the daemon's own end.
    """

    RUN_TIMEOUT = 2
    """
    The program ran longer than allowed.
    """

    IDLE_TIMEOUT = 3
    """
    The program wrote nothing and reported nothing for longer than allowed.
    """

    OUTPUT_LIMIT = 4
    """
    The program wrote more than its output limit and the manifest asks to end it then.
    """

    LEFT_BEHIND = 5
    """
    The program had exited and had left processes behind.
    """

    OUTLIVED_DAEMON = 6
    """
    The processes are those of a job that an earlier daemon ran.
    """

    @classmethod
    def betterproto_value_to_renamed_proto_names(cls) -> dict[int, str]:
        return {
            0: "SIGNAL_CAUSE_UNSPECIFIED",
            1: "SIGNAL_CAUSE_CANCELLATION",
            2: "SIGNAL_CAUSE_RUN_TIMEOUT",
            3: "SIGNAL_CAUSE_IDLE_TIMEOUT",
            4: "SIGNAL_CAUSE_OUTPUT_LIMIT",
            5: "SIGNAL_CAUSE_LEFT_BEHIND",
            6: "SIGNAL_CAUSE_OUTLIVED_DAEMON",
        }

    @classmethod
    def betterproto_renamed_proto_names_to_value(cls) -> dict[str, int]:
        return {
            "SIGNAL_CAUSE_UNSPECIFIED": 0,
            "SIGNAL_CAUSE_CANCELLATION": 1,
            "SIGNAL_CAUSE_RUN_TIMEOUT": 2,
            "SIGNAL_CAUSE_IDLE_TIMEOUT": 3,
            "SIGNAL_CAUSE_OUTPUT_LIMIT": 4,
            "SIGNAL_CAUSE_LEFT_BEHIND": 5,
            "SIGNAL_CAUSE_OUTLIVED_DAEMON": 6,
        }


class ToolKind(betterproto2.Enum):
    """
    What an entry of the catalog is.
    """

    UNSPECIFIED = 0
    """
    Never sent. In a filter: any kind.
    """

    TOOL = 1
    """
    It has a manifest and can be run.
    """

    DOCUMENT = 2
    """
    It is text for a reader, such as a SKILL.md without a manifest. Running it answers NOT_RUNNABLE.
    """

    @classmethod
    def betterproto_value_to_renamed_proto_names(cls) -> dict[int, str]:
        return {
            0: "TOOL_KIND_UNSPECIFIED",
            1: "TOOL_KIND_TOOL",
            2: "TOOL_KIND_DOCUMENT",
        }

    @classmethod
    def betterproto_renamed_proto_names_to_value(cls) -> dict[str, int]:
        return {
            "TOOL_KIND_UNSPECIFIED": 0,
            "TOOL_KIND_TOOL": 1,
            "TOOL_KIND_DOCUMENT": 2,
        }


class ToolOrigin(betterproto2.Enum):
    """
    Which root of the catalog an entry comes from. An earlier root wins a collision.
    """

    UNSPECIFIED = 0
    """
    Never sent.
    """

    BUILT_IN = 1
    """
    Shipped with the daemon.
    """

    USER = 2
    """
    From a tool root of the user.
    """

    PROJECT = 3
    """
    From a tool root in the caller's working directory.
    """

    @classmethod
    def betterproto_value_to_renamed_proto_names(cls) -> dict[int, str]:
        return {
            0: "TOOL_ORIGIN_UNSPECIFIED",
            1: "TOOL_ORIGIN_BUILT_IN",
            2: "TOOL_ORIGIN_USER",
            3: "TOOL_ORIGIN_PROJECT",
        }

    @classmethod
    def betterproto_renamed_proto_names_to_value(cls) -> dict[str, int]:
        return {
            "TOOL_ORIGIN_UNSPECIFIED": 0,
            "TOOL_ORIGIN_BUILT_IN": 1,
            "TOOL_ORIGIN_USER": 2,
            "TOOL_ORIGIN_PROJECT": 3,
        }


class ToolTrust(betterproto2.Enum):
    """
    Whether the daemon will run a tool.
    """

    UNSPECIFIED = 0
    """
    Never sent.
    """

    TRUSTED = 1
    """
    Shipped with the daemon, or its digest was approved.
    """

    UNTRUSTED = 2
    """
    Its digest was not approved. Running it answers TOOL_UNTRUSTED.
    """

    @classmethod
    def betterproto_value_to_renamed_proto_names(cls) -> dict[int, str]:
        return {
            0: "TOOL_TRUST_UNSPECIFIED",
            1: "TOOL_TRUST_TRUSTED",
            2: "TOOL_TRUST_UNTRUSTED",
        }

    @classmethod
    def betterproto_renamed_proto_names_to_value(cls) -> dict[str, int]:
        return {
            "TOOL_TRUST_UNSPECIFIED": 0,
            "TOOL_TRUST_TRUSTED": 1,
            "TOOL_TRUST_UNTRUSTED": 2,
        }


class TrustDecision(betterproto2.Enum):
    """
    What the user says of a tool.
    """

    UNSPECIFIED = 0
    """
    The same as APPROVE.
    """

    APPROVE = 1
    """
    The tool may run.
    """

    REVOKE = 2
    """
    The approval is taken back.
    """

    @classmethod
    def betterproto_value_to_renamed_proto_names(cls) -> dict[int, str]:
        return {
            0: "TRUST_DECISION_UNSPECIFIED",
            1: "TRUST_DECISION_APPROVE",
            2: "TRUST_DECISION_REVOKE",
        }

    @classmethod
    def betterproto_renamed_proto_names_to_value(cls) -> dict[str, int]:
        return {
            "TRUST_DECISION_UNSPECIFIED": 0,
            "TRUST_DECISION_APPROVE": 1,
            "TRUST_DECISION_REVOKE": 2,
        }


class WaitCause(betterproto2.Enum):
    """
    What a job waits for.
    """

    UNSPECIFIED = 0
    """
    Never sent.
    """

    SLOT = 1
    """
    A free place: among the jobs that run at a time, or among the runs of a tool that limits its own.
    """

    LOCK = 2
    """
    A named lock.
    """

    @classmethod
    def betterproto_value_to_renamed_proto_names(cls) -> dict[int, str]:
        return {
            0: "WAIT_CAUSE_UNSPECIFIED",
            1: "WAIT_CAUSE_SLOT",
            2: "WAIT_CAUSE_LOCK",
        }

    @classmethod
    def betterproto_renamed_proto_names_to_value(cls) -> dict[str, int]:
        return {
            "WAIT_CAUSE_UNSPECIFIED": 0,
            "WAIT_CAUSE_SLOT": 1,
            "WAIT_CAUSE_LOCK": 2,
        }


@dataclass(eq=False, repr=False)
class Artifact(betterproto2.Message):
    """
    A file that a run produced, kept by content.
    """

    name: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    Name that the tool gave it; unique within the job.
    """

    digest: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    Digest of its bytes, as `sha256:<hex>`.
    """

    size_bytes: "int" = betterproto2.field(3, betterproto2.TYPE_UINT64)
    """
    Its size.
    """

    media_type: "str" = betterproto2.field(4, betterproto2.TYPE_STRING)
    """
    Media type, as the tool says.
    """


default_message_pool.register_message("dome.runtime.v1", "Artifact", Artifact)


@dataclass(eq=False, repr=False)
class ArtifactProduced(betterproto2.Message):
    """
    The program produced a file, which is stored.
    """

    artifact: "Artifact | None" = betterproto2.field(1, betterproto2.TYPE_MESSAGE, optional=True)
    """
    The file.
    """


default_message_pool.register_message("dome.runtime.v1", "ArtifactProduced", ArtifactProduced)


@dataclass(eq=False, repr=False)
class CancelJobRequest(betterproto2.Message):
    """
    Asks for the end of a job.
    """

    job_id: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    The job.
    """

    reason: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    Why, for the record: at most 1,000 characters.
    """


default_message_pool.register_message("dome.runtime.v1", "CancelJobRequest", CancelJobRequest)


@dataclass(eq=False, repr=False)
class CancelJobResponse(betterproto2.Message):
    """
    The job after the request was recorded.
    """

    job: "Job | None" = betterproto2.field(1, betterproto2.TYPE_MESSAGE, optional=True)
    """
    The job.
    """


default_message_pool.register_message("dome.runtime.v1", "CancelJobResponse", CancelJobResponse)


@dataclass(eq=False, repr=False)
class CancelRequested(betterproto2.Message):
    """
    Somebody asked for the end of the job. The first request counts.
    """

    reason: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    Why, in the caller's words.
    """

    requester: "Requester | None" = betterproto2.field(2, betterproto2.TYPE_MESSAGE, optional=True)
    """
    Who asked.
    """


default_message_pool.register_message("dome.runtime.v1", "CancelRequested", CancelRequested)


@dataclass(eq=False, repr=False)
class CatalogProblem(betterproto2.Message):
    """
    An entry that is left out of the catalog, and why. Nothing is skipped in silence.
    """

    kind: "CatalogProblemKind" = betterproto2.field(
        1, betterproto2.TYPE_ENUM, default_factory=lambda: CatalogProblemKind(0)
    )
    """
    What kind of problem it is.
    """

    path: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    Absolute path of the offending file or folder.
    """

    tool_id: "str" = betterproto2.field(3, betterproto2.TYPE_STRING)
    """
    The id that it claims, where one could be read.
    """

    message: "str" = betterproto2.field(4, betterproto2.TYPE_STRING)
    """
    What is wrong and what to do, in words.
    """

    pointers: "list[str]" = betterproto2.field(5, betterproto2.TYPE_STRING, repeated=True)
    """
    JSON pointers of the offending places, where the file could be parsed.
    """

    origin: "ToolOrigin" = betterproto2.field(6, betterproto2.TYPE_ENUM, default_factory=lambda: ToolOrigin(0))
    """
    Which root it is in.
    """


default_message_pool.register_message("dome.runtime.v1", "CatalogProblem", CatalogProblem)


@dataclass(eq=False, repr=False)
class Correlation(betterproto2.Message):
    """
    Identities that join a job to the work it belongs to. All optional and set by the caller, each with at most 256
    characters where nothing else is said.
    """

    run_id: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    The larger undertaking: `run-` and 1 to 64 letters, digits, dots, dashes or underscores. The daemon makes one where
    the caller names none.
    """

    task_id: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    Digest of the TaskSpec that the job carries out.
    """

    group_id: "str" = betterproto2.field(3, betterproto2.TYPE_STRING)
    """
    Digest of run, task and attempt.
    """

    work_package_id: "str" = betterproto2.field(4, betterproto2.TYPE_STRING)
    """
    The work package that the job serves.
    """

    parent_job_id: "str" = betterproto2.field(5, betterproto2.TYPE_STRING)
    """
    The job that submitted this one. A child waits for nothing that an ancestor holds. Of a retry for which the caller names
    none, the job that it retries.
    """

    traceparent: "str" = betterproto2.field(6, betterproto2.TYPE_STRING)
    """
    W3C trace context of the caller. The program continues it, and so does the daemon where it traces: then a job has
    the context of the daemon's span of the call here, in the caller's trace.
    """

    effector: "Effector | None" = betterproto2.field(7, betterproto2.TYPE_MESSAGE, optional=True)
    """
    Who acts.
    """

    client_session_id: "str" = betterproto2.field(8, betterproto2.TYPE_STRING)
    """
    Session of the agent or user, such as a thread id.
    """

    client_call_id: "str" = betterproto2.field(9, betterproto2.TYPE_STRING)
    """
    Call within that session.
    """

    tracestate: "str" = betterproto2.field(10, betterproto2.TYPE_STRING)
    """
    What the vendors of the caller's traces say beside `traceparent`, passed on as it is; at most 512 printable ASCII
    characters. Without `traceparent` it means nothing.
    """


default_message_pool.register_message("dome.runtime.v1", "Correlation", Correlation)


@dataclass(eq=False, repr=False)
class DaemonLimits(betterproto2.Message):
    """
    Limits of the daemon, whatever a tool's own are.
    """

    input_bytes_max: "int" = betterproto2.field(1, betterproto2.TYPE_UINT64)
    """
    Most bytes of a tool's input.
    """

    message_bytes_max: "int" = betterproto2.field(2, betterproto2.TYPE_UINT64)
    """
    Most bytes of a request message. A larger one is refused with TOO_LARGE.
    """

    parallel_jobs_max: "int" = betterproto2.field(3, betterproto2.TYPE_UINT32)
    """
    Most jobs that run at a time.
    """

    queued_jobs_max: "int" = betterproto2.field(4, betterproto2.TYPE_UINT32)
    """
    Most jobs that wait at a time.
    """

    answer_bytes_max: "int" = betterproto2.field(5, betterproto2.TYPE_UINT64)
    """
    Most bytes of a response message. A client must take that many, which is more than the 4 MiB of some gRPC libraries:
    GetJobStatus and the last event of a job hold its result, which has up to 8 MiB. Lists stay below 4 MiB.
    """


default_message_pool.register_message("dome.runtime.v1", "DaemonLimits", DaemonLimits)


@dataclass(eq=False, repr=False)
class Effector(betterproto2.Message):
    """
    Who acts.
    """

    kind: "EffectorKind" = betterproto2.field(1, betterproto2.TYPE_ENUM, default_factory=lambda: EffectorKind(0))
    """
    What kind of actor it is.
    """

    id: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    Identifies the actor within its kind.
    """

    profile: "str" = betterproto2.field(3, betterproto2.TYPE_STRING)
    """
    The agent profile that it follows.
    """


default_message_pool.register_message("dome.runtime.v1", "Effector", Effector)


@dataclass(eq=False, repr=False)
class EffectsEnforcement(betterproto2.Message):
    """
    How far each of a tool's declared effects was held by the kernel during a run.
    """

    filesystem: "Enforcement" = betterproto2.field(1, betterproto2.TYPE_ENUM, default_factory=lambda: Enforcement(0))
    """
    Reading and writing files.
    """

    network: "Enforcement" = betterproto2.field(2, betterproto2.TYPE_ENUM, default_factory=lambda: Enforcement(0))
    """
    Reaching the network.
    """

    processes: "Enforcement" = betterproto2.field(3, betterproto2.TYPE_ENUM, default_factory=lambda: Enforcement(0))
    """
    Starting processes.
    """


default_message_pool.register_message("dome.runtime.v1", "EffectsEnforcement", EffectsEnforcement)


@dataclass(eq=False, repr=False)
class ExecuteConstraints(betterproto2.Message):
    """
    Limits that a caller puts on one job. They may only tighten the manifest's. Absent or zero: the manifest's, or the
    daemon's default where the manifest says none.
    """

    deadline: "datetime.timedelta | None" = betterproto2.field(
        1, betterproto2.TYPE_MESSAGE, unwrap=lambda: ___google__protobuf__.Duration, optional=True
    )
    """
    Longest time from acceptance to end, the queue included.
    """

    grace: "datetime.timedelta | None" = betterproto2.field(
        2, betterproto2.TYPE_MESSAGE, unwrap=lambda: ___google__protobuf__.Duration, optional=True
    )
    """
    Time between the polite signal and the final one.
    """

    output_bytes_max: "int" = betterproto2.field(3, betterproto2.TYPE_UINT64)
    """
    Most bytes of output that are recorded.
    """


default_message_pool.register_message("dome.runtime.v1", "ExecuteConstraints", ExecuteConstraints)


@dataclass(eq=False, repr=False)
class Finished(betterproto2.Message):
    """
    The job ended. Nothing follows.
    """

    state: "JobState" = betterproto2.field(1, betterproto2.TYPE_ENUM, default_factory=lambda: JobState(0))
    """
    The terminal state.
    """

    outcome: "Outcome | None" = betterproto2.field(2, betterproto2.TYPE_MESSAGE, optional=True)
    """
    How it ended.
    """

    output_totals: "list[OutputTotals]" = betterproto2.field(3, betterproto2.TYPE_MESSAGE, repeated=True)
    """
    What was recorded of the output, by stream.
    """

    provenance: "RunProvenance | None" = betterproto2.field(4, betterproto2.TYPE_MESSAGE, optional=True)
    """
    The whole record of the run. Absent where no program was started.
    """

    chain_head: "str" = betterproto2.field(5, betterproto2.TYPE_STRING)
    """
    Head of the hash chain over the stored events before this one, as `sha256:<hex>`.
    """


default_message_pool.register_message("dome.runtime.v1", "Finished", Finished)


@dataclass(eq=False, repr=False)
class GetJobStatusRequest(betterproto2.Message):
    """
    Asks for one job.
    """

    job_id: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    The job.
    """


default_message_pool.register_message("dome.runtime.v1", "GetJobStatusRequest", GetJobStatusRequest)


@dataclass(eq=False, repr=False)
class GetJobStatusResponse(betterproto2.Message):
    """
    One job as it stands.
    """

    job: "Job | None" = betterproto2.field(1, betterproto2.TYPE_MESSAGE, optional=True)
    """
    The job.
    """


default_message_pool.register_message("dome.runtime.v1", "GetJobStatusResponse", GetJobStatusResponse)


@dataclass(eq=False, repr=False)
class GetToolRequest(betterproto2.Message):
    """
    Asks for one tool.
    """

    tool_id: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    The tool.
    """

    working_directory: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    The caller's working directory, as in ListTools.
    """


default_message_pool.register_message("dome.runtime.v1", "GetToolRequest", GetToolRequest)


@dataclass(eq=False, repr=False)
class GetToolResponse(betterproto2.Message):
    """
    One tool in full.
    """

    tool: "ToolDescriptor | None" = betterproto2.field(1, betterproto2.TYPE_MESSAGE, optional=True)
    """
    The tool.
    """


default_message_pool.register_message("dome.runtime.v1", "GetToolResponse", GetToolResponse)


@dataclass(eq=False, repr=False)
class Heartbeat(betterproto2.Message):
    """
    Where a stream stands. No event, no seq.
    """

    position: "int" = betterproto2.field(1, betterproto2.TYPE_UINT64)
    """
    The reader has everything up to and including this, except what was suppressed.
    """

    output_suppressed: "bool" = betterproto2.field(2, betterproto2.TYPE_BOOL)
    """
    Whether pages of output up to `position` were left out because the request said so.
    """


default_message_pool.register_message("dome.runtime.v1", "Heartbeat", Heartbeat)


@dataclass(eq=False, repr=False)
class Job(betterproto2.Message):
    """
    One job as it stands. A snapshot: its events are the record.
    """

    job_id: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    Identifies the job.
    """

    skill_id: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    The tool that it runs.
    """

    tool_version: "str" = betterproto2.field(3, betterproto2.TYPE_STRING)
    """
    Version of that tool when the job was accepted.
    """

    tool_digest: "str" = betterproto2.field(4, betterproto2.TYPE_STRING)
    """
    Digest of that tool when the job was accepted.
    """

    state: "JobState" = betterproto2.field(5, betterproto2.TYPE_ENUM, default_factory=lambda: JobState(0))
    """
    Where the job stands.
    """

    last_seq: "int" = betterproto2.field(6, betterproto2.TYPE_UINT64)
    """
    Number of the newest event.
    """

    create_time: "datetime.datetime | None" = betterproto2.field(
        7, betterproto2.TYPE_MESSAGE, unwrap=lambda: ___google__protobuf__.Timestamp, optional=True
    )
    """
    When it was accepted.
    """

    start_time: "datetime.datetime | None" = betterproto2.field(
        8, betterproto2.TYPE_MESSAGE, unwrap=lambda: ___google__protobuf__.Timestamp, optional=True
    )
    """
    When its program was started. Absent before.
    """

    end_time: "datetime.datetime | None" = betterproto2.field(
        9, betterproto2.TYPE_MESSAGE, unwrap=lambda: ___google__protobuf__.Timestamp, optional=True
    )
    """
    When it ended. Absent before.
    """

    cancel_requested: "bool" = betterproto2.field(10, betterproto2.TYPE_BOOL)
    """
    Whether a cancellation was asked for, whatever came of it.
    """

    attempt: "int" = betterproto2.field(11, betterproto2.TYPE_UINT32)
    """
    How many times the program was started: 0 or 1.
    """

    progress: "Progress | None" = betterproto2.field(12, betterproto2.TYPE_MESSAGE, optional=True)
    """
    Newest progress report. Absent where there is none.
    """

    outcome: "Outcome | None" = betterproto2.field(13, betterproto2.TYPE_MESSAGE, optional=True)
    """
    How it ended. Absent before.
    """

    artifacts: "list[Artifact]" = betterproto2.field(14, betterproto2.TYPE_MESSAGE, repeated=True)
    """
    Artifacts so far, in order of production.
    """

    provenance: "RunProvenance | None" = betterproto2.field(15, betterproto2.TYPE_MESSAGE, optional=True)
    """
    Where, with what and from what it ran. Absent before the start; a job that ends without one has its record by then.
    """

    correlation: "Correlation | None" = betterproto2.field(16, betterproto2.TYPE_MESSAGE, optional=True)
    """
    Identities of the work it belongs to; `run_id` is always set.
    """

    labels: "dict[str, str]" = betterproto2.field(
        17, betterproto2.TYPE_MAP, map_meta=betterproto2.map_meta(betterproto2.TYPE_STRING, betterproto2.TYPE_STRING)
    )
    """
    Labels from the request.
    """

    priority: "int" = betterproto2.field(18, betterproto2.TYPE_INT32)
    """
    Priority from the request.
    """

    working_directory: "str" = betterproto2.field(19, betterproto2.TYPE_STRING)
    """
    Working directory from the request, resolved.
    """

    request_digest: "str" = betterproto2.field(20, betterproto2.TYPE_STRING)
    """
    Digest that the idempotency key is bound to, as `sha256:<hex>`.
    """

    idempotency_key: "str" = betterproto2.field(21, betterproto2.TYPE_STRING)
    """
    The idempotency key, where the request had one.
    """

    retry_of_job_id: "str" = betterproto2.field(22, betterproto2.TYPE_STRING)
    """
    The job whose request this one repeats. Empty where it repeats none.
    """


default_message_pool.register_message("dome.runtime.v1", "Job", Job)


@dataclass(eq=False, repr=False)
class JobChange(betterproto2.Message):
    """
    A change of one job's state.
    """

    revision: "int" = betterproto2.field(1, betterproto2.TYPE_UINT64)
    """
    Position of the change among all changes of the store.
    """

    job: "Job | None" = betterproto2.field(2, betterproto2.TYPE_MESSAGE, optional=True)
    """
    The job as the change left it, without `outcome.result`.
    """


default_message_pool.register_message("dome.runtime.v1", "JobChange", JobChange)


@dataclass(eq=False, repr=False)
class JobEvent(betterproto2.Message):
    """
    One immutable, sequenced fact about a job. Stored once, in these bytes.

    Oneofs:
        - fact: What happened.
    """

    job_id: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    The job.
    """

    seq: "int" = betterproto2.field(2, betterproto2.TYPE_UINT64)
    """
    First seq that the event covers.
    """

    last_seq: "int" = betterproto2.field(3, betterproto2.TYPE_UINT64)
    """
    Last seq that the event covers. Equal to `seq` for all but pages of output.
    """

    event_id: "str" = betterproto2.field(4, betterproto2.TYPE_STRING)
    """
    `evt-<job>-<seq>`, where <job> is the job id without its prefix.
    """

    occur_time: "datetime.datetime | None" = betterproto2.field(
        5, betterproto2.TYPE_MESSAGE, unwrap=lambda: ___google__protobuf__.Timestamp, optional=True
    )
    """
    When the daemon observed the fact.
    """

    submitted: "Submitted | None" = betterproto2.field(10, betterproto2.TYPE_MESSAGE, optional=True, group="fact")
    """
    The job was accepted. Always the first.
    """

    waiting: "Waiting | None" = betterproto2.field(11, betterproto2.TYPE_MESSAGE, optional=True, group="fact")
    """
    The job waits for something.
    """

    started: "Started | None" = betterproto2.field(12, betterproto2.TYPE_MESSAGE, optional=True, group="fact")
    """
    The program is about to be started. At most one.
    """

    output: "Output | None" = betterproto2.field(13, betterproto2.TYPE_MESSAGE, optional=True, group="fact")
    """
    The program wrote.
    """

    progress: "Progress | None" = betterproto2.field(14, betterproto2.TYPE_MESSAGE, optional=True, group="fact")
    """
    The program said how far it is.
    """

    artifact_produced: "ArtifactProduced | None" = betterproto2.field(
        15, betterproto2.TYPE_MESSAGE, optional=True, group="fact"
    )
    """
    The program produced a file.
    """

    cancel_requested: "CancelRequested | None" = betterproto2.field(
        16, betterproto2.TYPE_MESSAGE, optional=True, group="fact"
    )
    """
    Somebody asked for the end.
    """

    signaled: "Signaled | None" = betterproto2.field(17, betterproto2.TYPE_MESSAGE, optional=True, group="fact")
    """
    The daemon sent a signal.
    """

    survivor_found: "SurvivorFound | None" = betterproto2.field(
        18, betterproto2.TYPE_MESSAGE, optional=True, group="fact"
    )
    """
    A process of the job outlived its end.
    """

    truncated: "Truncated | None" = betterproto2.field(19, betterproto2.TYPE_MESSAGE, optional=True, group="fact")
    """
    Output was left out.
    """

    finished: "Finished | None" = betterproto2.field(20, betterproto2.TYPE_MESSAGE, optional=True, group="fact")
    """
    The job ended. Exactly one, always the last.
    """


default_message_pool.register_message("dome.runtime.v1", "JobEvent", JobEvent)


@dataclass(eq=False, repr=False)
class ListCapabilitiesRequest(betterproto2.Message):
    """
    Asks what the daemon is and can do.
    """

    pass


default_message_pool.register_message("dome.runtime.v1", "ListCapabilitiesRequest", ListCapabilitiesRequest)


@dataclass(eq=False, repr=False)
class ListCapabilitiesResponse(betterproto2.Message):
    """
    What the daemon is and can do.
    """

    server_version: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    Version of the daemon (semantic versioning).
    """

    api_versions: "list[str]" = betterproto2.field(2, betterproto2.TYPE_STRING, repeated=True)
    """
    Packages of this interface that it serves, such as `dome.runtime.v1`.
    """

    feature_flags: "list[str]" = betterproto2.field(3, betterproto2.TYPE_STRING, repeated=True)
    """
    What it offers of that which a daemon need not offer, sorted. What is not listed answers UNSUPPORTED, with the
    same name under `feature` in the metadata:
    * `artifact.read`: ReadArtifact
    * `job.locks`: ListLocks
    * `job.refused`: `include_refused` of ListJobs
    * `job.retry`: `retry_of_job_id` of SkillExecute
    * `job.validate_only`: `validate_only` of SkillExecute
    * `job.watch`: WatchJobs
    * `tool.trust`: TrustTool
    And what the kernel does here, which no call asks for:
    * `effects.filesystem`, `effects.network`: tools are held to what they declare of it
    * `limits.run_memory`, `limits.run_processes`: a run as a whole is held to what its tool's manifest limits it to
    * `run.group`: runs have control groups, in which all of their processes are found and ended
    """

    executor_backends: "list[str]" = betterproto2.field(4, betterproto2.TYPE_STRING, repeated=True)
    """
    Executor backends, sorted.
    """

    contract_hashes: "dict[str, str]" = betterproto2.field(
        5, betterproto2.TYPE_MAP, map_meta=betterproto2.map_meta(betterproto2.TYPE_STRING, betterproto2.TYPE_STRING)
    )
    """
    Digest of each contract bundle it was built with, by name, as `sha256:<hex>`.
    """

    schema_versions: "dict[str, str]" = betterproto2.field(
        6, betterproto2.TYPE_MAP, map_meta=betterproto2.map_meta(betterproto2.TYPE_STRING, betterproto2.TYPE_STRING)
    )
    """
    Version of each schema family that it reads, by `<context>/<family>`.
    """

    catalog_revision: "str" = betterproto2.field(7, betterproto2.TYPE_STRING)
    """
    Changes whenever the catalog does, as a caller without a working directory sees it.
    """

    store_id: "str" = betterproto2.field(8, betterproto2.TYPE_STRING)
    """
    Identifies the daemon's store. Another id means other jobs and other revisions.
    """

    start_time: "datetime.datetime | None" = betterproto2.field(
        9, betterproto2.TYPE_MESSAGE, unwrap=lambda: ___google__protobuf__.Timestamp, optional=True
    )
    """
    When the daemon started.
    """

    limits: "DaemonLimits | None" = betterproto2.field(10, betterproto2.TYPE_MESSAGE, optional=True)
    """
    Limits that a client should know before it asks.
    """


default_message_pool.register_message("dome.runtime.v1", "ListCapabilitiesResponse", ListCapabilitiesResponse)


@dataclass(eq=False, repr=False)
class ListJobsRequest(betterproto2.Message):
    """
    Asks for a page of jobs.
    """

    states: "list[JobState]" = betterproto2.field(1, betterproto2.TYPE_ENUM, repeated=True)
    """
    Only jobs in one of these states. Empty: any.
    """

    skill_id: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    Only jobs of this tool. Empty: any.
    """

    run_id: "str" = betterproto2.field(3, betterproto2.TYPE_STRING)
    """
    Only jobs of this run. Empty: any.
    """

    labels: "dict[str, str]" = betterproto2.field(
        4, betterproto2.TYPE_MAP, map_meta=betterproto2.map_meta(betterproto2.TYPE_STRING, betterproto2.TYPE_STRING)
    )
    """
    Only jobs that have all of these labels: at most 32.
    """

    create_time_min: "datetime.datetime | None" = betterproto2.field(
        5, betterproto2.TYPE_MESSAGE, unwrap=lambda: ___google__protobuf__.Timestamp, optional=True
    )
    """
    Only jobs accepted at or after this time.
    """

    create_time_max: "datetime.datetime | None" = betterproto2.field(
        6, betterproto2.TYPE_MESSAGE, unwrap=lambda: ___google__protobuf__.Timestamp, optional=True
    )
    """
    Only jobs accepted before this time.
    """

    include_refused: "bool" = betterproto2.field(7, betterproto2.TYPE_BOOL)
    """
    Also list requests that were refused. Of the filters, the tool and the times hold for them too. They count among the
    entries of a page.
    """

    page_size: "int" = betterproto2.field(8, betterproto2.TYPE_UINT32)
    """
    Most entries of the page: 1 to 1000. Zero: 100. A page of large entries has fewer.
    """

    page_token: "str" = betterproto2.field(9, betterproto2.TYPE_STRING)
    """
    `next_page_token` of the page before. Empty: the first page.
    """


default_message_pool.register_message("dome.runtime.v1", "ListJobsRequest", ListJobsRequest)


@dataclass(eq=False, repr=False)
class ListJobsResponse(betterproto2.Message):
    """
    A page of jobs.
    """

    jobs: "list[Job]" = betterproto2.field(1, betterproto2.TYPE_MESSAGE, repeated=True)
    """
    Newest first, each without `outcome.result`.
    """

    next_page_token: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    Continues the listing. Empty on the last page.
    """

    refused: "list[RefusedRequest]" = betterproto2.field(3, betterproto2.TYPE_MESSAGE, repeated=True)
    """
    Refused requests in the time of the page, newest first.
    """

    revision: "int" = betterproto2.field(4, betterproto2.TYPE_UINT64)
    """
    Position of the last change of state that the first page takes in: WatchJobs goes on after it. On the first page only.
    """


default_message_pool.register_message("dome.runtime.v1", "ListJobsResponse", ListJobsResponse)


@dataclass(eq=False, repr=False)
class ListLocksRequest(betterproto2.Message):
    """
    Asks for the locks.
    """

    pass


default_message_pool.register_message("dome.runtime.v1", "ListLocksRequest", ListLocksRequest)


@dataclass(eq=False, repr=False)
class ListLocksResponse(betterproto2.Message):
    """
    The locks.
    """

    locks: "list[Lock]" = betterproto2.field(1, betterproto2.TYPE_MESSAGE, repeated=True)
    """
    Ordered by name.
    """

    omitted_locks: "int" = betterproto2.field(2, betterproto2.TYPE_UINT32)
    """
    Locks that are left out because the message would be too large.
    """


default_message_pool.register_message("dome.runtime.v1", "ListLocksResponse", ListLocksResponse)


@dataclass(eq=False, repr=False)
class ListToolsRequest(betterproto2.Message):
    """
    Asks for a page of the catalog.
    """

    query: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    Words that must all appear in id, title or description, in any case. Empty: all. Matches are ordered by where the words
    stand: a word of the id, part of the id, the title, the sentence, the description; then by id.
    """

    kind: "ToolKind" = betterproto2.field(2, betterproto2.TYPE_ENUM, default_factory=lambda: ToolKind(0))
    """
    Only entries of this kind. UNSPECIFIED: any.
    """

    working_directory: "str" = betterproto2.field(3, betterproto2.TYPE_STRING)
    """
    The caller's working directory, absolute, whose project roots are looked at. Empty: none.
    """

    page_size: "int" = betterproto2.field(4, betterproto2.TYPE_UINT32)
    """
    Most entries of the page: 1 to 1000. Zero: 100. A page of large entries has fewer.
    """

    page_token: "str" = betterproto2.field(5, betterproto2.TYPE_STRING)
    """
    `next_page_token` of the page before. Empty: the first page.
    """

    include_approvals: "bool" = betterproto2.field(6, betterproto2.TYPE_BOOL)
    """
    Whether the approvals of the user are listed too.
    """


default_message_pool.register_message("dome.runtime.v1", "ListToolsRequest", ListToolsRequest)


@dataclass(eq=False, repr=False)
class ListToolsResponse(betterproto2.Message):
    """
    A page of the catalog.
    """

    tools: "list[ToolSummary]" = betterproto2.field(1, betterproto2.TYPE_MESSAGE, repeated=True)
    """
    Ordered by tool id; with a query, the best match first.
    """

    next_page_token: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    Continues the listing. Empty on the last page.
    """

    catalog_revision: "str" = betterproto2.field(3, betterproto2.TYPE_STRING)
    """
    Changes whenever the catalog does, as this caller sees it: callers in other directories have other revisions.
    """

    problems: "list[CatalogProblem]" = betterproto2.field(4, betterproto2.TYPE_MESSAGE, repeated=True)
    """
    Entries that are left out, ordered by path. On the first page only. Where they are too many for one message, the last
    one says how many more there are.
    """

    approvals: "list[ToolApproval]" = betterproto2.field(5, betterproto2.TYPE_MESSAGE, repeated=True)
    """
    All approvals, ordered by root, id and digest, whether a tool has the digest by now or not. On the first page only, and
    only if they were asked for.
    """

    omitted_approvals: "int" = betterproto2.field(6, betterproto2.TYPE_UINT32)
    """
    How many approvals are left out because they do not fit.
    """


default_message_pool.register_message("dome.runtime.v1", "ListToolsResponse", ListToolsResponse)


@dataclass(eq=False, repr=False)
class Lock(betterproto2.Message):
    """
    A named lock.
    """

    name: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    Its name.
    """

    holder_job_id: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    The job that took it. Jobs that descend from it may hold it too.
    """

    waiter_job_ids: "list[str]" = betterproto2.field(3, betterproto2.TYPE_STRING, repeated=True)
    """
    The first 100 jobs that wait for it, in order.
    """

    waiter_count: "int" = betterproto2.field(4, betterproto2.TYPE_UINT32)
    """
    How many jobs wait for it.
    """


default_message_pool.register_message("dome.runtime.v1", "Lock", Lock)


@dataclass(eq=False, repr=False)
class Outcome(betterproto2.Message):
    """
    The record of how a job ended.
    """

    cause: "OutcomeCause" = betterproto2.field(1, betterproto2.TYPE_ENUM, default_factory=lambda: OutcomeCause(0))
    """
    How it ended.
    """

    exit_code: "int | None" = betterproto2.field(2, betterproto2.TYPE_INT32, optional=True)
    """
    Exit code of the program. Absent where it did not exit by itself.
    """

    signal: "int | None" = betterproto2.field(3, betterproto2.TYPE_INT32, optional=True)
    """
    Number of the signal that ended the program. Absent where none did.
    """

    failure_reason_code: "str" = betterproto2.field(4, betterproto2.TYPE_STRING)
    """
    The failure that was observed, from the catalogue of failure reasons; `NONE` where there is none.
    """

    message: "str" = betterproto2.field(5, betterproto2.TYPE_STRING)
    """
    What happened, for people, in one or two sentences. Empty on success.
    """

    result: "bytes" = betterproto2.field(6, betterproto2.TYPE_BYTES)
    """
    The tool's result as a JSON document in UTF-8, at most 8 MiB. Empty where the tool gave none.
    """

    usage: "ResourceUsage | None" = betterproto2.field(7, betterproto2.TYPE_MESSAGE, optional=True)
    """
    What the run used. Absent where no program ran or its accounts are lost.
    """

    last_observed_time: "datetime.datetime | None" = betterproto2.field(
        8, betterproto2.TYPE_MESSAGE, unwrap=lambda: ___google__protobuf__.Timestamp, optional=True
    )
    """
    For a LOST job: the last moment at which the daemon is known to have seen it run.
    """


default_message_pool.register_message("dome.runtime.v1", "Outcome", Outcome)


@dataclass(eq=False, repr=False)
class Output(betterproto2.Message):
    """
    A page: consecutive line records of one stream. The data of a stream's pages,
    joined, are the exact bytes that the program wrote.
    """

    stream: "OutputStream" = betterproto2.field(1, betterproto2.TYPE_ENUM, default_factory=lambda: OutputStream(0))
    """
    Which stream.
    """

    data: "bytes" = betterproto2.field(2, betterproto2.TYPE_BYTES)
    """
    The records, joined. Any bytes, NUL and invalid UTF-8 among them.
    """

    ends_partial: "bool" = betterproto2.field(3, betterproto2.TYPE_BOOL)
    """
    Whether the last record lacks its newline. No other record does.
    """


default_message_pool.register_message("dome.runtime.v1", "Output", Output)


@dataclass(eq=False, repr=False)
class OutputTotals(betterproto2.Message):
    """
    Bytes and line records of one stream of a finished job.
    """

    stream: "OutputStream" = betterproto2.field(1, betterproto2.TYPE_ENUM, default_factory=lambda: OutputStream(0))
    """
    Which stream.
    """

    bytes: "int" = betterproto2.field(2, betterproto2.TYPE_UINT64)
    """
    Bytes recorded.
    """

    records: "int" = betterproto2.field(3, betterproto2.TYPE_UINT64)
    """
    Line records.
    """


default_message_pool.register_message("dome.runtime.v1", "OutputTotals", OutputTotals)


@dataclass(eq=False, repr=False)
class Progress(betterproto2.Message):
    """
    How far a run has got, as the tool says. Each report replaces the one before.
    """

    message: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    What is being done, for people.
    """

    done: "int | None" = betterproto2.field(2, betterproto2.TYPE_UINT64, optional=True)
    """
    Units done. Absent where the tool does not count.
    """

    total: "int | None" = betterproto2.field(3, betterproto2.TYPE_UINT64, optional=True)
    """
    Units in all. Absent where the tool does not know.
    """

    unit: "str" = betterproto2.field(4, betterproto2.TYPE_STRING)
    """
    What is counted, in the plural: `files`, `tests`.
    """


default_message_pool.register_message("dome.runtime.v1", "Progress", Progress)


@dataclass(eq=False, repr=False)
class ReadArtifactRequest(betterproto2.Message):
    """
    Asks for the bytes of an artifact.
    """

    digest: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    Its digest, as `sha256:<hex>`.
    """

    offset: "int" = betterproto2.field(2, betterproto2.TYPE_UINT64)
    """
    Begin at this byte; at most the size of the artifact. Continues a stream that broke.
    """


default_message_pool.register_message("dome.runtime.v1", "ReadArtifactRequest", ReadArtifactRequest)


@dataclass(eq=False, repr=False)
class ReadArtifactResponse(betterproto2.Message):
    """
    A piece of an artifact.
    """

    data: "bytes" = betterproto2.field(1, betterproto2.TYPE_BYTES)
    """
    The bytes.
    """


default_message_pool.register_message("dome.runtime.v1", "ReadArtifactResponse", ReadArtifactResponse)


@dataclass(eq=False, repr=False)
class RefusedRequest(betterproto2.Message):
    """
    A request that was refused, as the audit table has it.
    """

    refusal_id: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    Identifies the refusal.
    """

    occur_time: "datetime.datetime | None" = betterproto2.field(
        2, betterproto2.TYPE_MESSAGE, unwrap=lambda: ___google__protobuf__.Timestamp, optional=True
    )
    """
    When.
    """

    requester: "Requester | None" = betterproto2.field(3, betterproto2.TYPE_MESSAGE, optional=True)
    """
    Whose request it was.
    """

    skill_id: "str" = betterproto2.field(4, betterproto2.TYPE_STRING)
    """
    The tool that was asked for; its first 256 characters. Empty where the request names none.
    """

    reason: "__errors__v1__.ErrorReason" = betterproto2.field(
        5, betterproto2.TYPE_ENUM, default_factory=lambda: __errors__v1__.ErrorReason(0)
    )
    """
    Reason of the refusal, the same as in the error that the caller was answered.
    """

    request_digest: "str" = betterproto2.field(6, betterproto2.TYPE_STRING)
    """
    Digest of the request, as `sha256:<hex>`. Empty for a request that is not legal by itself, and for other calls than
    SkillExecute.
    """

    method: "str" = betterproto2.field(7, betterproto2.TYPE_STRING)
    """
    The call that was refused, such as `SkillExecute`.
    """

    omitted_count: "int" = betterproto2.field(8, betterproto2.TYPE_UINT64)
    """
    How many refusals after this one have no row of their own, because too many came at a time.
    """


default_message_pool.register_message("dome.runtime.v1", "RefusedRequest", RefusedRequest)


@dataclass(eq=False, repr=False)
class Requester(betterproto2.Message):
    """
    Whose request a job was, as the daemon saw it and as the client said.
    """

    uid: "int" = betterproto2.field(1, betterproto2.TYPE_UINT32)
    """
    User id of the peer process, as `proof` says it is known. 4294967295, which is no user, where it is not known.
    """

    pid: "int" = betterproto2.field(2, betterproto2.TYPE_UINT32)
    """
    Process id of the peer, as the kernel reports it. Zero when not known.
    """

    client: "str" = betterproto2.field(3, betterproto2.TYPE_STRING)
    """
    Name and version of the client, as it says of itself.
    """

    client_session_id: "str" = betterproto2.field(4, betterproto2.TYPE_STRING)
    """
    Session of the agent or user that asked, as the client says.
    """

    client_call_id: "str" = betterproto2.field(5, betterproto2.TYPE_STRING)
    """
    Call within that session, as the client says.
    """

    proof: "RequesterProof" = betterproto2.field(6, betterproto2.TYPE_ENUM, default_factory=lambda: RequesterProof(0))
    """
    How `uid` and `pid` are known.
    """


default_message_pool.register_message("dome.runtime.v1", "Requester", Requester)


@dataclass(eq=False, repr=False)
class ResourceUsage(betterproto2.Message):
    """
    What a run used, as the kernel accounts it for the program and its waited-for children.
    """

    user_cpu_us: "int" = betterproto2.field(1, betterproto2.TYPE_UINT64)
    """
    Processor time in user mode, in microseconds.
    """

    system_cpu_us: "int" = betterproto2.field(2, betterproto2.TYPE_UINT64)
    """
    Processor time in the kernel, in microseconds.
    """

    resident_bytes_max: "int" = betterproto2.field(3, betterproto2.TYPE_UINT64)
    """
    Largest resident set of one process, in bytes. Zero where not known.
    """

    run_memory_bytes_max: "int" = betterproto2.field(4, betterproto2.TYPE_UINT64)
    """
    Largest memory of all processes together, in bytes, files that the kernel kept for them counted. Zero where no
    control group counted it.
    """

    run_processes_max: "int" = betterproto2.field(5, betterproto2.TYPE_UINT32)
    """
    Most processes and threads at a time. Zero where no control group counted them.
    """


default_message_pool.register_message("dome.runtime.v1", "ResourceUsage", ResourceUsage)


@dataclass(eq=False, repr=False)
class RunProvenance(betterproto2.Message):
    """
    The record of one run of one job. Captured when the job starts and completed
    when it ends, never computed when it is asked for. The first seven fields have
    the names of the frozen record in the `run_manifest` family.

    Every job that has ended has one. That of a job whose program was never started
    is made when it ends: the state of its repository is UNKNOWN and says so, the
    fingerprint is that of no environment, and there are no digests of output.
    """

    repo: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    Absolute path of the repository's working tree. Empty without a repository.
    """

    commit_sha: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    Commit that HEAD named, in full hexadecimal. Empty in an unborn branch or without a repository.
    """

    dirty_flag: "bool | None" = betterproto2.field(3, betterproto2.TYPE_BOOL, optional=True)
    """
    Whether tracked files differed from HEAD, or untracked files that are not ignored existed. Absent when not known.
    """

    contract_hashes: "dict[str, str]" = betterproto2.field(
        4, betterproto2.TYPE_MAP, map_meta=betterproto2.map_meta(betterproto2.TYPE_STRING, betterproto2.TYPE_STRING)
    )
    """
    Digest of each contract bundle that the daemon was built with, by name, as `sha256:<hex>`.
    """

    tool_versions: "dict[str, str]" = betterproto2.field(
        5, betterproto2.TYPE_MAP, map_meta=betterproto2.map_meta(betterproto2.TYPE_STRING, betterproto2.TYPE_STRING)
    )
    """
    Versions by name: `domed`, `executor`, `python`, and the tool's own under its id, which is none of these three.
    """

    input_hash: "str" = betterproto2.field(6, betterproto2.TYPE_STRING)
    """
    Digest of the input bytes as sent, as `sha256:<hex>`.
    """

    env_fingerprint: "str" = betterproto2.field(7, betterproto2.TYPE_STRING)
    """
    Digest of platform, machine, interpreter and the names and digests of the child's environment, as `sha256:<hex>`.
    """

    repository_state: "RepositoryState" = betterproto2.field(
        8, betterproto2.TYPE_ENUM, default_factory=lambda: RepositoryState(0)
    )
    """
    How far the repository fields can be trusted.
    """

    repository_state_reason: "str" = betterproto2.field(9, betterproto2.TYPE_STRING)
    """
    Why the state is UNKNOWN, in words. Empty otherwise.
    """

    branch: "str" = betterproto2.field(10, betterproto2.TYPE_STRING)
    """
    Branch that HEAD named. Empty when detached.
    """

    remote: "str" = betterproto2.field(11, betterproto2.TYPE_STRING)
    """
    URL of the remote `origin`, without user name and password.
    """

    dirty_digest: "str" = betterproto2.field(12, betterproto2.TYPE_STRING)
    """
    Digest of `git status` and the diff against HEAD, as `sha256:<hex>`. Empty when clean or not known.
    """

    tool_digest: "str" = betterproto2.field(13, betterproto2.TYPE_STRING)
    """
    Digest over the tool's manifest, schemas and every file of its folder, as `sha256:<hex>`.
    """

    platform: "str" = betterproto2.field(14, betterproto2.TYPE_STRING)
    """
    Operating system, its release and the machine type, as the platform names them.
    """

    working_directory: "str" = betterproto2.field(15, betterproto2.TYPE_STRING)
    """
    Absolute working directory of the child process.
    """

    requester: "Requester | None" = betterproto2.field(16, betterproto2.TYPE_MESSAGE, optional=True)
    """
    Whose request it was.
    """

    capture_time: "datetime.datetime | None" = betterproto2.field(
        17, betterproto2.TYPE_MESSAGE, unwrap=lambda: ___google__protobuf__.Timestamp, optional=True
    )
    """
    When the start of this record was captured.
    """

    result_digest: "str" = betterproto2.field(18, betterproto2.TYPE_STRING)
    """
    Digest of the result bytes, as `sha256:<hex>`. Empty without a result.
    """

    stdout_digest: "str" = betterproto2.field(19, betterproto2.TYPE_STRING)
    """
    Digest of all bytes recorded from standard output, as `sha256:<hex>`. Set at the end.
    """

    stderr_digest: "str" = betterproto2.field(20, betterproto2.TYPE_STRING)
    """
    Digest of all bytes recorded from standard error, as `sha256:<hex>`. Set at the end.
    """

    effects_enforcement: "EffectsEnforcement | None" = betterproto2.field(21, betterproto2.TYPE_MESSAGE, optional=True)
    """
    How far each of the declared effects was enforced by the kernel.
    """

    artifacts: "list[Artifact]" = betterproto2.field(22, betterproto2.TYPE_MESSAGE, repeated=True)
    """
    What the run produced, in order of production. Set at the end.
    """

    retry_of_job_id: "str" = betterproto2.field(23, betterproto2.TYPE_STRING)
    """
    The job whose request this one repeats. Empty where it repeats none.
    """


default_message_pool.register_message("dome.runtime.v1", "RunProvenance", RunProvenance)


@dataclass(eq=False, repr=False)
class SchemaRef(betterproto2.Message):
    """
    A JSON Schema document by name and content.
    """

    schema_id: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    Its `$id`, or `<tool_id>/<file name>` where it has none.
    """

    digest: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    Digest of its canonical bytes, as `sha256:<hex>`.
    """


default_message_pool.register_message("dome.runtime.v1", "SchemaRef", SchemaRef)


@dataclass(eq=False, repr=False)
class Signaled(betterproto2.Message):
    """
    The daemon sent a signal to the processes of the job.
    """

    signal: "int" = betterproto2.field(1, betterproto2.TYPE_INT32)
    """
    Number of the signal.
    """

    cause: "SignalCause" = betterproto2.field(2, betterproto2.TYPE_ENUM, default_factory=lambda: SignalCause(0))
    """
    Why.
    """


default_message_pool.register_message("dome.runtime.v1", "Signaled", Signaled)


@dataclass(eq=False, repr=False)
class SkillExecuteRequest(betterproto2.Message):
    """
    A request to run one tool.

    Oneofs:
        - pin: Which tool the caller means. Absent: the one in the catalog.
    """

    skill_id: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    The tool. Required.
    """

    tool_version: "str | None" = betterproto2.field(2, betterproto2.TYPE_STRING, optional=True, group="pin")
    """
    Exactly this version.
    """

    tool_digest: "str | None" = betterproto2.field(3, betterproto2.TYPE_STRING, optional=True, group="pin")
    """
    Exactly this digest.
    """

    input: "bytes" = betterproto2.field(4, betterproto2.TYPE_BYTES)
    """
    The input, in the media type below. Empty: the empty JSON object.
    """

    input_media_type: "str" = betterproto2.field(5, betterproto2.TYPE_STRING)
    """
    Media type of the input. Empty: `application/json`, and no other is accepted.
    """

    constraints: "ExecuteConstraints | None" = betterproto2.field(6, betterproto2.TYPE_MESSAGE, optional=True)
    """
    Limits for this job.
    """

    idempotency_key: "str" = betterproto2.field(7, betterproto2.TYPE_STRING)
    """
    Binds retries to the first job: 1 to 255 printable ASCII characters. Empty: every call is a job of its own.
    """

    working_directory: "str" = betterproto2.field(8, betterproto2.TYPE_STRING)
    """
    Directory that the program runs in, absolute. Empty: an empty scratch directory.
    """

    environment: "dict[str, str]" = betterproto2.field(
        9, betterproto2.TYPE_MAP, map_meta=betterproto2.map_meta(betterproto2.TYPE_STRING, betterproto2.TYPE_STRING)
    )
    """
    Environment variables for the program, of those that the manifest lists: at most 64, values of at most 65,536
    characters.
    """

    priority: "int" = betterproto2.field(10, betterproto2.TYPE_INT32)
    """
    Higher goes first: -100 to 100.
    """

    lock_wait: "LockWait" = betterproto2.field(11, betterproto2.TYPE_ENUM, default_factory=lambda: LockWait(0))
    """
    What to do when a named lock is held.
    """

    labels: "dict[str, str]" = betterproto2.field(
        12, betterproto2.TYPE_MAP, map_meta=betterproto2.map_meta(betterproto2.TYPE_STRING, betterproto2.TYPE_STRING)
    )
    """
    Labels to find the job by: at most 32, names and values of at most 128 characters.
    """

    correlation: "Correlation | None" = betterproto2.field(13, betterproto2.TYPE_MESSAGE, optional=True)
    """
    Identities of the work that the job belongs to.
    """

    validate_only: "bool" = betterproto2.field(14, betterproto2.TYPE_BOOL)
    """
    Check everything and store nothing.
    """

    retry_of_job_id: "str" = betterproto2.field(15, betterproto2.TYPE_STRING)
    """
    Run what this job ran once more, as a job of its own; the job must have ended. Tool, input, working directory and
    environment are those of its request, and must be left out here. So are constraints, priority, what to do about locks, the
    run, the task and the work package where this request leaves them out; labels are added to its labels. The tool is the
    one of that id in the catalog, whatever it was then: pin its digest where it has to be the same. A retry has an
    idempotency key of its own.
    """

    required_features: "list[str]" = betterproto2.field(16, betterproto2.TYPE_STRING, repeated=True)
    """
    Features of the daemon that the request counts on, by their names in `feature_flags`: at most 32. A daemon that lacks one
    refuses the request.
    """


default_message_pool.register_message("dome.runtime.v1", "SkillExecuteRequest", SkillExecuteRequest)


@dataclass(eq=False, repr=False)
class SkillExecuteResponse(betterproto2.Message):
    """
    The accepted job.
    """

    job: "Job | None" = betterproto2.field(1, betterproto2.TYPE_MESSAGE, optional=True)
    """
    The job as it was accepted, or as it stands where the key was known. Absent with `validate_only`.
    """

    deduplicated: "bool" = betterproto2.field(2, betterproto2.TYPE_BOOL)
    """
    Whether the key was known and the job is an earlier one.
    """

    request_digest: "str" = betterproto2.field(3, betterproto2.TYPE_STRING)
    """
    Digest of the request, as `sha256:<hex>`; what an idempotency key is bound to.
    """


default_message_pool.register_message("dome.runtime.v1", "SkillExecuteResponse", SkillExecuteResponse)


@dataclass(eq=False, repr=False)
class Started(betterproto2.Message):
    """
    The program is about to be started: durable before it is.
    """

    attempt: "int" = betterproto2.field(1, betterproto2.TYPE_UINT32)
    """
    Which start this is, from 1.
    """

    executor_backend: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    The executor backend.
    """

    provenance: "RunProvenance | None" = betterproto2.field(3, betterproto2.TYPE_MESSAGE, optional=True)
    """
    The first part of the record of the run.
    """


default_message_pool.register_message("dome.runtime.v1", "Started", Started)


@dataclass(eq=False, repr=False)
class StreamJobEventsRequest(betterproto2.Message):
    """
    Asks for the events of a job.
    """

    job_id: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    The job.
    """

    since_seq: "int" = betterproto2.field(2, betterproto2.TYPE_UINT64)
    """
    The reader has everything up to and including this. Zero: nothing yet.
    """

    follow: "bool" = betterproto2.field(3, betterproto2.TYPE_BOOL)
    """
    Stay until the terminal event.
    """

    suppress_output: "bool" = betterproto2.field(4, betterproto2.TYPE_BOOL)
    """
    Leave pages of output out; the heartbeat says so.
    """


default_message_pool.register_message("dome.runtime.v1", "StreamJobEventsRequest", StreamJobEventsRequest)


@dataclass(eq=False, repr=False)
class StreamJobEventsResponse(betterproto2.Message):
    """
    Events in order.
    """

    events: "list[JobEvent]" = betterproto2.field(1, betterproto2.TYPE_MESSAGE, repeated=True)
    """
    The events, as stored.
    """

    heartbeat: "Heartbeat | None" = betterproto2.field(2, betterproto2.TYPE_MESSAGE, optional=True)
    """
    Where the stream stands, when there is nothing to send or something was left out.
    """


default_message_pool.register_message("dome.runtime.v1", "StreamJobEventsResponse", StreamJobEventsResponse)


@dataclass(eq=False, repr=False)
class Submitted(betterproto2.Message):
    """
    The job was accepted.
    """

    skill_id: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    The tool.
    """

    tool_version: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    Its version.
    """

    tool_digest: "str" = betterproto2.field(3, betterproto2.TYPE_STRING)
    """
    Its digest.
    """

    input_hash: "str" = betterproto2.field(4, betterproto2.TYPE_STRING)
    """
    Digest of the input bytes, as `sha256:<hex>`.
    """

    request_digest: "str" = betterproto2.field(5, betterproto2.TYPE_STRING)
    """
    Digest that the idempotency key is bound to, as `sha256:<hex>`.
    """

    correlation: "Correlation | None" = betterproto2.field(6, betterproto2.TYPE_MESSAGE, optional=True)
    """
    Identities of the work it belongs to.
    """

    requester: "Requester | None" = betterproto2.field(7, betterproto2.TYPE_MESSAGE, optional=True)
    """
    Whose request it was.
    """

    retry_of_job_id: "str" = betterproto2.field(8, betterproto2.TYPE_STRING)
    """
    The job whose request this one repeats. Empty where it repeats none.
    """


default_message_pool.register_message("dome.runtime.v1", "Submitted", Submitted)


@dataclass(eq=False, repr=False)
class SurvivorFound(betterproto2.Message):
    """
    A process of the job was found after all means of ending it.
    """

    pid: "int" = betterproto2.field(1, betterproto2.TYPE_UINT32)
    """
    Its process id.
    """

    command: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    Its command, shortened.
    """


default_message_pool.register_message("dome.runtime.v1", "SurvivorFound", SurvivorFound)


@dataclass(eq=False, repr=False)
class ToolApproval(betterproto2.Message):
    """
    The user's word that a tool may run.
    """

    root: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    Real path of the tool root that it holds in.
    """

    tool_id: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    The tool.
    """

    tool_digest: "str" = betterproto2.field(3, betterproto2.TYPE_STRING)
    """
    The digest that was approved.
    """

    approve_time: "datetime.datetime | None" = betterproto2.field(
        4, betterproto2.TYPE_MESSAGE, unwrap=lambda: ___google__protobuf__.Timestamp, optional=True
    )
    """
    When.
    """

    requester: "Requester | None" = betterproto2.field(5, betterproto2.TYPE_MESSAGE, optional=True)
    """
    Through whom.
    """


default_message_pool.register_message("dome.runtime.v1", "ToolApproval", ToolApproval)


@dataclass(eq=False, repr=False)
class ToolDescriptor(betterproto2.Message):
    """
    Everything about a tool that a caller needs to run it.
    """

    summary: "ToolSummary | None" = betterproto2.field(1, betterproto2.TYPE_MESSAGE, optional=True)
    """
    The line that listings show.
    """

    description: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    Description in full, in Markdown. The text itself for a document.
    """

    input_schema_document: "bytes" = betterproto2.field(3, betterproto2.TYPE_BYTES)
    """
    The input schema, as a JSON Schema 2020-12 document in UTF-8.
    """

    output_schema_document: "bytes" = betterproto2.field(4, betterproto2.TYPE_BYTES)
    """
    The result schema, as a JSON Schema 2020-12 document in UTF-8.
    """

    effects: "ToolEffects | None" = betterproto2.field(5, betterproto2.TYPE_MESSAGE, optional=True)
    """
    What it does to the world.
    """

    permissions: "list[Permission]" = betterproto2.field(6, betterproto2.TYPE_ENUM, repeated=True)
    """
    The same in four words, derived from the effects.
    """

    limits: "ToolLimits | None" = betterproto2.field(7, betterproto2.TYPE_MESSAGE, optional=True)
    """
    What a run is held to.
    """

    locks: "list[str]" = betterproto2.field(8, betterproto2.TYPE_STRING, repeated=True)
    """
    Names of the locks that a run holds.
    """

    environment_from_caller: "list[str]" = betterproto2.field(9, betterproto2.TYPE_STRING, repeated=True)
    """
    Names of environment variables that a request may set.
    """

    location: "str" = betterproto2.field(10, betterproto2.TYPE_STRING)
    """
    Absolute path of the folder that the tool lives in.
    """

    deterministic: "bool" = betterproto2.field(11, betterproto2.TYPE_BOOL)
    """
    Whether the same input gives the same result, apart from `volatile_fields`.
    """

    volatile_fields: "list[str]" = betterproto2.field(12, betterproto2.TYPE_STRING, repeated=True)
    """
    JSON pointers of result fields that differ between equal runs.
    """

    command: "list[str]" = betterproto2.field(13, betterproto2.TYPE_STRING, repeated=True)
    """
    Program and fixed arguments of a run, as they are given to the system. Empty where the input names the program.
    """

    arguments_from: "str" = betterproto2.field(14, betterproto2.TYPE_STRING)
    """
    JSON pointer to the further arguments in the input. Empty for none.
    """

    standard_input_from: "str" = betterproto2.field(15, betterproto2.TYPE_STRING)
    """
    JSON pointer to what the program reads on its standard input. Empty: the whole input.
    """

    files: "list[ToolFile]" = betterproto2.field(16, betterproto2.TYPE_MESSAGE, repeated=True)
    """
    The files that the digest covers, by path.
    """


default_message_pool.register_message("dome.runtime.v1", "ToolDescriptor", ToolDescriptor)


@dataclass(eq=False, repr=False)
class ToolEffects(betterproto2.Message):
    """
    What a tool does to the world, as its manifest declares.
    """

    filesystem: "FilesystemEffect" = betterproto2.field(
        1, betterproto2.TYPE_ENUM, default_factory=lambda: FilesystemEffect(0)
    )
    """
    Reach into the file system.
    """

    network: "NetworkEffect" = betterproto2.field(2, betterproto2.TYPE_ENUM, default_factory=lambda: NetworkEffect(0))
    """
    Reach into the network.
    """

    starts_processes: "bool" = betterproto2.field(3, betterproto2.TYPE_BOOL)
    """
    Whether it starts other programs.
    """

    writes_listed: "bool" = betterproto2.field(4, betterproto2.TYPE_BOOL)
    """
    Whether it says where it writes. Then it is held to `writes` and its scratch directory.
    """

    writes: "list[str]" = betterproto2.field(5, betterproto2.TYPE_STRING, repeated=True)
    """
    Where it writes, relative to the working directory.
    """

    enforcement_required: "bool" = betterproto2.field(6, betterproto2.TYPE_BOOL)
    """
    Whether it is refused where the kernel cannot hold it to these effects.
    """


default_message_pool.register_message("dome.runtime.v1", "ToolEffects", ToolEffects)


@dataclass(eq=False, repr=False)
class ToolFile(betterproto2.Message):
    """
    A file of a tool's folder, as its digest has it.
    """

    path: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    Path inside the folder.
    """

    digest: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    Digest of its bytes, as `sha256:<hex>`.
    """

    size_bytes: "int" = betterproto2.field(3, betterproto2.TYPE_UINT64)
    """
    How many bytes it has.
    """


default_message_pool.register_message("dome.runtime.v1", "ToolFile", ToolFile)


@dataclass(eq=False, repr=False)
class ToolHints(betterproto2.Message):
    """
    Hints for clients that decide whether to ask a person first. They are the
    manifest's word, not a guarantee.
    """

    read_only: "bool" = betterproto2.field(1, betterproto2.TYPE_BOOL)
    """
    The tool changes nothing outside its scratch directory.
    """

    destructive: "bool" = betterproto2.field(2, betterproto2.TYPE_BOOL)
    """
    The tool may destroy or overwrite.
    """

    idempotent: "bool" = betterproto2.field(3, betterproto2.TYPE_BOOL)
    """
    Running it twice with the same input has the effect of running it once.
    """

    open_world: "bool" = betterproto2.field(4, betterproto2.TYPE_BOOL)
    """
    The tool deals with things outside this machine or outside the repository.
    """


default_message_pool.register_message("dome.runtime.v1", "ToolHints", ToolHints)


@dataclass(eq=False, repr=False)
class ToolLimits(betterproto2.Message):
    """
    What a manifest holds the runs of its tool to. A duration that is absent and a number that is zero say that the
    manifest has no such limit; where the daemon has a default for it, that holds.
    """

    queue_timeout: "datetime.timedelta | None" = betterproto2.field(
        1, betterproto2.TYPE_MESSAGE, unwrap=lambda: ___google__protobuf__.Duration, optional=True
    )
    """
    Longest time in the queue.
    """

    run_timeout: "datetime.timedelta | None" = betterproto2.field(
        2, betterproto2.TYPE_MESSAGE, unwrap=lambda: ___google__protobuf__.Duration, optional=True
    )
    """
    Longest time from start to end.
    """

    idle_timeout: "datetime.timedelta | None" = betterproto2.field(
        3, betterproto2.TYPE_MESSAGE, unwrap=lambda: ___google__protobuf__.Duration, optional=True
    )
    """
    Longest time without output or progress.
    """

    grace: "datetime.timedelta | None" = betterproto2.field(
        4, betterproto2.TYPE_MESSAGE, unwrap=lambda: ___google__protobuf__.Duration, optional=True
    )
    """
    Time between the polite signal and the final one.
    """

    output_bytes_max: "int" = betterproto2.field(5, betterproto2.TYPE_UINT64)
    """
    Most bytes of output that are recorded.
    """

    concurrency_max: "int" = betterproto2.field(6, betterproto2.TYPE_UINT32)
    """
    Most runs of this tool at a time. Zero: only the daemon's own limit holds.
    """

    artifact_bytes_max: "int" = betterproto2.field(7, betterproto2.TYPE_UINT64)
    """
    Most bytes of one artifact. Zero: the daemon's default.
    """

    artifacts_bytes_max: "int" = betterproto2.field(8, betterproto2.TYPE_UINT64)
    """
    Most bytes of all artifacts of a run. Zero: the daemon's default.
    """

    cpu_max: "datetime.timedelta | None" = betterproto2.field(
        9, betterproto2.TYPE_MESSAGE, unwrap=lambda: ___google__protobuf__.Duration, optional=True
    )
    """
    Most processor time of each process. Absent: no limit.
    """

    memory_bytes_max: "int" = betterproto2.field(10, betterproto2.TYPE_UINT64)
    """
    Most address space of each process, in bytes. Zero: no limit.
    """

    open_files_max: "int" = betterproto2.field(11, betterproto2.TYPE_UINT32)
    """
    Most open files of each process. Zero: no limit.
    """

    user_processes_max: "int" = betterproto2.field(12, betterproto2.TYPE_UINT32)
    """
    Most processes and threads of the user, all others counted. Zero: no limit.
    """

    run_memory_bytes_max: "int" = betterproto2.field(13, betterproto2.TYPE_UINT64)
    """
    Most memory of all processes of a run together, in bytes. Zero: no limit.
    """

    run_processes_max: "int" = betterproto2.field(14, betterproto2.TYPE_UINT32)
    """
    Most processes and threads of a run at a time. Zero: no limit.
    """


default_message_pool.register_message("dome.runtime.v1", "ToolLimits", ToolLimits)


@dataclass(eq=False, repr=False)
class ToolSummary(betterproto2.Message):
    """
    One line about a tool: enough to choose it, small enough to list hundreds.
    """

    tool_id: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    Identifies the tool in the catalog; the `skill_id` of a request.
    """

    version: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    Version of the tool, as its manifest says (semantic versioning).
    """

    kind: "ToolKind" = betterproto2.field(3, betterproto2.TYPE_ENUM, default_factory=lambda: ToolKind(0))
    """
    What the entry is.
    """

    title: "str" = betterproto2.field(4, betterproto2.TYPE_STRING)
    """
    Name for people.
    """

    short_description: "str" = betterproto2.field(5, betterproto2.TYPE_STRING)
    """
    One sentence, at most 200 characters.
    """

    input_schema: "SchemaRef | None" = betterproto2.field(6, betterproto2.TYPE_MESSAGE, optional=True)
    """
    Schema of the input.
    """

    output_schema: "SchemaRef | None" = betterproto2.field(7, betterproto2.TYPE_MESSAGE, optional=True)
    """
    Schema of the result.
    """

    executor_backend: "str" = betterproto2.field(8, betterproto2.TYPE_STRING)
    """
    Name of the executor backend that runs it, such as `local-process`.
    """

    hints: "ToolHints | None" = betterproto2.field(9, betterproto2.TYPE_MESSAGE, optional=True)
    """
    Hints from the manifest.
    """

    origin: "ToolOrigin" = betterproto2.field(10, betterproto2.TYPE_ENUM, default_factory=lambda: ToolOrigin(0))
    """
    Which root it comes from.
    """

    trust: "ToolTrust" = betterproto2.field(11, betterproto2.TYPE_ENUM, default_factory=lambda: ToolTrust(0))
    """
    Whether the daemon will run it.
    """

    tool_digest: "str" = betterproto2.field(12, betterproto2.TYPE_STRING)
    """
    Digest over manifest, schemas and every file of the tool's folder, as `sha256:<hex>`. What a pin and an approval name.
    """


default_message_pool.register_message("dome.runtime.v1", "ToolSummary", ToolSummary)


@dataclass(eq=False, repr=False)
class Truncated(betterproto2.Message):
    """
    Output that the program wrote and that is not in the record.
    """

    stream: "OutputStream" = betterproto2.field(1, betterproto2.TYPE_ENUM, default_factory=lambda: OutputStream(0))
    """
    Which stream.
    """

    bytes: "int" = betterproto2.field(2, betterproto2.TYPE_UINT64)
    """
    Bytes left out.
    """

    lines: "int" = betterproto2.field(3, betterproto2.TYPE_UINT64)
    """
    Newlines among them.
    """


default_message_pool.register_message("dome.runtime.v1", "Truncated", Truncated)


@dataclass(eq=False, repr=False)
class TrustToolRequest(betterproto2.Message):
    """
    Approves a tool, or takes its approval back.
    """

    tool_id: "str" = betterproto2.field(1, betterproto2.TYPE_STRING)
    """
    The tool.
    """

    tool_digest: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    The digest that the user saw. Where an approval is taken back: the one that no longer counts; empty for all of the id.
    """

    working_directory: "str" = betterproto2.field(3, betterproto2.TYPE_STRING)
    """
    The caller's working directory, as in ListTools. Where an approval is taken back, it need not exist any more.
    """

    decision: "TrustDecision" = betterproto2.field(4, betterproto2.TYPE_ENUM, default_factory=lambda: TrustDecision(0))
    """
    What the user says.
    """


default_message_pool.register_message("dome.runtime.v1", "TrustToolRequest", TrustToolRequest)


@dataclass(eq=False, repr=False)
class TrustToolResponse(betterproto2.Message):
    """
    The tool as it is trusted from here on.
    """

    tool: "ToolSummary | None" = betterproto2.field(1, betterproto2.TYPE_MESSAGE, optional=True)
    """
    The tool. Absent where an approval was taken back and the tool is gone. One whose approval was taken back is still
    TRUSTED if it was shipped, or if its digest stands in the configuration.
    """

    revoked: "list[ToolApproval]" = betterproto2.field(2, betterproto2.TYPE_MESSAGE, repeated=True)
    """
    The approvals that were taken back.
    """


default_message_pool.register_message("dome.runtime.v1", "TrustToolResponse", TrustToolResponse)


@dataclass(eq=False, repr=False)
class Waiting(betterproto2.Message):
    """
    The job waits for something before its start.
    """

    cause: "WaitCause" = betterproto2.field(1, betterproto2.TYPE_ENUM, default_factory=lambda: WaitCause(0))
    """
    What for.
    """

    lock: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    Name of the lock. Empty for a slot.
    """

    holder_job_id: "str" = betterproto2.field(3, betterproto2.TYPE_STRING)
    """
    The job that holds it, or that gets it before this one. Empty for a slot. Whoever gets the lock next is told of each
    holder; the others of the first.
    """


default_message_pool.register_message("dome.runtime.v1", "Waiting", Waiting)


@dataclass(eq=False, repr=False)
class WatchJobsRequest(betterproto2.Message):
    """
    Asks for changes of all jobs, or of those that fit every filter.
    """

    since_revision: "int" = betterproto2.field(1, betterproto2.TYPE_UINT64)
    """
    The reader has everything up to and including this revision. Zero: from the oldest that is kept.
    """

    store_id: "str" = betterproto2.field(2, betterproto2.TYPE_STRING)
    """
    The store that the revision is of, as an answer or ListCapabilities said. Empty: not checked.
    """

    states: "list[JobState]" = betterproto2.field(3, betterproto2.TYPE_ENUM, repeated=True)
    """
    Only changes into one of these states. Empty: any.
    """

    skill_id: "str" = betterproto2.field(4, betterproto2.TYPE_STRING)
    """
    Only jobs of this tool. Empty: any.
    """

    run_id: "str" = betterproto2.field(5, betterproto2.TYPE_STRING)
    """
    Only jobs of this run. Empty: any.
    """

    labels: "dict[str, str]" = betterproto2.field(
        6, betterproto2.TYPE_MAP, map_meta=betterproto2.map_meta(betterproto2.TYPE_STRING, betterproto2.TYPE_STRING)
    )
    """
    Only jobs that have all of these labels: at most 32.
    """


default_message_pool.register_message("dome.runtime.v1", "WatchJobsRequest", WatchJobsRequest)


@dataclass(eq=False, repr=False)
class WatchJobsResponse(betterproto2.Message):
    """
    Changes in order.
    """

    changes: "list[JobChange]" = betterproto2.field(1, betterproto2.TYPE_MESSAGE, repeated=True)
    """
    The changes. Empty where the answer only says how far the reader is.
    """

    revision: "int" = betterproto2.field(2, betterproto2.TYPE_UINT64)
    """
    The reader has everything up to and including this revision, except what the filters left out.
    """

    store_id: "str" = betterproto2.field(3, betterproto2.TYPE_STRING)
    """
    The store that the revision is of.
    """


default_message_pool.register_message("dome.runtime.v1", "WatchJobsResponse", WatchJobsResponse)


class RuntimeServiceStub(betterproto2_grpclib.ServiceStub):
    """
    Discovers and executes tools for one user of one machine.
    """

    async def list_capabilities(
        self,
        message: "ListCapabilitiesRequest | None" = None,
        *,
        timeout: "float | None" = None,
        deadline: "Deadline | None" = None,
        metadata: "MetadataLike | None" = None,
    ) -> "ListCapabilitiesResponse":
        """
        Says what this daemon is and can do. Clients call it before their first execution.

        Promises: the answer stays true until the daemon restarts, except `catalog_revision`. Idempotent.

        Errors: none of its own.

        Does not promise: that a feature which is not listed is absent for ever.
        """

        if message is None:
            message = ListCapabilitiesRequest()

        return await self._unary_unary(
            "/dome.runtime.v1.RuntimeService/ListCapabilities",
            message,
            ListCapabilitiesResponse,
            timeout=timeout,
            deadline=deadline,
            metadata=metadata,
        )

    async def list_tools(
        self,
        message: "ListToolsRequest",
        *,
        timeout: "float | None" = None,
        deadline: "Deadline | None" = None,
        metadata: "MetadataLike | None" = None,
    ) -> "ListToolsResponse":
        """
        Lists the catalog as the caller's working directory sees it, one summary a tool.

        Promises: ordered by tool id, with a query the best match first; the same catalog and request give the same bytes; the
        pages of one listing are those of one `catalog_revision`, whatever is edited meanwhile; every entry that is
        left out stands in `problems` with its reason, or is counted there. Idempotent.

        Errors:
        * `INVALID_ARGUMENT` INVALID_REQUEST: the page token is not one of this daemon's, of another request, or of a catalog that
          is no longer kept. Begin anew without it.
        * `INVALID_ARGUMENT` WORKING_DIRECTORY_INVALID: the directory cannot be read. Name an existing absolute directory.

        Does not promise: that a listed tool is still there when it is run; a pin by digest does.
        """

        return await self._unary_unary(
            "/dome.runtime.v1.RuntimeService/ListTools",
            message,
            ListToolsResponse,
            timeout=timeout,
            deadline=deadline,
            metadata=metadata,
        )

    async def get_tool(
        self,
        message: "GetToolRequest",
        *,
        timeout: "float | None" = None,
        deadline: "Deadline | None" = None,
        metadata: "MetadataLike | None" = None,
    ) -> "GetToolResponse":
        """
        Gives one tool in full, with its schemas.

        Promises: the descriptor belongs to the digest in its summary. Idempotent.

        Errors:
        * `NOT_FOUND` SKILL_NOT_FOUND: no tool has this id. Call ListTools.
        * `INVALID_ARGUMENT` WORKING_DIRECTORY_INVALID: the directory cannot be read. Name an existing absolute directory.

        Does not promise: that the tool may be run; see its trust.
        """

        return await self._unary_unary(
            "/dome.runtime.v1.RuntimeService/GetTool",
            message,
            GetToolResponse,
            timeout=timeout,
            deadline=deadline,
            metadata=metadata,
        )

    async def trust_tool(
        self,
        message: "TrustToolRequest",
        *,
        timeout: "float | None" = None,
        deadline: "Deadline | None" = None,
        metadata: "MetadataLike | None" = None,
    ) -> "TrustToolResponse":
        """
        Records that the user approves a tool of exactly this digest, or takes that back.

        Promises: durable before the answer. An approval holds for this id with this digest in this tool root, by the root's
        real path: it ends with any change of the tool, and neither another root nor the root in another place has it. What
        is taken back no longer counts from the answer on; a queued job of the tool ends as DENIED. Idempotent.

        Errors:
        * `NOT_FOUND` SKILL_NOT_FOUND: no tool has this id, and no approval. Call ListTools.
        * `FAILED_PRECONDITION` MANIFEST_CHANGED: the tool has another digest by now. Look at it again.
        * `INVALID_ARGUMENT` INVALID_REQUEST: an approval names no digest. Field violations name it.
        * `INVALID_ARGUMENT` WORKING_DIRECTORY_INVALID: the directory cannot be read. Name an existing absolute directory.
        * `UNIMPLEMENTED` UNSUPPORTED: this daemon takes approvals from its configuration only. Add the digest to `trust.digests`.

        Does not promise: protection against programs of the same user. Whoever asks here has to have asked a person.
        """

        return await self._unary_unary(
            "/dome.runtime.v1.RuntimeService/TrustTool",
            message,
            TrustToolResponse,
            timeout=timeout,
            deadline=deadline,
            metadata=metadata,
        )

    async def skill_execute(
        self,
        message: "SkillExecuteRequest",
        *,
        timeout: "float | None" = None,
        deadline: "Deadline | None" = None,
        metadata: "MetadataLike | None" = None,
    ) -> "SkillExecuteResponse":
        """
        Accepts a request to run one tool and answers before it has run, with the job in QUEUED.

        Promises: durable before the answer. Idempotent by `idempotency_key`: the same key with the same
        request gives the first job, also at the same time from many processes and after restarts; a refused request
        does not use its key up. The input satisfies the tool's schema. A job is started at most once.

        Errors:
        * `NOT_FOUND` SKILL_NOT_FOUND: no tool has this id. Call ListTools.
        * `FAILED_PRECONDITION` NOT_RUNNABLE: the entry is a document. Read it with GetTool.
        * `FAILED_PRECONDITION` TOOL_UNTRUSTED: its digest was not approved. Look at it, then approve the digest.
        * `FAILED_PRECONDITION` MANIFEST_CHANGED: the pin does not fit. Describe the tool again, pin what you see.
        * `FAILED_PRECONDITION` CAPABILITY_MISSING: the daemon lacks what the tool or the request needs. The metadata names it.
        * `INVALID_ARGUMENT` INVALID_REQUEST: the input does not satisfy the schema. Field violations hold JSON pointers.
        * `INVALID_ARGUMENT` CONSTRAINT_LOOSENED: a constraint is looser than the manifest's. Ask for the same or less.
        * `INVALID_ARGUMENT` WORKING_DIRECTORY_INVALID: the directory cannot be used. Name an existing absolute directory.
        * `FAILED_PRECONDITION` IDEMPOTENCY_KEY_REUSED: the key belongs to another request. Use a key of its own.
        * `FAILED_PRECONDITION` IDEMPOTENT_RESULT_EXPIRED: the key is known, its job's output was removed. Use a new key to run again.
        * `NOT_FOUND` JOB_NOT_FOUND: no job has the id that is to be retried. Call ListJobs.
        * `FAILED_PRECONDITION` INVALID_TRANSITION: the job that is to be retried has not ended. Wait for it, or cancel it.
        * `FAILED_PRECONDITION` INPUT_GONE: retention removed the input of the job that is to be retried. Send the input anew.
        * `ABORTED` LOCK_CONFLICT: a lock is held and `lock_wait` says not to wait. Retry when the holder has ended.
        * `INVALID_ARGUMENT` TOO_LARGE: the input is larger than the daemon takes. Send less; the metadata has the limit.
        * `RESOURCE_EXHAUSTED` LIMIT_EXCEEDED: too many jobs wait. Retry when others have ended.
        * `RESOURCE_EXHAUSTED` STORAGE_FULL: the disk of the daemon's state is full. Free space, then retry with the same key.
        * `UNIMPLEMENTED` UNSUPPORTED: the request uses an option that this daemon does not offer. The metadata names it.

        Does not promise: that the job starts soon, nor that it is still QUEUED when the answer is read.
        """

        return await self._unary_unary(
            "/dome.runtime.v1.RuntimeService/SkillExecute",
            message,
            SkillExecuteResponse,
            timeout=timeout,
            deadline=deadline,
            metadata=metadata,
        )

    async def get_job_status(
        self,
        message: "GetJobStatusRequest",
        *,
        timeout: "float | None" = None,
        deadline: "Deadline | None" = None,
        metadata: "MetadataLike | None" = None,
    ) -> "GetJobStatusResponse":
        """
        Gives one job as it stands.

        Promises: a consistent snapshot as of `last_seq`; durable facts only. Idempotent.

        Errors:
        * `NOT_FOUND` JOB_NOT_FOUND: no job has this id. Call ListJobs.

        Does not promise: that nothing has happened since.
        """

        return await self._unary_unary(
            "/dome.runtime.v1.RuntimeService/GetJobStatus",
            message,
            GetJobStatusResponse,
            timeout=timeout,
            deadline=deadline,
            metadata=metadata,
        )

    async def list_jobs(
        self,
        message: "ListJobsRequest",
        *,
        timeout: "float | None" = None,
        deadline: "Deadline | None" = None,
        metadata: "MetadataLike | None" = None,
    ) -> "ListJobsResponse":
        """
        Lists jobs, newest first, one page at a time.

        Promises: total order by creation; a page token continues where the page ended, whatever was added since. A listed
        job lacks the result of its outcome, which may be large: GetJobStatus has it. Idempotent.

        Errors:
        * `INVALID_ARGUMENT` INVALID_REQUEST: the page token is not one of this daemon's, or of another request. Begin anew without it.
        * `UNIMPLEMENTED` UNSUPPORTED: `include_refused` is not offered by this daemon. Ask without it.

        Does not promise: that pages together are one snapshot.
        """

        return await self._unary_unary(
            "/dome.runtime.v1.RuntimeService/ListJobs",
            message,
            ListJobsResponse,
            timeout=timeout,
            deadline=deadline,
            metadata=metadata,
        )

    async def cancel_job(
        self,
        message: "CancelJobRequest",
        *,
        timeout: "float | None" = None,
        deadline: "Deadline | None" = None,
        metadata: "MetadataLike | None" = None,
    ) -> "CancelJobResponse":
        """
        Asks for the end of a job and answers before it has ended.

        Promises: durable before the answer; the first request counts, later ones change nothing. Idempotent. A queued
        job never starts after the answer. A job that has ended is given back as it is. Where completion and cancellation
        race, whichever the daemon observes first wins: a program that ended before the first signal keeps its own outcome.

        Errors:
        * `NOT_FOUND` JOB_NOT_FOUND: no job has this id. Call ListJobs.

        Does not promise: that the job ends as CANCELED; follow its events to the end.
        """

        return await self._unary_unary(
            "/dome.runtime.v1.RuntimeService/CancelJob",
            message,
            CancelJobResponse,
            timeout=timeout,
            deadline=deadline,
            metadata=metadata,
        )

    async def stream_job_events(
        self,
        message: "StreamJobEventsRequest",
        *,
        timeout: "float | None" = None,
        deadline: "Deadline | None" = None,
        metadata: "MetadataLike | None" = None,
    ) -> "AsyncIterator[StreamJobEventsResponse]":
        """
        Streams the events of a job after `since_seq`: those that are stored, then, with `follow`, each as it becomes durable.

        Promises: ordered, without gaps, without repetition, durable before sent. With `follow` the stream ends after the
        terminal event, which is always the last and the only one. Resumes with any `since_seq`, also inside a page of output and
        after restarts of the daemon. A slow reader loses nothing and costs the daemon no memory. While nothing
        happens, a heartbeat comes at most 15 seconds after the last message.

        Errors:
        * `NOT_FOUND` JOB_NOT_FOUND: no job has this id. Call ListJobs.
        * `OUT_OF_RANGE` SEQ_AHEAD: the job has ended before `since_seq`. Use the `last_seq` that you have read.
        * `OUT_OF_RANGE` EVENTS_GONE: retention removed the events. The metadata names the oldest that is kept.

        Does not promise: a page in the same cut as it was stored, where the reader resumes inside it.
        """

        async for response in self._unary_stream(
            "/dome.runtime.v1.RuntimeService/StreamJobEvents",
            message,
            StreamJobEventsResponse,
            timeout=timeout,
            deadline=deadline,
            metadata=metadata,
        ):
            yield response

    async def watch_jobs(
        self,
        message: "WatchJobsRequest",
        *,
        timeout: "float | None" = None,
        deadline: "Deadline | None" = None,
        metadata: "MetadataLike | None" = None,
    ) -> "AsyncIterator[WatchJobsResponse]":
        """
        Streams the state changes of all jobs after a revision: those that are kept, then each as it becomes durable, until the
        caller leaves.

        Promises: ordered by revision; each change of state of each job appears, once; durable before sent. Revisions count by
        one, so that without filters none is missing. Resumes after any revision that is kept, also after restarts of the
        daemon. A slow reader loses nothing and costs the daemon no memory. The first answer comes at once; while nothing
        happens, one without changes comes at most 15 seconds after the last one. Who begins with the jobs as they stand
        calls ListJobs, then watches after the `revision` of its first page.

        Errors:
        * `INVALID_ARGUMENT` INVALID_REQUEST: a filter has no legal value. Field violations name it.
        * `OUT_OF_RANGE` EVENTS_GONE: retention removed the changes, or the revision is none of this store. Begin anew from ListJobs.
        * `UNIMPLEMENTED` UNSUPPORTED: not offered by this daemon. Poll ListJobs.

        Does not promise: output or progress; follow the job for those.
        """

        async for response in self._unary_stream(
            "/dome.runtime.v1.RuntimeService/WatchJobs",
            message,
            WatchJobsResponse,
            timeout=timeout,
            deadline=deadline,
            metadata=metadata,
        ):
            yield response

    async def list_locks(
        self,
        message: "ListLocksRequest | None" = None,
        *,
        timeout: "float | None" = None,
        deadline: "Deadline | None" = None,
        metadata: "MetadataLike | None" = None,
    ) -> "ListLocksResponse":
        """
        Lists the named locks that are held or waited for.

        Promises: a consistent snapshot. Idempotent.

        Errors:
        * `UNIMPLEMENTED` UNSUPPORTED: not offered by this daemon.

        Does not promise: that a lock is still held when the answer is read.
        """

        if message is None:
            message = ListLocksRequest()

        return await self._unary_unary(
            "/dome.runtime.v1.RuntimeService/ListLocks",
            message,
            ListLocksResponse,
            timeout=timeout,
            deadline=deadline,
            metadata=metadata,
        )

    async def read_artifact(
        self,
        message: "ReadArtifactRequest",
        *,
        timeout: "float | None" = None,
        deadline: "Deadline | None" = None,
        metadata: "MetadataLike | None" = None,
    ) -> "AsyncIterator[ReadArtifactResponse]":
        """
        Streams the bytes of an artifact.

        Promises: the bytes have the digest that was asked for: all of them are read and checked, those before `offset` too,
        and the last piece is sent only when the digest is right. A stream that ends without an error is whole. Every artifact
        that a durable event names can be read until retention removes the output of all jobs that produced it. Idempotent.

        Errors:
        * `NOT_FOUND` ARTIFACT_NOT_FOUND: no artifact has this digest. See the artifacts of the job.
        * `NOT_FOUND` ARTIFACT_GONE: retention removed it. Run the tool again.
        * `DATA_LOSS` ARTIFACT_CORRUPT: the stored bytes no longer have the digest. Throw away what was sent; run the tool again.
        * `INVALID_ARGUMENT` INVALID_REQUEST: the digest is none, or the offset lies beyond the end. Field violations name it.
        * `UNIMPLEMENTED` UNSUPPORTED: not offered by this daemon.

        Does not promise: a size of the pieces.
        """

        async for response in self._unary_stream(
            "/dome.runtime.v1.RuntimeService/ReadArtifact",
            message,
            ReadArtifactResponse,
            timeout=timeout,
            deadline=deadline,
            metadata=metadata,
        ):
            yield response


from dome_contracts.errors import v1 as __errors__v1__
from dome_contracts.google import protobuf as ___google__protobuf__


class RuntimeServiceBase(betterproto2_grpclib.ServiceBase):
    """
    Discovers and executes tools for one user of one machine.
    """

    async def list_capabilities(self, message: "ListCapabilitiesRequest") -> "ListCapabilitiesResponse":
        """
        Says what this daemon is and can do. Clients call it before their first execution.

        Promises: the answer stays true until the daemon restarts, except `catalog_revision`. Idempotent.

        Errors: none of its own.

        Does not promise: that a feature which is not listed is absent for ever.
        """

        raise grpclib.GRPCError(grpclib.const.Status.UNIMPLEMENTED)

    async def list_tools(self, message: "ListToolsRequest") -> "ListToolsResponse":
        """
        Lists the catalog as the caller's working directory sees it, one summary a tool.

        Promises: ordered by tool id, with a query the best match first; the same catalog and request give the same bytes; the
        pages of one listing are those of one `catalog_revision`, whatever is edited meanwhile; every entry that is
        left out stands in `problems` with its reason, or is counted there. Idempotent.

        Errors:
        * `INVALID_ARGUMENT` INVALID_REQUEST: the page token is not one of this daemon's, of another request, or of a catalog that
          is no longer kept. Begin anew without it.
        * `INVALID_ARGUMENT` WORKING_DIRECTORY_INVALID: the directory cannot be read. Name an existing absolute directory.

        Does not promise: that a listed tool is still there when it is run; a pin by digest does.
        """

        raise grpclib.GRPCError(grpclib.const.Status.UNIMPLEMENTED)

    async def get_tool(self, message: "GetToolRequest") -> "GetToolResponse":
        """
        Gives one tool in full, with its schemas.

        Promises: the descriptor belongs to the digest in its summary. Idempotent.

        Errors:
        * `NOT_FOUND` SKILL_NOT_FOUND: no tool has this id. Call ListTools.
        * `INVALID_ARGUMENT` WORKING_DIRECTORY_INVALID: the directory cannot be read. Name an existing absolute directory.

        Does not promise: that the tool may be run; see its trust.
        """

        raise grpclib.GRPCError(grpclib.const.Status.UNIMPLEMENTED)

    async def trust_tool(self, message: "TrustToolRequest") -> "TrustToolResponse":
        """
        Records that the user approves a tool of exactly this digest, or takes that back.

        Promises: durable before the answer. An approval holds for this id with this digest in this tool root, by the root's
        real path: it ends with any change of the tool, and neither another root nor the root in another place has it. What
        is taken back no longer counts from the answer on; a queued job of the tool ends as DENIED. Idempotent.

        Errors:
        * `NOT_FOUND` SKILL_NOT_FOUND: no tool has this id, and no approval. Call ListTools.
        * `FAILED_PRECONDITION` MANIFEST_CHANGED: the tool has another digest by now. Look at it again.
        * `INVALID_ARGUMENT` INVALID_REQUEST: an approval names no digest. Field violations name it.
        * `INVALID_ARGUMENT` WORKING_DIRECTORY_INVALID: the directory cannot be read. Name an existing absolute directory.
        * `UNIMPLEMENTED` UNSUPPORTED: this daemon takes approvals from its configuration only. Add the digest to `trust.digests`.

        Does not promise: protection against programs of the same user. Whoever asks here has to have asked a person.
        """

        raise grpclib.GRPCError(grpclib.const.Status.UNIMPLEMENTED)

    async def skill_execute(self, message: "SkillExecuteRequest") -> "SkillExecuteResponse":
        """
        Accepts a request to run one tool and answers before it has run, with the job in QUEUED.

        Promises: durable before the answer. Idempotent by `idempotency_key`: the same key with the same
        request gives the first job, also at the same time from many processes and after restarts; a refused request
        does not use its key up. The input satisfies the tool's schema. A job is started at most once.

        Errors:
        * `NOT_FOUND` SKILL_NOT_FOUND: no tool has this id. Call ListTools.
        * `FAILED_PRECONDITION` NOT_RUNNABLE: the entry is a document. Read it with GetTool.
        * `FAILED_PRECONDITION` TOOL_UNTRUSTED: its digest was not approved. Look at it, then approve the digest.
        * `FAILED_PRECONDITION` MANIFEST_CHANGED: the pin does not fit. Describe the tool again, pin what you see.
        * `FAILED_PRECONDITION` CAPABILITY_MISSING: the daemon lacks what the tool or the request needs. The metadata names it.
        * `INVALID_ARGUMENT` INVALID_REQUEST: the input does not satisfy the schema. Field violations hold JSON pointers.
        * `INVALID_ARGUMENT` CONSTRAINT_LOOSENED: a constraint is looser than the manifest's. Ask for the same or less.
        * `INVALID_ARGUMENT` WORKING_DIRECTORY_INVALID: the directory cannot be used. Name an existing absolute directory.
        * `FAILED_PRECONDITION` IDEMPOTENCY_KEY_REUSED: the key belongs to another request. Use a key of its own.
        * `FAILED_PRECONDITION` IDEMPOTENT_RESULT_EXPIRED: the key is known, its job's output was removed. Use a new key to run again.
        * `NOT_FOUND` JOB_NOT_FOUND: no job has the id that is to be retried. Call ListJobs.
        * `FAILED_PRECONDITION` INVALID_TRANSITION: the job that is to be retried has not ended. Wait for it, or cancel it.
        * `FAILED_PRECONDITION` INPUT_GONE: retention removed the input of the job that is to be retried. Send the input anew.
        * `ABORTED` LOCK_CONFLICT: a lock is held and `lock_wait` says not to wait. Retry when the holder has ended.
        * `INVALID_ARGUMENT` TOO_LARGE: the input is larger than the daemon takes. Send less; the metadata has the limit.
        * `RESOURCE_EXHAUSTED` LIMIT_EXCEEDED: too many jobs wait. Retry when others have ended.
        * `RESOURCE_EXHAUSTED` STORAGE_FULL: the disk of the daemon's state is full. Free space, then retry with the same key.
        * `UNIMPLEMENTED` UNSUPPORTED: the request uses an option that this daemon does not offer. The metadata names it.

        Does not promise: that the job starts soon, nor that it is still QUEUED when the answer is read.
        """

        raise grpclib.GRPCError(grpclib.const.Status.UNIMPLEMENTED)

    async def get_job_status(self, message: "GetJobStatusRequest") -> "GetJobStatusResponse":
        """
        Gives one job as it stands.

        Promises: a consistent snapshot as of `last_seq`; durable facts only. Idempotent.

        Errors:
        * `NOT_FOUND` JOB_NOT_FOUND: no job has this id. Call ListJobs.

        Does not promise: that nothing has happened since.
        """

        raise grpclib.GRPCError(grpclib.const.Status.UNIMPLEMENTED)

    async def list_jobs(self, message: "ListJobsRequest") -> "ListJobsResponse":
        """
        Lists jobs, newest first, one page at a time.

        Promises: total order by creation; a page token continues where the page ended, whatever was added since. A listed
        job lacks the result of its outcome, which may be large: GetJobStatus has it. Idempotent.

        Errors:
        * `INVALID_ARGUMENT` INVALID_REQUEST: the page token is not one of this daemon's, or of another request. Begin anew without it.
        * `UNIMPLEMENTED` UNSUPPORTED: `include_refused` is not offered by this daemon. Ask without it.

        Does not promise: that pages together are one snapshot.
        """

        raise grpclib.GRPCError(grpclib.const.Status.UNIMPLEMENTED)

    async def cancel_job(self, message: "CancelJobRequest") -> "CancelJobResponse":
        """
        Asks for the end of a job and answers before it has ended.

        Promises: durable before the answer; the first request counts, later ones change nothing. Idempotent. A queued
        job never starts after the answer. A job that has ended is given back as it is. Where completion and cancellation
        race, whichever the daemon observes first wins: a program that ended before the first signal keeps its own outcome.

        Errors:
        * `NOT_FOUND` JOB_NOT_FOUND: no job has this id. Call ListJobs.

        Does not promise: that the job ends as CANCELED; follow its events to the end.
        """

        raise grpclib.GRPCError(grpclib.const.Status.UNIMPLEMENTED)

    async def stream_job_events(self, message: "StreamJobEventsRequest") -> "AsyncIterator[StreamJobEventsResponse]":
        """
        Streams the events of a job after `since_seq`: those that are stored, then, with `follow`, each as it becomes durable.

        Promises: ordered, without gaps, without repetition, durable before sent. With `follow` the stream ends after the
        terminal event, which is always the last and the only one. Resumes with any `since_seq`, also inside a page of output and
        after restarts of the daemon. A slow reader loses nothing and costs the daemon no memory. While nothing
        happens, a heartbeat comes at most 15 seconds after the last message.

        Errors:
        * `NOT_FOUND` JOB_NOT_FOUND: no job has this id. Call ListJobs.
        * `OUT_OF_RANGE` SEQ_AHEAD: the job has ended before `since_seq`. Use the `last_seq` that you have read.
        * `OUT_OF_RANGE` EVENTS_GONE: retention removed the events. The metadata names the oldest that is kept.

        Does not promise: a page in the same cut as it was stored, where the reader resumes inside it.
        """

        raise grpclib.GRPCError(grpclib.const.Status.UNIMPLEMENTED)
        yield StreamJobEventsResponse()

    async def watch_jobs(self, message: "WatchJobsRequest") -> "AsyncIterator[WatchJobsResponse]":
        """
        Streams the state changes of all jobs after a revision: those that are kept, then each as it becomes durable, until the
        caller leaves.

        Promises: ordered by revision; each change of state of each job appears, once; durable before sent. Revisions count by
        one, so that without filters none is missing. Resumes after any revision that is kept, also after restarts of the
        daemon. A slow reader loses nothing and costs the daemon no memory. The first answer comes at once; while nothing
        happens, one without changes comes at most 15 seconds after the last one. Who begins with the jobs as they stand
        calls ListJobs, then watches after the `revision` of its first page.

        Errors:
        * `INVALID_ARGUMENT` INVALID_REQUEST: a filter has no legal value. Field violations name it.
        * `OUT_OF_RANGE` EVENTS_GONE: retention removed the changes, or the revision is none of this store. Begin anew from ListJobs.
        * `UNIMPLEMENTED` UNSUPPORTED: not offered by this daemon. Poll ListJobs.

        Does not promise: output or progress; follow the job for those.
        """

        raise grpclib.GRPCError(grpclib.const.Status.UNIMPLEMENTED)
        yield WatchJobsResponse()

    async def list_locks(self, message: "ListLocksRequest") -> "ListLocksResponse":
        """
        Lists the named locks that are held or waited for.

        Promises: a consistent snapshot. Idempotent.

        Errors:
        * `UNIMPLEMENTED` UNSUPPORTED: not offered by this daemon.

        Does not promise: that a lock is still held when the answer is read.
        """

        raise grpclib.GRPCError(grpclib.const.Status.UNIMPLEMENTED)

    async def read_artifact(self, message: "ReadArtifactRequest") -> "AsyncIterator[ReadArtifactResponse]":
        """
        Streams the bytes of an artifact.

        Promises: the bytes have the digest that was asked for: all of them are read and checked, those before `offset` too,
        and the last piece is sent only when the digest is right. A stream that ends without an error is whole. Every artifact
        that a durable event names can be read until retention removes the output of all jobs that produced it. Idempotent.

        Errors:
        * `NOT_FOUND` ARTIFACT_NOT_FOUND: no artifact has this digest. See the artifacts of the job.
        * `NOT_FOUND` ARTIFACT_GONE: retention removed it. Run the tool again.
        * `DATA_LOSS` ARTIFACT_CORRUPT: the stored bytes no longer have the digest. Throw away what was sent; run the tool again.
        * `INVALID_ARGUMENT` INVALID_REQUEST: the digest is none, or the offset lies beyond the end. Field violations name it.
        * `UNIMPLEMENTED` UNSUPPORTED: not offered by this daemon.

        Does not promise: a size of the pieces.
        """

        raise grpclib.GRPCError(grpclib.const.Status.UNIMPLEMENTED)
        yield ReadArtifactResponse()

    async def __rpc_list_capabilities(
        self, stream: "grpclib.server.Stream[ListCapabilitiesRequest, ListCapabilitiesResponse]"
    ) -> None:
        request = await stream.recv_message()
        assert request is not None
        response = await self.list_capabilities(request)
        await stream.send_message(response)

    async def __rpc_list_tools(self, stream: "grpclib.server.Stream[ListToolsRequest, ListToolsResponse]") -> None:
        request = await stream.recv_message()
        assert request is not None
        response = await self.list_tools(request)
        await stream.send_message(response)

    async def __rpc_get_tool(self, stream: "grpclib.server.Stream[GetToolRequest, GetToolResponse]") -> None:
        request = await stream.recv_message()
        assert request is not None
        response = await self.get_tool(request)
        await stream.send_message(response)

    async def __rpc_trust_tool(self, stream: "grpclib.server.Stream[TrustToolRequest, TrustToolResponse]") -> None:
        request = await stream.recv_message()
        assert request is not None
        response = await self.trust_tool(request)
        await stream.send_message(response)

    async def __rpc_skill_execute(
        self, stream: "grpclib.server.Stream[SkillExecuteRequest, SkillExecuteResponse]"
    ) -> None:
        request = await stream.recv_message()
        assert request is not None
        response = await self.skill_execute(request)
        await stream.send_message(response)

    async def __rpc_get_job_status(
        self, stream: "grpclib.server.Stream[GetJobStatusRequest, GetJobStatusResponse]"
    ) -> None:
        request = await stream.recv_message()
        assert request is not None
        response = await self.get_job_status(request)
        await stream.send_message(response)

    async def __rpc_list_jobs(self, stream: "grpclib.server.Stream[ListJobsRequest, ListJobsResponse]") -> None:
        request = await stream.recv_message()
        assert request is not None
        response = await self.list_jobs(request)
        await stream.send_message(response)

    async def __rpc_cancel_job(self, stream: "grpclib.server.Stream[CancelJobRequest, CancelJobResponse]") -> None:
        request = await stream.recv_message()
        assert request is not None
        response = await self.cancel_job(request)
        await stream.send_message(response)

    async def __rpc_stream_job_events(
        self, stream: "grpclib.server.Stream[StreamJobEventsRequest, StreamJobEventsResponse]"
    ) -> None:
        request = await stream.recv_message()
        assert request is not None
        await self._call_rpc_handler_server_stream(
            self.stream_job_events,
            stream,
            request,
        )

    async def __rpc_watch_jobs(self, stream: "grpclib.server.Stream[WatchJobsRequest, WatchJobsResponse]") -> None:
        request = await stream.recv_message()
        assert request is not None
        await self._call_rpc_handler_server_stream(
            self.watch_jobs,
            stream,
            request,
        )

    async def __rpc_list_locks(self, stream: "grpclib.server.Stream[ListLocksRequest, ListLocksResponse]") -> None:
        request = await stream.recv_message()
        assert request is not None
        response = await self.list_locks(request)
        await stream.send_message(response)

    async def __rpc_read_artifact(
        self, stream: "grpclib.server.Stream[ReadArtifactRequest, ReadArtifactResponse]"
    ) -> None:
        request = await stream.recv_message()
        assert request is not None
        await self._call_rpc_handler_server_stream(
            self.read_artifact,
            stream,
            request,
        )

    def __mapping__(self) -> "dict[str, grpclib.const.Handler]":
        return {
            "/dome.runtime.v1.RuntimeService/ListCapabilities": grpclib.const.Handler(
                self.__rpc_list_capabilities,
                grpclib.const.Cardinality.UNARY_UNARY,
                ListCapabilitiesRequest,
                ListCapabilitiesResponse,
            ),
            "/dome.runtime.v1.RuntimeService/ListTools": grpclib.const.Handler(
                self.__rpc_list_tools,
                grpclib.const.Cardinality.UNARY_UNARY,
                ListToolsRequest,
                ListToolsResponse,
            ),
            "/dome.runtime.v1.RuntimeService/GetTool": grpclib.const.Handler(
                self.__rpc_get_tool,
                grpclib.const.Cardinality.UNARY_UNARY,
                GetToolRequest,
                GetToolResponse,
            ),
            "/dome.runtime.v1.RuntimeService/TrustTool": grpclib.const.Handler(
                self.__rpc_trust_tool,
                grpclib.const.Cardinality.UNARY_UNARY,
                TrustToolRequest,
                TrustToolResponse,
            ),
            "/dome.runtime.v1.RuntimeService/SkillExecute": grpclib.const.Handler(
                self.__rpc_skill_execute,
                grpclib.const.Cardinality.UNARY_UNARY,
                SkillExecuteRequest,
                SkillExecuteResponse,
            ),
            "/dome.runtime.v1.RuntimeService/GetJobStatus": grpclib.const.Handler(
                self.__rpc_get_job_status,
                grpclib.const.Cardinality.UNARY_UNARY,
                GetJobStatusRequest,
                GetJobStatusResponse,
            ),
            "/dome.runtime.v1.RuntimeService/ListJobs": grpclib.const.Handler(
                self.__rpc_list_jobs,
                grpclib.const.Cardinality.UNARY_UNARY,
                ListJobsRequest,
                ListJobsResponse,
            ),
            "/dome.runtime.v1.RuntimeService/CancelJob": grpclib.const.Handler(
                self.__rpc_cancel_job,
                grpclib.const.Cardinality.UNARY_UNARY,
                CancelJobRequest,
                CancelJobResponse,
            ),
            "/dome.runtime.v1.RuntimeService/StreamJobEvents": grpclib.const.Handler(
                self.__rpc_stream_job_events,
                grpclib.const.Cardinality.UNARY_STREAM,
                StreamJobEventsRequest,
                StreamJobEventsResponse,
            ),
            "/dome.runtime.v1.RuntimeService/WatchJobs": grpclib.const.Handler(
                self.__rpc_watch_jobs,
                grpclib.const.Cardinality.UNARY_STREAM,
                WatchJobsRequest,
                WatchJobsResponse,
            ),
            "/dome.runtime.v1.RuntimeService/ListLocks": grpclib.const.Handler(
                self.__rpc_list_locks,
                grpclib.const.Cardinality.UNARY_UNARY,
                ListLocksRequest,
                ListLocksResponse,
            ),
            "/dome.runtime.v1.RuntimeService/ReadArtifact": grpclib.const.Handler(
                self.__rpc_read_artifact,
                grpclib.const.Cardinality.UNARY_STREAM,
                ReadArtifactRequest,
                ReadArtifactResponse,
            ),
        }
