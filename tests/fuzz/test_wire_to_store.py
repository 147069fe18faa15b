"""Damaged messages through the decoder and on into the store: no exception, no wrong sample, and it recovers."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.model.acquisition import AcquisitionBlock, AcquisitionInfo, AcquisitionState, DataWindow
from lablink_dpg.store.store import Store
from lablink_dpg.wire.decoder import decode
from lablink_dpg.wire.rest_data import decode_data
from tests.support import typed_messages
from tests.support.said import Said, as_answer, tree
from tests.support.wire_messages import ACQUISITION, START, as_sent, damaged, message, misshapen
from tests.support.wire_oracle import time_us

RATE_HZ = 1000.0
PERIOD_US = 1000
EPOCH = datetime(1970, 1, 1)
START_US = (START - EPOCH) // timedelta(microseconds=1)
CHANNELS = ("CH1", "CH2")
WINDOW = st.integers(1, 12)
STEPS = st.one_of(
    st.tuples(st.sampled_from(["send", "send", "send", "drop", "twice", "hold", "release"]), st.integers(0, 9), WINDOW),
    st.tuples(st.just("restart"), st.integers(1, 9), WINDOW),
    st.tuples(st.sampled_from(["poll", "backfill"]), st.integers(0, 4), st.integers(1, 40)),
)


class Feed:
    """One acquisition whose sample i of a run has a value that says both, through bytes into a real store."""

    def __init__(self) -> None:
        self.store = Store(512)
        info = AcquisitionInfo(ACQUISITION, "e", "a", AcquisitionState.ACQUIRING, CHANNELS, RATE_HZ, 400)
        self.store.describe(info, "s")
        self.said = Said()
        self.now_us = START_US
        self.run = 0
        self.total = 0
        self.began_us = START_US
        self.stamps: list[str] = []  # of this run
        self.held: list[bytes] = []

    def sample(self, count: int) -> None:
        for _ in range(count):
            self.now_us += PERIOD_US
            self.stamps.append(self._text(self.now_us))
        self.total += count

    def restart(self) -> None:
        self.now_us += 50_000
        self.run, self.total, self.stamps, self.began_us = self.run + 1, 0, [], self.now_us

    @staticmethod
    def _text(us: int) -> str:
        return (EPOCH + timedelta(microseconds=us)).isoformat()

    def value(self, number: int, channel: int) -> float:
        return self.run * 1e6 + number + channel / 8

    def window(self, size: int) -> tuple[list[str], dict[str, list[float]]]:
        numbers = range(max(0, self.total - size), self.total)
        values = {name: [self.value(i, row) for i in numbers] for row, name in enumerate(CHANNELS)}
        return [self.stamps[i] for i in numbers], values

    def message(self, size: int) -> bytes:
        sent = message(self.total, *self.window(size))
        sent["stats"]["start_time"] = self._text(self.began_us)
        return as_sent(sent)

    def answer(self, size: int) -> bytes:
        return as_sent(as_answer(ACQUISITION, *self.window(size)))

    def take(self, raw: bytes) -> None:
        """As the receiver does."""
        decoded = decode(raw, self.store.last_totals, self.store.last_starts)
        block = decoded if isinstance(decoded, AcquisitionBlock) else None
        self.said.message(raw, block)
        if block is not None:
            self.store.ingest(block, self.now_us + 3000)

    def take_answer(self, raw: bytes, low: int, high: int, size: int, *, is_poll: bool) -> None:
        """As the poller and the backfiller do."""
        self.said.answer(raw, self.total, self.began_us)
        window = decode_data(raw, ACQUISITION)
        if isinstance(window, DataWindow) and is_poll:
            self.store.ingest_polled(window, low, high, self.now_us + 3000, size, self.began_us)
        elif isinstance(window, DataWindow):
            self.store.backfill(window, (low, high) if size % 2 else None)

    def step(self, kind: str, count: int, size: int, damage: st.DataObject | None) -> None:
        if kind == "restart":
            self.restart()
        low = self.total
        self.sample(count)
        if kind in ("poll", "backfill"):
            raw = self._spoilt(self.answer(size), damage)
            self.take_answer(raw, low, self.total, size, is_poll=kind == "poll")
        elif kind == "release":
            while self.held:
                self.take(self.held.pop())  # the newest first: out of order
        elif kind != "drop" and self.total:
            raw = self._spoilt(self.message(size), damage)
            if kind == "hold":
                self.held.append(raw)
            else:
                for _ in range(2 if kind == "twice" else 1):
                    self.take(raw)

    @staticmethod
    def _spoilt(raw: bytes, damage: st.DataObject | None) -> bytes:
        if damage is None:
            return raw
        if damage.draw(st.booleans()):
            return damage.draw(damaged(raw))
        return as_sent(damage.draw(misshapen(tree(raw))))

    def recover(self) -> None:
        """Whatever came, two honest messages later the newest samples are where they belong."""
        self.now_us += 6_000_000  # nothing is under way any more
        for _ in range(2):
            self.sample(10)
            self.take(self.message(20))
        series = self.store.series[ACQUISITION]
        assert series.bracket is None
        assert (series.total, series.epochs[-1].is_exact) == (self.total, True)
        assert series.ring.head - series.epochs[-1].base == self.total
        stored = series.ring.read(series.ring.head - 10, series.ring.head)
        for row, name in enumerate(CHANNELS):
            expected = [self.value(number, row) for number in range(self.total - 10, self.total)]
            assert stored[series.channels.index(name)].tolist() == expected


@given(st.lists(st.tuples(STEPS, st.integers(0, 3)), min_size=1, max_size=20), st.data())
def test_no_damage_makes_a_wrong_sample_or_keeps_the_next_ones_out(
    steps: list[tuple[tuple[str, int, int], int]], data: st.DataObject
) -> None:
    feed = Feed()
    for (kind, count, size), spoilt in steps:
        feed.step(kind, count, size, data if spoilt == 0 else None)
        feed.said.check(feed.store)
    feed.recover()
    assert feed.said.check(feed.store) > 0


@given(st.lists(STEPS, min_size=1, max_size=40))
def test_drops_repeats_polls_and_restarts_in_any_order_lose_only_what_is_counted(
    steps: list[tuple[str, int, int]],
) -> None:
    """Without damage: what is not stored is counted as lost, and nothing but that is."""
    feed = Feed()
    for kind, count, size in steps:
        feed.step(kind, count, size, None)
    feed.recover()
    feed.said.check(feed.store)
    series = feed.store.series[ACQUISITION]
    counters = series.counters
    if series.ring.oldest == 0:
        missing = int(np.isnan(series.ring.read(0, series.ring.head)).sum())
        assert counters.received + counters.backfilled == series.ring.head * len(CHANNELS) - missing
        # A hole between two polls is drawn as small as it can be; what it proves to be is counted all the same.
        assert counters.lost >= missing
        assert counters.lost == missing or any(kind == "poll" for kind, _, _ in steps)


class TypedFeed(Feed):
    """The same as typed messages: what was not sent yet, or where ``size`` is odd a window that overlaps."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = 0

    def restart(self) -> None:
        super().restart()
        self.sent = 0

    def message(self, size: int) -> bytes:
        first = max(0, self.total - size) if size % 2 else min(self.sent, self.total)
        self.sent = self.total
        numbers = range(first, self.total)
        types = ["<f8", ">f8" if size % 3 else "<f8"]  # of both byte orders they are no one array
        values = {
            name: np.array([self.value(i, row) for i in numbers], types[row]) for row, name in enumerate(CHANNELS)
        }
        times = np.array([time_us(self.stamps[i]) for i in numbers], np.int64)
        sent = typed_messages.window(first, times, values, len(numbers))
        sent["stats"]["start_time"] = self._text(self.began_us)
        return typed_messages.as_typed(sent)

    def step(self, kind: str, count: int, size: int, damage: st.DataObject | None) -> None:
        super().step(kind, count, size, damage)
        if kind == "drop":
            self.sent = self.total

    @staticmethod
    def _spoilt(raw: bytes, damage: st.DataObject | None) -> bytes:
        return raw if damage is None else damage.draw(damaged(raw))


