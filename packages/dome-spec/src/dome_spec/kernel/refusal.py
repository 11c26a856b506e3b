"""Refusals: what every error that people are told of says. Each context derives a class for each of its own reasons."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

from dome_contracts.exit_codes import Exit


class Refusal(Exception):
    """Something was not done, for a reason that is known: what, why, and what to do next."""

    code: ClassVar[str] = "REFUSED"
    """Name of the reason, for programs."""
    exit_code: ClassVar[Exit] = Exit.PRECONDITION
    """What a command ends with that was refused so."""

    def __init__(self, what: str, *, why: str = "", hint: str = "") -> None:
        super().__init__(". ".join(part.rstrip(".") for part in (what, why, hint) if part) + ".")
        self.what = what
        """What was not done, or is not there."""
        self.why = why
        """Why, where `what` does not say it yet."""
        self.hint = hint
        """What to do next."""

    @property
    def metadata(self) -> Mapping[str, str]:
        """More of it for programs, by name."""
        return MappingProxyType({})

    @property
    def faults(self) -> Sequence[tuple[str, str]]:
        """Everything that is wrong, each with what it is wrong with, where `why` cannot say it all."""
        return ()
