"""What can be wrong with a repository or a revision.

VcsError
├── NotARepository        the path lies in no repository
├── RepositoryUnreadable  damaged, partial, or of a format that is not known
├── MainTreeUnknown       it cannot be told from a linked tree where the main one is
├── RefNotFound           the revision names no commit
├── RefAmbiguous          the short id begins more than one
├── NotInCommit           the commit holds no such file
│   └── LinkOutside       the file is a link that leads out of the commit
└── FileTooLarge          the file exceeds a limit
"""


class VcsError(Exception):
    """What is wrong, and what to do about it."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}. {remedy}")
        self.what = what
        self.remedy = remedy


class NotARepository(VcsError):
    """The path lies in no repository of git."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path} is in no git repository: {why}", "Name a directory inside of one, or make a clone.")
        self.path = path


class RepositoryUnreadable(VcsError):
    """The repository is there and cannot be read."""

    def __init__(self, repository: str, why: str) -> None:
        super().__init__(f"the repository {repository} cannot be read: {why}", "Use a complete clone (`git clone`).")
        self.repository = repository


class MainTreeUnknown(VcsError):
    """Nothing says where the main working tree lies."""

    def __init__(self, common: str, why: str) -> None:
        what = f"the main working tree of {common} cannot be told from here: {why}"
        super().__init__(
            what, "Give the command in the main working tree, or note it: `git config core.worktree ROOT`."
        )
        self.common = common


class RefNotFound(VcsError):
    """The revision names no commit."""

    def __init__(self, repository: str, revision: str, why: str) -> None:
        remedy = "Write a branch, a tag, a commit id or NAME~n; `git fetch` brings what is only on a server."
        super().__init__(f"{revision!r} in {repository}: {why}", remedy)
        self.repository = repository
        self.revision = revision


class RefAmbiguous(VcsError):
    """The beginning of an id fits more than one commit."""

    def __init__(self, repository: str, revision: str, candidates: tuple[str, ...]) -> None:
        what = f"{revision!r} in {repository} may be {' or '.join(candidates)}"
        super().__init__(what, "Write more of the id.")
        self.repository = repository
        self.revision = revision
        self.candidates = candidates


class NotInCommit(VcsError):
    """The commit holds no such file or directory."""

    def __init__(self, repository: str, commit_id: str, path: str, why: str) -> None:
        what = f"{path!r} in commit {commit_id[:12]} of {repository}: {why}"
        super().__init__(what, "Paths begin at the root of the repository; `git ls-tree -r COMMIT` lists them.")
        self.repository = repository
        self.commit_id = commit_id
        self.path = path


class LinkOutside(NotInCommit):
    """The file is a link that leads out of the commit."""

    def __init__(self, repository: str, commit_id: str, path: str, target: str) -> None:
        super().__init__(repository, commit_id, path, f"it is a link that leads outside, to {target!r}")


class FileTooLarge(VcsError):
    """The file is larger than what is read."""

    def __init__(self, path: str, size_bytes: int, bytes_max: int) -> None:
        super().__init__(f"{path!r} has {size_bytes} bytes, at most {bytes_max} are read", "Split the file.")
        self.path = path
        self.size_bytes = size_bytes
        self.bytes_max = bytes_max
