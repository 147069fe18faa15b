"""A stretch of a uniform timebase: the stamps of any number of samples as one line.

Stamps are whole microseconds, so a period of 333.3 µs arrives as 333, 333, 334: what is stored is the exact fraction
that gives these steps, and a stamp is floor((base + (index - first) * num) / den). A float would drift over a day.
"""

from __future__ import annotations

from functools import lru_cache
from sys import byteorder

import numpy as np

from lablink_dpg.model.acquisition import Int64Array

MAX_CHUNK = 4096  # samples that are looked at together: their stamps stay in the processor's first caches
RAMPS = 16  # sampling rates whose lines are at hand, 64 kB at most each; others are computed
STRETCH_BYTES = 220  # with its numbers, as the interpreter keeps them


class Stretch:
    """Its line is never changed, so that it is read without a lock while samples are added to it."""

    __slots__ = ("base", "den", "first", "is_rounded", "num", "refits", "root")

    def __init__(self, first: int, base: int, num: int, den: int, root: Stretch | None = None) -> None:
        self.first = first  # index of a sample, the first one where it is known
        self.base = base  # its time in µs / den
        self.num = num  # step in µs / den, >= 0
        self.den = den
        self.root = root  # the first of those that this one is the continuation of; for the writer only …
        self.refits = 0  # … as are these: how many came between,
        self.is_rounded = False  # and whether some stamps on it came 1 µs later

    def from_(self, index: int) -> Stretch:
        """The same, but found by a later sample."""
        return Stretch(index, self.base + (index - self.first) * self.num, self.num, self.den)

    def at(self, index: int) -> int:
        return (self.base + (index - self.first) * self.num) // self.den

    def times(self, start: int, stop: int, step: int = 1) -> Int64Array:
        """Of ``start`` and every ``step``-th after it, below ``stop``."""
        whole, rest = divmod(self.base + (start - self.first) * self.num, self.den)
        if stop - start <= MAX_CHUNK and self.den <= MAX_CHUNK:
            ramp, at = self._ramp(rest, stop - start)
            return ramp[::step] + (whole - at)
        n = -(-(stop - start) // step)
        if self.den == 1 and self.num:
            return np.arange(whole, whole + n * step * self.num, step * self.num)
        out: Int64Array = np.arange(n) * (self.num * step)
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
        if self.den <= MAX_CHUNK:
            # One subtraction and a comparison of memory: what every chunk of a uniform timebase costs.
            whole, at = self.base + (index - self.first) * self.num, 0
            if self.den == 1:
                ramp = ramp_of(self.num, 1)[0][:n]
            else:
                whole, rest = divmod(whole, self.den)
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
