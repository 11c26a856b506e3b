"""The daemon: put together, started, kept running, ended. The tour of its code begins here.

One execution goes this way: a call comes through the `edge` to the `service`; `admission` checks it; the `ledger`
makes it a job, durable in the `store`; the `bell` wakes the `runner`, which has an executor run the tool's program
and tells the ledger what it observes; the `tail` reads that back for whoever follows.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from domed.artifacts import Artifacts
from domed.bell import CHANGES, Bell
from domed.catalog import BUILT_IN_ROOT, Catalog, LiveCatalog, Tool, Trust
from domed.clock import Clock, Ids
from domed.config import Config
from domed.errors import StorageFull
from domed.executors import cgroup_runs
from domed.executors.local_process import LocalProcessExecutor
from domed.executors.port import Executor
from domed.executors.traced import TracedExecutor
from domed.host.cores import no_core_files, tell_where_it_crashed
from domed.host.instance import only_instance
from domed.host.listen import listening
from domed.host.loopback import LoopbackDoor, loopback_door
from domed.host.notify import Notify
from domed.host.pulse import EXTENSION_S, Told, ask_for_time, pulse
from domed.host.stop import Stops, stop_signals, told_to_stop
from domed.ledger import JobLedger
from domed.locks import Locks
from domed.provenance import Provenance
from domed.recovery import recover
from domed.retention import Retention
from domed.rpc.admission import Admission
from domed.rpc.frontend import Frontend
from domed.rpc.given import Lacking
from domed.rpc.identity import Identity, contract_hashes, daemon_version, schema_versions
from domed.rpc.service import NEW_WORK, RuntimeService
from domed.rpc.token import Token
from domed.runner import Requirement, Runner, reason
from domed.store.port import JobStore
from domed.store.sqlite import SqliteStore
from domed.telemetry import Log, Tracer, tracer
from domed.tracing import Traces

START_S_MAX: Final = 900.0
"""What bringing a large store to a newer schema, and ending what an earlier daemon left, may take."""
CANCEL_S_MAX: Final = 630.0
"""What ending the jobs that are left may take: the longest grace that a manifest may ask for, and some."""

log = Log("app")


@dataclass(frozen=True, slots=True, kw_only=True)
class Daemon:
    """The parts that have a life of their own, joined."""

    config: Config
    clock: Clock
    store: JobStore
    bell: Bell
    ledger: JobLedger
    catalog: LiveCatalog
    artifacts: Artifacts
    executors: tuple[Executor, ...]
    runner: Runner
    frontend: Frontend
    retention: Retention
    traces: Traces
    token: str = field(repr=False)
    """What calls over TCP have to show. Of this start only."""

    def last_busy_s(self) -> float | None:
        """When somebody last wanted something; None: somebody does."""
        edge, ledger = self.frontend.edge, self.ledger
        return None if edge.open_calls() or ledger.queued_count() or ledger.running() else edge.last_call_end_s

    def status(self) -> str:
        """What it does, in a line for people."""
        running, queued = len(self.ledger.running()), self.ledger.queued_count()
        if self.frontend.edge.is_draining:
            return f"Stopping; {running} running, {queued} kept for the next start"
        return f"Listening on {self.config.socket_path}; {running} running, {queued} queued"

    async def answers(self) -> None:
        """Return once the store's writer has come to it. A full disk is an answer: it waits for space and goes on."""
        with suppress(StorageFull):
            await self.store.answers()

    @asynccontextmanager
    async def pulse(self, notify: Notify) -> AsyncIterator[None]:
        """Inside the block a service manager is told how it is, as long as it works."""
        with self.bell.listen(CHANGES) as changes:
            told = Told(status=self.status, changed=changes.wait, answers=self.answers)
            async with pulse(notify, told, watchdog_s=self.config.watchdog_s):
                yield


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """How the parts are made that stand on the world outside. A test of what happens there makes them otherwise."""

    store: Callable[[Config, Ids], JobStore] = lambda config, ids: SqliteStore.open(config.store_path, ids)
    executor: Callable[[Config], Executor] = lambda config: local_process(config)
    tracer: Callable[[Config], Tracer | None] = lambda config: traced_by(config)


async def serve(config: Config, *, clock: Clock, ids: Ids, parts: Parts | None = None) -> None:
    """Be the daemon until it is told to stop. Raises StartError, and StoreError when the record cannot go on."""
    no_core_files()
    tell_where_it_crashed()
    notify = Notify(config.notify_socket)
    with doors(config) as (accepting, loopback):
        notify.starting(f"Opening the store in {config.state_directory}", within_s=START_S_MAX)
        daemon = build(config, clock=clock, ids=ids, parts=parts)
        async with stop_signals() as stops, alive(daemon), daemon.pulse(notify):
            prepare(daemon)
            daemon.frontend.server.listen(accepting)
            if loopback is not None:
                daemon.frontend.loopback.listen(loopback.listening)
                loopback.announce(daemon.token)
            log.info("ready", pid=os.getpid(), socket=config.socket_path, tcp=loopback, version=daemon_version())
            notify.ready(daemon.status())
            daemon.catalog.warm()
            await told_to_stop(stops, clock, idle_exit_s=config.idle_exit_s, last_busy_s=daemon.last_busy_s)
            if loopback is not None:
                loopback.withdraw()
            daemon.frontend.drain()
            notify.stopping(daemon.status(), within_s=EXTENSION_S)
            await drain_jobs(daemon, stops, notify)
    log.info("stopped")


