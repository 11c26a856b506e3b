"""The reasons for which codex gave no answer, from what was seen. Pure."""

import re
from typing import Final

from dome_contracts.failure_reasons import FailureReason
from dome_contracts.tool import ToolFailure
from domed.tools.codex_exec.child import Ended
from domed.tools.codex_exec.transcript import Transcript

WORDS_MAX: Final = 1000
_NO_ACCOUNT: Final = re.compile(
    r"\b401\b|\b403\b|unauthorized|not logged in|log ?in again|sign in again|refresh token|missing environment variable"
    r"|missing bearer|invalid.api.key|incorrect api key",
    re.IGNORECASE,
)
_LIMIT: Final = re.compile(
    r"\b429\b|too many requests|usage limit|rate limit|quota|insufficient.credits?", re.IGNORECASE
)
_DIED_OF: Final = "it was ended by signal {}"
_NOTHING: Final = "it said nothing"


def verdict(transcript: Transcript, ended: Ended) -> ToolFailure | None:
    """Why there is no answer; None where codex did its turn."""
    if transcript.is_completed and ended.code == 0:
        return None
    words = _words(transcript, ended)
    if _NO_ACCOUNT.search(words):
        message = f"The provider of the model refuses codex: {words}"
        return ToolFailure(FailureReason.CODEX_NOT_AUTHENTICATED, message)
    if _LIMIT.search(words):
        return ToolFailure(FailureReason.CODEX_LIMIT_REACHED, f"The provider of the model refuses for now: {words}")
    return ToolFailure(FailureReason.CODEX_FAILED, f"Codex ended without having done its turn: {words}")


def timed_out(transcript: Transcript, timeout_s: float) -> ToolFailure:
    """It took too long."""
    doing = f"; at the end: {transcript.doing}" if transcript.doing else ""
    message = f"Codex was not done within {timeout_s:g} s, after {transcript.steps} steps{doing}"
    return ToolFailure(FailureReason.CODEX_TIMEOUT, message)


def no_json(why: str) -> ToolFailure:
    """The answer is not what was asked for."""
    return ToolFailure(FailureReason.CODEX_ANSWER_INVALID, f"The last message is no JSON: {why}.")


def _words(transcript: Transcript, ended: Ended) -> str:
    """Codex's own, the most telling first."""
    if transcript.fault:
        return transcript.fault[:WORDS_MAX]
    if ended.code < 0:
        return _DIED_OF.format(-ended.code)
    last = next((line for line in reversed(ended.said.splitlines()) if line.strip()), "")
    return (last or next(reversed(transcript.errors), _NOTHING)).strip()[:WORDS_MAX]
