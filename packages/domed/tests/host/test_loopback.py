"""The door on loopback TCP, and the file in which clients find it."""

import fcntl
import os
import socket
import stat
from pathlib import Path

import pytest

from domed.config.loopback import LoopbackAddress
from domed.faults import StartError
from domed.host.loopback import FILE_NAME, loopback_door

ANY = LoopbackAddress("127.0.0.1", 0)


def is_locked(path: Path) -> bool:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def test_without_an_address_there_is_no_door_and_no_file_of_an_earlier_one(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("tcp://127.0.0.1:1\nold\n")
    with loopback_door(None, tmp_path) as door:
        assert door is None
        assert not (tmp_path / FILE_NAME).exists()
    with loopback_door(None, tmp_path / "none") as door:
        assert door is None
    assert not (tmp_path / "none").exists()


def test_address_and_token_are_in_a_file_that_the_user_alone_reads(tmp_path: Path) -> None:
    file = tmp_path / "loopback" / FILE_NAME
    before = os.umask(0)
    try:
        with loopback_door(ANY, file.parent) as door:
            assert door is not None
            assert not file.exists(), "nobody accepts yet"
            door.announce("secret")
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
            endpoint, token = file.read_text().splitlines()
            assert (endpoint, token) == (f"tcp://127.0.0.1:{door.address.port}", "secret")
            assert door.address.port > 0
            with socket.create_connection(("127.0.0.1", door.address.port), timeout=5):
                pass
            assert "secret" not in f"{door!r} {door}"
    finally:
        os.umask(before)
    assert not file.exists()


def test_the_file_is_locked_as_long_as_the_door_is_open(tmp_path: Path) -> None:
    with loopback_door(ANY, tmp_path / "loopback") as door:
        assert door is not None
        door.announce("secret")
        assert is_locked(door.file)
        os.link(door.file, tmp_path / "kept")
        door.withdraw()
        assert not door.file.exists()
        assert not is_locked(tmp_path / "kept")
        door.withdraw()


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with loopback_door(ANY, tmp_path / "a") as door:
        assert door is not None
        with pytest.raises(StartError, match="Address already in use"), loopback_door(door.address, tmp_path / "b"):
            pass


def test_a_directory_that_others_may_enter_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loopback").mkdir(mode=0o755)
    (tmp_path / "loopback").chmod(0o755)
    with pytest.raises(StartError, match="chmod 700"), loopback_door(ANY, tmp_path / "loopback"):
        pass


def test_both_families_of_addresses_work(tmp_path: Path) -> None:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError as error:
        pytest.skip(f"this machine has no IPv6 loopback, which its kernel would have to offer: {error}")
    with loopback_door(LoopbackAddress("::1", 0), tmp_path / "loopback") as door:
        assert door is not None
        door.announce("secret")
        assert door.file.read_text().startswith("tcp://[::1]:")
