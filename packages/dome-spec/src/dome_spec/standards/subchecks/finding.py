"""What a subcheck comes to, and how it counts. Knows no subcheck."""

from dataclasses import dataclass, field
from typing import Final

from dome_contracts.schema.gates.standard_report import StandardFinding, SubcheckStatus
from dome_spec.kernel import Violation
from dome_spec.standards.observed import Run

FINDINGS_MAX: Final = 64
_LINE_MAX: Final = 240


@dataclass(frozen=True, slots=True)
class Judged:
    """The answer of a subcheck."""

    status: SubcheckStatus
    assertion_count: int
    findings: tuple[StandardFinding, ...] = ()
    why: str = ""
    """Why it does not apply."""
    unverified: tuple[str, ...] | None = None
    """Of what was declared, that which nobody could check; None where that is no question."""
    runs: tuple[Run, ...] = ()
    """The runs that it was judged by."""


@dataclass(slots=True)
class Tally:
    """Assertions as they are made."""

    count: int = 0
    findings: list[StandardFinding] = field(default_factory=list)

    def holds(self, *, code: str, message: str, place: str = "", if_not: bool) -> None:
        """One assertion; `if_not` says that it does not hold."""
        self.count += 1
        if if_not:
            self.fails(code, message, place)

    def fails(self, code: str, message: str, place: str = "") -> None:
        """Something that does not hold; the same is told once."""
        told = Violation(place, message).storable()
        more = {"place": told.place} if told.place else {}
        finding = StandardFinding(failure_reason_code=code, message=told.message[:_LINE_MAX], **more)
        if finding not in self.findings and len(self.findings) < FINDINGS_MAX:
            self.findings.append(finding)

    def judged(self, runs: tuple[Run, ...], *, why: str = "", unverified: tuple[str, ...] | None = None) -> Judged:
        """FAIL where anything does not hold; NOT_APPLICABLE where a reason is given, or nothing was asserted."""
        if self.findings:
            return Judged(SubcheckStatus.FAIL, self.count, tuple(self.findings), runs=runs)
        if why or not self.count:
            told = why or "There was nothing to assert."
            return Judged(SubcheckStatus.NOT_APPLICABLE, self.count, why=told, runs=runs, unverified=unverified)
        return Judged(SubcheckStatus.PASS, self.count, runs=runs)
