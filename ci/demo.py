"""Shows Dome at work on this repository: a daemon of its own, a search through it, the record of what ran.

Everything lives in a folder that is removed at the end; the user's own daemon and state are not touched.
"""

import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOME = ROOT / ".venv" / "bin" / "dome"
STEP_TIMEOUT_S = 60

SEARCH = ("run", "repo.search", "--set", "pattern=^(async )?def (main|serve|build)", "--set", 'globs=["*.py"]')


def main() -> int:
    """Run the demonstration. Returns the first exit code that is not 0."""
    with tempfile.TemporaryDirectory(prefix="dome-") as folder, a_daemon(environment(Path(folder))) as environ:
        say("The tools that agents, scripts and people find here")
        shown("tools", environ=environ)
        say("One of them, run through the daemon: each match is printed when it is found")
        shown(*SEARCH, environ=environ)
        job_id = newest_job(environ)
        say("What the daemon recorded of that run when it started and when it ended")
        shown("provenance", job_id, environ=environ)
        say("Its events are kept and can be read again from any point")
        shown("events", job_id, "--since-seq", "1", environ=environ, lines_max=6)
    return 0


def environment(folder: Path) -> dict[str, str]:
    """The caller's environment with run time, state and configuration in `folder`."""
    places = {
        "XDG_RUNTIME_DIR": folder / "run",
        "XDG_STATE_HOME": folder / "state",
        "XDG_CONFIG_HOME": folder / "config",
    }
    for place in places.values():
        place.mkdir(mode=0o700)
    inherited = {name: value for name, value in os.environ.items() if name != "DOMED_ENDPOINT"}
    return inherited | {name: str(place) for name, place in places.items()}


@contextmanager
def a_daemon(environ: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    """A daemon for the length of the demonstration; it is stopped, and shown to be gone, whatever happens."""
    quietly("service", "start", environ=environ)
    pid = int(json.loads(quietly("service", "status", "--json", environ=environ))["pid"])
    try:
        yield environ
    finally:
        quietly("service", "stop", environ=environ)
        if is_running(pid):
            os.kill(pid, signal.SIGKILL)
            raise SystemExit(f"The daemon (process {pid}) outlived `dome service stop`; it was ended by force.")
    say("The daemon was stopped; no process is left")


def newest_job(environ: Mapping[str, str]) -> str:
    """The id of the job that was submitted last."""
    line = quietly("jobs", "--limit", "1", "--json", environ=environ).splitlines()[0]
    return str(json.loads(line)["job_id"])


def shown(*words: str, environ: Mapping[str, str], lines_max: int | None = None) -> None:
    """Print a command as a person would type it, then run it; with `lines_max` only the first lines of its output."""
    print(f"$ {shlex.join(['dome', *words])}", flush=True)
    if lines_max is None:
        subprocess.run([str(DOME), *words], cwd=ROOT, env=environ, check=True, timeout=STEP_TIMEOUT_S)
        return
    lines = quietly(*words, environ=environ).splitlines()
    print("\n".join(lines[:lines_max]))
    if len(lines) > lines_max:
        print(f"... and {len(lines) - lines_max} more lines")


def quietly(*words: str, environ: Mapping[str, str]) -> str:
    """Run a command and return what it printed."""
    done = subprocess.run(
        [str(DOME), *words],
        cwd=ROOT,
        env=environ,
        check=True,
        timeout=STEP_TIMEOUT_S,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout


def is_running(pid: int) -> bool:
    """Whether a process has this id. One that has ended and was not reaped by its parent yet is not running."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path("/proc", str(pid), "stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")


def say(text: str) -> None:
    """Print a heading."""
    print(f"\n# {text}", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(f"The demonstration stopped: {shlex.join(map(str, error.cmd))} ended with {error.returncode}.")
