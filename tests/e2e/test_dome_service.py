"""The daemon as a service of a real `systemd --user`: installed, started by its first caller, restarted, removed."""

import os
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

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
    assert manager.value("domed.service", "StatusText") == f"Listening on {home.socket}; 0 running, 0 queued"
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
    # Who comes after the stop is the first caller of the next daemon: systemd still listens.
    assert follower.stdout is not None
    assert b"submitted" in follower.stdout.readline()
    stopping = manager.start("systemctl", "--user", "stop", "domed.service")
    until(lambda: manager.value("domed.service", "ActiveState") == "deactivating")
    (home.work / "go").touch()
    assert finish(stopping).code == 0
    followed = finish(follower)
    assert (followed.code, b"went" in followed.out) == (0, True)
    assert home.daemons() == [], "whoever saw the job's end asks for no more"
    assert manager.dome("wait", job).code == 0


def test_one_that_was_stopped_is_not_started_by_those_who_watch(home: Home, manager: UserManager) -> None:
    manager.install()
    done = start_job(manager, "true")
    assert manager.dome("wait", done).code == 0
    watching = manager.start_dome("jobs", "--watch", "--json")
    assert watching.stdout is not None
    assert done.encode() in watching.stdout.readline()
    assert manager.dome("service", "stop").code == 0
    entered_s = time.monotonic()
    until(lambda: time.monotonic() - entered_s > 1.5)
    assert (home.daemons(), manager.value("domed.service", "ActiveState")) == ([], "inactive")
    another = start_job(manager, "true")
    assert another.encode() in watching.stdout.readline(), "it goes on with the next daemon"
    watching.send_signal(signal.SIGINT)
    assert finish(watching).code == 130


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


def test_a_service_that_is_stuck_is_started_again_and_its_jobs_are_classified(home: Home, manager: UserManager) -> None:
    home.configure("[jobs]\nparallel_max = 1\n")
    manager.install()
    manager.change("WatchdogSec=1\nTimeoutAbortSec=5")
    running = start_job(manager, "sh", "-c", UNTIL_GO)
    queued = start_job(manager, "echo", "later")
    until(lambda: job_state(manager, running) == "JOB_STATE_RUNNING")
    stuck = manager.daemon()
    os.kill(stuck, signal.SIGSTOP)
    until(lambda: manager.restarts() == 1)
    assert manager.dome("wait", queued).code == 0
    assert manager.daemon() not in {0, stuck}
    lost = manager.dome("job", running, "--json").documents()[0]
    assert (lost["state"], lost["outcome"]["cause"]) == ("JOB_STATE_FAILED", "OUTCOME_CAUSE_LOST")
    ends = [event for event in manager.dome("events", running, "--json").documents() if "finished" in event]
    assert len(ends) == 1
    assert manager.restarts() == 1, "one that works is left alone"


def test_a_service_that_works_hard_is_not_taken_for_one_that_is_stuck(home: Home, manager: UserManager) -> None:
    manager.install()
    manager.change("WatchdogSec=2")
    flood = "import sys; sys.stdout.write('line\\n' * 400_000)"
    started = manager.dome("run", "process.run", "--detach", "--", sys.executable, "-c", flood)
    assert manager.dome("wait", started.out.decode().strip()).code == 0
    job = start_job(manager, "sleep", "3")
    assert manager.dome("wait", job).code == 0
    assert manager.restarts() == 0


def test_the_manager_says_what_the_service_does(home: Home, manager: UserManager) -> None:
    home.configure("[jobs]\nparallel_max = 1\n")
    manager.install()
    start_job(manager, "sh", "-c", UNTIL_GO)
    start_job(manager, "true")
    until(lambda: manager.value("domed.service", "StatusText").endswith("; 1 running, 1 queued"))
    (home.work / "go").touch()
    until(lambda: manager.value("domed.service", "StatusText").endswith("; 0 running, 0 queued"))


def test_an_end_that_takes_its_time_is_not_cut_short(home: Home, manager: UserManager) -> None:
    home.configure("[jobs]\ndrain_timeout_s = 60\n")
    manager.install()
    manager.change("TimeoutStopSec=1")
    job = start_job(manager, "sh", "-c", UNTIL_GO)
    stopping = manager.start("systemctl", "--user", "stop", "domed.service")
    until(lambda: manager.value("domed.service", "StatusText").startswith("Stopping; 1 running"))
    entered_s = time.monotonic()
    until(lambda: time.monotonic() - entered_s > 2.5)
    assert manager.value("domed.service", "ActiveState") == "deactivating"
    (home.work / "go").touch()
    assert finish(stopping).code == 0
    assert manager.value("domed.service", "Result") == "success"
    assert manager.dome("wait", job).code == 0


def test_a_newer_store_is_refused_in_words_and_not_tried_again(home: Home, manager: UserManager) -> None:
    manager.install()
    assert manager.dome("tools").code == 0
    manager.systemctl("stop", "domed.service")
    with closing(sqlite3.connect(home.state / "domed.sqlite")) as store:
        (version,) = store.execute("PRAGMA user_version").fetchone()
        store.execute("PRAGMA user_version = 9999")
    refused = manager.dome("tools")
    assert refused.code == 69
    assert "schema version 9999" in refused.err
    assert manager.value("domed.service", "ActiveState") == "failed"
    assert manager.restarts() == 0
    with closing(sqlite3.connect(home.state / "domed.sqlite")) as store:
        store.execute(f"PRAGMA user_version = {version}")
    assert manager.dome("tools").code == 0


def test_the_recipes_of_the_repository_install_and_uninstall(home: Home, manager: UserManager) -> None:
    # Not through `./just`, which may set up anew the very environment that this test runs in.
    just = [str(Path(sys.executable).with_name("just")), "--justfile", str(Path(__file__).parents[2] / "justfile")]
    for recipe, files in (("install-service", ["user/domed.service", "user/domed.socket"]), ("uninstall-service", [])):
        done = finish(manager.start(*just, recipe), timeout_s=120)
        assert done.code == 0, (done.out, done.err)
        assert [file for file in files_of_units(home) if file.startswith("user/domed.s")] == files


def job_state(manager: UserManager, job_id: str) -> str:
    state = manager.dome("job", job_id, "--json").documents()[0]["state"]
    assert isinstance(state, str)
    return state
