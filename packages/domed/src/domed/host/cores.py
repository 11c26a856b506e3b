"""Keeps crashes from leaving core files: what a program had in its memory, in whatever directory it ran."""

import resource


def no_core_files() -> None:
    """From here on a crash leaves none, of this process and of programs it starts that do not ask for one."""
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
