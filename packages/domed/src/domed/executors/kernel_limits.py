"""What the kernel holds each process of a run to, in words for the launcher, and how it shows that it did. Pure."""

import math
import signal
from dataclasses import replace
from typing import Final

from domed.executors.confinement import Confined
from domed.executors.port import RunLimits

_NOT_HELD: Final = Confined(words=(), wrapper=(), environment={})


def limited(confined: Confined | None, limits: RunLimits) -> Confined | None:
    """How to start a run so that the kernel holds it to its limits, too. None where nothing is to be held."""
    words = _words(limits)
    if not words:
        return confined
    held = confined or _NOT_HELD
    return replace(held, words=(*held.words, *words))


def ended_for_cpu(limits: RunLimits, *, number: int | None, cpu_s: float) -> bool:
    """Whether a signal that the daemon did not send was the kernel's, for processor time.

    The polite one is sent for nothing else. The final one follows for a program that did not heed it, whose accounts
    then show that it had been sent.
    """
    if limits.cpu_s_max is None:
        return False
    return number == signal.SIGXCPU or (number == signal.SIGKILL and cpu_s >= limits.cpu_s_max)


def _words(limits: RunLimits) -> tuple[str, ...]:
    wanted = [
        ("AS", limits.memory_bytes_max, limits.memory_bytes_max),
        ("NOFILE", limits.open_files_max, limits.open_files_max),
        ("NPROC", limits.user_processes_max, limits.user_processes_max),
    ]
    if limits.cpu_s_max is not None:
        wanted.append(("CPU", limits.cpu_s_max, _cpu_hard_s(limits, limits.cpu_s_max)))
    return tuple(
        word for name, soft, hard in wanted if soft is not None for word in ("--limit", name, str(soft), str(hard))
    )


def _cpu_hard_s(limits: RunLimits, soft_s: int) -> int:
    """At the same number of seconds the kernel would send the final signal alone."""
    return soft_s + max(1, math.ceil(limits.grace_s))
