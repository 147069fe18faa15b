"""What a reader holds stays right while the writer goes on, and no stamps cost much more than an array of them."""

from __future__ import annotations

import threading
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.model.even import EvenTimes
from lablink_dpg.store.ring import Overrun, Ring
from lablink_dpg.store.stretch import Stretch, ramp_of
from lablink_dpg.store.times import MIN_CHUNK, Times
from lablink_dpg.store.times_writer import TimesWriter

START_US = 1_790_000_000_000_000
EXPLICIT_AT_MOST = 1.06  # of 8 bytes a stamp


def odd(n: int, seed: int = 0) -> np.ndarray:
    return START_US + np.cumsum(np.random.default_rng(seed).integers(0, 300, n))


def test_an_array_that_a_reader_holds_is_not_used_for_other_samples_of_the_ring() -> None:
    """A chunk becomes a stretch while a reader is between finding its array and reading it."""
    times = Times(10 * MIN_CHUNK)
    writer = TimesWriter(times)
    writer.put(0, START_US + np.arange(MIN_CHUNK - 1) * 10)
    held = times.entries[0]
    writer.put(MIN_CHUNK - 1, START_US + np.arange(MIN_CHUNK - 1, 4 * MIN_CHUNK) * 10)
    assert type(times.entries[0]) is Stretch
    assert list(held)[:-1] == (START_US + np.arange(MIN_CHUNK - 1) * 10).tolist()


def test_stamps_without_order_take_no_new_memory_once_the_ring_is_full() -> None:
    times = Times(20 * MIN_CHUNK)
    writer = TimesWriter(times)
    stamps = odd(80 * MIN_CHUNK)
    for at in range(0, 40 * MIN_CHUNK, 100):
        writer.put(at, stamps[at : at + 100])
    before = {id(entry) for entry in times.entries}
    for at in range(40 * MIN_CHUNK, 80 * MIN_CHUNK - 100, 100):
        writer.put(at, stamps[at : at + 100])
    assert {id(entry) for entry in times.entries} == before


@pytest.mark.parametrize("longest", [2, 50, 400, 3000])
def test_whatever_comes_costs_little_more_than_an_array_of_stamps(longest: int) -> None:
    """Even and odd stretches in turns, of any length: what is worst for lines."""
    random = np.random.default_rng(longest)
    capacity = 100_096
    steps: list[np.ndarray] = []
    total = 0
    while total < 2 * capacity:
        for even in (True, False):
            n = int(random.integers(1, longest + 1))
            steps.append(np.full(n, random.integers(1, 300)) if even else random.integers(0, 300, n))
            total += n
    stamps = START_US + np.cumsum(np.concatenate(steps))
    tracemalloc.start()
    times = Times(capacity)
    writer = TimesWriter(times)
    for at in range(0, total - 50, 50):
        writer.put(at, stamps[at : at + 50])
    ramp_of.cache_clear()  # bounded, and of all rings together
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used < EXPLICIT_AT_MOST * 8 * capacity
    assert times.held_bytes < EXPLICIT_AT_MOST * 8 * capacity


def test_what_is_copied_from_ring_to_ring_stays_exactly_what_it_was() -> None:
    """Also where it is 1 µs before what came, and where a part of a line was replaced."""
    stamps = START_US + np.rint(np.arange(9000) * (10**6 / 48_000)).astype(np.int64)
    ring = Ring(1, 8192)
    ring.append(stamps, np.zeros((1, 9000)))
    low = ring.time_at(3999)
    ring.overwrite(4000, np.full(5, low), np.ones((1, 5)))
    wanted = ring.read_times(ring.oldest, ring.head)
    for capacity in (8192, 5000, 100_000, 8192):
        copy = Ring(1, capacity)
        start = max(ring.oldest, ring.head - copy.capacity)
        copy.begin_at(start)
        copy.take_over(ring)
        for at in range(start, ring.head, 700):
            stop = min(at + 700, ring.head)
            copy.append(ring.read_times(at, stop), ring.read(at, stop))
        copy.take_over(None)
        assert copy.read_times(start, ring.head).tolist() == wanted[start - ring.head :].tolist()
        ring = copy


def test_a_reader_beside_a_writer_gets_right_times_or_an_overrun() -> None:
    """Two real threads; even and odd stamps, so that chunks are stretches, pieces and arrays, and are replaced."""
    cycle = 40_000
    random = np.random.default_rng(3)
    steps = np.concatenate(
        [np.full(7000, 100), random.integers(0, 300, 5000), np.tile([333, 333, 334], 3000), random.integers(0, 3, 999)]
    )
    steps = np.concatenate((steps, np.full(cycle - len(steps), 20)))
    within = np.cumsum(steps)

    def truth(start: int, stop: int) -> np.ndarray:
        index = np.arange(start, stop)
        return START_US + index // cycle * int(within[-1]) + within[index % cycle]

    ring = Ring(1, 8192)
    ring.append(truth(0, 8192), np.zeros((1, 8192)))
    done = threading.Event()
    failures: list[BaseException] = []

    def write() -> None:
        sizes = np.random.default_rng(4)
        try:
            while not done.is_set():
                n = int(sizes.integers(1, 900))
                ring.append(truth(ring.head, ring.head + n), np.zeros((1, n)))
        except BaseException as error:
            failures.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    exact = overruns = 0
    try:
        while exact < 3000 and exact + overruns < 100_000:
            head = ring.head
            start = head - int(random.integers(1000, 8192))
            stop = min(start + int(random.integers(1, 4000)), head)
            step = int(random.integers(1, 600))
            try:
                read, every = ring.read_times(start, stop), ring.times_every(start, stop, step)
                one = ring.time_at(start)
            except Overrun:
                overruns += 1
                continue
            wanted = truth(start, stop)
            assert set((wanted - read).tolist()) <= {0, 1}
            assert 0 <= wanted[0] - one <= 1
            named = np.array([start, *range(start - start % step + step, stop, step)])
            assert set((wanted[named - start] - every).tolist()) <= {0, 1}
            newest_us = ring.newest_us(head)
            assert 0 <= truth(head - 1, head)[0] - newest_us <= 1 or ring.oldest >= head
            found = ring.first_at_or_after(int(wanted[-1]) + 2, near=start)
            assert found == ring.oldest or found >= stop
            exact += 1
    finally:
        done.set()
        writer.join()
    assert not failures
    assert exact > 100


@given(
    st.lists(
        st.tuples(
            st.integers(1, 900),  # samples
            st.sampled_from([5, 5, 5, 7, 0]),  # step in µs
            st.sampled_from([0, 0, 0, 1, 3000]),  # µs more than a step after the block before
            st.booleans(),  # as an array
        ),
        min_size=1,
        max_size=30,
    )
)
def test_blocks_of_even_times_are_kept_as_arrays_of_them_would_be(
    blocks: list[tuple[int, int, int, bool]],
) -> None:
    times = Times(8 * MIN_CHUNK)
    writer = TimesWriter(times)
    stamps = np.empty(0, np.int64)
    at_us = START_US
    for n, step_us, more_us, is_array in blocks:
        block = EvenTimes(at_us + more_us, step_us, n)
        array = np.asarray(block)
        writer.put(stamps.shape[0], array if is_array else block, is_even=True)
        stamps = np.concatenate((stamps, array))
        at_us = int(stamps[-1]) + step_us
    oldest = max(0, stamps.shape[0] - 8 * MIN_CHUNK)
    late_us = stamps[oldest:] - times.read(oldest, stamps.shape[0])
    assert set(late_us.tolist()) <= {0, 1}, "as of any stamps, see Times"
