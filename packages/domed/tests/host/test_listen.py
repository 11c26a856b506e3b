"""The socket and the state directory: private, ours alone, never taken from a daemon that lives."""

import os
import socket
import stat
from pathlib import Path

import pytest

from domed.faults import StartError
from domed.host.instance import make_private, only_instance
from domed.host.listen import PATH_BYTES_MAX, inherited, listening


def test_the_socket_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "run" / "d.sock"
    before = os.umask(0)
    try:
        with listening(path):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    finally:
        os.umask(before)
    assert not path.exists()


def test_a_stale_socket_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "d.sock"
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(path))
    with listening(path) as made:
        made.listen()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))


def test_a_socket_that_somebody_accepts_from_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "d.sock"
    with socket.socket(socket.AF_UNIX) as alive:
        alive.bind(str(path))
        alive.listen()
        with pytest.raises(StartError, match="Another daemon listens"), listening(path):
            pass
        assert path.exists()


def test_two_daemons_of_different_state_directories_do_not_replace_a_stale_socket_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "d.sock"
    with listening(path):
        # It is bound and does not listen yet, as a stale one.
        with pytest.raises(StartError, match=r"listens on .*, or is about to"), listening(path):
            pass
        assert path.exists()
    with listening(path):
        assert path.exists()


def test_what_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "d.sock"
    path.write_text("precious")
    with pytest.raises(StartError, match="is no socket"), listening(path):
        pass
    assert path.read_text() == "precious"


def test_a_socket_that_took_the_path_meanwhile_is_left(tmp_path: Path) -> None:
    path = tmp_path / "d.sock"
    other = socket.socket(socket.AF_UNIX)
    with other:
        with listening(path):
            path.unlink()
            other.bind(str(path))
        assert path.exists()


def test_a_path_that_no_socket_can_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="too long"), listening(tmp_path / ("x" * PATH_BYTES_MAX)):
        pass


def test_a_directory_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(StartError, match="symbolic link"), listening(tmp_path / "link" / "d.sock"):
        pass


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701])
def test_a_directory_that_others_may_enter_is_refused(tmp_path: Path, mode: int) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run").chmod(mode)
    with pytest.raises(StartError, match="chmod 700"):
        make_private(tmp_path / "run", what="socket directory")


@pytest.mark.skipif(
    os.getuid() != 0, reason="only root can give a directory away: run the tests as root in a container"
)
def test_a_directory_of_another_user_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir(mode=0o700)
    os.chown(tmp_path / "run", 4242, 4242)
    with pytest.raises(StartError, match="belongs to the user 4242"):
        make_private(tmp_path / "run", what="socket directory")


def test_what_is_in_the_way_of_a_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("")
    with pytest.raises(StartError, match="cannot be made"):
        make_private(tmp_path / "run", what="socket directory")


def test_a_state_directory_has_one_daemon(tmp_path: Path) -> None:
    state, path = tmp_path / "state", tmp_path / "d.sock"
    with only_instance(state, path):
        assert (state / "lock").read_text() == f"{os.getpid()}\n{path}\n"
        with pytest.raises(StartError, match=f"process id {os.getpid()} .*{path}"), only_instance(state, path):
            pass
    with only_instance(state, path):
        pass


def test_a_lock_file_that_was_left_behind_means_nothing(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "lock").write_text("4242\n/some/where\n" + "x" * 100)
    with only_instance(tmp_path, tmp_path / "d.sock"):
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n{tmp_path}/d.sock\n"


def test_a_lock_that_leads_elsewhere_is_not_followed(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StartError, match="cannot be opened"), only_instance(tmp_path, tmp_path / "d.sock"):
        pass
    assert not (tmp_path / "elsewhere").exists()


def test_a_listening_socket_can_be_handed_over(tmp_path: Path) -> None:
    path = tmp_path / "d.sock"
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))
        made.listen()
        descriptor = os.dup(made.fileno())
        with listening(path, descriptor=descriptor) as taken:
            assert taken.getsockname() == str(path)
            assert not os.get_inheritable(taken.fileno())
    assert path.exists(), "the service manager's socket is not ours to remove"


def test_only_a_listening_unix_socket_can_be_handed_over(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as idle, pytest.raises(StartError, match="no listening Unix"):
        inherited(os.dup(idle.fileno()))
    with socket.socket() as tcp:
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        with pytest.raises(StartError, match="no listening Unix"):
            inherited(os.dup(tcp.fileno()))
    with (tmp_path / "file").open("w") as file, pytest.raises(StartError, match="is none"):
        inherited(file.fileno())
