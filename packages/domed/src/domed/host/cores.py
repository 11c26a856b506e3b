"""What a crash leaves: no core file, which would be what the program had in memory, but a word on where it was."""

import faulthandler
import resource
import sys


def no_core_files() -> None:
    """From here on a crash leaves none, of this process and of programs it starts that do not ask for one."""
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))


def tell_where_it_crashed() -> None:
    """A crash, and an abort by a service manager whose watchdog starved, writes where each thread was to the log."""
    faulthandler.enable(sys.stderr, all_threads=True)
