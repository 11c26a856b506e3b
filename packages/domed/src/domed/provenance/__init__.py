"""Says where, with what and from what a job runs. Knows git and the platform; knows no job states."""

from domed.provenance.record import Provenance, RunStart, complete

__all__ = ["Provenance", "RunStart", "complete"]
