"""The job of an attempt: how the daemon is asked about it, how it went, what it left behind, and what that comes to."""
