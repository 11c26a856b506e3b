# @generated from contracts/jsonschema/runtime/v1/tool_manifest.json. Do not edit: change the source, then run `just gen`.
"""Describes a tool: what it is, how it is started, what it does to the world and what it is held to."""

from __future__ import annotations

from enum import StrEnum
from re import compile
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints
from typing_extensions import TypeAliasType

from dome_contracts.schema.base import Contract

from ..shared.definitions import EnvironmentName, FailureReasonCode, SemanticVersion, ToolId

Lock = TypeAliasType("Lock", Annotated[str, Field(pattern="^[a-z][a-z0-9_.-]{0,63}$")])


class WorkingDirectory(StrEnum):
    """
    Whether a request must name a working directory, may name one, or gets a scratch directory whatever it names.
    """

    REQUIRED = "required"
    OPTIONAL = "optional"
    SCRATCH = "scratch"


VolatileField = TypeAliasType("VolatileField", Annotated[str, Field(pattern="^(/([^~/]|~[01])*)*$")])


SchemaFile = TypeAliasType(
    "SchemaFile",
    Annotated[
        str, Field(pattern="^[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*\\.json$", title="SchemaFile")
    ],
)
"""Path of a JSON Schema 2020-12 document, relative to the manifest and inside the tool's folder."""


class Backend(StrEnum):
    """
    The executor backend.
    """

    LOCAL_PROCESS = "local-process"


CommandItem = TypeAliasType("CommandItem", Annotated[str, Field(max_length=4096, min_length=1)])


class Executor(Contract):
    """How the tool is started."""

    model_config = ConfigDict(
        extra="forbid",
    )
    backend: Backend
    """The executor backend."""
    command: Annotated[list[CommandItem], Field(max_length=64)]
    """Program and arguments; no shell reads them. `{tool}` stands for the tool's folder, `{python}` for the daemon's interpreter."""
    arguments_from: Annotated[str | None, Field(max_length=256, pattern="^(/([^~/]|~[01])+)+$")] = None
    """JSON pointer of an array of strings in the input that is appended to the command. The command may be empty then, in a tool that is shipped with the daemon; the first string is the program."""
    standard_input_from: Annotated[str | None, Field(max_length=256, pattern="^(/([^~/]|~[01])+)+$")] = None
    """JSON pointer of a string in the input that the program reads on its standard input, in UTF-8, instead of the whole input. Where the input has none, it reads nothing."""


class Hints(Contract):
    """What a client may tell a person before it asks for leave."""

    model_config = ConfigDict(
        extra="forbid",
    )
    read_only: bool
    """It changes nothing outside its scratch directory."""
    destructive: bool
    """It may destroy or overwrite."""
    idempotent: bool
    """Running it twice with the same input has the effect of running it once."""
    open_world: bool
    """It deals with things outside this machine or outside the repository."""


class Filesystem(StrEnum):
    """
    Reach into the file system outside the scratch directory.
    """

    NONE = "none"
    READ = "read"
    WRITE = "write"


class Network(StrEnum):
    """
    Reach into the network.
    """

    NONE = "none"
    LOOPBACK = "loopback"
    ANY = "any"


Write = TypeAliasType(
    "Write",
    Annotated[
        str,
        Field(
            max_length=1024,
            min_length=1,
            pattern=compile("^(\\.|(?!\\.{1,2}(/|$))[^/\\x00]+(/(?!\\.{1,2}(/|$))[^/\\x00]+)*/?)$"),
        ),
    ],
)


class Enforcement(StrEnum):
    """
    What to do where the kernel cannot hold a run to what is declared here: run it all the same and record DECLARED, or refuse it.
    """

    PREFERRED = "preferred"
    REQUIRED = "required"


class Effects(Contract):
    """What the tool does to the world."""

    model_config = ConfigDict(
        extra="forbid",
    )
    filesystem: Filesystem
    """Reach into the file system outside the scratch directory."""
    network: Network
    """Reach into the network."""
    starts_processes: bool
    """Whether it starts other programs."""
    writes: Annotated[list[Write] | None, Field(max_length=64)] = None
    """Where it writes, beside its scratch directory: paths relative to the working directory, `.` for all of it. With `write` alone; left out, it writes anywhere. A path that ends in a slash is a directory, made before the start where it is missing; what else is missing at the start is not written."""
    enforcement: Enforcement = Enforcement.PREFERRED
    """What to do where the kernel cannot hold a run to what is declared here: run it all the same and record DECLARED, or refuse it."""


SetAdditionalProperty = TypeAliasType("SetAdditionalProperty", Annotated[str, Field(max_length=4096)])


class Environment(Contract):
    """Environment variables of the program, beside the fixed base."""

    model_config = ConfigDict(
        extra="forbid",
    )
    set: dict[EnvironmentName, SetAdditionalProperty] | None = None
    """Variables with their values."""
    from_caller: Annotated[list[EnvironmentName] | None, Field(max_length=64)] = None
    """Names of variables that a request may set."""


