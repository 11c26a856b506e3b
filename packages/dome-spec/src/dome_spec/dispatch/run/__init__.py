"""Carrying a plan out: the effects. What to do is decided in `dispatch.decide`."""

from dome_spec.dispatch.job.line import DaemonLost
from dome_spec.dispatch.run.ending import EndKind, Interruption, OnInterrupt, RunEnd
from dome_spec.dispatch.run.opening import Opened, Opening, open_run
from dome_spec.dispatch.run.runner import Runner

__all__ = ["DaemonLost", "EndKind", "Interruption", "OnInterrupt", "Opened", "Opening", "RunEnd", "Runner", "open_run"]
