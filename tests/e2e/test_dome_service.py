"""The daemon as a service of a real `systemd --user`: installed, started by its first caller, restarted, removed."""

from collections.abc import Iterator

import pytest

from tests.e2e.dome_home import Home, a_home, finish
from tests.e2e.user_manager import UserManager, a_user_manager, until

pytestmark = pytest.mark.slow
UNTIL_GO = "until [ -e go ]; do sleep 0.02; done; echo went"


@pytest.fixture
def home() -> Iterator[Home]:
    with a_home() as made:
        yield made


@pytest.fixture
def manager(home: Home) -> Iterator[UserManager]:
    with a_user_manager(home) as running:
        yield running


def files_of_units(home: Home) -> list[str]:
    root = home.root / "config" / "systemd"
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if not path.is_dir())


def start_job(manager: UserManager, *argv: str) -> str:
    done = manager.dome("run", "process.run", "--detach", "--", *argv)
    assert done.code == 0, done.err
    return done.out.decode().strip()


def test_the_first_caller_starts_the_service_and_a_restart_loses_nothing(home: Home, manager: UserManager) -> None:
    installed = manager.dome("service", "install")
    assert installed.code == 0, installed.err
    assert "systemctl --user status domed" in installed.lines()[-1]
    assert manager.value("domed.socket", "ActiveState") == "active"
    assert manager.value("domed.socket", "UnitFileState") == "enabled"
    assert (home.socket.stat().st_mode & 0o777, home.socket.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert manager.dome("service", "status").code == 69, "to look starts nothing"
    assert b"systemd listens" in manager.dome("doctor").out
    assert (home.daemons(), manager.value("domed.service", "ActiveState")) == ([], "inactive")

    assert manager.dome("tools").code == 0
    assert manager.value("domed.service", "ActiveState") == "active"
    assert manager.value("domed.service", "StatusText") == f"Listening on {home.socket}"
    assert home.daemons() == [int(manager.value("domed.service", "MainPID"))]
    ran = manager.dome("run", "process.run", "--", "echo", "hi")
    assert (ran.code, ran.out) == (0, b"hi\n")

    first = home.daemons()
    manager.systemctl("restart", "domed.service")
    assert (len(home.daemons()), home.daemons() == first) == (1, False)
    manager.systemctl("stop", "domed.service")
    assert home.daemons() == []
    (job,) = manager.dome("jobs", "--json").documents()
    assert job["state"] == "JOB_STATE_SUCCEEDED"
    assert manager.dome("service", "stop").code == 0
    assert manager.dome("service", "stop").err.startswith("No daemon ran")
    assert (home.daemons(), manager.value("domed.socket", "ActiveState")) == ([], "active")

    assert manager.dome("service", "install").lines()[0] == "The files of the service are as they should be."
    assert manager.dome("jobs").code == 0
    removed = manager.dome("service", "uninstall")
    assert removed.code == 0, removed.err
    assert f"kept in {home.state}" in removed.lines()[-1]
    assert (files_of_units(home), home.daemons(), home.socket.exists()) == ([], [], False)
    assert manager.systemctl("list-units", "--all", "--no-legend", "domed*") == ""
    assert (home.state / "domed.sqlite").exists()


def test_a_daemon_that_was_started_on_demand_gives_way_when_it_runs_nothing(home: Home, manager: UserManager) -> None:
    job = start_job(manager, "sh", "-c", UNTIL_GO)
    (by_hand,) = home.daemons()
    refused = manager.dome("service", "install")
    assert (refused.code, job in refused.err, "dome service stop" in refused.err) == (67, True, True)
    assert (files_of_units(home), home.daemons()) == ([], [by_hand])
    (home.work / "go").touch()
    assert manager.dome("wait", job).code == 0
    installed = manager.dome("service", "install")
    assert installed.code == 0, installed.err
    assert "Stopped the daemon that was started on demand." in installed.lines()
    assert home.daemons() == []
    assert [each["job_id"] for each in manager.dome("jobs", "--json").documents()] == [job]
    assert home.daemons() == [int(manager.value("domed.service", "MainPID"))]


def test_a_job_that_runs_is_given_its_time_when_the_service_stops(home: Home, manager: UserManager) -> None:
    home.configure("[jobs]\ndrain_timeout_s = 60\n")
    assert manager.dome("service", "install").code == 0
    job = start_job(manager, "sh", "-c", UNTIL_GO)
    follower = manager.start_dome("events", job, "--follow")
    stopping = manager.start("systemctl", "--user", "stop", "domed.service")
    until(lambda: manager.value("domed.service", "ActiveState") == "deactivating")
    (home.work / "go").touch()
    assert finish(stopping).code == 0
    assert home.daemons() == []
    assert manager.dome("wait", job).code == 0
    assert b"went" in finish(follower).out


def test_a_service_that_was_killed_is_started_again(home: Home, manager: UserManager) -> None:
    assert manager.dome("service", "install").code == 0
    assert manager.dome("tools").code == 0
    killed = manager.value("domed.service", "MainPID")
    manager.systemctl("kill", "--kill-whom=main", "--signal=KILL", "domed.service")
    until(lambda: manager.value("domed.service", "NRestarts") == "1")
    assert manager.dome("tools").code == 0
    assert manager.value("domed.service", "MainPID") not in {killed, "0"}


def test_a_service_that_cannot_start_is_tried_again_once_it_was_mended(home: Home, manager: UserManager) -> None:
    assert manager.dome("service", "install").code == 0
    home.configure("[jobs]\nparallel_max = 0\n")
    for words in (("tools",), ("service", "start")):
        refused = manager.dome(*words)
        assert (refused.code, "systemctl --user status domed" in refused.err) == (69, True)
    home.configure("")
    assert manager.dome("tools").code == 0
    assert manager.value("domed.socket", "ActiveState") == "active"
