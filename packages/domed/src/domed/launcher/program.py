"""Carries out one order: gives up, says so, becomes the tool. Or says why not: a tool never starts half held.

On the descriptor for the status go lines: `failed TEXT`, or `held`, then `exec ERRNO` where the tool could not be
started, or `ended STATUS` where this process waits for it. The descriptor does not reach the tool.
"""

import os
import sys
from collections.abc import Mapping, Sequence

from domed.launcher import kernel, landlock, namespaces, programs
from domed.launcher.order import NotAnOrder, Order, parse

FAILED = 125
NOT_STARTED = 126
PROBE = "probe"
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_ENDLESS = 1 << 62
_YAMA = "/proc/sys/kernel/yama/ptrace_scope"


def main(words: Sequence[str]) -> None:
    """Carry out the order that the words are, or say what this kernel has."""
    if list(words) == [PROBE]:
        print(kernel.landlock_abi(), _yama_scope())
        return
    try:
        order = parse(words)
    except NotAnOrder as error:
        sys.exit(f"domed launcher: {error}")
    os.set_inheritable(order.status, False)
    environment = _environment()
    try:
        if order.new_network or order.read_only or order.hide:
            namespaces.enter(
                new_network=order.new_network, read_only=order.read_only, write=order.write, hide=order.hide
            )
    except OSError as error:
        _fail(order, f"namespaces: {error}")
    if order.wait:
        # Bubblewrap sets it, whoever asked for it or not.
        environment.pop(b"PWD", None)
        _stay(order, environment)
    _become(order, environment)


def _become(order: Order, environment: Mapping[bytes, bytes]) -> None:
    search_path = os.fsdecode(environment.get(b"PATH", b""))
    try:
        if order.landlock:
            _restrict(order, programs.needed(order.argv, search_path))
        elif order.gives_up():
            kernel.no_new_privileges()
    except OSError as error:
        _fail(order, f"landlock: {error}")
    kernel.usual_signals()
    try:
        _limit(order.limits)
    except (OSError, ValueError) as error:
        _fail(order, f"limits: {error}")
    os.write(order.status, b"held\n")
    try:
        os.execvpe(order.argv[0], order.argv, environment)
    except (OSError, ValueError, MemoryError) as error:
        number = error.errno if isinstance(error, OSError) else 0
        os.write(order.status, f"exec {number}\n".encode())
    os._exit(NOT_STARTED)


def _limit(limits: Sequence[tuple[str, int, int]]) -> None:
    """Lower what the kernel allows this process and what it starts. What is lower already stays."""
    if not limits:
        return
    import resource  # only here: most orders have none

    for name, soft, hard in limits:
        number = getattr(resource, f"RLIMIT_{name}")
        soft_before, hard_before = (_ENDLESS if each < 0 else each for each in resource.getrlimit(number))
        resource.setrlimit(number, (min(soft, soft_before), min(hard, hard_before)))


def _stay(order: Order, environment: Mapping[bytes, bytes]) -> None:
    """Start the tool from a copy of this process, wait for it and say how it ended."""
    child = os.fork()
    if child == 0:
        _become(order, environment)
    _, status = os.waitpid(child, 0)
    os.write(order.status, f"ended {status}\n".encode())
    os._exit(0)


def _restrict(order: Order, own: Sequence[str]) -> None:
    write = landlock.write_rights(kernel.landlock_abi()) if order.limit_writes else 0
    read = landlock.READ if order.read else 0
    execute = landlock.EXECUTE if order.only_program else 0
    allowed = [(path, write | read) for path in (*order.write, namespaces.SHARED_MEMORY)] if write else []
    if not order.read_only and not order.wait:
        # The shared memory is everybody's: it is a place of its own only in a view of its own.
        allowed = [(path, access) for path, access in allowed if path != namespaces.SHARED_MEMORY]
    allowed += [(f"/dev/{name}", landlock.WRITE_FILE | landlock.TRUNCATE | landlock.READ) for name in _DEVICES]
    allowed += [(path, landlock.READ) for path in (*order.read, *own)]
    allowed += [(path, landlock.EXECUTE) for path in own]
    landlock.restrict(handled=write | read | execute, allowed=allowed, no_network=order.no_network)


def _fail(order: Order, message: str) -> None:
    os.write(order.status, f"failed {message}\n".encode("utf-8", "replace"))
    os._exit(FAILED)


def _environment() -> dict[bytes, bytes]:
    """The environment as it was given: Python may have added a locale to its own."""
    with open("/proc/self/environ", "rb") as given:
        entries = given.read().split(b"\0")
    return {name: value for name, found, value in (entry.partition(b"=") for entry in entries) if found and name}


def _yama_scope() -> int:
    try:
        with open(_YAMA, encoding="ascii") as scope:
            return int(scope.read())
    except (OSError, ValueError):
        return 0
