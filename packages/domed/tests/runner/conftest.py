"""A daemon without a door: ledger, catalog and runner around an executor that plays acts."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import CancelRequested, JobEvent, Outcome, WaitCause, Waiting
from domed.artifacts import Artifacts
from domed.bell import QUEUE, Bell
from domed.catalog import Catalog, LiveCatalog
from domed.clock import SystemClock
from domed.config import Config
from domed.jobs.model import TERMINAL, Fact, Job
from domed.ledger import JobLedger
from domed.locks import Locks
from domed.provenance import Provenance
from domed.runner import Runner
from domed.store.memory import MemoryStore
from packages.domed.tests.executors import scripted
from packages.domed.tests.executors.acts import HANG, Act
from packages.domed.tests.values import CountingIds, FixedClock, submission

WAIT_S = 10.0
FACTS = (
    "submitted",
    "waiting",
    "started",
    "output",
    "progress",
    "artifact_produced",
    "cancel_requested",
    "signaled",
    "survivor_found",
    "truncated",
    "finished",
)


@dataclass
class Daemon:
    """What a test of the runner needs at hand."""

    root: Path
    config: Config
    clock: FixedClock
    bell: Bell
    store: MemoryStore
    ledger: JobLedger
    catalog: Catalog
    executor: scripted.ScriptedExecutor
    locks: Locks
    runner: Runner

    def tool(self, name: str, *acts: Act, output: dict[str, Any] | None = None, **manifest: Any) -> None:
        """Write a built-in tool that plays the acts."""
        folder = self.root / name
        folder.mkdir(parents=True, exist_ok=True)
        values = {
            "manifest_version": "1",
            "tool_id": name,
            "version": "1.0.0",
            "title": name,
            "short_description": "Plays.",
            "executor": {"backend": "local-process", "command": scripted.program(acts)},
            "input_schema": "input.json",
            "output_schema": "output.json",
            "hints": {"read_only": True, "destructive": False, "idempotent": True, "open_world": False},
            "effects": {"filesystem": "none", "network": "none", "starts_processes": False},
        } | manifest
        (folder / "input.json").write_text(json.dumps({"type": "object"}))
        (folder / "output.json").write_text(json.dumps(output or {"type": "object"}))
        (folder / "tool.yaml").write_text(yaml.safe_dump(values))

    async def submit(self, name: str, **changes: Any) -> JobId:
        tool = self.catalog.view().require(name)
        values = {"skill_id": name, "tool_digest": tool.digest} | changes
        return (await self.ledger.submit(submission(**values), b'{"a":1}')).job.job_id

    async def until(self, job_id: JobId, holds: Callable[[Job], bool]) -> Job:
        async with asyncio.timeout(WAIT_S):
            with self.bell.listen(job_id) as rung:
                while not holds(job := await self.ledger.job(job_id)):
                    await rung.wait()
        return job

    async def end(self, job_id: JobId) -> Job:
        return await self.until(job_id, lambda job: job.state in TERMINAL)

    async def outcome(self, job_id: JobId) -> Outcome:
        outcome = (await self.end(job_id)).outcome
        assert outcome is not None
        return outcome

    async def started(self, job_id: JobId) -> Job:
        return await self.until(job_id, lambda job: job.start_time is not None)

    async def cancel(self, job_id: JobId) -> None:
        await self.ledger.cancel(job_id, CancelRequested(reason="enough"))

    async def facts(self, job_id: JobId) -> Sequence[Fact]:
        stored = await self.ledger.events(job_id, since_seq=0, bytes_max=1 << 30)
        events = [JobEvent.parse(event.data) for event in stored]
        return [fact for event in events for name in FACTS if (fact := getattr(event, name)) is not None]

    async def kinds(self, job_id: JobId) -> list[str]:
        return [type(fact).__name__ for fact in await self.facts(job_id)]

    def look_again(self) -> None:
        self.bell.ring(QUEUE)


def waits(facts: Sequence[Fact]) -> list[tuple[WaitCause, str, str]]:
    return [(fact.cause, fact.lock, fact.holder_job_id) for fact in facts if isinstance(fact, Waiting)]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    environment = {"HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin"}
    config = Config.from_env(environment, state_directory=tmp_path / "state", socket_path=tmp_path / "socket")
    return replace(config, parallel_jobs_max=2)


@pytest.fixture
def daemon(tmp_path: Path, config: Config) -> Daemon:
    root = tmp_path / "tools"
    root.mkdir()
    clock, ids, bell, locks = FixedClock(), CountingIds(), Bell(), Locks()
    store = MemoryStore("store-memory")
    ledger = JobLedger(store, bell, clock=clock, ids=ids)
    catalog = Catalog(builtin_root=root, monotonic=SystemClock().monotonic)
    executor = scripted.ScriptedExecutor()
    runner = Runner(
        ledger,
        bell,
        catalog=LiveCatalog(catalog),
        executors={"local-process": executor},
        locks=locks,
        provenance=Provenance(clock, version="1", contract_hashes={}, git_environment={}),
        artifacts=Artifacts(config.artifact_root, total_bytes_max=config.artifacts_total_bytes_max),
        config=config,
        ids=ids,
    )
    daemon = Daemon(root, config, clock, bell, store, ledger, catalog, executor, locks=locks, runner=runner)
    daemon.tool("demo.true")
    daemon.tool("demo.hang", HANG)
    return daemon


@pytest.fixture
async def running(daemon: Daemon) -> AsyncIterator[Daemon]:
    """The daemon with its runner at work; stopped afterwards."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(daemon.runner.run())
        yield daemon
        async with asyncio.timeout(WAIT_S):
            await daemon.runner.drain(0)
