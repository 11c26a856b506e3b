"""The page of the wire: services with their promises, messages and enums, from the protos and their comments."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    MethodDescriptorProto,
)

from ci.docs.markdown import anchor, code, head, table
from ci.gates.finding import GateFailed
from ci.gates.program import ask

OURS: Final = "dome."
# Field numbers in descriptor.proto, of which the paths of comments are made.
FILE_PACKAGE, FILE_MESSAGE, FILE_ENUM, FILE_SERVICE, FILE_SYNTAX = 2, 4, 5, 6, 12
MESSAGE_FIELD, MESSAGE_NESTED, MESSAGE_ENUM, ENUM_VALUE, SERVICE_METHOD = 2, 3, 4, 2, 2
SCALARS: Final = FieldDescriptorProto.Type
Path_ = tuple[int, ...]


def page(tree: Path) -> str:
    """Every service, message and enum of our packages."""
    files = [file for file in _built(tree).file if file.package.startswith(OURS)]
    comments = {file.name: _comments(file) for file in files}
    parts = [head("The wire", "contracts/proto")]
    for file in files:
        for index, service in enumerate(file.service):
            path = (FILE_SERVICE, index)
            parts += [f"## {service.name}\n", comments[file.name].get((FILE_SYNTAX,), ""), comments[file.name][path]]
            for number, method in enumerate(service.method):
                parts.append(_method(method, comments[file.name][*path, SERVICE_METHOD, number]))
    parts.append("## Messages\n")
    for file in files:
        for index, message in enumerate(file.message_type):
            parts += _message(message, comments[file.name], (FILE_MESSAGE, index))
    parts.append("## Enums\n")
    for file in files:
        for index, enum in enumerate(file.enum_type):
            parts.append(_enum(enum, comments[file.name], (FILE_ENUM, index)))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parts)).rstrip("\n") + "\n"


def _built(tree: Path) -> FileDescriptorSet:
    with TemporaryDirectory(prefix="dome-docs-") as scratch:
        image = Path(scratch) / "image.binpb"
        answer = ask(["buf", "build", "--as-file-descriptor-set", "-o", str(image)], tree)
        if answer.code:
            raise GateFailed(answer.err.strip())
        return FileDescriptorSet.FromString(image.read_bytes())


def _comments(file: FileDescriptorProto) -> dict[Path_, str]:
    """Comments by path, as Markdown."""
    return {
        tuple(place.path): "\n".join(line.strip() for line in place.leading_comments.strip().split("\n")) + "\n"
        for place in file.source_code_info.location
        if place.leading_comments
    }


def _method(method: MethodDescriptorProto, comment: str) -> str:
    request, response = _link(method.input_type), _link(method.output_type)
    stream = "stream of " if method.server_streaming else ""
    return f"### {method.name}\n\n{request} → {stream}{response}\n\n{comment}"


def _message(message: DescriptorProto, comments: dict[Path_, str], path: Path_) -> Iterator[str]:
    if message.options.map_entry:
        return
    yield f"### {message.name}\n\n{comments.get(path, '')}"
    maps = {nested.name: nested for nested in message.nested_type if nested.options.map_entry}
    rows = [
        (code(field.name), field.number, _kind(message, field, maps), comments.get((*path, MESSAGE_FIELD, index), ""))
        for index, field in enumerate(message.field)
    ]
    if rows:
        yield table(("field", "no.", "type", "meaning"), rows)
    for index, nested in enumerate(message.nested_type):
        yield from _message(nested, comments, (*path, MESSAGE_NESTED, index))
    for index, enum in enumerate(message.enum_type):
        yield _enum(enum, comments, (*path, MESSAGE_ENUM, index))


def _kind(message: DescriptorProto, field: FieldDescriptorProto, maps: dict[str, DescriptorProto]) -> str:
    """The type, with how often and whether it is one of several."""
    name = field.type_name.rpartition(".")[2]
    if name in maps:
        key, value = maps[name].field
        return f"map of {_type(key)} to {_type(value)}"
    words = _type(field)
    if field.label == FieldDescriptorProto.LABEL_REPEATED:
        return f"list of {words}"
    if field.proto3_optional:
        return f"{words}, optional"
    if field.HasField("oneof_index"):
        return f"{words}, one of `{message.oneof_decl[field.oneof_index].name}`"
    return words


def _type(field: FieldDescriptorProto) -> str:
    if field.type_name:
        return _link(field.type_name)
    return SCALARS.Name(field.type).removeprefix("TYPE_").lower()


def _link(type_name: str) -> str:
    name = type_name.rpartition(".")[2]
    return f"[{name}](#{anchor(name)})" if type_name.startswith(f".{OURS}") else name


def _enum(enum: EnumDescriptorProto, comments: dict[Path_, str], path: Path_) -> str:
    values: Sequence[tuple[object, ...]] = [
        (code(value.name), value.number, comments.get((*path, ENUM_VALUE, index), ""))
        for index, value in enumerate(enum.value)
    ]
    return f"### {enum.name}\n\n{comments.get(path, '')}\n{table(('value', 'no.', 'meaning'), values)}"
