"""Makes launchers for the daemon: copies of this process that are the daemon's children and wait for one order each.

It is loaded once, so that a run need not wait for Python; and it hears of no order, so that it holds nothing of one.
To each request (`NUMBER KIND`, and a descriptor where the copy is to be born in a control group) it answers `NUMBER
PID` with the daemon's end of the copy's socket, or `NUMBER PID failed TEXT`. The copy itself says `born NUMBER PID`
before, so that the daemon can bury it where this process was killed before it answered. It ends with the daemon.
"""

import _socket
import gc
import os
import sys

from domed.launcher import kernel, namespaces, waiting
from domed.launcher.waiting import CHANNEL

PLAIN, VIEW, VIEW_WITHOUT_NETWORK = "plain", "view", "view-without-network"
"""Kinds: of the daemon's own namespaces, in a user namespace of its own, and in an empty network beside."""
_NAMESPACES = {
    PLAIN: 0,
    VIEW: kernel.CLONE_NEWUSER,
    VIEW_WITHOUT_NETWORK: kernel.CLONE_NEWUSER | kernel.CLONE_NEWNET,
}
_REQUEST_BYTES_MAX = 64
_SOCKET = 0
_YAMA = "/proc/sys/kernel/yama/ptrace_scope"


def serve() -> None:
    """Take requests until the daemon has gone."""
    # A number that every tool has otherwise: what comes over a socket gets higher ones.
    os.dup2(1, CHANNEL, inheritable=False)
    socket = _socket.socket(fileno=_SOCKET)
    socket.send(b"hello %d %d" % (kernel.landlock_abi(), _yama_scope()))
    ids = namespaces.Ids()
    waiting.rehearse()
    # A copy that collected garbage would first have to copy it.
    gc.collect()
    gc.freeze()
    gc.disable()
    while True:
        try:
            words, sent, _, _ = socket.recvmsg(_REQUEST_BYTES_MAX, _socket.CMSG_SPACE(4), _socket.MSG_CMSG_CLOEXEC)
        except ConnectionResetError:
            return
        if not words:
            return
        descriptors = waiting.received(sent)
        number, _, kind = words.decode("ascii", "replace").partition(" ")
        try:
            group = descriptors[0] if descriptors else None
            _answer(socket, number, _NAMESPACES[kind], ids=ids, group=group)
        except (OSError, KeyError) as error:
            socket.send(f"{number} 0 failed {error}".encode("utf-8", "replace"))
        for descriptor in descriptors:
            os.close(descriptor)


def _answer(socket: _socket.socket, number: str, flags: int, *, ids: namespaces.Ids, group: int | None) -> None:
    theirs, ours = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
    try:
        pid = kernel.sibling(flags, group=group)
        if pid == 0:
            theirs.close()
            waiting.wait(ours, number=number.encode("ascii"))
        try:
            if flags:
                ids.give(pid)
        except OSError as error:
            # Nobody will have an order for it: it ends, and is the daemon's to bury.
            socket.send(f"{number} {pid} failed {error}".encode("utf-8", "replace"))
            return
        rights = theirs.fileno().to_bytes(4, sys.byteorder)
        socket.sendmsg([f"{number} {pid}".encode()], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, rights)])
    finally:
        theirs.close()
        ours.close()


def _yama_scope() -> int:
    try:
        with open(_YAMA, encoding="ascii") as scope:
            return int(scope.read())
    except (OSError, ValueError):
        return 0
