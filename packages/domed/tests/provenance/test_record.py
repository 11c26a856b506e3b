"""The record of a run: whole, honest about what is not known, and made once."""

import asyncio
import os
import platform
import shutil
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.canonical import digest_bytes
from dome_contracts.runtime.v1 import (
    Artifact,
    EffectsEnforcement,
    Enforcement,
    RepositoryState,
    Requester,
    RunProvenance,
)
from domed.catalog.manifest import RESERVED_IDS
from domed.provenance import Provenance, RunStart, complete
from domed.provenance.looks import COUNTS_S
from domed.provenance.record import env_fingerprint
from packages.domed.tests.provenance.conftest import Git
from packages.domed.tests.values import NOON, FixedClock, submission

ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}


@pytest.fixture
def provenance() -> Provenance:
    return Provenance(
        FixedClock(), version="9.8.7", contract_hashes={"runtime": "sha256:00"}, git_environment=ENVIRONMENT
    )


HELD = EffectsEnforcement(filesystem=Enforcement.ENFORCED, network=Enforcement.DECLARED, processes=Enforcement.DECLARED)


def run_start(directory: Path, **changes: Any) -> RunStart:
    values: dict[str, Any] = {
        "tool_id": "repo.search",
        "tool_version": "1.0.0",
        "tool_digest": digest_bytes(b"tool"),
        "input_hash": digest_bytes(b"{}"),
        "working_directory": directory,
        "environment": {"PATH": "/bin"},
        "requester": Requester(uid=1000),
        "executor": "local-process/1",
        "repository": "full",
        "effects_enforcement": HELD,
    }
    return RunStart(**(values | changes))


async def test_everything_that_is_known_at_the_start(git: Git, provenance: Provenance) -> None:
    commit = git.commit()
    git("remote", "add", "origin", "https://user:secret@example.invalid/a.git")
    record = await provenance.capture(run_start(git.root))
    assert record == RunProvenance(
        repo=str(git.root),
        commit_sha=commit,
        dirty_flag=False,
        contract_hashes={"runtime": "sha256:00"},
        tool_versions={
            "domed": "9.8.7",
            "executor": "local-process/1",
            "python": platform.python_version(),
            "repo.search": "1.0.0",
        },
        input_hash=digest_bytes(b"{}"),
        env_fingerprint=env_fingerprint({"PATH": "/bin"}),
        repository_state=RepositoryState.CAPTURED,
        branch="main",
        remote="https://example.invalid/a.git",
        tool_digest=digest_bytes(b"tool"),
        platform=f"{platform.system()} {platform.release()} {platform.machine()}",
        working_directory=str(git.root),
        requester=Requester(uid=1000),
        capture_time=NOON,
        effects_enforcement=HELD,
    )
    assert RunProvenance.parse(bytes(record)) == record


@pytest.mark.parametrize("tool_id", sorted(RESERVED_IDS))
async def test_no_tool_takes_the_version_of_the_daemon_of_its_executor_or_of_python(
    tmp_path: Path, provenance: Provenance, tool_id: str
) -> None:
    record = await provenance.capture(run_start(tmp_path, tool_id=tool_id))
    assert record.tool_versions == {
        "domed": "9.8.7",
        "executor": "local-process/1",
        "python": platform.python_version(),
    }
    assert record.tool_versions.keys() == RESERVED_IDS


async def test_a_dirty_tree(git: Git, provenance: Provenance) -> None:
    git.commit()
    (git.root / "file").write_text("two\n")
    record = await provenance.capture(run_start(git.root))
    assert record.dirty_flag is True
    assert record.dirty_digest.startswith("sha256:")


async def test_an_unborn_branch(git: Git, provenance: Provenance) -> None:
    record = await provenance.capture(run_start(git.root))
    assert (record.repository_state, record.branch, record.commit_sha) == (RepositoryState.CAPTURED, "main", "")
    assert record.dirty_flag is False


async def test_head_only(git: Git, provenance: Provenance) -> None:
    commit = git.commit()
    record = await provenance.capture(run_start(git.root, repository="head"))
    assert (record.commit_sha, record.dirty_flag) == (commit, None)
    assert record.repository_state is RepositoryState.CAPTURED


async def test_a_tool_that_asks_for_no_repository(git: Git, provenance: Provenance) -> None:
    git.commit()
    record = await provenance.capture(run_start(git.root, repository="none"))
    assert (record.repository_state, record.repo, record.commit_sha) == (RepositoryState.NONE, "", "")


async def test_no_repository(tmp_path: Path, provenance: Provenance) -> None:
    record = await provenance.capture(run_start(tmp_path))
    assert (record.repository_state, record.repo, record.dirty_flag) == (RepositoryState.NONE, "", None)


