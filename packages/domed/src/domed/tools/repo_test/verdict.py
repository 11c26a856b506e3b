"""What came of a session: success, or one reason why not. Pure.

What happened decides. The number that the process ended with says nothing that was not seen otherwise, except that it
must be the one that pytest returned. Where several things happened, the first of these counts: the end was asked for;
time ran out; the interpreter died; tests could not be collected; tests failed; the session was broken off; nothing ran.
"""

import signal
from enum import Enum
from typing import Final

from dome_contracts.failure_reasons import FailureReason
from dome_contracts.tool import ToolFailure
from domed.tools.repo_test.child import Ended
from domed.tools.repo_test.interpreter import REMEDY
from domed.tools.repo_test.tally import Tally

NAMED_MAX: Final = 3
PYTEST_USAGE_ERROR: Final = 4
SEE_OUTPUT: Final = "The end of the output says why."


class Stop(Enum):
    """Why the tool ended pytest."""

    CANCEL = "it was asked for"
    TIMEOUT = "the time was over"
    IDLE = "nothing happened"


def verdict(tally: Tally, ended: Ended, *, stop: Stop | None, running: list[str]) -> ToolFailure | None:
    """Why the session failed. `running`: the tests that ran when it ended or was ended."""
    if stop is not None:
        return _stopped(tally, stop, running)
    return _unusable(tally, ended) or _dead(tally, ended, running) or _uncollected(tally) or _unsuccessful(tally)


def where(tally: Tally, running: list[str]) -> str:
    """What went on, for a sentence."""
    if running:
        return f"while {_named(running)} ran"
    if tally.session_ended:
        return "after the tests"
    if tally.done:
        return f"between tests, after {tally.done} of them"
    if tally.collecting:
        return f"while tests were collected, at {tally.collecting!r}"
    return "before a test was looked for"


def _stopped(tally: Tally, stop: Stop, running: list[str]) -> ToolFailure:
    done = f"{tally.done} of {tally.collected} tests were over" if tally.collected is not None else "no test had begun"
    if stop is Stop.CANCEL:
        return ToolFailure(FailureReason.CANCEL_REQUESTED, f"Ended because a signal asked for it; {done}.")
    what = "The time for the run (`timeout_s`) was over"
    if stop is Stop.IDLE:
        what = "Nothing was heard of pytest for too long (`idle_timeout_s`)"
    return ToolFailure(FailureReason.TESTS_HUNG, f"{what} {where(tally, running)}; {done}.")


def _unusable(tally: Tally, ended: Ended) -> ToolFailure | None:
    reason = FailureReason.TESTS_RUNNER_MISSING
    if tally.no_pytest:
        return ToolFailure(reason, f"There is no pytest that could be used ({tally.no_pytest}). {REMEDY}")
    if tally.python_version is None and ended.signal is None:
        return ToolFailure(reason, f"The program is no Python of version 3.7 or later. {SEE_OUTPUT} {REMEDY}")
    return None


def _dead(tally: Tally, ended: Ended, running: list[str]) -> ToolFailure | None:
    """The interpreter, one of a worker, or pytest itself."""
    place = where(tally, running)
    if ended.signal is not None:
        said = f"The interpreter was ended by {_signal(ended.signal)} {place}."
    elif tally.worker_died and tally.outcomes["crashed"] == 0:
        said = f"A worker of pytest-xdist died: {tally.worker_died}"
    elif tally.outcomes["crashed"]:
        crashed = [event["node_id"] for event in tally.failures if event["outcome"] == "crashed"]
        said = f"The interpreter of a worker died while {_named(crashed)} ran."
    elif tally.internal_error and (tally.done or running):
        said = f"Pytest or a plugin failed {place}: {tally.internal_error}"
    elif tally.raised and (tally.done or running):
        said = f"Pytest was left by an error {place}: {tally.raised}"
    elif tally.exit_status is None and not tally.raised:
        said = f"The interpreter ended with exit code {ended.exit_code} {place}, and pytest had not returned."
    elif tally.exit_status is not None and ended.exit_code != tally.exit_status & 0xFF:
        said = f"The interpreter ended with exit code {ended.exit_code} after pytest returned {tally.exit_status}."
    else:
        return None
    return ToolFailure(FailureReason.TESTS_CRASHED, said)


def _uncollected(tally: Tally) -> ToolFailure | None:
    if tally.uncollected:
        names = [event["node_id"] or event["path"] for event in tally.collection_errors]
        failed = f" Of the tests that ran, {tally.failed} failed." if tally.failed else ""
        said = f"{tally.uncollected} could not be collected: {_named(names, of=tally.uncollected)}.{failed}"
    elif tally.internal_error:
        said = f"Pytest or a plugin failed before the first test: {tally.internal_error}"
    elif tally.raised:
        said = f"Pytest was left by an error before the first test: {tally.raised}"
    elif tally.root is None and tally.exit_status:
        said = f"Pytest refused the configuration, a conftest or the arguments. {SEE_OUTPUT}"
    elif tally.exit_status == PYTEST_USAGE_ERROR:
        said = f"Pytest refused the arguments, such as a path that leads nowhere. {SEE_OUTPUT}"
    else:
        return None
    return ToolFailure(FailureReason.TESTS_COLLECTION_FAILED, said)


def _unsuccessful(tally: Tally) -> ToolFailure | None:
    if tally.failed:
        names = [event["node_id"] for event in tally.failures]
        said = f"{tally.failed} failed, {tally.outcomes['passed']} passed: {_named(names, of=tally.failed)}."
        return ToolFailure(FailureReason.TESTS_FAILED, said)
    if broken_off := tally.interrupted or tally.stopped:
        said = f"The session was broken off after {tally.done} of {tally.collected or 0} tests: {broken_off}"
        return ToolFailure(FailureReason.TESTS_INTERRUPTED, said)
    if not tally.counts["phase"]:
        return ToolFailure(FailureReason.TESTS_NONE_COLLECTED, _nothing(tally))
    if tally.exit_status:
        said = f"No test failed, and pytest returned {tally.exit_status}: a plugin of the repository is not content."
        return ToolFailure(FailureReason.TOOL_FAILED, f"{said} {SEE_OUTPUT}")
    return None


def _nothing(tally: Tally) -> str:
    if tally.collected:
        return f"None of the collected tests ran ({tally.collected}): an option of the repository says so."
    if tally.deselected:
        return f"The selection left out every test ({tally.deselected})."
    skipped = tally.counts["collection_skipped"]
    return f"No test was found{f'; files that skip themselves: {skipped}' if skipped else ''}."


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _named(names: list[str], *, of: int | None = None) -> str:
    more = (of if of is not None else len(names)) - min(len(names), NAMED_MAX)
    return ", ".join(repr(name) for name in names[:NAMED_MAX]) + (f" and {more} more" if more > 0 else "")
