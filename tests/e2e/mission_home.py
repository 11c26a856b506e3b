"""A user with a repository of git that has missions, a worktree for each track, and effectors that act in them."""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.e2e.dome_home import DOME, Home, a_home
from tests.e2e.warm_python import Done, warm_python

SLUG = "parser"
IMPLEMENTER = "llm:agent-1,role=implementer,profile=implementer"
REVIEWER = "llm:agent-2,role=reviewer,profile=reviewer"
PERSON = "human:ada"
_WHEN = "2024-01-02T03:04:05+0000"
_PEOPLE = {
    "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org", "GIT_AUTHOR_DATE": _WHEN,
    "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org", "GIT_COMMITTER_DATE": _WHEN,
}  # fmt: skip
FILES = {"WP01": "src/a.py", "WP02": "src/a.py", "WP03": "src/c.py"}
"""What each package changes. The first two share a track, because they share a file."""
TRACKS = {"WP01": "track-01", "WP02": "track-01", "WP03": "track-02"}
_PACKAGES: Mapping[str, dict[str, Any]] = {
    "WP01": {"title": "A", "subtasks": [{"id": "T001", "title": "Write it"}, {"id": "T002", "title": "Test it"}]},
    "WP02": {"title": "B", "dependencies": ["WP01"]},
    "WP03": {"title": "C", "recommendation": {"profile_ref": "implementer", "role": "implementer"}},
}


class Site:
    """One user with one repository: the main checkout, and worktrees beside it."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.main = home.work
        self.tracks = {name: home.root / name for name in ("track-01", "track-02")}

    def environ(self, **more: str) -> dict[str, str]:
        return self.home.environ(USER="ada", **more)

    def git(self, *words: str, at: Path | None = None) -> str:
        done = subprocess.run(
            ["git", *words], cwd=at or self.main, env=self.environ(**_PEOPLE), check=True, capture_output=True
        )
        return done.stdout.decode().strip()

    def start(
        self,
        *words: str,
        at: Path | None = None,
        given: bytes = b"",
        command: Sequence[str] = DOME,
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> "subprocess.Popen[bytes]":
        """The command in a directory, which the caller ends."""
        process = subprocess.Popen(
            [*command, *words],
            cwd=at or self.main,
            env=self.environ(**more),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdin is not None
        process.stdin.write(given)
        process.stdin.close()
        process.stdin = None
        return process

    def dome(self, *words: str, at: Path | None = None, given: bytes = b"") -> Done:
        return warm_python().run(*words, cwd=at or self.main, environ=self.environ(), given=given)

    def done(self, *words: str, at: Path | None = None, given: bytes = b"") -> dict[str, Any]:
        """What the command says as JSON, where it has to succeed."""
        done = self.dome(*words, "--json", at=at, given=given)
        assert done.code == 0, done.err
        return done.documents()[-1]

    def refused(self, *words: str, at: Path | None = None, given: bytes = b"") -> dict[str, Any]:
        """How the command is refused."""
        done = self.dome(*words, "--json", at=at, given=given)
        assert done.code != 0, done.out
        return dict(json.loads(done.err.splitlines()[-1])["error"])

    def artefact(self, package: str, acting: str, *, at: Path | None = None) -> dict[str, Any]:
        return self.done("artefact", "show", SLUG, package, "--as", acting, at=at)

    def witness(self, package: str, acting: str, *, at: Path | None = None) -> str:
        shown = self.artefact(package, acting, at=at)
        return f"{shown['digest']}@{shown['stream_version']}"

    def check(self, package: str) -> str:
        """A job that ran, with success, on what lies on the track of a package."""
        done = self.dome("run", "process.run", "--json", "--", "true", at=self.tracks[TRACKS[package]])
        assert done.code == 0, done.err
        (job, *_) = self.dome("jobs", "--json").documents()
        return str(job["job_id"])

    def write(self, package: str, text: str) -> Path:
        """Work on a package, where its track is."""
        path = self.tracks[TRACKS[package]] / FILES[package]
        path.write_text(text)
        return path

    def write_package(self, name: str, **fields: Any) -> None:
        value = {"requirements": ["FR-001"], "owned_files": [FILES[name]], **_PACKAGES[name], **fields}
        path = self.main / "missions" / SLUG / "packages" / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        # Every JSON document is YAML.
        path.write_text(f"---\n{json.dumps(value)}\n---\n\nDo {name}.\n")

    def everything(self) -> dict[str, tuple[bytes, int]]:
        """Every file of the repository and of what is kept of it, with its time."""
        roots = [self.main, *self.tracks.values(), self.home.state / "spec"]
        files = [path for root in roots for path in sorted(root.rglob("*")) if path.is_file()]
        return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


@contextmanager
def a_site() -> Iterator[Site]:
    """A repository with a charter and two files, and nothing of missions yet."""
    with a_home() as home:
        site = Site(home)
        site.git("init", "-q", "-b", "main")
        site.git("config", "user.name", "Ada")
        site.git("config", "user.email", "ada@example.org")
        (site.main / "src").mkdir()
        for path in sorted(set(FILES.values())):
            (site.main / path).write_text("begun\n")
        site.git("add", "-A")
        site.git("commit", "-qm", "First")
        yield site


def begin(site: Site, at: Path | None = None) -> str:
    """Charter, mission and packages, fixed; a worktree for each track. The id of the mission."""
    site.done("charter", "init", "--as", PERSON, at=at)
    words = ("--goal", "Parse dates", "--require", "FR-001=Dates are parsed", "--must-not", "Times change")
    mission = site.done("mission", "new", SLUG, *words, "--as", PERSON, at=at)
    for name in _PACKAGES:
        site.write_package(name)
    site.done("mission", "finalize", SLUG, "--as", PERSON, at=at)
    site.git("add", "-A")
    site.git("commit", "-qm", "The mission")
    add_worktrees(site)
    return str(mission["mission_id"])


def add_worktrees(site: Site) -> None:
    for track, root in site.tracks.items():
        site.git("worktree", "add", "-q", str(root), "-b", f"missions/{SLUG}/{track}")


def take(site: Site, package: str, *, at: Path | None = None) -> None:
    """Claim and begin a package."""
    acting = ("--as", IMPLEMENTER)
    site.done("mission", "claim", SLUG, package, "--witness", site.witness(package, IMPLEMENTER, at=at), *acting, at=at)
    site.done("mission", "move", SLUG, package, "start", *acting, at=at)


def submit_words(package: str, witness: str) -> tuple[str, ...]:
    commit = ("--commit", f"Do {package}", "--path", FILES[package])
    return ("mission", "move", SLUG, package, "submit", "--as", IMPLEMENTER, "--witness", witness, *commit)
