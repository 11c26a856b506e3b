"""A daemon that knows one tool, the one that searches, and answers with what git finds in a commit."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from dome_contracts.runtime.v1 import Correlation, ExecuteConstraints


class Answer(Exception):
    """An error of a daemon."""

    def __init__(self, reason: str, grpc_status: int = 9) -> None:
        super().__init__(f"the daemon says {reason or 'nothing'}")
        self.reason = reason
        self.grpc_status = grpc_status


NOBODY = Answer("", grpc_status=14)
"""Nothing answers at the endpoint."""


@dataclass
class SearchingDaemon:
    """Searches, or does what it is told to do instead."""

    refuses: Answer | None = None
    fails_with: str = ""
    """The failure reason of every job."""
    is_slow: bool = False
    """Whether no job ends by itself."""
    alters: dict[str, Any] = field(default_factory=dict)
    """Parts of the result that it gives otherwise."""
    asked: list[dict[str, Any]] = field(default_factory=list)
    canceled: list[str] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    _results: dict[str, bytes] = field(default_factory=dict)

    async def execute(
        self,
        skill_id: str,
        data: bytes,
        *,
        working_directory: str,
        constraints: ExecuteConstraints,
        labels: dict[str, str],
        correlation: Correlation,
    ) -> Any:
        assert (skill_id, labels) == ("repo.search", {"dome.acceptance": "absence"})
        assert constraints.deadline is not None
        assert timedelta() < constraints.deadline <= timedelta(minutes=5), "a search is bounded in time"
        if self.refuses is not None:
            raise self.refuses
        wanted = json.loads(data)
        self.asked.append(wanted)
        self.parents.append(correlation.parent_job_id)
        job_id = f"job-{len(self.asked):026d}"
        self._results[job_id] = json.dumps({**_result(wanted, working_directory), **self.alters}).encode()
        return SimpleNamespace(job_id=job_id)

    async def events(self, job_id: str, *, follow: bool) -> AsyncIterator[None]:
        assert follow and job_id in self._results
        if self.is_slow:
            await asyncio.Event().wait()
        yield None

    async def status(self, job_id: str) -> Any:
        failed = SimpleNamespace(result=b"", failure_reason_code=self.fails_with, message="a( is no pattern")
        found = SimpleNamespace(result=self._results[job_id], failure_reason_code="", message="")
        return SimpleNamespace(job_id=job_id, outcome=failed if self.fails_with else found)

    async def cancel(self, job_id: str, *, reason: str) -> None:
        assert reason
        self.canceled.append(job_id)


def _result(wanted: dict[str, Any], folder: str) -> dict[str, Any]:
    commit = wanted["revision"]
    anchored = [each.rstrip("/") if "/" in each else f"**/{each}" for each in wanted.get("globs", [])]
    globs = [f":(glob){each}{rest}" for each in anchored for rest in ("", "/**")]
    words = ["git", "grep", "-nE", "-e", wanted["pattern"], commit, "--", *(globs or ["."])]
    done = subprocess.run(words, cwd=folder, capture_output=True, check=False, text=True)
    assert done.returncode in {0, 1}, done.stderr
    matches = []
    for each in done.stdout.splitlines():
        path, line, text = each.removeprefix(f"{commit}:").split(":", 2)
        matches.append({"path": path, "line": int(line), "text": text})
    return {
        "matches": matches,
        "matches_count": len(matches),
        "matches_omitted": 0,
        "truncated": False,
        "revision": {"commit": commit, "tree": "0" * 40},
    }
