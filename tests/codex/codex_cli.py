"""The real codex of a user of the tests: its configuration, its runs, and what they say."""

import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ci import codex as pinned
from tests.codex.scripted_model import ScriptedModel
from tests.e2e.dome_home import Home

TIMEOUT_S = 60.0
PLAIN = "scripted-model"
"""A model that codex does not know: it is offered functions."""
CODE_MODE = "gpt-5.6-sol"
"""One that codex knows: it is offered one tool that runs JavaScript, and finds all others by it."""
# Where a sandbox may write, codex puts a `.git` for a while: not where all tests have their temporary files.
_CONFIGURATION = """\
model = "{model}"
model_provider = "scripted"
sandbox_mode = "read-only"
[analytics]
enabled = false
[sandbox_workspace_write]
exclude_slash_tmp = true
exclude_tmpdir_env_var = true
[features]
plugins = false
[model_providers.scripted]
name = "scripted"
base_url = "{url}"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
"""


def program() -> Path:
    """The codex to be driven. Without one the test is skipped, and says how to get one."""
    found = pinned.find()
    if found is None:
        pytest.skip(f"there is no codex {pinned.version()}: `./just codex` gets it (140 MB)")
    return found


@dataclass(frozen=True)
class Ran:
    """How a run of codex ended."""

    code: int
    events: Sequence[Mapping[str, Any]]
    err: str

    @property
    def thread_id(self) -> str:
        [started] = [event for event in self.events if event["type"] == "thread.started"]
        return str(started["thread_id"])

    def items(self, kind: str) -> list[Any]:
        """What was completed of a kind."""
        found = (event["item"] for event in self.events if event["type"] == "item.completed")
        return [item for item in found if item["type"] == kind]


class Codex:
    """Codex of one user."""

    def __init__(self, home: Home, model: ScriptedModel, *, name: str = PLAIN) -> None:
        self.home = home
        self.folder = home.root / "codex"
        self.folder.mkdir(exist_ok=True)
        (self.folder / "config.toml").write_text(_CONFIGURATION.format(model=name, url=model.url))
        self._program = str(program())

    def environ(self) -> dict[str, str]:
        """What codex sees. To anything but this machine it is led to a port where nothing answers."""
        nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}
        return self.home.environ(CODEX_HOME=str(self.folder), **nowhere)

    def install(self, *words: str) -> None:
        """Enter Dome as its user would."""
        done = self.home.dome("mcp", "install", "codex", *words, environ=self.environ())
        assert done.code == 0, done.err

    def start(self, *words: str, stdin: int = subprocess.DEVNULL) -> "subprocess.Popen[bytes]":
        """Codex as a process, which the caller ends."""
        return subprocess.Popen(
            [self._program, *words],
            cwd=self.home.work,
            env=self.environ(),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def start_exec(self, *words: str) -> "subprocess.Popen[bytes]":
        """A run of codex without a person, with Dome's tools where it was installed."""
        return self.start("exec", "--json", "--skip-git-repo-check", *words, "go on")

    def exec(self, *words: str) -> Ran:
        """One run to its end."""
        return ended(self.start_exec(*words))


def ended(process: "subprocess.Popen[bytes]", *, timeout_s: float = TIMEOUT_S) -> Ran:
    """Wait for the end of a run."""
    try:
        out, err = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        raise AssertionError(f"no end within {timeout_s} s; it wrote {out[-2000:]!r} and {err[-2000:]!r}") from None
    return Ran(process.returncode, [json.loads(line) for line in out.splitlines()], err.decode())
