"""The second judge of a witness: the reference validator `jsonschema`, with formats asserted.

It is slow and independent; that is its use. A document counts as a witness only where it agrees with the first judge.
Says nothing where asking it could take long, or where it cannot read a pattern: then there is no witness.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import idna
from jsonschema import Draft202012Validator, FormatChecker, ValidationError  # type: ignore[import-untyped]
from jsonschema.validators import extend  # type: ignore[import-untyped]
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]
from rfc3986_validator import validate_rfc3986  # type: ignore[import-untyped]

from dome_spec.contracts.compatibility.equality import identity
from dome_spec.contracts.compatibility.reference_patterns import readable
from dome_spec.contracts.compatibility.strings.backtracking import steps
from dome_spec.contracts.compatibility.strings.syntax import PatternUnsupported

TEXT_STEPS_MAX: Final = 2_000_000
"""How many steps a pattern may take on a text, at worst, before the reference is not asked at all."""
NESTED_TEXT_MAX: Final = 18
"""Longest text for a pattern with a repetition inside a repetition: its time may double with each character."""

_POWER_MAX: Final = 8
_LABEL: Final = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")
_UNBOUNDED: Final = re.compile(r"(?<!\\)(?:[*+]|\{\d+,\})")
_NESTED: Final = re.compile(r"(?:[*+]|\{\d+,\d*\})[^()]*\)(?:[*+]|\{\d+,\d*\})")


def is_hostname(text: object) -> bool:
    """Whether the text is a host name of RFC 1123, with encoded labels that can be decoded. No text: true."""
    if not isinstance(text, str):
        return True
    if not text.isascii() or len(text) > 253:
        return False
    labels = text.split(".")
    if not all(_LABEL.fullmatch(label) for label in labels):
        return False
    for label in labels:
        if label[:4].lower() == "xn--":
            idna.decode(label)
        elif label[2:4] == "--":
            return False
    return True


def is_iri(text: object) -> bool:
    """Whether the text is an IRI of RFC 3987. No text: true."""
    return not isinstance(text, str) or bool(validate_rfc3986(_as_uri(text), rule="URI"))


def is_iri_reference(text: object) -> bool:
    """Whether the text is a reference to an IRI. No text: true."""
    return not isinstance(text, str) or bool(validate_rfc3986(_as_uri(text), rule="URI_reference"))


def _as_uri(text: str) -> str:
    return "".join("%AA" if ord(character) >= 0xA0 else character for character in text)


def _formats() -> FormatChecker:
    """The checks of the reference; what it takes from packages that need not be installed is ours, in every place."""
    checker = FormatChecker(formats=())
    checker.checkers = dict(Draft202012Validator.FORMAT_CHECKER.checkers)
    checker.checks("hostname", raises=(idna.IDNAError, UnicodeError))(is_hostname)
    checker.checks("iri", raises=ValueError)(is_iri)
    checker.checks("iri-reference", raises=ValueError)(is_iri_reference)
    return checker


FORMATS: Final = _formats()
"""The formats, as the reference checks them here."""


class ReferenceJudge:
    """Asks the reference validator about documents of one self-contained schema."""

    def __init__(self, document: Any, *, has_categories: bool = True) -> None:
        """`has_categories` may say that no pattern has a class of a Unicode category, which spares looking for them."""
        shown = readable(document) if has_categories else document
        self._validator = _Validator(shown, format_checker=FORMATS, registry=REGISTRY)
        self._name_patterns = sorted(set(_name_patterns(document)))

    def verdict(self, document: Any) -> bool | None:
        """Whether the document is valid; None where the reference cannot say."""
        if not self._affordable(document):
            return None
        try:
            return bool(self._validator.is_valid(document))
        except (re.error, RecursionError, OverflowError, _TooSlow):
            # A pattern of another dialect, or a document beyond what its arithmetic, stack and time can bear.
            return None

    def _affordable(self, document: Any) -> bool:
        longest = max((len(name) for name in _names(document)), default=0)
        return all(_steps(pattern, longest) <= TEXT_STEPS_MAX for pattern in self._name_patterns)


class _TooSlow(Exception):
    """A pattern may take too long on a text."""


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[Any]:
    """The keyword `pattern` as the reference has it, where it is affordable. Raises _TooSlow where it is not."""
    if isinstance(instance, str) and _steps(pattern, len(instance)) > TEXT_STEPS_MAX:
        raise _TooSlow
    yield from Draft202012Validator.VALIDATORS["pattern"](validator, pattern, instance, schema) or ()


def _unique_items(validator: Any, unique: Any, instance: Any, schema: Any) -> Iterator[Any]:
    """The keyword `uniqueItems`, which the reference judges by looking at every pair: too slow for long arrays."""
    if unique and isinstance(instance, list) and len({identity(item) for item in instance}) < len(instance):
        yield ValidationError(f"{instance!r} has non-unique elements")


_Validator: Final = extend(Draft202012Validator, {"pattern": _pattern, "uniqueItems": _unique_items})


def _steps(pattern: str, length: int) -> int:
    """A bound on what a backtracking matcher does with a text of this length."""
    try:
        found = steps(pattern, length)
    except PatternUnsupported:
        loops = max(min(len(_UNBOUNDED.findall(pattern)), _POWER_MAX), 1)
        found = None if _NESTED.search(pattern) else int((length + 1) ** loops)
    if found is None:
        return 0 if length <= NESTED_TEXT_MAX else TEXT_STEPS_MAX + 1
    return found


def _name_patterns(schema: Any) -> Iterator[str]:
    stack = [schema]
    while stack:
        match stack.pop():
            case dict() as node:
                if isinstance(by_pattern := node.get("patternProperties"), dict):
                    yield from by_pattern
                stack.extend(node.values())
            case list() as parts:
                stack.extend(parts)


def _names(document: Any) -> Iterator[str]:
    stack = [document]
    while stack:
        match stack.pop():
            case dict() as members:
                yield from members
                stack.extend(members.values())
            case list() as items:
                stack.extend(items)
