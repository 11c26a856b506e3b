"""What a gate says of a baseline. A value; finds nothing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BaselineFault:
    """What is wrong with a file of the baseline, and what to do."""

    place: str
    what: str
    remedy: str
