"""`dome provenance ID`: where, with what and from what a job ran."""

from argparse import Namespace
from typing import TYPE_CHECKING

from dome_client.cli.session import Session, add_command
from dome_contracts.exit_codes import Exit

if TYPE_CHECKING:
    from dome_client.cli.session import Commands

_EXAMPLES = """\
  dome provenance job-...                        commit, versions, digests, environment
  dome provenance job-... --format manifest      a document of the family runtime/run_manifest
  dome provenance job-... --format in-toto       a Statement of in-toto with the predicate SLSA Provenance v1, unsigned

Every job that has ended has a record, also one that was cancelled or refused before its program was started.

exit codes: 0 the record was shown, 66 no such job, 67 it has not started, or has not ended and a document asks for its
end."""


def register(commands: "Commands") -> None:
    """Add the command."""
    parser = add_command(commands, "provenance", examples=_EXAMPLES)
    parser.add_argument("job_id", metavar="ID", help="id of the job")
    parser.add_argument("--format", choices=("text", "json", "manifest", "in-toto"), default=None, help="default: text")
    parser.set_defaults(command=provenance)


async def provenance(arguments: Namespace, session: Session) -> int:
    """Show the record."""
    from dome_client.cli.record import record_of
    from dome_client.cli.render import document, manifest, statement, text

    form = arguments.format or ("json" if session.as_json else "text")
    async with session.connect() as dome:
        record = await record_of(dome, arguments.job_id, ended=form in ("manifest", "in-toto"))
    if form == "json":
        session.record(document.document(record.provenance))
    elif form == "manifest":
        session.record(manifest.run_manifest(record.job, record.provenance, chain_head=record.chain_head))
    elif form == "in-toto":
        session.data(statement.in_toto(record.job, record.provenance, chain_head=record.chain_head))
    else:
        session.text(text.provenance(record.provenance))
    return Exit.OK
