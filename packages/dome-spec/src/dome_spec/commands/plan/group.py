"""The group of verbs. Knows their names and nothing of what they do."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from dome_spec.commands.plan import check, map_reduce, new, resume, run, show, status
from dome_spec.commands.plan.door import SUMMARY
from dome_spec.commands.within_job import within_job

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from dome_spec.dispatch import RuntimePlane

_EPILOG: Final = """\
examples:
  dome plan new --from packet.yaml make a plan of a packet; `--example` prints one to begin with
  dome plan show                   the plans of this repository; with a hash, one of them and why it is so
  dome plan check packet.yaml      whether a packet, plan or pattern is what it must be
  dome plan run plan.json          carry a plan out, wave by wave
  dome plan resume run-...         go on with a run that was interrupted
  dome plan status                 the runs of this repository, and how far they are
  dome plan map-reduce FILE        one job for each item, then one value of what they found"""


def register(cli: "_SubParsersAction[ArgumentParser]", runtime: "Callable[[], Awaitable[RuntimePlane]]") -> None:
    """Add the group. Only what carries a plan out needs a daemon, and connects when it does."""
    group = cli.add_parser(
        "plan",
        help=SUMMARY,
        description=f"{SUMMARY}.",
        epilog=_EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    verbs = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in (new.add, show.add, check.add):
        add(verbs)
    connect = within_job(runtime)
    run.add(verbs, connect)
    resume.add(verbs, connect)
    status.add(verbs)
    map_reduce.add(verbs, connect)
