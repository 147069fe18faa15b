"""What a server has ever said of its samples, read slowly, and whether a store holds anything else.

A sample is right if the server had it under that number, or if a message, however damaged, says exactly that: nobody
can know better. Everything else must be missing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

import cbor2
import numpy as np

from lablink_dpg.model.acquisition import AcquisitionBlock
from lablink_dpg.store.series import Series
from lablink_dpg.store.store import Store
from lablink_dpg.wire import cbor
from lablink_dpg.wire.reasons import Refused
from tests.support.wire_oracle import load, sample, time_us, without_known

MAX_TOTAL = 2**54  # beyond it no count is believed, and no float tells it from its neighbour


@dataclass
class Said:
    samples: set[tuple[str, int, str, float]] = field(default_factory=set)  # acquisition, number, channel, value

    def message(self, raw: bytes, block: AcquisitionBlock | None) -> None:
        """Of a WebSocket message; ``block`` is what was made of it, and tells which part of it was looked at."""
        if raw[:1] > b"\x9f":
            self._typed(raw, block)
            return
        try:
            sent = load(raw)
        except (ValueError, RecursionError):
            if block is None:
                return
            sent = load(without_known(raw, block.count, block.times_us.size))
        if isinstance(sent, dict) and isinstance(sent.get("stats"), dict):
            self._window(sent.get("acquisition_id"), sent.get("data"), sent["stats"].get("total_samples"))

    def _typed(self, raw: bytes, block: AcquisitionBlock | None) -> None:
        if block is None:
            return
        try:
            sent = cbor.load(raw)
        except Refused:  # a text that is no UTF-8, of those that nobody looked at
            sent = cbor2.loads(raw, str_errors="replace")
        data = sent["data"]
        for channel, sent_array in data["values"].items():
            array = sent_array
            if isinstance(array, cbor2.CBORTag):
                array = np.frombuffer(sent_array.value, cbor.TYPES[sent_array.tag])
            if isinstance(array, np.ndarray):
                for number, value in enumerate(array.tolist(), data["first"]):
                    self.samples.add((sent["acquisition_id"], number, channel, sample(value)[0]))

    def answer(self, raw: bytes, total: int, started_us: int) -> None:
        """Of REST, when the server had counted ``total`` in the run that began at ``started_us``.

        Samples at its beginning that are stamped before that say that they are of another run, and that this run's
        first one follows them: a damaged timestamp says so as well as a true one.
        """
        try:
            sent = load(raw)
        except (ValueError, RecursionError):
            return
        if isinstance(sent, dict):
            self._window(sent.get("acquisition_id"), sent.get("data"), total)
            earlier = _stamped_before(sent.get("data"), started_us)
            if earlier:
                self._window(sent.get("acquisition_id"), sent.get("data"), len(sent["data"]["timestamps"]) - earlier)

    def _window(self, name: object, data: object, total: object) -> None:
        if not isinstance(name, str) or not isinstance(data, dict) or not isinstance(total, int | float):
            return
        if not abs(total) < MAX_TOTAL:  # false for NaN too
            return
        by_channel = data.get("values")
        for channel, values in by_channel.items() if isinstance(by_channel, dict) else ():
            if isinstance(values, list):
                first = int(total) - len(values)
                for number, value in enumerate(values, first):
                    self.samples.add((name, number, channel, sample(value)[0]))

    def check(self, store: Store) -> int:
        """Every sample with an exact number was said of that number; returns how many there are."""
        return sum(self._check(name, series) for name, series in store.series.items())

    def _check(self, name: str, series: Series) -> int:
        ring, checked = series.ring, 0
        values = ring.read(ring.oldest, ring.head)
        for epoch, following in zip_longest(series.epochs, series.epochs[1:]):
            start, stop = max(epoch.start, ring.oldest), ring.head if following is None else following.start
            if not epoch.is_exact or start >= stop:
                continue
            part = values[:, start - ring.oldest : stop - ring.oldest]
            for row, at in np.argwhere(~np.isnan(part)).tolist():
                number = start + at - epoch.base
                assert (name, number, series.channels[row], part[row, at]) in self.samples
                checked += 1
        assert np.all(np.diff(ring.read_times(ring.oldest, ring.head)) >= 0)
        return checked


def _stamped_before(data: object, started_us: int) -> int:
    """How many samples at the beginning of a window bear a time before the run began."""
    stamps = data.get("timestamps") if isinstance(data, dict) else None
    count = 0
    for text in stamps if isinstance(stamps, list) else ():
        try:
            if time_us(text) >= started_us:
                break
        except (TypeError, ValueError):
            break
        count += 1
    return count


def as_answer(name: str, timestamps: list[Any], values: dict[str, Any]) -> dict[str, Any]:
    """The body of REST ``…/data``."""
    data = {"timestamps": timestamps, "values": values}
    return {"acquisition_id": name, "channels": list(values), "data": data, "count": len(timestamps)}


def tree(raw: bytes) -> Any:
    return json.loads(raw)
