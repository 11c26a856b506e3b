"""What is kept of a run, in a directory of its own: plan, queue, log, and the documents of each attempt."""

from dome_spec.dispatch.record.control import control_events
from dome_spec.dispatch.record.lease import Lease, if_free, is_held
from dome_spec.dispatch.record.log import RunLog, Topic
from dome_spec.dispatch.record.run_record import RunRecord, run_ids

__all__ = ["Lease", "RunLog", "RunRecord", "Topic", "control_events", "if_free", "is_held", "run_ids"]
