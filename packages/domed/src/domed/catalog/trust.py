"""Which tools the user lets run: approvals, each in one root, and digests of the configuration. Pure."""

from dataclasses import dataclass

from domed.catalog.tool import Tool
from domed.jobs.approval import Place


@dataclass(frozen=True, slots=True)
class Trust:
    """Everything that is approved at one moment."""

    digests: frozenset[str] = frozenset()
    """Wherever they are found."""
    places: frozenset[Place] = frozenset()

    def covers(self, tool: Tool, *, root: str) -> bool:
        """Whether a tool that was found in this root may run, though it was not shipped."""
        return tool.digest in self.digests or Place(root, tool.tool_id, tool.digest) in self.places
