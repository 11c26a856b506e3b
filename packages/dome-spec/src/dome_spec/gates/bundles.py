"""Where guardrails come from: the repository's own, else those that are shipped beside this module. Evaluates nothing.

A run's overlay is a bundle, too. Whoever has guardrails of their own takes nothing over from the shipped ones.
"""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final

from dome_contracts.canonical import canonical_bytes
from dome_contracts.exit_codes import Exit
from dome_contracts.schema.gates.guardrails_bundle import GuardrailsBundle
from dome_spec.binding import EvidenceStore
from dome_spec.gates.bundle_faults import bundle_faults
from dome_spec.governance import Guardrails
from dome_spec.kernel import Refusal, Violation, read_document

GUARDRAILS_FILE: Final = ".dome/guardrails.json"
"""A repository's own guardrails, from its root."""
INVARIANTS_FILE: Final = ".dome/invariants.json"
"""A repository's own invariants, from its root."""
_PACKAGE: Final = "dome_spec.gates"


class BundleUnfit(Refusal):
    """The bundle is of its form, and cannot be evaluated as it stands."""

    code = "BUNDLE_UNFIT"
    exit_code = Exit.INVALID

    def __init__(self, name: str, faults: tuple[Violation, ...]) -> None:
        super().__init__(
            f"{name} cannot be evaluated",
            why=f"{faults[0].place}: {faults[0].message}",
            hint="`dome gate check FILE` says all that is wrong",
        )
        self._faults = faults

    @property
    def faults(self) -> Sequence[tuple[str, str]]:
        return [(each.place, each.message) for each in self._faults]


def default_guardrails() -> Guardrails:
    """The guardrails and invariants that hold where a repository has none of its own."""
    return Guardrails(bundle=_shipped("guardrails.json"), invariants=_shipped("invariants.json"))


def repository_guardrails(root: Path, *, overlay: GuardrailsBundle | None = None) -> Guardrails:
    """What holds in a working tree, with what a run adds. Raises DocumentInvalid, BundleUnfit, OSError."""
    shipped = default_guardrails()
    return Guardrails(
        bundle=_own(root / GUARDRAILS_FILE) or shipped.bundle,
        invariants=_own(root / INVARIANTS_FILE) or shipped.invariants,
        overlay=overlay,
    )


def read_bundle(path: Path) -> GuardrailsBundle:
    """The bundle in a file, fit to be evaluated. Raises DocumentInvalid, BundleUnfit, OSError."""
    bundle = read_document(GuardrailsBundle, path.read_bytes())
    if faults := bundle_faults(bundle):
        raise BundleUnfit(str(path), faults)
    return bundle


def keep_bundles(guardrails: Guardrails, store: EvidenceStore) -> None:
    """Keep the bundles as evidence, so that whoever explains an evaluation later has its guards."""
    for bundle in (guardrails.bundle, guardrails.invariants, guardrails.overlay):
        if bundle is not None:
            store.put(canonical_bytes(bundle.to_value()))


def _own(path: Path) -> GuardrailsBundle | None:
    try:
        return read_bundle(path)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _shipped(name: str) -> GuardrailsBundle:
    return read_document(GuardrailsBundle, (files(_PACKAGE) / "defaults" / name).read_bytes())
