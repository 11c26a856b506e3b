"""A gate as a value. Runs nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

from ci.gates.finding import Finding


class ChangeClass(StrEnum):
    """What kind of contract a change is about; it selects the gates."""

    PROTO = "proto"
    SCHEMA = "schema"
    MANIFEST = "manifest"
    POLICY = "policy"


# One file of each kind stands for all: a gate belongs to the classes whose files it watches.
SAMPLES: Final = {
    ChangeClass.PROTO: ("contracts/proto/dome/runtime/v1/job.proto", "buf.yaml", "contracts/baseline/dome.binpb"),
    ChangeClass.SCHEMA: (
        "contracts/jsonschema/runtime/v1/run_manifest.json",
        "contracts/families.yaml",
        "contracts/baseline/blessings.yaml",
    ),
    ChangeClass.MANIFEST: ("packages/domed/src/domed/tools/repo_search/tool.yaml",),
    ChangeClass.POLICY: ("contracts/reasons.yaml", "contracts/deltas.yaml", "contracts/pins/xtrlv2/pin.json"),
}


@dataclass(frozen=True, slots=True)
class Gate:
    """A named check, and the files (as patterns of paths) whose change can turn it red."""

    name: str
    check: Callable[[Path], list[Finding]]
    watches: tuple[str, ...]
    quick: bool = True

    @property
    def classes(self) -> tuple[ChangeClass, ...]:
        """The kinds of change that it judges."""
        return tuple(each for each, files in SAMPLES.items() if self.watched(list(files)))

    def watched(self, changed: list[str]) -> bool:
        """Whether one of these files matters to it. A gate's own code matters to every gate."""
        return any(fnmatch(path, pattern) for path in changed for pattern in (*self.watches, "ci/gates/*"))
