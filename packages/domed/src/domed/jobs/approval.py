"""An approval: the user's word that a tool of exactly one digest may run, in one root."""

from dataclasses import dataclass
from datetime import datetime

from dome_contracts.runtime.v1 import Requester


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """What an approval is for. Another root, another id and another digest are other places."""

    root: str
    """Real path of the tool root."""
    tool_id: str
    tool_digest: str


@dataclass(frozen=True, slots=True)
class Approval:
    """One approval, as the store has it."""

    place: Place
    approve_time: datetime
    requester: Requester
