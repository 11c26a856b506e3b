"""Which declared effects the kernel holds tools to here, as feature flags. Knows no mechanism."""

from collections.abc import Collection, Sequence
from typing import Final

from dome_contracts.runtime.v1 import Enforcement
from domed.executors.port import Effects, Executor

FILESYSTEM: Final = "effects.filesystem"
NETWORK: Final = "effects.network"
_READS: Final = Effects(filesystem="read", network="none", starts_processes=True)


async def held_effects(executors: Collection[Executor]) -> Sequence[str]:
    """The flags of the effects that every executor holds."""
    answers = [await executor.enforcement(_READS) for executor in executors]
    held = {
        FILESYSTEM: all(answer.filesystem is Enforcement.ENFORCED for answer in answers),
        NETWORK: all(answer.network is Enforcement.ENFORCED for answer in answers),
    }
    return [flag for flag, holds in held.items() if holds]
