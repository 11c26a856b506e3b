"""Remembered headers are those that hpack would give, whatever came before."""

from collections.abc import Sequence

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from hpack import (
    Decoder,
    Encoder,
    HeaderTuple,
    InvalidTableSizeError,
    NeverIndexedHeaderTuple,
    OversizedHeaderListError,
)
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.transport.header_memo import REMEMBERED_MAX, MemoDecoder, MemoEncoder, remember_headers

NAMES = st.sampled_from([b":status", b"content-type", b"grpc-status", b"grpc-timeout", b"x"])
VALUES = st.sampled_from([b"200", b"0", b"application/grpc+proto", b"30S", b"29999m", b"y" * 300])
CLASSES = st.sampled_from([HeaderTuple, NeverIndexedHeaderTuple])
HEADERS = st.lists(st.builds(lambda of, name, value: of(name, value), CLASSES, NAMES, VALUES), max_size=4)
TABLE_SIZES = st.sampled_from([0, 40, 100, 4096])
STEPS = st.lists(HEADERS | TABLE_SIZES, max_size=30)


@given(STEPS)
def test_blocks_are_those_of_hpack_and_mean_the_same(steps: Sequence[list[HeaderTuple] | int]) -> None:
    encoder, memo_encoder = Encoder(), MemoEncoder()
    decoder, memo_decoder = Decoder(), MemoDecoder()
    for step in steps:
        if isinstance(step, int):
            if step == encoder.header_table_size:
                continue  # hpack forgets to tell of a change when it is told the same again
            encoder.header_table_size = memo_encoder.header_table_size = step
            continue
        block = encoder.encode(step)
        assert memo_encoder.encode(step) == block
        plain, remembered = list(decoder.decode(block, raw=True)), list(memo_decoder.decode(block, raw=True))
        assert list(map(type, remembered)) == list(map(type, plain))
        assert remembered == plain
    assert memo_decoder.header_table.dynamic_entries == decoder.header_table.dynamic_entries
    assert memo_encoder.header_table.dynamic_entries == encoder.header_table.dynamic_entries


def test_what_is_remembered_is_bounded() -> None:
    encoder, decoder = MemoEncoder(), MemoDecoder()
    for number in range(3 * REMEMBERED_MAX):
        headers = [NeverIndexedHeaderTuple(b"x", b"%d" % number)]
        assert decoder.decode(encoder.encode(headers), raw=True) == headers
    assert len(encoder.header_table.memo) <= REMEMBERED_MAX
    assert len(decoder.header_table.memo) <= REMEMBERED_MAX


def test_whoever_changes_what_was_given_changes_nothing_else() -> None:
    encoder, decoder = MemoEncoder(), MemoDecoder()
    block = encoder.encode([(b":status", b"200")])
    for _ in range(2):
        headers = decoder.decode(block, raw=True)
        assert list(headers) == [(b":status", b"200")]
        assert isinstance(headers, list)
        headers.clear()


def test_limits_hold_for_blocks_that_are_remembered() -> None:
    encoder, decoder = MemoEncoder(), MemoDecoder()
    block = encoder.encode([(b":status", b"200")])
    decoder.decode(block)
    decoder.max_header_list_size = 10
    with pytest.raises(OversizedHeaderListError):
        decoder.decode(block)
    decoder.max_header_list_size = 1000
    decoder.max_allowed_table_size = 100
    with pytest.raises(InvalidTableSizeError):
        decoder.decode(block)


def test_the_limits_of_the_connection_are_kept() -> None:
    connection = H2Connection(H2Configuration(client_side=False))
    listed, table = connection.decoder.max_header_list_size, connection.decoder.max_allowed_table_size
    remember_headers(connection)
    assert isinstance(connection.decoder, MemoDecoder)
    assert isinstance(connection.encoder, MemoEncoder)
    assert (connection.decoder.max_header_list_size, connection.decoder.max_allowed_table_size) == (listed, table)
