"""Says in our words what documents of the bundle `xtrlv2` say: guardrails bundles, and the reasons of refusals. Pure.

Nothing is guessed: what has no answer in the vocabularies of the pin, or in the catalogue of reasons, is refused. What
limits a guard further than its transitions (phases, actions, kinds of documents) is left out: the guard then guards
more, never less. Phases, confidence and references to other policy documents have no place with us.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dome_contracts.failure_reasons import FailureReason
from dome_contracts.pinned_reasons import PINNED_REASONS
from dome_contracts.policy_reasons import POLICY_REASONS, PolicyReason
from dome_contracts.schema.control.pin import PinRole
from dome_spec.contracts.pins.reasons import Reasons, reasons
from dome_spec.contracts.pins.schemas import json_of
from dome_spec.contracts.pins.store import Pinned

_ARROW: Final = "->"
_RESTART: Final = "restart_mode_by_class"
_PRECEDENCE: Final = "classes_precedence"


class Untranslatable(Exception):
    """Something has no answer in our words: what, and where as a JSON pointer."""

    def __init__(self, pointer: str, what: str) -> None:
        super().__init__(f"{pointer}: {what}")
        self.pointer = pointer
        self.what = what


@dataclass(frozen=True, slots=True)
class Dictionary:
    """What a pin says of the words of its bundle."""

    bundle: str
    words: Mapping[str, Mapping[str, str]]
    """By vocabulary: theirs to ours."""
    reasons: Reasons

    def word(self, vocabulary: str, word: str, pointer: str) -> str:
        """Our word. Raises Untranslatable."""
        found = self.words.get(vocabulary, {}).get(word)
        if found is None:
            raise Untranslatable(pointer, f"{word!r} has no answer in the vocabulary {vocabulary}")
        return found

    def reason(self, code: str, pointer: str) -> FailureReason | PolicyReason:
        """Our reason: its type says whether it is a failure or a refusal. Raises Untranslatable."""
        found = PINNED_REASONS.get(self.bundle, {}).get(code)
        if found is None:
            raise Untranslatable(pointer, f"{code!r} of {self.bundle} is none of our reasons")
        return found


def dictionary(pinned: Pinned) -> Dictionary:
    """The dictionary of a pin with a catalogue of reasons. Raises MemberRefused, KeyError."""
    files = {each.role: each.file for each in pinned.pin.members}
    file = files[PinRole.REASON_SEMANTICS]
    words = {each.name: dict(each.to_ours) for each in pinned.pin.vocabularies or ()}
    return Dictionary(pinned.pin.bundle, words, reasons(json_of(pinned.files[file], file), file))


def split(codes: Sequence[str], by: Dictionary) -> tuple[FailureReason, PolicyReason]:
    """The failure and the refusal among the codes of one record, each the gravest of its kind. Raises Untranslatable.

    Neither replaces the other; NONE where there is none.
    """
    precedence = list(by.reasons.rest.get(_PRECEDENCE, ()))
    graded = sorted(codes, key=lambda code: _grade(by.reasons.classes.get(code, ""), precedence))
    found = [by.reason(code, "/reason_codes") for code in graded]
    failure = next((each for each in found if isinstance(each, FailureReason)), FailureReason.NONE)
    policy = next((each for each in found if isinstance(each, PolicyReason)), PolicyReason.NONE)
    return failure, policy


def guardrails(document: Mapping[str, Any], by: Dictionary) -> dict[str, Any]:
    """The document of gates/guardrails_bundle for a bundle that the pinned schema accepts. Raises Untranslatable.

    Names are taken as they are; the schema of the family says which of them are none.
    """
    guards = {each["guard_id"]: _guard(each, by, f"/guards/{index}") for index, each in enumerate(document["guards"])}
    if len(guards) != len(document["guards"]):
        raise Untranslatable("/guards", "two guards have one name")
    transitions: list[dict[str, str]] = []
    for guard in guards.values():
        transitions += [each for each in guard["applies_to"]["transitions"] if each not in transitions]
    unknown = document["meta"]["requirements"]["unknowns_policy"]
    pointer = "/meta/requirements/unknowns_policy"
    denies = {
        field: by.word("guard_decision", unknown[field], f"{pointer}/{field}")
        for field in ("on_unknown_state", "on_unknown_transition")
    }
    return {
        "schema_version": "1",
        "bundle_id": document["bundle_id"],
        "version": _version(document["version"]),
        "title": f"{document['bundle_id']}, as {by.bundle} has it",
        "transitions": transitions,
        "unknowns_policy": {
            **denies,
            "on_unknown_result": "DENY",
            "policy_reason_code": _refusal(unknown["reason_code"], by, f"{pointer}/reason_code"),
        },
        "guards": guards,
    }


def state(name: str) -> str:
    """Our name of a state."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _guard(of: Mapping[str, Any], by: Dictionary, pointer: str) -> dict[str, Any]:
    code = of["reason_code"]
    policy = _refusal(code, by, f"{pointer}/reason_code")
    stops = of["deny_decision"] == "STOP"
    theirs = "stop" if stops else by.reasons.classes[code]
    predicate = (
        by.word("predicate", of["predicate_ref"], f"{pointer}/predicate_ref")
        if "predicate_ref" in of
        else "evidence_present"
    )
    return {
        "guard_class": by.word("reason_class", theirs, f"{pointer}/reason_code"),
        "applies_to": {"transitions": _transitions(of["applies_to"], f"{pointer}/applies_to")},
        "predicate": {"kind": predicate},
        "required_evidence": sorted(
            {by.word("evidence_kind", each, f"{pointer}/required_evidence") for each in of["required_evidence"]}
        ),
        "policy_reason_code": str(policy),
        "feedback": _feedback(of, by, policy=policy, their_class=theirs),
    }


