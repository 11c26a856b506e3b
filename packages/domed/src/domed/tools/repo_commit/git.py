"""How git is asked: one command at a time, in one working tree, with nothing from outside that could lead it elsewhere.

Knows nothing of commits: see `commit`.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dome_contracts.tool import ToolFailure

SAID_BYTES_MAX: Final = 2000
"""Most bytes of git's own words that a message repeats."""
# What a configuration may say must neither ask a person, nor reach the network, nor run a program beside the filters
# that the repository's attributes name; and what was answered must survive a loss of power.
SETTINGS: Final = {
    "core.fsmonitor": "false",
    "core.pager": "cat",
    "core.quotePath": "false",
    "core.splitIndex": "false",
    "core.ignoreStat": "false",
    "core.fsync": "objects,reference",
    "core.fsyncMethod": "fsync",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "i18n.commitEncoding": "UTF-8",
    "protocol.allow": "never",
    "submodule.recurse": "false",
    "trailer.separators": ":",
    "user.useConfigOnly": "true",
}
NO_HOOKS: Final = ("-c", "core.hooksPath=/dev/null")
ENVIRONMENT: Final = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_EDITOR": "false",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LANGUAGE": "en",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """How a command of git ended."""

    exit_code: int
    output: bytes
    complaint: bytes

    @property
    def line(self) -> bytes:
        """The output without the newline that ends it."""
        return self.output.removesuffix(b"\n")

    @property
    def said(self) -> str:
        """What git complained of, for people."""
        said = self.complaint[:SAID_BYTES_MAX].decode("utf-8", "replace").strip()
        return said or f"git ended with {self.exit_code}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Git:
    """The git of this machine, in one folder."""

    program: str
    folder: bytes
    environment: Mapping[str, str]
    umask: int = -1
    """Which permissions files of the repository do not get; -1: those that this program does not give either."""

    @classmethod
    def of(cls, folder: bytes, environ: Mapping[str, str]) -> "Git":
        """Git in a folder. Raises ToolFailure where there is none on the PATH."""
        program = shutil.which("git", path=environ.get("PATH"))
        if program is None:
            raise ToolFailure("TOOL.FAILED", "There is no git on the PATH of the daemon. Install git and try again.")
        return cls(program=program, folder=folder, environment=clean(environ))

    def ask(
        self, *arguments: str | bytes, stdin: bytes = b"", index: bytes | None = None,
        more: Mapping[str, str] | None = None, with_hooks: bool = False,
    ) -> Answer:  # fmt: skip
        """The answer to one command, whatever its exit code. `index` is one beside that of the working tree."""
        settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        environment = {**self.environment, **ENVIRONMENT, **(more or {})}
        if index is not None:
            environment["GIT_INDEX_FILE"] = os.fsdecode(index)
        done = subprocess.run(
            [self.program, *settings, *(() if with_hooks else NO_HOOKS), *arguments],
            cwd=self.folder, env=environment, input=stdin, capture_output=True, check=False, umask=self.umask,
        )  # fmt: skip
        return Answer(done.returncode, done.stdout, done.stderr)

    def must(
        self, *arguments: str | bytes, stdin: bytes = b"", index: bytes | None = None,
        more: Mapping[str, str] | None = None,
    ) -> Answer:  # fmt: skip
        """The answer to a command that has no reason to fail. Raises ToolFailure with git's words where it does."""
        answer = self.ask(*arguments, stdin=stdin, index=index, more=more)
        if answer.exit_code != 0:
            raise ToolFailure("TOOL.FAILED", f"`git {_text(arguments[0])}` failed: {answer.said}")
        return answer


def clean(environ: Mapping[str, str]) -> dict[str, str]:
    """An environment without what would point git elsewhere."""
    return {name: value for name, value in environ.items() if not name.startswith("GIT_")}


def fields(output: bytes) -> list[bytes]:
    """What git ended with a NUL each."""
    return output.split(b"\0")[:-1]


def shown(path: bytes) -> str:
    """A path, for people."""
    return repr(_text(path))


def _text(data: str | bytes) -> str:
    return data if isinstance(data, str) else data.decode("utf-8", "backslashreplace")
