"""What the planner knows of the skills that come with the daemon. Their manifests say it; a test compares the two.

Of any other skill a packet, a pattern or the control strategies say what is needed. Whether a daemon has a skill, and
in which version, is looked at before a task is executed: not here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from dome_contracts.schema.shared.definitions import EvidenceKind, SideEffects
from dome_spec.planning.reach import Reach, side_effects_for


@dataclass(frozen=True, slots=True)
class Skill:
    """One skill: its version, the effects that its manifest declares, and what else plans depend on."""

    skill_id: str
    version: str
    reach: Reach
    evidence: EvidenceKind | None = None
    """What its outcome shows."""
    instruction_field: str | None = None
    """Field of its input that takes the work in words."""

    @property
    def effects(self) -> dict[str, Any]:
        """The farthest effects that its manifest may declare."""
        return {
            "filesystem": self.reach.filesystem,
            "network": self.reach.network,
            "starts_processes": self.reach.starts_processes,
        }

    @property
    def side_effects(self) -> SideEffects:
        """What a task has to allow it: what it declares, for nothing holds it to less."""
        return side_effects_for(self.reach)

    @property
    def version_range(self) -> str:
        """The versions that serve as well as the one that is known."""
        major = int(self.version.partition(".")[0])
        return f">={self.version},<{major + 1}.0.0"


_EVERYTHING: Final = Reach("write", "any", starts_processes=True)
SEARCH: Final = Skill("repo.search", "1.0.0", Reach("read", "none", starts_processes=True))
TEST: Final = Skill("repo.test", "1.0.0", _EVERYTHING, evidence=EvidenceKind.TEST_REPORT)
RUN: Final = Skill("process.run", "1.0.0", _EVERYTHING)
WORKER: Final = Skill("codex.exec", "1.0.0", _EVERYTHING, instruction_field="prompt")
COMMIT: Final = Skill("repo.commit", "1.0.0", Reach("write", "none", starts_processes=True))
PAGE: Final = Skill("web.read", "1.0.0", _EVERYTHING)
SKILLS: Final[Mapping[str, Skill]] = MappingProxyType(
    {each.skill_id: each for each in (SEARCH, TEST, RUN, WORKER, COMMIT, PAGE)}
)
"""The skills that come with the daemon, by their ids."""
SKILL_VERSIONS: Final[Mapping[str, str]] = MappingProxyType({each.skill_id: each.version for each in SKILLS.values()})
"""Their versions: what circumstances are asked about where no daemon was asked."""
