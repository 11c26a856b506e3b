# @generated from contracts/reasons.yaml. Do not edit: change the source, then run `just gen`.
"""What can go wrong in the work of a job. Says nothing of what is allowed: that is `policy_reasons`."""

from enum import StrEnum
from types import MappingProxyType
from typing import Final, Mapping, NamedTuple


class FailureReason(StrEnum):
    """What went wrong. The value travels as `failure_reason_code`."""

    NONE = "NONE"
    """There was no failure."""
    PROCESS_EXIT_NONZERO = "PROCESS.EXIT_NONZERO"
    """The program ended with an exit code other than 0 and gave no reason of its own."""
    PROCESS_SIGNALED = "PROCESS.SIGNALED"
    """A signal that the daemon did not send ended the program."""
    PROCESS_SPAWN_FAILED = "PROCESS.SPAWN_FAILED"
    """The program could not be started."""
    PROCESS_LOST = "PROCESS.LOST"
    """The daemon ended while the program ran."""
    TIME_QUEUE_TIMEOUT = "TIME.QUEUE_TIMEOUT"
    """The job waited in the queue longer than allowed."""
    TIME_RUN_TIMEOUT = "TIME.RUN_TIMEOUT"
    """The program ran longer than allowed."""
    TIME_IDLE_TIMEOUT = "TIME.IDLE_TIMEOUT"
    """The program wrote nothing and reported nothing for longer than allowed."""
    CANCEL_REQUESTED = "CANCEL.REQUESTED"
    """Somebody asked for the end of the job."""
    OUTPUT_RESULT_INVALID = "OUTPUT.RESULT_INVALID"
    """The result does not satisfy the tool's output schema."""
    OUTPUT_RESULT_MISSING = "OUTPUT.RESULT_MISSING"
    """The tool ended well and gave no result, and its output schema asks for one."""
    OUTPUT_CHANNEL_INVALID = "OUTPUT.CHANNEL_INVALID"
    """The tool wrote something other than the line protocol to its channel."""
    LIMIT_OUTPUT_BYTES = "LIMIT.OUTPUT_BYTES"
    """The program wrote more than its output limit and the manifest asks to end it then."""
    ADMISSION_TOOL_CHANGED = "ADMISSION.TOOL_CHANGED"
    """The tool changed or lost its approval while the job waited."""
    DAEMON_FAILED = "DAEMON.FAILED"
    """The daemon failed while it ran the job."""
    TOOL_FAILED = "TOOL.FAILED"
    """The tool says that it failed and names no closer reason."""
    SEARCH_PATTERN_INVALID = "SEARCH.PATTERN_INVALID"
    """The search pattern cannot be compiled."""
    TESTS_FAILED = "TESTS.FAILED"
    """Tests ran and some failed."""
    SCHEMA_INVALID = "SCHEMA.INVALID"
    """A document does not satisfy its schema."""
    LINT_FAILED = "LINT.FAILED"
    """A linter ran and found faults."""
    TYPES_FAILED = "TYPES.FAILED"
    """A type checker ran and found faults."""
    TESTS_COLLECTION_FAILED = "TESTS.COLLECTION_FAILED"
    """Tests could not be collected; a test file, a conftest, the configuration or the arguments are at fault."""
    TESTS_CRASHED = "TESTS.CRASHED"
    """The interpreter of the tests, or the test runner in it, died before its end."""
    TESTS_HUNG = "TESTS.HUNG"
    """The tests took longer than allowed, or nothing was heard of them for too long."""
    TESTS_INTERRUPTED = "TESTS.INTERRUPTED"
    """The test session was broken off from inside, and not all tests ran."""
    TESTS_NONE_COLLECTED = "TESTS.NONE_COLLECTED"
    """No test ran, because none was found or none was left by the selection."""
    TESTS_RUNNER_MISSING = "TESTS.RUNNER_MISSING"
    """There is no Python that could run the tests, or no test runner in it."""


class Failure(NamedTuple):
    """What the catalogue says of one reason."""

    code: FailureReason
    failure_class: str
    retryable: bool
    meaning: str
    remedy: str


