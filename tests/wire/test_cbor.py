"""Our reader against the library cbor2: the same values, and of anything else a reason, in bounded time and memory."""

from __future__ import annotations

import math
import tracemalloc
from contextlib import suppress
from typing import Any

import cbor2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.wire.cbor import MAX_DEPTH, MAX_ITEMS, as_plain, load
from lablink_dpg.wire.reasons import Reason, Refused
from tests.support.typed_messages import TAGS, typed

scalars = (
    st.none()
    | st.booleans()
    | st.floats()
    | st.floats(width=16)
    | st.integers()
    | st.integers(-(2**1000), 2**1000)
    | st.text(max_size=30)
    | st.text(min_size=250, max_size=300)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(st.text(max_size=30), inner, max_size=30),
    max_leaves=60,
)


def refusal(raw: bytes) -> Reason:
    with pytest.raises(Refused) as refused:
        load(raw)
    return refused.value.reason


@given(values, st.booleans())
def test_what_the_library_writes_is_read_as_it_was(value: Any, is_canonical: bool) -> None:
    """Canonical: floats as short as they can be."""
    raw = cbor2.dumps(value, canonical=is_canonical)
    assert repr(load(raw)) == repr(cbor2.loads(raw))


@given(st.recursive(scalars, lambda inner: st.lists(inner, max_size=5), max_leaves=20))
def test_lengths_that_are_said_at_the_end_are_read_as_well(value: Any) -> None:
    raw = cbor2.dumps({"a": value, "b": [value]}, indefinite_containers=True)
    assert b"\xff" in raw
    assert repr(load(raw)) == repr({"a": value, "b": [value]})


def test_texts_in_pieces_are_joined() -> None:
    assert load(b"\x7f\x62ab\x61c\xff") == "abc"
    assert load(b"\x5f\x42ab\x41c\xff") is None
    assert refusal(b"\x7f\x62ab\x41c\xff") is Reason.INVALID_CBOR
    assert refusal(b"\x7f\x61\xc3\x61\xa4\xff") is Reason.INVALID_UTF8, "half a letter is none"


@given(st.sampled_from(sorted(TAGS)), st.integers(0, 40), st.randoms(use_true_random=False))
def test_a_typed_array_is_a_view_of_the_message(name: str, size: int, random: Any) -> None:
    array = np.frombuffer(random.randbytes(size * np.dtype(name).itemsize), name)
    raw = cbor2.dumps({"before": 1, "samples": typed(array), "after": 2})
    found = load(raw)["samples"]
    assert found.dtype.str == name
    assert found.tobytes() == array.tobytes()
    assert not found.flags.owndata
    assert size == 0 or np.shares_memory(found, np.frombuffer(raw, np.uint8))


def test_what_json_has_no_word_for_is_none_or_looked_through() -> None:
    sent = {"bytes": b"abc", "undefined": cbor2.undefined, "url": cbor2.CBORTag(32, "http://lab"), "f16": [b""]}
    assert load(cbor2.dumps(sent)) == {"bytes": None, "undefined": None, "url": "http://lab", "f16": [None]}
    assert load(cbor2.dumps(cbor2.CBORTag(83, bytes(16)))) is None, "floats of 128 bits: numpy has no word either"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", Reason.INVALID_CBOR),
        (b"\xa1", Reason.INVALID_CBOR),
        (b"\xa1\x61a", Reason.INVALID_CBOR),
        (b"\x61", Reason.INVALID_CBOR),
        (b"\x19\x01", Reason.INVALID_CBOR),
        (b"\xfb\x00\x00", Reason.INVALID_CBOR),
        (b"\x1c", Reason.INVALID_CBOR),  # reserved
        (b"\x1f", Reason.INVALID_CBOR),  # an integer without end
        (b"\xff", Reason.INVALID_CBOR),
        (b"\x9f\x01", Reason.INVALID_CBOR),  # a list without end
        (b"\xe0", Reason.INVALID_CBOR),  # an unassigned simple value
        (b"\x01\x01", Reason.INVALID_CBOR),  # two messages
        (b"\xa1\x01\x01", Reason.INVALID_CBOR),  # a key that is a number
        (b"\xbf\x61a\xff", Reason.INVALID_CBOR),  # a key without value
        (b"\x62\xc3\x28", Reason.INVALID_UTF8),
        (b"\xd8\x56\x43abc", Reason.INVALID_CBOR),  # three bytes of float64
        (b"\xd8\x56\x5f\x41a\xff", Reason.INVALID_CBOR),  # samples in pieces
        (b"\xc2\x59\x02\x00" + bytes(512), Reason.TOO_LARGE),  # a number of 1233 digits
        (b"\x81" * (MAX_DEPTH + 2) + b"\x00", Reason.INVALID_CBOR),
        (b"\xd8\x20" * 100_000 + b"\x00", Reason.INVALID_CBOR),
        (b"\x9a" + MAX_ITEMS.to_bytes(4) + bytes(MAX_ITEMS), Reason.TOO_LARGE),
    ],
)
def test_each_bad_message_has_its_reason(raw: bytes, reason: Reason) -> None:
    assert refusal(raw) is reason


@pytest.mark.parametrize("major", [0x40, 0x60, 0x80, 0xA0])
@pytest.mark.parametrize("tag", [b"", b"\xd8\x56"])
def test_a_length_that_is_only_claimed_costs_no_memory(major: int, tag: bytes) -> None:
    raw = tag + bytes([major | 27]) + (2**62).to_bytes(8) + b"\x00\x00"
    tracemalloc.start()
    assert refusal(raw) is Reason.INVALID_CBOR
    assert tracemalloc.get_traced_memory()[1] < 100_000
    tracemalloc.stop()


@given(st.binary(max_size=200) | st.lists(st.sampled_from(range(256)), max_size=60).map(bytes))
def test_any_bytes_are_a_value_or_refused(raw: bytes) -> None:
    with suppress(Refused):
        load(raw)


@given(values, st.data())
def test_a_message_that_is_cut_short_anywhere_is_refused(value: Any, data: st.DataObject) -> None:
    raw = cbor2.dumps([value])
    with pytest.raises(Refused):
        load(raw[: data.draw(st.integers(0, len(raw) - 1))])


def test_plain_has_lists_in_place_of_arrays_up_to_a_bound() -> None:
    sent = {"a": [np.array([1, 2]), {"b": np.array([0.5])}], "c": "text"}
    assert as_plain(sent) == {"a": [[1, 2], {"b": [0.5]}], "c": "text"}
    with pytest.raises(Refused):
        as_plain([np.zeros(MAX_ITEMS // 2), np.zeros(MAX_ITEMS // 2 + 1)])
    assert math.isnan(as_plain(math.nan))
