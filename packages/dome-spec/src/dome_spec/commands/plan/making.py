"""Puts together what a plan is made from, in the repository that a command was given in: commit, facts, memory."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from dome_contracts.schema.control.control_strategies import ControlStrategies
from dome_contracts.schema.patterns.pattern import Pattern
from dome_contracts.schema.planning.packet import Packet
from dome_spec.commands.plan.layering import read_entries
from dome_spec.commands.plan.remembering import remembered
from dome_spec.commands.surroundings import Surroundings, here
from dome_spec.kernel import InfraContext, NotAMoment, RefNotFound, Repository, moment, timestamp
from dome_spec.planning import (
    Head,
    KnownFailure,
    PacketRefused,
    PlanStore,
    Problem,
    RepositoryFacts,
    StoredPlan,
    find_pattern,
    head_of,
    look,
    make_plan,
)


@dataclass(frozen=True, slots=True)
class Workplace:
    """The repository that a plan is made in."""

    scene: Surroundings
    infra: InfraContext
    repository: Repository
    head: Head

    @property
    def store(self) -> PlanStore:
        """Where its plans are kept."""
        return PlanStore(self.infra.state_dir)

    @property
    def base(self) -> dict[str, str]:
        """Where work starts that does not say where."""
        return {
            "repository_id": self.infra.state_dir.name,
            "base_ref": self.head.ref,
            "base_commit": self.head.commit_id,
        }


@contextmanager
def workplace() -> Iterator[Workplace]:
    """The repository that the command was given in, with an id. Raises NotARepository, RefNotFound."""
    scene = here()
    with Repository.find(scene.directory) as repository:
        head = head_of(repository)
        yield Workplace(scene, scene.infra().mint(scene.ids), repository, head)


def made(
    packet: Packet,
    place: Workplace,
    *,
    strategies: ControlStrategies,
    patterns: Sequence[Pattern],
    stated: Sequence[KnownFailure],
    at: str | None,
    run_id: str | None = None,
) -> StoredPlan:
    """The plan for a packet, with all that it was made from. Raises PlanningRefused, LayerMisplaced and its like."""
    facts = _facts(packet, place)
    evaluate_time = _moment(at, place)
    memory = remembered(
        packet,
        facts,
        place.infra,
        strategies=strategies,
        stated=stated,
        entries=read_entries(place.infra.root, place.infra.state_dir.name, config_home=place.scene.config_home),
        at=evaluate_time,
        run_id=run_id,
    )
    plan = make_plan(
        packet, facts, strategies=strategies, evaluate_time=evaluate_time, memory=memory, patterns=patterns
    )
    return StoredPlan(plan, packet, strategies, memory, find_pattern(packet, patterns))


def _facts(packet: Packet, place: Workplace) -> RepositoryFacts:
    named, own = packet.repository, place.base["repository_id"]
    if named.repository_id != own:
        what = f"this repository is {own}"
        remedy = "Leave `repository` out, or plan where the packet belongs"
        raise PacketRefused((Problem("/repository/repository_id", what, remedy),))
    try:
        return look(place.repository, place.repository.resolve(named.base_commit))
    except RefNotFound as error:
        what = f"the repository has no such commit: {error.what}"
        raise PacketRefused(
            (Problem("/repository/base_commit", what, "Fetch it, or name one that is here"),)
        ) from error


def _moment(at: str | None, place: Workplace) -> str:
    if at is None:
        return timestamp(place.scene.clock.now())
    try:
        return timestamp(moment(at))
    except NotAMoment as error:
        from dome_spec.commands.verb import UsageWrong

        raise UsageWrong(f"--at: {error}") from error
