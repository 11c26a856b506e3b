"""A launcher that waits for its order, and becomes the tool. Each carries out one; without one it ends with the daemon.

The order is one message: its words, and as descriptors standard input, output and error, the channel, the status and
a file with arguments and environment.
"""

import _socket
import os
import sys
from collections.abc import Sequence

from domed.launcher import kernel, namespaces, tool_start
from domed.launcher.order import Order, parse, program

WORDS_BYTES_MAX = 128 * 1024
"""As much as the daemon sends at most."""
CHANNEL = 3
"""The number that the channel has in every tool."""
_DESCRIPTORS = 6
_SERVER = 0
"""The socket of the server, in its copy."""


def wait(socket: _socket.socket, *, number: bytes) -> None:
    """Say who was born for the request, wait for the order and carry it out. Does not return."""
    try:
        _introduce(number)
        # It must not keep the socket of the server open.
        os.dup2(CHANNEL, 0)
        os.setsid()
        rehearse()
        _carry_out(*_taken(socket))
    finally:
        # What is told nowhere else is told with its place, on standard error.
        if sys.exc_info()[1] is not None:
            sys.excepthook(*sys.exc_info())
        os._exit(tool_start.FAILED)


def _introduce(number: bytes) -> None:
    try:
        os.write(_SERVER, b"born %b %d" % (number, os.getpid()))
    except BrokenPipeError:
        # The daemon has gone.
        os._exit(tool_start.FAILED)


def received(sent: Sequence[tuple[int, int, bytes]]) -> list[int]:
    """The descriptors that came with a message."""
    numbers = b"".join(data for level, kind, data in sent if (level, kind) == (_socket.SOL_SOCKET, _socket.SCM_RIGHTS))
    return list(memoryview(numbers[: len(numbers) // 4 * 4]).cast("i"))


def rehearse() -> None:
    """Take an order that has no effect. In a copy what is done for the first time takes ten times as long."""
    ours, theirs = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
    descriptor = os.memfd_create("rehearsal")
    os.write(descriptor, b"1\0/\0PATH=/")
    rights = b"".join(descriptor.to_bytes(4, sys.byteorder) for _ in range(_DESCRIPTORS))
    words = b"--view --read-only --landlock --no-network --limit-writes --write / --hide / --job A=B --directory /"
    ours.sendmsg([words.replace(b" ", b"\0")], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, rights)])
    taken, descriptors = _taken(theirs)
    order = _understood(taken, descriptors)
    _show(order)
    tool_start.rehearse(order)
    for each in (descriptor, *descriptors):
        os.close(each)
    ours.close()
    theirs.close()


def _taken(socket: _socket.socket) -> tuple[bytes, list[int]]:
    space = _socket.CMSG_SPACE(_DESCRIPTORS * 4)
    words, sent, _, _ = socket.recvmsg(WORDS_BYTES_MAX, space, _socket.MSG_CMSG_CLOEXEC)
    descriptors = received(sent)
    if len(descriptors) != _DESCRIPTORS:
        # The daemon has gone, or has no order any more.
        os._exit(tool_start.FAILED)
    return words, descriptors


def _understood(words: bytes, descriptors: Sequence[int]) -> Order:
    *_, status, start = descriptors
    order = parse([os.fsdecode(word) for word in words.split(b"\0")])
    argv, order.environment = program(os.pread(start, os.fstat(start).st_size, 0))
    order.status, order.argv = status, [os.fsdecode(each) for each in argv]
    return order


def _show(order: Order) -> None:
    """Let those who look for the processes of a run find this one."""
    name, _, value = order.job.partition("=")
    kernel.set_variable(name.encode(), value.encode())


def _carry_out(words: bytes, descriptors: Sequence[int]) -> None:
    order = _understood(words, descriptors)
    _show(order)
    for number, descriptor in enumerate(descriptors[: CHANNEL + 1]):
        os.dup2(descriptor, number)
    try:
        if order.view:
            namespaces.lay(read_only=order.read_only, write=order.write, hide=order.hide)
    except OSError as error:
        tool_start.fail(order.status, f"namespaces: {error}")
    try:
        os.chdir(order.directory)
    except OSError as error:
        os.write(order.status, f"directory {error.errno}\n".encode())
        os._exit(tool_start.FAILED)
    tool_start.become(order)
