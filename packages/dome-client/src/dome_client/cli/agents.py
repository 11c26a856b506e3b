"""Dome's entry in the configuration of agents: shown, or written and then said what to do."""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_client.cli.render.words import printable
from dome_contracts.exit_codes import Exit

if TYPE_CHECKING:
    from dome_client.cli.session import Session
    from dome_client.mcp.agent_files import Change

_NEXT: Final = {
    "codex": "Sessions of codex that begin from here on have it: `codex mcp get dome` shows the entry.",
    "claude": "Start claude anew; `claude mcp list` shows whether it connects.",
    "gemini": "Start gemini anew; `gemini mcp list` shows whether it connects.",
}


def install(arguments: Namespace, session: "Session") -> int:
    """Write what is missing, or show it. Raises NotInstalled."""
    from dome_client.mcp.agent_files import write
    from dome_client.mcp.agents import entry, plan

    wanted = entry(exposed=arguments.expose, endpoint=session.named_endpoint)
    changes = plan(arguments.agent, wanted, session.environ, skill=arguments.skill)
    backups = [] if arguments.dry_run else write(changes)
    for change in changes:
        _tell(change, session, written=not arguments.dry_run)
    for path in backups:
        session.note(f"What was there before is in {printable(str(path))}.")
    if not arguments.dry_run:
        session.note(_NEXT[arguments.agent])
    if not arguments.skill:
        session.note(f"A text that teaches the agent when to use Dome: `dome mcp install {arguments.agent} --skill`.")
    return Exit.OK


def _tell(change: "Change", session: "Session", *, written: bool) -> None:
    path = str(change.path)
    if session.as_json:
        what = "none" if not change.needed else "create" if change.before is None else "update"
        session.record({"path": path, "change": what, "written": written and change.needed})
    elif not change.needed:
        session.text(f"{printable(path)} is as it should be.")
    elif written:
        session.text(f"Wrote {printable(path)}.")
    else:
        session.text("\n".join(printable(line) for line in change.difference().splitlines()))
