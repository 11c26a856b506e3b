"""Turns `contracts/proto` into stubs under short import paths, and into the descriptor set that reflection serves.

The long folder names that betterproto2 writes mirror the proto packages; `dome.runtime.v1` becomes
`dome_contracts.runtime.v1`. Names on the wire stay as they are.
"""

import re
from pathlib import Path
from typing import Final

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from ci.gen.process import run
from ci.gen.tree import PACKAGE, GenerationError, Tree, header

ROOT_PACKAGE: Final = "dome_contracts"
# Proto packages begin with this word; Python paths begin with the distribution's name instead.
PROTO_ROOT: Final = "dome"
RELATIVE_IMPORT: Final = re.compile(r"^from (\.+)([\w.]*) import ", re.MULTILINE)
PLUGIN_HEADER: Final = re.compile(r"\A(?:#[^\n]*\n)+")
# The bodies of streaming server methods end in a `yield` that only marks them as generators.
PRAGMA: Final = '# mypy: disable-error-code="unreachable"\n'
SOURCES: Final = re.compile(r"^# sources: (.*)$", re.MULTILINE)


def generate(root: Path, folder: Path) -> Tree:
    """The stubs of every package and `descriptors.binpb`. `folder` is scratch space."""
    with_comments, bare = folder / "image.binpb", folder / "descriptors.binpb"
    build = ["buf", "build", str(root), "-o"]
    run([*build, str(with_comments)], folder=folder)
    run([*build, str(bare), "--as-file-descriptor-set", "--exclude-source-info"], folder=folder)
    with_comments.write_bytes(_without_foreign_comments(with_comments.read_bytes()))
    template = str(root / "buf.gen.yaml")
    run(
        ["buf", "generate", str(with_comments), "--template", template, "--include-imports", "-o", str(folder)],
        folder=folder,
    )
    return {f"{PACKAGE}/descriptors.binpb": bare.read_bytes()} | _stubs(folder / "stubs")


def error_reasons(descriptors: bytes, enum: str) -> dict[str, int]:
    """Names without prefix, and numbers, of the values of one enum; without the unspecified one."""
    package, _, name = enum.rpartition(".")
    prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper() + "_"
    for file in FileDescriptorSet.FromString(descriptors).file:
        for found in file.enum_type:
            if (file.package, found.name) == (package, name):
                return {value.name.removeprefix(prefix): value.number for value in found.value if value.number}
    raise GenerationError(f"contracts/proto has no enum {enum}. Reasons need it: declare it.")


def _without_foreign_comments(image: bytes) -> bytes:
    """The image without the prose of the well-known types, which is not ours to repeat."""
    files = FileDescriptorSet.FromString(image)
    for file in files.file:
        if file.package == "google.protobuf":
            file.source_code_info.ClearField("location")
    return files.SerializeToString(deterministic=True)


def _stubs(folder: Path) -> Tree:
    """Every module that holds a proto package or the message pool, at its short path."""
    tree: Tree = {}
    for path in sorted(folder.rglob("*.py")):
        text = path.read_text()
        if not text.strip():
            continue
        package = path.relative_to(folder).parent.parts
        place = "/".join([PACKAGE, *_short(package), path.name])
        tree[place] = (_head(text, package) + _absolute_imports(_body(text), package)).encode()
    return tree


def _head(text: str, package: tuple[str, ...]) -> str:
    found = SOURCES.search(text)
    source = f"contracts/proto: {found[1]}" if found else "contracts/proto"
    if package[:2] == ("google", "protobuf") and found:
        source = f"the well-known types: {found[1]}"
    if not package:
        return header(source) + '"""The pool in which the messages of all packages find each other."""\n\n'
    return header(source) + PRAGMA + f'"""Messages, enums and stubs of the proto package `{".".join(package)}`."""\n\n'


def _body(text: str) -> str:
    return PLUGIN_HEADER.sub("", text).lstrip("\n")


def _absolute_imports(text: str, package: tuple[str, ...]) -> str:
    """Imports by full name, because moved modules no longer stand in the same relation."""

    def absolute(match: re.Match[str]) -> str:
        up = len(match[1]) - 1
        base = package[: len(package) - up]
        target = _short((*base, *(part for part in match[2].split(".") if part)))
        return f"from {'.'.join((ROOT_PACKAGE, *target))} import "

    return RELATIVE_IMPORT.sub(absolute, text)


def _short(package: tuple[str, ...]) -> tuple[str, ...]:
    return package[1:] if package[:1] == (PROTO_ROOT,) else package
