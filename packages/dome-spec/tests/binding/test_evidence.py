"""The evidence store: what was kept stays as it was, and damage is seen."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.canonical import digest_bytes
from dome_spec.binding import evidence
from dome_spec.binding.evidence import (
    EvidenceDamaged,
    EvidenceDiffers,
    EvidenceMissing,
    EvidenceStore,
    EvidenceTooLarge,
    location_of,
)

NOTHING = digest_bytes(b"nothing of it")


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "state" / "evidence")


def test_bytes_are_kept_under_their_digest_for_this_user_alone(store: EvidenceStore, tmp_path: Path) -> None:
    kept = store.put([b"one ", b"report"])
    assert (kept.digest, kept.size_bytes) == (digest_bytes(b"one report"), 10)
    assert kept.location == location_of(kept.digest)
    path = tmp_path / "state" / kept.location
    assert path == store.path(kept.digest)
    assert path.read_bytes() == store.read(kept.digest) == b"one report"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_same_bytes_are_kept_once(store: EvidenceStore, tmp_path: Path) -> None:
    assert store.put(b"report") == store.put([b"rep", b"ort"]) == store.put(b"report")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [digest_bytes(b"report")[7:]]
    assert list(store.digests()) == [digest_bytes(b"report")]


def test_several_pieces_are_kept_as_one_is(store: EvidenceStore, tmp_path: Path) -> None:
    several = [b"%d" % number for number in range(20)]
    store.put(several[3])
    store.put_all([*several, *several])
    assert list(store.digests()) == sorted(map(digest_bytes, several))
    assert all(store.read(digest_bytes(each)) == each for each in several)
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == len(several)


def test_an_empty_store_has_nothing(store: EvidenceStore) -> None:
    assert not store.has(NOTHING)
    assert list(store.digests()) == []
    with pytest.raises(EvidenceMissing):
        store.read(NOTHING)


def test_bytes_with_another_digest_than_expected_are_not_kept(store: EvidenceStore) -> None:
    with pytest.raises(EvidenceDiffers):
        store.put(b"something else", expect=NOTHING)
    assert list(store.digests()) == []
    assert store.put(b"nothing of it", expect=NOTHING).digest == NOTHING


def test_damage_is_seen_when_it_is_read_and_when_it_is_checked(store: EvidenceStore) -> None:
    kept = store.put(b"report")
    store.check(kept.digest)
    store.path(kept.digest).write_bytes(b"rep0rt")
    with pytest.raises(EvidenceDamaged):
        store.check(kept.digest)
    with pytest.raises(EvidenceDamaged):
        store.read(kept.digest)


def test_too_much_is_refused_and_leaves_nothing(
    store: EvidenceStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "EVIDENCE_BYTES_MAX", 10)
    with pytest.raises(EvidenceTooLarge):
        store.put(iter([b"12345678", b"9ab"]))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_source_that_breaks_off_leaves_nothing(store: EvidenceStore, tmp_path: Path) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"half a "
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.put(chunks())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@given(st.text(max_size=80))
def test_what_is_no_digest_never_becomes_a_path(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    with pytest.raises(ValueError, match="no digest"):
        EvidenceStore(Path("/nowhere")).has(text)


@given(st.lists(st.binary(max_size=50), max_size=5))
def test_what_was_put_in_is_read_again(tmp_path_factory: pytest.TempPathFactory, chunks: list[bytes]) -> None:
    store = EvidenceStore(tmp_path_factory.mktemp("evidence"))
    assert store.read(store.put(chunks).digest) == b"".join(chunks)
