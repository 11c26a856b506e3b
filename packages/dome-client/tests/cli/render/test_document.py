import json
from base64 import b64decode
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dome_client.cli.render.document import document, encode, event_documents
from dome_contracts.runtime import v1


def page(data: bytes, *, seq: int = 5) -> v1.JobEvent:
    records = data.count(b"\n") + (not data.endswith(b"\n"))
    output = v1.Output(stream=v1.OutputStream.STDERR, data=data, ends_partial=not data.endswith(b"\n"))
    return v1.JobEvent(
        job_id="job-01m7vt481p2v8a5e5aw6df2ncq", seq=seq, last_seq=seq + records - 1, event_id="", output=output
    )


@given(st.binary(min_size=1))
def test_the_records_of_a_page_joined_are_its_bytes_and_have_its_numbers(data: bytes) -> None:
    event = page(data)
    shown = list(event_documents(event))
    assert [each["seq"] for each in shown] == list(range(event.seq, event.last_seq + 1))
    assert [each["last_seq"] for each in shown] == [each["seq"] for each in shown]
    outputs = [each["output"] for each in shown]
    joined = b"".join(each["text"].encode() if "text" in each else b64decode(each["data"]) for each in outputs)
    assert joined == data
    assert [each.get("ends_partial", False) for each in outputs[:-1]] == [False] * (len(outputs) - 1)
    assert outputs[-1].get("ends_partial", False) is not data.endswith(b"\n")
    assert all(json.loads(encode(each)) == each for each in shown)


def test_each_record_has_the_id_of_its_own_seq() -> None:
    ids = [each["event_id"] for each in event_documents(page(b"a\nb\n"))]
    assert ids == ["evt-01m7vt481p2v8a5e5aw6df2ncq-5", "evt-01m7vt481p2v8a5e5aw6df2ncq-6"]


def test_other_events_are_one_object_in_the_words_of_the_contract() -> None:
    time = datetime(2020, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
    event = v1.JobEvent(job_id="job-a", seq=2**53, last_seq=2**53, occur_time=time, started=v1.Started(attempt=1))
    assert list(event_documents(event)) == [
        {
            "job_id": "job-a",
            "seq": 2**53,
            "last_seq": 2**53,
            "occur_time": "2020-01-02T03:04:05.000678Z",
            "started": {"attempt": 1},
        }
    ]


def test_enums_have_their_contract_names_and_unknown_ones_their_number() -> None:
    assert document(v1.Job(state=v1.JobState.RUNNING))["state"] == "JOB_STATE_RUNNING"
    assert document(v1.Job(state=v1.JobState(99)))["state"] == 99


def test_documents_are_shown_as_what_they_are() -> None:
    shown = document(v1.Job(outcome=v1.Outcome(exit_code=0, result=b'{"matches":[1]}')))
    assert shown["outcome"] == {"exit_code": 0, "result": {"matches": [1]}}


def test_durations_are_seconds() -> None:
    limits = v1.ToolLimits(grace=timedelta(seconds=3), run_timeout=timedelta(milliseconds=1500))
    assert document(limits) == {"run_timeout": "1.5s", "grace": "3s"}


def test_one_object_is_one_line_whatever_it_holds() -> None:
    assert encode({"text": "a\nb\u2028\u00e9"}) == '{"text":"a\\nb\u2028\u00e9"}\n'.encode()
