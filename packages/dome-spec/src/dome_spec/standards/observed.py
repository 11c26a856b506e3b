"""What was observed of a tool: values that the subchecks judge. Made by running it; judged without running anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dome_contracts.runtime.v1 import ToolEffects
from dome_contracts.schema.shared.definitions import EvidenceRef


class Origin(StrEnum):
    """Where an input comes from."""

    EXAMPLE = "example"
    FILE = "file"
    GENERATED = "generated"


@dataclass(frozen=True, slots=True)
class Tried:
    """An input that the tool is run with."""

    origin: Origin
    name: str
    """What people are told of it, such as `example 1`."""
    value: Any

    @property
    def is_stated(self) -> bool:
        """Whether somebody says that the tool can do something with it."""
        return self.origin is not Origin.GENERATED


@dataclass(frozen=True, slots=True)
class Enforced:
    """Which declared effects the kernel held a run to, by the record of the job."""

    filesystem: bool
    network: bool
    processes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run that has ended."""

    tried: Tried
    job_id: str
    succeeded: bool
    failure_reason_code: str
    message: str
    exit_code: int | None
    result: bytes
    """JSON, as the daemon recorded it; empty where there is none."""
    enforced: Enforced | None
    """None where no program was started."""
    changed: tuple[str, ...]
    """Paths of the place of the trial that are otherwise than before, from its root, sorted."""
    evidence: tuple[EvidenceRef, ...]


class Rule(StrEnum):
    """What an input breaks."""

    REQUIRED = "required"
    UNKNOWN = "unknown key"
    TYPE = "type"
    ENUM = "enum"
    BOUND = "bound"


@dataclass(frozen=True, slots=True)
class Breach:
    """An input that its schema refuses, and which one rule it breaks."""

    rule: Rule
    place: str
    value: Any


@dataclass(frozen=True, slots=True)
class Refused:
    """What became of a breach at the edge."""

    breach: Breach
    reason: str
    """Reason of the refusal; empty where it was accepted."""
    job_id: str
    """The job that it became; empty where it was refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """Everything that was observed."""

    input_schema: Mapping[str, Any]
    output_schema: Mapping[str, Any]
    effects: ToolEffects
    is_deterministic: bool
    volatile_fields: tuple[str, ...]
    failure_reasons: Mapping[int, str]
    """The manifest's, by exit code."""
    inputs: tuple[Tried, ...]
    runs: tuple[Run, ...]
    """The first run of each input that was run."""
    repeats: tuple[tuple[Run, Run], ...]
    """Runs that succeeded, each with its repetition."""
    edge: tuple[Refused, ...]
    open_edge: bool
    """Whether the input schema accepts a key that it does not name."""
