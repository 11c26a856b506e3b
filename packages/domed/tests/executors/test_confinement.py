"""What is claimed of a run: only what the kernel holds is called enforced."""

from pathlib import Path

import pytest

from dome_contracts.runtime.v1 import Enforcement
from domed.executors import bubblewrap, confinement
from domed.executors.confinement import Abilities
from domed.executors.port import UNBOUNDED, Effects, Invocation
from packages.domed.tests.executors.confined_place import DECLARED, ENFORCED
from packages.domed.tests.executors.conformance import fresh_job_id, limits


def an_invocation(effects: Effects, scratch: Path) -> Invocation:
    return Invocation(
        job_id=fresh_job_id(),
        argv=["true"],
        payload=b"",
        environment={"PATH": "/usr/bin:/bin"},
        working_directory=None,
        scratch=scratch,
        limits=limits(),
        effects=effects,
    )


class TestWhatIsClaimed:
    READS = Effects(filesystem="read", network="none", starts_processes=False)

    @pytest.mark.parametrize(
        ("abilities", "filesystem", "network"),
        [
            (Abilities(), DECLARED, DECLARED),
            (Abilities(landlock_abi=7, apart=True), DECLARED, DECLARED),
            (Abilities(landlock_abi=7, namespaces=True, apart=True), ENFORCED, ENFORCED),
            (Abilities(landlock_abi=7, bubblewrap="/usr/bin/bwrap", apart=True), ENFORCED, ENFORCED),
            # Whoever can look into other processes has them do what it must not.
            (Abilities(namespaces=True), DECLARED, DECLARED),
            (Abilities(namespaces=True, apart=True), ENFORCED, ENFORCED),
        ],
    )
    def test_only_what_the_kernel_holds_is_called_enforced(
        self, abilities: Abilities, filesystem: str, network: str
    ) -> None:
        held = confinement.enforcement(self.READS, abilities)
        assert (held.filesystem.name, held.network.name, held.processes.name) == (filesystem, network, DECLARED)

    def test_without_landlock_nothing_keeps_a_tool_from_reading(self) -> None:
        nothing = Effects(filesystem="none", network="none", starts_processes=True)
        held = confinement.enforcement(nothing, Abilities(namespaces=True, apart=True))
        assert (held.filesystem, held.network) == (Enforcement.DECLARED, Enforcement.ENFORCED)

    def test_who_declares_everything_is_held_to_nothing_and_pays_nothing(self, tmp_path: Path) -> None:
        everything = Abilities(landlock_abi=7, namespaces=True, apart=True)
        held = confinement.enforcement(UNBOUNDED, everything)
        assert {held.filesystem, held.network, held.processes} == {Enforcement.DECLARED}
        assert confinement.confined(an_invocation(UNBOUNDED, tmp_path), everything, hide=()) is None

    def test_where_nothing_can_be_held_a_run_starts_as_ever(self, tmp_path: Path) -> None:
        assert confinement.confined(an_invocation(self.READS, tmp_path), Abilities(), hide=()) is None

    def test_a_directory_that_the_run_needs_is_not_hidden(self, tmp_path: Path) -> None:
        scratch, other = tmp_path / "state" / "scratch", tmp_path / "run"
        for directory in (scratch, other):
            directory.mkdir(parents=True)
        known = Abilities(landlock_abi=7, namespaces=True, apart=True)
        plan = confinement.confined(an_invocation(self.READS, scratch), known, hide=(tmp_path / "state", other))
        assert plan is not None
        assert [after for word, after in zip(plan.words, plan.words[1:], strict=False) if word == "--hide"] == [
            str(other)
        ]

    def test_bubblewrap_is_asked_for_no_process_namespace(self) -> None:
        words = bubblewrap.command("bwrap", self.READS, write=["/s"], directory="/d", read=[], hidden=["/h"])
        assert "--unshare-net" in words
        assert "--unshare-pid" not in words
        assert "--die-with-parent" not in words
