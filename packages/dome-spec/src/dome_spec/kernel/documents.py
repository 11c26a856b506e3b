"""Documents that come from outside: read strictly, judged by their schema, then made a value of the contract's model.

The one place where this plane accepts a document. Knows which family a model belongs to, and not what one means.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

from dome_contracts import canonical, documents
from dome_contracts.exit_codes import Exit
from dome_spec.kernel.json_pointer import pointer
from dome_spec.kernel.json_text import BYTES_MAX, NotJson, read_json
from dome_spec.kernel.reason_alias import PLACES, AliasConflict, without_alias
from dome_spec.kernel.refusal import Refusal

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError, Validator

    from dome_contracts.schema.base import Contract

    Model = TypeVar("Model", bound=Contract)

VIOLATIONS_MAX: Final = 64
"""Most faults that are told of one document."""
_MESSAGE_CHARACTERS_MAX: Final = 240
_PLACE_CHARACTERS_MAX: Final = 1024
_MODELS: Final = "dome_contracts.schema."
_DISCRIMINATORS: Final = frozenset({"const", "enum"})


@dataclass(frozen=True, slots=True, order=True)
class Violation:
    """One thing that is wrong: where, as a JSON pointer, and what."""

    place: str
    message: str

    def storable(self) -> "Violation":
        """The same as every reader can keep it: one line, text without lone surrogates, of bounded length.

        Of a place that is too long, the closest one above it that is not.
        """
        place = _readable(self.place)
        while len(place) > _PLACE_CHARACTERS_MAX:
            place = place.rpartition("/")[0]
        return Violation(place, _line(self.message) or "it is wrong")


class DocumentInvalid(Refusal):
    """The document is not what its family asks for."""

    code = "DOCUMENT_INVALID"
    exit_code = Exit.INVALID

    def __init__(self, family: str, violations: tuple[Violation, ...]) -> None:
        first = violations[0]
        more = f"; and {len(violations) - 1} more" if len(violations) > 1 else ""
        at = f"{first.place}: " if first.place else ""
        super().__init__(
            f"This is no {family}",
            why=f"{at}{first.message}{more}",
            hint=f"`dome contracts show {family}` says its form",
        )
        self.family = family
        self.violations = violations
        """Never empty, in the order of the places."""


class DocumentNotJson(DocumentInvalid):
    """The bytes are no JSON at all."""

    code = "DOCUMENT_NOT_JSON"


class DocumentAmbiguous(DocumentInvalid):
    """A name and its earlier name say different things."""

    code = "DOCUMENT_AMBIGUOUS"


def read_document(model: "type[Model]", data: bytes | Mapping[str, Any], *, bytes_max: int = BYTES_MAX) -> "Model":
    """The document as a value of the model. `reason_code` is taken for `failure_reason_code` where a family takes it.

    Raises DocumentInvalid: DocumentNotJson, DocumentAmbiguous, or itself with every fault that the schema finds.
    """
    family = family_of(model)
    value = judged(family, parsed(family, data, bytes_max=bytes_max))
    try:
        canonical.canonical_bytes(value)
    except canonical.NotCanonical as error:
        raise DocumentInvalid(family, (Violation("", str(error)).storable(),)) from error
    return value_of(model, value)


def value_of(model: "type[Model]", value: Mapping[str, Any] | bytes) -> "Model":
    """A value of the model from a document, or its text, that was judged.

    Raises DocumentInvalid where the model is stricter.
    """
    from pydantic import ValidationError

    try:
        return model.from_json(value) if isinstance(value, bytes) else model.from_value(value)
    except ValidationError as error:
        found = tuple(sorted(Violation(pointer(each["loc"]), each["msg"]) for each in error.errors()))
        raise DocumentInvalid(family_of(model), found) from error


def family_of(model: "type[Contract]") -> str:
    """`context/family` of a model that stands for a whole document."""
    return model.__module__.removeprefix(_MODELS).replace(".", "/")


def parsed(family: str, data: bytes | Mapping[str, Any], *, bytes_max: int = BYTES_MAX) -> Any:
    """The JSON value, with each reason under its own name. Raises DocumentNotJson, DocumentAmbiguous."""
    try:
        value = read_json(data, bytes_max=bytes_max) if isinstance(data, bytes) else data
    except NotJson as error:
        raise DocumentNotJson(family, (Violation("", _line(_at(error))),)) from error
    if family not in PLACES:
        return value
    try:
        return without_alias(value, family)
    except AliasConflict as error:
        raise DocumentAmbiguous(family, (Violation(error.pointer, _line(str(error))),)) from error


def judged(family: str, value: Any) -> Any:
    """The value itself, where its schema accepts it. Raises DocumentInvalid."""
    found = violations(family, value)
    if found:
        raise DocumentInvalid(family, found)
    return value


def violations(family: str, value: Any) -> tuple[Violation, ...]:
    """What the schema finds wrong, in the order of the places; empty where nothing is."""
    validator = _validator(family)
    try:
        if validator.is_valid(value):
            return ()
        found = {fault for error in validator.iter_errors(value) for fault in _faults(error)}
    except UnicodeEncodeError:
        return (Violation("", "a text in it has half a surrogate pair, which is no character"),)
    except ValueError as error:  # the validator's own limit, which is far beyond what a family has
        return (Violation("", f"it is nested too deeply to be judged: {_line(str(error))}"),)
    return tuple(sorted(found)[:VIOLATIONS_MAX])


@cache
def _validator(family: str) -> "Validator":
    from jsonschema_rs import Draft202012Validator

    context, _, name = family.partition("/")
    return Draft202012Validator(documents.schema(context, name), registry=_registry(), validate_formats=True)


@cache
def _registry() -> Any:
    from jsonschema_rs import Registry

    return Registry(documents.registry())


def _faults(error: "ValidationError") -> Iterator[Violation]:
    """The fault; of alternatives that are told apart by a constant, those of the one that was meant."""
    from jsonschema_rs import ValidationErrorKind

    if isinstance(error.kind, ValidationErrorKind.AnyOf | ValidationErrorKind.OneOfNotValid):
        meant = [faults for faults in error.kind.context if not any(_tells_apart(each, error) for each in faults)]
        if len(meant) == 1:
            for each in meant[0]:
                yield from _faults(each)
            return
    match error.kind:
        case ValidationErrorKind.Required(property=name):
            yield Violation(pointer([*error.instance_path, name]), "it is missing")
        case ValidationErrorKind.AdditionalProperties(unexpected=several):
            for name in several:
                yield Violation(pointer([*error.instance_path, name]), "the family has no such member")
        case _:
            yield Violation(pointer(error.instance_path), _line(error.message))


def _tells_apart(fault: "ValidationError", whole: "ValidationError") -> bool:
    """Whether the fault is a constant of the alternative itself: then the alternative was not meant."""
    keyword = str(fault.schema_path[-1])
    return keyword in _DISCRIMINATORS and len(fault.instance_path) == len(whole.instance_path) + 1


def _at(error: NotJson) -> str:
    where = f" (line {error.position.line}, column {error.position.column})" if error.position else ""
    return f"{error.what}{where}"


def _line(text: str) -> str:
    """One line of bounded length: a message may hold the whole value."""
    line = " ".join(_readable(text).split())
    return line if len(line) <= _MESSAGE_CHARACTERS_MAX else f"{line[: _MESSAGE_CHARACTERS_MAX - 3]}..."


def _readable(text: str) -> str:
    return text.encode("utf-8", errors="backslashreplace").decode("utf-8")
