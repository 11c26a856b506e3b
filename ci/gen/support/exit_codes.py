"""What the process exit codes of `dome` mean, and which one stands for an outcome or a refusal.

A job that ended by itself passes its own code through, so a code between 1 and 119 may also be the
program's; `--json` says which. Codes of the command itself follow the shells (124 to 128 + n) and
sysexits (64 to 78) where those have one.
"""

from enum import IntEnum
from typing import Final


class Exit(IntEnum):
    """The codes of the command itself."""

    OK = 0
    FAILED = 1
    USAGE = 2
    INVALID = 65
    NOT_FOUND = 66
    PRECONDITION = 67
    UNAVAILABLE = 69
    INTERNAL = 70
    UNSUPPORTED = 71
    OUTPUT_LOST = 74
    TRY_AGAIN = 75
    DENIED = 77
    CANCELED = 120
    LIMIT = 121
    LOST = 122
    OUTPUT_INVALID = 123
    TIMEOUT = 124
    COMMAND_FAILED = 125
    NOT_EXECUTABLE = 126
    PROGRAM_NOT_FOUND = 127
    INTERRUPTED = 130


SIGNAL_BASE: Final = 128
SIGNAL_MAX: Final = 127

MEANINGS: Final[dict[Exit, str]] = {
    Exit.OK: "The command, and the job if there was one, succeeded.",
    Exit.FAILED: "The job reported a failure but has no exit code of its own, or a check found something red.",
    Exit.USAGE: "The command line is wrong; nothing was sent.",
    Exit.INVALID: "The request was refused as invalid, or a file is not what it must be.",
    Exit.NOT_FOUND: "No such tool, job, artifact or event; no such file, revision or family.",
    Exit.PRECONDITION: "Valid, but not as things stand: a key in use, a tool not approved, a decision missing.",
    Exit.UNAVAILABLE: "The daemon cannot be reached, or is stopping.",
    Exit.INTERNAL: "The daemon failed; the message names the id to look for in its log.",
    Exit.UNSUPPORTED: "This daemon does not offer what was asked.",
    Exit.OUTPUT_LOST: "A standard stream or a named file could not be written; the job, if there was one, goes on.",
    Exit.TRY_AGAIN: "A lock or a limit is in the way; the same command may succeed later.",
    Exit.DENIED: "Not allowed: another user's socket, or trust withdrawn before the start.",
    Exit.CANCELED: "The job was cancelled.",
    Exit.LIMIT: "The job was ended at one of its limits.",
    Exit.LOST: "The daemon ended while the job ran; its end was not seen.",
    Exit.OUTPUT_INVALID: "The job ended well, but its result does not fit the tool's schema.",
    Exit.TIMEOUT: "The job, or the call, ran out of time.",
    Exit.COMMAND_FAILED: "`dome` itself failed; this is a defect.",
    Exit.NOT_EXECUTABLE: "The tool's program could not be started.",
    Exit.PROGRAM_NOT_FOUND: "The tool's program does not exist.",
    Exit.INTERRUPTED: "Interrupted at the keyboard; the job, if there was one, goes on.",
}

_BY_CAUSE: Final = {
    "TIMEOUT": Exit.TIMEOUT,
    "CANCELED": Exit.CANCELED,
    "OUTPUT_INVALID": Exit.OUTPUT_INVALID,
    "LIMIT": Exit.LIMIT,
    "LOST": Exit.LOST,
    "DENIED": Exit.DENIED,
    "INTERNAL": Exit.INTERNAL,
}

# By the number of the gRPC status.
_BY_STATUS: Final = {
    0: Exit.OK,
    1: Exit.CANCELED,
    2: Exit.INTERNAL,
    3: Exit.INVALID,
    4: Exit.TIMEOUT,
    5: Exit.NOT_FOUND,
    6: Exit.PRECONDITION,
    7: Exit.DENIED,
    8: Exit.TRY_AGAIN,
    9: Exit.PRECONDITION,
    10: Exit.TRY_AGAIN,
    11: Exit.NOT_FOUND,
    12: Exit.UNSUPPORTED,
    13: Exit.INTERNAL,
    14: Exit.UNAVAILABLE,
    15: Exit.INTERNAL,
    16: Exit.DENIED,
}


def of_outcome(
    cause: str, *, exit_code: int | None = None, signal: int | None = None, failure_reason_code: str = "NONE"
) -> int:
    """The code for how a job ended. The cause decides; numbers are read only where the cause gives them a meaning.

    `cause` is a name of `OutcomeCause` without its prefix. A cause this version does not know is FAILED.
    """
    match cause:
        case "EXITED" if exit_code:
            return exit_code & 0xFF or Exit.FAILED
        case "EXITED":
            return Exit.OK if failure_reason_code in ("", "NONE") else Exit.FAILED
        case "SIGNALED" if signal is not None and 0 < signal <= SIGNAL_MAX:
            return SIGNAL_BASE + signal
        case "SPAWN_FAILED":
            return Exit.PROGRAM_NOT_FOUND if exit_code == Exit.PROGRAM_NOT_FOUND else Exit.NOT_EXECUTABLE
    return _BY_CAUSE.get(cause, Exit.FAILED)


def of_status(grpc_status: int) -> int:
    """The code for a refused or failed call, by the number of its gRPC status."""
    return _BY_STATUS.get(grpc_status, Exit.INTERNAL)
