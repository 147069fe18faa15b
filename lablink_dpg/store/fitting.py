"""How the lines on which stamps lie are found: the simplest fraction that gives exactly these stamps.

A period is a simple fraction, so the simplest slope that fits a chunk of stamps fits the next ones too. Where a server
rounds by other rules than floor there is no such line; then one is taken that is never later than a stamp, nor earlier
by more than 1 µs, and never falls. Which slopes are left is narrowed by pairs of stamps that a slope cannot both meet.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from lablink_dpg.model.acquisition import Int64Array
from lablink_dpg.store.stretch import MAX_CHUNK, Stretch

COUNT: Int64Array = np.arange(MAX_CHUNK)
MIN_STRETCH = 32  # stamps: a shorter stretch takes more memory than they do
MAX_PIECES = 8  # stretches among the stamps of one chunk; with more it is no uniform timebase, and each takes time
MAX_NUM = 1 << 33  # µs times den: times 10^8 samples still an int64, and a step of two hours with den 1
MAX_DEN = 1 << 26
MAX_SPAN_US = 1 << 36  # of a chunk, 19 hours: times a denominator still an int64
MAX_CUTS = 24  # of the slopes that are left; a sampling rate of six digits takes some ten
MAX_REFITS = 8  # of one period: it is no simple fraction, and good enough by now
LEAST_US = -(1 << 63)  # before any stamp
# Second differences of a line in whole microseconds reach 2, and 4 where stamps are rounded as well.
BEND_US = 4
SPREAD = 4  # standard errors, and more: of the slope through n whole microseconds it is less than n ** -1.5
BY_CHANCE = 0.05  # about the part of such ranges that have one

Pieces: TypeAlias = tuple[Stretch, ...]


def divide(
    times_us: Int64Array,
    index: int,
    known: Callable[[int], Stretch | None],
    least_us: int,
    *,
    is_exact: bool = False,
    most: int = MAX_PIECES,
) -> Pieces | None:
    """The stretches that make up the stamps of samples ``index`` and on; None where they are too short or too many.

    ``known`` gives the stretch that a sample is likely to go on with. No time will be before ``least_us``. Exact: for
    stamps that were read from stretches before, so that they do not become earlier again and again.
    """
    pieces: list[Stretch] = []
    at, n = 0, times_us.shape[0]
    while at < n:
        if len(pieces) == most:
            return None
        rest = times_us[at:]
        piece = known(index + at)
        if piece is not None and piece.at(index + at) < least_us:
            piece = None
        found = _gone_on(rest, index + at, piece, least_us, is_exact=is_exact) if piece is not None else None
        if found is None:
            before = piece or (pieces[-1] if pieces else None)
            found = longest(rest, index + at, before, least_us, is_exact=is_exact)
            if found is None:
                return None
        pieces.append(found[0] if not pieces or found[0] is not piece else found[0].from_(index + at))
        at += found[1]
        least_us = found[0].at(index + at - 1)
    return tuple(pieces)


def _gone_on(
    times_us: Int64Array, index: int, piece: Stretch, least_us: int, *, is_exact: bool
) -> tuple[Stretch, int] | None:
    """``piece`` and how far it goes on; or a better one that goes on to the end, because more is known by now."""
    n: int = times_us.shape[0]
    count = piece.covers(times_us, index, is_exact=is_exact or not piece.is_rounded)
    if count < n and not (is_exact or piece.is_rounded):
        if piece.refits < MAX_REFITS:
            better = longest(times_us, index, piece, least_us, is_exact=True)
            if better is not None and better[1] == n:
                return better
        rounded = piece.covers(times_us, index, is_exact=False)
        if rounded > count:
            piece.is_rounded, count = True, rounded
    return (piece, count) if count else None


def longest(
    times_us: Int64Array, index: int, before: Stretch | None, least_us: int, *, is_exact: bool
) -> tuple[Stretch, int] | None:
    """The stretch that begins with sample ``index``, and how many stamps are on it; None for less than MIN_STRETCH.

    The last ones may be few: it may go on after them.
    """
    n: int = times_us.shape[0]
    first_us = times_us.item(0)
    is_exact |= n < MIN_STRETCH  # a few stamps are near to many lines
    if n == 1:
        return Stretch(index, first_us, 0, 1), 1
    if n > 2 and abs(times_us.item(2) - 2 * times_us.item(1) + first_us) > BEND_US:
        return None  # what most irregular stamps show at once
    if times_us.item(-1) - first_us > MAX_SPAN_US:
        return None
    after = times_us - first_us
    for many in (MIN_STRETCH, n):  # most others show it after a few
        low, high, count = _cone(after[:many])
        if count < min(n, MIN_STRETCH):
            return None
    after = after[:count]
    root = _root(before, index, first_us)
    if root is not None:  # a long base tells much more of a period
        span_us, steps = first_us + after.item(-1) - root.at(root.first), index + count - 1 - root.first
        low, high = _within((low, high), span_us / steps, 2 / steps)
    exact, many = _exact_slope(after, low, high), count // 2
    while exact is None and is_exact and many >= MIN_STRETCH:
        exact, many = _exact_slope(after[:many], *_cone(after[:many])[:2]), many // 2
    slopes = [exact] if exact is not None else _near_slopes(after, low, high)
    refits = before.refits + 1 if before is not None and root is not None else 0
    is_rounded = refits > MAX_REFITS and not is_exact
    best: tuple[Stretch, int] | None = None
    for num, den in slopes:
        if num <= MAX_NUM and den <= MAX_DEN:
            found = _laid(after, index, first_us, num, den, least_us, n, is_exact=is_exact, is_rounded=is_rounded)
            if found is not None and (best is None or found[1] > best[1]):
                best = found
    if best is not None:
        best[0].root, best[0].refits, best[0].is_rounded = root, refits, is_rounded
    return best


def _exact_slope(after: Int64Array, low: float, high: float) -> tuple[int, int] | None:
    """The simplest slope of a line of which these are the whole microseconds, if there is any."""
    steps = COUNT[: after.shape[0]]
    (a, b), (c, d) = low.as_integer_ratio(), high.as_integer_ratio()
    for _ in range(MAX_CUTS):
        num, den = simplest(a, b, c, d) if a >= 0 else (0, 1)
        if num > MAX_NUM or den > MAX_DEN:
            return None
        rest = after * den - steps * num
        above, below = int(rest.argmax()), int(rest.argmin())
        if rest.item(above) - rest.item(below) < den:
            return num, den
        # A line that passes both by less than 1 µs is steeper than this one, or less steep.
        rise = after.item(above) - after.item(below)
        if above > below:
            a, b = rise - 1, above - below
        else:
            c, d = 1 - rise, below - above
        if a * d >= c * b:
            return None
    return None


def _near_slopes(after: Int64Array, low: float, high: float) -> list[tuple[int, int]]:
    """Simple slopes in that range, the likeliest first."""
    n: int = after.shape[0]
    mean = float((COUNT[:n] - (n - 1) / 2) @ after) / (n * (n * n - 1) / 12)
    wide, close = _fraction(low, high), _fraction(*_within((low, high), mean, SPREAD / n**1.5))
    # A fraction much simpler than most in so wide a range is the period, whatever the rounding did to the mean slope.
    return [wide, close] if wide[1] ** 2 * (high - low) < BY_CHANCE else [close, wide]


def _root(before: Stretch | None, index: int, first_us: int) -> Stretch | None:
    if before is None or before.first >= index or abs(first_us - before.at(index)) > 2:
        return None
    return before.root or before


def _cone(after: Int64Array) -> tuple[float, float, int]:
    """The slopes of lines that pass all of the points after the first by less than 1 µs, or so many as can be."""
    steps = COUNT[1 : after.shape[0]]
    lows = np.maximum.accumulate((after[1:] - 1) / steps)
    highs = np.minimum.accumulate((after[1:] + 1) / steps)
    is_open = lows < highs
    count = steps.shape[0] if is_open.all() else int(is_open.argmin())  # the first one always is
    return lows.item(count - 1), highs.item(count - 1), count + 1


def _within(slopes: tuple[float, float], middle: float, spread: float) -> tuple[float, float]:
    low, high = max(slopes[0], middle - spread), min(slopes[1], middle + spread)
    return (low, high) if low < high else slopes


def _fraction(low: float, high: float) -> tuple[int, int]:
    return simplest(*low.as_integer_ratio(), *high.as_integer_ratio()) if low >= 0 else (0, 1)


def _laid(
    after: Int64Array,
    index: int,
    first_us: int,
    num: int,
    den: int,
    least_us: int,
    n: int,
    *,
    is_exact: bool,
    is_rounded: bool,
) -> tuple[Stretch, int] | None:
    """The line of that slope through the first ``after`` µs after ``first_us``, as many as are on it."""
    count: int = after.shape[0]
    rest = after * den - COUNT[:count] * num
    width = den - 1 if is_exact else 2 * den - 1
    low, high = rest.min().item(), rest.max().item()
    if high - low > width:
        widths = np.maximum.accumulate(rest) - np.minimum.accumulate(rest)
        count = int((widths > width).argmax())
        low, high = rest[:count].min().item(), rest[:count].max().item()
    if count < min(n, MIN_STRETCH):
        return None
    from_, to = high, low + den - 1  # the bases of lines that give exactly these stamps
    if high - low > den - 1 or is_rounded:
        from_ = max(high - den, (least_us - first_us) * den)
        if from_ > to:
            return None
    # The middle: what comes may need a little more or less.
    return Stretch(index, first_us * den + (from_ + to) // 2, num, den), count


def simplest(a: int, b: int, c: int, d: int) -> tuple[int, int]:
    """The fraction with the least denominator between a / b >= 0 and c / d, which may be 1 / 0."""
    whole = a // b
    if d == 0 or (whole + 1) * d < c:
        return whole + 1, 1
    num, den = simplest(d, c - whole * d, b, a - whole * b)
    return whole * num + den, num
