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
from dome_spec.kernel import DocumentInvalid, Refusal, Violation, read_document

GUARDRAILS_FILE: Final = ".dome/guardrails.json"
"""A repository's own guardrails, from its root."""
INVARIANTS_FILE: Final = ".dome/invariants.json"
"""A repository's own invariants, from its root."""
GUARDS_MAX: Final = 64
"""How many guards can be asked about a step: each has an evaluation, and a decision names them all."""
_PACKAGE: Final = "dome_spec.gates"


class BundleUnfit(Refusal):
    """The bundle is of its form, and cannot be evaluated as it stands."""

    code = "BUNDLE_UNFIT"
    exit_code = Exit.INVALID

    def __init__(self, name: str, faults: tuple[Violation, ...]) -> None:
        super().__init__(
            f"{name} cannot be evaluated",
            why=f"{faults[0].place}: {faults[0].message}",
            hint=f"`dome gate check {name}` says all that is wrong",
        )
        self._faults = faults

    @property
    def faults(self) -> Sequence[tuple[str, str]]:
        return [(each.place, each.message) for each in self._faults]


class BundleInvalid(DocumentInvalid):
    """The file is no bundle of guards."""

    code = "BUNDLE_INVALID"

    def __init__(self, name: str, error: DocumentInvalid) -> None:
        super().__init__(error.family, error.violations)
        self.what = f"{name} is no bundle of guards"
        self.hint = f"Mend it, or take it away; `dome gate check {name}` says all that is wrong"
        self.args = (f"{self.what}. {error.why}. {self.hint}.",)


class GuardsTooMany(Refusal):
    """Guardrails, invariants and overlay have more guards together than a decision can name."""

    code = "GUARDS_TOO_MANY"
    exit_code = Exit.INVALID


def default_guardrails() -> Guardrails:
    """The guardrails and invariants that hold where a repository has none of its own."""
    return Guardrails(bundle=_shipped("guardrails.json"), invariants=_shipped("invariants.json"))


def repository_guardrails(root: Path, *, overlay: GuardrailsBundle | None = None) -> Guardrails:
    """What holds in a working tree, with what a run adds.

    Raises BundleInvalid, BundleUnfit, GuardsTooMany, OSError.
    """
    shipped = default_guardrails()
    held = Guardrails(
        bundle=_own(root / GUARDRAILS_FILE) or shipped.bundle,
        invariants=_own(root / INVARIANTS_FILE) or shipped.invariants,
        overlay=overlay,
    )
    if (count := len(held.guards())) > GUARDS_MAX:
        raise GuardsTooMany(
            f"Nothing can be judged by {count} guards",
            why=f"guardrails, invariants and overlay have at most {GUARDS_MAX} together",
            hint="Take some out of the overlay, or out of the bundles of the repository",
        )
    return held


def read_bundle(path: Path) -> GuardrailsBundle:
    """The bundle in a file, fit to be evaluated. Raises BundleInvalid, BundleUnfit, OSError."""
    data = path.read_bytes()
    try:
        bundle = read_document(GuardrailsBundle, data)
    except DocumentInvalid as error:
        raise BundleInvalid(str(path), error) from error
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
