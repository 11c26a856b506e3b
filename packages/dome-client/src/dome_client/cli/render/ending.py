"""One sentence on how a job ended and why, or where it stands, and what to do next."""

from collections.abc import Callable, Mapping, Sequence
from signal import Signals
from typing import TYPE_CHECKING, Final

from dome_client.cli.render.words import asked_by, length, moment

if TYPE_CHECKING:
    from dome_client.history import Explanation
    from dome_contracts.runtime.v1 import Outcome


def summary(found: "Explanation") -> str:
    """The sentence."""
    if found.finished is None:
        return _standing(found)
    outcome = found.finished.fact.outcome
    state = found.finished.fact.state.name or "unknown"
    if outcome is None:
        return f"It ended as {state}, and nothing says why."
    if state == "SUCCEEDED":
        asked = ", although its end was asked for" if found.cancellation is not None else ""
        return f"It succeeded {_after_start(found)}{asked}."
    words = _ENDS.get(outcome.cause.name or "")
    sentence = words(found, outcome) if words is not None else f"It ended as {state}"
    reason = f" ({outcome.failure_reason_code})" if outcome.failure_reason_code else ""
    if outcome.cause.name in _SAY_MORE and outcome.failure_reason_code not in _SAY_NO_MORE and outcome.message:
        return f"{sentence}{reason}: {outcome.message}"
    return f"{sentence}{reason}."


def next_steps(found: "Explanation") -> Sequence[str]:
    """What to do. Empty where there is nothing to do."""
    steps = [found.failure.remedy] if found.failure is not None else []
    if found.failure is not None and found.failure.retryable:
        steps.append(f"Run it once more with `dome retry {found.job_id}`.")
    if found.finished is None:
        holder = found.waits[-1].holder_job_id if found.started is None and found.waits else ""
        steps += [f"See what holds the lock: `dome explain {holder}`."] if holder else []
        steps.append(f"Follow it with `dome events {found.job_id} --follow --since-seq {found.last_seq}`.")
    if found.survivors:
        pids = " ".join(str(each.fact.pid) for each in found.survivors)
        steps.append(f"See whether these processes still live, and end them: {pids}.")
    if any(stream.left_out_bytes for stream in found.streams):
        steps.append("Part of the output is not recorded: let the program write less, or raise `output_bytes_max`.")
    return steps


def signal_name(number: int) -> str:
    """The name of a signal; its number where this system has no name for it."""
    try:
        return Signals(number).name
    except ValueError:
        return f"signal {number}"


def _standing(found: "Explanation") -> str:
    if found.started is not None:
        asked = ", and its end was asked for" if found.cancellation is not None else ""
        return f"It runs since {moment(found.started.time)}{asked}."
    if not found.waits:
        return "It was accepted, and has not been started."
    wait = found.waits[-1]
    if wait.lock:
        return f"It waits for the lock {wait.lock}, which {wait.holder_job_id} held when the waiting began."
    return "It waits for a free place among the jobs that run at a time."


def _exited(found: "Explanation", outcome: "Outcome") -> str:
    return f"Its program ended by itself with exit code {outcome.exit_code or 0}, {_after_start(found)}"


def _signaled(found: "Explanation", outcome: "Outcome") -> str:
    return (
        f"{signal_name(outcome.signal or 0)}, which the daemon did not send, ended its program, {_after_start(found)}"
    )


def _timeout(found: "Explanation", outcome: "Outcome") -> str:
    limits = {each.value for each in found.limits}
    if "queue_timeout" in limits:
        return f"It waited longer than allowed and was never started, {_after_acceptance(found)}"
    what = "said nothing for longer than allowed" if "idle_timeout" in limits else "ran longer than allowed"
    return f"Its program {what} and was ended, {_after_start(found)}{_by_signals(found)}"


def _canceled(found: "Explanation", outcome: "Outcome") -> str:
    asked = found.cancellation.fact if found.cancellation is not None else None
    who = f" by {asked_by(asked.requester)}" if asked is not None and asked.requester is not None else ""
    why = f" ({asked.reason})" if asked is not None and asked.reason else ""
    if found.started is None:
        return f"It was cancelled{who}{why} before its program was started"
    return f"It was cancelled{who}{why}, {_after_start(found)}{_by_signals(found)}"


def _limit(found: "Explanation", outcome: "Outcome") -> str:
    return f"Its program reached a limit and was ended, {_after_start(found)}{_by_signals(found)}"


def _by_signals(found: "Explanation") -> str:
    names = [signal_name(each.fact.signal) for each in found.signals]
    if not names:
        return ""
    grace = f" after {length(found.grace)} of grace" if found.grace is not None else ""
    return f", by {', then '.join(dict.fromkeys(names))}{grace}"


def _after_start(found: "Explanation") -> str:
    if found.started is None or found.finished is None:
        return "before its start"
    return f"{length(found.finished.time - found.started.time)} after its start"


def _after_acceptance(found: "Explanation") -> str:
    if found.submitted is None or found.finished is None:
        return "some time after it was accepted"
    return f"{length(found.finished.time - found.submitted.time)} after it was accepted"


_ENDS: Final[Mapping[str, Callable[["Explanation", "Outcome"], str]]] = {
    "EXITED": _exited,
    "SIGNALED": _signaled,
    "TIMEOUT": _timeout,
    "CANCELED": _canceled,
    "SPAWN_FAILED": lambda found, outcome: "Its program could not be started",
    "OUTPUT_INVALID": lambda found, outcome: f"Its program ended well and gave no valid result, {_after_start(found)}",
    "LIMIT": _limit,
    "LOST": lambda found, outcome: "The daemon ended while it ran, and nobody saw its end",
    "DENIED": lambda found, outcome: f"It was not allowed to start any more, {_after_acceptance(found)}",
    "INTERNAL": lambda found, outcome: "The daemon failed while it ran the job",
}
"""How it ended, by the cause."""
_SAY_MORE: Final = frozenset({"EXITED", "SPAWN_FAILED", "OUTPUT_INVALID", "DENIED", "INTERNAL"})
"""Causes of which the message of the outcome says more than the sentence."""
_SAY_NO_MORE: Final = frozenset({"PROCESS.EXIT_NONZERO"})
"""Reasons of which the sentence says all."""
