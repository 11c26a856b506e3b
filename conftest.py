"""Every test of this repository runs as `tests/suite.py` says."""

pytest_plugins = ["tests.suite"]
