"""The daemon's configuration: one value, read once, from the environment and `domed.toml`.

Reads these variables and no others:

| variable | meaning |
|---|---|
| `DOMED_CONFIG` | path of the configuration file, which must then exist |
| `DOMED_SOCKET` | path of the socket; goes before the file |
| `DOMED_STATE_DIRECTORY` | where the store lives |
| `DOMED_CONTROL_GROUP` | `own` where the control group that the daemon is started in is its own; the unit says so |
| `XDG_CONFIG_HOME`, `XDG_STATE_HOME`, `XDG_RUNTIME_DIR` | base directories; a relative path counts as unset |
| `HOME`, `USER`, `LOGNAME`, `LANG`, `LC_ALL`, `TMPDIR`, `PATH` | passed on to programs, see `child_environment` |
| `LISTEN_FDS`, `LISTEN_PID`, `NOTIFY_SOCKET`, `WATCHDOG_USEC`, `WATCHDOG_PID` | the service manager's |
| `JOURNAL_STREAM` | set where the log goes to a journal, which adds times itself |
| `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, `OTEL_EXPORTER_OTLP_ENDPOINT` | where traces are sent; go before the file |
| `OTEL_EXPORTER_OTLP_TRACES_HEADERS`, `OTEL_EXPORTER_OTLP_HEADERS` | what is sent with them; may be secrets |
| `OTEL_SDK_DISABLED`, `OTEL_TRACES_EXPORTER` | `true`, and anything but `otlp`: nothing is traced |
| `OTEL_SERVICE_NAME` | name of the daemon in traces |
| `OTEL_TRACES_SAMPLER`, `OTEL_TRACES_SAMPLER_ARG`, `OTEL_RESOURCE_ATTRIBUTES` | read by OpenTelemetry itself |
| `OTEL_BSP_SCHEDULE_DELAY`, `OTEL_BSP_MAX_QUEUE_SIZE`, `OTEL_BSP_MAX_EXPORT_BATCH_SIZE` | likewise |
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dome_contracts.schema.runtime.runtime_config import (
    ArtifactsConfig,
    EndpointConfig,
    Form,
    JobsConfig,
    LogConfig,
    MessagesConfig,
    TrustConfig,
)
from domed.config import file as config_file
from domed.config import places
from domed.config.child import child_environment
from domed.config.fault import ConfigError
from domed.config.loopback import LoopbackAddress
from domed.config.retention import RetentionLimits
from domed.config.traces import TraceSettings

SOCKET_NAME: Final = "domed.sock"
OWN_GROUP: Final = "own"
STORE_NAME: Final = "domed.sqlite"
ENVELOPE_BYTES: Final = 1024 * 1024
"""What a request message may have beside the tool's input."""
FIRST_LISTEN_DESCRIPTOR: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What the daemon is told when it starts. All paths are absolute."""

    socket_path: Path
    """Where the daemon listens: `endpoint.socket`, else `domed.sock` in the runtime directory."""
    state_directory: Path
    """Where the store, the lock and scratch directories are: `$XDG_STATE_HOME/dome`."""
    runtime_directory: Path
    """Private directory for the socket: `$XDG_RUNTIME_DIR/dome`, else `/run/user/<uid>/dome`, else `run` in the
    user's state directory."""
    user_roots: tuple[Path, ...]
    """Tool roots of the user: `catalog.user_roots`."""
    project_roots: tuple[str, ...]
    """Tool roots below a caller's working directory: `catalog.project_roots`."""
    trusted_digests: frozenset[str]
    """Digests of tools that may run without having been shipped: `trust.digests`."""
    parallel_jobs_max: int
    """Most jobs that run at a time: `jobs.parallel_max`."""
    queued_jobs_max: int
    """Most jobs that wait at a time: `jobs.queued_max`."""
    drain_timeout_s: float
    """How long running jobs may go on when the daemon is asked to stop, in seconds: `jobs.drain_timeout_s`."""
    grace_s: float
    """Time between the polite and the final signal where the manifest says none, in seconds: `jobs.grace_s`."""
    run_timeout_s: float
    """Longest run where the manifest says none, in seconds: `jobs.run_timeout_s`."""
    output_bytes_max: int
    """Most recorded bytes of output of a job where the manifest says none: `jobs.output_bytes_max`."""
    control_group: Path | None
    """Where each run gets a control group: `jobs.control_group`. None: in what a service manager delegated, if any."""
    owns_control_group: bool
    """Whether the control group that the daemon was started in is its own to divide, as its service manager says."""
    artifact_bytes_max: int
    """Most bytes of one artifact where the manifest says none: `artifacts.file_bytes_max`."""
    artifacts_bytes_max: int
    """Most bytes of all artifacts of a job where the manifest says none: `artifacts.job_bytes_max`."""
    artifacts_total_bytes_max: int
    """Most bytes of all artifacts that are kept: `artifacts.total_bytes_max`."""
    retention: RetentionLimits
    """How long output, artifacts and changes are kept: the section `retention`."""
    input_bytes_max: int
    """Most bytes of a tool's input: `messages.input_bytes_max`."""
    message_bytes_max: int
    """Most bytes of a request message: the input and a mebibyte."""
    log_level: str
    """Least severity that is written: `log.level`."""
    log_as_json: bool
    """Whether each event of the log is a JSON object: `log.form`."""
    traces: TraceSettings
    """Where traces go: the section `traces`, and variables of OpenTelemetry."""
    idle_exit_s: float | None
    """End after so many seconds without jobs and calls. None: never. Set by whoever starts the daemon on demand."""
    child_environment: Mapping[str, str]
    """The fixed base of every program's environment. HOME, USER and LOGNAME, from the user database where they are
    unset; PATH, the daemon's own without relative entries, ended by the system's directories; LANG, `C.UTF-8` where it
    is unset; LC_ALL and TMPDIR where they are set. Nothing else of the daemon's environment reaches a program."""
    listen_descriptor: int | None
    """The listening socket that a service manager hands over. None: the daemon makes its own."""
    tcp: LoopbackAddress | None
    """Where the daemon listens for TCP, too: `endpoint.tcp`. None: nowhere."""
    notify_socket: str
    """Where a service manager wants to hear of the daemon's state. Empty: nowhere."""
    watchdog_s: float | None
    """A service manager ends a daemon of which it has heard nothing for so many seconds. None: it does not."""
    log_to_journal: bool
    """Whether the log goes to a journal, which adds times itself."""
    warnings: tuple[str, ...]
    """What the user should know of how this came about."""

    @property
    def store_path(self) -> Path:
        """The file that holds jobs and events."""
        return self.state_directory / STORE_NAME

    @property
    def artifact_root(self) -> Path:
        """Where the artifacts of all jobs are."""
        return self.state_directory / "artifacts"

    @property
    def scratch_root(self) -> Path:
        """Where each run gets a directory of its own."""
        return self.state_directory / "scratch"

    @property
    def loopback_directory(self) -> Path:
        """Where clients find address and token of the TCP endpoint. Tools that are held to their effects do not."""
        return self.state_directory / "loopback"

    @property
    def pycache_root(self) -> Path:
        """Where Python keeps the compiled files of tools that were not shipped."""
        return self.state_directory / "pycache"

    @classmethod
    def from_env(
        cls,
        environ: Mapping[str, str],
        *,
        config_path: Path | None = None,
        socket_path: Path | None = None,
        state_directory: Path | None = None,
        tcp: str | None = None,
        idle_exit_s: float | None = None,
        user_runtime_root: Path = places.USER_RUNTIME_ROOT,
    ) -> "Config":
        """What holds for this environment; arguments go before variables, variables before the file.

        Raises ConfigError.
        """
        home = places.home(environ)
        user_state = places.base(environ, "XDG_STATE_HOME", home / ".local" / "state") / "dome"
        file, file_path = config_file.read(environ, config_path, home)
        endpoint = file.endpoint or EndpointConfig()
        jobs = file.jobs or JobsConfig()
        artifacts = file.artifacts or ArtifactsConfig()
        messages = file.messages or MessagesConfig()
        runtime_directory, warnings = places.runtime_directory(environ, user_state, user_runtime_root)
        named_socket = socket_path or places.user_path(environ.get("DOMED_SOCKET") or endpoint.socket, home)
        named_state = state_directory or places.user_path(environ.get("DOMED_STATE_DIRECTORY"), home)
        named_tcp = tcp or endpoint.tcp
        descriptor = _listen_descriptor(environ)
        if named_socket is not None or descriptor is not None:
            warnings = ()
        return cls(
            socket_path=places.absolute(named_socket or runtime_directory / SOCKET_NAME),
            state_directory=places.absolute(named_state or user_state),
            runtime_directory=runtime_directory,
            user_roots=places.user_roots(file.catalog, environ, home),
            project_roots=places.project_roots(file.catalog),
            trusted_digests=frozenset((file.trust or TrustConfig()).digests or ()),
            parallel_jobs_max=jobs.parallel_max or max(4, 2 * (os.cpu_count() or 1)),
            queued_jobs_max=jobs.queued_max,
            drain_timeout_s=jobs.drain_timeout_s,
            grace_s=jobs.grace_s,
            run_timeout_s=jobs.run_timeout_s,
            output_bytes_max=jobs.output_bytes_max,
            control_group=Path(jobs.control_group) if jobs.control_group else None,
            owns_control_group=environ.get("DOMED_CONTROL_GROUP") == OWN_GROUP,
            artifact_bytes_max=artifacts.file_bytes_max,
            artifacts_bytes_max=artifacts.job_bytes_max,
            artifacts_total_bytes_max=artifacts.total_bytes_max,
            retention=RetentionLimits.of(file.retention, artifacts_total_bytes_max=artifacts.total_bytes_max),
            input_bytes_max=messages.input_bytes_max,
            message_bytes_max=messages.input_bytes_max + ENVELOPE_BYTES,
            log_level=(file.log or LogConfig()).level.value,
            log_as_json=(file.log or LogConfig()).form is Form.JSON,
            traces=TraceSettings.of(file.traces, environ),
            idle_exit_s=idle_exit_s,
            child_environment=child_environment(environ, home),
            listen_descriptor=descriptor,
            tcp=LoopbackAddress.parse(named_tcp) if named_tcp else None,
            notify_socket=environ.get("NOTIFY_SOCKET", ""),
            watchdog_s=_watchdog_s(environ),
            log_to_journal="JOURNAL_STREAM" in environ,
            warnings=(*warnings, *config_file.warnings_of(file_path)),
        )


def _watchdog_s(environ: Mapping[str, str]) -> float | None:
    """How often a service manager wants to hear that this process works."""
    micros = environ.get("WATCHDOG_USEC", "")
    meant = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    return int(micros) / 1_000_000 if meant and micros.isdecimal() and int(micros) else None


def _listen_descriptor(environ: Mapping[str, str]) -> int | None:
    """One socket, meant for this process. Raises ConfigError for several: the daemon would serve only one."""
    if environ.get("LISTEN_PID") != str(os.getpid()):
        return None
    if environ.get("LISTEN_FDS") != "1":
        raise ConfigError(f"LISTEN_FDS is {environ.get('LISTEN_FDS')!r}: hand over exactly one socket")
    return FIRST_LISTEN_DESCRIPTOR
