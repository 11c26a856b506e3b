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
    COMMIT_HEAD_MOVED = "COMMIT.HEAD_MOVED"
    """The branch names another commit than the one that was probed."""
    COMMIT_BRANCH_CHANGED = "COMMIT.BRANCH_CHANGED"
    """The working tree is on another branch than the one that was probed."""
    COMMIT_HEAD_DETACHED = "COMMIT.HEAD_DETACHED"
    """HEAD of the working tree names a commit and no branch."""
    COMMIT_WORKTREE_GONE = "COMMIT.WORKTREE_GONE"
    """The working tree does not exist."""
    COMMIT_REPOSITORY_CHANGED = "COMMIT.REPOSITORY_CHANGED"
    """The working tree is none, or belongs to another repository than the one that was probed."""
    COMMIT_REPOSITORY_UNSAFE = "COMMIT.REPOSITORY_UNSAFE"
    """Git refuses the repository because of its owner."""
    COMMIT_OPERATION_IN_PROGRESS = "COMMIT.OPERATION_IN_PROGRESS"
    """A merge, rebase, cherry-pick or revert is under way, or a conflict is not resolved."""
    COMMIT_REF_PROTECTED = "COMMIT.REF_PROTECTED"
    """The branch is protected and the commit is ordinary work."""
    COMMIT_REF_LOCKED = "COMMIT.REF_LOCKED"
    """Another program holds the reference of the branch."""
    COMMIT_INDEX_LOCKED = "COMMIT.INDEX_LOCKED"
    """Another git process holds the index of the working tree."""
    COMMIT_STAGING_CHANGED = "COMMIT.STAGING_CHANGED"
    """Other paths are staged than when the working tree was probed."""
    COMMIT_TARGET_ALTERED = "COMMIT.TARGET_ALTERED"
    """The commit target is not the one that its witness was computed over."""
    COMMIT_MESSAGE_INVALID = "COMMIT.MESSAGE_INVALID"
    """The message of the commit cannot be one of an operation."""
    COMMIT_OPERATION_REUSED = "COMMIT.OPERATION_REUSED"
    """The commit of the operation changes none of the named paths."""
    COMMIT_IDENTITY_MISSING = "COMMIT.IDENTITY_MISSING"
    """Nobody says who author and committer are."""
    COMMIT_SIGNING_REQUIRED = "COMMIT.SIGNING_REQUIRED"
    """The configuration asks for signed commits, which may ask a person."""
    COMMIT_HOOK_REFUSED = "COMMIT.HOOK_REFUSED"
    """A hook of the repository refused the commit, or changed what it must not."""
    COMMIT_CONTENT_REFUSED = "COMMIT.CONTENT_REFUSED"
    """Git does not take the content of a file as its attributes and filters ask for."""
    COMMIT_NOTHING_TO_COMMIT = "COMMIT.NOTHING_TO_COMMIT"
    """The named paths are as they are in the branch."""
    COMMIT_PATH_OUTSIDE = "COMMIT.PATH_OUTSIDE"
    """A path does not lie below the root of the working tree."""
    COMMIT_PATH_IN_GIT = "COMMIT.PATH_IN_GIT"
    """A path lies in a `.git` folder."""
    COMMIT_PATH_LINK_OUTSIDE = "COMMIT.PATH_LINK_OUTSIDE"
    """A path lies behind a symbolic link, or is one that leaves the working tree."""
    COMMIT_PATH_IGNORED = "COMMIT.PATH_IGNORED"
    """An ignore rule excludes a path that is not tracked."""
    COMMIT_PATH_SUBMODULE = "COMMIT.PATH_SUBMODULE"
    """A path is a submodule or another repository, or lies in one."""
    COMMIT_PATH_SPARSE = "COMMIT.PATH_SPARSE"
    """A path is outside of the sparse checkout."""
    COMMIT_PATH_UNKNOWN = "COMMIT.PATH_UNKNOWN"
    """A path does not exist and is not tracked."""
    COMMIT_PATH_NOT_A_FILE = "COMMIT.PATH_NOT_A_FILE"
    """A path is a folder or a special file."""
    COMMIT_PATH_CONFLICT = "COMMIT.PATH_CONFLICT"
    """A file takes the place of a folder with files that are not named, or the other way round."""
    OUTPUT_ARTIFACT_INVALID = "OUTPUT.ARTIFACT_INVALID"
    """A declared artifact is missing, no regular file, or outside the run's directories."""
    LIMIT_ARTIFACT_BYTES = "LIMIT.ARTIFACT_BYTES"
    """An artifact, those of the run together, or all that are kept, are larger than allowed."""
    DAEMON_STORAGE_FAILED = "DAEMON.STORAGE_FAILED"
    """The daemon could not write what it had to keep of the run, for lack of space or another fault of the disk."""
    LIMIT_CPU_TIME = "LIMIT.CPU_TIME"
    """The program used more processor time than its limit, and the kernel ended it."""
    LIMIT_MEMORY = "LIMIT.MEMORY"
    """The processes of the run needed more memory together than its limit, and the kernel ended them."""
    LIMIT_PROCESSES = "LIMIT.PROCESSES"
    """The run failed after the kernel had refused it another process or thread, because it had as many as its limit."""
    ADMISSION_EFFECTS_NOT_HELD = "ADMISSION.EFFECTS_NOT_HELD"
    """The tool must be held to its declared effects, and the kernel cannot do that here any more since the job was accepted."""
    WEB_BROWSER_MISSING = "WEB.BROWSER_MISSING"
    """There is no Chromium on this machine, or not where it was said to be."""
    WEB_SANDBOX_UNAVAILABLE = "WEB.SANDBOX_UNAVAILABLE"
    """The browser cannot have its sandbox here, and the request does not say that it may run without."""
    WEB_BROWSER_FAILED = "WEB.BROWSER_FAILED"
    """The browser did not start, or ended before the page was read."""
    WEB_ADDRESS_REFUSED = "WEB.ADDRESS_REFUSED"
    """The address is no page of the web, or is not on the public internet, and the request does not name its host."""
    WEB_UNREACHABLE = "WEB.UNREACHABLE"
    """The page cannot be had; the name is unknown, nobody answers, or the connection breaks."""
    WEB_UNTRUSTED = "WEB.UNTRUSTED"
    """The server shows no certificate that the browser trusts."""
    WEB_TIMEOUT = "WEB.TIMEOUT"
    """The page did not answer in time, or its scripts left no time to read it."""
    WEB_NOT_A_PAGE = "WEB.NOT_A_PAGE"
    """The address gives a file to be stored, or nothing, rather than a page."""
    CODEX_NOT_FOUND = "CODEX.NOT_FOUND"
    """There is no codex on this machine, or not where it was said to be, or it cannot be started."""
    CODEX_NOT_AUTHENTICATED = "CODEX.NOT_AUTHENTICATED"
    """The provider of the model refuses the account that codex has here, or codex has none."""
    CODEX_LIMIT_REACHED = "CODEX.LIMIT_REACHED"
    """The provider of the model refuses for now, because of a limit of rate or of use."""
    CODEX_WORKSPACE_MISSING = "CODEX.WORKSPACE_MISSING"
    """The directory in which codex is to work is none."""
    CODEX_ANSWER_INVALID = "CODEX.ANSWER_INVALID"
    """An answer of a given form was asked for, and the last message of codex is no JSON."""
    CODEX_TIMEOUT = "CODEX.TIMEOUT"
    """Codex was not done in time. What it changed until then stays."""
    CODEX_FAILED = "CODEX.FAILED"
    """Codex ended without having done its turn."""


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
        FailureReason.COMMIT_HEAD_MOVED: Failure(
            FailureReason.COMMIT_HEAD_MOVED,
            "tool",
            False,
            "The branch names another commit than the one that was probed.",
            "Look at what was committed, then probe again.",
        ),
        FailureReason.COMMIT_BRANCH_CHANGED: Failure(
            FailureReason.COMMIT_BRANCH_CHANGED,
            "tool",
            False,
            "The working tree is on another branch than the one that was probed.",
            "Switch back, or probe again.",
        ),
        FailureReason.COMMIT_HEAD_DETACHED: Failure(
            FailureReason.COMMIT_HEAD_DETACHED,
            "tool",
            False,
            "HEAD of the working tree names a commit and no branch.",
            "Switch to the branch, then probe again.",
        ),
        FailureReason.COMMIT_WORKTREE_GONE: Failure(
            FailureReason.COMMIT_WORKTREE_GONE,
            "tool",
            False,
            "The working tree does not exist.",
            "Probe a working tree that does.",
        ),
        FailureReason.COMMIT_REPOSITORY_CHANGED: Failure(
            FailureReason.COMMIT_REPOSITORY_CHANGED,
            "tool",
            False,
            "The working tree is none, or belongs to another repository than the one that was probed.",
            "Look at what changed, then probe again.",
        ),
        FailureReason.COMMIT_REPOSITORY_UNSAFE: Failure(
            FailureReason.COMMIT_REPOSITORY_UNSAFE,
            "tool",
            False,
            "Git refuses the repository because of its owner.",
            "Give it to your user, or name it in `safe.directory` of git's configuration.",
        ),
        FailureReason.COMMIT_OPERATION_IN_PROGRESS: Failure(
            FailureReason.COMMIT_OPERATION_IN_PROGRESS,
            "tool",
            False,
            "A merge, rebase, cherry-pick or revert is under way, or a conflict is not resolved.",
            "Finish or abort it, then probe again.",
        ),
        FailureReason.COMMIT_REF_PROTECTED: Failure(
            FailureReason.COMMIT_REF_PROTECTED,
            "tool",
            False,
            "The branch is protected and the commit is ordinary work.",
            "Commit to a branch of its own, or have a person order it.",
        ),
        FailureReason.COMMIT_REF_LOCKED: Failure(
            FailureReason.COMMIT_REF_LOCKED,
            "tool",
            True,
            "Another program holds the reference of the branch.",
            "Try again; remove the lock that the message names if no git runs.",
        ),
        FailureReason.COMMIT_INDEX_LOCKED: Failure(
            FailureReason.COMMIT_INDEX_LOCKED,
            "tool",
            True,
            "Another git process holds the index of the working tree.",
            "Try again when it has ended; remove the lock that the message names if no git runs.",
        ),
        FailureReason.COMMIT_STAGING_CHANGED: Failure(
            FailureReason.COMMIT_STAGING_CHANGED,
            "tool",
            False,
            "Other paths are staged than when the working tree was probed.",
            "Look who works there, then probe again.",
        ),
        FailureReason.COMMIT_TARGET_ALTERED: Failure(
            FailureReason.COMMIT_TARGET_ALTERED,
            "tool",
            False,
            "The commit target is not the one that its witness was computed over.",
            "Probe again and pass on what the probe gives.",
        ),
        FailureReason.COMMIT_MESSAGE_INVALID: Failure(
            FailureReason.COMMIT_MESSAGE_INVALID,
            "tool",
            False,
            "The message of the commit cannot be one of an operation.",
            "Mend what the message of the failure names.",
        ),
        FailureReason.COMMIT_OPERATION_REUSED: Failure(
            FailureReason.COMMIT_OPERATION_REUSED,
            "tool",
            False,
            "The commit of the operation changes none of the named paths.",
            "Use an operation id of its own for each commit.",
        ),
        FailureReason.COMMIT_IDENTITY_MISSING: Failure(
            FailureReason.COMMIT_IDENTITY_MISSING,
            "tool",
            False,
            "Nobody says who author and committer are.",
            "Set `user.name` and `user.email` of git, or name the author in the input.",
        ),
        FailureReason.COMMIT_SIGNING_REQUIRED: Failure(
            FailureReason.COMMIT_SIGNING_REQUIRED,
            "tool",
            False,
            "The configuration asks for signed commits, which may ask a person.",
            "Commit by hand, or allow an unsigned commit in the input.",
        ),
        FailureReason.COMMIT_HOOK_REFUSED: Failure(
            FailureReason.COMMIT_HOOK_REFUSED,
            "tool",
            False,
            "A hook of the repository refused the commit, or changed what it must not.",
            "Read its output and mend what it names.",
        ),
        FailureReason.COMMIT_CONTENT_REFUSED: Failure(
            FailureReason.COMMIT_CONTENT_REFUSED,
            "tool",
            False,
            "Git does not take the content of a file as its attributes and filters ask for.",
            "Mend the file, its attributes or the filter; the message has git's words.",
        ),
        FailureReason.COMMIT_NOTHING_TO_COMMIT: Failure(
            FailureReason.COMMIT_NOTHING_TO_COMMIT,
            "tool",
            False,
            "The named paths are as they are in the branch.",
            "Nothing to do; check the paths if something should have changed.",
        ),
        FailureReason.COMMIT_PATH_OUTSIDE: Failure(
            FailureReason.COMMIT_PATH_OUTSIDE,
            "tool",
            False,
            "A path does not lie below the root of the working tree.",
            "Correct the paths.",
        ),
        FailureReason.COMMIT_PATH_IN_GIT: Failure(
            FailureReason.COMMIT_PATH_IN_GIT, "tool", False, "A path lies in a `.git` folder.", "Leave it out."
        ),
        FailureReason.COMMIT_PATH_LINK_OUTSIDE: Failure(
            FailureReason.COMMIT_PATH_LINK_OUTSIDE,
            "tool",
            False,
            "A path lies behind a symbolic link, or is one that leaves the working tree.",
            "Name the link or the file itself, and let links lead to files of the working tree.",
        ),
        FailureReason.COMMIT_PATH_IGNORED: Failure(
            FailureReason.COMMIT_PATH_IGNORED,
            "tool",
            False,
            "An ignore rule excludes a path that is not tracked.",
            "Leave it out, or stage it with `git add -f` first.",
        ),
        FailureReason.COMMIT_PATH_SUBMODULE: Failure(
            FailureReason.COMMIT_PATH_SUBMODULE,
            "tool",
            False,
            "A path is a submodule or another repository, or lies in one.",
            "Commit there.",
        ),
        FailureReason.COMMIT_PATH_SPARSE: Failure(
            FailureReason.COMMIT_PATH_SPARSE,
            "tool",
            False,
            "A path is outside of the sparse checkout.",
            "Add it with `git sparse-checkout add`, then try again.",
        ),
        FailureReason.COMMIT_PATH_UNKNOWN: Failure(
            FailureReason.COMMIT_PATH_UNKNOWN,
            "tool",
            False,
            "A path does not exist and is not tracked.",
            "Correct the paths.",
        ),
        FailureReason.COMMIT_PATH_NOT_A_FILE: Failure(
            FailureReason.COMMIT_PATH_NOT_A_FILE,
            "tool",
            False,
            "A path is a folder or a special file.",
            "Name files and symbolic links only.",
        ),
        FailureReason.COMMIT_PATH_CONFLICT: Failure(
            FailureReason.COMMIT_PATH_CONFLICT,
            "tool",
            False,
            "A file takes the place of a folder with files that are not named, or the other way round.",
            "Name what goes too.",
        ),
        FailureReason.OUTPUT_ARTIFACT_INVALID: Failure(
            FailureReason.OUTPUT_ARTIFACT_INVALID,
            "output",
            False,
            "A declared artifact is missing, no regular file, or outside the run's directories.",
            "Mend the tool; the message names the artifact and what is wrong with it.",
        ),
        FailureReason.LIMIT_ARTIFACT_BYTES: Failure(
            FailureReason.LIMIT_ARTIFACT_BYTES,
            "limit",
            False,
            "An artifact, those of the run together, or all that are kept, are larger than allowed.",
            "Make it produce less, or raise the limit that the message names.",
        ),
        FailureReason.DAEMON_STORAGE_FAILED: Failure(
            FailureReason.DAEMON_STORAGE_FAILED,
            "daemon",
            True,
            "The daemon could not write what it had to keep of the run, for lack of space or another fault of the disk.",
            "Make room or mend what the message names, then submit again with a new key.",
        ),
        FailureReason.LIMIT_CPU_TIME: Failure(
            FailureReason.LIMIT_CPU_TIME,
            "limit",
            False,
            "The program used more processor time than its limit, and the kernel ended it.",
            "Give it less work, or raise the limit.",
        ),
        FailureReason.LIMIT_MEMORY: Failure(
            FailureReason.LIMIT_MEMORY,
            "limit",
            False,
            "The processes of the run needed more memory together than its limit, and the kernel ended them.",
            "Give it less work, or raise `run_memory_bytes_max`.",
        ),
        FailureReason.LIMIT_PROCESSES: Failure(
            FailureReason.LIMIT_PROCESSES,
            "limit",
            False,
            "The run failed after the kernel had refused it another process or thread, because it had as many as its limit.",
            "Make it start fewer at a time, or raise `run_processes_max`.",
        ),
        FailureReason.ADMISSION_EFFECTS_NOT_HELD: Failure(
            FailureReason.ADMISSION_EFFECTS_NOT_HELD,
            "admission",
            False,
            "The tool must be held to its declared effects, and the kernel cannot do that here any more since the job was accepted.",
            "See with `dome doctor` what is missing, then submit again with a new key.",
        ),
        FailureReason.WEB_BROWSER_MISSING: Failure(
            FailureReason.WEB_BROWSER_MISSING,
            "tool",
            False,
            "There is no Chromium on this machine, or not where it was said to be.",
            "Install one, or name it in the variable CHROME_PATH.",
        ),
        FailureReason.WEB_SANDBOX_UNAVAILABLE: Failure(
            FailureReason.WEB_SANDBOX_UNAVAILABLE,
            "tool",
            False,
            "The browser cannot have its sandbox here, and the request does not say that it may run without.",
            "Run the daemon as an ordinary user who may make user namespaces, or allow the page to run without.",
        ),
        FailureReason.WEB_BROWSER_FAILED: Failure(
            FailureReason.WEB_BROWSER_FAILED,
            "tool",
            True,
            "The browser did not start, or ended before the page was read.",
            "Read the message and the end of the output, then try again.",
        ),
        FailureReason.WEB_ADDRESS_REFUSED: Failure(
            FailureReason.WEB_ADDRESS_REFUSED,
            "tool",
            False,
            "The address is no page of the web, or is not on the public internet, and the request does not name its host.",
            "Correct the address, or name the host where the page is yours.",
        ),
        FailureReason.WEB_UNREACHABLE: Failure(
            FailureReason.WEB_UNREACHABLE,
            "tool",
            True,
            "The page cannot be had; the name is unknown, nobody answers, or the connection breaks.",
            "Check the address and the network; the message says what happened.",
        ),
        FailureReason.WEB_UNTRUSTED: Failure(
            FailureReason.WEB_UNTRUSTED,
            "tool",
            False,
            "The server shows no certificate that the browser trusts.",
            "Correct the address, or have the server's certificate mended.",
        ),
        FailureReason.WEB_TIMEOUT: Failure(
            FailureReason.WEB_TIMEOUT,
            "tool",
            True,
            "The page did not answer in time, or its scripts left no time to read it.",
            "Allow more time, or try again later.",
        ),
        FailureReason.WEB_NOT_A_PAGE: Failure(
            FailureReason.WEB_NOT_A_PAGE,
            "tool",
            False,
            "The address gives a file to be stored, or nothing, rather than a page.",
            "Fetch the file by other means, or read a page about it.",
        ),
        FailureReason.CODEX_NOT_FOUND: Failure(
            FailureReason.CODEX_NOT_FOUND,
            "tool",
            False,
            "There is no codex on this machine, or not where it was said to be, or it cannot be started.",
            "Install it, or name it in the variable CODEX_PATH.",
        ),
        FailureReason.CODEX_NOT_AUTHENTICATED: Failure(
            FailureReason.CODEX_NOT_AUTHENTICATED,
            "tool",
            False,
            "The provider of the model refuses the account that codex has here, or codex has none.",
            "Log in as the daemon's user with `codex login`, or mend the provider in codex's configuration.",
        ),
        FailureReason.CODEX_LIMIT_REACHED: Failure(
            FailureReason.CODEX_LIMIT_REACHED,
            "tool",
            True,
            "The provider of the model refuses for now, because of a limit of rate or of use.",
            "Wait as long as the message says, then try again.",
        ),
        FailureReason.CODEX_WORKSPACE_MISSING: Failure(
            FailureReason.CODEX_WORKSPACE_MISSING,
            "tool",
            False,
            "The directory in which codex is to work is none.",
            "Name a directory below the working directory that is there.",
        ),
        FailureReason.CODEX_ANSWER_INVALID: Failure(
            FailureReason.CODEX_ANSWER_INVALID,
            "tool",
            True,
            "An answer of a given form was asked for, and the last message of codex is no JSON.",
            "Read the message; say the form in the prompt, too, or use a model that holds to it.",
        ),
        FailureReason.CODEX_TIMEOUT: Failure(
            FailureReason.CODEX_TIMEOUT,
            "tool",
            False,
            "Codex was not done in time. What it changed until then stays.",
            "See in the result how far it came, then give it less to do, or more time.",
        ),
        FailureReason.CODEX_FAILED: Failure(
            FailureReason.CODEX_FAILED,
            "tool",
            True,
            "Codex ended without having done its turn.",
            "Read the message and the end of the output, then try again.",
        ),
    }
)
"""The whole catalogue, in its order."""
