"""Who is at the other end."""

import os
import socket

from domed.rpc.peer import Peer, credentials


def test_the_kernel_names_user_and_process() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert credentials(ours) == Peer(uid=os.getuid(), pid=os.getpid())
