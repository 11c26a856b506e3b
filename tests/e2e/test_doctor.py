"""`dome doctor` on a machine that is as it should be, and on those that are not: with a daemon, and without one."""

import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing

import pytest

from dome_client.doctor import ASKED, LOOKS
from tests.e2e.daemon_process import Place, a_place
from tests.e2e.dome_home import DOME, Done, Home, a_home, finish


@pytest.fixture
def home() -> Iterator[Home]:
    with a_home() as made:
        yield made


def examined(home: Home, *words: str) -> tuple[int, dict[str, dict[str, str]]]:
    done = home.dome("doctor", "--json", *words)
    return done.code, {each["check"]: each for each in done.documents()}


def test_with_a_daemon_and_without_one_everything_is_looked_at_and_nothing_is_wrong(home: Home) -> None:
    code, found = examined(home)
    assert (code, home.daemons()) == (0, [])
    assert found["daemon"]["what"] == "none runs; it is started when it is needed"
    assert home.dome("service", "start").code == 0
    code, found = examined(home)
    assert code == 0
    assert {"daemon", "effects", "runs", "catalog"} <= found.keys() <= {name for name, _ in LOOKS} | set(ASKED)
    assert str(home.daemons()[0]) in found["instance"]["what"]
    for each in found.values():
        assert ("why" in each, "repair" in each) == (each["verdict"] != "ok",) * 2


def test_without_a_daemon_what_keeps_one_from_starting_is_found(home: Home) -> None:
    assert home.dome("service", "start").code == 0
    assert home.dome("service", "stop").code == 0
    with closing(sqlite3.connect(home.state / "domed.sqlite")) as store:
        store.execute("PRAGMA user_version = 9999")
    home.configure("[jobs]\nparallel_max = 0\n")
    home.state.chmod(0o755)
    code, found = examined(home)
    bad = {name for name, each in found.items() if each["verdict"] == "problem"}
    assert (code, bad) == (1, {"store", "configuration", "state privacy"})
    assert "9999" in found["store"]["what"]
    assert "chmod 700" in found["state privacy"]["repair"]


@pytest.fixture
def place() -> Iterator[Place]:
    with a_place() as made:
        yield made


def doctor(place: Place) -> Done:
    return finish(
        subprocess.Popen(
            [*DOME, "doctor", "--json"],
            env=place.environ(),
            cwd=place.work,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    )


def test_a_daemon_that_listens_elsewhere_is_found_by_its_lock(place: Place) -> None:
    elsewhere = place.root / "run" / "dome" / "other.sock"
    daemon = place.ready("--socket", str(elsewhere))
    found = {each["check"]: each for each in doctor(place).documents()}
    assert found["instance"]["verdict"] == "warning"
    assert str(daemon.pid) in found["instance"]["what"]
    assert f"DOMED_ENDPOINT=unix:{elsewhere}" in found["instance"]["repair"]
    daemon.signal(signal.SIGKILL)
    daemon.ended()
    found = {each["check"]: each for each in doctor(place).documents()}
    assert found["instance"]["what"] == "no daemon holds the state directory"
