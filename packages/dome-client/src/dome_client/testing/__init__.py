"""For tests of whoever uses the SDK: a runtime in memory, and the suite that it and every real one passes."""

from dome_client.testing.fake import FakeRuntime
from dome_client.testing.script import End, Hold, Produce, Report, Say, ScriptedTool, Step

__all__ = ["End", "FakeRuntime", "Hold", "Produce", "Report", "Say", "ScriptedTool", "Step"]
