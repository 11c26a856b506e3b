"""An empty repository of git, made of the few files that make one: a place for trials. Runs nothing."""

from pathlib import Path
from typing import Final

_FILES: Final = {
    "HEAD": "ref: refs/heads/main\n",
    "config": "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n",
}
_FOLDERS: Final = ("objects/info", "objects/pack", "refs/heads", "refs/tags")


def empty_repository(root: Path) -> None:
    """Make the directory a repository in which nothing is committed yet. It has to be there, and to be none so far."""
    directory = root / ".git"
    directory.mkdir()
    for folder in _FOLDERS:
        (directory / folder).mkdir(parents=True)
    for name, text in _FILES.items():
        (directory / name).write_text(text)
