"""Who listens at a Unix socket: a client says nothing to a process of another user."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dome_client import connect
from dome_client.errors import ListenerForeign
from dome_client.lean.call import ask
from dome_client.listener import listener_of, refuse_foreign

OTHER_UID = 4242
_LISTENS = """
import socket, sys
listening = socket.socket(socket.AF_UNIX)
listening.bind(sys.argv[1])
listening.listen()
print("ready", flush=True)
heard = b""
while True:
    connection, _ = listening.accept()
    connection.settimeout(2)
    try:
        while data := connection.recv(65536):
            heard += data
    except OSError:
        pass
    print(b"GetJobStatus" in heard or b"SkillExecute" in heard or b"ListCapabilities" in heard, flush=True)
"""

needs_root = pytest.mark.skipif(
    os.getuid() != 0, reason="only root can listen as somebody else: run the tests as root in a container"
)


@contextmanager
def _stranger(folder: Path) -> Iterator[tuple[Path, "subprocess.Popen[str]"]]:
    """A process of another user that listens."""
    folder.chmod(0o777)
    path = folder / "domed.sock"
    with subprocess.Popen(
        [sys.executable, "-c", _LISTENS, str(path)], stdout=subprocess.PIPE, text=True, user=OTHER_UID, group=OTHER_UID
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            path.chmod(0o777)
            yield path, process
        finally:
            process.kill()


def test_the_kernel_names_who_listens(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as listening, socket.socket(socket.AF_UNIX) as connected:
        listening.bind(str(path))
        listening.listen()
        connected.connect(str(path))
        found = listener_of(connected)
        assert found is None or found == (os.getpid(), os.geteuid())
        refuse_foreign(connected, str(path))


@needs_root
async def test_a_client_asks_nothing_of_a_process_of_another_user(short_directory: Path) -> None:
    with _stranger(short_directory) as (path, process):
        environ = {"HOME": str(short_directory)}
        async with connect(str(path), environ=environ, start_on_demand=False) as dome:
            with pytest.raises(ListenerForeign, match=str(OTHER_UID)) as refused:
                await dome.status("job-1")
        assert "0700" in refused.value.remedy
        assert process.stdout is not None
        assert await asyncio.to_thread(process.stdout.readline) == "False\n"


@needs_root
def test_the_short_way_asks_nothing_either(short_directory: Path) -> None:
    with _stranger(short_directory) as (path, process):
        with pytest.raises(ListenerForeign):
            ask(str(path), "ListCapabilities", b"")
        assert process.stdout is not None
        assert process.stdout.readline() == "False\n"
