"""What somebody who pins a contract can do about a change of it. The owner's own remedies are not theirs."""

from typing import Final

from dome_spec.contracts.compatibility import Change, Direction, Verdict

_OF_THE_PIN: Final = ("reason.", "member.", "fixture.", "definition.")
"""Rules whose remedies are written for those who pin."""
_BY_RULE: Final = {
    "default": "Write the field wherever it is left out and the old default is meant.",
    "enum-growth": "Let what reads it take a value that it does not know.",
}
_BROKEN: Final = {
    Direction.BACKWARD: "Write no such document any more, and convert those that are kept, before the pin moves.",
    Direction.FORWARD: "Let what reads such documents accept them before the owner sends one.",
}
_OTHERWISE: Final = {
    Verdict.COMPATIBLE: "Nothing: every document that was accepted still is.",
    Verdict.MEANING_CHANGED: "Look at whatever here relies on what was said; the same documents are accepted.",
    Verdict.UNDECIDED: "Try it with documents of your own: neither a proof nor a counter-example was found.",
}


def advice(of: Change) -> str:
    """What to do about one change."""
    if of.rule.startswith(_OF_THE_PIN):
        return of.remedy
    if of.verdict is Verdict.INCOMPATIBLE:
        return _BROKEN[of.direction]
    return _BY_RULE.get(of.rule, _OTHERWISE[of.verdict])


def nothing() -> str:
    """What to do where nothing changed for anybody."""
    return _OTHERWISE[Verdict.COMPATIBLE]


def place_shown(of: Change) -> str:
    """Where it is, with the name of another document before its pointer; empty for the whole."""
    return of.place if "#" in of.place or not of.place else f"#{of.place}"