def _refusal(code: str, by: Dictionary, pointer: str) -> PolicyReason:
    """A guard refuses by a policy reason; a failure is what it looked at, never why it refused."""
    found = by.reason(code, pointer)
    if not isinstance(found, PolicyReason):
        raise Untranslatable(pointer, f"{code!r} is a failure ({found}), and a guard refuses for a reason of policy")
    return found


def _transitions(of: Mapping[str, Any], pointer: str) -> list[dict[str, str]]:
    named = [(of["transition"]["from"], of["transition"]["to"])] if "transition" in of else []
    for index, each in enumerate(of.get("transitions", ())):
        left, arrow, right = each.partition(_ARROW)
        if not arrow:
            raise Untranslatable(f"{pointer}/transitions/{index}", f"{each!r} does not name two states")
        named.append((left, right))
    found = list(dict.fromkeys((state(left), state(right)) for left, right in named))
    if not found:
        raise Untranslatable(pointer, "the guard names no transition")
    if len(found) != len(set(named)):
        raise Untranslatable(pointer, "two states have one name with us")
    return [{"from": left, "to": right} for left, right in found]


def _feedback(of: Mapping[str, Any], by: Dictionary, *, policy: PolicyReason, their_class: str) -> dict[str, str]:
    """What the guard says; of one that says nothing, what the catalogue says of its reason."""
    if said := of.get("feedback"):
        return {
            "severity": by.word("severity", said["severity"], "/feedback/severity"),
            "message": said["operator_message"],
            "hint": said["actionable_hint"],
            "next_step": by.word("next_step", said["next_step"], "/feedback/next_step"),
        }
    mode = by.reasons.rest[_RESTART][their_class]
    return {
        "severity": "error",
        "message": POLICY_REASONS[policy].meaning,
        "hint": POLICY_REASONS[policy].remedy,
        "next_step": by.word("restart_mode", mode, f"/{_RESTART}/{their_class}"),
    }


def _version(text: str) -> str:
    """Three numbers: a version of two begins its patches at 0."""
    numbers = text.split(".")
    return ".".join([*numbers, *["0"] * (3 - len(numbers))])


def _grade(of: str, precedence: Sequence[str]) -> int:
    return precedence.index(of) if of in precedence else len(precedence)
