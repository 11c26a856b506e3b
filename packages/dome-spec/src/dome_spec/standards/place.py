"""The place of a trial: a scratch repository that is made for it, or a directory that somebody can spare.

What was changed there is found out by looking at it before and after, from outside of the run.
"""

import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dome_contracts.exit_codes import Exit
from dome_spec.kernel import Refusal
from dome_spec.kernel.durable import make_directory
from dome_spec.kernel.vcs_scratch import empty_repository

FILES: Final[Mapping[str, str]] = {
    "README.md": "# Greetings\n\nhello, standard\n",
    "src/greetings.py": 'def greeting(name):\n    return f"hello, {name}"\n',
    "tests/test_greetings.py": "def test_a_greeting_names_whom_it_greets():\n    assert 'ada' in 'hello, ada'\n",
}
"""What a scratch repository holds, so that there is something to find, to read and to test."""
LOOKED_AT_MAX: Final = 20_000
"""Most files of a spared directory: each is looked at before and after every run."""
_REPOSITORY: Final = "repository"
_BESIDE: Final = "beside"

Look = Mapping[str, tuple[int, ...]]
"""By path, what tells a file from one that was changed."""


class DirectoryTooLarge(Refusal):
    """The directory holds more files than are looked at around every run."""

    code = "DIRECTORY_TOO_LARGE"
    exit_code = Exit.INVALID


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tool is run."""

    watched: Path
    """All that is looked at."""
    directory: Path
    """The working directory of the runs."""
    is_scratch: bool
    files_max: int = LOOKED_AT_MAX

    def look(self) -> Look:
        """Everything that is there. Raises DirectoryTooLarge."""
        found: dict[str, tuple[int, ...]] = {}
        for path, entry in _walked(self.watched, self.watched):
            if len(found) >= self.files_max:
                raise DirectoryTooLarge(
                    f"{self.watched} holds more than {self.files_max} files",
                    why="all of them are looked at before and after every run",
                    hint="Name a smaller copy of it with --directory",
                )
            found[path] = entry
        return found

    def changed(self, before: Look, after: Look) -> tuple[str, ...]:
        """Paths that are otherwise than before: relative to the working directory, or as they are outside of it."""
        paths = [path for path in before.keys() | after.keys() if before.get(path) != after.get(path)]
        return tuple(sorted(os.path.relpath(self.watched / path, self.directory) for path in paths))

    def renew(self) -> None:
        """Give a scratch place its first content again; a spared directory stays as it is."""
        if self.is_scratch:
            shutil.rmtree(self.watched)
            _fill(self.watched)


@contextmanager
def scratch(folder: Path) -> Iterator[Place]:
    """A scratch repository below a folder of ours, for as long as it is used."""
    make_directory(folder.parent)
    _fill(folder)
    try:
        yield Place(folder, folder / _REPOSITORY, is_scratch=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def spared(directory: Path) -> Place:
    """A directory that somebody can spare."""
    return Place(directory, directory, is_scratch=False)


def _fill(folder: Path) -> None:
    for each in (_REPOSITORY, _BESIDE):
        (folder / each).mkdir(parents=True)
    empty_repository(folder / _REPOSITORY)
    for path, text in FILES.items():
        target = folder / _REPOSITORY / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    (folder / _BESIDE / "left-alone").write_text("Nobody has to do with this.\n")


def _walked(folder: Path, root: Path) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Every file and folder below; of folders only that they are there and their mode."""
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda each: each.name):
            known = entry.stat(follow_symlinks=False)
            path = os.path.relpath(entry.path, root)
            if stat.S_ISDIR(known.st_mode):
                yield path, (known.st_mode,)
                yield from _walked(Path(entry.path), root)
            else:
                yield path, (known.st_mode, known.st_size, known.st_mtime_ns, known.st_ctime_ns, known.st_ino)
