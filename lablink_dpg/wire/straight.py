"""Straight through a typed message that is written as PROTOCOL.md writes it: in a third of a general reader's time.

Context: a thousand streams send twenty thousand messages a second. Decision: keys are expected where they usually are,
and of the head, which says the same again in each message of a stream, only the counts are read anew. Consequence: no
message is refused here. Whatever is not exactly the usual form, or may have to be refused, makes ``usual`` answer None
and the careful way decides; so order of keys and unusual lengths cost time, never correctness. What need not be known
is stepped over: of a text there nobody asks whether it is UTF-8.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np

from lablink_dpg.model.acquisition import AcquisitionBlock, AcquisitionState, Values
from lablink_dpg.model.rows import Rows
from lablink_dpg.wire.cbor import TYPES
from lablink_dpg.wire.reasons import MAX_MESSAGE_BYTES, MAX_TOTAL_SAMPLES, Reason, Refused, in_order
from lablink_dpg.wire.steps import SIZES, Unusual, after, bytes_at, moment, pass_over, short_text, text_at, whole
from lablink_dpg.wire.timestamps import parse_start
from lablink_dpg.wire.typed import MANY, MAX_COUNT, checked, mended, spread

MAX_HEADS: Final = 2048  # as many streams as there may be, twice …
MAX_TAILS: Final = 16_384  # some of each of a thousand streams, at a few hundred bytes each …
MAX_TAIL_BYTES: Final = 1024  # … at most, without the samples: of a dozen channels with names that are read
MAX_HEAD_BYTES: Final = 8192  # … each; of a scope with four channels it is a kilobyte

_BEGIN: Final = b"\xa5" + short_text("type") + short_text("acquisition_stream") + short_text("acquisition_id")
_STATE, _STATS, _DATA = short_text("state"), short_text("stats"), short_text("data") + b"\xa4" + short_text("first")
_COUNT, _TIMES, _VALUES = short_text("count"), short_text("timestamps"), short_text("values")
_TOTAL, _START = short_text("total_samples"), short_text("start_time")
_STATES: Final = {short_text(state.value): state for state in AcquisitionState}
_ARRAY: Final = 0xD8  # begins a tag that takes one byte more, as those of typed arrays do
_DTYPES: Final = tuple(TYPES.get(tag) for tag in range(256))  # by that byte
_SINT64: Final = b"\xd8\x4f"


class _Head(NamedTuple):
    """A message up to its samples: what stays the same from message to message, and where the count stands."""

    acquisition_id: str
    state: AcquisitionState
    started_us: int | None
    stop: int
    total: slice
    pieces: tuple[tuple[slice, bytes], ...]  # all but whole numbers, which change from message to message


_heads: dict[bytes, _Head] = {}  # by the text of the id, as it is in the message: what was found the last time


class _Tail(NamedTuple):
    """The map of channels at the end of a message of so many samples, all of one type; places from where it begins."""

    names: tuple[str, ...]
    size: int
    pieces: tuple[tuple[int, bytes], ...]  # all but the samples: names, types and lengths
    first: int  # of the first sample
    shape: tuple[int, int]
    strides: tuple[int, int]
    dtype: np.dtype[Any]


_tails: dict[tuple[bytes, int], _Tail] = {}  # by the text of the id and the samples: those of a stream vary by a few


def usual(raw: bytes) -> AcquisitionBlock | None:
    """The window of a message in the usual form; None if it has another, has no samples or may have to be refused."""
    try:
        return _usual(raw) if raw.startswith(_BEGIN) and len(raw) <= MAX_MESSAGE_BYTES else None
    except (Unusual, Refused, IndexError, UnicodeDecodeError):
        return None


def _usual(raw: bytes) -> AcquisitionBlock:
    _, stop = text_at(raw, len(_BEGIN))
    name = bytes(raw[len(_BEGIN) : stop])  # a key, also of a bytearray
    head = _heads.get(name)
    if head is None or not _fits(raw, head):
        head = _read_head(raw)
        if len(_heads) >= MAX_HEADS:
            _heads.clear()
        _heads[name] = head
    total_samples = int.from_bytes(raw[head.total])
    first, at = whole(raw, head.stop)
    count, at = whole(raw, after(raw, at, _COUNT))
    total = first + count
    if total > total_samples or total_samples > MAX_TOTAL_SAMPLES or not 0 < count <= MAX_COUNT:
        raise Unusual
    at = after(raw, at, _TIMES)
    stamps = None
    first_us = last_us = 0
    if raw[at] == 0x82:
        first_us, at = moment(raw, at + 1)
        last_us, at = moment(raw, at)
    else:
        start, at = bytes_at(raw, after(raw, at, _SINT64))
        if at - start != 8 * count:
            raise Unusual
        stamps = np.ndarray((count,), np.int64, raw, start)
    at = after(raw, at, _VALUES)
    key = name, count
    names, values = _values_as_before(raw, at, _tails.get(key)) or _values(raw, at, key)
    # Now there are as many samples as were claimed.
    times_us = spread(first_us, last_us, count) if stamps is None else checked(stamps, count)
    problems: set[Reason] = set()
    is_finite = count < MANY
    if is_finite:
        values = mended(values, problems)
    return AcquisitionBlock(
        head.acquisition_id,
        head.state,
        total,
        count,
        times_us,
        names,
        values,
        in_order(problems),
        head.started_us,
        stamps is None,
        is_finite,
        True,
    )


def _fits(raw: bytes, head: _Head) -> bool:
    for place, piece in head.pieces:  # noqa: SIM110 - all() with a generator takes twice as long
        if raw[place] != piece:
            return False
    return True


def _values_as_before(raw: bytes, at: int, tail: _Tail | None) -> tuple[tuple[str, ...], Values] | None:
    """As ``_values``, where the channels lie as they did; None where they do not."""
    if tail is None or at + tail.size != len(raw):
        return None
    for place, piece in tail.pieces:
        if not raw.startswith(piece, at + place):
            return None
    return tail.names, np.ndarray(tail.shape, tail.dtype, raw, at + tail.first, tail.strides)


def _values(raw: bytes, at: int, key: tuple[bytes, int]) -> tuple[tuple[str, ...], Values]:
    """The map of channels that ends the message: one view of all if they are of one type and evenly spaced."""
    begin, count = at, key[1]
    channels = raw[at] - 0xA0
    if not 0 < channels < 24:
        raise Unusual
    at += 1
    names, places, dtypes = [], [], []
    for _ in range(channels):
        start, stop = text_at(raw, at)
        names.append(_name(bytes(raw[start:stop])))
        dtype = _DTYPES[raw[stop + 1]]
        if dtype is None or raw[stop] != _ARRAY:
            raise Unusual
        start, at = bytes_at(raw, stop + 2)
        if at - start != count * dtype.itemsize:
            raise Unusual
        places.append(start)
        dtypes.append(dtype)
    if at != len(raw):
        raise Unusual
    if len(set(names)) != channels:
        raise Unusual
    dtype = dtypes[0]
    step = places[1] - places[0] if channels > 1 else count * dtype.itemsize
    if all(each is dtype for each in dtypes) and all(other - one == step for one, other in pairwise(places)):
        size, shape, strides = count * dtype.itemsize, (channels, count), (step, dtype.itemsize)
        starts = [begin, *(place + size for place in places[:-1])]
        spans = zip(starts, places, strict=True)
        pieces = tuple((start - begin, bytes(raw[start:stop])) for start, stop in spans)
        if sum(len(piece) for _, piece in pieces) <= MAX_TAIL_BYTES:
            if len(_tails) >= MAX_TAILS:
                _tails.clear()
            _tails[key] = _Tail(tuple(names), len(raw) - begin, pieces, places[0] - begin, shape, strides, dtype)
        return tuple(names), np.ndarray(shape, dtype, raw, places[0], strides)
    rows = tuple(np.ndarray((count,), each, raw, place) for each, place in zip(dtypes, places, strict=True))
    return tuple(names), Rows(rows, count)


@lru_cache(maxsize=4096)  # of all channels of a thousand streams; most have the same
def _name(raw: bytes) -> str:
    return str(raw, "utf-8")


# -- the head --------------------------------------------------------------------------------------------------------


def _read_head(raw: bytes) -> _Head:
    at, stop = text_at(raw, len(_BEGIN))
    acquisition_id = str(raw[at:stop], "utf-8")
    at = after(raw, stop, _STATE)
    stop = at + SIZES[raw[at]]
    state = _STATES.get(bytes(raw[at:stop]))
    if state is None:
        raise Unusual
    at = after(raw, stop, _STATS)
    pairs = raw[at] - 0xA0
    if not 0 < pairs < 24:
        raise Unusual
    at += 1
    numbers: list[slice] = []
    total: slice | None = None
    started_us: int | None = None
    for _ in range(pairs):
        start, at = at, at + SIZES[raw[at]]
        key = raw[start:at]
        if key[0] >> 5 != 3:
            raise Unusual
        start = at
        at = pass_over(raw, at, numbers)
        if key == _TOTAL:
            if not 24 <= raw[start] < 28:  # a small one is in its head, which is among the pieces
                raise Unusual
            total = slice(start + 1, at)
        elif key == _START:
            started_us = None
            if raw[start] >> 5 == 3:
                begin, end = text_at(raw, start)
                started_us = parse_start(str(raw[begin:end], "utf-8"))
    if total is None:
        raise Unusual
    stop = after(raw, at, _DATA)
    if stop > MAX_HEAD_BYTES:
        raise Unusual
    edges = [0, *(edge for number in numbers for edge in (number.start, number.stop)), stop]
    spans = [slice(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True)]
    return _Head(acquisition_id, state, started_us, stop, total, tuple((span, raw[span]) for span in spans))
