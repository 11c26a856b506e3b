"""An executor whose runs have control groups is an executor like any other."""

from collections.abc import Iterator

import pytest

from domed.executors.cgroup import RunGroups
from domed.executors.local_process import LocalProcessExecutor
from domed.executors.port import Executor
from packages.domed.tests.executors import acts
from packages.domed.tests.executors.cgroup_real import RealProcesses, a_directory, files
from packages.domed.tests.executors.conformance import ExecutorConformance, Program


class TestGroupedExecutor(ExecutorConformance):
    @pytest.fixture
    def executor(self) -> Iterator[Executor]:
        with a_directory() as directory:
            processes = RealProcesses()
            try:
                groups = RunGroups.open(files(directory), daemon_pid=processes.start())
                yield LocalProcessExecutor(find_groups=lambda: groups)
                assert dict(groups.left()) == {}
            finally:
                processes.end_all()

    @pytest.fixture
    def program(self) -> Program:
        return acts.program
