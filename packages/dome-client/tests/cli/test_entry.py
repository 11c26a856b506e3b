"""Ctrl-C at every moment of the command's life: while it loads, while it works, and where it is not to be heard."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dome_contracts.exit_codes import Exit

ENTRY = "import sys; from dome_client.cli.entry import main; sys.exit(main())"
TIMEOUT_S = 30
SLOW_IMPORT = """\
import os
with open(os.environ["LOADING"], "w"):
    pass
with open(os.environ["GO_ON"]):
    pass
raise ImportError("this one is only waited for")
"""


@pytest.fixture
def loading(tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """The command in the midst of its imports: the first of them is a module of ours that waits."""
    (tmp_path / "argparse.py").write_text(SLOW_IMPORT)
    pipes = {"LOADING": str(tmp_path / "loading"), "GO_ON": str(tmp_path / "go_on")}
    for pipe in pipes.values():
        os.mkfifo(pipe)
    process = subprocess.Popen(
        [sys.executable, "-c", ENTRY, "tools"],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(tmp_path), **pipes},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        with open(pipes["LOADING"]) as waits:  # until the module is loaded
            assert waits.read() == ""
        yield process
    finally:
        process.kill()
        process.communicate()


def test_an_interrupt_while_it_loads_ends_it_without_a_word(loading: "subprocess.Popen[bytes]") -> None:
    loading.send_signal(signal.SIGINT)
    out, err = loading.communicate(timeout=TIMEOUT_S)
    assert (out, err) == (b"", b"")
    assert loading.returncode == -signal.SIGINT, "a shell says 130"


def test_an_interrupt_while_it_works_has_an_exit_code_and_no_traceback(served: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", ENTRY, "run", "test.endless"],
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "DOMED_ENDPOINT": served},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=TIMEOUT_S)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, b"Traceback" in err) == (Exit.INTERRUPTED, False)


def test_who_ignores_interrupts_goes_on_ignoring_them(served: str) -> None:
    ignoring = f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); {ENTRY}"
    checking = ignoring.replace("sys.exit(main())", "code = main(); print(signal.getsignal(signal.SIGINT).name, code)")
    done = subprocess.run(
        [sys.executable, "-c", checking, "jobs"],
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "DOMED_ENDPOINT": served},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.stdout.splitlines()[-1] == "SIG_IGN 0"
