"""The page of a job's states, from the table that the daemon walks."""

from pathlib import Path

from ci.docs.markdown import code, head
from dome_contracts.runtime.v1 import JobState
from domed.jobs import states
from domed.jobs.model import TERMINAL


def page(_tree: Path) -> str:
    """The diagram, and the rules in the words of the table."""
    rules = (states.__doc__ or "").strip().partition("\n\nPure.")[0].partition("\n\n")[2]
    terminal = ", ".join(code(state.name) for state in JobState if state in TERMINAL)
    return "\n".join(
        (
            head("States of a job", "domed.jobs.states"),
            f"```mermaid\n{states.diagram()}```\n",
            f"Terminal states: {terminal}. What is not drawn cannot happen: the ledger refuses the fact.\n",
            f"{rules}\n",
        )
    )
