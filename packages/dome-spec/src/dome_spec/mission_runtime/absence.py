"""Searches for what must not be: by a tool of the daemon, in the files of one commit, within a bounded time.

The answer depends on the commit alone, and so does what is kept of it as evidence. Whether a search that could not be
carried out matters is decided by whoever judges: here it is said that nothing is known.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, assert_never

from dome_contracts.canonical import canonical_bytes
from dome_contracts.exit_codes import Exit
from dome_contracts.schema.missions.acceptance import InvariantState
from dome_contracts.schema.missions.mission import AbsenceSearch
from dome_spec.dispatch import EndUnknown, Refused, Unavailable, failure_of
from dome_spec.governance import path_matches
from dome_spec.kernel import NotJson, read_json
from dome_spec.mission_runtime.commit_job import Asking
from dome_spec.mission_runtime.refusals import RuntimeRefusal

if TYPE_CHECKING:
    from dome_contracts.runtime.v1 import Job, Outcome

SEARCH_SKILL: Final = "repo.search"
TIMEOUT_S: Final = 120.0
"""Longest time of one search, from its acceptance to its end."""
PATIENCE_S: Final = 15.0
"""How much later than that the daemon has to have said so."""
MATCHES_MAX: Final = 10_000
_KEPT_MAX: Final = 100
"""Most matches that are kept as evidence; their number is kept whatever it is."""
_GLOBS_MAX: Final = 32
"""Most patterns that the tool takes."""
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_SAFE_ESCAPES: Final = frozenset("wWsSbB")
"""Letters that mean something behind a backslash in an extended regular expression. Any other one means itself."""
_RESULT_BYTES_MAX: Final = 8 * 1024 * 1024
_LABEL: Final = "dome.acceptance"
_INTERRUPTED: Final = "the judgement was interrupted"


class SearchUnavailable(RuntimeRefusal):
    """The daemon that searches cannot be reached, or takes nothing now."""

    code = "SEARCH_UNAVAILABLE"
    exit_code = Exit.UNAVAILABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What a search found."""

    state: InvariantState
    """`confirmed_absent`, `still_present`, or `verification_failed` where it is not known."""
    reason: str = ""
    """Why it is not known."""
    job_id: str = ""
    evidence: bytes = b""
    """What was searched and what was found, as canonical JSON: the same for the same commit."""
    lines: tuple[str, ...] = ()
    """What was found, a line each, as far as it is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What is searched: the files of a commit, but for one folder."""

    root: str
    """A working tree of the repository."""
    commit: str
    aside: str
    """The folder of the mission's own texts: they name what must not be."""


async def searched(
    asking: Asking, search: AbsenceSearch, place: Place, *, patience_s: float = TIMEOUT_S + PATIENCE_S
) -> Searched:
    """Search the files of a commit, through the daemon.

    It ends within `patience_s`. Raises SearchUnavailable where nobody answers.
    """
    if search.skill_id != SEARCH_SKILL:
        return _unknown(f"the answers of {search.skill_id} are not understood, only those of {SEARCH_SKILL}")
    if literal := _taken_literally(search.query):
        return _unknown(f"the query reads {literal} as the letter alone: write an extended regular expression")
    tool_input: dict[str, Any] = {
        "pattern": search.query,
        "revision": place.commit,
        "exclude_globs": [f"{place.aside}/**"],
        "matches_max": MATCHES_MAX,
        "include_binary": True,
    }
    if globs := narrowed(search.paths):
        tool_input["globs"] = globs
    try:
        async with asyncio.timeout(patience_s):
            ended = await _ended(asking, await _begun(asking, tool_input, place.root))
    except TimeoutError:
        return _unknown(f"the search did not end within {patience_s:.0f} s")
    except Exception as error:
        failure = failure_of(error)
        if failure is None:
            raise
        return _refused(failure, error)
    return _read(ended, search, tool_input, place)


def narrowed(paths: list[str]) -> list[str]:
    """Globs of the tool for all files that the patterns match, and maybe more; empty: all files."""
    # The tool reads brackets as a choice of characters, and takes `**` for folders only where it stands alone.
    strange = any("[" in each or any("**" in part and part != "**" for part in each.split("/")) for each in paths)
    globs = list(dict.fromkeys(paths))
    return [] if strange or len(globs) > _GLOBS_MAX else globs


