"""Timestamps by index against a plain list of what came, whatever came in whatever blocks."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lablink_dpg.store.times import MIN_CHUNK, Times
from lablink_dpg.store.times_writer import TimesWriter

START_US = 1_790_000_000_000_000
BLOCK = st.tuples(
    st.sampled_from(["even", "even", "even", "odd", "still", "pause", "third", "replace", "one"]),
    st.integers(0, 900),
    st.integers(0, 2**32 - 1),
)


class Rig:
    """A ring's timestamps, and a list of what it was told."""

    def __init__(self, capacity: int, first: int = 0) -> None:
        self.capacity, self.first = capacity, first
        self.times = Times(capacity)
        self.writer = TimesWriter(self.times)
        self.truth: list[int] = []  # of samples ``first`` and on
        self.now = START_US

    @property
    def head(self) -> int:
        return self.first + len(self.truth)

    @property
    def oldest(self) -> int:
        return max(self.first, self.head - self.capacity)

    def add(self, kind: str, n: int, seed: int) -> None:
        random = np.random.default_rng(seed)
        if kind == "replace":
            if self.head - self.oldest > 2:
                self.replace(random, n)
            return
        if kind == "pause":
            self.now += int(random.integers(1, 10**7))
        step_us = {"odd": random.integers(0, 300, n), "still": 0, "one": random.integers(0, 2, n)}.get(kind, 100)
        stamps = self.now + np.cumsum(np.broadcast_to(step_us, n))
        if kind == "third":
            stamps = self.now + np.arange(1, n + 1) * 1000 // 3
        self.put(stamps)

    def put(self, stamps: np.ndarray) -> None:
        kept = min(len(stamps), self.capacity)
        self.writer.put(self.head + len(stamps) - kept, stamps[len(stamps) - kept :])
        self.truth += stamps.tolist()
        self.now = self.truth[-1] if self.truth else self.now

    def replace(self, random: np.random.Generator, n: int) -> None:
        """What was missing comes, with times of its own between its neighbours'."""
        start = int(random.integers(self.oldest + 1, self.head - 1))
        stop = min(start + n, self.head - 1)
        if start >= stop:
            return
        low, high = self.times.at(start - 1), self.times.at(stop)
        stamps = np.sort(random.integers(low, high + 1, stop - start))
        self.writer.put(start, stamps)
        self.truth[start - self.first : stop - self.first] = stamps.tolist()

    def check(self) -> None:
        start, stop = self.oldest, self.head
        if start == stop:
            return
        got = self.times.read(start, stop)
        wanted = np.array(self.truth[start - self.first :])
        assert set((wanted - got).tolist()) <= {0, 1}
        assert np.all(np.diff(got) >= 0)
        listed = got.tolist()
        for index in {start, stop - 1, (start + stop) // 2}:
            assert self.times.at(index) == listed[index - start]
        for step in (1, 3, 64, 500):
            index = [start, *range(start - start % step + step, stop, step)]
            assert self.times.every(start, stop, step).tolist() == [listed[each - start] for each in index]
            offsets = [each - start for each in index]
            assert self.times.at_each(start, offsets) == [listed[each] for each in offsets]
        for place in {0, len(listed) // 3, len(listed) // 2, len(listed) - 1}:
            for time_us in (listed[place] - 1, listed[place], listed[place] + 1):
                for near in {start, stop - 1, (start + place + stop) // 2 % (stop - start) + start}:
                    assert self.times.search(time_us, start, stop, near) == start + bisect_left(listed, time_us)


@settings(max_examples=150)
@given(st.lists(BLOCK, min_size=1, max_size=25), st.sampled_from([256, 700, 5000]), st.sampled_from([0, 1, 256, 1000]))
def test_every_way_of_reading_gives_what_came(blocks: list[tuple[str, int, int]], capacity: int, first: int) -> None:
    rig = Rig(capacity, first)
    for kind, n, seed in blocks:
        rig.add(kind, n, seed)
        rig.check()


def test_a_long_uniform_line_is_kept_as_one_and_read_across_its_end_and_a_patch() -> None:
    rig = Rig(400 * MIN_CHUNK)
    for _ in range(500):
        rig.add("even", MIN_CHUNK - 3, 0)
    assert len({id(entry) for entry in rig.times.entries}) <= 3
    rig.check()
    low = rig.times.at(60_000 - 1)
    rig.writer.put(60_000, np.arange(low, low + 500))
    rig.truth[60_000:60_500] = range(low, low + 500)
    got = rig.times.read(rig.oldest, rig.head)
    assert set((np.array(rig.truth[rig.oldest :]) - got).tolist()) == {0}
    assert rig.times.every(rig.oldest, rig.head, 7).tolist()[1:] == [
        rig.truth[index] for index in range(rig.oldest - rig.oldest % 7 + 7, rig.head, 7)
    ]
    assert rig.times.search(rig.truth[90_000], rig.oldest, rig.head, rig.oldest) == 90_000


def test_a_block_longer_than_the_ring_leaves_its_newest_part() -> None:
    rig = Rig(256)
    for n in (10, 1000, 3, 257, 256):
        rig.add("even", n, 0)
        rig.check()


def test_what_the_bytes_are_said_to_be_is_what_they_are() -> None:
    uniform, odd = Rig(100_096), Rig(100_096)
    assert uniform.times.full_bytes < 0.01 * 8 * 100_096, "nobody knows better yet"
    for number in range(300):
        uniform.add("even", 500, 0)
        odd.add("odd", 500, number)
        if number == 50:
            half = odd.times.full_bytes
    assert uniform.times.held_bytes < 0.01 * 8 * 100_096
    stamps = 8 * 100_096
    assert stamps < odd.times.held_bytes < 1.04 * stamps
    assert abs(half - odd.times.held_bytes) < 0.03 * stamps, "as it will be when full, if it goes on so"


@given(st.lists(st.tuples(st.sampled_from(["even", "pause"]), st.integers(300, 900)), min_size=1, max_size=25))
def test_an_even_timebase_with_pauses_is_kept_exactly(blocks: list[tuple[str, int]]) -> None:
    rig = Rig(5000)
    for number, (kind, n) in enumerate(blocks):
        rig.add(kind, n, number)
    assert rig.times.read(rig.oldest, rig.head).tolist() == rig.truth[rig.oldest :]
