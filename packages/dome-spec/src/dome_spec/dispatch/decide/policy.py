"""What dispatch takes from the control strategies: when an attempt is followed by another, and when a run ends early.

Values only; who decides by them is `steps` and `verdict`.
"""

from dataclasses import dataclass, field
from typing import Final

from dome_contracts.failure_reasons import FailureReason
from dome_contracts.schema.control.control_strategies import ControlStrategies

LOST_DAEMON_S: Final = 60.0
"""How long requests are repeated when the daemon does not answer, where no strategies say so."""
LOST: Final = FailureReason.PROCESS_LOST.value
"""What is observed of a job whose end nobody saw. It is tried again whatever the strategies say."""


@dataclass(frozen=True, slots=True)
class Retry:
    """When another attempt follows without a change."""

    backoff_s: float = 1.0
    """Wait before the second attempt; it doubles from there."""
    backoff_s_max: float = 60.0
    retried: frozenset[str] = frozenset()
    """Observed failures after which the same task is tried again, beside a lost job."""

    def wait_s(self, ended_count: int) -> float:
        """The wait before the attempt that follows so many."""
        doublings = min(max(ended_count - 1, 0), 62)
        return float(min(self.backoff_s * 2**doublings, self.backoff_s_max))


@dataclass(frozen=True, slots=True)
class Stop:
    """When the run ends though tasks are left. None: never for this reason."""

    consecutive_failures_max: int | None = None
    failed_share_max: float | None = None
    repeated_failure_max: int | None = None


@dataclass(frozen=True, slots=True)
class DispatchPolicy:
    """How dispatch chooses."""

    retry: Retry = field(default_factory=Retry)
    stop: Stop = field(default_factory=Stop)
    lost_daemon_s: float = LOST_DAEMON_S

    @classmethod
    def of(cls, strategies: ControlStrategies) -> "DispatchPolicy":
        """What a document of strategies says."""
        retry, stop = strategies.retry, strategies.stop
        return cls(
            retry=Retry(
                backoff_s=retry.backoff_s,
                backoff_s_max=retry.backoff_s_max,
                retried=frozenset(retry.retried),
            ),
            stop=Stop(
                consecutive_failures_max=stop.consecutive_failures_max,
                failed_share_max=stop.failed_share_max,
                repeated_failure_max=stop.repeated_failure_max,
            ),
            lost_daemon_s=LOST_DAEMON_S if retry.lost_daemon_s is None else retry.lost_daemon_s,
        )
