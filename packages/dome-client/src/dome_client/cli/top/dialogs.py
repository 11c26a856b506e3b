"""The two screens that stand before the jobs for a moment: what the keys do, and whether a job shall end."""

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

KEYS: Final = """\
up, down    choose a job: what it writes is shown below
/           filter: words in id, tool, state, directory or label
a           live jobs only, or all
c           cancel the chosen job, after asking
f           follow the end of what it writes, or stay
tab         go on to the next part of the screen
escape      take the filter back
?           this page
q           leave; jobs go on"""


class Help(ModalScreen[None]):
    """What the keys do."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q,enter", "dismiss", "Close")]

    def compose(self) -> ComposeResult:
        """A box with the text."""
        with Vertical(classes="dialog"):
            yield Static("dome top", classes="title")
            yield Static(KEYS, markup=False)
            yield Static("escape closes this page", classes="dim")


class Confirm(ModalScreen[bool]):
    """Whether a job shall end. Only `y` says yes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes"),
        Binding("n,escape,q,enter", "answer(False)", "No"),
    ]

    def __init__(self, job_id: str, skill_id: str) -> None:
        super().__init__()
        self._question = f"Cancel {job_id} ({skill_id})?"

    def compose(self) -> ComposeResult:
        """A box with the question."""
        with Vertical(classes="dialog"):
            yield Static(self._question, markup=False, classes="title")
            yield Static("A running program is given time to end.", markup=False)
            yield Static("y: cancel it    n: leave it alone", markup=False)

    def action_answer(self, says: bool) -> None:  # noqa: FBT001 - the binding gives it by position
        """Close with the answer."""
        self.dismiss(says)
