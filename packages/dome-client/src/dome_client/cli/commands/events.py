"""`dome events ID`: what happened in a job, event by event."""

from argparse import Namespace
from typing import TYPE_CHECKING

from dome_client.cli.session import Session, add_command
from dome_contracts.exit_codes import Exit

if TYPE_CHECKING:
    from dome_client.cli.session import Commands

_SEQ_MAX = 2**64 - 1
_EXAMPLES = """\
  dome events job-...                              what is recorded so far, a line for each seq
  dome events job-... --follow                     and what happens, until the job has ended
  dome events job-... --follow --since-seq 120     go on after the last seq that was seen
  dome events job-... --raw --stream stdout > log  the exact bytes of the program's output
  dome events job-... --json                       one object for each seq; bytes as `text`, or `data` in base64"""


def register(commands: "Commands") -> None:
    """Add the command."""
    parser = add_command(commands, "events", examples=_EXAMPLES)
    parser.add_argument("job_id", metavar="ID", help="id of the job")
    parser.add_argument("--follow", action="store_true", help="stay until the job has ended")
    parser.add_argument("--since-seq", metavar="N", type=int, default=0, help="only events after this one")
    parser.add_argument("--raw", action="store_true", help="only what the program wrote, as it wrote it")
    parser.add_argument("--stream", choices=("stdout", "stderr"), help="with --raw: only this stream")
    parser.set_defaults(command=events, parser=parser)


async def events(arguments: Namespace, session: Session) -> int:
    """Show the events."""
    from dome_client.cli.follow import follow, show_lines, show_raw, show_records

    if arguments.stream is not None and not arguments.raw:
        arguments.parser.error("--stream is for --raw")
    if arguments.raw and session.as_json:
        arguments.parser.error("--raw and --json exclude each other")
    if not 0 <= arguments.since_seq <= _SEQ_MAX:
        arguments.parser.error(f"--since-seq counts from 0 to {_SEQ_MAX}")
    show = show_raw(arguments.stream) if arguments.raw else show_records if session.as_json else show_lines
    async with session.connect() as dome:
        await follow(
            dome, arguments.job_id, session, show=show, since_seq=arguments.since_seq, to_the_end=arguments.follow
        )
    return Exit.OK
