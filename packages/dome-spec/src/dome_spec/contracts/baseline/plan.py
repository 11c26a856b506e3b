"""What a blessing does, or why it does nothing. Values, and how a part of a plan is chosen; no files."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from dome_contracts.canonical import digest_bytes
from dome_spec.contracts.baseline.history import Blessing
from dome_spec.contracts.policy import Need, Tier

Part = Literal["family", "shared", "reasons", "wire"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One file of the baseline that changes, or leaves (no data), or stands for another schema than before."""

    family: str
    path: str
    """Below `contracts/baseline/`."""
    data: bytes | None
    verdict: str
    tier: Tier
    part: Part = "family"
    need: Need = Need.NOTHING
    is_lower: bool = False
    """The family promises less from here on."""

    def row(self, note: str, adr: str) -> Blessing:
        """Its row of the history."""
        digest = digest_bytes(self.data) if self.data is not None else ""
        asks = self.need is not Need.NOTHING
        told = (note, adr) if asks else ("", "")
        return Blessing(self.family, self.path, digest, self.verdict, tier=str(self.tier), note=told[0], adr=told[1])

    def document(self) -> dict[str, Any]:
        """It as JSON."""
        row = self.row("", "")
        asks = {"family": row.family, "path": row.path, "digest": row.digest or None, "verdict": row.verdict}
        return {**asks, "tier": row.tier or None, "asks_for": str(self.need)}


@dataclass(frozen=True, slots=True)
class Refused:
    """Why something is not blessed, and what to do."""

    family: str
    what: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Moves, and refusals: while there is one of these, nothing is written."""

    moves: tuple[Move, ...] = ()
    refused: tuple[Refused, ...] = ()
    families: tuple[str, ...] = ()
    """Every family that could be named."""
    uses: tuple[tuple[str, str], ...] = ()
    """Each family with each file of shared definitions that it needs."""


def selected(whole: Plan, families: Sequence[str]) -> Plan:
    """The part of a plan that concerns the named families, with the shared definitions that they need.

    Definitions that move change every family that needs them, so each of these must be named too.
    """
    wanted = set(families)
    shared = {move.family for move in whole.moves if move.part == "shared"}
    taken = shared & (wanted | {library for family, library in whole.uses if family in wanted})
    moving = {move.family for move in whole.moves}
    left = sorted({family for family, library in whole.uses if library in taken} & moving - wanted - taken)
    refused = [each for each in whole.refused if each.family in wanted | taken]
    if left:
        what = f"it moves, and changes {', '.join(left)} too"
        refused.append(Refused(", ".join(sorted(taken)), what, "Name these families too, or bless with `--all`."))
    moves = [move for move in whole.moves if move.family in wanted | taken]
    return replace(whole, moves=tuple(moves), refused=tuple(refused))
