"""What keeps an artifact from being kept: the limits it is held to, and the words for why one was not. Pure."""

from dataclasses import dataclass
from enum import Enum, auto


@dataclass(frozen=True, slots=True)
class KeepLimits:
    """What the artifacts of one run are held to."""

    artifact_bytes_max: int
    """Of one."""
    artifacts_bytes_max: int
    """Of all together."""


class UnkeptKind(Enum):
    """Who would have to mend it."""

    INVALID = auto()
    """The tool: there is no such file, or none that may be taken."""
    TOO_LARGE = auto()
    """The tool, or who set the limit."""
    STORAGE = auto()
    """Who looks after the disk."""


@dataclass(frozen=True, slots=True)
class Unkept:
    """An artifact that was not kept."""

    kind: UnkeptKind
    message: str


class NotKept(Exception):
    """The artifact is not kept."""

    def __init__(self, kind: UnkeptKind, message: str) -> None:
        super().__init__(message)
        self.unkept = Unkept(kind, message)
