"""What the files of a control group say of its run. Pure: texts come in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GroupAccounts:
    """What all processes of a run did together."""

    user_cpu_us: int = 0
    system_cpu_us: int = 0
    memory_bytes_max: int = 0
    """Zero: not counted, as the next one."""
    processes_max: int = 0
    out_of_memory: bool = False
    """The kernel ended processes because the run needed more memory than it may have."""
    starts_refused: int = 0
    """So often the kernel refused another process or thread, because the run had as many as it may have."""


def accounts(
    *, cpu_stat: str, memory_peak: str = "", memory_events: str = "", pids_peak: str = "", pids_events: str = ""
) -> GroupAccounts:
    """Of the texts of a group's files; empty ones are of files that it does not have."""
    cpu, memory, pids = (pairs(text) for text in (cpu_stat, memory_events, pids_events))
    return GroupAccounts(
        user_cpu_us=cpu.get("user_usec", 0),
        system_cpu_us=cpu.get("system_usec", 0),
        memory_bytes_max=_number(memory_peak),
        processes_max=_number(pids_peak),
        out_of_memory=memory.get("oom_kill", 0) > 0,
        starts_refused=pids.get("max", 0),
    )


def pairs(text: str) -> dict[str, int]:
    """The lines `name number` of a file. Others are passed over."""
    found = {}
    for line in text.splitlines():
        name, _, number = line.partition(" ")
        if number.isdecimal():
            found[name] = int(number)
    return found


def _number(text: str) -> int:
    return int(text) if text.strip().isdecimal() else 0
