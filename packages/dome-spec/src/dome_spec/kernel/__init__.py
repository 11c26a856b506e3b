"""What all contexts of the spec plane share. Knows none of them."""

from dome_spec.kernel.json_text import NotJson, Position, nearest, positions, read_json
from dome_spec.kernel.runtime import Catalog, Runtime
from dome_spec.kernel.vcs import CommittedFile, Repository
from dome_spec.kernel.vcs_errors import (
    FileTooLarge,
    LinkOutside,
    NotARepository,
    NotInCommit,
    RefAmbiguous,
    RefNotFound,
    RepositoryUnreadable,
    VcsError,
)

__all__ = [
    "Catalog",
    "CommittedFile",
    "FileTooLarge",
    "LinkOutside",
    "NotARepository",
    "NotInCommit",
    "NotJson",
    "Position",
    "RefAmbiguous",
    "RefNotFound",
    "Repository",
    "RepositoryUnreadable",
    "Runtime",
    "VcsError",
    "nearest",
    "positions",
    "read_json",
]
