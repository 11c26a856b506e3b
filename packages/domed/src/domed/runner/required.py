"""Whether a tool that must be held to its declared effects is held: what of them nothing holds it to here."""

from collections.abc import Mapping, Sequence
from typing import Final

from dome_contracts.runtime.v1 import EffectsEnforcement, Enforcement
from dome_contracts.schema.runtime.tool_manifest import Enforcement as Rule
from domed.catalog import Tool
from domed.executors.port import Executor
from domed.runner import plan

_WORDS: Final = {
    "effects.filesystem": "files",
    "effects.network": "the network",
    "effects.processes": "other programs",
}


class Requirement:
    """Asks the executors."""

    def __init__(self, executors: Mapping[str, Executor]) -> None:
        self._executors = executors

    async def missing(self, tool: Tool) -> Sequence[str]:
        """The names of the effects that nothing holds the tool to, though it must be held to them."""
        executor = self._executors.get(tool.backend)
        if executor is None or not must_be_held(tool):
            return ()
        return unheld(tool, await executor.enforcement(plan.effects(tool)))


def unheld(tool: Tool, held: EffectsEnforcement) -> Sequence[str]:
    """The same, by what the executor says of the tool's effects."""
    if not must_be_held(tool):
        return ()
    declared = plan.effects(tool)
    limited = {
        "effects.filesystem": (declared.limits_writes, held.filesystem),
        "effects.network": (declared.network != "any", held.network),
        "effects.processes": (not declared.starts_processes, held.processes),
    }
    return [name for name, (limits, how) in limited.items() if limits and how is not Enforcement.ENFORCED]


def reason(tool_id: str, missing: Sequence[str]) -> str:
    """Why such a tool is not run, for people."""
    what = " and ".join(_WORDS[name] for name in missing)
    return f"The tool {tool_id!r} must be held to its effects, and nothing here holds it to what it declares of {what}."


def must_be_held(tool: Tool) -> bool:
    """Whether the tool's manifest refuses a run that is not held."""
    return tool.manifest is not None and tool.manifest.effects.enforcement is Rule.REQUIRED
