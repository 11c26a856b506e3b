"""The log: one event a line."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from domed import telemetry
from domed.telemetry import Log, bound


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root, domed = logging.getLogger(), logging.getLogger("domed")
    before = (list(root.handlers), root.level, domed.level)
    yield
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    domed.setLevel(before[2])


def written(*, level: str = "info", journal: bool = False, as_json: bool = False) -> io.StringIO:
    stream = io.StringIO()
    telemetry.configure(level, journal=journal, as_json=as_json, stream=stream)
    return stream


def test_an_event_is_one_line_of_keys_and_values() -> None:
    stream = written(journal=True)
    Log("part").info("job accepted", job="job-7", duration_s=0.12345, nothing=None)
    assert stream.getvalue() == '<6>level=info at=domed.part message="job accepted" job=job-7 duration_s=0.123\n'


def test_outside_a_journal_a_line_begins_with_the_time() -> None:
    stream = written()
    Log("part").info("x")
    assert stream.getvalue()[:4].isdigit()


def test_no_value_can_forge_a_line() -> None:
    stream = written(journal=True)
    Log("part").info("x", name='a"\nlevel=error message=forged')
    [line] = stream.getvalue().splitlines()
    assert json.loads(line.partition("name=")[2]) == 'a"\nlevel=error message=forged'


def test_a_long_value_is_cut() -> None:
    stream = written(journal=True)
    Log("part").info("x", name="y" * 10_000)
    assert len(stream.getvalue()) < 2200
    assert "(10000 characters)" in stream.getvalue()


def test_bound_fields_are_in_every_event_inside() -> None:
    stream = written(journal=True)
    with bound(call=7):
        with bound(job="job-1"):
            Log("part").info("inner")
        Log("part").info("outer")
    Log("part").info("after")
    inner, outer, after = stream.getvalue().splitlines()
    assert inner.endswith("call=7 job=job-1")
    assert outer.endswith("call=7")
    assert "call" not in after


def test_a_traceback_is_marked_as_part_of_its_event() -> None:
    stream = written(journal=True)
    try:
        raise ValueError("a reason")
    except ValueError as error:
        Log("part").failure("failed", error, error_id="inc-1")
    first, *rest = stream.getvalue().splitlines()
    assert first == "<3>level=error at=domed.part message=failed error_id=inc-1"
    assert rest
    assert all(line.startswith("<3>  | ") for line in rest)


def test_the_level_decides_what_is_written() -> None:
    stream = written(level="warning")
    Log("part").info("no")
    Log("part").warning("yes")
    assert "message=yes" in stream.getvalue()
    assert "message=no" not in stream.getvalue()


def test_as_json_an_event_is_one_object_a_line_with_what_the_text_has() -> None:
    stream = written(as_json=True)
    with bound(call=7):
        Log("part").info("job accepted", job_id="job-7", duration_s=0.12345, nothing=None, odd='a"\nb', level="forged")
    try:
        raise ValueError("a reason")
    except ValueError as error:
        Log("part").failure("failed", error)
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert first.pop("time")[:4].isdigit()
    assert first == {
        **{"level": "info", "at": "domed.part", "message": "job accepted"},
        **{"call": 7, "job_id": "job-7", "duration_s": 0.12345, "odd": 'a"\nb'},
    }
    assert "ValueError: a reason" in second["traceback"]


def test_as_json_in_a_journal_each_line_has_its_priority_and_no_time() -> None:
    stream = written(as_json=True, journal=True)
    Log("part").warning("x" * 10_000)
    (line,) = stream.getvalue().splitlines()
    assert line.startswith("<4>{")
    assert "(10000 characters)" in line
    assert "time" not in json.loads(line[3:])
