"""The helper for tools in shell keeps the line protocol, in every shell that is here."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dome_contracts import tool
from domed.executors.channel import Failure, Result, declaration
from domed.executors.port import DeclaredArtifact

SHELLS = [path for name in ("sh", "dash", "bash", "busybox", "zsh") if (path := shutil.which(name))]
ODD = 'tab\there "quoted" back\\slash\nnew line\x1b[0m ünï €\n'


class Said:
    """What came of a script."""

    def __init__(self, done: "subprocess.CompletedProcess[bytes]", channel: bytes) -> None:
        self.code = done.returncode
        self.out = done.stdout
        self.err = done.stderr.decode()
        self.lines: list[Any] = [json.loads(line) for line in channel.splitlines()]
        self.declared = [declaration(line) for line in channel.splitlines()]


def run(shell: str, script: str, *words: str, cwd: Path | None = None, by_hand: bool = False) -> Said:
    read_fd, write_fd = os.pipe()
    # A number that some shells cannot write.
    high_fd = os.dup2(write_fd, 77)
    os.close(write_fd)
    environment = {"PATH": os.environ["PATH"], "DOME_TOOL_SH": tool.SHELL_HELPER, "LC_ALL": "C.UTF-8"}
    if not by_hand:
        environment[tool.CHANNEL_VARIABLE] = str(high_fd)
    applet = ["sh"] if shell.endswith("busybox") else []
    try:
        done = subprocess.run(
            [shell, *applet, "-eu", "-c", f'. "$DOME_TOOL_SH"\n{script}', "tool", *words],
            capture_output=True,
            env=environment,
            cwd=cwd,
            pass_fds=[high_fd],
            timeout=30,
            check=False,
        )
    finally:
        os.close(high_fd)
    with open(read_fd, "rb") as channel:
        return Said(done, channel.read())


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_progress_says_what_it_is_given(shell: str) -> None:
    said = run(shell, 'dome_progress "$1" 3 10 files; dome_progress; dome_progress "" "" 7', ODD)
    assert (said.code, said.err) == (0, "")
    assert said.lines == [
        {"type": "progress", "message": ODD, "done": 3, "total": 10, "unit": "files"},
        {"type": "progress", "message": "", "unit": ""},
        {"type": "progress", "message": "", "total": 7, "unit": ""},
    ]


def test_an_artifact_has_an_absolute_path(shell: str, tmp_path: Path) -> None:
    said = run(shell, 'dome_artifact a "out/$1" text/plain; dome_artifact b /x/y', 'a "b" \\ c', cwd=tmp_path)
    assert said.declared == [
        DeclaredArtifact("a", f'{tmp_path}/out/a "b" \\ c', "text/plain"),
        DeclaredArtifact("b", "/x/y", "application/octet-stream"),
    ]


def test_a_result_is_handed_over_as_it_is(shell: str) -> None:
    said = run(shell, """dome_result '{"n": [1, "a\\\\b"]}'; echo out""")
    assert said.declared == [Result(b'{"n":[1,"a\\\\b"]}')]
    assert said.out == b"out\n"


def test_a_failure_ends_the_tool(shell: str) -> None:
    said = run(shell, 'dome_fail TESTS.FAILED "3 of 10"; echo never')
    assert (said.code, said.out) == (1, b"")
    assert said.declared == [Failure("TESTS.FAILED", "3 of 10")]
    assert "TESTS.FAILED: 3 of 10" in said.err


def test_by_hand_the_result_is_printed_and_the_rest_dropped(shell: str) -> None:
    said = run(shell, "dome_progress half; dome_artifact a b; dome_result '{}'", by_hand=True)
    assert (said.code, said.out, said.err, said.lines) == (0, b"{}\n", "", [])
