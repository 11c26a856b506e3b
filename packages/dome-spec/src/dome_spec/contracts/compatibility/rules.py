"""The rules by which changes are named: what a change does to whom, and what to do about it.

A rule is a name for people, not a way to decide: the engine decides by the documents that both schemas accept. Every
rule has an example in `rule_table`.
"""

from dataclasses import dataclass
from typing import Final

from dome_spec.contracts.compatibility.values import Direction, Verdict


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of change."""

    id: str
    verdict: Verdict
    direction: Direction
    """Towards whom the verdict holds; BOTH where it is the same for both."""
    keywords: tuple[str, ...]
    what: str
    """What such a change does."""
    remedy: str


_MAJOR: Final = "or make it a new major version of the family"

_TIGHTENED: Final[dict[str, tuple[str, str]]] = {
    "type": ("A value of a type that was allowed is refused.", f"Keep every type that was allowed, {_MAJOR}."),
    "enum": ("A value that was allowed is refused.", f"Keep the value and mark it deprecated, {_MAJOR}."),
    "const": ("Only one value is left of those that were allowed.", f"Allow the old value beside it, {_MAJOR}."),
    "minimum": ("A number that was large enough is refused.", f"Keep the old bound, {_MAJOR}."),
    "maximum": ("A number that was small enough is refused.", f"Keep the old bound, {_MAJOR}."),
    "exclusiveMinimum": ("A number at or near the lower bound is refused.", f"Keep the old bound, {_MAJOR}."),
    "exclusiveMaximum": ("A number at or near the upper bound is refused.", f"Keep the old bound, {_MAJOR}."),
    "multipleOf": ("A number between the steps is refused.", f"Keep the step, or one that divides it, {_MAJOR}."),
    "minLength": ("A text that was long enough is refused.", f"Keep the old length, {_MAJOR}."),
    "maxLength": ("A text that was short enough is refused.", f"Keep the old length, {_MAJOR}."),
    "pattern": ("A text that the old pattern matches is refused.", f"Keep what the old pattern matches, {_MAJOR}."),
    "format": ("A text that was free, or had another format, is refused.", f"Keep the format, {_MAJOR}."),
    "minItems": ("An array that was long enough is refused.", f"Keep the old count, {_MAJOR}."),
    "maxItems": ("An array that was short enough is refused.", f"Keep the old count, {_MAJOR}."),
    "uniqueItems": ("An array with equal items is refused.", f"Allow equal items, and ignore the second, {_MAJOR}."),
    "contains": ("An array without such an item is refused.", f"Do without that item, {_MAJOR}."),
    "minContains": ("An array with too few such items is refused.", f"Keep the old count, {_MAJOR}."),
    "maxContains": ("An array with too many such items is refused.", f"Keep the old count, {_MAJOR}."),
    "prefixItems": ("An item at its place is refused.", f"Keep what was allowed at that place, {_MAJOR}."),
    "items": ("An item that was allowed is refused.", f"Keep what was allowed as an item, {_MAJOR}."),
    "unevaluatedItems": ("An item that no keyword speaks of is refused.", f"Keep allowing it, {_MAJOR}."),
    "required": (
        "A document without the field is refused.",
        f"Leave the field optional and say what its absence means, {_MAJOR}.",
    ),
    "dependentRequired": ("A document with one field and without the other is refused.", f"Ask for neither, {_MAJOR}."),
    "dependentSchemas": ("A document with that field is refused for another part.", f"Keep it allowed, {_MAJOR}."),
    "minProperties": ("An object with few members is refused.", f"Keep the old count, {_MAJOR}."),
    "maxProperties": ("An object with many members is refused.", f"Keep the old count, {_MAJOR}."),
    "properties": ("A field's value that was allowed is refused.", f"Keep what the field could hold, {_MAJOR}."),
    "patternProperties": (
        "A member whose name the pattern matches is refused.",
        f"Keep what such members could hold, {_MAJOR}.",
    ),
    "additionalProperties": (
        "A member that the schema does not name is refused.",
        f"Keep such members allowed, name the field again, {_MAJOR}.",
    ),
    "propertyNames": ("A name that was allowed is refused.", f"Keep allowing the name, {_MAJOR}."),
    "unevaluatedProperties": (
        "A member that no keyword speaks of is refused.",
        f"Keep such members allowed, name the field again, {_MAJOR}.",
    ),
    "allOf": ("One more schema has to be satisfied.", f"Leave that schema out, {_MAJOR}."),
    "anyOf": ("An alternative is gone.", f"Keep the alternative and mark it deprecated, {_MAJOR}."),
    "oneOf": (
        "An alternative is gone, or two hold at once.",
        f"Keep the alternatives as disjoint as they were, {_MAJOR}.",
    ),
    "not": ("More is excluded.", f"Exclude no more than before, {_MAJOR}."),
    "if": ("More documents fall under the condition.", f"Keep the condition as narrow as it was, {_MAJOR}."),
    "then": ("Documents under the condition are refused.", f"Keep what was allowed under the condition, {_MAJOR}."),
    "else": ("Documents outside of the condition are refused.", f"Keep what was allowed outside of it, {_MAJOR}."),
    "$ref": ("What the reference names accepts less.", f"Refer to a schema that accepts as much, {_MAJOR}."),
    "$dynamicRef": (
        "What the reference resolves to accepts less.",
        f"Refer to a schema that accepts as much, {_MAJOR}.",
    ),
    "$defs": ("A definition that is referred to accepts less.", f"Give the tighter definition another name, {_MAJOR}."),
    "recursion": (
        "Something inside a schema that contains itself is refused.",
        f"Keep every level as it was, {_MAJOR}.",
    ),
    "false": ("Nothing is allowed where something was.", f"Keep allowing it, {_MAJOR}."),
}

_MEANING: Final[dict[str, tuple[tuple[str, ...], str, str]]] = {
    "default": (
        ("default",),
        "Who leaves the field out gets another value.",
        "Keep the default, or make the field required in a new major version.",
    ),
    "tier": (("x-dome-tier",), "What the family promises is another thing.", "Say in the note why the tier moves."),
    "description": (
        ("description",),
        "The text says something else: writers and readers may part over what the field means.",
        "Where the meaning moved, add a field with a name of its own; where it did not, say so in the note.",
    ),
    "enum-growth": (
        ("enum", "const"),
        "Readers of the old schema do not know a value that writers may send from here on.",
        "Make readers able to take unknown values before writers send one.",
    ),
    "deprecated": (
        ("deprecated",),
        "Writers are asked to stop, or asked no longer.",
        "Say in the note what takes its place.",
    ),
    "read-only": (("readOnly",), "Another side sets the value.", "Say in the note who sets the value."),
    "write-only": (("writeOnly",), "The value is shown where it was not, or hidden.", "Say in the note who sees it."),
    "content": (
        ("contentEncoding", "contentMediaType", "contentSchema"),
        "The text is to be decoded in another way.",
        "Add a field for the other content.",
    ),
    "format-annotation": (
        ("format",),
        "A format that validators do not check is another one.",
        "Keep the format, or add a field.",
    ),
    "annotation": (
        ("any keyword that is no assertion",),
        "What tools read beside the schema is another thing.",
        "Keep the annotation, or say in the note why it moves.",
    ),
}

ACCEPTS_LESS: Final = Rule(
    "accepts-less",
    Verdict.INCOMPATIBLE,
    Direction.BACKWARD,
    (),
    "A document that was accepted is refused.",
    f"Accept what was accepted, {_MAJOR}.",
)
UNDECIDED: Final = Rule(
    "undecided",
    Verdict.UNDECIDED,
    Direction.BOTH,
    (),
    "No proof that every document stays accepted, and no document that shows a break.",
    "Make the change smaller or plainer, or treat it as a break.",
)

_BROKEN: Final = {
    keyword: Rule(f"{keyword}.tightened", Verdict.INCOMPATIBLE, Direction.BACKWARD, (keyword,), what, remedy)
    for keyword, (what, remedy) in _TIGHTENED.items()
}
_KEPT: Final = {
    keyword: Rule(
        f"{keyword}.loosened",
        Verdict.COMPATIBLE,
        Direction.BACKWARD,
        (keyword,),
        "All that was accepted is accepted still. Readers of the old schema may refuse what is written from here on.",
        "Nothing for readers of the new schema. Where old readers get such documents, see the rule of the opposite.",
    )
    for keyword in _TIGHTENED
}
_MEANS: Final = {
    name: Rule(name, Verdict.MEANING_CHANGED, Direction.BOTH, keywords, what, remedy)
    for name, (keywords, what, remedy) in _MEANING.items()
}

RULES: Final[tuple[Rule, ...]] = (*_BROKEN.values(), *_KEPT.values(), *_MEANS.values(), ACCEPTS_LESS, UNDECIDED)
"""All rules, in the order of the table."""


def tightened(keyword: str) -> Rule:
    """The rule for a document that this keyword refuses."""
    return _BROKEN.get(keyword, ACCEPTS_LESS)


def loosened(keyword: str) -> Rule:
    """The rule for a keyword that refuses less than it did."""
    return _KEPT[keyword]


def meaning(name: str) -> Rule:
    """The rule of a change that no document shows."""
    return _MEANS[name]
