"""What an examination comes to: findings, and checks that are findings with a name. Looks at nothing itself."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look found."""

    verdict: Verdict
    what: str
    """What was found."""
    why: str = ""
    """Why it matters. Empty where all is well."""
    repair: str = ""
    """What to do. Empty where all is well."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    verdict: Verdict
    what: str
    why: str = ""
    repair: str = ""

    @classmethod
    def of(cls, name: str, finding: Finding) -> "Check":
        """The finding under the name of the look."""
        return cls(name, finding.verdict, finding.what, finding.why, finding.repair)


def well(what: str) -> Finding:
    """Nothing to do."""
    return Finding(Verdict.OK, what)


def warning(what: str, *, why: str, repair: str) -> Finding:
    """Something works less well than it could."""
    return Finding(Verdict.WARNING, what, why, repair)


def problem(what: str, *, why: str, repair: str) -> Finding:
    """Something does not work."""
    return Finding(Verdict.PROBLEM, what, why, repair)
