"""Where control groups may be made."""

from pathlib import Path

import pytest

from domed.executors.cgroup_place import Place, find, own_directory

HYBRID = """\
24 29 0:22 / /sys/fs/cgroup rw - tmpfs tmpfs rw
25 24 0:23 / /sys/fs/cgroup/systemd rw,nosuid - cgroup cgroup rw,name=systemd
26 24 0:24 / /sys/fs/cgroup/unified rw,nosuid shared:9 - cgroup2 cgroup2 rw
"""
UNIFIED = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"


def test_the_own_group_is_below_the_mount() -> None:
    own = "1:name=systemd:/init.scope\n0::/user.slice/user-1000.slice/user@1000.service/app.slice/domed.service\n"
    found = own_directory(UNIFIED, own)
    assert str(found) == "/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice/domed.service"


def test_a_hybrid_machine_has_it_beside_the_others() -> None:
    assert own_directory(HYBRID, "9:memory:/x\n0::/\n") == Path("/sys/fs/cgroup/unified")


def test_a_container_sees_the_part_that_is_mounted() -> None:
    mounts = "30 23 0:26 /docker/c1 /sys/fs/cgroup ro - cgroup2 cgroup rw\n"
    assert own_directory(mounts, "0::/docker/c1/a b") == Path("/sys/fs/cgroup/a b")
    assert own_directory(mounts, "0::/elsewhere") is None


def test_a_mount_with_a_space_in_its_name_is_found() -> None:
    assert own_directory("3 2 0:2 / /my\\040groups rw - cgroup2 none rw\n", "0::/a") == Path("/my groups/a")


@pytest.mark.parametrize(("mounts", "own"), [(HYBRID, "9:memory:/x\n"), ("", "0::/\n"), (UNIFIED, "0::/../..\n")])
def test_there_may_be_none(mounts: str, own: str) -> None:
    assert own_directory(mounts, own) is None


def a_proc(tmp_path: Path, group: str) -> tuple[Path, Path]:
    """A mount of ours with a group in it, and the files of `/proc` that lead there."""
    mount, proc = tmp_path / "cgroup", tmp_path / "proc"
    (mount / group).mkdir(parents=True)
    proc.mkdir()
    for directory in (mount, *(mount / group).parents, mount / group):
        if directory.is_relative_to(mount):
            (directory / "cgroup.controllers").touch()
            (directory / "cgroup.procs").touch()
    (proc / "mountinfo").write_text(f"30 23 0:26 / {mount} rw - cgroup2 cgroup2 rw\n")
    (proc / "cgroup").write_text(f"0::/{group}\n")
    return mount, proc


def test_what_a_manager_delegated_is_taken(tmp_path: Path) -> None:
    mount, proc = a_proc(tmp_path, "app/domed.service")
    assert find(None, proc=proc, mark=lambda path: path.name == "domed.service") == Place(mount / "app/domed.service")


def test_a_daemon_that_was_started_below_it_takes_the_delegated_one(tmp_path: Path) -> None:
    mount, proc = a_proc(tmp_path, "domed.service/main")
    assert find(None, proc=proc, mark=lambda path: path.name == "domed.service") == Place(mount / "domed.service")


def test_what_the_service_manager_says_is_its_own_is_taken(tmp_path: Path) -> None:
    mount, proc = a_proc(tmp_path, "app/domed.service")
    assert find(None, owns=True, proc=proc) == Place(mount / "app/domed.service")
    (mount / "app/domed.service/cgroup.procs").unlink()
    assert find(None, owns=True, proc=proc).root is None


def test_what_can_merely_be_written_to_is_left_alone(tmp_path: Path) -> None:
    _, proc = a_proc(tmp_path, "session-2.scope")
    found = find(None, proc=proc)
    assert found.root is None
    assert "Delegate=yes" in found.problem


def test_a_named_directory_is_taken_without_asking(tmp_path: Path) -> None:
    mount, proc = a_proc(tmp_path, "mine")
    assert find(mount / "mine", proc=proc) == Place(mount / "mine")
    assert find(tmp_path, proc=proc).problem == f"{tmp_path} is no control group of version 2"
    (mount / "mine" / "cgroup.procs").unlink()
    assert "cannot be written to" in find(mount / "mine", proc=proc).problem


def test_a_system_without_control_groups_says_so(tmp_path: Path) -> None:
    assert find(None, proc=tmp_path).problem == "this system has no control groups"
    _, proc = a_proc(tmp_path, "a")
    (proc / "cgroup").write_text("9:memory:/\n")
    assert "not mounted" in find(None, proc=proc).problem
