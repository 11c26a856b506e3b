# @generated from contracts/jsonschema/runtime/v1/runtime_config.json. Do not edit: change the source, then run `just gen`.
"""The daemon's configuration, written by people as `domed.toml`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from dome_contracts.schema.base import Contract

from ..shared.definitions import Sha256

AbsolutePath = TypeAliasType(
    "AbsolutePath", Annotated[str, Field(max_length=4096, pattern="^(/|~/)", title="AbsolutePath")]
)
"""An absolute path, or one below the home directory that begins with `~/`."""


class EndpointConfig(Contract):
    """Where the daemon listens."""

    model_config = ConfigDict(
        extra="forbid",
    )
    socket: AbsolutePath | None = None
    """Path of the Unix socket. Left out: `dome/domed.sock` in the user's runtime directory."""
    tcp: Annotated[str | None, Field(max_length=15, pattern="^(127\\.0\\.0\\.1|\\[::1\\]):(0|[1-9][0-9]{0,4})$")] = None
    """Listen on this loopback address, too, for clients that cannot reach the Unix socket: `127.0.0.1:PORT` or `[::1]:PORT`; port 0 is any that is free. Left out: no TCP."""


class JobsConfig(Contract):
    """How jobs are run."""

    model_config = ConfigDict(
        extra="forbid",
    )
    parallel_max: Annotated[int | None, Field(ge=1, le=1024)] = None
    """Most jobs that run at a time. Left out: twice the number of processors, at least 4."""
    queued_max: Annotated[int, Field(ge=1, le=1000000)] = 100000
    """Most jobs that wait at a time."""
    drain_timeout_s: Annotated[float, Field(ge=0.0, le=3600.0)] = 10
    """How long running jobs may go on when the daemon is asked to stop, in seconds."""
    grace_s: Annotated[float, Field(ge=0.0, le=600.0)] = 10
    """Time between the polite signal and the final one where the manifest says none, in seconds."""
    run_timeout_s: Annotated[float, Field(gt=0.0, le=604800.0)] = 3600
    """Longest run where the manifest says none, in seconds."""
    output_bytes_max: Annotated[int, Field(ge=1, le=1099511627776)] = 1073741824
    """Most recorded bytes of output of a job where the manifest says none."""
    control_group: Annotated[str | None, Field(max_length=4096, pattern="^/")] = None
    """Absolute path of a directory of control groups (version 2) that is this daemon's alone, in which each run gets a group. Left out: the one that a service manager delegated to it, if any."""


class ArtifactsConfig(Contract):
    """How much is kept of the files that runs produce."""

    model_config = ConfigDict(
        extra="forbid",
    )
    file_bytes_max: Annotated[int, Field(ge=1, le=1099511627776)] = 1073741824
    """Most bytes of one artifact where the manifest says none."""
    job_bytes_max: Annotated[int, Field(ge=1, le=1099511627776)] = 4294967296
    """Most bytes of all artifacts of a job where the manifest says none."""
    total_bytes_max: Annotated[int, Field(ge=1, le=1125899906842624)] = 68719476736
    """Most bytes of all artifacts that are kept, equal ones counted once."""


class RetentionConfig(Contract):
    """How long output, with input and artifacts, and changes are kept. The first limit that is reached holds; the facts of a job are kept for ever."""

    model_config = ConfigDict(
        extra="forbid",
    )
    output_age_s: Annotated[float, Field(gt=0.0, le=3153600000.0)] = 2592000
    """How long the output of a job is kept after its end, in seconds."""
    output_jobs_max: Annotated[int, Field(ge=1, le=1000000)] = 10000
    """Of how many ended jobs the output is kept."""
    output_bytes_max: Annotated[int, Field(ge=1, le=1125899906842624)] = 10737418240
    """Most bytes of output that are kept of all ended jobs. The output of the job that ended last is kept in any case."""
    artifacts_bytes_max: Annotated[int | None, Field(ge=1, le=1125899906842624)] = None
    """Most bytes of artifacts that are kept, equal ones counted once. Beyond it the output of jobs with artifacts goes, of those that ended first. The artifacts of the job that ended last are kept in any case. Left out: half of `artifacts.total_bytes_max`, beyond which further ones are refused."""
    changes_max: Annotated[int, Field(ge=1, le=10000000)] = 100000
    """How many changes of state of jobs are kept for watchers that come back."""


class MessagesConfig(Contract):
    """Limits of what crosses the socket."""

    model_config = ConfigDict(
        extra="forbid",
    )
    input_bytes_max: Annotated[int, Field(ge=1024, le=67108864)] = 8388608
    """Most bytes of a tool's input."""


ProjectRoot = TypeAliasType("ProjectRoot", Annotated[str, Field(max_length=1024, pattern="^[^/].*$")])


class CatalogConfig(Contract):
    """Where tools are looked for."""

    model_config = ConfigDict(
        extra="forbid",
    )
    user_roots: Annotated[list[AbsolutePath] | None, Field(max_length=32)] = None
    """Tool roots of the user. Left out: `~/.config/dome/tools`, `~/.agents/skills`, `~/.codex/skills`."""
    project_roots: Annotated[list[ProjectRoot] | None, Field(max_length=32)] = None
    """Tool roots below the caller's working directory. Left out: `.dome/tools`, `.agents/skills`."""


class TrustConfig(Contract):
    """Approvals that are given in advance."""

    model_config = ConfigDict(
        extra="forbid",
    )
    digests: Annotated[list[Sha256] | None, Field(max_length=10000)] = None
    """Digests of tools that may run."""


class Level(StrEnum):
    """
    Least severity that is written.
    """

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Form(StrEnum):
    """
    How an event is written: as text of keys and values, or as a JSON object; one line each.
    """

    TEXT = "text"
    JSON = "json"


class LogConfig(Contract):
    """What the daemon writes to its log."""

    model_config = ConfigDict(
        extra="forbid",
    )
    level: Level = Level.INFO
    """Least severity that is written."""
    form: Form = Form.TEXT
    """How an event is written: as text of keys and values, or as a JSON object; one line each."""


class TracesConfig(Contract):
    """Where the daemon sends its traces. Needs the extra `otel`; variables of OpenTelemetry go before."""

    model_config = ConfigDict(
        extra="forbid",
    )
    endpoint: Annotated[str | None, Field(max_length=2048, pattern="^https?://[^\\s/@?#]+(/[^\\s@?#]*)?$")] = None
    """Where spans are sent in OTLP over HTTP, such as `http://127.0.0.1:4318/v1/traces`. Left out: the daemon does not trace."""
    timeout_s: Annotated[float, Field(ge=0.1, le=60.0)] = 5
    """How long sending may take before what was to be sent is lost, in seconds."""


class RuntimeConfig(Contract):
    """The daemon's configuration, written by people as `domed.toml`. Everything may be left out."""

    model_config = ConfigDict(
        extra="forbid",
    )
    endpoint: EndpointConfig | None = None
    jobs: JobsConfig | None = None
    artifacts: ArtifactsConfig | None = None
    retention: RetentionConfig | None = None
    messages: MessagesConfig | None = None
    catalog: CatalogConfig | None = None
    trust: TrustConfig | None = None
    log: LogConfig | None = None
    traces: TracesConfig | None = None
