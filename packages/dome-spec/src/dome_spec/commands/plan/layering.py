"""What people, runs and episodes have said of remedies, layer by layer, beside what was learnt of them.

An entry of memory about a remedy has the key `remedy-SKILL`, with dashes for dots, and may say with
`value: {use: advisory}` that it is not to be placed first. The highest layer that says something counts: a policy that
grants it overrules a repository that would not have it. No entry of any layer makes a prior prescriptive that its own
record does not: what was learnt has to hold, and a lower layer never grants.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from dome_contracts.schema.knowledge.capsule import CapsuleUse, Eligibility, EligibilityCode, EligibilityReason
from dome_contracts.schema.patterns.memory_entry import MemoryEntry, MemoryLayer
from dome_spec.commands.plan.documents import read_value
from dome_spec.kernel import read_document
from dome_spec.patterns import About, Remembered, recall
from dome_spec.planning import OfferedPrior

ENTRIES: Final = ".dome/memory"
"""Where a repository keeps entries of memory that people wrote and reviewed."""
_REPOSITORY: Final = MemoryLayer.REPOSITORY.value
_USE: Final = "use"
_DETAIL_CHARACTERS_MAX: Final = 500


def read_entries(root: Path, repository_id: str) -> tuple[MemoryEntry, ...]:
    """The entries of a repository. Raises DocumentInvalid, NotADocument.

    What stands in a repository is about it: an entry of that layer need not say so, and is its own in each clone.
    """
    paths = sorted(str(path) for end in ("yaml", "json") for path in (root / ENTRIES).glob(f"*.{end}"))
    values = [read_value(each) for each in paths]
    own = {"repository_id": repository_id}
    return tuple(
        read_document(MemoryEntry, {**each, **own} if each.get("layer") == _REPOSITORY else each) for each in values
    )


def layered(found: Iterable[OfferedPrior], entries: Sequence[MemoryEntry], about: About) -> tuple[OfferedPrior, ...]:
    """The priors with what the layers say of their remedies."""
    return tuple(_layered(each, entries, about) for each in found)


def remedy_key(skill_id: str) -> str:
    """The key of entries about a remedy."""
    return f"remedy-{skill_id.replace('.', '-').replace('_', '-')}"


def _layered(prior: OfferedPrior, entries: Sequence[MemoryEntry], about: About) -> OfferedPrior:
    remedy = prior.capsule.remedy
    if remedy is None:
        return prior
    said = recall(entries, replace(about, task=prior.key))
    counting = next((each for each in said if each.entry.key == remedy_key(remedy.skill_id)), None)
    if counting is None or not _withholds(counting):
        return prior
    reasons = [each for each in prior.eligibility.reasons if each.code is not EligibilityCode.POLICY_INCOMPATIBLE]
    detail = f"The layer {counting.entry.layer.value} says: {' '.join(counting.entry.statement.split())}"
    reasons.append(EligibilityReason(code=EligibilityCode.POLICY_INCOMPATIBLE, detail=detail[:_DETAIL_CHARACTERS_MAX]))
    reasons.sort(key=lambda each: each.code.value)
    advisory = Eligibility(use=CapsuleUse.ADVISORY, evaluate_time=prior.eligibility.evaluate_time, reasons=reasons)
    return replace(prior, eligibility=advisory)


def _withholds(said: Remembered) -> bool:
    """Whether what counts asks for advice alone."""
    return not said.is_granted and (said.entry.value or {}).get(_USE) == CapsuleUse.ADVISORY.value
