"""Tells people, or a program, how a run goes: a line for each change, and on a terminal how far running jobs are."""

from typing import TYPE_CHECKING

from dome_spec.commands.plan import view

if TYPE_CHECKING:
    from dome_contracts.schema.control.work_queue import WorkQueue
    from dome_contracts.schema.planning.plan import Plan
    from dome_spec.commands.console import Console


class Teller:
    """Hears how one run goes."""

    def __init__(self, console: "Console", plan: "Plan", queue: "WorkQueue") -> None:
        self._console = console
        self._plan = plan
        self._told = queue.entries
        self._is_away = False

    def queue_changed(self, queue: "WorkQueue") -> None:
        """A line for each task that stands elsewhere than before."""
        for task_id, entry in queue.entries.items():
            if entry == self._told[task_id]:
                continue
            if self._console.as_json:
                self._console.record(view.entry_document(task_id, entry, queue))
            elif entry.status is not self._told[task_id].status:
                self._console.note(view.entry_line(task_id, entry, self._plan.tasks[task_id]))
        self._told = queue.entries
        self._is_away = False

    def job_told(self, task_id: str, text: str) -> None:
        """On a terminal, where the next one replaces it."""
        self._console.progress(f"{view.task_name(task_id, self._plan.tasks[task_id])}: {text}")

    def daemon_away(self, *, since_s: float, message: str) -> None:
        """Once, and on a terminal how long already."""
        if not self._is_away:
            self._is_away = True
            self._console.note(f"dome: the daemon does not answer; asking again, with the same keys: {message}")
        self._console.progress(f"the daemon has not answered for {since_s:.0f} s")
