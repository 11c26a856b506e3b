"""A repository in a directory of a test, and a daemon: runs of plans are carried out and taken in by it."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dome_client.testing import End, Report, ScriptedTool, Step
from dome_contracts.schema.control.work_queue import WorkQueue
from dome_contracts.schema.knowledge.fact import Fact, TaskFact
from dome_contracts.schema.shared.definitions import Effector, EffectorKind, FallbackMode
from dome_spec.binding import EvidenceStore, Memory
from dome_spec.dispatch import (
    Admission,
    DispatchPolicy,
    Ingested,
    Interruption,
    Listener,
    Opening,
    RunEnd,
    Runner,
    RunRecord,
    Silent,
    ingest_runtime,
    open_run,
)
from dome_spec.kernel import Ids, read_document
from dome_spec.planning import default_strategies
from tests.planned import NO_DIGEST, REPOSITORY_ID, RUN_ID, Planned

HOLDER = Effector(kind=EffectorKind.SERVICE, id="pid-1@tests")


SOON = {"retry": {"backoff_s": 0, "backoff_s_max": 0, "retried": ["TESTS.HUNG"], "lost_daemon_s": 1}}


@dataclass
class Ticking:
    """A clock that goes on by a millisecond whenever it is read."""

    at: datetime = datetime(2024, 5, 17, 9, 30, tzinfo=UTC)

    def now(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at


@dataclass
class Scene:
    """A repository in a directory of the test, and a daemon."""

    root: Path
    plane: Any
    clock: Ticking = field(default_factory=Ticking)
    ids: Ids = field(init=False)
    changed_paths: Sequence[str] | None = ()
    working_directory: str = "/work"
    fallback_mode: FallbackMode = FallbackMode.STRICT
    admission: Admission | None = None

    def __post_init__(self) -> None:
        self.ids = Ids(self.clock, lambda count: bytes(count))
        self.store = EvidenceStore(self.root / "evidence")
        self.runs_dir = self.root / "runs"

    def opening(self) -> Opening:
        strategies = default_strategies().to_value()
        document = strategies | {"retry": strategies["retry"] | SOON["retry"]}
        return Opening(
            working_directory=self.working_directory,
            fallback_mode=self.fallback_mode,
            binder_policy=NO_DIGEST,
            environment_class="linux-x86_64-python3.11",
            strategies=read_document(type(default_strategies()), document),
        )

    async def run(
        self,
        given: Planned | None,
        *,
        interruption: Interruption | None = None,
        run_id: str = RUN_ID,
        listener: Listener | None = None,
    ) -> RunEnd:
        opened = open_run(
            self.runs_dir,
            run_id,
            plan=given.plan if given is not None else None,
            opening=self.opening() if given is not None else None,
            holder=HOLDER,
            clock=self.clock,
            ids=self.ids,
            changed_paths=lambda: self.changed_paths,
        )
        with opened as held:
            runner = Runner(
                opened=held,
                plane=self.plane,
                store=self.store,
                policy=DispatchPolicy.of(held.opening.strategies),
                listener=listener or Silent(),
                clock=self.clock,
                ids=self.ids,
                holder=HOLDER,
                admission=self.admission,
            )
            return await runner.carry_out(interruption or Interruption())

    async def ingest(self, memory: Memory, *, plane: Any = None) -> Ingested:
        async with aclosing(self.ingesting(memory, plane=plane)) as steps:
            return [taken async for taken in steps][-1]

    def ingesting(self, memory: Memory, *, plane: Any = None, follow: bool = False) -> AsyncGenerator[Ingested, None]:
        return ingest_runtime(
            plane or self.plane,
            memory,
            evidence=self.store,
            runs_dir=self.runs_dir,
            repository_id=REPOSITORY_ID,
            follow=follow,
        )

    def record(self, run_id: str = RUN_ID) -> RunRecord:
        return RunRecord.find(self.runs_dir, run_id)


def entry(end: RunEnd, given: Planned, name: str) -> Any:
    return end.queue.entries[given.ids[name]]


def tool(script: Callable[[bytes], Sequence[Step]], tool_id: str = "work.do", **more: Any) -> ScriptedTool:
    return ScriptedTool(tool_id, script, **more)


def well(_: bytes) -> Sequence[Step]:
    return [Report("half", done=1, total=2), End(result=b'{"ok":true}')]


def all_facts(memory: Memory) -> tuple[Fact, ...]:
    return memory.facts(limit=200)


def tasks(memory: Memory, given: Planned) -> Mapping[str, TaskFact]:
    bodies = [fact.body for fact in all_facts(memory) if isinstance(fact.body, TaskFact)]
    return {given.names[body.task_id]: body for body in bodies}


class Died(Exception):
    """As a process that is killed: nothing is put in order."""


class Dying(Silent):
    """Dies as soon as a change is kept for the so-many-th time."""

    def __init__(self, life: int) -> None:
        self._left = life

    def queue_changed(self, queue: WorkQueue) -> None:
        self._left -= 1
        if self._left == 0:
            raise Died
