"""`dome artifact ID NAME`: a file that a job produced."""

from argparse import Namespace
from typing import TYPE_CHECKING

from dome_client.cli.session import Session, add_command
from dome_contracts.exit_codes import Exit

if TYPE_CHECKING:
    from dome_client.cli.session import Commands

_EXAMPLES = """\
  dome artifact job-... report.xml                      its bytes, to standard output
  dome artifact job-... report.xml --output report.xml  to a file, which appears when it is whole
  dome artifact job-... report.xml --output . --force   into a directory, in place of what is there

`dome job ID` lists what a job produced. The digest of the bytes is checked: a file with others is never written, and
what came to standard output counts only with the exit code 0. Retention removes artifacts with the output of their job:
then the answer is ARTIFACT_GONE."""


def register(commands: "Commands") -> None:
    """Add the command."""
    parser = add_command(commands, "artifact", examples=_EXAMPLES)
    parser.add_argument("job_id", metavar="ID", help="id of the job")
    parser.add_argument("name", metavar="NAME", help="name of the artifact")
    parser.add_argument("--output", metavar="FILE|-", default="-", help="where to write it (default: -)")
    parser.add_argument("--force", action="store_true", help="replace the file where there is one")
    parser.set_defaults(command=artifact, parser=parser)


async def artifact(arguments: Namespace, session: Session) -> int:
    """Write the bytes; with a file, also say what was written."""
    from dome_client.cli.download import FileUnwritable, artifact_of, write_file, write_out

    if arguments.output == "-" and (session.as_json or arguments.force):
        arguments.parser.error("--json and --force are for --output FILE")
    if not arguments.output:
        arguments.parser.error("--output is empty: name a file, or - for standard output")
    async with session.connect() as dome:
        found = await artifact_of(dome, arguments.job_id, arguments.name)
        if arguments.output == "-":
            await write_out(dome, found, session)
            return Exit.OK
        try:
            path = await write_file(dome, found, arguments.output, replaces=arguments.force)
        except FileUnwritable as error:
            session.note(f"dome: {error}")
            return Exit.OUTPUT_LOST
    session.show(found, f"{path}  {found.size_bytes} bytes  {found.digest}")
    return Exit.OK
