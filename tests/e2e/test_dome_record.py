"""The record of a job from outside: changes of the store are found by name, and a wait for a lock is explained."""

import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest

from dome_contracts.exit_codes import Exit
from packages.domed.tests.runtime_suite import write_tool
from tests.e2e.dome_home import Home, a_home, finish

SCRIPT = "echo one; echo oops >&2; exit 3"
Tamper = Callable[[sqlite3.Connection, str], None]


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with a_home() as made:
        for name in ("user.locked", "user.other"):
            os.mkfifo(made.root / name)
            script = f"read -r line <{made.root / name}"  # until the test writes to it
            write_tool(made.config / "tools", name, script, locks=["port"])
        listed = made.dome("tools", "--json", "user.").documents()
        digests = [tool["tool_digest"] for tool in listed if "tool_digest" in tool]
        made.configure(f"[trust]\ndigests = {json.dumps(digests)}\n")
        assert made.dome("service", "stop").code == 0
        yield made


@pytest.fixture(scope="module")
def job(home: Home) -> str:
    """A job that wrote to both streams and failed."""
    return ran(home)


def ran(home: Home) -> str:
    done = home.dome("run", "process.run", "--", "sh", "-c", SCRIPT)
    assert done.code == 3
    return next(word for word in done.err.split() if word.startswith("job-"))


def verified(home: Home, job_id: str, *words: str) -> dict[str, Any]:
    done = home.dome("verify", job_id, "--json", *words)
    (found,) = done.documents()
    assert done.code == (Exit.OK if found["verified"] else Exit.FAILED)
    return dict(found)


def change_a_byte(connection: sqlite3.Connection, job_id: str) -> None:
    rows = connection.execute("SELECT last_seq, data FROM event WHERE job_id = ?", [job_id]).fetchall()
    ((last_seq, data),) = [(last_seq, data) for last_seq, data in rows if b"oops\n" in data]
    put(connection, job_id, last_seq, data.replace(b"oops\n", b"oopt\n"))


def remove_the_start(connection: sqlite3.Connection, job_id: str) -> None:
    connection.execute("DELETE FROM event WHERE job_id = ? AND seq = 2", [job_id])


def swap_the_first_two(connection: sqlite3.Connection, job_id: str) -> None:
    query = "SELECT last_seq, data FROM event WHERE job_id = ? AND seq IN (1, 2) ORDER BY seq"
    (first, one), (second, two) = connection.execute(query, [job_id]).fetchall()
    put(connection, job_id, first, two)
    put(connection, job_id, second, one)


def remove_the_end(connection: sqlite3.Connection, job_id: str) -> None:
    (last,) = connection.execute("SELECT max(last_seq) FROM event WHERE job_id = ?", [job_id]).fetchone()
    connection.execute("DELETE FROM event WHERE job_id = ? AND last_seq = ?", [job_id, last])


def garble_the_end(connection: sqlite3.Connection, job_id: str) -> None:
    query = "SELECT last_seq, data FROM event WHERE job_id = ? ORDER BY last_seq DESC LIMIT 1"
    last, data = connection.execute(query, [job_id]).fetchone()
    put(connection, job_id, last, data[:60] + b"\xff" * 20 + data[80:])


def put(connection: sqlite3.Connection, job_id: str, last_seq: int, data: bytes) -> None:
    connection.execute("UPDATE event SET data = ? WHERE job_id = ? AND last_seq = ?", [data, job_id, last_seq])


TAMPERS: tuple[Tamper, ...] = (
    change_a_byte,
    remove_the_start,
    swap_the_first_two,
    remove_the_end,
    garble_the_end,
)


@dataclass(frozen=True)
class Tampered:
    """A job whose record was changed while no daemon ran, and its events as they were before."""

    job_id: str
    events: Sequence[dict[str, Any]]

    def named(self, kind: str) -> list[str]:
        return [event["event_id"] for event in self.events if kind in event]


@pytest.fixture(scope="module")
def tampered(home: Home) -> dict[Tamper, Tampered]:
    jobs = {tamper: ran(home) for tamper in TAMPERS}
    before: dict[Tamper, Tampered] = {
        tamper: Tampered(job_id, home.dome("events", job_id, "--json").documents()) for tamper, job_id in jobs.items()
    }
    assert home.dome("service", "stop").code == 0
    with closing(sqlite3.connect(home.state / "domed.sqlite")) as connection:
        query = "SELECT name FROM sqlite_master WHERE tbl_name = 'event' AND type = 'trigger'"
        for (name,) in connection.execute(query).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for tamper, job_id in jobs.items():
            tamper(connection, job_id)
        connection.commit()
    return before


def named(found: dict[str, Any], check: str) -> list[str]:
    return [name for finding in found["findings"] if finding["check"] == check for name in finding["event_ids"]]


