"""How far a tool reaches by what it declares, how far a task lets it, and what of the one is beyond the other. Pure.

A manifest says whether its tool writes, and may say where; whether it reaches this machine's own services or any host;
and whether it starts programs. It names no hosts and no programs. So a list that names some of them is not known to
hold the tool: what is not known to be within is beyond.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from dome_contracts.schema.shared.definitions import SideEffectMode, SideEffects
from dome_spec.planning.globs import covers

Filesystem = Literal["none", "read", "write"]
Network = Literal["none", "loopback", "any"]
ANY_PATH: Final = "**"
ANY: Final = "*"
LOOPBACK: Final = "localhost"
_WHOLE: Final = "."


@dataclass(frozen=True, slots=True)
class Reach:
    """What a tool declares that it does to the world."""

    filesystem: Filesystem
    network: Network
    starts_processes: bool
    writes: tuple[str, ...] | None = None
    """Where it writes beside its scratch directory, as manifests say it; None: anywhere."""


def side_effects_for(reach: Reach) -> SideEffects:
    """The least that a task has to allow a tool of this reach."""
    writes = reach.filesystem == "write" and reach.writes != ()
    if not writes and reach.network == "none":
        return SideEffects(mode=SideEffectMode.SCRATCH if reach.filesystem == "write" else SideEffectMode.NONE)
    places = [ANY_PATH] if reach.writes is None else list(dict.fromkeys(map(_glob, reach.writes)))
    return SideEffects(
        mode=SideEffectMode.DECLARED,
        paths=places if writes else [],
        hosts={"none": [], "loopback": [LOOPBACK], "any": [ANY]}[reach.network],
        programs=[ANY] if reach.starts_processes else [],
    )


def beyond(reach: Reach, allowed: SideEffects) -> tuple[str, ...]:
    """What of a tool's reach a task does not allow, in words; empty where all of it is allowed."""
    return tuple(_beyond(reach, allowed))


def _beyond(reach: Reach, allowed: SideEffects) -> Iterator[str]:
    if reach.filesystem == "write":
        yield from _written(reach.writes, allowed)
    hosts = allowed.hosts or ()
    if reach.network == "any" and ANY not in hosts:
        yield "it reaches any host"
    if reach.network == "loopback" and not {ANY, LOOPBACK} & set(hosts):
        yield "it reaches services of this machine"
    if reach.starts_processes and allowed.programs is not None and ANY not in allowed.programs:
        yield "it starts programs, and does not say which"


def _written(writes: tuple[str, ...] | None, allowed: SideEffects) -> Iterator[str]:
    paths = [str(each) for each in allowed.paths or ()]
    if allowed.mode is SideEffectMode.NONE:
        yield "it writes files"
    elif writes is None and ANY_PATH not in paths:
        yield "it writes files anywhere"
    else:
        outside = [each for each in writes or () if not any(covers(path, _glob(each)) for path in paths)]
        yield from (f"it writes {each}" for each in outside)


def _glob(place: str) -> str:
    """A place of a manifest as a pattern of paths: a directory is all below it."""
    if place == _WHOLE:
        return ANY_PATH
    return f"{place}{ANY_PATH}" if place.endswith("/") else place
