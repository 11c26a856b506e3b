"""The Tool value: an entry of the catalog, checked, with what is derived from it. Reads nothing."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from dome_contracts.runtime.v1 import SchemaRef, ToolKind, ToolOrigin
from dome_contracts.schema.runtime.tool_manifest import Limits, ToolManifest, WorkingDirectory
from domed.catalog import command, input_pointer
from domed.catalog.payload_schema import PayloadSchema
from domed.catalog.source import Covered
from domed.errors import FieldViolation

NO_LIMITS: Final = Limits()
PYCACHE_VARIABLE: Final = "PYTHONPYCACHEPREFIX"


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool, or a document. A document has no manifest and no schemas, and cannot be run."""

    tool_id: str
    version: str
    """Semantic version of a tool; empty for a document."""
    title: str
    short_description: str
    digest: str
    kind: ToolKind
    origin: ToolOrigin
    trusted: bool
    """Whether it was shipped with the daemon or its digest was approved."""
    location: Path
    """The real path of its folder."""
    root: str = ""
    """The real path of the tool root that it was found in: an approval holds there only."""
    files: Mapping[str, Covered] = field(default_factory=dict)
    """The files that its digest covers, by their path in its folder. Empty for a document."""
    text: str = ""
    """The text of a document; the description of a tool."""
    pycache: Path | None = None
    """Where Python keeps its compiled files, so that none that came with its folder is read. None: in the folder."""
    manifest: ToolManifest | None = None
    inputs: PayloadSchema | None = None
    outputs: PayloadSchema | None = None

    @property
    def input_schema(self) -> bytes:
        """The schema of the input as it was written. Empty for a document."""
        return self.inputs.document if self.inputs else b""

    @property
    def output_schema(self) -> bytes:
        """The schema of the result as it was written. Empty for a document."""
        return self.outputs.document if self.outputs else b""

    @property
    def input_schema_ref(self) -> SchemaRef | None:
        """The schema of the input by name and content."""
        return self.inputs.ref if self.inputs else None

    @property
    def output_schema_ref(self) -> SchemaRef | None:
        """The schema of the result by name and content."""
        return self.outputs.ref if self.outputs else None

    @property
    def backend(self) -> str:
        """Name of the executor backend. Empty for a document."""
        return self.manifest.executor.backend.value if self.manifest else ""

    @property
    def limits(self) -> Limits:
        """What a run is held to; a field that is None is the daemon's default."""
        return (self.manifest.limits if self.manifest else None) or NO_LIMITS

    @property
    def locks(self) -> tuple[str, ...]:
        """Names of the locks that a run holds."""
        return tuple(self.manifest.locks or ()) if self.manifest else ()

    @property
    def environment(self) -> Mapping[str, str]:
        """Variables that the manifest sets, and the one that keeps Python from files that no approval covers."""
        declared = self.manifest.environment if self.manifest else None
        pycache = {} if self.pycache is None else {PYCACHE_VARIABLE: str(self.pycache)}
        return MappingProxyType({**((declared.set if declared else None) or {}), **pycache})

    @property
    def environment_from_caller(self) -> frozenset[str]:
        """Names of variables that a request may set."""
        declared = self.manifest.environment if self.manifest else None
        return frozenset((declared.from_caller if declared else None) or ()) - {PYCACHE_VARIABLE}

    @property
    def working_directory(self) -> WorkingDirectory:
        """Whether a request must name a working directory, may, or gets a scratch directory."""
        return self.manifest.working_directory if self.manifest else WorkingDirectory.OPTIONAL

    @property
    def failure_reasons(self) -> Mapping[int, str]:
        """Failure reason by exit code."""
        declared = (self.manifest.failure_reasons if self.manifest else None) or {}
        return MappingProxyType({int(code): reason for code, reason in declared.items()})

    @property
    def argv_fixed(self) -> list[str]:
        """Program and arguments without those of an input. Empty for a document, and where the input names all."""
        if self.manifest is None:
            return []
        return command.expand(self.manifest.executor.command, folder=self.location, python=sys.executable)

    def argv(self, payload: bytes = b"") -> list[str]:
        """Program and arguments for an input without violations, placeholders replaced. Empty for a document."""
        if self.manifest is None:
            return []
        executor = self.manifest.executor
        if executor.arguments_from is None:
            return self.argv_fixed
        arguments: list[str] = input_pointer.find(executor.arguments_from, payload)
        return self.argv_fixed + arguments

    def standard_input(self, payload: bytes) -> bytes:
        """What the program reads for an input without violations: the input itself, or the text in it."""
        pointer = self.manifest.executor.standard_input_from if self.manifest else None
        if pointer is None:
            return payload
        text: str | None = input_pointer.find(pointer, payload)
        return b"" if text is None else text.encode()

    def input_violations(self, payload: bytes) -> tuple[FieldViolation, ...]:
        """What in an input breaks the schema, with fields such as `input/pattern`. Empty bytes mean `{}`."""
        return self.inputs.violations(payload, within="input") if self.inputs else ()

    def output_violations(self, result: bytes) -> tuple[FieldViolation, ...]:
        """What in a result breaks the schema, with fields such as `result/matches`.

        Empty bytes mean `{}`: a tool that declares no result has given the empty one, and whether that
        will do is for its output schema to say.
        """
        return self.outputs.violations(result, within="result") if self.outputs else ()
