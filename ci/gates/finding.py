"""What a gate says. Knows no gate."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be: where, what, and how to repair it."""

    place: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}. {self.remedy}"


class GateFailed(Exception):
    """A gate could not look. The message says why; it counts as red."""
