"""Whether what a task requires is there, and the tool does no more than the task may. Unknown is neither. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from dome_contracts.policy_reasons import PolicyReason
from dome_contracts.runtime.v1 import FilesystemEffect, NetworkEffect, ToolDescriptor, ToolEffects
from dome_contracts.schema.planning.task_spec import Requirements
from dome_contracts.schema.runtime.tool_manifest import Effects, Filesystem, Network
from dome_contracts.schema.shared.definitions import SideEffects
from dome_spec.planning import Reach, beyond, version_in

_FILESYSTEM: Final = {Filesystem.NONE: 1, Filesystem.READ: 2, Filesystem.WRITE: 3}
_NETWORK: Final = {Network.NONE: 1, Network.LOOPBACK: 2, Network.ANY: 3}
_REACHES_FILES: Final[Mapping[FilesystemEffect, Literal["none", "read"]]] = {
    FilesystemEffect.NONE: "none",
    FilesystemEffect.READ: "read",
}
_REACHES_HOSTS: Final[Mapping[NetworkEffect, Literal["none", "loopback"]]] = {
    NetworkEffect.NONE: "none",
    NetworkEffect.LOOPBACK: "loopback",
}
_SHOWN_MAX: Final = 8
_HINT: Final = (
    "Let the tool's manifest declare less, or the task allow more: `side_effects` of the packet's check, of the "
    "strategies' answer or of the pattern's step"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one requirement."""

    requirement: str
    """What was asked for, such as `skill repo.test >=1.0.0`."""
    found: str
    """What is there; empty where nothing is."""
    met: bool
    policy_reason_code: str = PolicyReason.GUARD_UNKNOWN.value
    """Why the task is refused where it is not met."""
    hint: str = ""
    """What to do then."""


def findings(
    requires: Requirements,
    tool: ToolDescriptor | None,
    features: Collection[str],
    side_effects: SideEffects | None = None,
) -> tuple[Finding, ...]:
    """What was found of each requirement, in a fixed order. `tool` is None where the daemon has none of that id.

    `side_effects` is what the task may do to the world: the last thing that is required is that its tool does no more.
    """
    found = tuple(_findings(requires, tool, features))
    return found if side_effects is None else (*found, _bounded(side_effects, tool))


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


def _bounded(allowed: SideEffects, tool: ToolDescriptor | None) -> Finding:
    """Whether the tool declares no effect that the task may not have."""
    requirement = f"side effects {_policy(allowed)}"
    declared = tool.effects if tool is not None else None
    if declared is None:
        hint = _HINT if tool is not None else ""
        return Finding(requirement, "", met=False, hint=hint)
    excess = beyond(_reach(declared), allowed)
    found = f"{_declared(declared)}; {', '.join(excess)}" if excess else _declared(declared)
    code = PolicyReason.SCOPE_EFFECTS_TOO_WIDE.value
    return Finding(requirement, found, met=not excess, policy_reason_code=code, hint=_HINT if excess else "")


def _reach(declared: ToolEffects) -> Reach:
    """What the tool declares; what it does not say may be anything."""
    return Reach(
        _REACHES_FILES.get(declared.filesystem, "write"),
        _REACHES_HOSTS.get(declared.network, "any"),
        starts_processes=declared.starts_processes,
        writes=tuple(declared.writes) if declared.writes_listed else None,
    )


def _policy(allowed: SideEffects) -> str:
    lists = {"paths": allowed.paths, "hosts": allowed.hosts, "programs": allowed.programs}
    return ", ".join(
        [allowed.mode.value, *(f"{name} {_listed(each)}" for name, each in lists.items() if each is not None)]
    )


def _listed(names: Sequence[str]) -> str:
    more = [f"and {len(names) - _SHOWN_MAX} more"] if len(names) > _SHOWN_MAX else []
    return " ".join([*names[:_SHOWN_MAX], *more]) or "none"


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
    if effects.writes_listed:
        filesystem += f" ({_listed(effects.writes)})"
    processes = "starts processes" if effects.starts_processes else "starts no processes"
    return f"filesystem {filesystem}, network {network}, {processes}"
