"""What is known here of a remedy beyond what happened: its evidence, its tool, the guards. Asks no daemon.

`memory priors`, `memory explain` and `plan new` judge by this one source, so that what the one calls prescriptive the
other puts first.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dome_contracts.schema.shared.definitions import TaskKey
from dome_spec.binding import LIMIT_MAX, Conformance, EvidenceDamaged, EvidenceMissing, EvidenceStore, task_value
from dome_spec.commands.surroundings import this_process
from dome_spec.dispatch import refusal_ahead
from dome_spec.gates import repository_guardrails
from dome_spec.governance import Guardrails
from dome_spec.planning import SKILL_VERSIONS
from dome_spec.standards import StandardReports

if TYPE_CHECKING:
    from dome_spec.binding import Remedy, TaskColumns, Views
    from dome_spec.kernel import InfraContext


class StoreVerifier:
    """Looks into the store of evidence and the standard reports. What nobody has checked is not known to hold."""

    def __init__(
        self, evidence: EvidenceStore | None, reports: StandardReports | None, guardrails: Guardrails | None = None
    ) -> None:
        self._evidence = evidence
        self._reports = reports
        self._guardrails = guardrails

    def resolves(self, digest: str) -> bool:
        if self._evidence is None:
            return False
        try:
            self._evidence.check(digest)
        except (EvidenceMissing, EvidenceDamaged):
            return False
        return True

    def conformance(self, skill_id: str, tool_version: str) -> Conformance:
        return Conformance.UNKNOWN if self._reports is None else self._reports.conformance(skill_id, tool_version)

    def refusal(self, task: "TaskColumns", remedy: "Remedy") -> str | None:
        """What the guards of the repository would refuse an attempt with: the same ones that dispatch asks."""
        if self._guardrails is None:
            return None
        return refusal_ahead(self._guardrails, TaskKey.from_value(task_value(task)), this_process())


def verifier_of(infra: "InfraContext") -> StoreVerifier:
    """What verifies remedies of a repository; nothing where it has no id yet. Raises BundleInvalid, BundleUnfit."""
    if infra.repository_id is None:
        return StoreVerifier(None, None)
    guardrails = repository_guardrails(infra.root)
    return StoreVerifier(EvidenceStore(infra.evidence_dir), StandardReports(infra.state_dir), guardrails)


def known_versions(infra: "InfraContext", memory: "Views") -> Mapping[str, str]:
    """The versions that tools have here: the daemon's own as the planner knows them, of others what is known of them.

    That is the version that was checked last, else the one with which a remedy held last.
    """
    checked = {} if infra.repository_id is None else StandardReports(infra.state_dir).versions()
    learnt = sorted(memory.capsules(limit=LIMIT_MAX), key=lambda each: each.tally.last_seen_us)
    held = {each.remedy.skill_id: each.remedy.tool_version for each in learnt if each.remedy is not None}
    return {**held, **checked, **SKILL_VERSIONS}
