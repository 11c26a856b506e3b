"""A run that is held to its effects is observed, ended and accounted for as any other."""

import pytest

from domed.executors.port import Executor
from packages.domed.tests.executors import acts
from packages.domed.tests.executors.confining import NOTHING, READS, Confining
from packages.domed.tests.executors.conformance import ExecutorConformance, Program


class TestConfinedExecutor(ExecutorConformance):
    @pytest.fixture(params=["namespaces", "bubblewrap", "bubblewrap-nothing"])
    def executor(self, request: pytest.FixtureRequest) -> Executor:
        mechanism, _, nothing = request.param.partition("-")
        return Confining(mechanism, NOTHING if nothing else READS)

    @pytest.fixture
    def program(self) -> Program:
        return acts.program
