"""The newest readings of each device of one server, and a short past of each of their numbers.

Ten readings a second of every device are no news to a display that shows none of them: the revision is raised by the
first one after somebody has looked, and then not before that somebody looks again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

from lablink_dpg.model.acquisition import Float64Array
from lablink_dpg.model.power import POWER, power_of

PAST = 120  # values kept of each number: twelve seconds at ten a second, as much as a small line can show
MAX_SOURCES = 1024  # kinds of readings of all devices; the one heard of longest ago goes for a new one
MAX_NUMBERS = 24  # fields of one reading that are kept; the protocol's have ten
MAX_NAME = 64  # letters of a field's name; a longer one is no field

Key: TypeAlias = tuple[str, str]  # equipment_id and kind


def numbers_of(data: Mapping[str, Any]) -> dict[str, float]:
    """Fields that have a finite number, in their order, and the power that follows from volts and amps."""
    found: dict[str, float] = {}
    for name, value in data.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or len(name) > MAX_NAME:
            continue
        try:
            number = float(value)
        except OverflowError:
            continue
        if math.isfinite(number) and len(found) < MAX_NUMBERS:
            found[name] = number
    power = power_of(found)
    if power is not None:
        found[POWER] = power
    return found


class Past:
    """The last ``PAST`` values of one number, oldest first, NaN where a reading did not have it."""

    def __init__(self) -> None:
        self._values = np.full(2 * PAST, np.nan)  # written twice over, so that the last ones are one slice
        self._count = 0

    def add(self, value: float) -> None:
        at = self._count % PAST
        self._values[at] = self._values[at + PAST] = value
        self._count += 1

    @property
    def values(self) -> Float64Array:
        """A view of shape (n,), n at most ``PAST``; it holds until the next ``add``."""
        if self._count <= PAST:
            return self._values[: self._count]
        at = self._count % PAST
        return self._values[at : at + PAST]


class Readings:
    """One kind of readings of one device."""

    def __init__(self) -> None:
        self.count = 0  # that have come
        self.at_us = 0  # when the newest came
        self.data: Mapping[str, Any] = {}  # the newest, as sent
        self.numbers: Mapping[str, float] = {}  # of it
        self.past: dict[str, Past] = {}  # by field

    def take(self, data: Mapping[str, Any], now_us: int) -> None:
        self.count += 1
        self.at_us, self.data, self.numbers = now_us, data, numbers_of(data)
        for name in self.numbers:
            if name not in self.past and len(self.past) < MAX_NUMBERS:
                self.past[name] = Past()
        for name, past in self.past.items():
            past.add(self.numbers.get(name, math.nan))


class ReadingBook:
    """Main thread."""

    def __init__(self) -> None:
        self.revision = 0  # raised by the first change after somebody has looked
        self.taken = 0  # readings of all devices
        self._is_looked_at = False
        self._all: dict[Key, Readings] = {}  # the one heard of last is the last

    def get(self, equipment_id: str, kind: str) -> Readings | None:
        return self._all.get((equipment_id, kind))

    def look(self) -> None:
        """What is there is shown now: whatever comes next is news."""
        self._is_looked_at = True

    def take(self, equipment_id: str, kind: str, data: Mapping[str, Any], now_us: int) -> None:
        """A message, or an answer of REST, came."""
        key = (equipment_id, kind)
        readings = self._all.pop(key, None) or Readings()
        self._all[key] = readings
        if len(self._all) > MAX_SOURCES:
            del self._all[next(iter(self._all))]
        readings.take(data, now_us)
        self.taken += 1
        if self._is_looked_at:
            self._is_looked_at = False
            self.revision += 1
