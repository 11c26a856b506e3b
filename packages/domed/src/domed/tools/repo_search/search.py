"""One search from input to result: prints matches while git finds them, keeps what fits into the result."""

import json
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from dome_contracts.tool import Session, ToolFailure
from domed.tools.repo_search.git import Git, Revision, Scope, SearchStopped, options
from domed.tools.repo_search.pathspecs import in_folder, pathspecs
from domed.tools.repo_search.records import Match, NotAMatch, Parser, line, value

DEFAULTS: Final[Mapping[str, Any]] = {
    "dialect": "extended",
    "ignore_case": False,
    "whole_words": False,
    "paths": [],
    "globs": [],
    "exclude_globs": [],
    "matches_max": 1000,
    "include_untracked": True,
    "include_ignored": False,
    "include_binary": False,
    "revision": None,
}
RESULT_BYTES_MAX: Final = 6 * 1024 * 1024
"""Most bytes of matches in the result: a result line may have 8 MiB."""
PROGRESS_INTERVAL_S: Final = 0.2
PATTERN_ERROR: Final = ("fatal: -e option, ", "fatal: command line, ")


@dataclass(slots=True)
class _Tally:
    """What was found so far."""

    matches_max: int
    values: list[dict[str, Any]] = field(default_factory=list)
    count: int = 0
    files: int = 0
    truncated: bool = False
    _bytes: int = 0
    _last_path: bytes | None = None
    _full: bool = False

    def take(self, matches: Iterable[Match]) -> list[Match]:
        """Count the matches up to the limit and return those."""
        taken: list[Match] = []
        for match in matches:
            if self.count == self.matches_max:
                self.truncated = True
                break
            self.count += 1
            if match.path != self._last_path:
                self.files += 1
                self._last_path = match.path
            self._keep(match)
            taken.append(match)
        return taken

    def _keep(self, match: Match) -> None:
        """Into the result, as long as it fits: what is left out is left out at the end."""
        if self._full:
            return
        told = value(match)
        self._bytes += len(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()) + 1
        if self._bytes > RESULT_BYTES_MAX:
            self._full = True
        else:
            self.values.append(told)


def search(dome: Session, folder: str, environ: Mapping[str, str]) -> None:
    """Search the folder for what the session's input asks for, and give the result. Raises ToolFailure."""
    wanted = {**DEFAULTS, **(dome.input or {})}
    try:
        git = Git(folder, environ)
        scope = git.scope()
        revision = _revision(git, wanted["revision"], scope)
        kind_of = in_folder(folder) if revision is None else partial(git.kind, revision)
        where = pathspecs(kind_of, **{name: wanted[name] for name in ("paths", "globs", "exclude_globs")})
        tally = _Tally(wanted["matches_max"])
        high_bytes = git.quotes_high_bytes()
        parser = Parser() if revision is None else Parser(revision.prefix)
        with git.grep(options(wanted, scope), where, revision) as output:
            _follow(dome, output, tally, parser, high_bytes=high_bytes)
    except SearchStopped as stopped:
        reason = "SEARCH.PATTERN_INVALID" if str(stopped).startswith(PATTERN_ERROR) else "TOOL.FAILED"
        raise ToolFailure(reason, str(stopped)) from stopped
    except NotAMatch as error:
        raise ToolFailure("TOOL.FAILED", f"This version of git is not understood: {error}") from error
    _progress(dome, tally)
    dome.result(
        {
            "matches": tally.values,
            "matches_count": tally.count,
            "matches_omitted": tally.count - len(tally.values),
            "files_matched": tally.files,
            "truncated": tally.truncated,
            "dialect": wanted["dialect"],
            "scope": scope,
            **({} if revision is None else {"revision": {"commit": revision.commit, "tree": revision.tree}}),
        }
    )


def _revision(git: Git, name: str | None, scope: Scope) -> Revision | None:
    """The commit that is to be searched, None for the files as they lie here. Raises ToolFailure."""
    if name is None:
        return None
    if scope == "folder":
        raise ToolFailure(
            "TOOL.FAILED", "The folder belongs to no repository, so it has no commits. Leave `revision` out."
        )
    return git.revision(name)


def _follow(dome: Session, output: Iterable[bytes], tally: _Tally, parser: Parser, *, high_bytes: bool) -> None:
    """Print matches as they come, until there are no more or there is one too many."""
    told_at_s = time.monotonic()
    for chunk in output:
        taken = tally.take(parser.feed(chunk))
        sys.stdout.buffer.write(b"".join(line(match, high_bytes=high_bytes) for match in taken))
        sys.stdout.buffer.flush()
        if tally.truncated:
            return
        if taken and time.monotonic() - told_at_s >= PROGRESS_INTERVAL_S:
            _progress(dome, tally)
            told_at_s = time.monotonic()
    parser.finish()


def _progress(dome: Session, tally: _Tally) -> None:
    files = "file" if tally.files == 1 else "files"
    dome.progress(f"matches in {tally.files} {files}", done=tally.count, unit="matches")
