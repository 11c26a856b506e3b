"""When the announcement of a door on loopback TCP is believed."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dome_client.endpoint import resolve
from dome_client.errors import EndpointInvalid
from dome_client.loopback import check_address, read_announcement, split_address

TEXT = "tcp://127.0.0.1:7000\nabc123\n"


@contextmanager
def an_announcement(file: Path, text: str = TEXT, *, mode: int = 0o600) -> Iterator[Path]:
    """As a daemon has it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(mode)
    with file.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield file


def test_address_and_token_are_read(tmp_path: Path) -> None:
    with an_announcement(tmp_path / "endpoint") as file:
        found = read_announcement(file)
    assert found is not None
    assert (found.endpoint, found.token) == ("tcp://127.0.0.1:7000", "abc123")
    assert "abc123" not in repr(found)


def test_one_that_no_daemon_holds_counts_for_nothing(tmp_path: Path) -> None:
    with an_announcement(tmp_path / "endpoint") as file:
        pass
    assert read_announcement(file) is None
    assert read_announcement(tmp_path / "none") is None


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_one_that_others_reach_is_refused(tmp_path: Path, mode: int) -> None:
    with an_announcement(tmp_path / "endpoint", mode=mode) as file, pytest.raises(EndpointInvalid, match=f"{mode:04o}"):
        read_announcement(file)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away: run the tests as root in a container")
def test_one_of_another_user_is_refused(tmp_path: Path) -> None:
    with an_announcement(tmp_path / "endpoint") as file:
        os.chown(file, 4242, 4242)
        with pytest.raises(EndpointInvalid, match="belongs to the user 4242"):
            read_announcement(file)


def test_a_link_a_directory_and_a_pipe_are_refused(tmp_path: Path) -> None:
    with an_announcement(tmp_path / "elsewhere") as file:
        (tmp_path / "link").symlink_to(file)
        (tmp_path / "directory").mkdir(mode=0o700)
        os.mkfifo(tmp_path / "pipe", 0o600)
        for name in ("link", "directory", "pipe"):
            with pytest.raises(EndpointInvalid):
                read_announcement(tmp_path / name)


@pytest.mark.parametrize("text", ["", "tcp://127.0.0.1:7000\n", "tcp://192.0.2.1:1\nabc\n", "tcp://127.0.0.1:1\na b\n"])
def test_one_that_makes_no_sense_is_refused(tmp_path: Path, text: str) -> None:
    with an_announcement(tmp_path / "endpoint", text) as file, pytest.raises(EndpointInvalid):
        read_announcement(file)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("tcp://127.0.0.1:7000", ("127.0.0.1", 7000)),
        ("tcp:127.0.0.1:7000", ("127.0.0.1", 7000)),
        ("tcp://[::1]:65535", ("::1", 65535)),
    ],
)
def test_an_address_on_this_machine_is_taken(text: str, address: tuple[str, int]) -> None:
    assert split_address(check_address(text, "a test")) == address


@pytest.mark.parametrize(
    "text",
    ["tcp://localhost:1", "tcp://0.0.0.0:1", "tcp://[::]:1", "tcp://127.0.0.1", "tcp://127.0.0.1:0", "tcp://127.0.0.1:65536",
     "tcp://127.0.0.2:1", "tcp://127.0.0.1:1/x", "tcp://user@127.0.0.1:1"],
)  # fmt: skip
def test_an_address_beyond_this_machine_is_refused(text: str) -> None:
    with pytest.raises(EndpointInvalid, match="this machine only"):
        resolve(text, {})


def test_the_announced_door_is_taken_where_there_is_no_socket(tmp_path: Path) -> None:
    environ = {"XDG_RUNTIME_DIR": str(tmp_path / "run"), "XDG_STATE_HOME": str(tmp_path / "state")}
    assert resolve(None, environ).path
    with an_announcement(tmp_path / "state" / "dome" / "loopback" / "endpoint") as file:
        found = resolve(None, environ)
        assert (str(found), found.source, found.path) == ("tcp://127.0.0.1:7000", str(file), "")
        assert found.explicit, "nobody starts a daemon there"
        assert found.follows_announcement
        assert not resolve("tcp://127.0.0.1:7000", environ).follows_announcement
        (tmp_path / "run" / "dome").mkdir(parents=True)
        (tmp_path / "run" / "dome" / "domed.sock").touch()
        assert not resolve(None, environ).tcp, "the socket goes first"
    (tmp_path / "run" / "dome" / "domed.sock").unlink()
    assert not resolve(None, environ).tcp, "a daemon that is gone announces nothing"
