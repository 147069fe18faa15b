"""The server's ISO 8601 timestamps as int64 µs since 1970-01-01T00:00, naive on both sides: no zone is ever applied.

The usual timestamp has 26 characters, so n of them, quoted and comma-separated, are a table of n × 29 bytes: one
subtraction and one comparison prove every character of it (digits, separators, quotes and commas alike), and one
matrix product turns the digits into µs of the day and a day number.

Tolerated, more slowly: microseconds left out or of another length (digits beyond the sixth are dropped), a blank
instead of ``T``, and a ``Z`` or ``+hh:mm`` suffix. The suffix is *dropped*: what the server's wall clock showed is what
is kept, since the store's timebase maps that clock to the client's axis and a suffix must not move the samples.
Anything else, or a date that does not exist, is refused; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lablink_dpg.model.acquisition import Int64Array, TimesUs
from lablink_dpg.model.even import EvenTimes

TEXT_CHARS = 26  # 2026-11-23T00:00:30.184873
SECONDS_CHARS = 19  # the same with microseconds == 0: the server leaves them out
ROW_BYTES = TEXT_CHARS + 3  # two quotes and a comma
CHUNK_ROWS = 2048  # rows proved at once: the templates (2 × 58 KiB) and the work on them stay in the L2 cache
DAY_US = 86_400_000_000
EVEN_FROM = 512  # times; fewer are stored as soon as what describes them
MAX_START_CHARS = 64  # twice the longest sensible; what is remembered must stay small
EPOCH_DAY = date(1970, 1, 1).toordinal()

# A byte b at a column is right if LOWEST <= b <= HIGHEST there; seen as uint8, that is b - LOWEST <= HIGHEST - LOWEST.
_LOWEST = np.frombuffer(b'"0000-00-00T00:00:00.000000",', np.uint8)
_HIGHEST = np.frombuffer(b'"9999-19-39T29:59:59.999999",', np.uint8)
_LOWEST_CHUNK = np.tile(_LOWEST, CHUNK_ROWS)
_SPAN_CHUNK = np.tile(_HIGHEST - _LOWEST, CHUNK_ROWS)

# Column weights: first to µs of the day (exact in float64, at most 10^11), second to the decimal number YYYYMMDD.
_WEIGHTS = np.zeros((ROW_BYTES, 2))
_WEIGHTS[[12, 13, 15, 16, 18, 19], 0] = [36e9, 3.6e9, 6e8, 6e7, 1e7, 1e6]
_WEIGHTS[21:27, 0] = [1e5, 1e4, 1e3, 1e2, 1e1, 1e0]
_WEIGHTS[[1, 2, 3, 4, 6, 7, 9, 10], 1] = [1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1e0]

_TOLERATED = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,18}))?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9])?"
)


@lru_cache(maxsize=64)  # a stream sees one date, two around midnight
def _day_start_us(yyyymmdd: int) -> int | None:
    try:
        day = date(yyyymmdd // 10_000, yyyymmdd // 100 % 100, yyyymmdd % 100)
    except ValueError:
        return None
    return (day.toordinal() - EPOCH_DAY) * DAY_US


def _day_starts_us(days: NDArray[np.float64]) -> Int64Array | int | None:
    """Start of each row's day, as one number if all rows share it; None if a date does not exist."""
    if not np.count_nonzero(days != days[0]):
        return _day_start_us(int(days[0]))
    distinct, which = np.unique(days, return_inverse=True)
    starts = [_day_start_us(int(day)) for day in distinct]
    known = [start for start in starts if start is not None]
    return np.array(known, np.int64)[which] if len(known) == len(starts) else None


def parse_rows(table: bytes) -> Int64Array | None:
    """Parse the n rows of a table of ``"YYYY-MM-DDTHH:MM:SS.ffffff",`` to shape (n,), µs.

    None if any byte of any row is not what its column wants, or one of the times does not exist.
    """
    rows = len(table) // ROW_BYTES
    if rows * ROW_BYTES < len(table):
        return None
    cells = np.frombuffer(table, np.uint8)
    times_us = np.empty(rows, np.int64)
    for first in range(0, rows, CHUNK_ROWS):
        chunk = cells[first * ROW_BYTES : (first + CHUNK_ROWS) * ROW_BYTES]
        digits = chunk - _LOWEST_CHUNK[: chunk.size]  # wraps around for bytes that are too small
        if np.count_nonzero(digits > _SPAN_CHUNK[: chunk.size]):  # as any(), at half its price
            return None
        clock_us, days = (digits.reshape(-1, ROW_BYTES) @ _WEIGHTS).T
        if np.count_nonzero(clock_us >= DAY_US):  # hours 24 to 29 pass the columns
            return None
        day_us = _day_starts_us(days)
        if day_us is None:
            return None
        times_us[first : first + clock_us.size] = clock_us.astype(np.int64) + day_us
    return times_us


def parse_text(text: str) -> int | None:
    """One timestamp in any tolerated form as µs, or None."""
    match = _TOLERATED.fullmatch(text)
    if match is None:
        return None
    day, clock, fraction = match.groups()
    row = f'"{day}T{clock}.{(fraction or "")[:6]:0<6}",'
    times_us = parse_rows(row.encode("ascii"))
    return None if times_us is None else int(times_us[0])


def parse_start(value: object) -> int | None:
    """When a run began, by a field that may be missing or anything, as µs; None unless it is a tolerated timestamp."""
    return _parse_start(value) if isinstance(value, str) and len(value) <= MAX_START_CHARS else None


@lru_cache(maxsize=1024)  # one a stream, in each of its messages
def _parse_start(text: str) -> int | None:
    return parse_text(text)


def parse_texts(texts: Sequence[object]) -> Int64Array | None:
    """Timestamps as decoded from JSON to shape (len(texts),), µs; None if one of them is not a tolerated timestamp."""
    strings = [text for text in texts if isinstance(text, str)]
    if len(strings) < len(texts):
        return None
    if {len(text) for text in strings} <= {TEXT_CHARS, SECONDS_CHARS}:
        padded = [text if len(text) == TEXT_CHARS else text + ".000000" for text in strings]
        table = "".join(f'"{text}",' for text in padded)
        times_us = parse_rows(table.encode("ascii")) if table.isascii() else None
        if times_us is not None:
            return times_us
    parsed = [parse_text(text) for text in strings]
    known = [time_us for time_us in parsed if time_us is not None]
    return np.array(known, np.int64) if len(known) == len(parsed) else None


def as_even(times_us: Int64Array) -> tuple[TimesUs, bool]:
    """The same times, as ``EvenTimes`` where they are many, and whether they rise evenly but for whole microseconds."""
    n = times_us.shape[0]
    if n < 2:
        return times_us, False
    steps = times_us[1:] - times_us[:-1]
    least = int(np.minimum.reduce(steps))
    if least < 0:
        return times_us, False
    first_us = times_us.item(0)
    if times_us.item(-1) - first_us == least * (n - 1):  # then no step is longer
        return (times_us if n < EVEN_FROM else EvenTimes(first_us, least, n)), True
    return times_us, int(np.maximum.reduce(steps)) - least <= 1
