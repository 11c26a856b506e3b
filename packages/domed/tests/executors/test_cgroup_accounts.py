"""What the files of a control group say."""

from domed.executors.cgroup_accounts import GroupAccounts, accounts, pairs

CPU = "usage_usec 90\nuser_usec 60\nsystem_usec 30\nnice_usec 0\ncore_sched.force_idle_usec 0\n"


def test_every_file_has_its_say() -> None:
    found = accounts(
        cpu_stat=CPU,
        memory_peak="1048576\n",
        memory_events="low 0\nhigh 0\nmax 12\noom 1\noom_kill 2\noom_group_kill 1\n",
        pids_peak="5\n",
        pids_events="max 3\n",
    )
    assert found == GroupAccounts(
        user_cpu_us=60,
        system_cpu_us=30,
        memory_bytes_max=1048576,
        processes_max=5,
        out_of_memory=True,
        starts_refused=3,
    )


def test_files_that_are_not_there_say_nothing() -> None:
    assert accounts(cpu_stat="") == GroupAccounts()


def test_memory_that_was_reclaimed_in_time_is_no_lack() -> None:
    """The limit was reached often, and nobody was ended."""
    assert not accounts(cpu_stat=CPU, memory_events="max 120\noom 0\noom_kill 0\n").out_of_memory


def test_lines_of_another_form_are_passed_over() -> None:
    assert pairs("populated 1\nfrozen\n\nword x\na -1\nsome avg10=0.00\n") == {"populated": 1}
