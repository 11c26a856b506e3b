"""Repositories to commit in, the probe of one as a commit target, and what `git status` says of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dome_contracts import canonical

Git = Callable[..., bytes]
OPERATION = "op-01jd8x3k5m7q9r2t4v6w8y0z1b"
OTHER_OPERATION = "op-01jd8x3k5m7q9r2t4v6w8y0z1c"


@dataclass(frozen=True, slots=True)
class Repository:
    """A working tree with an identity of its own."""

    root: Path
    run: Git

    def git(self, *arguments: str | bytes, accepted: tuple[int, ...] = (0,)) -> str:
        return self.run(self.root, *arguments, accepted=accepted).decode("utf-8", "surrogateescape").rstrip("\n")

    def write(self, files: dict[str, str | bytes | None]) -> None:
        """Files with their content; None removes one."""
        for name, data in files.items():
            path = self.root / name
            if data is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data if isinstance(data, bytes) else data.encode())

    def commit(self, files: dict[str, str | bytes | None], message: str = "by hand") -> str:
        """A commit of everything, by git itself."""
        self.write(files)
        self.git("add", "-A", ".")
        self.git("commit", "-qm", message)
        return self.head()

    def head(self) -> str:
        return self.git("rev-parse", "HEAD")

    def target(self, **other: Any) -> dict[str, Any]:
        """What a probe sees, with its witness."""
        born = self.git("rev-parse", "-q", "--verify", "HEAD", accepted=(0, 1))
        zeros = "0" * (64 if self.git("rev-parse", "--show-object-format") == "sha256" else 40)
        seen = {
            "schema_version": "1",
            "repository_id": "repo-01hs20b6ngdw48d4by8jq7k94x",
            "worktree_root": str(self.root),
            "git_common_dir": self.git("rev-parse", "--path-format=absolute", "--git-common-dir"),
            "destination_ref": self.git("symbolic-ref", "-q", "HEAD", accepted=(0, 1)) or "refs/heads/main",
            "head": born or zeros,
            "protection": "open",
            "capability": "standard",
            "staged_paths": self.staged(),
            **other,
        }
        return {**seen, "witness": canonical.digest(seen), "probe_time": "2024-05-17T11:10:40.000917Z"}

    def request(self, *paths: str, **other: Any) -> dict[str, Any]:
        """An input of the tool for the repository as it is."""
        document = {"operation_id": OPERATION, "message": {"subject": "The change"}, "paths": list(paths), **other}
        return {"target": self.target(), **document}

    def staged(self) -> list[str]:
        said = self.git("diff", "--cached", "--name-only", "--no-renames", "-z")
        return [path for path in said.split("\0") if path]

    def status(self) -> list[str]:
        said = self.git("status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all")
        return [line for line in said.split("\0") if line]

    def shown(self, path: str, commit: str = "HEAD") -> bytes:
        return self.run(self.root, "cat-file", "blob", f"{commit}:{path}")

    def changed(self) -> list[str]:
        """What the newest commit changes, with letters."""
        said = self.git("diff-tree", "--root", "-r", "--no-commit-id", "--name-status", "--no-renames", "-z", "HEAD")
        words = said.split("\0")[:-1]
        return [f"{letter} {path}" for letter, path in zip(words[::2], words[1::2], strict=True)]


def made(root: Path, git: Git, *options: str) -> Repository:
    """A repository without a commit, on the branch main."""
    root.mkdir(parents=True, exist_ok=True)
    git(root, "init", "-q", "-b", "main", *options)
    for name, value in (("user.name", "Ada"), ("user.email", "ada@example.org")):
        git(root, "config", name, value)
    return Repository(root, git)
