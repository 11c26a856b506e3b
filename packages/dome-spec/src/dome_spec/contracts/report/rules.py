"""The rules of a report: those of the engine, and those about families and files that only a check can break."""

from typing import Final

from dome_spec.contracts.compatibility import RULES, Direction, Rule, Verdict

_OF_THE_CHECK: Final = (
    Rule(
        "family-removed",
        Verdict.INCOMPATIBLE,
        Direction.BACKWARD,
        (),
        "A family that was there is gone: whoever refers to it, or has documents of it, is left alone.",
        "Put it back and mark it deprecated; remove it with the next major version.",
    ),
    Rule(
        "family-renamed",
        Verdict.INCOMPATIBLE,
        Direction.BACKWARD,
        ("$id",),
        "The name of a family is another one: references to the old name lead nowhere.",
        "Keep the name. Another name is another family, beside this one.",
    ),
    Rule(
        "schema-refused",
        Verdict.UNDECIDED,
        Direction.BOTH,
        (),
        "A document is no schema that can be compared, so no verdict is possible.",
        "Mend the place that is named.",
    ),
    Rule(
        "file-unreadable",
        Verdict.UNDECIDED,
        Direction.BOTH,
        (),
        "A file is no JSON, or names a member twice, so readers disagree about what it says.",
        "Mend the place that is named.",
    ),
)


def rules() -> tuple[Rule, ...]:
    """Every rule, those of the engine first."""
    return (*RULES, *_OF_THE_CHECK)


def find_rule(rule_id: str) -> Rule | None:
    """The rule with an id."""
    return next((each for each in rules() if each.id == rule_id), None)
