"""Runs tools through a daemon of its own and hands back what it recorded of them. Judges nothing.

The daemon and the command are those of the tree that is looked at; everything they write goes to a folder that is
removed at the end. The daemon is ended by its id.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

READY_TIMEOUT_S: Final = 30
LISTEN_S: Final = 0.1
STEP_TIMEOUT_S: Final = 60
SOURCES: Final = ("generated/src", "packages/domed/src", "packages/dome-client/src")
COMMAND: Final = "import sys; from dome_client.cli.entry import main; sys.exit(main())"


class CannotRun(Exception):
    """The daemon did not start, or the command failed in a way that no job explains."""


@dataclass(frozen=True, slots=True)
class RealRun:
    """One job: what it was asked, the repository it worked in, and its run manifest."""

    name: str
    payload: Mapping[str, Any]
    commit_sha: str
    is_dirty: bool
    manifest: Any


def real_runs(tree: Path, runs: Mapping[str, Sequence[str]]) -> Iterator[RealRun]:
    """Run each of `{name: (tool id, input as JSON)}` in a small repository that differs from its commit."""
    with tempfile.TemporaryDirectory(prefix="dome-runs-") as scratch:
        folder = Path(scratch)
        commit = _repository(folder / "repository")
        environ = _environment(tree, folder)
        with _daemon(environ, folder) as endpoint:
            for name, (tool_id, payload) in runs.items():
                job_id = _submitted(environ, folder, endpoint, (tool_id, payload))
                text = _dome(environ, folder, "provenance", job_id, "--format", "manifest", *endpoint).stdout
                yield RealRun(name, json.loads(payload), commit, is_dirty=True, manifest=json.loads(text))


def _submitted(environ: Mapping[str, str], folder: Path, endpoint: Sequence[str], run: tuple[str, str]) -> str:
    """The id of a job that has ended, however it did."""
    tool_id, payload = run
    (folder / "input.json").write_text(payload)
    source = ("--input", str(folder / "input.json"), "--cwd", str(folder / "repository"))
    said = _dome(environ, folder, "run", tool_id, *source, "--detach", "--json", *endpoint)
    if said.returncode:
        raise CannotRun(f"`dome run {tool_id}` ended with {said.returncode}: {said.stderr.strip()}")
    job_id = str(json.loads(said.stdout.splitlines()[0])["job_id"])
    _dome(environ, folder, "wait", job_id, *endpoint)
    return job_id


def _repository(folder: Path) -> str:
    """A repository of one commit with a change that was not committed. Returns the commit."""

    def git(*words: str) -> str:
        author = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false")
        done = subprocess.run(["git", *author, *words], cwd=folder, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    folder.mkdir()
    (folder / "a.txt").write_text("alpha\n")
    git("init", "--quiet")
    git("add", "a.txt")
    git("commit", "--quiet", "--message", "first")
    (folder / "a.txt").write_text("alpha\nbeta\n")
    return git("rev-parse", "HEAD")


def _environment(tree: Path, folder: Path) -> dict[str, str]:
    places = {name: folder / name.lower() for name in ("XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME")}
    for place in places.values():
        place.mkdir(mode=0o700)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DOME", "XDG_", "GIT_"))}
    path = os.pathsep.join(str(tree / source) for source in SOURCES)
    return kept | {name: str(place) for name, place in places.items()} | {"PYTHONPATH": path, "HOME": str(folder)}


@contextmanager
def _daemon(environ: Mapping[str, str], folder: Path) -> Iterator[tuple[str, ...]]:
    """A daemon that is ready; the arguments that lead a command to it."""
    told, address = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM), folder / "told"
    told.bind(str(address))
    told.settimeout(LISTEN_S)
    place = folder / "daemon.sock"
    arguments = ("--socket", str(place), "--state-directory", environ["XDG_STATE_HOME"])
    with (folder / "log").open("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "domed", *arguments],
            env={**environ, "NOTIFY_SOCKET": str(address)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            if not _is_ready(told, process):
                raise CannotRun(f"the daemon was not ready: {(folder / 'log').read_text()[-400:]}")
            yield ("--endpoint", f"unix:{place}")
        finally:
            told.close()
            process.terminate()
            try:
                process.wait(STEP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _is_ready(told: socket.socket, process: "subprocess.Popen[bytes]") -> bool:
    """Whether the daemon says so, before it ends and in time."""
    for _ in range(int(READY_TIMEOUT_S / LISTEN_S)):
        with suppress(TimeoutError):
            if b"READY=1" in told.recv(4096):
                return True
        if process.poll() is not None:
            return False
    return False


def _dome(environ: Mapping[str, str], folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    argv = [sys.executable, "-c", COMMAND, *words]
    return subprocess.run(
        argv, cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=STEP_TIMEOUT_S
    )
