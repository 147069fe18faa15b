"""Binary frames, honest, damaged and hostile."""

from __future__ import annotations

import gzip
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.wire.compression import decompress
from lablink_dpg.wire.reasons import MAX_DECOMPRESSED_BYTES, Reason, Refused


def refused(frame: bytes, **limits: int) -> Reason:
    with pytest.raises(Refused) as caught:
        decompress(frame, **limits)
    return caught.value.reason


@given(st.binary(max_size=500))
def test_both_compressions_give_the_message_back(message: bytes) -> None:
    assert decompress(b"g" + gzip.compress(message)) == message
    assert decompress(b"z" + zlib.compress(message)) == message


@given(st.binary(max_size=60))
def test_any_bytes_are_a_message_or_refused(frame: bytes) -> None:
    with suppress(Refused):  # and nothing else
        decompress(frame)


@pytest.mark.parametrize("frame", [b"", b"g", b"z", b"x" + zlib.compress(b"{}"), b"{}", b"g" + zlib.compress(b"{}")])
def test_frames_without_a_known_compression_are_refused(frame: bytes) -> None:
    assert refused(frame) is Reason.BAD_COMPRESSION


def test_a_frame_cut_short_anywhere_is_refused() -> None:
    for whole in (b"g" + gzip.compress(b"[1,2,3]" * 9), b"z" + zlib.compress(b"[1,2,3]" * 9)):
        for length in range(len(whole)):
            assert refused(whole[:length]) is Reason.BAD_COMPRESSION


def test_bytes_after_the_message_are_refused() -> None:
    assert refused(b"z" + zlib.compress(b"{}") + b"x") is Reason.BAD_COMPRESSION


def test_inflation_stops_at_the_limit() -> None:
    assert decompress(b"z" + zlib.compress(b"1" * 1000), max_bytes=1000) == b"1" * 1000
    assert refused(b"z" + zlib.compress(b"1" * 1001), max_bytes=1000) is Reason.TOO_LARGE


def test_a_small_frame_cannot_take_the_memory() -> None:
    bomb = b"z" + zlib.compress(bytes(MAX_DECOMPRESSED_BYTES + 1), level=1)
    assert len(bomb) < MAX_DECOMPRESSED_BYTES // 100
    assert refused(bomb) is Reason.TOO_LARGE
