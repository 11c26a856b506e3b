"""The launcher as a program: it says how it went, and never starts a tool that it could not hold."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from domed.executors.launch_server import COMMAND, PACKAGES
from domed.launcher import kernel, landlock, namespaces, tool_start

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the launcher is for Linux")


def launch(*words: str) -> tuple[int, str, str]:
    """Exit code, standard error, status."""
    read, write = os.pipe()
    try:
        command = [*COMMAND, "--status", str(write), *words]
        done = subprocess.run(command, pass_fds=(write,), capture_output=True, text=True, timeout=30)
        os.set_blocking(read, False)
        os.close(write)
        write = -1
        return done.returncode, done.stderr, os.read(read, 4096).decode()
    finally:
        os.close(read)
        if write >= 0:
            os.close(write)


def test_a_tool_that_starts_was_held_before() -> None:
    assert launch("--", "sh", "-c", "exit 3") == (3, "", "held\n")


def test_how_the_tool_ended_is_told_where_somebody_waits() -> None:
    assert launch("--wait", "--", "sh", "-c", "exit 3") == (0, "", "held\nended 768\n")


def test_a_tool_that_cannot_be_held_is_not_started(tmp_path: Path) -> None:
    # The kernel refuses a limit that is above its own ceiling.
    exit_code, _, status = launch("--limit", "NOFILE", "10", "5", "--", "touch", str(tmp_path / "made"))
    assert (exit_code, status.startswith("failed limits: ")) == (tool_start.FAILED, True)
    assert not (tmp_path / "made").exists()


def test_a_tool_that_does_not_exist_is_said_to(tmp_path: Path) -> None:
    assert launch("--", str(tmp_path / "gone")) == (tool_start.NOT_STARTED, "", "held\nexec 2\n")


@pytest.mark.parametrize("words", [("--nonsense",), (), ("--view", "--", "true")])
def test_what_is_no_order_is_refused(words: tuple[str, ...]) -> None:
    exit_code, error, status = launch(*words)
    assert (exit_code, status) == (1, "")
    assert error.startswith("domed launcher: ")


def test_it_loads_no_slow_module() -> None:
    code = f"import sys; sys.path.append({str(PACKAGES)!r}); from domed.launcher import program; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    slow = {"typing", "dataclasses", "enum", "re", "signal", "subprocess", "json", "pathlib", "contextlib"}
    assert slow & set(loaded.stdout.split()) == set()


def test_every_right_to_change_is_held_back_that_the_kernel_knows() -> None:
    first, third = landlock.write_rights(1), landlock.write_rights(3)
    assert first.bit_count() == 10
    assert third & ~first == landlock.REFER | landlock.TRUNCATE
    assert not third & (landlock.READ | landlock.EXECUTE)


def test_a_place_is_not_opened_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    os.close(kernel.open_real(str(tmp_path / "real")))
    for path in (tmp_path / "link", tmp_path / "link" / ".."):
        with pytest.raises(OSError, match=f"symbolic links: '{path}'"):
            kernel.open_real(str(path))


def test_an_error_of_the_kernel_is_an_error_here(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="gone"):
        kernel.open_real(str(tmp_path / "gone"))
    assert kernel.landlock_abi() >= 0
    assert namespaces.SHARED_MEMORY == "/dev/shm"
