"""Which documents of the doctrine belong to an action: what applies, what that requires, and what it suggests.

Pure. `requires` brings a document along, whatever its own scope; one that does not exist or is not active is a refusal.
`suggests` brings one along where it applies, a few steps deep, and else only names it. `scopes` narrows its target to
where it applies itself. `specializes` takes the place of its target.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from dome_contracts.schema.governance.charter import Activation
from dome_contracts.schema.governance.directive import AppliesTo, DoctrineKind, Relation
from dome_contracts.schema.governance.governance_context import WarningKind
from dome_spec.governance.doctrine.kinds import KINDS, Address, Document
from dome_spec.governance.doctrine.layers import Doctrine
from dome_spec.governance.glob_meeting import common_path
from dome_spec.governance.refusals import DoctrineAmbiguous, DoctrineInactive

_ACTIVATED_BY: Final[Mapping[DoctrineKind, str]] = {
    DoctrineKind.DIRECTIVE: "directives",
    DoctrineKind.TACTIC: "tactics",
    DoctrineKind.AGENT_PROFILE: "agent_profiles",
    DoctrineKind.MISSION_TYPE: "mission_types",
    DoctrineKind.STEP_CONTRACT: "step_contracts",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """What is asked about: an action of a mission of a type, on the paths that a work package owns."""

    action: str
    mission_type: str
    paths: tuple[str, ...] = ()
    """Paths and patterns. Empty: no package is meant, and what is limited to paths does not apply."""


@dataclass(frozen=True, slots=True)
class Loose:
    """A suggestion that was not followed, and why; None where it merely lies too deep."""

    address: Address
    kind: WarningKind | None


@dataclass(frozen=True, slots=True)
class Closure:
    """The documents that belong to an action, and the suggestions that were not followed."""

    documents: Mapping[Address, Document]
    loose: tuple[Loose, ...]


def is_active(activation: Activation, address: Address) -> bool:
    """Whether the charter activates a document. Of a kind that it leaves out all are active, by an empty list none."""
    listed: list[str] | None = getattr(activation, _ACTIVATED_BY[address[0]])
    return listed is None or address[1] in listed


def applies(scope: AppliesTo | None, where: Where) -> bool:
    """Whether a scope holds there. What a scope leaves out does not limit it."""
    if scope is None:
        return True
    return (
        (scope.actions is None or where.action in scope.actions)
        and (scope.mission_types is None or where.mission_type in scope.mission_types)
        and (scope.paths is None or any(_meet(path, glob) for path in where.paths for glob in scope.paths))
    )


def _meet(one: str, other: str) -> bool:
    return common_path(one, other) is not None


def require(doctrine: Doctrine, activation: Activation, address: Address, *, by: str) -> Document:
    """A document that has to be there. Raises DoctrineMissing, DoctrineInactive, DoctrineUnreadable."""
    document = doctrine.document(address)
    if not is_active(activation, address):
        kind, name = address
        raise DoctrineInactive(
            f"The {kind.value.replace('_', ' ')} {name!r} is not active",
            why=f"{by} requires it, and the charter does not list it",
            hint=f"Add it to `activation.{_ACTIVATED_BY[kind]}` of the charter",
        )
    return document


def closure(
    doctrine: Doctrine, activation: Activation, where: Where, *, roots: Iterable[Address], depth: int
) -> Closure:
    """All that belongs to the roots; `depth` is how many suggestions in a row are followed.

    Raises DoctrineMissing, DoctrineInactive, DoctrineUnreadable.
    """
    substitutes = _substitutes(doctrine, activation, where)
    reached: dict[Address, Document] = {}
    loose: dict[Address, WarningKind | None] = {}
    # By number of suggestions on the way: what is reached on a shorter way is followed farther.
    rounds: list[dict[Address, str]] = [dict.fromkeys(roots, "the action"), *({} for _ in range(depth))]
    for steps, waiting in enumerate(rounds):
        while waiting:
            named, by = waiting.popitem()
            address = substitutes.get(named, named)
            if address in reached:
                continue
            document = reached[address] = require(doctrine, activation, address, by=by)
            for reference in document.references or ():
                target = (reference.target.kind, reference.target.id)
                if reference.relation is Relation.REQUIRES:
                    waiting[target] = f"{address[0].value} {address[1]!r}"
                elif reference.relation is Relation.SUGGESTS:
                    kind = _looseness(doctrine, activation, target)
                    if kind is not None or steps == depth:
                        loose[target] = kind
                    elif applies(_scope(doctrine.document(target)), where):
                        rounds[steps + 1][target] = f"{address[0].value} {address[1]!r}"
    return Closure(
        documents=dict(sorted(reached.items())),
        loose=tuple(Loose(each, loose[each]) for each in sorted(loose) if substitutes.get(each, each) not in reached),
    )


def narrowed(doctrine: Doctrine, activation: Activation, where: Where) -> frozenset[Address]:
    """What does not apply there because something active scopes it and does not apply itself."""
    out: set[Address] = set()
    for kind in KINDS:
        for address in [(kind, name) for name in doctrine.ids(kind)]:
            targets = _targets(doctrine, address, Relation.SCOPES) if is_active(activation, address) else []
            if targets and not applies(_scope(doctrine.document(address)), where):
                out.update(targets)
    return frozenset(out)


def _looseness(doctrine: Doctrine, activation: Activation, target: Address) -> WarningKind | None:
    if target not in doctrine:
        return WarningKind.UNRESOLVED_SUGGESTION
    return None if is_active(activation, target) else WarningKind.INACTIVE


def _scope(document: Document) -> AppliesTo | None:
    scope: AppliesTo | None = getattr(document, "scope", None)
    return scope


def _substitutes(doctrine: Doctrine, activation: Activation, where: Where) -> Mapping[Address, Address]:
    """By what a directive or tactic is replaced there: by the active document that specializes it and applies.

    Raises DoctrineAmbiguous where two would replace one.
    """
    direct: dict[Address, Address] = {}
    for kind in (DoctrineKind.DIRECTIVE, DoctrineKind.TACTIC):
        for address in [(kind, name) for name in doctrine.ids(kind)]:
            for target in _targets(doctrine, address, Relation.SPECIALIZES):
                if target[0] is not kind or not is_active(activation, address):
                    continue
                if not applies(_scope(doctrine.document(address)), where):
                    continue
                if target in direct:
                    both = f"{direct[target][1]!r} and {address[1]!r}"
                    raise DoctrineAmbiguous(
                        f"{both} both specialize the {kind.value} {target[1]!r}", hint="Activate or keep one of them"
                    )
                direct[target] = address
    return {target: _last(direct, target) for target in direct}


def _last(direct: Mapping[Address, Address], target: Address) -> Address:
    """The end of a chain of specializations; where it goes in a circle, nothing is replaced."""
    seen, last = {target}, direct[target]
    while last in direct:
        if last in seen:
            return target
        seen.add(last)
        last = direct[last]
    return last


def _targets(doctrine: Doctrine, address: Address, relation: Relation) -> list[Address]:
    references = doctrine.document(address).references or ()
    return [(each.target.kind, each.target.id) for each in references if each.relation is relation]
