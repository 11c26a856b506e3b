"""`dome service`: the daemon itself."""

from argparse import Namespace
from typing import TYPE_CHECKING

from dome_client.cli.session import Session, add_command
from dome_contracts.exit_codes import Exit

if TYPE_CHECKING:
    from dome_client.cli.session import Commands

_EXAMPLES = """\
  dome service status       whether the daemon runs, where and which
  dome service start        start it; nothing happens where it runs
  dome service stop         stop it; running jobs are given time to end
  dome service restart      one after the other
  dome service install      have systemd start it when it is needed, from every login
  dome service install --dry-run     show the files of that, and write nothing
  dome service uninstall    take that back; jobs and events are kept"""


def register(commands: "Commands") -> None:
    """Add the command."""
    parser = add_command(commands, "service", examples=_EXAMPLES)
    parser.add_argument("action", choices=("start", "stop", "restart", "status", "install", "uninstall"))
    parser.add_argument("--dry-run", action="store_true", help="with install: show the files, and write nothing")
    parser.set_defaults(command=service)


async def service(arguments: Namespace, session: Session) -> int:
    """Do it, and say how the daemon stands."""
    from dome_client.service import check_open, check_startable, ensure_running, stop

    if arguments.dry_run and arguments.action != "install":
        session.note("dome: --dry-run is for install only.")
        return Exit.USAGE
    if arguments.action in ("install", "uninstall"):
        return await _installation(arguments, session)
    endpoint = session.endpoint()
    check_open(endpoint, session.environ)
    if arguments.action in ("start", "restart"):
        check_startable(endpoint)
    if arguments.action in ("stop", "restart"):
        ran = await stop(endpoint, session.environ)
        session.note("Stopped." if ran else f"No daemon ran at {endpoint}.")
    if arguments.action == "stop":
        return Exit.OK
    if arguments.action in ("start", "restart"):
        await ensure_running(endpoint, session.environ)
    return await _status(session)


async def _installation(arguments: Namespace, session: Session) -> int:
    from dome_client.cli.render import installation
    from dome_client.service import install, planned_files, uninstall

    if arguments.dry_run:
        for file in planned_files(session.environ):
            if session.as_json:
                session.record(installation.file_document(file))
            else:
                session.text(installation.file_text(file))
        return Exit.OK
    async with session.connect_as_is() as dome:
        if arguments.action == "install":
            done = await install(dome, session.environ)
        else:
            done = await uninstall(dome.endpoint, session.environ)
    if session.as_json:
        session.record(installation.document(done))
    else:
        session.text(installation.text(done))
    return Exit.OK


async def _status(session: Session) -> int:
    from dome_client.cli.render import check
    from dome_client.service import daemon_status

    async with session.connect_as_is() as dome:
        status = await daemon_status(dome, session.environ)
    if session.as_json:
        session.record(check.status_document(status))
    else:
        session.text(check.status_text(status))
    return Exit.OK if status.running else Exit.UNAVAILABLE
