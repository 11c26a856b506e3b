"""What the kernel holds a run and its processes to, in words for the launcher, and how it shows that it did. Pure."""

import math
import signal
from dataclasses import replace
from typing import Final

from dome_contracts.runtime.v1 import ResourceUsage
from domed.executors.cgroup_accounts import GroupAccounts
from domed.executors.confinement import UNHELD, Confined
from domed.executors.port import CpuLimitReached, End, Exited, MemoryLimitReached, ProcessLimitReached, RunLimits

_EXACT_SHARE_MIN: Final = 0.5
"""For the limit the kernel counts the ticks at which a process runs, for the accounts the time that it really had.

The two differ by what a virtual machine's host and interrupts took from it meanwhile, a quarter and more.
"""


def limited(confined: Confined | None, limits: RunLimits) -> Confined | None:
    """How to start a run so that the kernel holds it to its limits, too. None where nothing is to be held."""
    words = _words(limits)
    if not words:
        return confined
    held = confined or UNHELD
    return replace(held, words=(*held.words, *words))


def explained(
    end: Exited, limits: RunLimits, *, usage: ResourceUsage, together: GroupAccounts | None, has_reason: bool
) -> End:
    """The end, by the limit that it came from, where it came from one.

    `usage`: of the program and what it waited for. `together`: of the run, where it was counted. `has_reason`: the
    tool stated why it failed; it may have gone on after another process was refused, so its word counts.
    """
    if together is not None and together.out_of_memory:
        return MemoryLimitReached(end.exit_code, end.signal)
    if _ended_for_cpu(limits, number=end.signal, usage=usage):
        return CpuLimitReached(end.exit_code, end.signal)
    if together is not None and together.starts_refused and end.exit_code != 0 and not has_reason:
        return ProcessLimitReached(end.exit_code, end.signal)
    return end


def _ended_for_cpu(limits: RunLimits, *, number: int | None, usage: ResourceUsage) -> bool:
    """Whether a signal that the daemon did not send was the kernel's, for processor time.

    The polite one is sent for nothing else. The final one follows for a program that did not heed it, whose accounts
    then show that it had been sent.
    """
    if limits.cpu_s_max is None:
        return False
    cpu_s = (usage.user_cpu_us + usage.system_cpu_us) / 1_000_000
    return number == signal.SIGXCPU or (number == signal.SIGKILL and cpu_s >= _EXACT_SHARE_MIN * limits.cpu_s_max)


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
