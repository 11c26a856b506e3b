"""The directory of one run: the plan it carries out, its queue, and every document of its attempts.

Each file is there as a whole or not at all. Documents of an attempt are written once: what is there stays, so whoever
repeats an attempt after a crash reads what was decided. The queue is replaced, and only by who has read the last one.
"""

import json
from enum import Enum
from pathlib import Path
from typing import Final, Self, TypeVar

from dome_contracts.canonical import canonical_bytes, digest
from dome_contracts.ids import InvalidId, parse_run_id
from dome_contracts.schema.base import Contract
from dome_contracts.schema.control.spawn_spec import SpawnSpec
from dome_contracts.schema.control.task_result import TaskResult
from dome_contracts.schema.control.work_queue import WorkQueue
from dome_contracts.schema.knowledge.evidence_capsule import EvidenceCapsule
from dome_contracts.schema.knowledge.wrapper_envelope import WrapperEnvelope
from dome_contracts.schema.planning.plan import Plan
from dome_spec.dispatch.decide.identity import file_stem
from dome_spec.dispatch.errors import RecordDamaged, RecordStale, RunUnknown, keeping
from dome_spec.dispatch.record.log import RunLog
from dome_spec.kernel import DocumentInvalid, read_document
from dome_spec.kernel.durable import create_file, make_directory, replace_file

Document = TypeVar("Document", SpawnSpec, TaskResult, WrapperEnvelope, EvidenceCapsule)
_Kept = TypeVar("_Kept", bound=Contract)
_PLAN: Final = "plan.json"
_QUEUE: Final = "queue.json"
_UNQUEUED: Final = "unqueued.json"
_BYTES_MAX: Final = 64 * 1024 * 1024


class _Folder(Enum):
    """Where the documents of a family lie."""

    SPAWN_SPEC = SpawnSpec
    TASK_RESULT = TaskResult
    WRAPPER = WrapperEnvelope
    EVIDENCE_CAPSULE = EvidenceCapsule

    @classmethod
    def of(cls, model: type[Contract]) -> str:
        """The name of the folder."""
        return f"{cls(model).name.lower()}s"


