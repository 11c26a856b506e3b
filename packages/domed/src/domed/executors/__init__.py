"""Executor backends: how a tool is run. Each passes the conformance kit in `tests/executors/conformance.py`."""