def checks(found: dict[str, Any]) -> set[str]:
    return {finding["check"] for finding in found["findings"]}


def test_a_record_that_nobody_touched_holds_also_against_the_head_that_was_streamed(home: Home, job: str) -> None:
    head = home.dome("events", job, "--json").documents()[-1]["finished"]["chain_head"]
    found = verified(home, job, "--head", head)
    assert (found["verified"], found["chain_head"], found["computed_chain_head"]) == (True, head, head)
    assert "holds" in home.dome("verify", job).out.decode()


def test_a_changed_byte_is_found_by_the_name_of_its_event(home: Home, tampered: dict[Tamper, Tampered]) -> None:
    touched = tampered[change_a_byte]
    (page,) = [
        event["event_id"] for event in touched.events if event.get("output", {}).get("stream") == "OUTPUT_STREAM_STDERR"
    ]
    found = verified(home, touched.job_id)
    assert named(found, "output") == [page]
    assert checks(found) == {"chain", "output"}
    assert page in home.dome("verify", touched.job_id).out.decode()


def test_a_removed_event_is_found_by_name(home: Home, tampered: dict[Tamper, Tampered]) -> None:
    touched = tampered[remove_the_start]
    found = verified(home, touched.job_id)
    # A stream with a hole is never sent: what comes before the hole is not shown either.
    assert named(found, "order") == touched.named("submitted")
    assert any("events 1 to 2 are missing" in finding["message"] for finding in found["findings"])


def test_a_swapped_pair_is_found_by_both_names(home: Home, tampered: dict[Tamper, Tampered]) -> None:
    touched = tampered[swap_the_first_two]
    found = verified(home, touched.job_id)
    assert sorted(named(found, "order")) == touched.named("submitted") + touched.named("started")


def test_a_removed_end_is_found(home: Home, tampered: dict[Tamper, Tampered]) -> None:
    assert "end" in checks(verified(home, tampered[remove_the_end].job_id))


def test_an_end_that_cannot_be_read_is_found_by_its_place(home: Home, tampered: dict[Tamper, Tampered]) -> None:
    touched = tampered[garble_the_end]
    found = verified(home, touched.job_id)
    (unreadable,) = [finding for finding in found["findings"] if finding["check"] == "form"]
    assert f"in place {len(touched.events)}," in unreadable["message"]
    assert "end" in checks(found)


def waiting(home: Home, job_id: str) -> None:
    """Return when the job has said what it waits for."""
    following = home.start("events", job_id, "--json", "--follow")
    assert following.stdout is not None
    for line in following.stdout:
        if b'"waiting"' in line:
            break
    following.kill()
    following.communicate()


def test_a_wait_for_a_lock_is_explained_with_its_holder_live_and_afterwards(home: Home) -> None:
    holder = home.dome("run", "user.locked", "--detach").out.decode().strip()
    waiter = home.dome("run", "user.other", "--detach").out.decode().strip()
    waiting(home, waiter)
    (lock,) = home.dome("locks", "--json").documents()
    assert (lock["name"], lock["holder_job_id"], lock["waiter_job_ids"]) == ("port", holder, [waiter])
    assert holder in home.dome("locks").out.decode()

    (live,) = home.dome("explain", waiter, "--json").documents()
    assert live["state"] == "JOB_STATE_QUEUED"
    assert (live["waits"][0]["lock"], live["waits"][0]["holder_job_id"]) == ("port", holder)
    assert "duration_s" not in live["waits"][0]
    assert f"dome explain {holder}" in live["next_steps"][0]
    assert holder in live["summary"]

    for name in ("user.locked", "user.other"):
        (home.root / name).write_text("go\n")
    assert finish(home.start("wait", waiter)).code == 0
    (told,) = home.dome("explain", waiter, "--json").documents()
    (wait,) = told["waits"]
    assert wait["holder"] == {"skill_id": "user.locked", "tool_version": "1.0.0"}
    assert wait["cause"] == "WAIT_CAUSE_LOCK"
    assert wait["duration_s"] > 0
    text = home.dome("explain", waiter).out.decode()
    assert f"for the lock port, held by {holder} (user.locked 1.0.0)" in text
    assert verified(home, waiter)["verified"] is True


def test_the_statement_of_a_real_run_has_the_head_of_its_record(home: Home, job: str) -> None:
    first = home.dome("provenance", job, "--format", "in-toto")
    assert first.out == home.dome("provenance", job, "--format", "in-toto").out
    (statement,) = first.documents()
    head = verified(home, job)["chain_head"].removeprefix("sha256:")
    assert {"sha256": head} in [each["digest"] for each in statement["predicate"]["runDetails"]["byproducts"]]
