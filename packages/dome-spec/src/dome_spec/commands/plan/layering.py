"""What people, runs and episodes have said of remedies, layer by layer, beside what was learnt of them.

An entry of memory about a remedy has the key `remedy-SKILL`, with dashes for dots, and may say with
`value: {use: advisory}` that it is not to be placed first. The highest layer that says something counts: a policy that
grants it overrules a repository that would not have it. No entry of any layer makes a prior prescriptive that its own
record does not: what was learnt has to hold, and a lower layer never grants.

A layer is where an entry stands, not what it says of itself: policy stands in the configuration of the user, which no
work in a repository writes; everything else in the repository.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from dome_contracts.exit_codes import Exit
from dome_contracts.schema.knowledge.capsule import CapsuleUse, Eligibility, EligibilityCode, EligibilityReason
from dome_contracts.schema.patterns.memory_entry import MemoryEntry, MemoryLayer
from dome_spec.commands.plan.documents import read_value
from dome_spec.kernel import Refusal, read_document
from dome_spec.patterns import About, Remembered, recall
from dome_spec.planning import OfferedPrior

ENTRIES: Final = ".dome/memory"
"""Where a repository keeps entries of memory that people wrote and reviewed."""
POLICIES: Final = "dome/memory"
"""Where a user keeps entries of the layer of policy, below the directory of configuration."""
_POLICY: Final = MemoryLayer.POLICY.value
_REPOSITORY: Final = MemoryLayer.REPOSITORY.value
_USE: Final = "use"
_DETAIL_CHARACTERS_MAX: Final = 500


class LayerMisplaced(Refusal):
    """An entry stands where its layer does not."""

    code = "LAYER_MISPLACED"
    exit_code = Exit.INVALID


def read_entries(root: Path, repository_id: str, *, config_home: Path) -> tuple[MemoryEntry, ...]:
    """The entries of a repository, and the policies of its user. Raises DocumentInvalid, NotADocument, LayerMisplaced.

    What stands in a repository is about it: an entry of that layer need not say so, and is its own in each clone.
    """
    own = {"repository_id": repository_id}
    of_repository = [
        read_document(MemoryEntry, {**value, **own} if value.get("layer") == _REPOSITORY else value)
        for value in _values(root / ENTRIES, is_policy=False, belongs=config_home / POLICIES)
    ]
    of_user = [
        read_document(MemoryEntry, value)
        for value in _values(config_home / POLICIES, is_policy=True, belongs=root / ENTRIES)
    ]
    return (*of_repository, *of_user)


def _values(folder: Path, *, is_policy: bool, belongs: Path) -> Iterator[Mapping[str, Any]]:
    for path in sorted(str(path) for end in ("yaml", "json") for path in folder.glob(f"*.{end}")):
        value = read_value(path)
        if (value.get("layer") == _POLICY) is not is_policy:
            raise LayerMisplaced(
                f"{path} is of the layer {value.get('layer')}",
                why="Policy is what the user of a machine lays down; everything else belongs to a repository",
                hint=f"Move it to {belongs}, or make it {'policy' if is_policy else 'an entry of the repository'}",
            )
        yield value


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
