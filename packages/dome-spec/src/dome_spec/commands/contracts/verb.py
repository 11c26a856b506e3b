"""A verb of this group: as of every group, with the words for its own errors."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING

from dome_spec.commands.verb import Failures
from dome_spec.commands.verb import add_verb as add_verb_of

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs

    Run = Callable[[Namespace, Console], int]


def add_verb(verbs: "Verbs", name: str, *, summary: str, examples: str, run: "Run") -> ArgumentParser:
    """The parser of a verb, which then calls `run`."""
    return add_verb_of(verbs, name, summary=summary, examples=examples, run=run, failures=Failures(_known, _told))


def _known() -> tuple[type[Exception], ...]:
    from dome_spec.commands.contracts.failures import known_errors

    return known_errors()


def _told(error: Exception, console: "Console") -> int:
    from dome_spec.commands.contracts.failures import told

    return told(error, console)
