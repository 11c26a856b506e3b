"""How long is kept what may go: the values of the section `retention`."""

from dataclasses import dataclass

from dome_contracts.schema.runtime.runtime_config import RetentionConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionLimits:
    """The first limit that is reached holds."""

    output_age_s: float
    """How long the output of a job is kept after its end, in seconds: `retention.output_age_s`."""
    output_jobs_max: int
    """Of how many ended jobs the output is kept: `retention.output_jobs_max`."""
    output_bytes_max: int
    """Most bytes of output that are kept of all ended jobs: `retention.output_bytes_max`."""
    artifacts_bytes_max: int
    """Most bytes of artifacts that are kept: `retention.artifacts_bytes_max`."""
    changes_max: int
    """How many changes of state are kept for watchers: `retention.changes_max`."""

    @classmethod
    def of(cls, section: RetentionConfig | None, *, artifacts_total_bytes_max: int) -> "RetentionLimits":
        """What the file says, or the defaults."""
        said = section or RetentionConfig()
        return cls(
            output_age_s=said.output_age_s,
            output_jobs_max=said.output_jobs_max,
            output_bytes_max=said.output_bytes_max,
            artifacts_bytes_max=said.artifacts_bytes_max or artifacts_total_bytes_max // 2,
            changes_max=said.changes_max,
        )
