"""The `domed` command: reads command line and environment, runs the daemon, says in one message why it cannot."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Final

from domed import telemetry
from domed.app import serve
from domed.clock import SystemClock, SystemIds
from domed.config import Config, ConfigError
from domed.faults import StartError, StoreError
from domed.host.notify import Notify
from domed.rpc.identity import daemon_version

STOPPED: Final = 0
FAILED: Final = 1
USAGE: Final = 2
CANNOT_START: Final = 3

DESCRIPTION: Final = """\
Runs tools as durable jobs for one user of this machine, and tells what happened.
Clients reach it through a Unix socket; `dome` is one of them."""

EPILOG: Final = """\
exit codes:
  0  it was asked to stop, or nobody wanted anything for --idle-exit seconds
  1  it failed while it ran; the log says why
  2  the command line or the configuration is wrong
  3  it cannot start: another daemon has the state directory or the socket,
     a directory is not private, or the store cannot be opened

variables:
  DOMED_CONFIG, DOMED_SOCKET, DOMED_STATE_DIRECTORY, and XDG_CONFIG_HOME,
  XDG_STATE_HOME and XDG_RUNTIME_DIR for where these are by default

examples:
  domed                          as a service of the user would run it
  domed --idle-exit 600          on demand: ends after ten idle minutes
  domed --check-config           shows what holds, and where it came from"""

log = telemetry.Log("main")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. Returns its exit code."""
    options = _parser().parse_args(arguments)
    manager = Notify(os.environ.get("NOTIFY_SOCKET", ""))
    try:
        config = Config.from_env(
            os.environ,
            config_path=options.config,
            socket_path=options.socket,
            state_directory=options.state_directory,
            tcp=options.tcp,
            idle_exit_s=options.idle_exit,
        )
    except ConfigError as error:
        return _complain(manager, str(error), USAGE)
    if options.check_config:
        print("\n".join(_shown(config)))
        return STOPPED
    telemetry.configure(config.log_level, journal=config.log_to_journal, as_json=config.log_as_json)
    for warning in config.warnings:
        log.warning(warning)
    # Whatever the daemon was started from, it holds no directory busy and makes no file that others can read.
    os.umask(0o077)
    os.chdir("/")
    return _run(config, manager)


def _run(config: Config, manager: Notify) -> int:
    clock = SystemClock()
    try:
        asyncio.run(serve(config, clock=clock, ids=SystemIds(clock)))
    except StartError as error:
        return _complain(manager, str(error), CANNOT_START)
    except (StoreError, ExceptionGroup) as error:
        log.failure("the daemon failed and ends, so that nothing goes on without a record", error)
        return FAILED
    return STOPPED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="domed",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--socket", type=Path, metavar="PATH", help="listen here; its directory must be private")
    parser.add_argument("--state-directory", type=Path, metavar="PATH", help="keep jobs and events here")
    parser.add_argument("--config", type=Path, metavar="PATH", help="read this configuration, which must exist")
    parser.add_argument(
        "--tcp", metavar="ADDRESS", help="listen on 127.0.0.1:PORT or [::1]:PORT, too; port 0: any that is free"
    )
    parser.add_argument(
        "--idle-exit", type=_seconds, metavar="SECONDS", help="end after so long without jobs and calls"
    )
    parser.add_argument("--check-config", action="store_true", help="show the configuration that holds, and end")
    parser.add_argument("--version", action="version", version=f"domed {daemon_version()}")
    return parser


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError("must be more than zero")
    return seconds


def _shown(config: Config) -> list[str]:
    """Every setting and what it came to. Values of the programs' environment stay out: they may be secrets."""
    shown = {field.name: getattr(config, field.name) for field in fields(config)}
    shown["child_environment"] = " ".join(sorted(config.child_environment))
    shown["trusted_digests"] = f"{len(config.trusted_digests)}"
    return [f"{name} = {value}" for name, value in shown.items()]


def _complain(manager: Notify, message: str, code: int) -> int:
    manager.status(message)
    print(f"domed: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
