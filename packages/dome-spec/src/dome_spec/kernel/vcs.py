"""The one port to git: reads what is committed in a repository on this machine.

Refs and objects only. Nothing is executed (no hooks, no filters, no other program), nothing is written, and nothing is
fetched from a network: a repository is a directory here. Knows nothing of what the files hold.
"""

import re
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from dome_spec.kernel.vcs_errors import (
    FileTooLarge,
    NotARepository,
    NotInCommit,
    RefAmbiguous,
    RefNotFound,
    RepositoryUnreadable,
)
from dome_spec.kernel.vcs_files import CommittedFile, Entry, committed, normal, target
from dome_spec.kernel.vcs_names import HEX, PLACES, REVISION, STEP, TOP_LEVEL
from dome_spec.kernel.vcs_places import own_root

if TYPE_CHECKING:
    from dulwich.objects import Commit, ObjectID, ShaFile
    from dulwich.repo import Repo

FILE_BYTES_MAX: Final = 64 * 1024 * 1024
"""Largest file that is read from a commit."""
FILES_MAX: Final = 200_000
"""Most files that are listed of one commit."""
STEPS_MAX: Final = 100_000
"""Most commits that are walked back for `~n`."""
_SHORT_ID_MIN: Final = 4
_LINKS_MAX: Final = 8
_TAGS_MAX: Final = 16


