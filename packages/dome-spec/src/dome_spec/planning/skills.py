"""What the planner knows of the skills that come with the daemon. Their manifests say it; a test compares the two.

Of any other skill a packet, a pattern or the control strategies say what is needed. Whether a daemon has a skill, and
in which version, is looked at before a task is executed: not here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

from dome_contracts.schema.planning.task_spec import SideEffectMode
from dome_contracts.schema.shared.definitions import EvidenceKind

Reach = Literal["none", "read", "write"]
Network = Literal["none", "any"]


@dataclass(frozen=True, slots=True)
class Skill:
    """One skill: its version, the effects that its manifest declares, and what a task is allowed of them."""

    skill_id: str
    version: str
    filesystem: Reach
    network: Network
    starts_processes: bool
    mode: SideEffectMode
    """How far a task that only looks may reach with it."""
    evidence: EvidenceKind | None = None
    """What its outcome shows."""
    instruction_field: str | None = None
    """Field of its input that takes the work in words."""

    @property
    def effects(self) -> dict[str, Any]:
        """The farthest effects that its manifest may declare."""
        return {
            "filesystem": self.filesystem,
            "network": self.network,
            "starts_processes": self.starts_processes,
        }

    @property
    def version_range(self) -> str:
        """The versions that serve as well as the one that is known."""
        major = int(self.version.partition(".")[0])
        return f">={self.version},<{major + 1}.0.0"


SEARCH: Final = Skill(
    "repo.search", "1.0.0", filesystem="read", network="none", starts_processes=True, mode=SideEffectMode.NONE
)
TEST: Final = Skill(
    "repo.test", "1.0.0", filesystem="write", network="any", starts_processes=True,
    mode=SideEffectMode.SCRATCH, evidence=EvidenceKind.TEST_REPORT,
)  # fmt: skip
RUN: Final = Skill(
    "process.run", "1.0.0", filesystem="write", network="any", starts_processes=True, mode=SideEffectMode.SCRATCH
)
WORKER: Final = Skill(
    "codex.exec", "1.0.0", filesystem="write", network="any", starts_processes=True,
    mode=SideEffectMode.SCRATCH, instruction_field="prompt",
)  # fmt: skip
COMMIT: Final = Skill(
    "repo.commit", "1.0.0", filesystem="write", network="none", starts_processes=True, mode=SideEffectMode.SCRATCH
)
PAGE: Final = Skill(
    "web.read", "1.0.0", filesystem="write", network="any", starts_processes=True, mode=SideEffectMode.SCRATCH
)
SKILLS: Final[Mapping[str, Skill]] = MappingProxyType(
    {each.skill_id: each for each in (SEARCH, TEST, RUN, WORKER, COMMIT, PAGE)}
)
"""The skills that come with the daemon, by their ids."""
SKILL_VERSIONS: Final[Mapping[str, str]] = MappingProxyType({each.skill_id: each.version for each in SKILLS.values()})
"""Their versions: what circumstances are asked about where no daemon was asked."""
