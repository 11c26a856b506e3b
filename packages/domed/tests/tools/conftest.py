"""Built-in tools run as programs, with a channel, as the daemon runs them."""

import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from domed.catalog import BUILT_IN_ROOT, Catalog, Tool
from domed.clock import SystemClock

TIMEOUT_S = 30
BASE_ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LANG": "C.UTF-8"}


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run of a tool left."""

    exit_code: int
    stdout: bytes
    stderr: bytes
    messages: list[dict[str, Any]]

    @property
    def result(self) -> Any:
        """The declared result."""
        return next(message["value"] for message in self.messages if message["type"] == "result")

    @property
    def failure(self) -> tuple[str, str]:
        """The declared failure."""
        found = next(message for message in self.messages if message["type"] == "failure")
        return found["reason"], found["message"]


@dataclass(slots=True)
class Running:
    """A tool that runs: its input is given, its channel is read by a thread."""

    process: "subprocess.Popen[bytes]"
    channel: bytearray
    reader: threading.Thread

    def end(self) -> Ran:
        """Wait for its end."""
        stdout, stderr = self.process.communicate(timeout=TIMEOUT_S)
        self.reader.join(TIMEOUT_S)
        messages = [json.loads(line) for line in bytes(self.channel).splitlines()]
        return Ran(self.process.returncode, stdout, stderr, messages)


StartTool = Callable[..., Any]
RunTool = Callable[..., Ran]


@contextmanager
def started(
    tool: Tool, document: Any, folder: Path, environ: Mapping[str, str], stderr: int = subprocess.PIPE
) -> Iterator[Running]:
    """A tool that was given its input. It has ended when the context ends, and so has what it started."""
    payload = json.dumps(document).encode()
    assert tool.input_violations(payload) == ()
    read_fd, write_fd = os.pipe()
    process = subprocess.Popen(
        tool.argv(),
        cwd=folder,
        env={**BASE_ENVIRONMENT, **environ, "DOME_CHANNEL_FD": str(write_fd)},
        pass_fds=[write_fd],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        process_group=0,
    )
    os.close(write_fd)
    channel = bytearray()

    def read() -> None:
        with open(read_fd, "rb") as source:
            while chunk := source.read1(65536):
                channel.extend(chunk)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        assert process.stdin is not None
        process.stdin.write(payload)
        process.stdin.close()
        process.stdin = None
        yield Running(process, channel, reader)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
        reader.join(TIMEOUT_S)


@pytest.fixture(scope="session")
def built_in() -> Callable[[str], Tool]:
    return Catalog(BUILT_IN_ROOT, monotonic=SystemClock().monotonic).view().require


@pytest.fixture
def start_tool(built_in: Callable[[str], Tool]) -> StartTool:
    """Starts a tool: `with start_tool("repo.search", {...}, folder) as running`."""

    def start(tool_id: str, document: Any, folder: Path, **environ: str) -> Any:
        return started(built_in(tool_id), document, folder, environ)

    return start


@pytest.fixture
def run_tool(built_in: Callable[[str], Tool]) -> RunTool:
    """Runs a tool to its end. A result must fit the tool's output schema."""

    def run(tool_id: str, document: Any, folder: Path, **environ: str) -> Ran:
        tool = built_in(tool_id)
        with started(tool, document, folder, environ) as running:
            ran = running.end()
        if ran.exit_code == 0:
            results = [message["value"] for message in ran.messages if message["type"] == "result"]
            assert tool.output_violations(json.dumps(results[0]).encode() if results else b"") == ()
        return ran

    return run


@pytest.fixture
def git() -> Callable[..., bytes]:
    """Runs git in a folder, without this machine's configuration."""

    def run(folder: Path, *arguments: str | bytes, accepted: tuple[int, ...] = (0,)) -> bytes:
        settings = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
        done = subprocess.run(
            ["git", "-c", "user.name=T", "-c", "user.email=t@localhost", *arguments],
            cwd=folder,
            env={**BASE_ENVIRONMENT, **settings},
            capture_output=True,
            check=False,
            timeout=TIMEOUT_S,
        )
        assert done.returncode in accepted, done.stderr
        return done.stdout

    return run
