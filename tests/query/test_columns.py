"""Columns are exactly the minimum and maximum of their samples, whatever way they were computed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lablink_dpg.query import columns as module
from lablink_dpg.query.columns import HEADROOM, MAX_MULTIPLE, bucket_for, columns, minmax
from lablink_dpg.store.breaks import Break, BreakKind
from lablink_dpg.store.folding import FANOUT
from lablink_dpg.store.pyramid import FOLD_BATCH
from lablink_dpg.store.ring import Overrun, Ring
from tests.support.query_oracle import START_US, lines_by_hand, lines_of, random_ring

SPIKE = 1e6
MANY = 10_000_000

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("samples"), st.integers(1, 6000)),
        st.tuples(st.just("samples"), st.integers(1, 60)),
        st.tuples(st.just("lost"), st.integers(1, 900)),
        st.tuples(st.just("pause"), st.just(0)),
    ),
    min_size=1,
    max_size=12,
)
BUCKETS = st.builds(lambda m, k: m * FANOUT**k, st.integers(1, 20) | st.integers(1, MAX_MULTIPLE), st.integers(0, 3))


@settings(max_examples=150)
@given(
    data=st.data(),
    steps=STEPS,
    seed=st.integers(0, 2**32 - 1),
    capacity=st.sampled_from([256, 1024, 4096, 16384]),
    channels=st.integers(1, 3),
    bucket=BUCKETS,
    nan_share=st.sampled_from([0.0, 0.0, 0.01, 0.9, 1.0]),
    direct=st.sampled_from([1, 64, module.DIRECT_SAMPLES]),
)
def test_columns_equal_a_walk_over_the_samples(data, steps, seed, capacity, channels, bucket, nan_share, direct):
    """Rings that wrapped, with holes, pauses, NaN and tails that are not folded yet; any range, any bucket."""
    ring, breaks = random_ring(seed, capacity, channels, steps, nan_share)
    start = data.draw(st.integers(ring.oldest, ring.head), "start")
    stop = data.draw(st.integers(start, ring.head), "stop")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "DIRECT_SAMPLES", direct)  # so that short ranges go through the pyramid too
        found = columns(ring, breaks, start, stop, bucket)
    assert lines_of(found) == lines_by_hand(ring, breaks, start, stop, bucket)
    assert np.all(np.diff(found.first) >= 0)
    assert np.all(np.diff(found.time_us) >= 0)


@given(steps=STEPS, seed=st.integers(0, 2**32 - 1), data=st.data())
def test_minmax_of_any_range_is_that_of_its_samples(steps, seed, data):
    ring, _ = random_ring(seed, 16384, 2, [*steps, ("samples", 1)], 0.1)
    start = data.draw(st.integers(ring.oldest, ring.head - 1), "start")
    stop = data.draw(st.integers(start + 1, ring.head), "stop")
    values = ring.read(start, stop)
    low, high = minmax(ring, start, stop)
    assert np.array_equal(low[:, 0], np.fmin.reduce(values, axis=1), equal_nan=True)
    assert np.array_equal(high[:, 0], np.fmax.reduce(values, axis=1), equal_nan=True)


def test_infinite_samples_are_the_extremes_of_their_column():
    ring = Ring(1, 1024)
    values = np.zeros((1, 64))
    values[0, 10], values[0, 11], values[0, 40] = np.inf, -np.inf, np.inf
    ring.append(np.arange(64), values)
    found = columns(ring, (), 0, 64, 16)
    assert found.low[0].tolist() == [-np.inf, 0, 0, 0]
    assert found.high[0].tolist() == [np.inf, 0, np.inf, 0]


def test_a_ring_without_channels_has_columns_without_values():
    ring = Ring(0, 1024)
    ring.append(np.arange(64), np.empty((0, 64)))
    assert columns(ring, (), 0, 64, 16).low.shape == (0, 4)


@pytest.mark.parametrize("bucket", [1, 2, 16, 48, 256, 1024])
def test_a_break_is_one_column_of_nan_between_its_neighbours(bucket):
    ring = Ring(1, 4096)
    ring.append(np.arange(1000), np.ones((1, 1000)))
    pause = Break(1000, 1000, BreakKind.PAUSE, None, 0)
    ring.append(np.arange(5000, 6000), np.ones((1, 1000)))
    found = columns(ring, (pause,), 0, 2000, bucket)
    nan = np.flatnonzero(np.isnan(found.low[0]))
    assert nan.shape == (1,)
    assert found.time_us[nan[0] - 1] < 1000
    assert found.time_us[nan[0] + 1] == found.first[nan[0] + 1] + 4000 == 5000


def test_breaks_that_touch_break_the_line_once():
    ring, breaks = random_ring(1, 4096, 1, [("samples", 50), ("lost", 7), ("pause", 0), ("samples", 50)], 0.0)
    found = columns(ring, breaks, 0, 107, 1)
    assert np.count_nonzero(np.isnan(found.low[0])) == 1
    assert found.first.shape == (101,)


def test_an_empty_range_has_no_columns_even_inside_a_hole():
    ring, breaks = random_ring(1, 256, 1, [("samples", 200), ("lost", 400)], 0.0)
    for start in (ring.oldest, ring.oldest + 10, ring.head):
        assert columns(ring, breaks, start, start, 16).first.shape == (0,)


def test_samples_that_left_the_ring_are_an_overrun():
    ring, _ = random_ring(1, 256, 1, [("samples", 1000)], 0.0)
    for bucket in (1, 16, 256):
        with pytest.raises(Overrun):
            columns(ring, (), ring.oldest - 1, ring.head, bucket)


def _powers() -> Iterator[int]:
    yield from (int(10 ** (exponent / 7)) for exponent in range(57))


@pytest.mark.parametrize("width", [1, 7, 380, 1920, 3840])
def test_a_bucket_is_at_most_a_column_a_pixel_and_hardly_coarser_than_needed(width):
    for samples in _powers():
        bucket = bucket_for(samples, width)
        assert bucket == 1 or samples / bucket <= width
        assert bucket <= 2 or bucket <= (HEADROOM * samples / width + 1) * (1 + 2 / FANOUT)
        multiple = bucket
        while multiple % FANOUT == 0 and multiple > MAX_MULTIPLE:
            multiple //= FANOUT
        assert multiple <= MAX_MULTIPLE


@pytest.fixture(scope="module")
def quiet() -> Ring:
    """10⁷ zeros, into which a test writes a spike by appending it last."""
    ring = Ring(1, MANY)
    times = np.arange(0, 1_000_000, dtype=np.int64) * 100
    for turn in range(10):
        ring.append(START_US + turn * 100_000_000 + times, np.zeros((1, 1_000_000)))
    return ring


CELL_EDGES = [FANOUT**k * m + edge for k in (1, 2, 3, 4) for m in (1, 7) for edge in (-1, 0)]
PLACES = [0, *CELL_EDGES, 5_000_003, MANY - FOLD_BATCH, MANY - 2, MANY - 1]


@pytest.mark.parametrize("place", PLACES)
def test_one_sample_among_ten_million_is_in_a_column_at_any_zoom(quiet, place):
    """Also where it is the newest sample, or at the edge of a pyramid's cell."""
    rng = np.random.default_rng(place)
    before = quiet.read(place, place + 1)
    time = quiet.read_times(place, place + 1)
    quiet.overwrite(place, time, np.array([[SPIKE]]))
    try:
        for _ in range(20):
            width = int(rng.integers(1, 4000))
            span = int(10 ** rng.uniform(0, 7))
            start = max(0, place - int(rng.integers(0, span)))
            stop = min(MANY, max(start + span, place + 1))
            bucket = bucket_for(stop - start, width)
            found = columns(quiet, (), start, stop, bucket)
            at = int(found.first.searchsorted(place, "right")) - 1
            assert found.high[0, at] == SPIKE
            assert found.low[0, at] == (SPIKE if stop - start == 1 or bucket == 1 else found.low[0].min())
            assert np.count_nonzero(found.high[0] == SPIKE) == 1
            # One column at the left may be cut and one at the right open.
            assert found.first.shape[0] <= (2 * width if bucket == 1 else width) + 2
    finally:
        quiet.overwrite(place, time, before)


@given(after=st.integers(0, 3 * FOLD_BATCH), bucket=BUCKETS)
def test_a_spike_is_there_as_soon_as_it_is_stored_and_stays(after, bucket):
    ring = Ring(1, 65536)
    ring.append(np.arange(40_000), np.zeros((1, 40_000)))
    ring.append(np.array([40_000]), np.array([[SPIKE]]))
    ring.append(np.arange(40_001, 40_001 + after), np.zeros((1, after)))
    assert columns(ring, (), 0, ring.head, bucket).high[0].max() == SPIKE
