"""Carries a map-reduce out through the daemon: one job for each item, then one for the reducer.

Each map job sees its own item and nothing else. Keys follow from the run, the plan and the item, so a run that was
interrupted and is begun again runs nothing twice. Every job is pinned to the tool that was looked at before.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from dome_contracts.canonical import canonical_bytes, digest
from dome_contracts.runtime.v1 import Correlation, ExecuteConstraints, ToolDescriptor
from dome_contracts.schema.patterns.map_reduce_plan import MapItem, MapReducePlan
from dome_spec.patterns.map_reduce.checks import refuse_over_budget, refuse_unfit_schema, refuse_unfit_skills
from dome_spec.patterns.map_reduce.outputs import (
    MapOutput,
    OutputJudge,
    Quarantined,
    Validated,
    reducer_input,
    refuse_too_few,
)
from dome_spec.patterns.map_reduce.refusals import NoValue, OverBudget

if TYPE_CHECKING:
    from collections.abc import Callable

    from dome_spec.dispatch import RuntimePlane

_ITEM: Final = "{item}"
_NOT_FOUND: Final = "SKILL_NOT_FOUND"


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

    async def run(self, runtime: "RuntimePlane") -> Reduced:
        """The value. Raises OverBudget, SchemaUnfit and SkillUnfit before anything is dispatched, then TooFewOutputs.

        The time of the budget is for the whole: over it, what is still running is cancelled.
        """
        refuse_over_budget(self.plan)
        refuse_unfit_schema(self.plan, self.output_schema)
        mapper = await _tool(runtime, self.plan.map.skill.skill_id, self.working_directory)
        reducer = await _tool(runtime, self.plan.reduce.skill.skill_id, self.working_directory)
        refuse_unfit_skills(self.plan, mapper, reducer)
        pins = _Pins(_digest_of(mapper), _digest_of(reducer))
        limit = self.plan.budget.duration_s_max
        try:
            async with asyncio.timeout(limit):
                return await self._carried_out(runtime, pins)
        except TimeoutError as error:
            raise OverBudget(f"It took longer than {limit} s", hint="Raise `budget.duration_s_max`") from error

    async def _carried_out(self, runtime: "RuntimePlane", pins: "_Pins") -> Reduced:
        places = asyncio.Semaphore(self.plan.budget.parallel_max)

        async def mapped(item: MapItem) -> MapOutput:
            async with places:
                return await self._map(runtime, item, pins.mapper)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(mapped(item)) for item in self.plan.items]
        outputs = [each.result() for each in tasks]
        self._refuse_too_much(outputs)
        judge = OutputJudge(self.plan, self.output_schema)
        judged = [judge.judge(each) for each in outputs]
        validated = [each for each in judged if isinstance(each, Validated)]
        quarantined = tuple(each for each in judged if isinstance(each, Quarantined))
        refuse_too_few(self.plan, quarantined)
        reduced = await self._job(
            runtime,
            self.plan.reduce.skill.skill_id,
            reducer_input(self.plan, validated),
            part="reduce",
            pin=pins.reducer,
        )
        if reduced.data is None:
            raise NoValue("The reducer left no value", why=reduced.failure, hint=f"`dome job {reduced.job_id}`")
        jobs = [each.job_id for each in (*outputs, reduced) if each.job_id is not None]
        return Reduced(
            value=reduced.data,
            item_ids=tuple(each.item_id for each in validated),
            quarantined=quarantined,
            job_ids=tuple(jobs),
        )

    def _refuse_too_much(self, outputs: list[MapOutput]) -> None:
        allowed = self.plan.budget.output_bytes_max
        size = sum(len(each.data or b"") for each in outputs)
        if allowed is not None and size > allowed:
            raise OverBudget(f"The map outputs have {size} bytes", why=f"the plan allows {allowed}")

    async def _map(self, runtime: "RuntimePlane", item: MapItem, pin: str) -> MapOutput:
        text = self.content(item).decode("utf-8", errors="replace")
        shared = self.plan.map.input or {}
        filled = _filled(shared, text)
        tool_input = filled if filled != shared else {**shared, "item": {"item_id": item.item_id, "text": text}}
        timeout = self.plan.map.run_timeout_s
        output = await self._job(
            runtime,
            self.plan.map.skill.skill_id,
            tool_input,
            part=f"map {item.item_id}",
            pin=pin,
            run_timeout_s=timeout,
        )
        return MapOutput(item.item_id, output.job_id, output.data, output.failure)

    async def _job(
        self,
        runtime: "RuntimePlane",
        skill_id: str,
        tool_input: Mapping[str, Any],
        *,
        part: str,
        pin: str,
        run_timeout_s: float | None = None,
    ) -> MapOutput:
        named = {"run_id": self.run_id, "plan": digest(self.plan.to_value()), "part": part}
        key = digest({**named, "input": digest(dict(tool_input))})
        limits = None if run_timeout_s is None else ExecuteConstraints(deadline=timedelta(seconds=run_timeout_s))
        job = await runtime.execute(
            skill_id,
            canonical_bytes(dict(tool_input)),
            idempotency_key=key,
            tool_digest=pin,
            working_directory=self.working_directory,
            constraints=limits,
            labels={"dome.map_reduce": part.partition(" ")[0]},
            correlation=Correlation(run_id=self.run_id),
        )
        try:
            async for _ in runtime.events(job.job_id, follow=True):
                pass
        except asyncio.CancelledError:
            await asyncio.shield(runtime.cancel(job.job_id, reason="the map-reduce is over its time"))
            raise
        ended = (await runtime.status(job.job_id)).outcome
        if ended is None or not ended.result:
            failure = "" if ended is None else f"{ended.failure_reason_code}: {ended.message}"
            return MapOutput(part, job.job_id, None, failure)
        return MapOutput(part, job.job_id, ended.result)


@dataclass(frozen=True, slots=True)
class _Pins:
    """The tools that were looked at, by digest."""

    mapper: str
    reducer: str


def _digest_of(tool: ToolDescriptor | None) -> str:
    if tool is None or tool.summary is None:
        raise TypeError("a skill that serves is there")
    return tool.summary.tool_digest


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
