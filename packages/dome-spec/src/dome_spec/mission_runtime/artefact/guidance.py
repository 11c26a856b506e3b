"""Documents of the doctrine in the words in which an effector is told them. Pure."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from dome_contracts.schema.governance.directive import Directive, Enforcement
from dome_contracts.schema.governance.governance_context import GovernanceContext
from dome_contracts.schema.governance.step_contract import StepContract

_BROKEN: Final[Mapping[Enforcement, str]] = MappingProxyType(
    {
        Enforcement.REFUSE: "Where a review finds it broken, nothing is approved.",
        Enforcement.REVIEW: "Where it is broken, the review says so.",
    }
)


def guidance(governance: GovernanceContext) -> Iterator[dict[str, Any]]:
    """A block for each document that holds: profile, step contract, directives, tactics."""
    if governance.profile is not None:
        profile = governance.profile.value
        yield _block("agent_profile", profile.id, profile.version, profile.text)
    if governance.step_contract is not None:
        contract = governance.step_contract.value
        yield _block("step_contract", contract.id, contract.version, "\n".join(_contract(contract)))
    for directive in (each.value for each in governance.directives):
        yield _block("directive", directive.id, directive.version, "\n".join(_directive(directive)))
    for tactic in (each.value for each in governance.tactics):
        steps = "\n".join(f"{place}. {each.title}: {each.text}" for place, each in enumerate(tactic.steps, 1))
        yield _block("tactic", tactic.id, tactic.version, f"{tactic.intent}\n{steps}")


def _block(kind: str, name: str, version: str, text: str) -> dict[str, Any]:
    return {"kind": "guidance", "source": {"kind": kind, "id": name}, "version": version, "text": text}


def _contract(contract: StepContract) -> Iterator[str]:
    yield contract.guidance
    for each in contract.exit_conditions:
        by = f"guard {each.guard.value}" if each.guard is not None else each.proof.value.replace("_", " ")
        yield f"- At the end: {each.text} ({by})"


def _directive(directive: Directive) -> Iterator[str]:
    yield directive.text
    if directive.enforcement in _BROKEN:
        yield _BROKEN[directive.enforcement]
    yield from (f"- Looked at: {each}" for each in directive.criteria or ())
    yield from (f"- No breach: {each}" for each in directive.allowances or ())
