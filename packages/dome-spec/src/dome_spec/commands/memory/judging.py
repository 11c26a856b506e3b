"""What is known here of a remedy beyond what happened: its evidence, its tool. Asks no daemon; judges no capsule."""

from typing import TYPE_CHECKING

from dome_spec.binding import Conformance, EvidenceDamaged, EvidenceMissing, EvidenceStore

if TYPE_CHECKING:
    from dome_spec.binding import Remedy, TaskColumns


class StoreVerifier:
    """Looks into the evidence store. What nobody has checked of a tool is not known to hold."""

    def __init__(self, evidence: EvidenceStore | None) -> None:
        self._evidence = evidence

    def resolves(self, digest: str) -> bool:
        if self._evidence is None:
            return False
        try:
            self._evidence.check(digest)
        except (EvidenceMissing, EvidenceDamaged):
            return False
        return True

    def conformance(self, skill_id: str, tool_version: str) -> Conformance:
        return Conformance.UNKNOWN

    def refusal(self, task: "TaskColumns", remedy: "Remedy") -> str | None:
        return None
