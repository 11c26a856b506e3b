"""Keeps what came of a map-reduce: its outputs in the directory of the run, its jobs as facts, what is put aside there.

The effects around `dome_spec.patterns`: it decides nothing.
"""

from dataclasses import dataclass
from typing import Final

from dome_contracts.canonical import canonical_bytes
from dome_contracts.runtime.v1 import Job
from dome_contracts.schema.knowledge.fact import QuarantineCause
from dome_contracts.schema.patterns.map_reduce_plan import MapReducePlan
from dome_contracts.schema.planning.plan import PlannedTask
from dome_spec.binding import FactLog, quarantine
from dome_spec.dispatch import Refused, RuntimePlane, UnqueuedRun, failure_of
from dome_spec.kernel import Violation
from dome_spec.kernel.durable import create_file, make_directory
from dome_spec.patterns import MapOutput, Part, Quarantined, task_of
from dome_spec.planning import task_id

OUTPUTS: Final = "outputs"
FAMILY: Final = "patterns/map_output"
"""What outputs are called where they are put aside; their schema is that of their plan."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """Keeps one map-reduce."""

    run: UnqueuedRun
    plan: MapReducePlan
    memory: FactLog
    plane: RuntimePlane
    store_id: str

    def named(self, part: Part) -> tuple[str, str]:
        task = self._task(part)
        return task_id(task.spec), self.run.group_id(task)

    async def ended(self, part: Part, job: Job) -> None:
        self.memory.append(await self.run.ended(self.plane, self._task(part), job, store_id=self.store_id))

    def refused(self, part: Part, error: Exception) -> None:
        refusal = failure_of(error)
        if isinstance(refusal, Refused):
            self.memory.append(self.run.refused(self._task(part), refusal, tool_version=part.tool_version))

    def judged(self, outputs: list[MapOutput], quarantined: tuple[Quarantined, ...]) -> None:
        data = {each.item_id: each.data for each in outputs if each.data is not None}
        directory = self.run.record.directory / OUTPUTS
        make_directory(directory)
        for item_id, each in data.items():
            create_file(directory / f"{item_id}.json", each)
        for aside in quarantined:
            self._put_aside(aside, data.get(aside.item_id))

    def _put_aside(self, aside: Quarantined, output: bytes | None) -> None:
        """Put aside what came; where nothing came, what is known of that."""
        said = {"item_id": aside.item_id, "job_id": aside.job_id or "", "problems": list(aside.problems)}
        document = canonical_bytes(said) if output is None else output
        run = self.run
        run.store.put(document)
        found = [Violation(f"/{aside.item_id}", each) for each in aside.problems]
        put = quarantine(
            document,
            QuarantineCause.SCHEMA_INVALID,
            found,
            family=FAMILY,
            repository_id=run.repository_id,
            now=run.clock.now(),
        )
        if not self.memory.knows(put.fact.fact_id):
            self.memory.append([put.fact])

    def _task(self, part: Part) -> PlannedTask:
        return task_of(part, self.plan)
