"""What all contexts of the spec plane share. Knows none of them."""

from dome_spec.kernel.clock import Clock, FixedClock, NotAMoment, SystemClock, from_micros, micros, moment, timestamp
from dome_spec.kernel.documents import (
    DocumentAmbiguous,
    DocumentInvalid,
    DocumentNotJson,
    Violation,
    family_of,
    read_document,
)
from dome_spec.kernel.identity import Entropy, Ids, derived_id
from dome_spec.kernel.infra import InfraContext, NothingKept, resolve_infra
from dome_spec.kernel.json_text import NotJson, Position, nearest, positions, read_json
from dome_spec.kernel.mission_identity import (
    MissionAmbiguous,
    MissionName,
    MissionUnknown,
    resolve_mission_identity,
    resolve_mission_read_path,
)
from dome_spec.kernel.refusal import Refusal
from dome_spec.kernel.repository_file import FileRefused, read_within, within
from dome_spec.kernel.repository_key import RepositoryCopied, RepositoryKeyDamaged, RepositoryNotWritable
from dome_spec.kernel.runtime import Catalog, Runtime
from dome_spec.kernel.vcs import Repository
from dome_spec.kernel.vcs_errors import (
    FileTooLarge,
    LinkOutside,
    MainTreeUnknown,
    NotARepository,
    NotInCommit,
    RefAmbiguous,
    RefNotFound,
    RepositoryUnreadable,
    VcsError,
)
from dome_spec.kernel.vcs_files import CommittedFile

__all__ = [
    "Catalog",
    "Clock",
    "CommittedFile",
    "DocumentAmbiguous",
    "DocumentInvalid",
    "DocumentNotJson",
    "Entropy",
    "FileRefused",
    "FileTooLarge",
    "FixedClock",
    "Ids",
    "InfraContext",
    "LinkOutside",
    "MainTreeUnknown",
    "MissionAmbiguous",
    "MissionName",
    "MissionUnknown",
    "NotAMoment",
    "NotARepository",
    "NotInCommit",
    "NotJson",
    "NothingKept",
    "Position",
    "RefAmbiguous",
    "RefNotFound",
    "Refusal",
    "Repository",
    "RepositoryCopied",
    "RepositoryKeyDamaged",
    "RepositoryNotWritable",
    "RepositoryUnreadable",
    "Runtime",
    "SystemClock",
    "VcsError",
    "Violation",
    "derived_id",
    "family_of",
    "from_micros",
    "micros",
    "moment",
    "nearest",
    "positions",
    "read_document",
    "read_json",
    "read_within",
    "resolve_infra",
    "resolve_mission_identity",
    "resolve_mission_read_path",
    "timestamp",
    "within",
]