class RunRecord:
    """What is kept of one run."""

    def __init__(self, directory: Path, run_id: str) -> None:
        self.directory = directory
        self.run_id = run_id
        self.log = RunLog(directory, run_id)
        self._revision = 0

    @classmethod
    def find(cls, runs_dir: Path, run_id: str) -> Self:
        """The record of a run that was begun. Raises RunUnknown."""
        record = cls(runs_dir / _name(run_id), run_id)
        if not (record.directory / _QUEUE).is_file():
            raise RunUnknown(run_id)
        return record

    @classmethod
    def prepare(cls, runs_dir: Path, run_id: str) -> Self:
        """The record of a run that is about to begin, or was begun: its directory is there.

        Raises RecordUnwritable.
        """
        record = cls(runs_dir / _name(run_id), run_id)
        with keeping(run_id, record.directory):
            make_directory(record.directory)
            for folder in _Folder:
                make_directory(record.directory / _Folder.of(folder.value))
        return record

    @classmethod
    def is_begun(cls, runs_dir: Path, run_id: str) -> bool:
        """Whether a run of this name was begun. Raises RunUnknown for a text that names none."""
        return cls(runs_dir / _name(run_id), run_id).exists

    @classmethod
    def is_there(cls, runs_dir: Path, run_id: str) -> bool:
        """Whether anything is kept under this name."""
        try:
            return (runs_dir / _name(run_id)).is_dir()
        except RunUnknown:
            return False

    @property
    def unqueued_path(self) -> Path:
        """Where a run without a queue says what it is for."""
        return self.directory / _UNQUEUED

    @classmethod
    def is_unqueued(cls, runs_dir: Path, run_id: str) -> bool:
        """Whether the run of this name is one without a queue."""
        try:
            return cls(runs_dir / _name(run_id), run_id).unqueued_path.is_file()
        except RunUnknown:
            return False

    @property
    def exists(self) -> bool:
        """Whether the run was begun."""
        return (self.directory / _QUEUE).is_file()

    def keep_plan(self, plan: Plan) -> None:
        """Keep the plan; the one that was kept first stays. Raises RecordUnwritable."""
        with keeping(self.run_id, self.directory / _PLAN):
            create_file(self.directory / _PLAN, canonical_bytes(plan.to_value()))

    def plan(self) -> Plan:
        """The plan. Raises RecordDamaged."""
        return self._document(Plan, self.directory / _PLAN)

    def plan_of(self, queue: WorkQueue) -> Plan:
        """The plan that the run was begun with. Raises RecordDamaged, also where the file holds another one."""
        plan = self.plan()
        found = document_digest(plan)
        if found != queue.plan_hash or queue.entries.keys() != plan.tasks.keys():
            raise RecordDamaged(
                f"{self.directory / _PLAN} is not the plan that the run was begun with",
                why=f"it has the digest {found}, and the queue is of {queue.plan_hash}",
                hint="Put it back (`dome plan show HASH --json` prints one that is kept), or begin another run",
            )
        return plan

    def queue(self) -> WorkQueue:
        """The queue as it was kept last. Raises RecordDamaged."""
        queue = self._document(WorkQueue, self.directory / _QUEUE)
        if queue.run_id != self.run_id:
            raise RecordDamaged(
                f"{self.directory / _QUEUE} is of another run", why=f"it is of {queue.run_id}", hint="Put it back"
            )
        self._revision = queue.revision
        return queue

    def save_queue(self, queue: WorkQueue) -> None:
        """Replace the queue that was read or saved last. Raises RecordStale if it is another one, RecordUnwritable."""
        path = self.directory / _QUEUE
        found = self._found_revision(path)
        if found != self._revision:
            raise RecordStale(self.run_id, read=self._revision, found=found)
        with keeping(self.run_id, path):
            replace_file(path, canonical_bytes(queue.to_value()))
        self._revision = queue.revision

    def keep(self, document: Document) -> Document:
        """Keep a document of an attempt, and give it back; or the one that was kept first. Raises RecordUnwritable."""
        path = self._path(type(document), document.group_id)
        with keeping(self.run_id, path):
            if create_file(path, canonical_bytes(document.to_value())):
                return document
        return self._document(type(document), path)

    def kept(self, model: type[Document], group_id: str) -> Document | None:
        """The document of an attempt; None where there is none. Raises RecordDamaged."""
        path = self._path(model, group_id)
        return self._document(model, path) if path.is_file() else None

    def all_kept(self, model: type[Document]) -> tuple[Document, ...]:
        """All documents of a family, ordered by their names. Raises RecordDamaged."""
        paths = sorted((self.directory / _Folder.of(model)).glob("[0-9a-f]*.json"))
        return tuple(self._document(model, path) for path in paths)

    def _found_revision(self, path: Path) -> int:
        try:
            return int(json.loads(path.read_bytes())["revision"])
        except FileNotFoundError:
            return 0
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise self._damaged(path, error) from error

    def _path(self, model: type[Contract], group_id: str) -> Path:
        return self.directory / _Folder.of(model) / f"{file_stem(group_id)}.json"

    def _document(self, model: type[_Kept], path: Path) -> _Kept:
        try:
            return read_document(model, path.read_bytes(), bytes_max=_BYTES_MAX)
        except (OSError, DocumentInvalid) as error:
            raise self._damaged(path, error) from error

    def _damaged(self, path: Path, error: Exception) -> RecordDamaged:
        return RecordDamaged(
            f"{path} cannot be read",
            why=str(error),
            hint=f"Put it back, or begin another run; `dome jobs` shows what {self.run_id} has started",
        )


def document_digest(document: Contract) -> str:
    """The digest of a document: that of its canonical bytes, which are those of its file."""
    return digest(document.to_value())


def run_ids(runs_dir: Path) -> tuple[str, ...]:
    """The runs of which something is kept, newest last where their ids sort by time."""
    if not runs_dir.is_dir():
        return ()
    return tuple(sorted(path.name for path in runs_dir.iterdir() if _is_begun(path)))


def _is_begun(directory: Path) -> bool:
    """Whether there is a queue; one that this user may not look at is there, and is told of when it is read."""
    try:
        return (directory / _QUEUE).is_file()
    except PermissionError:
        return True


def _name(run_id: str) -> str:
    """The run id as the name of a directory: it has no slash, and is no other place. Raises RunUnknown."""
    try:
        return parse_run_id(run_id)
    except InvalidId as error:
        raise RunUnknown(run_id) from error
