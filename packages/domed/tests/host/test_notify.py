"""What a service manager hears."""

import socket
from pathlib import Path

import pytest

from domed.host.notify import Notify


def test_without_a_service_manager_nothing_happens() -> None:
    notify = Notify("")
    notify.ready("x")
    assert not notify.is_heard


@pytest.mark.parametrize("abstract", [False, True])
def test_the_states_of_a_life_are_told(tmp_path: Path, *, abstract: bool) -> None:
    name = f"@{tmp_path.name}-notify" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0" + name[1:] if abstract else name)
        manager.settimeout(5)
        notify = Notify(name)
        notify.starting("Opening", within_s=900)
        notify.ready("Listening")
        notify.watchdog()
        notify.stopping("Waiting", within_s=12.5)
        notify.extend(within_s=30)
        assert [manager.recv(1000) for _ in range(5)] == [
            b"STATUS=Opening\nEXTEND_TIMEOUT_USEC=900000000",
            b"READY=1\nSTATUS=Listening",
            b"WATCHDOG=1",
            b"STOPPING=1\nSTATUS=Waiting\nEXTEND_TIMEOUT_USEC=12500000",
            b"EXTEND_TIMEOUT_USEC=30000000",
        ]


def test_a_status_of_several_lines_cannot_pass_for_another_message(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(5)
        Notify(str(tmp_path / "notify")).status("a: wrong\nREADY=1")
        assert manager.recv(1000) == b"STATUS=a: wrong; READY=1"


def test_a_service_manager_that_is_gone_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Notify(str(tmp_path / "nobody")).ready("x")
    assert "service manager not reached" in caplog.text
