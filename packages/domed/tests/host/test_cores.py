"""A crash leaves no core file, and a program may ask for one."""

import resource

from domed.host.cores import no_core_files


def test_the_limit_is_zero_and_can_be_raised_again() -> None:
    before = resource.getrlimit(resource.RLIMIT_CORE)
    try:
        no_core_files()
        assert resource.getrlimit(resource.RLIMIT_CORE) == (0, before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, before)
