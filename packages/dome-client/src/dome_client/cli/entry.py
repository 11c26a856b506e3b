"""The console script: Ctrl-C ends the command without a word while it loads. Imports nothing before that is so."""

import signal


def main() -> int:
    """Load the command and run it. Returns its exit code."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from dome_client.cli.main import main as run_command

    return run_command()
