"""A decision on promotion as an in-toto Statement v1, for whoever verifies what is integrated. Not signed.

Its subjects are the commit and the artifacts, its predicate the decision itself with the gate decisions that it rests
on, each in the form of its contract: whoever has the Statement can recompute every digest in it. Pure.
"""

from collections.abc import Iterable
from typing import Any, Final

from dome_contracts.canonical import PREFIX, canonical_bytes, digest
from dome_contracts.schema.gates.gate_decision import GateDecision
from dome_contracts.schema.gates.promotion_decision import PromotionDecision, PromotionSubject
from dome_contracts.schema.shared.definitions import ArtifactRef

STATEMENT: Final = "https://in-toto.io/Statement/v1"
PREDICATE: Final = "https://dome.dev/predicates/promotion/v1"

Json = dict[str, Any]


class BasisMissing(ValueError):
    """A gate decision that the promotion rests on was not given. The message is its digest."""


def promotion_statement(decision: PromotionDecision, gate_decisions: Iterable[GateDecision]) -> bytes:
    """The Statement as canonical JSON on one line: the same decision gives the same bytes.

    Of the gate decisions those are taken that it rests on. Raises BasisMissing.
    """
    value = decision.to_value()
    given = {digest(each): each for each in (gate.to_value() for gate in gate_decisions)}
    missing = [each for each in decision.gate_decisions if each not in given]
    if missing:
        raise BasisMissing(missing[0])
    statement: Json = {
        "_type": STATEMENT,
        "subject": _subjects(decision.subject),
        "predicateType": PREDICATE,
        "predicate": {
            "decision": value,
            "decisionDigest": _digest_set(digest(value)),
            "gateDecisions": [given[each] for each in decision.gate_decisions],
        },
    }
    return canonical_bytes(statement) + b"\n"


def _subjects(subject: PromotionSubject) -> list[Json]:
    """The commit under the name that Statements on runs have for it, and the artifacts under theirs."""
    artifacts = sorted(subject.artifacts or (), key=lambda each: each.name)
    return [{"name": "repository", "digest": {"gitCommit": subject.commit_sha}}, *map(_artifact, artifacts)]


def _artifact(each: ArtifactRef) -> Json:
    return {"name": f"artifact/{each.name}", "digest": _digest_set(each.digest), "mediaType": each.media_type}


def _digest_set(named: str) -> Json:
    return {"sha256": named.removeprefix(PREFIX)}
