"""What is said of a daemon whose endpoint this process may not connect to, as in a sandbox."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from dome_client.doctor import daemon
from dome_client.doctor.finding import Verdict
from dome_client.doctor.scene import Scene
from dome_client.endpoint import Endpoint
from dome_client.errors import DaemonUnreachable
from dome_client.service import check_open

SANDBOX = {"CODEX_SANDBOX_NETWORK_DISABLED": "1"}
SOMEBODY_ELSE = 4242


@pytest.fixture
def barred(short_directory: Path) -> Iterator[Endpoint]:
    """A daemon's socket, which this process may not open."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(short_directory / "s"))
        listener.listen()
        short_directory.chmod(0)
        before = os.geteuid()
        if before == 0:  # whom no mode keeps out
            os.seteuid(SOMEBODY_ELSE)
        try:
            yield Endpoint(str(short_directory / "s"), source="a test", explicit=True)
        finally:
            os.seteuid(before)
            short_directory.chmod(0o700)


def test_the_sandbox_of_codex_is_named_before_anything_is_started_or_stopped(barred: Endpoint) -> None:
    with pytest.raises(DaemonUnreachable, match="codex sandbox") as caught:
        check_open(barred, SANDBOX)
    assert "dome mcp install codex" in caught.value.remedy
    with pytest.raises(DaemonUnreachable, match="may not be opened"):
        check_open(barred, {})


def test_where_nobody_listens_there_is_nothing_to_forbid(short_directory: Path) -> None:
    check_open(Endpoint(str(short_directory / "none"), source="a test", explicit=True), SANDBOX)


def test_the_doctor_does_not_say_that_none_runs(barred: Endpoint) -> None:
    [found] = daemon.absent(Scene(SANDBOX, Path("/"), 0.0, barred, Path("/")))
    assert (found.verdict, "cannot be told" in found.what) == (Verdict.WARNING, True)
