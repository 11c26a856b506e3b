"""What can be wrong with a pin.

PinError
├── PinNotFound      no bundle has this name
├── PinExists        the bundle is pinned already
├── PinUnreadable    its pin.json is none
├── PinBroken        its files are not what was pinned
├── SourceUnusable   nothing can be pinned from there
├── LocationRefused  the source would be named by a path of one machine
└── MemberRefused    one file cannot be pinned as what was asked
"""

from collections.abc import Sequence
from dataclasses import dataclass


class PinError(Exception):
    """What is wrong, and what to do about it."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}. {remedy}")
        self.what = what
        self.remedy = remedy


class PinNotFound(PinError):
    """No bundle has this name."""

    def __init__(self, bundle: str, known: Sequence[str]) -> None:
        there = f"There are: {', '.join(known)}." if known else "There is none yet: `dome contracts pin add`."
        super().__init__(f"no bundle {bundle!r} is pinned here", there)


class PinExists(PinError):
    """The bundle is pinned already."""

    def __init__(self, bundle: str) -> None:
        remedy = f"Move it with `dome contracts pin update {bundle}`."
        super().__init__(f"the bundle {bundle!r} is pinned already", remedy)


class PinUnreadable(PinError):
    """The document of a pin is none."""


class SourceUnusable(PinError):
    """Nothing can be pinned from the source."""


class LocationRefused(PinError):
    """The source would be named by a path of one machine."""


class MemberRefused(PinError):
    """A file cannot be pinned as what was asked."""


@dataclass(frozen=True, slots=True)
class PinFault:
    """One thing of a pin that is not as it must be: where, what, and how to repair it."""

    place: str
    what: str
    remedy: str


class PinBroken(PinError):
    """The files of a pin are not what was pinned, or do not do what was said of them."""

    def __init__(self, bundle: str, faults: Sequence[PinFault]) -> None:
        first = faults[0]
        more = f" (and {len(faults) - 1} more: `dome contracts pin verify {bundle}`)" if len(faults) > 1 else ""
        super().__init__(f"{first.place}: {first.what}{more}", first.remedy)
        self.faults = tuple(faults)
