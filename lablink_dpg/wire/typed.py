"""Windows of samples as typed arrays: views of the message, that the ring copies from and nobody else.

PROTOCOL.md beside this file is the format. This is the careful way, by a message's decoded map; ``straight`` is the
fast one, and comes here with what it has found.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from lablink_dpg.model.acquisition import AcquisitionBlock, AcquisitionState, Int64Array, TimesUs, Values
from lablink_dpg.model.even import EvenTimes
from lablink_dpg.model.finite import may_be_infinite, without_infinities
from lablink_dpg.model.messages import AcquisitionEmpty
from lablink_dpg.model.rows import Rows
from lablink_dpg.wire.plain import count_field, kind, object_field
from lablink_dpg.wire.reasons import MAX_TOTAL_SAMPLES, Reason, Refused, in_order
from lablink_dpg.wire.samples import samples_of

FIRST_US: Final = -62_135_596_800_000_000  # the first moment that a timestamp of JSON can say, in the year 1 …
LAST_US: Final = 253_402_300_799_999_999  # … and the last: sums with them are far from the end of 64 bits
# Samples a channel in one message: four times the largest that PROTOCOL.md allows. Their times cost 8 bytes each,
# however few bytes claim them, and the network waits while they are made.
MAX_COUNT: Final = 2**22
# Samples from which on less is done here: times that rise evenly are no array, which is made sooner of few than asked
# for what it would hold; and the ring looks for infinities, where the values lie aligned, in a third of the time.
MANY: Final = 512
RAMP: Final = np.arange(2**16)  # of most windows the numbers of their samples: making them anew costs more than adding


def window_of(
    acquisition_id: str, state: AcquisitionState, total_samples: int, started_us: int | None, data: dict[str, Any]
) -> AcquisitionBlock | AcquisitionEmpty:
    """The window of a decoded message. A channel of another length, or of no numbers, is left out and noted.

    Raises:
        Refused: if it says no place for its samples, a timestamp is none, or no channel is usable.
    """
    first, count = count_field(data, "first", MAX_TOTAL_SAMPLES), count_field(data, "count", MAX_TOTAL_SAMPLES)
    total = first + count
    if total > total_samples:
        raise Refused(Reason.BAD_POSITION, f"samples up to {total} of {total_samples}")
    if count > MAX_COUNT:
        raise Refused(Reason.TOO_LARGE, f"{count} samples in one message, at most {MAX_COUNT}")
    if count == 0:
        return AcquisitionEmpty(acquisition_id, state, total)
    by_channel = object_field(data, "values")
    problems: set[Reason] = set()
    names: list[str] = []
    rows: list[np.ndarray[Any, Any]] = []
    for name, values in by_channel.items():
        if not isinstance(values, np.ndarray | list):
            problems.add(Reason.WRONG_TYPE)
        elif len(values) != count:
            problems.add(Reason.UNEQUAL_LENGTHS)
        else:
            names.append(name)
            rows.append(values if isinstance(values, np.ndarray) else samples_of(values, problems))
    if not rows:  # so that count is of something that came, and no claim
        raise Refused(Reason.NO_SAMPLES_USABLE, f"values of {len(by_channel)} channels for {count} timestamps")
    times = data.get("timestamps")
    is_even = isinstance(times, list) and len(times) == 2 and all(type(each) is int for each in times)
    if isinstance(times, list) and is_even:
        times_us = spread(times[0], times[1], count)
    elif isinstance(times, np.ndarray) and times.dtype.kind == "i" and times.dtype.itemsize == 8:
        times_us = checked(times, count)
    else:
        raise Refused(Reason.BAD_TIMESTAMPS, f"timestamps: {kind(times)}, neither two integers nor an array of sint64")
    values = mended(rows[0].reshape(1, count) if len(rows) == 1 else Rows(tuple(rows), count), problems)
    return AcquisitionBlock(
        acquisition_id,
        state,
        total,
        count,
        times_us,
        tuple(names),
        values,
        in_order(problems),
        started_us,
        is_even,
        is_incremental=True,
    )


def checked(times: Int64Array, count: int) -> Int64Array:
    """Times that came as an array, in either byte order.

    Raises:
        Refused: if they are not ``count``, or one is none.
    """
    if times.shape[0] != count:
        raise Refused(Reason.UNEQUAL_LENGTHS, f"count is {count}, timestamps has {times.shape[0]}")
    if not times.dtype.isnative:
        times = times.astype(np.int64)
    if np.minimum.reduce(times) < FIRST_US or np.maximum.reduce(times) > LAST_US:
        raise Refused(Reason.BAD_TIMESTAMPS, "timestamps: outside of the years 1 to 9999")
    return times


def spread(first_us: int, last_us: int, count: int) -> TimesUs:
    """``count`` >= 1 times from one to the other: number k at first + (last - first) × k // (count - 1).

    Raises:
        Refused: if they are no times, or run backwards.
    """
    if not FIRST_US <= first_us <= last_us <= LAST_US:
        raise Refused(Reason.BAD_TIMESTAMPS, f"timestamps: from {first_us} to {last_us}")
    numbers = RAMP[:count] if count <= RAMP.shape[0] else np.arange(count)
    if count == 1:
        return numbers + first_us
    step, rest = divmod(last_us - first_us, count - 1)  # apart, their products stay within 64 bits
    if rest == 0 and count >= MANY:
        return EvenTimes(first_us, step, count)
    times = numbers * step
    if rest:
        times += numbers * rest // (count - 1)
    times += first_us
    return times


def mended(values: Values, problems: set[Reason]) -> Values:
    """Infinities become NaN and are noted, as of JSON: an axis has no place for them."""
    if isinstance(values, Rows):
        rows = [mended(row, problems) for row in values.rows]
        if all(new is old for new, old in zip(rows, values.rows, strict=True)):
            return values
        return Rows(tuple(np.asarray(row) for row in rows), values.shape[1])
    if values.dtype.kind == "f" and may_be_infinite(values) and np.isinf(values).any():
        problems.add(Reason.NOT_FINITE)
        with np.errstate(invalid="ignore"):  # of a signalling NaN beside them
            values = values.astype(np.float64)
        without_infinities(values)
    return values
