"""The executor of other tests is an executor."""

import pytest

from domed.executors.port import Executor
from packages.domed.tests.executors import scripted
from packages.domed.tests.executors.conformance import ExecutorConformance, Program


class TestScriptedExecutor(ExecutorConformance):
    start_s = scripted.START_S

    @pytest.fixture
    def executor(self) -> Executor:
        return scripted.ScriptedExecutor()

    @pytest.fixture
    def program(self) -> Program:
        return scripted.program
