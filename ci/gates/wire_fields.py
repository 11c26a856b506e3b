"""The messages of the wire with their fields, as the protos say at this moment. Judges nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorSet

from ci.gates.finding import GateFailed
from ci.gates.program import ask

FOLDER: Final = "contracts/proto"


@dataclass(frozen=True, slots=True)
class WireField:
    """One field: its name, the full name of its message type, and the name of the oneof that it is a member of."""

    name: str
    message: str
    oneof: str


Messages = Mapping[str, tuple[WireField, ...]]


def wire_messages(tree: Path) -> Messages:
    """The fields of each message, by its full name."""
    files = tuple((path, path.stat().st_mtime_ns) for path in sorted((tree / FOLDER).rglob("*.proto")))
    return _built(tree, files)


@lru_cache(maxsize=8)
def _built(tree: Path, _changed: tuple[tuple[Path, int], ...]) -> Messages:
    with TemporaryDirectory(prefix="dome-wire-") as scratch:
        image = Path(scratch) / "image.binpb"
        argv = ["buf", "build", "--as-file-descriptor-set", "--exclude-source-info", "-o", str(image)]
        answer = ask(argv, tree)
        if answer.code:
            raise GateFailed(answer.err.strip())
        files = FileDescriptorSet.FromString(image.read_bytes()).file
    return {
        name: tuple(_fields(message))
        for file in files
        for outer in file.message_type
        for name, message in _nested(file.package, outer)
    }


def _nested(prefix: str, message: DescriptorProto) -> Iterator[tuple[str, DescriptorProto]]:
    name = f"{prefix}.{message.name}"
    yield name, message
    for inner in message.nested_type:
        if not inner.options.map_entry:
            yield from _nested(name, inner)


def _fields(message: DescriptorProto) -> Iterator[WireField]:
    for field in message.field:
        is_member = field.HasField("oneof_index") and not field.proto3_optional
        oneof = message.oneof_decl[field.oneof_index].name if is_member else ""
        yield WireField(field.name, field.type_name.removeprefix("."), oneof)
