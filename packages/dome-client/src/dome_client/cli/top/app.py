"""The screen: jobs above, what the chosen one writes below, locks and the catalog's problems beside it."""

from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import ClassVar, Final

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import DataTable, Footer, Input, RichLog, Static
from textual.worker import Worker

from dome_client.cli.render.event import event_lines
from dome_client.cli.render.text import problem
from dome_client.cli.render.words import line_of, printable
from dome_client.cli.top.board import Board, row
from dome_client.cli.top.dialogs import Confirm, Help
from dome_client.cli.top.feed import Feed, Runtime
from dome_client.client import TERMINAL
from dome_client.errors import DomeError
from dome_contracts.runtime.v1 import CatalogProblem, Job, JobEvent, Lock, OutputStream

COLUMNS: Final = ("JOB", "STATE", "RAN", "TOOL", "WHERE, OR HOW IT ENDED")
TAIL_LINES_MAX: Final = 5000
_REFRESH_S: Final = 1.0
_COALESCE_S: Final = 0.05
_STYLES: Final = {"SUCCEEDED": "green", "FAILED": "red", "CANCELED": "yellow", "CANCELING": "yellow", "RUNNING": "blue"}


class TopApp(App[None]):
    """Shows a runtime until the user leaves. Changes nothing there but what the user asked to cancel."""

    ENABLE_COMMAND_PALETTE = False
    TITLE = "dome top"
    CSS = """
    #status { height: 1; padding: 0 1; text-style: reverse; }
    #status.lost { background: $error; color: $text; text-style: bold; }
    #filter { display: none; height: 1; border: none; padding: 0 1; }
    #filter.open { display: block; }
    #jobs { height: 1fr; min-height: 5; }
    #below { height: 1fr; min-height: 5; }
    #tail-part { width: 2fr; }
    #side { width: 1fr; border-left: solid $secondary; }
    .heading { height: 1; padding: 0 1; text-style: bold; }
    #tail { padding: 0 1; }
    #locks { height: auto; max-height: 50%; padding: 0 1; }
    #problems { height: auto; padding: 0 1; }
    Help, Confirm { align: center middle; }
    .dialog { width: auto; max-width: 90%; height: auto; padding: 1 2; border: solid $primary; background: $surface; }
    .dialog Static { width: auto; }
    .title { text-style: bold; margin-bottom: 1; }
    .dim { text-style: dim; margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "Quit"),
        Binding("question_mark", "help", "Help"),
        Binding("slash", "filter", "Filter"),
        Binding("a", "live", "Live or all"),
        Binding("c", "cancel", "Cancel job"),
        Binding("f", "follow", "Follow"),
        Binding("escape", "clear", "Clear filter", show=False),
    ]

    def __init__(self, runtime: Runtime, *, where: str, now_s: Callable[[], float], query: str = "") -> None:
        super().__init__()
        self._feed = Feed(runtime, self)
        self._where = where
        self._now_s = now_s
        self._board = Board()
        self._query = query
        self._live_only = False
        self._lost = ""
        self._changed = True
        self._chosen = ""
        self._tail: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        """The parts, from the top."""
        yield Static(id="status", markup=False)
        yield Input(self._query, id="filter", placeholder="words to look for", compact=True)
        yield DataTable[Text](id="jobs", cursor_type="row", zebra_stripes=True)
        with Horizontal(id="below"):
            with Vertical(id="tail-part"):
                yield Static("No job is chosen.", id="tail-heading", classes="heading", markup=False)
                yield RichLog(id="tail", max_lines=TAIL_LINES_MAX, wrap=True, min_width=0)
            with Vertical(id="side"):
                yield Static("Locks", classes="heading")
                yield Static("none", id="locks", markup=False)
                yield Static("Problems of the catalog", classes="heading")
                yield Static("none", id="problems", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        """Begin to listen."""
        self._table.add_columns(*COLUMNS)
        self._table.focus()
        self._start(self._feed.jobs)
        self._start(self._feed.surroundings)
        self.set_interval(_COALESCE_S, self._draw_what_changed)
        self.set_interval(_REFRESH_S, self._mark)

    # What the feed tells.

    def jobs_are(self, jobs: Sequence[Job]) -> None:
        """All jobs, as they stand."""
        self._board.replace(jobs)
        self._mark()

    def job_is(self, job: Job) -> None:
        """One of them, as it stands by now."""
        self._board.put(job)
        self._mark()

    def tail_has(self, event: JobEvent) -> None:
        """What happened in the chosen job."""
        log = self.query_one("#tail", RichLog)
        output = event.output
        if output is None:
            for line in event_lines(event):
                log.write(Text(line, style="dim"))
            return
        style = "red" if output.stream is OutputStream.STDERR else ""
        for line_bytes in output.data.splitlines(keepends=True):
            log.write(Text(line_of(line_bytes), style=style))

    def tail_failed(self, error: DomeError) -> None:
        """Its events cannot be read."""
        self.query_one("#tail", RichLog).write(Text(printable(f"{error.reason}: {error.message}"), style="red"))

    def locks_are(self, locks: Sequence[Lock]) -> None:
        """The locks that are held or waited for."""
        lines = [f"{each.name}  {each.holder_job_id or '-'}, {each.waiter_count} waiting" for each in locks]
        self.query_one("#locks", Static).update("\n".join(map(printable, lines)) or "none")

    def problems_are(self, problems: Sequence[CatalogProblem]) -> None:
        """What the catalog leaves out."""
        self.query_one("#problems", Static).update("\n".join(map(problem, problems)) or "none")

    def daemon_lost(self, error: DomeError) -> None:
        """The daemon does not answer: what is shown is what was known."""
        self._lost = error.message
        self._mark()

    def daemon_back(self) -> None:
        """It does."""
        self._lost = ""
        self._mark()

    # What the keys do.

    def action_help(self) -> None:
        """Tell what the keys do."""
        self.push_screen(Help())

    def action_filter(self) -> None:
        """Let the user type."""
        field = self.query_one("#filter", Input)
        field.add_class("open")
        field.focus()

    def action_clear(self) -> None:
        """Show all jobs again."""
        field = self.query_one("#filter", Input)
        field.value = ""
        field.remove_class("open")
        self._table.focus()

    def action_live(self) -> None:
        """Live jobs only, or all."""
        self._live_only = not self._live_only
        self._mark()

    def action_follow(self) -> None:
        """Follow the end of the output, or stay."""
        log = self.query_one("#tail", RichLog)
        log.auto_scroll = not log.auto_scroll
        self._mark()

    def action_cancel(self) -> None:
        """Ask whether the chosen job shall end, then for its end."""
        job = self._board.job(self._chosen)
        if job is None or job.state in TERMINAL:
            self.bell()
            return

        def told(says: bool | None) -> None:  # noqa: FBT001 - the screen gives it by position
            if says:
                self._start(partial(self._feed.cancel, job.job_id))

        self.push_screen(Confirm(job.job_id, job.skill_id), told)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter by what was typed so far."""
        self._query = event.value
        self._mark()

    def on_input_submitted(self) -> None:
        """Back to the jobs; the filter stays."""
        self._table.focus()

    def on_data_table_row_highlighted(self) -> None:
        """Show what the job writes that the cursor is on by now: rows that were drawn anew report cursors of before."""
        table = self._table
        if not table.row_count:
            return
        job = self._board.job(str(table.coordinate_to_cell_key(table.cursor_coordinate).row_key.value))
        if job is None or job.job_id == self._chosen:
            return
        self._chosen = job.job_id
        if self._tail is not None:
            self._tail.cancel()
        self.query_one("#tail", RichLog).clear()
        self._tail = self._start(partial(self._feed.tail, job))
        self._mark()

    def _start(self, work: Callable[[], Coroutine[None, None, None]]) -> Worker[None]:
        worker: Worker[None] = self.run_worker(work)
        return worker

    # Drawing.

    @property
    def _table(self) -> DataTable[Text]:
        return self.query_one("#jobs", DataTable)

    def _mark(self) -> None:
        self._changed = True

    def _draw_what_changed(self) -> None:
        """Many changes in a moment are drawn once."""
        # It may tick once more while the screen is taken down.
        if not self._changed or not self.query("#status"):
            return
        self._changed = False
        self._draw_status()
        self._draw_jobs()

    def _draw_status(self) -> None:
        status = self.query_one("#status", Static)
        status.set_class(bool(self._lost), "lost")
        shown = [f"filter: {self._query}"] if self._query else []
        shown += ["live jobs only"] if self._live_only else []
        state = f"LOST, trying again: {self._lost}" if self._lost else self._board.counts()
        status.update(printable("  ".join([f"dome top  {self._where}", state, *shown])))
        job = self._board.job(self._chosen)
        staying = "" if self.query_one("#tail", RichLog).auto_scroll else "  (staying here)"
        heading = "No job is chosen." if job is None else " ".join(row(job, self._now_s())[:4]) + staying
        self.query_one("#tail-heading", Static).update(printable(heading))

    def _draw_jobs(self) -> None:
        """The same rows are changed in place, so that the cursor and the eye stay where they are."""
        table = self._table
        rows = [row(job, self._now_s()) for job in self._board.shown(self._query, live_only=self._live_only)]
        if [cells[0] for cells in rows] != [str(key.value) for key in table.rows]:
            table.clear()
            for cells in rows:
                table.add_row(*map(_cell, cells), key=cells[0])
            at = next((index for index, cells in enumerate(rows) if cells[0] == self._chosen), 0)
            table.move_cursor(row=at)
            return
        for index, cells in enumerate(rows):
            for column, text in enumerate(cells):
                cell = _cell(text)
                if table.get_cell_at((index, column)) != cell:  # type: ignore[arg-type]
                    table.update_cell_at((index, column), cell)  # type: ignore[arg-type]


def _cell(text: str) -> Text:
    return Text(text, style=_STYLES.get(text, ""), no_wrap=True)