@given(st.lists(st.tuples(STEPS, st.integers(0, 3)), min_size=1, max_size=20), st.data())
def test_no_damage_of_typed_messages_makes_a_wrong_sample_or_keeps_the_next_ones_out(
    steps: list[tuple[tuple[str, int, int], int]], data: st.DataObject
) -> None:
    feed = TypedFeed()
    for (kind, count, size), spoilt in steps:
        feed.step(kind, count, size, data if spoilt == 0 else None)
        feed.said.check(feed.store)
    feed.recover()
    assert feed.said.check(feed.store) > 0


@given(st.lists(STEPS, min_size=1, max_size=40))
def test_of_typed_messages_in_any_order_only_what_is_counted_is_lost(steps: list[tuple[str, int, int]]) -> None:
    feed = TypedFeed()
    for kind, count, size in steps:
        feed.step(kind, count, size, None)
    feed.recover()
    feed.said.check(feed.store)
    series = feed.store.series[ACQUISITION]
    counters = series.counters
    if series.ring.oldest == 0:
        missing = int(np.isnan(series.ring.read(0, series.ring.head)).sum())
        assert counters.received + counters.backfilled == series.ring.head * len(CHANNELS) - missing
        assert counters.lost >= missing
        assert counters.lost == missing or any(kind == "poll" for kind, _, _ in steps)


def recorded(captures: Path) -> list[bytes]:
    """The sample messages of a whole session, as they came."""
    lines = (captures / "as-designed.jsonl").read_text("utf-8").splitlines()
    events: list[dict[str, Any]] = [json.loads(line) for line in lines]
    texts = [event["text"] for event in events if event["kind"] == "ws_in"]
    return [text.encode() for text in texts if json.loads(text)["type"] == "acquisition_stream"]


@given(data=st.data())
def test_a_recorded_session_with_damage_anywhere_holds_nothing_that_was_not_said(
    captures: Path, data: st.DataObject
) -> None:
    raws = recorded(captures)
    spoilt = data.draw(st.sets(st.integers(0, len(raws) - 1), min_size=1, max_size=4))
    store, said = Store(4096), Said()
    for number, raw in enumerate(raws):
        sent = data.draw(damaged(raw)) if number in spoilt else raw
        decoded = decode(sent, store.last_totals, store.last_starts)
        block = decoded if isinstance(decoded, AcquisitionBlock) else None
        said.message(sent, block)
        if block is not None:
            store.ingest(block, START_US + number * 100_000)
    assert said.check(store) > 0