class Repository:
    """A repository of git. Use it in `with`: it holds files open."""

    def __init__(self, repo: "Repo", found_at: Path) -> None:
        self._repo = repo
        self.root = own_root(repo, found_at)
        """The top of the working tree; None where there is none."""
        self.directory = Path(repo.controldir()).resolve()
        """Where git keeps what belongs to this working tree."""
        self.common_directory = Path(repo.commondir()).resolve()
        """Where git keeps what belongs to all working trees of the repository."""

    @classmethod
    def find(cls, start: Path) -> "Repository":
        """The repository that a path lies in, or is. Raises NotARepository, RepositoryUnreadable."""
        from dulwich.errors import NotGitRepository
        from dulwich.repo import InvalidWorktreeConfiguration, Repo, UnsupportedExtension, UnsupportedVersion

        if not start.exists():
            raise NotARepository(str(start), "it does not exist")
        begin = (start if start.is_dir() else start.parent).resolve()
        for directory in (begin, *begin.parents):
            try:
                return cls(Repo(directory), directory)
            except NotGitRepository:
                continue
            except (UnsupportedExtension, UnsupportedVersion) as error:
                raise RepositoryUnreadable(str(directory), f"its format is not known here ({error})") from error
            except (InvalidWorktreeConfiguration, OSError, ValueError) as error:
                raise RepositoryUnreadable(str(directory), str(error)) from error
        raise NotARepository(str(start), "no directory above it holds one either")

    def __enter__(self) -> "Repository":
        return self

    def __exit__(self, *_: object) -> None:
        self._repo.close()

    @property
    def name(self) -> str:
        """How people know it: its working tree, or its directory where it is bare."""
        return str(self.root or self.directory)

    def resolve(self, revision: str) -> str:
        """The full id of the commit that a branch, tag, id, short id or `NAME~n`, `NAME^n` names.

        Raises RefNotFound, RefAmbiguous, RepositoryUnreadable.
        """
        found = REVISION.fullmatch(revision)
        if found is None:
            raise RefNotFound(self.name, revision, "it is no revision that is understood here")
        with self._reading():
            commit = self._peeled(self._base(found["base"], revision), revision)
            for step in STEP.finditer(found["steps"]):
                commit = self._step(commit, step, revision)
            return str(commit.id.decode("ascii"))

    def parents(self, commit_id: str) -> list[str]:
        """The commits that one goes on from, as far as they are here. Raises RefNotFound, RepositoryUnreadable."""
        with self._reading():
            commit = self._peeled(_id(commit_id), commit_id)
            return [each.decode("ascii") for each in self._repo.get_parents(commit.id, commit)]

    def message(self, commit_id: str) -> str:
        """What a commit says of itself. Raises RefNotFound, RepositoryUnreadable."""
        with self._reading():
            return str(self._peeled(_id(commit_id), commit_id).message.decode("utf-8", errors="replace"))

    def staged_paths(self) -> list[str]:
        """Paths whose staged content is another than that of HEAD's commit. Raises RepositoryUnreadable."""
        with self._reading():
            index = self._repo.open_index()
            try:
                tree = self._peeled(self._repo.head(), "HEAD").tree
            except KeyError:  # nothing is committed yet: all that is staged differs
                return [path.decode("utf-8", errors="surrogateescape") for path in index]
            changed = index.changes_from_tree(self._repo.object_store, tree)
            return [(new or old or b"").decode("utf-8", errors="surrogateescape") for (old, new), _, _ in changed]

    def edited_paths(self) -> list[str]:
        """Tracked paths that are otherwise in the working tree than as they are staged. Raises RepositoryUnreadable."""
        from dulwich.index import get_unstaged_changes

        with self._reading():
            edited = get_unstaged_changes(self._repo.open_index(), str(self.root or self._repo.path))
            return sorted(path.decode("utf-8", errors="surrogateescape") for path in edited)

    def files(self, commit_id: str, prefix: str = "") -> list[CommittedFile]:
        """Every file below a directory of a commit, ordered by path; of submodules nothing. Paths begin at the root.

        A prefix that names a file gives this file. Raises NotInCommit, RepositoryUnreadable.
        """
        with self._reading():
            mode, object_id = self._entry(commit_id, normal(prefix))
            if not stat.S_ISDIR(mode):
                return [committed(normal(prefix), mode, object_id)]
            found: list[CommittedFile] = []
            for each in self._walk(object_id, normal(prefix)):
                found.append(each)
                if len(found) > FILES_MAX:
                    raise RepositoryUnreadable(self.name, f"more than {FILES_MAX} files below {prefix or 'its root'}")
            return sorted(found, key=lambda each: each.path)

    def read(self, commit_id: str, path: str, *, bytes_max: int = FILE_BYTES_MAX) -> bytes:
        """The bytes of one file of a commit. A link is followed inside of the commit.

        Raises NotInCommit, FileTooLarge, RepositoryUnreadable.
        """
        with self._reading():
            at = normal(path)
            for _ in range(_LINKS_MAX):
                mode, object_id = self._entry(commit_id, at)
                if not stat.S_ISREG(mode) and not stat.S_ISLNK(mode):
                    raise NotInCommit(self.name, commit_id, path, "it is no file there")
                data = self._object(object_id).as_raw_string()
                if len(data) > bytes_max:
                    raise FileTooLarge(path, len(data), bytes_max)
                if not stat.S_ISLNK(mode):
                    return bytes(data)
                at = target(self.name, commit_id, at, data)
            raise NotInCommit(self.name, commit_id, path, "it is a link that leads to links without end")

    def tree_id(self, commit_id: str) -> str:
        """The id of all that a commit holds. Raises RefNotFound, RepositoryUnreadable."""
        with self._reading():
            return str(self._peeled(_id(commit_id), commit_id).tree.decode("ascii"))

    def entries(self, tree_id: str) -> dict[bytes, Entry]:
        """What a directory of a commit holds, by the bytes of its name. Raises RepositoryUnreadable."""
        with self._reading():
            found = self._tree(_id(tree_id))
            return {name: Entry(mode, object_id.decode("ascii")) for name, (mode, object_id) in found.items()}

    def blob(self, blob_id: str) -> bytes:
        """The bytes of one file of a commit, by their id. Raises RepositoryUnreadable."""
        with self._reading():
            return bytes(self._object(_id(blob_id)).as_raw_string())

    def _base(self, name: str, revision: str) -> "ObjectID":
        """What a revision names before its steps: a ref, else an id or the beginning of one."""
        from dulwich.refs import Ref, check_ref_format

        name = "HEAD" if name == "@" else name
        if len(name) in (40, 64) and HEX.fullmatch(name):
            return _id(name.lower())
        for place in PLACES:
            ref = Ref(place.format(name).encode("utf-8", errors="surrogateescape"))
            if not (check_ref_format(ref) if place != "{}" or "/" in name else TOP_LEVEL.fullmatch(name)):
                continue
            if (target := self._repo.refs.follow(ref)[1]) is not None:
                return target
        if HEX.fullmatch(name):
            return self._short(name.lower(), revision)
        problem = "it has no commit yet" if name == "HEAD" else "no branch, tag or commit has this name"
        raise RefNotFound(self.name, revision, problem)

    def _short(self, prefix: str, revision: str) -> "ObjectID":
        """The one commit, or tag of one, whose id begins so."""
        from dulwich.objects import Commit, Tag

        ids = list(self._repo.object_store.iter_prefix(prefix.encode("ascii")))
        fitting = [each for each in ids if isinstance(self._object(each), Commit | Tag)]
        if len(fitting) == 1:
            return fitting[0]
        if not fitting:
            raise RefNotFound(self.name, revision, "no branch, tag or commit has this name")
        raise RefAmbiguous(self.name, revision, tuple(sorted(each.decode("ascii") for each in fitting)))

    def _peeled(self, object_id: "ObjectID", revision: str) -> "Commit":
        """The commit behind a name, through tags."""
        from dulwich.objects import Commit, Tag

        for _ in range(_TAGS_MAX):
            if object_id not in self._repo.object_store:
                raise RefNotFound(self.name, revision, f"the object {object_id.decode('ascii')} is not here")
            found = self._object(object_id)
            if isinstance(found, Commit):
                return found
            if not isinstance(found, Tag):
                break
            object_id = found.object[1]
        raise RefNotFound(self.name, revision, "it leads to no commit")

    def _step(self, commit: "Commit", step: "re.Match[str]", revision: str) -> "Commit":
        """One `~n`, `^n` or `^{}`."""
        if step["peel"] is not None:
            return commit
        count = int(step["count"]) if step["count"] else 1
        if step["kind"] == "^":
            return self._parent(commit, count, revision) if count else commit
        if count > STEPS_MAX:
            raise RefNotFound(self.name, revision, f"at most {STEPS_MAX} commits are walked back")
        for _ in range(count):
            commit = self._parent(commit, 1, revision)
        return commit

    def _parent(self, commit: "Commit", number: int, revision: str) -> "Commit":
        parents = self._repo.get_parents(commit.id, commit)
        if number > len(parents):
            why = "the history is shallow there" if commit.parents else "the history begins there"
            has = f"{commit.id.decode('ascii')[:12]} has {len(parents)} parents here; {why}"
            raise RefNotFound(self.name, revision, has)
        return self._peeled(parents[number - 1], revision)

    def _entry(self, commit_id: str, path: str) -> tuple[int, "ObjectID"]:
        """Mode and object of a path; the root for the empty one."""
        commit = self._peeled(_id(commit_id), commit_id)
        mode, object_id = stat.S_IFDIR, commit.tree
        for part in PurePosixPath(path).parts:
            entries = self._tree(object_id) if stat.S_ISDIR(mode) else {}
            name = part.encode("utf-8", errors="surrogateescape")
            if name not in entries:
                raise NotInCommit(self.name, commit_id, path, "it is not there")
            mode, object_id = entries[name]
        return mode, object_id

    def _walk(self, tree_id: "ObjectID", prefix: str) -> Iterator[CommittedFile]:
        pending = [(tree_id, prefix)]
        while pending:
            at, folder = pending.pop()
            for name, (mode, object_id) in self._tree(at).items():
                text = name.decode("utf-8", errors="surrogateescape")
                path = f"{folder}/{text}" if folder else text
                if stat.S_ISDIR(mode):
                    pending.append((object_id, path))
                elif stat.S_ISREG(mode) or stat.S_ISLNK(mode):
                    yield committed(path, mode, object_id)

    def _tree(self, object_id: "ObjectID") -> "dict[bytes, tuple[int, ObjectID]]":
        from dulwich.objects import Tree

        tree = self._object(object_id)
        if not isinstance(tree, Tree):
            raise ValueError(f"{object_id.decode('ascii')} is no directory")
        return {each.path: (each.mode, each.sha) for each in tree.iteritems()}

    def _object(self, object_id: "ObjectID") -> "ShaFile":
        return self._repo.object_store[object_id]

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """What git's files can be wrong in, as one error."""
        from dulwich.errors import ApplyDeltaError, ChecksumMismatch, FileFormatException, WrongObjectException

        try:
            yield
        except KeyError as error:
            what = f"the object {error.args[0]!r} is missing: the clone is partial or damaged"
            raise RepositoryUnreadable(self.name, what) from error
        except (ApplyDeltaError, ChecksumMismatch, FileFormatException, WrongObjectException) as error:
            raise RepositoryUnreadable(self.name, f"it is damaged ({type(error).__name__}: {error})") from error
        except (OSError, zlib.error, ValueError, AssertionError, EOFError) as error:
            raise RepositoryUnreadable(self.name, f"it cannot be read ({error})") from error


def _id(text: str) -> "ObjectID":
    from dulwich.objects import ObjectID

    return ObjectID(text.encode("ascii"))
