"""`dome memory ingest --runtime`: what the daemon has run in this repository, and what it runs from here on."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, cast

from dome_contracts.exit_codes import Exit
from dome_spec.commands.memory.identifiers import counted
from dome_spec.commands.memory.opening import opened_for_keeping
from dome_spec.dispatch import Ingested, RuntimePlane, ingest_runtime

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.dispatch import Damaged
    from dome_spec.kernel import Runtime


async def read_runtime(console: "Console", runtime: "Callable[[], Awaitable[Runtime]]", *, is_following: bool) -> int:
    """Take in what happened; interrupted, what was committed stays, and the next one goes on from there."""
    so_far: Ingested | None = None
    # The composition root hands in a client of the daemon, which has the whole port.
    plane = cast(RuntimePlane, await runtime())
    with opened_for_keeping() as (opened, evidence):
        reading = ingest_runtime(
            plane,
            opened.memory,
            evidence=evidence,
            runs_dir=opened.infra.runs_dir,
            repository_id=opened.infra.state_dir.name,
            follow=is_following,
        )
        try:
            async with aclosing(reading):
                async for taken in reading:
                    if is_following and console.as_json and taken != so_far:
                        console.record(_document(taken))
                    so_far = taken
                    console.progress(f"{taken.jobs} jobs, {taken.facts_new} facts are new")
        except asyncio.CancelledError:
            _show(so_far or Ingested(), console)
            raise
    if not (is_following and console.as_json):
        _show(so_far or Ingested(), console)
    is_whole = so_far is None or not (so_far.damaged or so_far.refusals_put_aside)
    return Exit.OK if is_whole else Exit.FAILED


def _document(taken: Ingested) -> dict[str, Any]:
    return {
        "jobs": taken.jobs,
        "facts_new": taken.facts_new,
        "facts_known": taken.facts_known,
        "facts_differing": taken.facts_differing,
        "gaps": taken.gaps,
        "unplanned": taken.unplanned,
        "refusals": taken.refusals,
        "refusals_put_aside": taken.refusals_put_aside,
        "damaged": [
            {
                "run_id": each.run_id,
                "reason": each.refusal.code,
                "message": f"{each.refusal.what}: {each.refusal.why}" if each.refusal.why else each.refusal.what,
                "remedy": each.refusal.hint,
            }
            for each in taken.damaged
        ],
        "revision": taken.revision,
    }


def _show(taken: Ingested, console: "Console") -> None:
    if console.as_json:
        console.record(_document(taken))
        return
    known = f", {taken.facts_known} known already" if taken.facts_known else ""
    console.text(f"{counted(taken.jobs, 'job')}: {counted(taken.facts_new, 'new fact')}{known}.")
    if taken.facts_differing:
        facts = counted(taken.facts_differing, "known fact")
        console.note(f"{facts} came with another content, and what was kept first stays: a run was changed since.")
    if taken.gaps:
        console.note(f"Of {counted(taken.gaps, 'job')} events are missing for good: the daemon had removed them.")
    if taken.unplanned:
        jobs = counted(taken.unplanned, "job")
        console.note(f"{jobs} left out: of no run that is kept here, so that nothing says what they were for.")
    if taken.refusals:
        console.note(f"{counted(taken.refusals, 'refusal')} taken in that the daemon's audit alone knew of.")
    if taken.refusals_put_aside:
        rows = counted(taken.refusals_put_aside, "refusal")
        console.note(f"{rows} put aside: of no request that its run keeps. Why: `dome memory quarantine list`.")
    for each in taken.damaged:
        console.note("\n".join(damage_lines(each)))
    if taken.damaged:
        console.note("The others were taken in; the same command takes in the rest once it is mended.")


def damage_lines(damaged: "Damaged") -> list[str]:
    """A run that was left out, why, and what to do."""
    refusal = damaged.refusal
    return [
        f"dome: left out the run {damaged.run_id}: {refusal.what}.",
        *([f"  {refusal.why.rstrip('.')}."] if refusal.why else []),
        *([f"  {refusal.hint.rstrip('.')}."] if refusal.hint else []),
    ]
