"""A request that was refused, as the audit table has it."""

from dataclasses import dataclass
from datetime import datetime

from dome_contracts.errors.v1 import ErrorReason
from dome_contracts.ids import RefusalId
from dome_contracts.runtime.v1 import Requester


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row. Texts that the caller chose are cut to a length by whoever makes it."""

    refusal_id: RefusalId
    occur_time: datetime
    method: str
    """`SkillExecute`: the call, without package and service."""
    skill_id: str
    """Empty where the request names no tool."""
    reason: ErrorReason
    request_digest: str
    """Empty where the request has none."""
    requester: Requester
    omitted_count: int = 0
    """How many refusals after this one have no row."""
