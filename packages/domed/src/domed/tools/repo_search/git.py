"""How git is asked: the command line of a search, an environment in which no repository runs code, one process.

Reads no matches: see `records`.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Final, Literal

from dome_contracts.tool import ToolFailure
from domed.tools.repo_search.pathspecs import Kind

READ_BYTES: Final = 64 * 1024
STDERR_BYTES_MAX: Final = 64 * 1024
GIT_NO_MATCHES: Final = 1
QUESTION_TIMEOUT_S: Final = 30
# With one thread git writes through a buffer that it empties at the end; with several, after each file.
THREADS: Final = max(2, min(8, os.cpu_count() or 2))
DIALECT_OPTION: Final = {"extended": "-E", "fixed": "-F", "perl": "-P"}
# What a configuration file may say must neither start a program nor reach the network nor change what is printed.
SETTINGS: Final = {
    "core.fsmonitor": "false",
    "core.pager": "cat",
    "protocol.allow": "never",
    "grep.fallbackToNoIndex": "false",
    "submodule.recurse": "false",
}
ALONE: Final = [
    "--no-replace-objects", "-c", "core.attributesFile=/dev/null",
    "-c", "attr.tree=4b825dc642cb6eb9a060e54bf8d69288fbee4904",  # the empty one: some versions would take HEAD's
]  # fmt: skip
"""With these, what a commit holds does not depend on what its user keeps beside it."""
LOCALE: Final = "C.UTF-8"
"""In which the files of a commit are read, wherever they are searched."""
UNREAD: Final = b"error: "
"""How git begins to say that it passed over a file that it could not read."""
PLAIN_OUTPUT: Final = [
    "--no-ext-grep",
    "--no-textconv",
    "--no-color",
    "--no-column",
    "--no-heading",
    "--no-break",
    "--no-full-name",
    "--no-recurse-submodules",
]

Scope = Literal["repository", "folder"]


class SearchStopped(Exception):
    """Git ended by itself with an error. The message is its own."""


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of git: nothing that points it elsewhere, messages in English, locale of text as it was."""
    kept = {name: value for name, value in environ.items() if not name.startswith("GIT_")}
    return kept | {
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        # Stands above what a repository says of single protocols, and holds for versions that know no switch for this.
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_TERMINAL_PROMPT": "0",
        "LANGUAGE": "en",
    }


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit whose files are searched, instead of those of the working tree."""

    commit: str
    tree: str
    """What of it is searched: the folder as it was there, by the id that git gave it."""
    git_dir: str

    @property
    def prefix(self) -> bytes:
        """What git writes before each path."""
        return self.tree.encode() + b":"


class Git:
    """The git of this machine, in one folder."""

    def __init__(self, folder: str, environ: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = environment(environ)
        program = shutil.which("git", path=environ.get("PATH"))
        if program is None:
            raise ToolFailure("TOOL.FAILED", "There is no git on the PATH of the daemon. Install git and search again.")
        settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        self._command = [program, *settings]

    def scope(self) -> Scope:
        """Whether the folder belongs to a working tree. Raises ToolFailure where git refuses to say."""
        answer = self._ask("rev-parse", "--is-inside-work-tree")
        if answer.returncode == 0 and answer.stdout.strip() == b"true":
            return "repository"
        if answer.returncode == 0:
            where = "The folder is a repository without a working tree, or inside a `.git` folder."
            raise ToolFailure("TOOL.FAILED", f"{where} Search in a working tree.")
        said = answer.stderr.decode("utf-8", "replace").strip()
        if "not a git repository" in said:
            return "folder"
        raise ToolFailure("TOOL.FAILED", f"Git refuses this folder: {said}")

    def quotes_high_bytes(self) -> bool:
        """Whether git writes bytes beyond ASCII in paths as escapes, as `core.quotePath` says."""
        answer = self._ask("config", "--type=bool", "--get", "core.quotePath")
        return answer.stdout.strip() != b"false"

    def revision(self, name: str) -> Revision:
        """The commit that a name stands for, and the folder in it. Raises ToolFailure where there is none."""
        commit = self._told("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if not commit:
            raise ToolFailure("TOOL.FAILED", f"There is no commit {name!r} in this repository. Correct `revision`.")
        folder = self._told("rev-parse", "--show-prefix")
        tree = self._told("rev-parse", "--verify", "--quiet", f"{commit}:{folder}")
        if not tree:
            raise ToolFailure("TOOL.FAILED", f"The commit {commit} has no folder {folder!r}. Search from its root.")
        return Revision(commit, tree, self._told("rev-parse", "--absolute-git-dir"))

    def kind(self, revision: Revision, path: str) -> Kind | None:
        """What a path leads to in a commit."""
        where = os.path.normpath(path)
        found = self._told("cat-file", "-t", f"{revision.tree}:{'' if where == '.' else where}")
        return "folder" if found == "tree" else "file" if found == "blob" else None

    @contextmanager
    def grep(
        self, options: list[str], pathspecs: list[str], revision: Revision | None = None
    ) -> Iterator[Iterator[bytes]]:
        """The output of one search as it is written. Git has ended when the context ends, however it ends.

        Raises SearchStopped at the end of the output if git failed.
        """
        # Without a working tree: what lies there now, such as its attributes, says nothing of a commit.
        apart = [] if revision is None else [f"--git-dir={revision.git_dir}", "--bare", *ALONE]
        trees = [] if revision is None else [revision.tree]
        search = ["grep", *PLAIN_OUTPUT, f"--threads={THREADS}", *options, *trees, "--", *pathspecs]
        command = [*self._command, *apart, *search]
        with (
            TemporaryFile() as stderr,
            subprocess.Popen(
                command, cwd=self._folder, env=self._environment | ({} if revision is None else {"LC_ALL": LOCALE}),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr, bufsize=0,
            ) as process,
        ):  # fmt: skip
            try:
                yield _output(process, stderr, unread=None if revision is None else UNREAD)
            finally:
                process.kill()

    def _told(self, *arguments: str) -> str:
        """What git answers to a question, empty where it has no answer."""
        answer = self._ask("--no-replace-objects", *arguments)
        return os.fsdecode(answer.stdout).removesuffix("\n") if answer.returncode == 0 else ""

    def _ask(self, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(
            [*self._command, *arguments], cwd=self._folder, env=self._environment, stdin=subprocess.DEVNULL,
            capture_output=True, check=False, timeout=QUESTION_TIMEOUT_S,
        )  # fmt: skip


def _output(process: "subprocess.Popen[bytes]", stderr: BinaryIO, *, unread: bytes | None) -> Iterator[bytes]:
    """What git writes. Of a commit nothing may be passed over: `unread` begins the line that says so."""
    assert process.stdout is not None
    while chunk := process.stdout.read(READ_BYTES):
        yield chunk
    exit_code = process.wait()
    stderr.seek(0)
    said = stderr.read(STDERR_BYTES_MAX)
    is_partial = unread is not None and any(each.startswith(unread) for each in said.splitlines())
    if exit_code not in {0, GIT_NO_MATCHES} or is_partial:
        raise SearchStopped(said.decode("utf-8", "replace").strip() or f"git ended with {exit_code}")
    if said:
        # Warnings, such as of a file that may not be read.
        os.write(2, said)


def options(wanted: Mapping[str, Any], scope: Scope) -> list[str]:
    """Options of `git grep` for an input."""
    found = ["-z", "-n", "-a" if wanted["include_binary"] else "-I", DIALECT_OPTION[wanted["dialect"]]]
    found += ["-i"] if wanted["ignore_case"] else []
    found += ["-w"] if wanted["whole_words"] else []
    if scope == "folder":
        found += ["--no-index", "--no-exclude-standard" if wanted["include_ignored"] else "--exclude-standard"]
    elif wanted["include_untracked"] and wanted["revision"] is None:
        found += ["--untracked", *(["--no-exclude-standard"] if wanted["include_ignored"] else [])]
    return [*found, "-e", wanted["pattern"]]
