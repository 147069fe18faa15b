"""A stretch of a uniform timebase: the stamps of any number of samples as one line, and how such lines are found.

Stamps are whole microseconds, so a period of 333.3 µs arrives as 333, 333, 334: what is stored is the exact fraction
that gives these steps, and a stamp is floor((base + (index - first) * num) / den). It is the stamp that came, or where
a server rounds otherwise at most one microsecond less, never more, and it never falls. The line is looked for among
fractions, simplest first, because a period is a simple one and floats would drift over a day of samples.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from sys import byteorder
from typing import TypeAlias

import numpy as np

from lablink_dpg.model.acquisition import Int64Array

MAX_CHUNK = 4096  # samples that are looked at together: their stamps stay in the processor's first cache
COUNT: Int64Array = np.arange(MAX_CHUNK)
MIN_STRETCH = 32  # stamps: a shorter stretch takes more memory than they do
MAX_PIECES = 8  # stretches among the stamps of one chunk; with more it is no uniform timebase, and each takes time
MAX_NUM = 1 << 33  # µs times den: times 10^8 samples still an int64, and a step of two hours with den 1
MAX_DEN = 1 << 26
MAX_SPAN_US = 1 << 36  # of a chunk, 19 hours: times a denominator still an int64
RAMPS = 32  # sampling rates whose lines are at hand, 64 kB at most each; others are computed
LEAST_US = -(1 << 63)  # before any stamp
# Second differences of a line in whole microseconds reach 2, and 4 where stamps are rounded as well.
BEND_US = 4
SPREAD = 4  # standard errors, and more: of the slope through n whole microseconds it is less than n ** -1.5
BY_CHANCE = 0.05  # about the part of such ranges that have one
STRETCH_BYTES = 200  # with its numbers, as the interpreter keeps them


class Stretch:
    """Never changed after it was made, so that it is read without a lock while samples are added to it."""

    __slots__ = ("base", "den", "first", "num", "root")

    def __init__(self, first: int, base: int, num: int, den: int, root: Stretch | None = None) -> None:
        self.first = first  # index of a sample, the first one where it is known
        self.base = base  # its time in µs / den
        self.num = num  # step in µs / den, >= 0
        self.den = den
        self.root = root  # the first of those that this one is the continuation of

    def at(self, index: int) -> int:
        return (self.base + (index - self.first) * self.num) // self.den

    def times(self, start: int, stop: int, step: int = 1) -> Int64Array:
        """Of ``start`` and every ``step``-th after it, below ``stop``."""
        whole, rest = divmod(self.base + (start - self.first) * self.num, self.den)
        if stop - start <= MAX_CHUNK and self.den <= MAX_CHUNK:
            ramp, at = self._ramp(rest, stop - start)
            return ramp[::step] + (whole - at)
        out: Int64Array = np.arange(-(-(stop - start) // step)) * (self.num * step)
        if self.den != 1:
            out += rest
            out //= self.den
        out += whole
        return out

    def _ramp(self, rest: int, n: int) -> tuple[Int64Array, int]:
        """A line that rises as this one from where it is ``rest`` / den over a whole µs, and where it begins."""
        ramp, inverse = ramp_of(self.num, self.den)
        at = rest * inverse % self.den
        return ramp[at : at + n], at * self.num // self.den

    def search(self, time_us: int, start: int, stop: int) -> int:
        """The first of start..stop-1 that is not older than ``time_us``; ``stop`` if there is none."""
        if self.num == 0:
            return start if self.base >= time_us * self.den else stop
        index = self.first - (self.base - time_us * self.den) // self.num
        return start if index < start else min(index, stop)

    def covers(self, times_us: Int64Array, index: int, *, is_exact: bool) -> int:
        """How many stamps, the first of them of sample ``index``, are on this line, from the first on."""
        n: int = times_us.shape[0]
        whole, rest = divmod(self.base + (index - self.first) * self.num, self.den)
        if self.den <= MAX_CHUNK:
            # One subtraction and a comparison of memory: what every chunk of a uniform timebase costs.
            ramp, at = self._ramp(rest, n)
            if (times_us - ramp).tobytes() == (whole - at).to_bytes(8, byteorder, signed=True) * n:
                return n
        late = times_us - self.times(index, index + n)
        wrong = late != 0 if is_exact else late.view(np.uint64) > 1  # negative ones are huge
        return int(wrong.argmax()) if np.count_nonzero(wrong) else n


@lru_cache(RAMPS)
def ramp_of(num: int, den: int) -> tuple[Int64Array, int]:
    """floor(i * num / den) of a period and a chunk together, and the inverse of num modulo den. Any thread."""
    ramp = np.arange(MAX_CHUNK + den) * num
    if den != 1:
        ramp //= den
    ramp.flags.writeable = False
    return ramp, pow(num, -1, den) if den != 1 else 0


Pieces: TypeAlias = tuple[Stretch, ...]


def divide(
    times_us: Int64Array,
    index: int,
    known: Callable[[int], Stretch | None],
    least_us: int,
    *,
    is_exact: bool = False,
) -> Pieces | None:
    """The stretches that make up the stamps of samples ``index`` and on; None where they are too short or too many.

    ``known`` gives the stretch that a sample is likely to go on with. No time will be before ``least_us``. Exact: for
    stamps that were read from stretches before, so that they do not become earlier again and again.
    """
    pieces: list[Stretch] = []
    at, n = 0, times_us.shape[0]
    while at < n:
        if len(pieces) == MAX_PIECES:
            return None
        piece = known(index + at)
        count = 0
        if piece is not None and piece.at(index + at) >= least_us:
            count = piece.covers(times_us[at:], index + at, is_exact=is_exact)
        if piece is None or count == 0:
            before = piece or (pieces[-1] if pieces else None)
            found = longest(times_us[at:], index + at, before, least_us, is_exact=is_exact)
            if found is None:
                return None
            piece, count = found
        elif pieces:  # what comes first is found by its first sample
            piece = Stretch(index + at, piece.base + (index + at - piece.first) * piece.num, piece.num, piece.den)
        pieces.append(piece)
        at += count
        least_us = piece.at(index + at - 1)
    return tuple(pieces)


def longest(
    times_us: Int64Array, index: int, before: Stretch | None, least_us: int, *, is_exact: bool
) -> tuple[Stretch, int] | None:
    """The stretch that begins with sample ``index``, and how many stamps are on it; None for less than MIN_STRETCH.

    The last ones may be few: it may go on after them.
    """
    n: int = times_us.shape[0]
    first_us = times_us.item(0)
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
    narrow = low, high
    if root is not None:  # a long base tells much more of a period
        span_us, steps = first_us + after.item(-1) - root.at(root.first), index + count - 1 - root.first
        narrow = _within(narrow, span_us / steps, 2 / steps)
    narrow = _within(narrow, _slope(after), SPREAD / count**1.5)
    best: tuple[Stretch, int] | None = None
    wide, close = _fraction(low, high), _fraction(*narrow)
    # A fraction much simpler than most in so wide a range is the period, whatever the rounding did to the mean slope.
    for num, den in (wide, close) if wide[1] ** 2 * (high - low) < BY_CHANCE else dict.fromkeys((close, wide)):
        found = _laid(after, index, first_us, num, den, least_us, n, is_exact) if num <= MAX_NUM else None
        if found is not None and (best is None or found[1] > best[1]):
            best = found
        if best is not None and best[1] == count:
            break
    if best is not None:
        best[0].root = root
    return best


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


def _slope(after: Int64Array) -> float:
    """The mean one."""
    n: int = after.shape[0]
    places = COUNT[:n] - (n - 1) / 2
    return float(places @ after) / (n * (n * n - 1) / 12)


def _within(slopes: tuple[float, float], middle: float, spread: float) -> tuple[float, float]:
    low, high = max(slopes[0], middle - spread), min(slopes[1], middle + spread)
    return (low, high) if low < high else slopes


def _fraction(low: float, high: float) -> tuple[int, int]:
    return simplest(*low.as_integer_ratio(), *high.as_integer_ratio()) if low >= 0 else (0, 1)


def _laid(
    after: Int64Array, index: int, first_us: int, num: int, den: int, least_us: int, n: int, is_exact: bool
) -> tuple[Stretch, int] | None:
    """The line of that slope through the first ``after`` µs after ``first_us``, as many as are on it."""
    count: int = after.shape[0]
    if den > MAX_DEN:
        return None
    rest = after * den - COUNT[:count] * num  # a line is a base with rest - den (or rest) <= base < rest + den
    width = den - 1 if is_exact else 2 * den - 1
    low, high = rest.min().item(), rest.max().item()
    if high - low > width:
        widths = np.maximum.accumulate(rest) - np.minimum.accumulate(rest)
        count = int((widths > width).argmax())
        low, high = rest[:count].min().item(), rest[:count].max().item()
    if count < min(n, MIN_STRETCH):
        return None
    from_, to = high, low + den - 1
    if high - low > den - 1:
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
