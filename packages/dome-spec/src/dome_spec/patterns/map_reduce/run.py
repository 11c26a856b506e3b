"""Carries a map-reduce out through the daemon: one job for each item, then one for the reducer.

Each map job sees its own item and nothing else. Keys follow from the run, the plan and the item, so a run that was
interrupted and is begun again runs nothing twice. Every job is pinned to the tool that was looked at before.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from dome_contracts.canonical import canonical_bytes, digest
from dome_contracts.runtime.v1 import Correlation, ExecuteConstraints, Job, ToolDescriptor, ToolSummary
from dome_contracts.schema.patterns.map_reduce_plan import MapItem, MapReducePlan
from dome_spec.dispatch import LABEL, Unavailable, failure_of
from dome_spec.patterns.map_reduce.checks import refuse_over_budget, refuse_unfit_schema, refuse_unfit_skills
from dome_spec.patterns.map_reduce.outputs import (
    MapOutput,
    OutputJudge,
    Quarantined,
    Validated,
    reducer_input,
    refuse_too_few,
)
from dome_spec.patterns.map_reduce.parts import MAP, REDUCE, Part, Witness, reducer_effects
from dome_spec.patterns.map_reduce.refusals import NoValue, OverBudget, ShardsFailed, ShardsUnanswered

if TYPE_CHECKING:
    from collections.abc import Callable

    from dome_spec.dispatch import RuntimePlane

_ITEM: Final = "{item}"
_STAGE: Final = "dome.map_reduce"
_NOT_FOUND: Final = "SKILL_NOT_FOUND"
_ENDED: Final = "the map-reduce is over its time"
_CANCEL_S: Final = 5.0
"""How long the end of a job is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduced:
    """The value of a map-reduce, and what it rests on."""

    value: bytes
    """The reducer's result, JSON."""
    item_ids: tuple[str, ...]
    """Items whose outputs the reducer saw."""
    quarantined: tuple[Quarantined, ...]
    job_ids: tuple[str, ...]
    """All jobs, the reducer's last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapReduce:
    """A map-reduce that may be carried out."""

    plan: MapReducePlan
    output_schema: Mapping[str, Any]
    content: "Callable[[MapItem], bytes]"
    """Gives the bytes of an item."""
    working_directory: str
    run_id: str
    """The run that the jobs belong to: the same run of the same plan has the same jobs."""
    repository_id: str = ""
    """The repository that the jobs are done for; empty where none is known."""
    witness: Witness | None = None
    """Is told how each job ended; None where nobody keeps it."""

    async def run(self, runtime: "RuntimePlane") -> Reduced:
        """The value. Raises OverBudget, SchemaUnfit and SkillUnfit before anything is dispatched.

        Later ShardsFailed, TooFewOutputs, NoValue, and OverBudget again. The time of the budget is for the whole: over
        it, what is still running is cancelled. Interrupted, or where other items failed, that goes on, for whoever asks
        again under the same run.
        """
        refuse_over_budget(self.plan)
        refuse_unfit_schema(self.plan, self.output_schema)
        mapper = await _tool(runtime, self.plan.map.skill.skill_id, self.working_directory)
        reducer = await _tool(runtime, self.plan.reduce.skill.skill_id, self.working_directory)
        refuse_unfit_skills(self.plan, mapper, reducer)
        bench = _Bench(runtime, _pinned(mapper), _pinned(reducer))
        limit = self.plan.budget.duration_s_max
        try:
            async with asyncio.timeout(limit):
                return await self._carried_out(bench)
        except TimeoutError as error:
            await _ask_for_end(bench)
            raise OverBudget(f"It took longer than {limit} s", hint="Raise `budget.duration_s_max`") from error

    async def _carried_out(self, bench: "_Bench") -> Reduced:
        places = asyncio.Semaphore(self.plan.budget.parallel_max)

        async def mapped(item: MapItem) -> MapOutput:
            async with places:
                return await self._map(bench, item)

        tasks: list[asyncio.Task[MapOutput]] = []
        try:
            async with asyncio.TaskGroup() as group:
                tasks += [group.create_task(mapped(item)) for item in self.plan.items]
        except ExceptionGroup as error:
            raise self._failed(tasks, error) from error
        outputs = [each.result() for each in tasks]
        self._refuse_too_much(outputs)
        judge = OutputJudge(self.plan, self.output_schema)
        judged = [judge.judge(each) for each in outputs]
        validated = [each for each in judged if isinstance(each, Validated)]
        quarantined = tuple(each for each in judged if isinstance(each, Quarantined))
        if self.witness is not None:
            self.witness.judged(outputs, quarantined)
        refuse_too_few(self.plan, quarantined)
        part = Part(
            stage=REDUCE,
            item_id="",
            skill=self.plan.reduce.skill,
            effects=reducer_effects(self.plan),
            tool_input=reducer_input(self.plan, validated),
            tool_version=bench.reducer.version,
        )
        reduced = await self._job(bench, part, pin=bench.reducer.tool_digest)
        if reduced.data is None:
            raise NoValue("The reducer left no value", why=reduced.failure, hint=f"`dome job {reduced.job_id}`")
        jobs = [each.job_id for each in (*outputs, reduced) if each.job_id is not None]
        return Reduced(
            value=reduced.data,
            item_ids=tuple(each.item_id for each in validated),
            quarantined=quarantined,
            job_ids=tuple(jobs),
        )

    def _failed(self, tasks: "list[asyncio.Task[MapOutput]]", group: ExceptionGroup[Exception]) -> Exception:
        """What is raised where map jobs failed one beside the other: all of them by name. A defect is raised itself."""
        found = [
            (item.item_id, error)
            for item, task in zip(self.plan.items, tasks, strict=True)
            if task.done() and not task.cancelled() and isinstance(error := task.exception(), Exception)
        ]
        defect = next((each for _, each in found if not isinstance(getattr(each, "reason", None), str)), None)
        if defect is not None or not found:
            return defect or group.exceptions[0]
        told = [(item_id, str(each)) for item_id, each in found]
        is_unanswered = all(isinstance(failure_of(each), Unavailable) for _, each in found)
        kind = ShardsUnanswered if is_unanswered else ShardsFailed
        return kind(told, count=len(self.plan.items), run_id=self.run_id)

    def _refuse_too_much(self, outputs: list[MapOutput]) -> None:
        allowed = self.plan.budget.output_bytes_max
        size = sum(len(each.data or b"") for each in outputs)
        if allowed is not None and size > allowed:
            raise OverBudget(f"The map outputs have {size} bytes", why=f"the plan allows {allowed}")

    async def _map(self, bench: "_Bench", item: MapItem) -> MapOutput:
        text = self.content(item).decode("utf-8", errors="replace")
        shared = self.plan.map.input or {}
        filled = _filled(shared, text)
        tool_input = filled if filled != shared else {**shared, "item": {"item_id": item.item_id, "text": text}}
        part = Part(
            stage=MAP,
            item_id=item.item_id,
            skill=self.plan.map.skill,
            effects=self.plan.map.effects,
            tool_input=tool_input,
            tool_version=bench.mapper.version,
        )
        timeout = self.plan.map.run_timeout_s
        output = await self._job(bench, part, pin=bench.mapper.tool_digest, run_timeout_s=timeout)
        return MapOutput(item.item_id, output.job_id, output.data, output.failure)

    async def _job(self, bench: "_Bench", part: Part, *, pin: str, run_timeout_s: float | None = None) -> MapOutput:
        job = await self._asked(bench, part, pin=pin, run_timeout_s=run_timeout_s)
        bench.open_jobs.append(job.job_id)
        async for _ in bench.runtime.events(job.job_id, follow=True):
            pass
        last = await bench.runtime.status(job.job_id)
        bench.open_jobs.remove(job.job_id)
        if self.witness is not None:
            await self.witness.ended(part, last)
        ended = last.outcome
        if ended is None or not ended.result:
            failure = "" if ended is None else f"{ended.failure_reason_code}: {ended.message}"
            return MapOutput(part.name, job.job_id, None, failure)
        return MapOutput(part.name, job.job_id, ended.result)

    async def _asked(self, bench: "_Bench", part: Part, *, pin: str, run_timeout_s: float | None) -> Job:
        tool_input = dict(part.tool_input)
        named = {"run_id": self.run_id, "plan": digest(self.plan.to_value()), "part": part.name}
        limits = None if run_timeout_s is None else ExecuteConstraints(deadline=timedelta(seconds=run_timeout_s))
        task_id, group_id = ("", "") if self.witness is None else self.witness.named(part)
        try:
            return await bench.runtime.execute(
                part.skill.skill_id,
                canonical_bytes(tool_input),
                idempotency_key=digest({**named, "input": digest(tool_input)}),
                tool_digest=pin,
                working_directory=self.working_directory,
                constraints=limits,
                labels={_STAGE: part.stage} | ({LABEL: self.repository_id} if self.repository_id else {}),
                correlation=Correlation(run_id=self.run_id, task_id=task_id, group_id=group_id),
            )
        except Exception as error:
            if self.witness is not None:
                self.witness.refused(part, error)
            raise


@dataclass(frozen=True, slots=True)
class _Bench:
    """What every job is asked with."""

    runtime: "RuntimePlane"
    mapper: ToolSummary
    """The tool that was looked at."""
    reducer: ToolSummary
    open_jobs: list[str] = field(default_factory=list)
    """Jobs that have not ended as far as is known."""


async def _ask_for_end(bench: _Bench) -> None:
    """Ask for the end of what still runs, for a bounded time."""
    try:
        async with asyncio.timeout(_CANCEL_S):
            for job_id in bench.open_jobs:
                await bench.runtime.cancel(job_id, reason=_ENDED)
    except Exception as error:
        # That it is over its time is told, whatever the daemon says of the rest.
        if not isinstance(error, TimeoutError) and failure_of(error) is None:
            raise


def _pinned(tool: ToolDescriptor | None) -> ToolSummary:
    if tool is None or tool.summary is None:
        raise TypeError("a skill that serves is there")
    return tool.summary


async def _tool(runtime: "RuntimePlane", skill_id: str, working_directory: str) -> ToolDescriptor | None:
    try:
        return await runtime.tool(skill_id, working_directory=working_directory)
    except Exception as error:
        if getattr(error, "reason", "") == _NOT_FOUND:
            return None
        raise


def _filled(value: Any, item: str) -> Any:
    """The value with the item's text wherever a text is `{item}` alone."""
    if isinstance(value, Mapping):
        return {name: _filled(each, item) for name, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, item) for each in value]
    return item if value == _ITEM else value