def _taken_literally(query: str) -> str:
    r"""An escape that looks for less than it seems to, such as `\d` for digits; empty where there is none."""
    escaped = (found[1] for found in _ESCAPE.finditer(query))
    return next((f"\\{each}" for each in escaped if each.isalpha() and each not in _SAFE_ESCAPES), "")


def _with_folders(paths: list[str]) -> list[str]:
    """The patterns, and all beneath what they name in plain words: a folder stands for what it holds."""
    plain = (each.rstrip("/") for each in paths if not any(sign in each for sign in "*?"))
    return [*paths, *(f"{each}/**" for each in plain)]


async def _begun(asking: Asking, tool_input: Mapping[str, Any], root: str) -> "Job":
    from dome_contracts.runtime.v1 import Correlation, ExecuteConstraints

    return await asking.runtime.execute(
        SEARCH_SKILL,
        canonical_bytes(dict(tool_input)),
        working_directory=root,
        constraints=ExecuteConstraints(deadline=timedelta(seconds=TIMEOUT_S)),
        labels={_LABEL: "absence"},
        correlation=Correlation(parent_job_id=asking.parent_job_id),
    )


async def _ended(asking: Asking, job: "Job") -> "Job":
    """The job once it has ended. One for which nobody waits any more is ended."""
    runtime = asking.runtime
    try:
        async for _ in runtime.events(job.job_id, follow=True):
            pass
    except asyncio.CancelledError:
        await runtime.cancel(job.job_id, reason=_INTERRUPTED)
        raise
    return await runtime.status(job.job_id)


def _refused(failure: Refused | Unavailable | EndUnknown, error: Exception) -> Searched:
    """What a call that failed says of the search. Raises SearchUnavailable."""
    match failure:
        case Unavailable():
            raise SearchUnavailable(
                "What must not be cannot be searched for",
                why=failure.message,
                hint="Start it: `dome service start`; or look yourself, and name each: `--absent ID --note TEXT`",
            ) from error
        case Refused():
            return _unknown(f"the daemon refused the search: {failure.rpc_reason}: {failure.message}")
        case EndUnknown():
            return _unknown(f"how the search ended is not known any more: {failure.message}")
        case _:
            assert_never(failure)


def _read(ended: "Job", search: AbsenceSearch, tool_input: Mapping[str, Any], place: Place) -> Searched:
    outcome = ended.outcome
    if outcome is None or not outcome.result:
        return _unknown(_why(outcome), ended.job_id)
    try:
        result = read_json(outcome.result, bytes_max=_RESULT_BYTES_MAX)
    except NotJson as error:
        return _unknown(f"the answer cannot be read: {error}", ended.job_id)
    revision = result.get("revision", {})
    if revision.get("commit") != place.commit:
        return _unknown(f"the daemon searched something else than {place.commit}: update and restart it", ended.job_id)
    here = (each for each in result["matches"] if not each["path"].startswith(f"{place.aside}/"))
    wanted = _with_folders(search.paths)
    found = [each for each in here if path_matches(each["path"], wanted)]
    if not found and (result["truncated"] or result["matches_omitted"]):
        return _unknown(f"more than {MATCHES_MAX} lines match in other files: narrow the query", ended.job_id)
    kept = {
        "skill_id": SEARCH_SKILL,
        "input": dict(tool_input),
        "paths": list(search.paths),
        "revision": revision,
        "matches": found[:_KEPT_MAX],
        "matches_count": len(found),
    }
    return Searched(
        state=InvariantState.STILL_PRESENT if found else InvariantState.CONFIRMED_ABSENT,
        job_id=ended.job_id,
        evidence=canonical_bytes(kept),
        lines=tuple(f"{each['path']}:{each['line']}: {each['text'].strip()}" for each in found[:_KEPT_MAX]),
    )


def _why(outcome: "Outcome | None") -> str:
    if outcome is None:
        return "the search ended without an outcome"
    return f"{outcome.failure_reason_code}: {outcome.message}".strip(": ")


def _unknown(why: str, job_id: str = "") -> Searched:
    return Searched(state=InvariantState.VERIFICATION_FAILED, reason=why, job_id=job_id)
