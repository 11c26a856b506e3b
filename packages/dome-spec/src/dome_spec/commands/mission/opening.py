"""Opens the missions of the repository that a command was given in. Knows no verb.

Reading leaves every byte as it was: where nothing was ever kept, it says so instead of making a store.
"""

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from dome_contracts.schema.shared.definitions import Effector
from dome_spec.commands.mission.acting import effector_of
from dome_spec.commands.surroundings import Surroundings, here
from dome_spec.kernel import InfraContext, timestamp
from dome_spec.mission_runtime import Deed, Missions, NoMissions, WrongDirectory
from dome_spec.missions.status import MissionStatus
from dome_spec.missions.store import SqliteStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The missions of a repository, their store, and who acts."""

    scene: Surroundings
    missions: Missions
    store: SqliteStore
    effector: Effector

    @property
    def now(self) -> str:
        """The moment, RFC 3339."""
        return timestamp(self.scene.clock.now())

    def permit(self, deed: Deed, status: MissionStatus) -> None:
        """Refuse what who acts may not do to the mission. Raises NotPermitted, GovernanceRefusal."""
        self.missions.permit_deed(deed, self.effector, status.mission.mission_type.id)

    def status(self, handle: str) -> MissionStatus:
        """The mission that is meant, as it stands. Raises MissionUnknown, MissionAmbiguous."""
        return self.missions.status(handle, self.store)


@contextmanager
def reading(arguments: Namespace) -> Iterator[Opened]:
    """The missions for one who only looks. Raises WrongDirectory, NoMissions."""
    scene = here()
    infra = _infra(scene)
    _refuse_nothing(infra)
    with _opened(scene, infra, arguments, is_writing=False) as opened:
        yield opened


@contextmanager
def writing(arguments: Namespace, *, begins: bool = False) -> Iterator[Opened]:
    """The missions for one who changes them; `begins` makes the store where there is none.

    Raises WrongDirectory, NoMissions.
    """
    scene = here()
    infra = _infra(scene)
    if begins:
        infra = infra.mint(scene.ids)
    else:
        _refuse_nothing(infra)
    with _opened(scene, infra, arguments, is_writing=True) as opened:
        yield opened


def governed() -> Missions:
    """Charter and doctrine of the repository, without any store. Raises WrongDirectory."""
    scene = here()
    return Missions(infra=_infra(scene), clock=scene.clock, ids=scene.ids)


@contextmanager
def _opened(scene: Surroundings, infra: InfraContext, arguments: Namespace, *, is_writing: bool) -> Iterator[Opened]:
    missions = Missions(infra=infra, clock=scene.clock, ids=scene.ids)
    effector = effector_of(arguments, scene.environ)
    store = missions.writing() if is_writing else missions.reading()
    try:
        yield Opened(scene=scene, missions=missions, store=store, effector=effector)
    finally:
        store.close()


def _infra(scene: Surroundings) -> InfraContext:
    infra = scene.infra()
    if infra.git_common_dir is not None and infra.repository_root is None:
        raise WrongDirectory(
            f"{scene.directory} is in no working tree of a repository",
            why=f"it lies in {infra.git_common_dir}, which holds no files of the work",
            hint="Give the command in a working tree; `git worktree add` makes one where there is none",
        )
    if infra.git_common_dir is None or infra.repository_root is None:
        raise WrongDirectory(
            f"{scene.directory} is in no repository",
            why="missions belong to a repository of git",
            hint="Give the command in a repository, in its main checkout or any worktree; `git init` makes one",
        )
    return infra


def _refuse_nothing(infra: InfraContext) -> None:
    if infra.repository_id is None or not infra.missions_path.is_file():
        raise NoMissions(f"{infra.root} has no missions", hint="`dome mission new` begins one")
