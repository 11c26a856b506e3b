"""The daemon: put together, started, kept running, ended. The tour of its code begins here.

One execution goes this way: a call comes through the `edge` to the `service`; `admission` checks it; the `ledger`
makes it a job, durable in the `store`; the `bell` wakes the `runner`, which has an executor run the tool's program
and tells the ledger what it observes; the `tail` reads that back for whoever follows.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from domed.artifacts import Artifacts
from domed.bell import Bell
from domed.catalog import BUILT_IN_ROOT, Catalog, LiveCatalog, Trust
from domed.clock import Clock, Ids
from domed.config import Config
from domed.executors.local_process import LocalProcessExecutor
from domed.executors.port import Executor
from domed.host.cores import no_core_files
from domed.host.instance import only_instance
from domed.host.listen import listening
from domed.host.notify import Notify
from domed.host.stop import Stops, stop_signals, told_to_stop
from domed.ledger import JobLedger
from domed.locks import Locks
from domed.provenance import Provenance
from domed.recovery import recover
from domed.retention import Retention
from domed.rpc.admission import Admission
from domed.rpc.frontend import Frontend
from domed.rpc.identity import Identity, contract_hashes, daemon_version, schema_versions
from domed.rpc.service import NEW_WORK, RuntimeService
from domed.runner import Runner
from domed.store.port import JobStore
from domed.store.sqlite import SqliteStore
from domed.telemetry import Log

CANCEL_S_MAX: Final = 630.0
"""What ending the jobs that are left may take: the longest grace that a manifest may ask for, and some."""

log = Log("app")


@dataclass(frozen=True, slots=True, kw_only=True)
class Daemon:
    """The parts that have a life of their own, joined."""

    config: Config
    clock: Clock
    store: JobStore
    ledger: JobLedger
    catalog: LiveCatalog
    artifacts: Artifacts
    executors: tuple[Executor, ...]
    runner: Runner
    frontend: Frontend
    retention: Retention

    def last_busy_s(self) -> float | None:
        """When somebody last wanted something; None: somebody does."""
        edge, ledger = self.frontend.edge, self.ledger
        return None if edge.open_calls() or ledger.queued_count() or ledger.running() else edge.last_call_end_s


async def serve(config: Config, *, clock: Clock, ids: Ids) -> None:
    """Be the daemon until it is told to stop. Raises StartError, and StoreError when the record cannot go on."""
    no_core_files()
    notify, socket_path, descriptor = Notify(config.notify_socket), config.socket_path, config.listen_descriptor
    with only_instance(config.state_directory, socket_path), listening(socket_path, descriptor=descriptor) as accepting:
        daemon = build(config, clock=clock, ids=ids)
        async with stop_signals() as stops, alive(daemon):
            prepare(daemon)
            daemon.frontend.server.listen(accepting)
            log.info("ready", pid=os.getpid(), socket=socket_path, version=daemon_version())
            notify.ready(f"Listening on {socket_path}")
            daemon.catalog.warm()
            await told_to_stop(stops, clock, idle_exit_s=config.idle_exit_s, last_busy_s=daemon.last_busy_s)
            notify.stopping("Waiting for running jobs", within_s=config.drain_timeout_s + CANCEL_S_MAX)
            daemon.frontend.drain()
            await drain_jobs(daemon, stops)
    log.info("stopped")


def build(config: Config, *, clock: Clock, ids: Ids, store: JobStore | None = None) -> Daemon:
    """Join the parts, without starting any. The state directory must be held. Raises StartError."""
    store = store if store is not None else SqliteStore.open(config.store_path, ids)
    bell, locks = Bell(), Locks()
    ledger = JobLedger(store, bell, clock=clock, ids=ids)
    catalog = LiveCatalog(
        Catalog(
            BUILT_IN_ROOT,
            config.user_roots,
            config.project_roots,
            pycache=config.pycache_root,
            monotonic=clock.monotonic,
            now=clock.now,
            trust=lambda: Trust(config.trusted_digests, ledger.approvals.places),
        )
    )
    executors = {executor.backend: executor for executor in (LocalProcessExecutor(hide=private_sockets(config)),)}
    identity = Identity(
        version=daemon_version(),
        contract_hashes=contract_hashes(),
        schema_versions=schema_versions(),
        executor_backends=sorted(executors),
        store_id=store.store_id,
        start_time=clock.now(),
    )
    provenance = Provenance(
        clock,
        version=identity.version,
        contract_hashes=identity.contract_hashes,
        git_environment=config.child_environment,
    )
    artifacts = Artifacts(config.artifact_root, total_bytes_max=config.artifacts_total_bytes_max)
    runner = Runner(
        ledger, bell, catalog=catalog, executors=executors, locks=locks, provenance=provenance, artifacts=artifacts,
        config=config, clock=clock, ids=ids,
    )  # fmt: skip
    admission = Admission(catalog=catalog, ledger=ledger, locks=locks, backends=executors, config=config)
    service = RuntimeService(
        ledger=ledger, bell=bell, catalog=catalog, artifacts=artifacts, locks=locks, admission=admission,
        executors=tuple(executors.values()), identity=identity, config=config, clock=clock,
    )  # fmt: skip
    frontend = Frontend.of(
        [service],
        message_bytes_max=config.message_bytes_max,
        new_work=NEW_WORK,
        audit=ledger.refusals,
        clock=clock,
        ids=ids,
    )
    retention = Retention(store, bell, ledger.refusals, limits=config.retention, clock=clock)
    return Daemon(
        config=config, clock=clock, store=store, ledger=ledger, catalog=catalog, artifacts=artifacts,
        executors=tuple(executors.values()), runner=runner, frontend=frontend, retention=retention,
    )  # fmt: skip


@asynccontextmanager
async def alive(daemon: Daemon) -> AsyncIterator[None]:
    """Settle what an earlier daemon left, carry out jobs as long as the block lasts, then close everything."""
    ledger, scratch_root = daemon.ledger, daemon.config.scratch_root
    try:
        await ledger.open()
        lost = await recover(ledger, daemon.executors, scratch_root=scratch_root, grace_s=daemon.config.grace_s)
        orphans = await daemon.artifacts.open(is_named=ledger.names_artifact, total_bytes=await ledger.artifact_bytes())
        log.info("recovered", lost=len(lost), queued=ledger.queued_count(), orphans=orphans)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(daemon.runner.run())
            helping = [tasks.create_task(raise_failure(ledger)), tasks.create_task(daemon.retention.run())]
            yield
            await daemon.runner.drain(0)
            for task in helping:
                task.cancel()
    finally:
        await daemon.frontend.end()
        daemon.ledger.refusals.flush()
        daemon.artifacts.close()
        daemon.catalog.close()
        await daemon.store.close()


def private_sockets(config: Config) -> tuple[Path, ...]:
    """Directories with the sockets of this daemon, and those of the user's other services."""
    return (config.socket_path.parent, config.runtime_directory, config.runtime_directory.parent)


def prepare(daemon: Daemon) -> None:
    """Do before anybody calls what the first calls would have to wait for."""
    daemon.catalog.prepare()
    daemon.frontend.prepare()


async def drain_jobs(daemon: Daemon, stops: Stops) -> None:
    """Let running jobs end, for the configured time or until the next signal; then cancel those that are left."""
    log.info("draining", running=len(daemon.ledger.running()), timeout_s=daemon.config.drain_timeout_s)
    async with asyncio.TaskGroup() as tasks:
        hurrying = tasks.create_task(hurry(daemon, stops))
        await daemon.runner.drain(daemon.config.drain_timeout_s)
        hurrying.cancel()


async def hurry(daemon: Daemon, stops: Stops) -> None:
    """Cancel running jobs when the next signal comes."""
    log.warning("told again to stop: running jobs are cancelled", signal=await stops.get())
    await daemon.runner.drain(0)


async def raise_failure(ledger: JobLedger) -> None:
    """Raise what ended the store's work, if anything ever does: the daemon must not go on without its record."""
    await ledger.failed.wait()
    ledger.check()
