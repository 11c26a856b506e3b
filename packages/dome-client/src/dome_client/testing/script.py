"""What a tool of the fake runtime does, as a list of steps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from dome_contracts.canonical import digest
from dome_contracts.runtime.v1 import (
    FilesystemEffect,
    NetworkEffect,
    OutputStream,
    SchemaRef,
    ToolDescriptor,
    ToolEffects,
    ToolHints,
    ToolKind,
    ToolOrigin,
    ToolSummary,
    ToolTrust,
)


@dataclass(frozen=True, slots=True)
class Say:
    """Write bytes: one page of output."""

    data: bytes
    stream: OutputStream = OutputStream.STDOUT


@dataclass(frozen=True, slots=True)
class Report:
    """Say how far it is."""

    message: str
    done: int | None = None
    total: int | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Produce:
    """Hand over a file."""

    name: str
    data: bytes
    media_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Hold:
    """Go on only when the test releases the job, or somebody cancels it."""


@dataclass(frozen=True, slots=True)
class End:
    """End at once: with an exit code, and a result where there is one. A script that just ends has ended well."""

    exit_code: int = 0
    result: bytes = b""
    failure_reason_code: str = ""
    """Left out: the one that fits the exit code."""


Step = Say | Report | Produce | Hold | End


def no_effects() -> ToolEffects:
    """What a tool declares that does nothing to the world."""
    return ToolEffects(filesystem=FilesystemEffect.NONE, network=NetworkEffect.NONE)


@dataclass(frozen=True, slots=True)
class ScriptedTool:
    """A tool, and what it does with an input."""

    tool_id: str
    script: Callable[[bytes], Sequence[Step]]
    version: str = "1.0.0"
    description: str = "A tool for tests."
    input_schema: bytes = b'{"type":"object"}'
    origin: ToolOrigin = ToolOrigin.BUILT_IN
    """A tool of another origin runs when it was approved."""
    effects: ToolEffects | None = field(default_factory=no_effects)
    """What its manifest declares; None: nothing is said of it."""

    def summary(self) -> ToolSummary:
        """The line that listings show."""
        return ToolSummary(
            tool_id=self.tool_id,
            version=self.version,
            kind=ToolKind.TOOL,
            title=self.tool_id,
            short_description=self.description,
            input_schema=SchemaRef(schema_id=f"{self.tool_id}/input", digest=digest(self.input_schema.decode())),
            executor_backend="fake",
            hints=ToolHints(read_only=True, idempotent=True),
            origin=self.origin,
            trust=ToolTrust.TRUSTED if self.origin is ToolOrigin.BUILT_IN else ToolTrust.UNTRUSTED,
            tool_digest=digest([self.tool_id, self.version]),
        )

    def descriptor(self) -> ToolDescriptor:
        """Everything about the tool."""
        return ToolDescriptor(
            summary=self.summary(),
            description=self.description,
            input_schema_document=self.input_schema,
            effects=self.effects,
        )
