"""Whether what a task requires is there: skill, version, capabilities, effects. Unknown is not there. Pure."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from dome_contracts.runtime.v1 import FilesystemEffect, NetworkEffect, ToolDescriptor, ToolEffects
from dome_contracts.schema.planning.task_spec import Requirements
from dome_contracts.schema.runtime.tool_manifest import Effects, Filesystem, Network
from dome_spec.planning import version_in

_FILESYSTEM: Final = {Filesystem.NONE: 1, Filesystem.READ: 2, Filesystem.WRITE: 3}
_NETWORK: Final = {Network.NONE: 1, Network.LOOPBACK: 2, Network.ANY: 3}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one requirement."""

    requirement: str
    """What was asked for, such as `skill repo.test >=1.0.0`."""
    found: str
    """What is there; empty where nothing is."""
    met: bool


def findings(requires: Requirements, tool: ToolDescriptor | None, features: Collection[str]) -> tuple[Finding, ...]:
    """What was found of each requirement, in a fixed order. `tool` is None where the daemon has none of that id."""
    return tuple(_findings(requires, tool, features))


def _findings(requires: Requirements, tool: ToolDescriptor | None, features: Collection[str]) -> Iterator[Finding]:
    wanted = requires.skill
    summary = tool.summary if tool is not None else None
    version = summary.version if summary is not None else ""
    yield Finding(
        f"skill {wanted.skill_id} {wanted.version_range}",
        f"{wanted.skill_id} {version}".strip() if summary is not None else "",
        met=summary is not None and version_in(version, wanted.version_range),
    )
    for capability in requires.capabilities or ():
        met = capability in features
        yield Finding(f"capability {capability}", capability if met else "", met=met)
    if requires.effects is not None:
        declared = tool.effects if tool is not None else None
        yield Finding(
            f"effects {_allowed(requires.effects)}",
            _declared(declared) if declared is not None else "",
            met=declared is not None and within(declared, requires.effects),
        )


def within(declared: ToolEffects, farthest: Effects) -> bool:
    """Whether the tool declares no effect that reaches farther than it may."""
    # What is not said may be anything.
    filesystem = int(declared.filesystem) or int(FilesystemEffect.WRITE)
    network = int(declared.network) or int(NetworkEffect.ANY)
    reach = filesystem <= _FILESYSTEM[farthest.filesystem] and network <= _NETWORK[farthest.network]
    places = farthest.writes is None or filesystem < _FILESYSTEM[Filesystem.WRITE]
    listed = declared.writes_listed and set(declared.writes) <= {str(write) for write in farthest.writes or ()}
    return reach and (farthest.starts_processes or not declared.starts_processes) and (places or listed)


def _allowed(effects: Effects) -> str:
    processes = "may start processes" if effects.starts_processes else "starts no processes"
    return f"filesystem {effects.filesystem}, network {effects.network}, {processes}"


def _declared(effects: ToolEffects) -> str:
    filesystem = (effects.filesystem.name or "unspecified").lower()
    network = (effects.network.name or "unspecified").lower()
    processes = "starts processes" if effects.starts_processes else "starts no processes"
    return f"filesystem {filesystem}, network {network}, {processes}"
