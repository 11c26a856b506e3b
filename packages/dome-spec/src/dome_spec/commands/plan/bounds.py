"""What bounds a run, from the files of its repository. Read before it is opened: a broken file begins nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dome_contracts.schema.gates.guardrails_bundle import GuardrailsBundle
from dome_spec.binding import Policy, repository_policy
from dome_spec.gates import read_bundle, repository_guardrails
from dome_spec.governance import Guardrails
from dome_spec.kernel import InfraContext, NotARepository, Repository


@dataclass(frozen=True, slots=True)
class Bounds:
    """The repository's own rules, and what a run is told to add to them."""

    guardrails: Guardrails
    overlay: GuardrailsBundle | None
    """What was given now; a run keeps what it was given first."""
    policy: Policy


def bounds_of(infra: InfraContext, overlay: Path | None) -> Bounds:
    """The bounds. Raises BundleInvalid, BundleUnfit, DocumentInvalid, PolicyUnfit, OSError."""
    guardrails = repository_guardrails(infra.root)
    return Bounds(guardrails, None if overlay is None else read_bundle(overlay), repository_policy(infra.root))


def changed_paths(root: Path) -> Sequence[str] | None:
    """The paths that git tracks and whose content differs from the commit; None outside of git."""
    try:
        with Repository.find(root) as repository:
            return sorted({*repository.staged_paths(), *repository.edited_paths()})
    except NotARepository:
        return None
