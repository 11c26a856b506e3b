"""What `dome plan run` and `dome plan resume` share: everything around the runner.

Hands in what the runner needs, and turns Ctrl-C, its end and its words into an exit code.
"""

import asyncio
import signal
from argparse import Namespace
from collections.abc import Iterator
from contextlib import AbstractContextManager, aclosing, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dome_contracts.exit_codes import Exit
from dome_contracts.schema.control.work_queue import QueueState
from dome_spec.binding import EvidenceStore, open_memory
from dome_spec.commands.gate.asking import worktree_is_clean
from dome_spec.commands.memory.following import damage_lines
from dome_spec.commands.plan import view
from dome_spec.commands.plan.beginning import beginning_of
from dome_spec.commands.plan.bounds import bounds_of, changed_paths
from dome_spec.commands.plan.telling import Teller
from dome_spec.commands.surroundings import Surroundings, here, this_process
from dome_spec.dispatch import (
    DispatchPolicy,
    EndKind,
    GuardedAdmission,
    Ingestion,
    Interruption,
    OnInterrupt,
    Opened,
    RunEnd,
    Runner,
    Unavailable,
    failure_of,
    open_run,
)
from dome_spec.gates import GateRecord, keep_bundles
from dome_spec.kernel import InfraContext
from dome_spec.standards import StandardReports

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.plan.beginning import Beginning
    from dome_spec.commands.plan.bounds import Bounds
    from dome_spec.commands.plan.run import Connect
    from dome_spec.dispatch import RuntimePlane


async def run_plan(arguments: Namespace, console: "Console", connect: "Connect") -> int:
    """Begin a run of a plan, or go on with the one of that name."""
    scene = here()
    infra = scene.infra().mint(scene.ids)
    begun = beginning_of(arguments, infra)
    bounds = bounds_of(infra, arguments.overlay)
    run_id = arguments.run_id or scene.ids.new("run")
    with _opened(scene, infra, run_id, begun) as opened:
        return await _Command(arguments, console, scene, infra, bounds).carry_out(opened, connect)


async def resume_run(arguments: Namespace, console: "Console", connect: "Connect") -> int:
    """Go on with a run."""
    scene = here()
    infra = scene.infra()
    bounds = bounds_of(infra, None)
    with _opened(scene, infra, arguments.run_id, None) as opened:
        return await _Command(arguments, console, scene, infra, bounds).carry_out(opened, connect)


def _opened(
    scene: Surroundings, infra: InfraContext, run_id: str, begun: "Beginning | None"
) -> AbstractContextManager[Opened]:
    return open_run(
        infra.runs_dir,
        run_id,
        plan=None if begun is None else begun.plan,
        opening=None if begun is None else begun.opening,
        holder=this_process(),
        clock=scene.clock,
        ids=scene.ids,
        changed_paths=lambda: changed_paths(infra.root),
    )


@dataclass(frozen=True, slots=True)
class _Command:
    """One use of the command, on a run that it holds."""

    arguments: Namespace
    console: "Console"
    scene: Surroundings
    infra: InfraContext
    bounds: "Bounds"

    async def carry_out(self, opened: Opened, connect: "Connect") -> int:
        """Carry the run out, tell how it ends, and give the exit code."""
        run_id, holder = opened.queue.run_id, this_process()
        if opened.queue.state is QueueState.FINISHED:
            self.console.note(f"dome: the run {run_id} is over; nothing of it is run again")
        elif not self.console.as_json:
            self.console.note(f"{run_id}  carried out by {holder.id}")
        runner = Runner(
            opened=opened,
            plane=await connect(),
            store=EvidenceStore(self.infra.evidence_dir),
            policy=DispatchPolicy.of(opened.opening.strategies),
            listener=Teller(self.console, opened.plan, opened.queue),
            clock=self.scene.clock,
            ids=self.scene.ids,
            holder=holder,
            admission=self._admission(opened),
        )
        interruption = Interruption(OnInterrupt(self.arguments.on_interrupt))
        with _interruptible(interruption, self.console):
            try:
                end = await runner.carry_out(interruption)
                await self._remember(runner.plane, end)
            except asyncio.CancelledError:
                # The second time: what is kept is enough to go on from.
                self.console.note(f"dome: left at once\n  Go on with it: {self._resume_command(run_id)}")
                return Exit.INTERRUPTED
        return self._told(end, opened)

    def _admission(self, opened: Opened) -> GuardedAdmission:
        """The guards of the repository, and what this run adds to them."""
        overlay = GateRecord(opened.record.directory).overlay(self.bounds.overlay)
        guardrails = replace(self.bounds.guardrails, overlay=overlay)
        keep_bundles(guardrails, EvidenceStore(self.infra.evidence_dir))
        return GuardedAdmission(
            guardrails=guardrails,
            record=opened.record,
            plan=opened.plan,
            tool_status=StandardReports(self.infra.state_dir).status,
            is_worktree_clean=lambda: worktree_is_clean(self.infra.root),
            clock=self.scene.clock,
        )

    async def _remember(self, plane: "RuntimePlane", end: RunEnd) -> None:
        """Take in what happened, as far as anybody can be asked; whoever asks the next time takes in the rest."""
        memory = open_memory(self.infra.memory_path, self.bounds.policy)
        try:
            ingestion = Ingestion(
                memory, EvidenceStore(self.infra.evidence_dir), self.infra.runs_dir, end.queue.repository_id
            )
            if end.kind is EndKind.DAEMON_LOST:
                ingestion.runs()
            else:
                async with aclosing(ingestion.runtime(plane)) as steps:
                    async for _ in steps:
                        pass
            for each in ingestion.so_far.damaged:
                self.console.note("\n".join(damage_lines(each)))
        except Exception as error:
            if not isinstance(failure_of(error), Unavailable):
                raise
            self.console.note(f"dome: not all was taken in ({error}); later: dome memory ingest --runtime")
        finally:
            memory.close()

    def _told(self, end: RunEnd, opened: Opened) -> int:
        code = view.exit_code(end, opened.plan)
        if self.console.as_json:
            document = view.run_document(end.queue, opened.plan, is_held=False)
            self.console.record(document | {"end": end.kind.value, "exit_code": int(code)})
        else:
            self.console.text(view.run_line(end.queue, is_held=False))
        for line in view.ending_lines(end, opened.plan, endpoint=self._endpoint):
            self.console.note(line)
        return code

    @property
    def _endpoint(self) -> str | None:
        return getattr(self.arguments, "endpoint", None)

    def _resume_command(self, run_id: str) -> str:
        return view.resume_command(run_id, self._endpoint)


@contextmanager
def _interruptible(interruption: Interruption, console: "Console") -> Iterator[None]:
    """The first Ctrl-C, or a polite signal, asks the run to stop; the second ends the command where it stands."""
    loop, carrying = asyncio.get_running_loop(), asyncio.current_task()

    def interrupted() -> None:
        if interruption.asked.is_set() and carrying is not None:
            carrying.cancel()
        elif interruption.kind is OnInterrupt.CANCEL:
            console.note("dome: cancelling the jobs; once more leaves at once")
        interruption.asked.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupted)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
