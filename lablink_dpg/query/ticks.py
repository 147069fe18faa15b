"""Tick positions and labels: wall-clock time to the microsecond, values to the digit that the step needs.

The drawing library's own labels are made from float32 and would be wrong by seconds; these are made from integers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

SECOND_US = 1_000_000
HOUR_US = 3600 * SECOND_US
DAY_US = 24 * HOUR_US
# Steps a person reads at a glance, in µs: 1-2-5 below a second, then clock divisions; longer ones are whole days.
_SUBSECOND = tuple(m * 10**k for k in range(6) for m in (1, 2, 5))
_CLOCK = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200)
TIME_STEPS_US = (*_SUBSECOND, *(seconds * SECOND_US for seconds in _CLOCK), DAY_US)
LATEST_US = 253_370_764_800 * SECOND_US  # 9999 begins: the year in which the standard library's calendar ends
DATED_FROM_US = 22 * HOUR_US  # longer spans can show one time of day twice: a day in spring has 23 hours

CHARACTER_PX = 9  # of the tick font, rounded up
LABEL_GAP_PX = 28
VALUE_TICK_PX = 34  # between value labels: a line of text and as much air
MAX_PLAIN_LABEL = 9  # characters; longer value labels are written with powers of ten or as offsets from a round one
MAX_DIGITS = 17  # a float64 has no more
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def time_ticks(left_us: int, right_us: int, width_px: int) -> tuple[tuple[str, int], ...]:
    """Labels in this machine's local time, with their place in Unix µs, so many as fit into ``width_px``.

    None for a view that reaches out of 1970..9998, to where there are no samples.
    """
    if left_us < 0 or right_us > LATEST_US:
        return ()
    span_us = max(1, right_us - left_us)
    is_dated = span_us > DATED_FROM_US
    for step in TIME_STEPS_US:
        room = (_label_length(step, is_dated) * CHARACTER_PX + LABEL_GAP_PX) * span_us
        if step * width_px >= room:
            break
    else:
        step = math.ceil(room / max(1, width_px) / DAY_US) * DAY_US
    # Steps of minutes and more are aligned to local time, whose offset is a multiple of a quarter of an hour.
    offset_us = _local_offset_us(right_us)
    slack_us = 0 if step <= HOUR_US else 2 * HOUR_US  # on the other side of a change of clocks midnight is elsewhere
    first = -(-(left_us + offset_us - slack_us) // step) * step - offset_us
    places: Iterable[int] = range(first, right_us + slack_us + 1, step)
    if slack_us:
        moved = (at + offset_us - _local_offset_us(at) for at in places)
        places = (at for at in moved if left_us <= at <= right_us)
    return tuple((clock_label(at, step, is_dated=is_dated), at) for at in places)


class SteadyTicks:
    """``time_ticks`` of a view that moves on: made anew when a label comes or goes. Reader thread only."""

    def __init__(self) -> None:
        self._asked: tuple[int, int, int] = (0, 0, 0)  # span, width and origin
        self._ticks: tuple[tuple[str, float], ...] = ()
        self._left_us: tuple[int, int] = (0, 0)  # the ticks hold while the left edge is after the first of these …
        self._right_us: tuple[int, int] = (0, 0)  # … and not after the second; the right one from the first of these on

    def between(self, left_us: int, right_us: int, width_px: int, origin_us: int) -> tuple[tuple[str, float], ...]:
        """Labels and places in seconds after ``origin_us``; the same object as long as they are the same."""
        asked = right_us - left_us, width_px, origin_us
        if (
            asked == self._asked
            and self._left_us[0] < left_us <= self._left_us[1]
            and self._right_us[0] <= right_us < self._right_us[1]
        ):
            return self._ticks
        labels = time_ticks(left_us, right_us, width_px)
        ticks = tuple((label, (at - origin_us) * 1e-6) for label, at in labels)
        self._asked = asked
        self._left_us = self._right_us = 0, 0
        if len(labels) > 1:
            first_us, last_us = labels[0][1], labels[-1][1]
            step_us = labels[1][1] - first_us
            if step_us <= HOUR_US:  # longer ones are not evenly spaced where the clocks change
                self._left_us, self._right_us = (first_us - step_us, first_us), (last_us, last_us + step_us)
        if ticks != self._ticks:
            self._ticks = ticks
        return self._ticks


def _local(at_us: int) -> datetime:
    return (_EPOCH + timedelta(microseconds=at_us)).astimezone()


def _local_offset_us(at_us: int) -> int:
    offset = _local(at_us).utcoffset()
    return 0 if offset is None else offset // timedelta(microseconds=1)


def _label_length(step_us: int, is_dated: bool) -> int:
    if is_dated:
        return 10 if step_us % DAY_US == 0 else 11
    return 8 + (0 if step_us % SECOND_US == 0 else 1 + _decimals(step_us))


def _decimals(step_us: int) -> int:
    """Digits after the seconds that tell neighbours apart: 1, 2, 3 or all 6."""
    for digits in (1, 2, 3):
        if step_us % 10 ** (6 - digits) == 0:
            return digits
    return 6


def clock_label(at_us: int, step_us: int, *, is_dated: bool = False) -> str:
    """HH:MM:SS of local time with as many decimals as ``step_us`` needs; exact, from integers.

    ``is_dated``: the day matters, as MM-DD HH:MM, or as YYYY-MM-DD where steps are days.
    """
    local = _local(at_us)
    if is_dated:
        return local.strftime("%Y-%m-%d" if step_us % DAY_US == 0 else "%m-%d %H:%M")
    text = local.strftime("%H:%M:%S")
    if step_us % SECOND_US == 0:
        return text
    digits = _decimals(step_us)
    return f"{text}.{at_us % SECOND_US // 10 ** (6 - digits):0{digits}d}"


def value_step(low: float, high: float, wanted: int) -> float:
    """The 1-2-5 step that puts at most ``wanted`` steps into the range; 1 where the range is none."""
    rough = (high - low) / max(1, wanted)
    if not 1e-300 < rough < 1e300:  # empty, or where floats themselves end
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    for multiple in (1, 2, 5):
        if multiple * power >= rough * (1 - 1e-9):
            return multiple * power
    return 10 * power


def value_ticks(low: float, high: float, wanted: int) -> tuple[tuple[str, float], ...]:
    """Labels and places of the value axis. Ranges that are tiny beside their value are labelled as base and offsets."""
    step = value_step(low, high, wanted)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    numbers = range(first, min(last, first + 4 * max(1, wanted)) + 1)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    labels = [_plain(number * step, decimals) for number in numbers]
    if max((len(label) for label in labels), default=0) > MAX_PLAIN_LABEL:
        digits = min(MAX_DIGITS, len(str(max(abs(first), abs(last)))) + 1)  # a 5 × the number can carry into one more
        labels = [f"{number * step:.{digits}g}" for number in numbers]
        if max(len(label) for label in labels) > MAX_PLAIN_LABEL:
            labels = _offsets(numbers, step, digits)
    return tuple((label, number * step) for label, number in zip(labels, numbers, strict=True))


def _offsets(numbers: range, step: float, digits: int) -> list[str]:
    """The roundest number in full, the others as what to add to it."""
    base = max(numbers, key=lambda number: len(str(number)) - len(str(number).rstrip("0")))
    return [f"{number * step:.{digits}g}" if number == base else f"{(number - base) * step:+.4g}" for number in numbers]


def _plain(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text  # no "-0.0"
