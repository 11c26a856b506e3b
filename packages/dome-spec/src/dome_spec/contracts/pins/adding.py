"""Pins a bundle for the first time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dome_contracts.canonical import digest_bytes
from dome_contracts.schema.control.pin import Pin, PinMember, PinRendering
from dome_spec.contracts.layout import Layout
from dome_spec.contracts.pins import document, store
from dome_spec.contracts.pins.errors import MemberRefused, PinBroken, PinExists
from dome_spec.contracts.pins.fixtures import added
from dome_spec.contracts.pins.judging import behaviour
from dome_spec.contracts.pins.upstream import Upstream, below, location, normal, upstream
from dome_spec.contracts.pins.wanted import Wanted, check_name, every_schema, wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Adding:
    """What is to be pinned."""

    bundle: str
    source: str
    version: str
    members: Sequence[str] = ()
    """`NAME=ROLE:PATH` words; none: every schema below the prefix."""
    prefix: str = ""
    location: str = ""
    renderings: Mapping[str, Path] = field(default_factory=dict)
    """Our own rendering of members, instead of a copy."""


def add(layout: Layout, asked: Adding, directory: Path) -> Pin:
    """Pin it: all of it or nothing. Raises PinError, SourceError, VcsError."""
    check_name(asked.bundle)
    if asked.bundle in store.bundles(layout):
        raise PinExists(asked.bundle)
    with upstream(asked.source, directory) as found:
        prefix = "/".join(part for part in (found.prefix, normal(asked.prefix)) if part)
        chosen = [wanted(word) for word in asked.members] or every_schema(found, prefix)
        names = [each.name for each in chosen]
        for name in asked.renderings:
            if name not in names:
                raise MemberRefused(f"{name!r} is no member", f"Name one of {', '.join(names)}.")
        taken = [_taken(each, found, prefix=prefix, renderings=asked.renderings) for each in chosen]
        source = {
            "kind": found.kind.value,
            "location": location(asked.source, found, given=asked.location, root=layout.root),
            **({"commit": found.commit} if found.commit else {}),
            **({"prefix": prefix} if prefix else {}),
        }
    members, contents = [each for each, _ in taken], {each.file: data for each, data in taken}
    contents = {**store.files(layout, asked.bundle), **contents}
    members += added(contents, members)
    value = {
        "schema_version": "1",
        "bundle": asked.bundle,
        "version": asked.version,
        "source": source,
        "members": sorted((each.to_value() for each in members), key=lambda each: str(each["name"])),
    }
    document.check(value, document.FILE)
    if faults := behaviour(members, contents):
        raise PinBroken(asked.bundle, faults)
    pin = Pin.from_value(value)
    store.write(layout, pin, contents)
    return pin


def _taken(of: Wanted, found: Upstream, *, prefix: str, renderings: Mapping[str, Path]) -> tuple[PinMember, bytes]:
    """A member, and its bytes here."""
    path = "/".join(part for part in (prefix, normal(of.path)) if part)
    data = found.tree.read(path)
    own = renderings.get(of.name)
    here = read_rendering(own) if own is not None else data
    pinned = document.member(
        name=of.name,
        role=of.role,
        file=own.name if own is not None else below(path, prefix),
        digest=digest_bytes(here),
        rendering=PinRendering.COPY if own is None else PinRendering.OWN,
        upstream_path=path,
        upstream_digest=digest_bytes(data),
        of=of.of,
        expected=of.expected,
    )
    return pinned, here


def read_rendering(path: Path) -> bytes:
    """The bytes of our own rendering. Raises MemberRefused."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise MemberRefused(f"{path} cannot be read: {error.strerror}", "Name the file of the rendering.") from error
