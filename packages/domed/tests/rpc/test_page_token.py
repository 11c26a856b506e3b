"""Pages and their tokens."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.runtime.v1 import Job
from domed.errors import InvalidRequest
from domed.rpc import page_token

BINDING = {"call": "ListTools", "words": ["a"], "revision": "r1"}


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_a_token_gives_its_position_back(position: str) -> None:
    assert page_token.position(page_token.token(position, BINDING), BINDING) == position


def test_no_token_is_the_first_page() -> None:
    assert page_token.position("", BINDING) == ""


def test_a_token_of_another_listing_is_refused() -> None:
    token = page_token.token("x", BINDING)
    changes: list[dict[str, object]] = [{"revision": "r2"}, {"words": []}, {"call": "ListJobs"}]
    for changed in changes:
        with pytest.raises(InvalidRequest, match="page_token: belongs to another"):
            page_token.position(token, {**BINDING, **changed})


@given(st.text(min_size=1, max_size=100))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        page_token.position(text, BINDING)


@pytest.mark.parametrize("said", [b"[" * 1500, b"1" * 1500, b'["a", 1]', b'{"a": 1, "b": 2}', b"[]", b"null"])
def test_a_forged_token_is_refused_whatever_it_holds(said: bytes) -> None:
    with pytest.raises(InvalidRequest, match="page_token"):
        page_token.position(forged(said), BINDING)


def test_a_position_that_is_no_text_is_refused() -> None:
    bound_to = json.loads(base64.urlsafe_b64decode(page_token.token("xxxxxx", BINDING)))[0]
    with pytest.raises(InvalidRequest, match="page_token: is none of this daemon's"):
        page_token.position(forged(json.dumps([bound_to, "\ud800"]).encode()), BINDING)


def forged(said: bytes) -> str:
    return base64.urlsafe_b64encode(said).decode("ascii").rstrip("=")


def test_a_page_has_a_hundred_entries_and_a_thousand_at_most() -> None:
    assert (page_token.page_size(0), page_token.page_size(1), page_token.page_size(1000)) == (100, 1, 1000)
    with pytest.raises(InvalidRequest, match="page_size"):
        page_token.page_size(1001)


def test_a_page_of_large_entries_has_fewer() -> None:
    entries = [Job(job_id="x" * 100) for _ in range(10)]
    assert page_token.fitting(entries) == entries
    assert len(page_token.fitting(entries, bytes_max=350)) == 3
    assert page_token.fitting(entries, bytes_max=1) == entries[:1]
    assert page_token.fitting([]) == []