class OnOutputLimit(StrEnum):
    """
    Whether a run that writes more goes on with the rest left out, or is ended.
    """

    TRUNCATE = "truncate"
    KILL = "kill"


class Limits(Contract):
    """What a run is held to. A limit that is left out is the daemon's default."""

    model_config = ConfigDict(
        extra="forbid",
    )
    queue_timeout_s: Annotated[float | None, Field(gt=0.0, le=604800.0)] = None
    """Longest time in the queue, in seconds."""
    run_timeout_s: Annotated[float | None, Field(gt=0.0, le=604800.0)] = None
    """Longest time from start to end, in seconds."""
    idle_timeout_s: Annotated[float | None, Field(gt=0.0, le=604800.0)] = None
    """Longest time without output or progress, in seconds."""
    grace_s: Annotated[float | None, Field(ge=0.0, le=600.0)] = None
    """Time between the polite signal and the final one, in seconds."""
    output_bytes_max: Annotated[int | None, Field(ge=1, le=1099511627776)] = None
    """Most bytes of output that are recorded."""
    on_output_limit: OnOutputLimit | None = None
    """Whether a run that writes more goes on with the rest left out, or is ended."""
    artifact_bytes_max: Annotated[int | None, Field(ge=1, le=1099511627776)] = None
    """Most bytes of one artifact."""
    artifacts_bytes_max: Annotated[int | None, Field(ge=1, le=1099511627776)] = None
    """Most bytes of all artifacts of a run."""
    cpu_s_max: Annotated[int | None, Field(ge=1, le=604800)] = None
    """Most processor time of each process of a run, in seconds. The kernel ends a process that uses more."""
    memory_bytes_max: Annotated[int | None, Field(ge=16777216, le=1099511627776)] = None
    """Most address space of each process of a run, in bytes. To a process that asks for more, the kernel gives none."""
    open_files_max: Annotated[int | None, Field(ge=16, le=1048576)] = None
    """Most open files of each process of a run, pipes and sockets counted."""
    user_processes_max: Annotated[int | None, Field(ge=1, le=4194304)] = None
    """Most processes and threads of the user, all others counted: where there are so many, a run cannot start another. Does not hold for root."""
    run_memory_bytes_max: Annotated[int | None, Field(ge=16777216, le=1099511627776)] = None
    """Most memory of all processes of a run together, in bytes, files that the kernel keeps for them counted. A run that needs more is ended by the kernel. Held where the daemon has control groups with the controller `memory`."""
    run_processes_max: Annotated[int | None, Field(ge=1, le=4194304)] = None
    """Most processes and threads of a run at a time. With so many, it cannot start another. Held where the daemon has control groups with the controller `pids`."""
    concurrency_max: Annotated[int | None, Field(ge=1, le=1024)] = None
    """Most runs of this tool at a time."""


class Repository(StrEnum):
    """
    `full`: commit, branch, remote and whether the tree is dirty; `head`: the same without looking at the tree; `none`: nothing.
    """

    FULL = "full"
    HEAD = "head"
    NONE = "none"


class ProvenancePolicy(Contract):
    """What is recorded of where a run took place."""

    model_config = ConfigDict(
        extra="forbid",
    )
    repository: Repository = Repository.FULL
    """`full`: commit, branch, remote and whether the tree is dirty; `head`: the same without looking at the tree; `none`: nothing."""


class ToolManifest(Contract):
    """Describes a tool: what it is, how it is started, what it does to the world and what it is held to. Written by people as `tool.yaml` in the tool's folder."""

    model_config = ConfigDict(
        extra="forbid",
    )
    manifest_version: Literal["1"]
    """Version of this form."""
    tool_id: ToolId
    """Names the tool. The ids `domed`, `executor` and `python` are reserved: the record of a run has other versions under them."""
    version: SemanticVersion
    title: Annotated[str, Field(max_length=80, min_length=1)]
    """Name for people."""
    short_description: Annotated[str, Field(max_length=200, min_length=1)]
    """One sentence for listings."""
    description: Annotated[str | None, Field(max_length=20000)] = None
    """What it does, when to use it and when not, in Markdown."""
    executor: Executor
    input_schema: SchemaFile
    output_schema: SchemaFile
    hints: Hints
    effects: Effects
    environment: Environment | None = None
    limits: Limits | None = None
    locks: Annotated[list[Lock] | None, Field(max_length=16)] = None
    """Names of locks that a run holds from start to end."""
    working_directory: WorkingDirectory = WorkingDirectory.OPTIONAL
    """Whether a request must name a working directory, may name one, or gets a scratch directory whatever it names."""
    provenance: ProvenancePolicy | None = None
    deterministic: bool = False
    """The same input gives the same result, apart from the volatile fields."""
    volatile_fields: Annotated[list[VolatileField] | None, Field(max_length=64)] = None
    """JSON pointers of result fields that differ between equal runs."""
    failure_reasons: (
        dict[
            Annotated[str, StringConstraints(pattern=r"^([1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-5])$")],
            FailureReasonCode,
        ]
        | None
    ) = None
    """Failure reason for each exit code that has a meaning of its own. A reason that the tool states itself goes before."""
