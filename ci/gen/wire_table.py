"""Turns the descriptors into `dome_contracts.wire_table`: how messages travel, for a reader that starts in a moment."""

from typing import Final

from google.protobuf.descriptor_pb2 import DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet

from ci.gen.literals import literal
from ci.gen.tree import PACKAGE, GenerationError, Tree, header

PACKAGES: Final = ("dome.",)
KINDS: Final = {
    FieldDescriptorProto.TYPE_BOOL: "bool",
    FieldDescriptorProto.TYPE_BYTES: "bytes",
    FieldDescriptorProto.TYPE_ENUM: "enum",
    FieldDescriptorProto.TYPE_INT32: "int32",
    FieldDescriptorProto.TYPE_INT64: "int64",
    FieldDescriptorProto.TYPE_MESSAGE: "message",
    FieldDescriptorProto.TYPE_STRING: "string",
    FieldDescriptorProto.TYPE_UINT32: "uint32",
    FieldDescriptorProto.TYPE_UINT64: "uint64",
}
WELL_KNOWN: Final = {".google.protobuf.Timestamp": "timestamp", ".google.protobuf.Duration": "duration"}
MODULE: Final = '''"""How the messages of Dome travel: number, name and kind of each field, as plain values.

For a reader that cannot wait for the stubs to load, and needs a few messages only. Whoever reads more uses the stubs.
"""

from types import MappingProxyType
from typing import Final, Mapping

Field = tuple[int, str, str, str, str]
"""Number, name, kind, how often, and the message or enum that it holds.

Kind: `string`, `bytes`, `bool`, `int32`, `int64`, `uint32`, `uint64`, `enum`, `message`, `timestamp`, `duration`. How
often: `one` (absent means its default), `optional`, `repeated`, or `map` (of text to the kind).
"""

MESSAGES: Final[Mapping[str, tuple[Field, ...]]] = MappingProxyType(
    {{
{messages}    }}
)
"""By full name: the fields in the order of their declaration."""

ENUMS: Final[Mapping[str, Mapping[int, tuple[str, str]]]] = MappingProxyType(
    {{
{enums}    }}
)
"""By full name: each number with its name, without the prefix that all values of an enum have, and with it."""
'''


def generate(descriptors: bytes) -> Tree:
    """The module."""
    files = [file for file in FileDescriptorSet.FromString(descriptors).file if f"{file.package}.".startswith(PACKAGES)]
    messages = {f"{file.package}.{each.name}": _fields(each) for file in files for each in file.message_type}
    enums = {f"{file.package}.{each.name}": _values(each) for file in files for each in file.enum_type}
    rows = "".join(f"        {literal(name)}: {literal(fields)},\n" for name, fields in sorted(messages.items()))
    lists = "".join(f"        {literal(name)}: {_mapping(values)},\n" for name, values in sorted(enums.items()))
    text = header("contracts/proto") + MODULE.format(messages=rows, enums=lists)
    return {f"{PACKAGE}/wire_table.py": text.encode()}


def _fields(message: DescriptorProto) -> list[tuple[int, str, str, str, str]]:
    return [_field(each, message) for each in message.field]


def _field(field: FieldDescriptorProto, message: DescriptorProto) -> tuple[int, str, str, str, str]:
    entry = next(
        (each for each in message.nested_type if field.type_name.endswith(f".{message.name}.{each.name}")), None
    )
    if entry is not None and entry.options.map_entry:
        key, value = entry.field
        if key.type != FieldDescriptorProto.TYPE_STRING:
            raise GenerationError(f"contracts/proto: {message.name}.{field.name}: a map is by text. Use string keys.")
        kind, holds = _kind(value, message)
        return field.number, field.name, kind, "map", holds
    kind, holds = _kind(field, message)
    if field.label == FieldDescriptorProto.LABEL_REPEATED:
        return field.number, field.name, kind, "repeated", holds
    return field.number, field.name, kind, "optional" if field.HasField("oneof_index") else "one", holds


def _kind(field: FieldDescriptorProto, message: DescriptorProto) -> tuple[str, str]:
    if field.type_name in WELL_KNOWN:
        return WELL_KNOWN[field.type_name], ""
    if field.type not in KINDS:
        place = f"contracts/proto: {message.name}.{field.name}"
        raise GenerationError(
            f"{place}: its type is none that readers of the table know. Add it to ci/gen/wire_table.py."
        )
    return KINDS[field.type], field.type_name.removeprefix(".")


def _values(enum: EnumDescriptorProto) -> dict[int, tuple[str, str]]:
    """Numbers with their names. The prefix is what all names begin with, up to an underscore."""
    names = [value.name for value in enum.value]
    prefix = names[0].removesuffix("UNSPECIFIED")
    if not prefix or not all(name.startswith(prefix) for name in names):
        raise GenerationError(
            f"contracts/proto: {enum.name}: its values have no prefix in common. Begin with UNSPECIFIED."
        )
    return {value.number: (value.name.removeprefix(prefix), value.name) for value in enum.value}


def _mapping(values: dict[int, tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{number}: {literal(names)}" for number, names in values.items()) + "}"
