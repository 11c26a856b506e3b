"""The group of verbs. Knows their names and nothing of what they do."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from dome_spec.commands.memory import (
    capsules,
    explain,
    export,
    health,
    ingest,
    priors,
    quarantine,
    rebuild,
    rekey,
    rollout,
    verify,
    views,
)
from dome_spec.commands.memory.door import SUMMARY

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from dome_spec.kernel import Runtime

ASKING: Final = (capsules.add, priors.add, explain.add, views.add, rollout.add, health.add)
"""What adds the verbs that ask, in the order of the help."""
KEEPING: Final = (verify.add, rebuild.add, export.add, rekey.add)
"""What adds the verbs that look after the memory."""
_EPILOG: Final = """\
examples:
  dome memory ingest wrappers.jsonl       take in documents, one a line; what is invalid is put aside
  dome memory ingest --runtime --follow   take in what the daemon runs, as it happens
  dome memory quarantine list             what was put aside, and why
  dome memory capsules                    what was learnt here
  dome memory explain CAPSULE             why a capsule is advice, or may be applied
  dome memory views recent-failures       what failed last

One memory belongs to one repository and all its worktrees. It lies in $XDG_STATE_HOME/dome/spec, for this user alone.
exit codes: 0 done; 1 something was put aside, or does not hold; 2 the command line is wrong; 65 a document or the store
cannot be read as one; 66 there is no such thing; 67 it is refused as things stand; 75 the store is in use; 130
interrupted, and what was committed stays"""


def register(cli: "_SubParsersAction[ArgumentParser]", runtime: "Callable[[], Awaitable[Runtime]]") -> None:
    """Add the group. It needs a daemon for `ingest --runtime` alone."""
    group = cli.add_parser(
        "memory",
        help=SUMMARY,
        description=f"{SUMMARY}. Only `ingest --runtime` needs a daemon.",
        epilog=_EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    verbs = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    ingest.add(verbs, runtime)
    quarantine.add(verbs)
    for add in (*ASKING, *KEEPING):
        add(verbs)
