"""The decoder's work done slowly and obviously: ``json.loads``, ``datetime`` and one ``if`` per sample."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lablink_dpg.model.acquisition import AcquisitionBlock, DataWindow, Int64Array, Values
from lablink_dpg.model.even import EvenTimes
from lablink_dpg.model.messages import Message
from lablink_dpg.model.rows import Rows

EPOCH = datetime(1970, 1, 1)


class Token(str):
    """NaN or Infinity as a bare word."""


def load(raw: bytes) -> Any:
    """JSON with bare words marked. Raises ValueError or RecursionError."""
    return json.loads(raw.decode("utf-8"), parse_constant=Token)


def time_us(text: str) -> int:
    """A timestamp as the server writes it. Raises ValueError."""
    return (datetime.fromisoformat(text).replace(tzinfo=None) - EPOCH) // timedelta(microseconds=1)


def sample(value: object) -> tuple[float, str | None]:
    """The stored value and the problem that explains it."""
    if isinstance(value, Token):
        return math.nan, "nan_token"
    if value is None:
        return math.nan, "null_sample"
    if isinstance(value, str):
        return math.nan, "text_sample"
    if isinstance(value, bool | list | dict):
        return math.nan, "not_a_number"
    assert isinstance(value, int | float)
    if abs(value) > 1.7976931348623157e308:
        return math.nan, "not_finite"
    return float(value), None


def check_values(got: AcquisitionBlock | DataWindow, data: Mapping[str, Any], new: int) -> None:
    """Every timestamp, sample and problem of the last ``new`` samples of ``data`` is what the oracle makes of it."""
    timestamps, by_channel = data["timestamps"], data["values"]
    assert isinstance(got.times_us, EvenTimes) or got.times_us.dtype == np.int64
    assert all(row.dtype == np.float64 for row in rows_of(got.values))
    assert got.values.shape == (len(got.channels), new)
    rows = dict(zip(got.channels, got.values.tolist(), strict=True))
    assert list(rows) == [name for name in by_channel if name in rows]  # in order, each once
    assert got.times_us.tolist() == [time_us(text) for text in timestamps[len(timestamps) - new :]]
    problems = set()
    for name, values in by_channel.items():
        if not isinstance(values, list) or len(values) != len(timestamps):
            problems.add("unequal_lengths" if isinstance(values, list) else "wrong_type")
            assert name not in rows
            continue
        pairs = [sample(value) for value in values[len(values) - new :]]
        problems |= {reason for _, reason in pairs if reason}
        # As text, because -0.0 == 0.0 and NaN != NaN.
        assert list(map(repr, rows[name])) == [repr(value) for value, _ in pairs]
    assert sorted(got.problems) == sorted(problems)


def new_samples(message: Mapping[str, Any], last_totals: Mapping[str, int]) -> int:
    """Of a window of ``count`` at most ``total`` are of this run, whatever is stored."""
    count, total = message["data"]["count"], message["stats"]["total_samples"]
    last = last_totals.get(message["acquisition_id"])
    return int(min(count, total if last is None or total < last else total - last))


def check_block(block: AcquisitionBlock, raw: bytes, last_totals: Mapping[str, int]) -> None:
    """A block must be what the oracle reads from the message."""
    message = load(raw)
    assert message["type"] == "acquisition_stream"
    assert block.acquisition_id == message["acquisition_id"]
    assert block.total_samples == message["stats"]["total_samples"]
    assert block.count == message["data"]["count"] == len(message["data"]["timestamps"])
    assert type(block.total_samples) is type(block.count) is int
    check_values(block, message["data"], new_samples(message, last_totals))


def without_known(raw: bytes, count: int, new: int) -> bytes:
    """The message with harmless values in place of the first count - new elements of every list of ``count``.

    A list goes from the bracket behind its key to the first one that closes: what is known is not looked at. Timestamps
    that are as long as ``count`` of full width are as many, whatever stands in place of those that are known.
    """
    known = count - new

    def renewed(match: re.Match[bytes]) -> bytes:
        elements = match[2].split(b",")
        if len(elements) != count:
            return match[0]
        harmless = b'"2000-01-01T00:00:00"' if b'"' in match[2] else b"0"
        return match[1] + b",".join([harmless] * known + elements[known:]) + b"]"

    def renewed_rows(match: re.Match[bytes]) -> bytes:
        rows = match[2] + b","
        harmless = b'"2000-01-01T00:00:00.000000",' * known
        return match[1] + (harmless + rows[len(harmless) :])[:-1] + b"]"

    size = count * len('"2000-01-01T00:00:00.000000",') - 1
    raw = re.sub(rb'("timestamps"\s*:\s*\[)(.{%d})\]' % size, renewed_rows, raw, flags=re.DOTALL)
    return re.sub(rb'("\s*:\s*\[)([^\]]*)\]', renewed, raw)


def rows_of(values: Values) -> tuple[NDArray[Any], ...]:
    """Each channel's samples."""
    return values.rows if isinstance(values, Rows) else tuple(values)


def fingerprint(message: Message | DataWindow) -> tuple[Any, ...]:
    """Equal for two messages only if they are equal to the last bit."""
    parts: list[Any] = [type(message).__name__]
    for name in type(message).__dataclass_fields__:
        value = getattr(message, name)
        if isinstance(value, np.ndarray | Rows | EvenTimes):  # views or a copy, and even or not, are the same
            parts.append((value.shape, np.asarray(value).tobytes()))
        else:
            parts.append(repr(value))
    return tuple(parts)


def times(texts: list[str]) -> Int64Array:
    return np.array([time_us(text) for text in texts], np.int64)
