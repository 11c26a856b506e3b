"""The catalog on the command line, and the user's word on a tool: shown in full first, then asked for on a terminal."""

import sys
from typing import TYPE_CHECKING, Final

from dome_client.cli.render import approval, document, text
from dome_contracts.exit_codes import Exit

if TYPE_CHECKING:
    from dome_client.cli.session import Session
    from dome_client.client import Client
    from dome_contracts.runtime.v1 import ListToolsResponse

_QUESTION: Final = "May this tool run, as long as its digest stays the same? [yes/no] "
_NOBODY_ASKED: Final = (
    "dome: nobody can be asked here, for this is no terminal. Look at what is said above; with --yes it is approved."
)


async def catalog(dome: "Client", session: "Session", query: str, *, directory: str) -> int:
    """List what can be run, and what is left out with its reason."""
    return show_catalog(await dome.tools(query, working_directory=directory), session)


def show_catalog(listing: "ListToolsResponse", session: "Session") -> int:
    """The tools, and what is left out with its reason."""
    if session.as_json:
        for tool in listing.tools:
            session.record(document.document(tool))
        for problem in listing.problems:
            session.record({"problem": document.document(problem)})
        return Exit.OK
    session.text(text.tools(listing.tools))
    for problem in listing.problems:
        session.note(text.problem(problem))
    return Exit.OK


async def trust(dome: "Client", session: "Session", tool_id: str, digest: str, *, directory: str, unasked: bool) -> int:
    """Show the tool of this digest, ask, and record the approval. The daemon refuses another digest, unasked."""
    descriptor = await dome.tool(tool_id, working_directory=directory)
    summary = descriptor.summary
    if summary is not None and summary.tool_digest == digest and summary.trust.name != "TRUSTED":
        session.note(approval.subject(descriptor))
        if not unasked and not (sys.stdin.isatty() and session.on_terminal):
            session.note(_NOBODY_ASKED)
            return Exit.USAGE
        if not unasked and not _says_yes(session):
            session.note("Not approved.")
            return Exit.PRECONDITION
    trusted = await dome.trust(tool_id, digest, working_directory=directory)
    session.show(trusted, f"{tool_id} may run, as long as its digest is {digest}.")
    return Exit.OK


async def untrust(dome: "Client", session: "Session", tool_id: str, digest: str, *, directory: str) -> int:
    """Take approvals back, and say what still lets the tool run."""
    answer = await dome.untrust(tool_id, tool_digest=digest, working_directory=directory)
    if answer.tool is not None and answer.tool.trust.name == "TRUSTED":
        session.note(approval.still_trusted(answer.tool))
    if session.as_json:
        for each in answer.revoked:
            session.record(document.document(each))
    else:
        session.text(approval.table(answer.revoked) if answer.revoked else f"{tool_id} had no such approval here.")
    return Exit.OK


async def listing(dome: "Client", session: "Session") -> int:
    """List what was approved."""
    found = await dome.approvals()
    if session.as_json:
        for each in found:
            session.record(document.document(each))
    else:
        session.text(approval.table(found) if found else "No approvals.")
    return Exit.OK


def _says_yes(session: "Session") -> bool:
    session.error_data(_QUESTION.encode())
    return sys.stdin.readline().strip().lower() in {"yes", "y"}
