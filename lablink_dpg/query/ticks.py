"""Tick positions and labels: wall-clock time to the microsecond, values to the digit that the step needs.

The drawing library's own labels are made from float32 and would be wrong by seconds; these are made from integers.
"""

from __future__ import annotations

import math
from datetime import datetime

# Steps a person reads at a glance, in µs: 1-2-5 below a second, then clock divisions.
_SUBSECOND = tuple(m * 10**k for k in range(6) for m in (1, 2, 5))
_CLOCK = tuple(
    seconds * 1_000_000
    for seconds in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
)
TIME_STEPS_US = (*_SUBSECOND, *_CLOCK)

CHARACTER_PX = 11  # of the display's font at its default size, rounded up
LABEL_GAP_PX = 28
VALUE_TICK_PX = 46  # between value labels: two lines of text
MAX_PLAIN_LABEL = 9  # characters; longer value labels are written as an offset from the first


def time_ticks(left_us: int, right_us: int, width_px: int) -> tuple[tuple[str, int], ...]:
    """Labels in this machine's local time, with their place in Unix µs, so many as fit into ``width_px``."""
    span_us = max(1, right_us - left_us)
    for step in TIME_STEPS_US:
        room = (_label_length(step) * CHARACTER_PX + LABEL_GAP_PX) * span_us
        if step * width_px >= room:
            break
    else:
        step = TIME_STEPS_US[-1] * math.ceil(span_us / TIME_STEPS_US[-1] / 2)
    # Steps of minutes and more are aligned to local time, whose offset is a multiple of a quarter of an hour.
    offset = datetime.fromtimestamp(right_us // 1_000_000).astimezone().utcoffset()
    offset_us = round(offset.total_seconds()) * 1_000_000 if offset else 0
    first = -(-(left_us + offset_us) // step) * step - offset_us
    return tuple((clock_label(at, step), at) for at in range(first, right_us + 1, step))


def _label_length(step_us: int) -> int:
    return 8 + (0 if step_us % 1_000_000 == 0 else 1 + _decimals(step_us))


def _decimals(step_us: int) -> int:
    """Digits after the seconds that tell neighbours apart: 1, 2, 3 or all 6."""
    for digits in (1, 2, 3):
        if step_us % 10 ** (6 - digits) == 0:
            return digits
    return 6


def clock_label(at_us: int, step_us: int) -> str:
    """HH:MM:SS of local time with as many decimals as ``step_us`` needs; exact, from integers."""
    seconds, rest = divmod(at_us, 1_000_000)
    text = datetime.fromtimestamp(seconds).strftime("%H:%M:%S")
    if step_us % 1_000_000 == 0:
        return text
    digits = _decimals(step_us)
    return f"{text}.{rest // 10 ** (6 - digits):0{digits}d}"


def value_step(low: float, high: float, wanted: int) -> float:
    """The 1-2-5 step that puts at most ``wanted`` ticks into the range."""
    rough = (high - low) / max(1, wanted)
    if not math.isfinite(rough) or rough <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    for multiple in (1, 2, 5, 10):
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
    if max((len(label) for label in labels), default=0) <= MAX_PLAIN_LABEL:
        return tuple((label, number * step) for label, number in zip(labels, numbers, strict=True))
    largest = max(abs(low), abs(high))
    if largest / step < 1e5:  # large or small numbers, but not close together: powers of ten tell them apart
        return tuple((f"{number * step:.4g}", number * step) for number in numbers)
    return tuple(
        (f"{number * step:.7g}" if number == first else f"+{(number - first) * step:.3g}", number * step)
        for number in numbers
    )


def _plain(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text  # no "-0.0"
