"""The flags say what the executors say."""

from dome_contracts.runtime.v1 import EffectsEnforcement, Enforcement
from domed.executors.cgroup import RunGroups
from domed.executors.confinement import Abilities
from domed.executors.local_process import LocalProcessExecutor
from domed.executors.port import Effects
from domed.rpc.held_effects import held_effects
from packages.domed.tests.executors.cgroup_fake import FakeCgroups
from packages.domed.tests.executors.scripted import ScriptedExecutor

EVERYTHING = Abilities(landlock_abi=7, namespaces=True, apart=True)


def executor(known: Abilities) -> LocalProcessExecutor:
    return LocalProcessExecutor(find_abilities=lambda: known)


def with_groups(*controllers: str) -> LocalProcessExecutor:
    def find() -> RunGroups:
        kernel = FakeCgroups(controllers)
        return RunGroups.open(kernel, daemon_pid=kernel.live(1))

    return LocalProcessExecutor(find_abilities=Abilities, find_groups=find)


async def test_what_the_kernel_holds_is_a_flag() -> None:
    assert await held_effects([executor(EVERYTHING)]) == ["effects.filesystem", "effects.network"]
    assert await held_effects([executor(Abilities())]) == []


async def test_a_flag_holds_for_every_executor() -> None:
    reads = Effects(filesystem="read", network="none", starts_processes=True)
    scripted = await ScriptedExecutor().enforcement(reads)
    assert scripted == EffectsEnforcement(
        filesystem=Enforcement.DECLARED, network=Enforcement.ENFORCED, processes=Enforcement.DECLARED
    )
    assert await held_effects([executor(EVERYTHING), ScriptedExecutor()]) == ["effects.network"]


async def test_what_runs_as_a_whole_are_held_to_is_a_flag() -> None:
    assert await held_effects([with_groups("memory", "pids")]) == [
        "limits.run_memory",
        "limits.run_processes",
        "run.group",
    ]
    assert await held_effects([with_groups("pids")]) == ["limits.run_processes", "run.group"]
    assert await held_effects([with_groups()]) == ["run.group"]
    assert await held_effects([with_groups("memory"), ScriptedExecutor()]) == []
