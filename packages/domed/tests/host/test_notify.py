"""What a service manager hears."""

import socket
from pathlib import Path

import pytest

from domed.host.notify import Notify


def test_without_a_service_manager_nothing_happens() -> None:
    Notify("").ready("x")


@pytest.mark.parametrize("abstract", [False, True])
def test_the_states_of_a_life_are_told(tmp_path: Path, *, abstract: bool) -> None:
    name = f"@{tmp_path.name}-notify" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0" + name[1:] if abstract else name)
        manager.settimeout(5)
        notify = Notify(name)
        notify.ready("Listening")
        notify.stopping("Waiting", within_s=12.5)
        assert [manager.recv(1000) for _ in range(2)] == [
            b"READY=1\nSTATUS=Listening",
            b"STOPPING=1\nEXTEND_TIMEOUT_USEC=12500000\nSTATUS=Waiting",
        ]


def test_a_service_manager_that_is_gone_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Notify(str(tmp_path / "nobody")).ready("x")
    assert "service manager not reached" in caplog.text
