"""What the kernel holds tools and runs to here, as feature flags. Knows no mechanism."""

from collections.abc import Collection, Sequence
from typing import Final

from dome_contracts.runtime.v1 import Enforcement
from domed.executors.port import Effects, Executor

FILESYSTEM: Final = "effects.filesystem"
NETWORK: Final = "effects.network"
RUN_MEMORY: Final = "limits.run_memory"
RUN_PROCESSES: Final = "limits.run_processes"
RUN_GROUP: Final = "run.group"
_READS: Final = Effects(filesystem="read", network="none", starts_processes=True)


async def held_effects(executors: Collection[Executor]) -> Sequence[str]:
    """The flags of what every executor holds."""
    effects = [await executor.enforcement(_READS) for executor in executors]
    runs = [await executor.containment() for executor in executors]
    held = {
        FILESYSTEM: all(answer.filesystem is Enforcement.ENFORCED for answer in effects),
        NETWORK: all(answer.network is Enforcement.ENFORCED for answer in effects),
        RUN_MEMORY: all(answer.memory for answer in runs),
        RUN_PROCESSES: all(answer.processes for answer in runs),
        RUN_GROUP: all(answer.group for answer in runs),
    }
    return [flag for flag, holds in held.items() if holds]
