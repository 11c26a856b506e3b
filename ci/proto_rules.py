"""The house rules for protos that buf does not know, checked over descriptors: a gate calls `check`.

Ours are the packages below `dome`; interface definitions of others are left as they are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import betterproto2
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)

from ci.gen.process import run

OUR_PACKAGES: Final = "dome."
# What betterproto2 gives every message: a field of that name would hide it.
MESSAGE_API: Final = frozenset(name for name in dir(betterproto2.Message) if not name.startswith("_"))
RPC_COMMENT_PARTS: Final = ("Errors:", "Does not promise")
# Numbers that mean nothing without a unit, and the types that are numbers.
MEASURES: Final = frozenset({"age", "deadline", "delay", "duration", "grace", "interval", "period", "timeout"})
NUMBERS: Final = frozenset(
    {
        FieldDescriptorProto.TYPE_DOUBLE, FieldDescriptorProto.TYPE_FLOAT, FieldDescriptorProto.TYPE_INT32,
        FieldDescriptorProto.TYPE_INT64, FieldDescriptorProto.TYPE_UINT32, FieldDescriptorProto.TYPE_UINT64,
    }
)  # fmt: skip
TIMESTAMP: Final = ".google.protobuf.Timestamp"
# Field numbers in descriptor.proto, of which the paths of comments are made.
FILE_MESSAGE, FILE_ENUM, FILE_SERVICE = 4, 5, 6
MESSAGE_FIELD, MESSAGE_MESSAGE, MESSAGE_ENUM, MESSAGE_ONEOF = 2, 3, 4, 8
ENUM_VALUE, SERVICE_METHOD = 2, 2

CommentPath = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule: where, which, and how to repair it."""

    place: str
    rule: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.place}: {self.rule}. {self.remedy}"


@dataclass(frozen=True, slots=True)
class _File:
    """One file with its comments by path."""

    name: str
    comments: dict[CommentPath, str]
    lines: dict[CommentPath, int]

    def finding(self, path: CommentPath, rule: str, remedy: str) -> Finding:
        return Finding(f"{self.name}:{self.lines.get(path, 0)}", rule, remedy)

    def uncommented(self, path: CommentPath, what: str) -> Iterator[Finding]:
        if not self.comments.get(path):
            yield self.finding(path, f"{what} has no comment", "Say what it is, in a sentence above it.")


def check(root: Path) -> list[Finding]:
    """The findings in the protos of a repository."""
    with TemporaryDirectory(prefix="dome-proto-rules-") as scratch:
        image = run(
            ["buf", "build", str(root.resolve()), "--as-file-descriptor-set", "-o", "-#format=binpb"],
            folder=Path(scratch),
        )
    return findings(FileDescriptorSet.FromString(image).file)


def findings(files: Sequence[FileDescriptorProto]) -> list[Finding]:
    """The findings in these files. They must carry their comments."""
    return [found for file in files if f"{file.package}.".startswith(OUR_PACKAGES) for found in _in_file(file)]


def _in_file(descriptor: FileDescriptorProto) -> Iterator[Finding]:
    locations = {tuple(location.path): location for location in descriptor.source_code_info.location}
    file = _File(
        descriptor.name,
        {path: (found.leading_comments + found.trailing_comments).strip() for path, found in locations.items()},
        {path: found.span[0] + 1 for path, found in locations.items()},
    )
    for index, message in enumerate(descriptor.message_type):
        yield from _in_message(file, message, (FILE_MESSAGE, index))
    for index, enum in enumerate(descriptor.enum_type):
        yield from _in_enum(file, enum, (FILE_ENUM, index))
    for index, service in enumerate(descriptor.service):
        path = (FILE_SERVICE, index)
        yield from file.uncommented(path, f"service {service.name}")
        for number, method in enumerate(service.method):
            yield from _in_method(file, method.name, (*path, SERVICE_METHOD, number))


def _in_message(file: _File, message: DescriptorProto, path: CommentPath) -> Iterator[Finding]:
    if message.options.map_entry:
        return
    yield from file.uncommented(path, f"message {message.name}")
    for index, field in enumerate(message.field):
        yield from _in_field(file, field, (*path, MESSAGE_FIELD, index))
    for index, nested in enumerate(message.nested_type):
        yield from _in_message(file, nested, (*path, MESSAGE_MESSAGE, index))
    for index, enum in enumerate(message.enum_type):
        yield from _in_enum(file, enum, (*path, MESSAGE_ENUM, index))
    for index, oneof in enumerate(message.oneof_decl):
        if not oneof.name.startswith("_"):
            yield from file.uncommented((*path, MESSAGE_ONEOF, index), f"oneof {oneof.name}")


def _in_field(file: _File, field: FieldDescriptorProto, path: CommentPath) -> Iterator[Finding]:
    yield from file.uncommented(path, f"field {field.name}")
    if field.json_name != _camel_case(field.name):
        yield file.finding(path, f"field {field.name} has a json_name", "Remove it: betterproto2 does not know it.")
    if field.name in MESSAGE_API:
        yield file.finding(path, f"field {field.name} hides a method of every generated message", "Rename it.")
    if field.name.endswith("_json"):
        yield file.finding(path, f"field {field.name} is JSON in a field", "Use a message, or bytes with a media type.")
    if field.type in NUMBERS and field.name.rpartition("_")[2] in MEASURES:
        yield file.finding(path, f"field {field.name} has no unit", f"Say it in the name: {field.name}_s, for seconds.")
    if field.name.endswith("_time") and field.type_name != TIMESTAMP:
        yield file.finding(path, f"field {field.name} is no Timestamp", "Use google.protobuf.Timestamp.")


def _in_enum(file: _File, enum: EnumDescriptorProto, path: CommentPath) -> Iterator[Finding]:
    yield from file.uncommented(path, f"enum {enum.name}")
    for index, value in enumerate(enum.value):
        yield from file.uncommented((*path, ENUM_VALUE, index), f"enum value {value.name}")


def _in_method(file: _File, name: str, path: CommentPath) -> Iterator[Finding]:
    yield from file.uncommented(path, f"rpc {name}")
    comment = " ".join(file.comments.get(path, "").split())
    for part in RPC_COMMENT_PARTS:
        if comment and part not in comment:
            yield file.finding(
                path, f"the comment of rpc {name} lacks '{part}'", "Every RPC says both; see the others."
            )


def _camel_case(name: str) -> str:
    """The JSON name that protobuf gives a field of itself."""
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)
