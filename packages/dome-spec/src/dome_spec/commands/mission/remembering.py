"""Keeps failures of packages in the memory of the repository, each once."""

from collections.abc import Iterable

from dome_spec.binding import open_memory, repository_policy
from dome_spec.commands.console import Console
from dome_spec.commands.mission.opening import Opened
from dome_spec.kernel import Refusal
from dome_spec.mission_runtime.loop.failures import failure_facts
from dome_spec.missions.status import MissionStatus


def remember(opened: Opened, status: MissionStatus, packages: Iterable[str], console: Console) -> None:
    """Keep what failed of these packages. What cannot be kept is told: the mission stands as it stands."""
    infra, snapshot = opened.missions.infra, status.snapshot
    found = [
        fact
        for name in packages
        for fact in failure_facts(
            status.history(name), repository_id=str(infra.repository_id), lost=snapshot.dropped | snapshot.orphans
        )
    ]
    if not found:
        return
    try:
        memory = open_memory(infra.memory_path, repository_policy(infra.root))
    except Refusal as error:
        console.note(f"Not remembered: {error}. `dome mission recover` tries again.")
        return
    try:
        memory.append(found)
    finally:
        memory.close()
