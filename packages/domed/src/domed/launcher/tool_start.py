"""Carries out one order in the process that is to be the tool: gives up, says so, becomes it. Never half held.

On the descriptor for the status go lines: `failed TEXT`, or `held`, then `exec ERRNO` where the tool could not be
started, or `ended STATUS` where this process waits for it. The descriptor does not reach the tool.
"""

import os
import resource
from collections.abc import Sequence

from domed.launcher import kernel, laid, landlock, namespaces, programs
from domed.launcher.order import Order

FAILED = 125
NOT_STARTED = 126
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_ENDLESS = 1 << 62


def become(order: Order) -> None:
    """Give up and become the tool, in the namespaces that this process is in. Does not return."""
    try:
        if order.group >= 0:
            _enter(order.group)
    except OSError as error:
        fail(order.status, f"control group: {error}")
    try:
        laid.check(order.laid)
    except OSError as error:
        fail(order.status, f"writable places: {error}")
    try:
        if order.gives_up():
            kernel.no_new_privileges()
        if order.landlock:
            landlock.hold(_rules(order))
    except OSError as error:
        fail(order.status, f"landlock: {error}")
    kernel.usual_signals()
    try:
        _limit(order.limits)
    except (OSError, ValueError, AttributeError) as error:
        fail(order.status, f"limits: {error}")
    os.write(order.status, b"held\n")
    os.write(order.status, b"exec %d\n" % _exec(order))
    os._exit(NOT_STARTED)


def rehearse(order: Order) -> None:
    """Do what can be done without effect, so that nothing of it is done for the first time when it counts."""
    if kernel.landlock_abi():
        os.close(_rules(order))
    kernel.usual_signals()
    _limit(())
    _exec(order)


def stay(order: Order) -> None:
    """Start the tool from a copy of this process, wait for it and say how it ended. Does not return."""
    child = os.fork()
    if child == 0:
        become(order)
    # This process holds signals back, which are the tool's. Those that came before it was there, it did not hear.
    for number in _held_back():
        os.kill(child, number)
    _, status = os.waitpid(child, 0)
    os.write(order.status, f"ended {status}\n".encode())
    os._exit(0)


def _held_back() -> list[int]:
    """The signals that came to this process and wait."""
    with open("/proc/self/status", encoding="ascii", errors="replace") as status:
        waiting = next((int(line.split()[1], 16) for line in status if line.startswith("ShdPnd:")), 0)
    return [number for number in range(1, 65) if waiting >> number - 1 & 1]


def fail(status: int, message: str) -> None:
    """Say why the tool cannot be held, and end."""
    os.write(status, f"failed {message}\n".encode("utf-8", "replace"))
    os._exit(FAILED)


def _exec(order: Order) -> int:
    """Become the tool. The error's number where that cannot be."""
    try:
        os.execvpe(order.argv[0], order.argv, order.environment)
    except (OSError, ValueError, MemoryError) as error:
        return (error.errno or 0) if isinstance(error, OSError) else 0


def _enter(group: int) -> None:
    """Enter the control group, and close the descriptor: it is not the tool's."""
    members = os.open("cgroup.procs", os.O_WRONLY | os.O_CLOEXEC, dir_fd=group)
    os.close(group)
    os.write(members, b"0")
    os.close(members)


def _limit(limits: Sequence[tuple[str, int, int]]) -> None:
    """Lower what the kernel allows this process and what it starts. What is lower already stays."""
    for name, soft, hard in limits:
        number = getattr(resource, f"RLIMIT_{name}")
        soft_before, hard_before = (_ENDLESS if each < 0 else each for each in resource.getrlimit(number))
        resource.setrlimit(number, (min(soft, soft_before), min(hard, hard_before)))


def _rules(order: Order) -> int:
    write = landlock.write_rights(kernel.landlock_abi()) if order.limit_writes else 0
    read = landlock.READ if order.read else 0
    execute = landlock.EXECUTE if order.only_program else 0
    allowed = [(path, write | read) for path in (*order.write, namespaces.SHARED_MEMORY)] if write else []
    if not order.read_only and not order.wait:
        # The shared memory is everybody's: it is a place of its own only in a view of its own.
        allowed = [(path, access) for path, access in allowed if path != namespaces.SHARED_MEMORY]
    allowed += [(f"/dev/{name}", landlock.WRITE_FILE | landlock.TRUNCATE | landlock.READ) for name in _DEVICES]
    allowed += [(path, landlock.READ) for path in order.read]
    if read or execute:
        search_path = os.fsdecode(order.environment.get(b"PATH", b""))
        allowed += [(path, landlock.READ | landlock.EXECUTE) for path in programs.needed(order.argv, search_path)]
    return landlock.rules(
        handled=write | read | execute, allowed=allowed, real=order.write, no_network=order.no_network
    )