@contextmanager
def doors(config: Config) -> Iterator[tuple[socket.socket, LoopbackDoor | None]]:
    """The state directory held, the Unix socket, and the door on TCP where one was asked for. Raises StartError."""
    with (
        only_instance(config.state_directory, config.socket_path),
        listening(config.socket_path, descriptor=config.listen_descriptor) as accepting,
        loopback_door(config.tcp, config.loopback_directory) as loopback,
    ):
        yield accepting, loopback


def build(config: Config, *, clock: Clock, ids: Ids, parts: Parts | None = None) -> Daemon:
    """Join the parts, without starting any. The state directory must be held. Raises StartError."""
    parts = parts or Parts()
    store = parts.store(config, ids)
    bell, locks = Bell(), Locks()
    ledger = JobLedger(store, bell, clock=clock, ids=ids, unstarted=lambda submission: provenance.unstarted(submission))
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
    spans, executor = parts.tracer(config), parts.executor(config)
    executors = {executor.backend: executor if spans is None else TracedExecutor(executor, spans)}
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
        config=config, ids=ids,
    )  # fmt: skip
    admission = Admission(
        catalog=catalog, ledger=ledger, locks=locks, backends=executors, config=config, begin=runner.begin,
        lacks=partial(lacking, Requirement(executors)),
    )  # fmt: skip
    service = RuntimeService(
        ledger=ledger, bell=bell, catalog=catalog, artifacts=artifacts, locks=locks, admission=admission,
        executors=tuple(executors.values()), identity=identity, config=config, clock=clock, tracer=spans,
    )  # fmt: skip
    frontend = Frontend.of(
        [service],
        message_bytes_max=config.message_bytes_max,
        new_work=NEW_WORK,
        audit=ledger.refusals,
        clock=clock,
        ids=ids,
        token=Token(token := ids.new_token()),
    )
    retention = Retention(store, bell, ledger.refusals, artifacts, limits=config.retention, clock=clock)
    return Daemon(
        config=config, clock=clock, store=store, bell=bell, ledger=ledger, catalog=catalog, artifacts=artifacts,
        executors=tuple(executors.values()), runner=runner, frontend=frontend, retention=retention, token=token,
        traces=Traces(ledger, bell, spans),
    )  # fmt: skip


@asynccontextmanager
async def alive(daemon: Daemon) -> AsyncIterator[None]:
    """Settle what an earlier daemon left, carry out jobs as long as the block lasts, then close everything."""
    ledger, scratch_root = daemon.ledger, daemon.config.scratch_root
    try:
        await ledger.open()
        await daemon.traces.begin()
        lost = await recover(ledger, daemon.executors, scratch_root=scratch_root, grace_s=daemon.config.grace_s)
        orphans = await daemon.artifacts.open(is_named=ledger.names_artifact, total_bytes=await ledger.artifact_bytes())
        log.info("recovered", lost=len(lost), queued=ledger.queued_count(), orphans=orphans)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(daemon.runner.run())
            helping = [tasks.create_task(raise_failure(ledger)), tasks.create_task(daemon.retention.run())]
            helping.append(tasks.create_task(daemon.traces.run()))
            yield
            await daemon.runner.drain(0)
            for task in helping:
                task.cancel()
            await daemon.traces.close()
    finally:
        await daemon.frontend.end()
        daemon.ledger.refusals.flush()
        daemon.artifacts.close()
        daemon.catalog.close()
        await daemon.store.close()


async def lacking(requirement: Requirement, tool: Tool) -> Lacking | None:
    """The first effect that nothing holds the tool to, though it must be held, and all of them in words."""
    missing = await requirement.missing(tool)
    return Lacking(missing[0], reason(tool.tool_id, missing)) if missing else None


def local_process(config: Config) -> LocalProcessExecutor:
    """The backend that runs programs on this machine."""
    return LocalProcessExecutor(
        hide=private_sockets(config),
        find_groups=partial(cgroup_runs.find, config.control_group, owns=config.owns_control_group),
    )


def traced_by(config: Config) -> Tracer | None:
    """What sends spans, where it is said where to."""
    to = config.traces
    return tracer(to.endpoint, service=to.service, version=daemon_version(), headers=to.headers, timeout_s=to.timeout_s)


def private_sockets(config: Config) -> tuple[Path, ...]:
    """Directories with the doors of this daemon, and those of the user's other services."""
    runtime = config.runtime_directory
    return (config.socket_path.parent, config.loopback_directory, runtime, runtime.parent)


def prepare(daemon: Daemon) -> None:
    """Do before anybody calls what the first calls would have to wait for."""
    daemon.catalog.prepare()
    daemon.frontend.prepare()


async def drain_jobs(daemon: Daemon, stops: Stops, notify: Notify) -> None:
    """Let running jobs end, for the configured time or until the next signal; then cancel those that are left."""
    log.info("draining", running=len(daemon.ledger.running()), timeout_s=daemon.config.drain_timeout_s)
    async with asyncio.TaskGroup() as tasks:
        time_s = daemon.config.drain_timeout_s + CANCEL_S_MAX
        beside = [hurry(daemon, stops), ask_for_time(notify, daemon.clock, at_most_s=time_s)]
        running = [tasks.create_task(each) for each in beside]
        await daemon.runner.drain(daemon.config.drain_timeout_s)
        for task in running:
            task.cancel()


async def hurry(daemon: Daemon, stops: Stops) -> None:
    """Cancel running jobs when the next signal comes."""
    log.warning("told again to stop: running jobs are cancelled", signal=await stops.get())
    await daemon.runner.drain(0)


async def raise_failure(ledger: JobLedger) -> None:
    """Raise what ended the store's work, if anything ever does: the daemon must not go on without its record."""
    await ledger.failed.wait()
    ledger.check()