async def test_a_repository_that_cannot_be_read(tmp_path: Path, provenance: Provenance) -> None:
    (tmp_path / ".git").write_text("odd")
    record = await provenance.capture(run_start(tmp_path))
    assert record.repository_state is RepositoryState.UNKNOWN
    assert "does not say where" in record.repository_state_reason


async def test_a_configuration_that_names_a_filter_is_not_tempted(
    git: Git, provenance: Provenance, tmp_path: Path
) -> None:
    commit = git.commit()
    git.commit(".gitattributes", "* filter=trap\n")
    git("config", "filter.trap.clean", f"touch {tmp_path}/sprung; cat")
    os.utime(git.root / "file", (0, 0))
    record = await provenance.capture(run_start(git.root))
    assert record.repository_state is RepositoryState.UNKNOWN
    assert "filter.trap.clean" in record.repository_state_reason
    assert (record.dirty_flag, record.commit_sha) == (None, git("rev-parse", "HEAD"))
    assert record.commit_sha != commit
    assert not (tmp_path / "sprung").exists()


async def test_names_that_are_no_text_do_not_break_the_record(git: Git, provenance: Provenance) -> None:
    root = Path(os.fsdecode(os.fsencode(git.root.parent) + b"/odd\xff"))
    os.rename(git.root, root)
    record = await provenance.capture(run_start(root))
    assert record.repo.endswith("odd\ufffd")
    assert RunProvenance.parse(bytes(record)) == record


async def test_runs_that_start_together_share_one_look(git: Git, tmp_path: Path) -> None:
    git.commit()
    (tmp_path / "git").write_text(f'#!/bin/sh\necho called >> {tmp_path}/calls\nsleep 0.1\nexec "$REAL" "$@"\n')
    (tmp_path / "git").chmod(0o755)
    real = shutil.which("git") or ""
    clock = FixedClock()
    provenance = Provenance(
        clock,
        version="1",
        contract_hashes={},
        git_environment={**ENVIRONMENT, "PATH": f"{tmp_path}:{os.environ['PATH']}", "REAL": real},
    )
    first = asyncio.ensure_future(provenance.capture(run_start(git.root)))
    others = [asyncio.ensure_future(provenance.capture(run_start(git.root))) for _ in range(5)]
    await asyncio.sleep(0)
    first.cancel()
    records = await asyncio.gather(*others)
    assert {record.dirty_flag for record in records} == {False}
    assert (tmp_path / "calls").read_text() == "called\n"
    clock.advance(2 * COUNTS_S)
    await provenance.capture(run_start(git.root))
    assert (tmp_path / "calls").read_text() == "called\ncalled\n"


def test_the_end_adds_what_came_out() -> None:
    made = [Artifact(name="report", digest="sha256:03", size_bytes=3, media_type="text/plain")]
    log_digests: dict[str, Any] = {"stdout_digest": "sha256:01", "stderr_digest": "sha256:02"}
    record = complete(RunProvenance(repo="/r"), result=b"{}", **log_digests, artifacts=made)
    assert record == RunProvenance(repo="/r", result_digest=digest_bytes(b"{}"), **log_digests, artifacts=made)
    assert complete(RunProvenance(), result=b"", **log_digests, artifacts=[]).result_digest == ""


def test_a_job_that_never_started_has_a_record_of_what_was_asked_for(provenance: Provenance) -> None:
    asked = submission(working_directory="/srv/site", retry_of_job_id="job-first")
    assert provenance.unstarted(asked) == RunProvenance(
        contract_hashes={"runtime": "sha256:00"},
        tool_versions={"process.run": "1.0.0", "domed": "9.8.7", "python": platform.python_version()},
        input_hash=asked.input_hash,
        env_fingerprint=env_fingerprint({}),
        repository_state=RepositoryState.UNKNOWN,
        repository_state_reason="The job ended before its program was started.",
        tool_digest=asked.tool_digest,
        platform=f"{platform.system()} {platform.release()} {platform.machine()}",
        working_directory="/srv/site",
        requester=asked.requester,
        capture_time=NOON,
        retry_of_job_id="job-first",
    )


def test_the_fingerprint_tells_environments_apart_and_does_not_hold_their_values() -> None:
    assert env_fingerprint({"A": "1", "B": "2"}) == env_fingerprint({"B": "2", "A": "1"})
    assert env_fingerprint({"A": "1"}) != env_fingerprint({"A": "2"})
    assert env_fingerprint({"A": "1"}) != env_fingerprint({"B": "1"})
    assert env_fingerprint({"A": "\udcff"}).startswith("sha256:")