FAILURE_REASONS: Final[Mapping[FailureReason, Failure]] = MappingProxyType(
    {
        FailureReason.NONE: Failure(FailureReason.NONE, "none", False, "There was no failure.", "Nothing to do."),
        FailureReason.PROCESS_EXIT_NONZERO: Failure(
            FailureReason.PROCESS_EXIT_NONZERO,
            "process",
            False,
            "The program ended with an exit code other than 0 and gave no reason of its own.",
            "Read the end of its output.",
        ),
        FailureReason.PROCESS_SIGNALED: Failure(
            FailureReason.PROCESS_SIGNALED,
            "process",
            False,
            "A signal that the daemon did not send ended the program.",
            "Look for a crash or for the system's memory killer.",
        ),
        FailureReason.PROCESS_SPAWN_FAILED: Failure(
            FailureReason.PROCESS_SPAWN_FAILED,
            "process",
            False,
            "The program could not be started.",
            "Check that the entry point exists and is executable.",
        ),
        FailureReason.PROCESS_LOST: Failure(
            FailureReason.PROCESS_LOST,
            "process",
            True,
            "The daemon ended while the program ran.",
            "Submit again with a new key if a second run is harmless.",
        ),
        FailureReason.TIME_QUEUE_TIMEOUT: Failure(
            FailureReason.TIME_QUEUE_TIMEOUT,
            "time",
            True,
            "The job waited in the queue longer than allowed.",
            "Run fewer jobs at a time or allow a longer wait.",
        ),
        FailureReason.TIME_RUN_TIMEOUT: Failure(
            FailureReason.TIME_RUN_TIMEOUT,
            "time",
            False,
            "The program ran longer than allowed.",
            "Give it less work or a longer limit.",
        ),
        FailureReason.TIME_IDLE_TIMEOUT: Failure(
            FailureReason.TIME_IDLE_TIMEOUT,
            "time",
            False,
            "The program wrote nothing and reported nothing for longer than allowed.",
            "Find out what it waits for.",
        ),
        FailureReason.CANCEL_REQUESTED: Failure(
            FailureReason.CANCEL_REQUESTED,
            "cancel",
            False,
            "Somebody asked for the end of the job.",
            "Submit again if it is still wanted.",
        ),
        FailureReason.OUTPUT_RESULT_INVALID: Failure(
            FailureReason.OUTPUT_RESULT_INVALID,
            "output",
            False,
            "The result does not satisfy the tool's output schema.",
            "Mend the tool; the message names the places.",
        ),
        FailureReason.OUTPUT_RESULT_MISSING: Failure(
            FailureReason.OUTPUT_RESULT_MISSING,
            "output",
            False,
            "The tool ended well and gave no result, and its output schema asks for one.",
            "Mend the tool.",
        ),
        FailureReason.OUTPUT_CHANNEL_INVALID: Failure(
            FailureReason.OUTPUT_CHANNEL_INVALID,
            "output",
            False,
            "The tool wrote something other than the line protocol to its channel.",
            "Mend the tool; the message holds the offending line.",
        ),
        FailureReason.LIMIT_OUTPUT_BYTES: Failure(
            FailureReason.LIMIT_OUTPUT_BYTES,
            "limit",
            False,
            "The program wrote more than its output limit and the manifest asks to end it then.",
            "Make it write less, or raise the limit.",
        ),
        FailureReason.ADMISSION_TOOL_CHANGED: Failure(
            FailureReason.ADMISSION_TOOL_CHANGED,
            "admission",
            False,
            "The tool changed or lost its approval while the job waited.",
            "Look at the tool, approve it again and submit again.",
        ),
        FailureReason.DAEMON_FAILED: Failure(
            FailureReason.DAEMON_FAILED,
            "daemon",
            False,
            "The daemon failed while it ran the job.",
            "Find the error id of the message in the daemon's log and report both.",
        ),
        FailureReason.TOOL_FAILED: Failure(
            FailureReason.TOOL_FAILED,
            "tool",
            False,
            "The tool says that it failed and names no closer reason.",
            "Read its message.",
        ),
        FailureReason.SEARCH_PATTERN_INVALID: Failure(
            FailureReason.SEARCH_PATTERN_INVALID,
            "tool",
            False,
            "The search pattern cannot be compiled.",
            "Mend the pattern; the message says where it breaks.",
        ),
        FailureReason.TESTS_FAILED: Failure(
            FailureReason.TESTS_FAILED, "tests", False, "Tests ran and some failed.", "Read the report."
        ),
        FailureReason.SCHEMA_INVALID: Failure(
            FailureReason.SCHEMA_INVALID,
            "checks",
            False,
            "A document does not satisfy its schema.",
            "Mend the document at the places that the report names.",
        ),
        FailureReason.LINT_FAILED: Failure(
            FailureReason.LINT_FAILED, "checks", False, "A linter ran and found faults.", "Mend what its report names."
        ),
        FailureReason.TYPES_FAILED: Failure(
            FailureReason.TYPES_FAILED,
            "checks",
            False,
            "A type checker ran and found faults.",
            "Mend what its report names.",
        ),
        FailureReason.TESTS_COLLECTION_FAILED: Failure(
            FailureReason.TESTS_COLLECTION_FAILED,
            "tests",
            False,
            "Tests could not be collected; a test file, a conftest, the configuration or the arguments are at fault.",
            "Mend what the report or the end of the output names.",
        ),
        FailureReason.TESTS_CRASHED: Failure(
            FailureReason.TESTS_CRASHED,
            "tests",
            False,
            "The interpreter of the tests, or the test runner in it, died before its end.",
            "Run the test that the message names alone, and read the end of the output.",
        ),
        FailureReason.TESTS_HUNG: Failure(
            FailureReason.TESTS_HUNG,
            "tests",
            False,
            "The tests took longer than allowed, or nothing was heard of them for too long.",
            "Look at the stack in the report for what the test waits for, or allow more time.",
        ),
        FailureReason.TESTS_INTERRUPTED: Failure(
            FailureReason.TESTS_INTERRUPTED,
            "tests",
            False,
            "The test session was broken off from inside, and not all tests ran.",
            "Find what breaks it off; the message has its words.",
        ),
        FailureReason.TESTS_NONE_COLLECTED: Failure(
            FailureReason.TESTS_NONE_COLLECTED,
            "tests",
            False,
            "No test ran, because none was found or none was left by the selection.",
            "Check the working directory, the paths and the selection.",
        ),
        FailureReason.TESTS_RUNNER_MISSING: Failure(
            FailureReason.TESTS_RUNNER_MISSING,
            "tests",
            False,
            "There is no Python that could run the tests, or no test runner in it.",
            "Install pytest into the environment of the repository, or name another Python.",
        ),
    }
)
"""The whole catalogue, in its order."""
