"""`dome completions SHELL`: what a shell needs to complete this command."""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_client.cli.session import Session, add_command
from dome_contracts.exit_codes import Exit

if TYPE_CHECKING:
    from dome_client.cli.session import Commands

_EXAMPLES: Final = """\
  dome completions bash > ~/.local/share/bash-completion/completions/dome
  dome completions zsh > "${fpath[1]}/_dome"
  dome completions fish > ~/.config/fish/completions/dome.fish
  source <(dome completions bash)      in this shell only

Commands and options are completed, ids of jobs and tools, fields of a tool's input, and names of artifacts. All but the
first two come from the daemon, where one runs; none is started for it."""
_SHELLS: Final = ("bash", "zsh", "fish")


def register(commands: "Commands") -> None:
    """Add the command."""
    parser = add_command(commands, "completions", examples=_EXAMPLES)
    parser.add_argument("shell", choices=_SHELLS)
    parser.set_defaults(shortly=completions)


def completions(arguments: Namespace, session: Session) -> int:
    """Print it."""
    from argcomplete.shell_integration import shellcode

    script = shellcode(["dome"], shell=arguments.shell).strip()
    if session.as_json:
        session.record({"shell": arguments.shell, "script": script})
    else:
        session.text(script)
    return Exit.OK
