"""Points of a held view: every extreme, in the order in which it occurred, whatever of the pyramid is folded."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lablink_dpg.query import fine
from lablink_dpg.query.fine import POINTS_PER_COLUMN, Points, cells
from lablink_dpg.store.folding import FANOUT
from lablink_dpg.store.ring import Overrun, Ring
from tests.query.test_columns import STEPS
from tests.support.query_oracle import START_US, random_ring


def filled(values: np.ndarray, capacity: int = 1 << 20, block: int = 5000) -> Ring:
    ring = Ring(values.shape[0], capacity)
    for first in range(0, values.shape[1], block):
        part = values[:, first : first + block]
        ring.append(START_US + np.arange(first, first + part.shape[1]), part)
    return ring


def fine_points(ring: Ring, breaks, start: int, stop: int, columns: int) -> Points:
    """All channels, in so many columns."""
    how = fine.fineness(ring, stop - start, columns)
    return fine.fine_points(ring, breaks, start, stop, how, range(ring.channels))


def runs_of(ring: Ring, breaks, start: int, stop: int) -> list[range]:
    """Stretches of samples that are there and between which a line breaks, sample by sample."""
    holes = {index for item in breaks for index in range(item.start, item.stop)}
    starts = {item.start for item in breaks} | {item.stop for item in breaks}
    runs: list[list[int]] = [[]]
    for index in range(start, stop):
        if index in starts:
            runs.append([])
        if index not in holes:
            runs[-1].append(index)
    return [range(run[0], run[-1] + 1) for run in runs if run]


@settings(max_examples=150)
@given(
    data=st.data(),
    steps=STEPS,
    seed=st.integers(0, 2**32 - 1),
    capacity=st.sampled_from([256, 4096, 65536]),
    channels=st.integers(1, 3),
    columns=st.integers(1, 3000),
    nan_share=st.sampled_from([0.0, 0.0, 0.01, 0.9, 1.0]),
)
def test_each_stretch_keeps_its_extremes_and_every_point_is_a_sample_near_its_place(
    data, steps, seed, capacity, channels, columns, nan_share
):
    ring, breaks = random_ring(seed, capacity, channels, steps, nan_share)
    start = data.draw(st.integers(ring.oldest, ring.head), "start")
    stop = data.draw(st.integers(start, ring.head), "stop")
    found = fine_points(ring, breaks, start, stop, columns)
    samples = ring.read(start, stop)
    near = max(1, -(-(stop - start) // columns))  # samples of a column
    assert np.all(np.diff(found.places, axis=1) >= 0)
    for row in range(channels):
        places, values = found.places[row], found.values[row]
        for run in runs_of(ring, breaks, start, stop):
            here = samples[row, run.start - start : run.stop - start]
            drawn = values[(places >= run.start) & (places < run.stop)]
            if np.isnan(here).all():
                assert np.isnan(drawn).all()
            else:
                assert np.nanmin(drawn) == np.nanmin(here)
                assert np.nanmax(drawn) == np.nanmax(here)
        for place, value in zip(places[::7].tolist(), values[::7].tolist(), strict=True):
            around = samples[row, max(0, place - near - start) : place + near + 1 - start]
            assert np.isnan(value) or value in around


def test_a_line_breaks_where_samples_are_missing():
    ring, breaks = random_ring(1, 4096, 1, [("samples", 500), ("lost", 100), ("samples", 500)], 0.0)
    found = fine_points(ring, breaks, 0, 1100, 20)
    (broken,) = np.flatnonzero(np.isnan(found.values[0]))
    assert found.places[0, broken] == 600
    assert found.places[0, broken - 1] == 499


@pytest.mark.parametrize("count", [10_000, 123_457, 1_000_000])
def test_every_spike_of_one_sample_is_where_it_was(count):
    """To a column, which is a fraction of a pixel."""
    rng = np.random.default_rng(count)
    values = np.zeros((1, count))
    columns = 4000
    at = np.sort(rng.choice(count // 100, 50, replace=False)) * 100 + 3
    heights = rng.uniform(1, 2, at.size) * rng.choice([-1, 1], at.size)
    values[0, at] = heights
    found = fine_points(filled(values), (), 0, count, columns)
    drawn = found.values[0] != 0
    assert found.values[0, drawn].tolist() == heights.tolist()
    assert np.abs(found.places[0, drawn] - at).max() <= max(1, count // columns)


def test_a_rising_and_a_falling_line_go_through_their_own_samples():
    values = np.concatenate((np.arange(50_000.0), np.arange(50_000.0)[::-1]))[np.newaxis]
    found = fine_points(filled(values), (), 0, 100_000, 1000)
    inner = (found.places[0] > 200) & (np.abs(found.places[0] - 50_000) > 200) & (found.places[0] < 99_800)
    assert np.array_equal(found.values[0, inner], values[0, found.places[0, inner]])


def test_so_few_samples_are_drawn_themselves():
    values = np.random.default_rng(3).normal(size=(2, 3000))
    ring = filled(values)
    found = fine_points(ring, (), 100, 2100, 2000 // POINTS_PER_COLUMN)
    assert np.array_equal(found.values, values[:, 100:2100])
    assert found.places[1].tolist() == list(range(100, 2100))


def test_cells_are_the_same_folded_or_not():
    values = np.random.default_rng(4).normal(size=(1, 300_000))
    ring = filled(values, block=777)
    for level in (1, 2, 3, 4):
        size = FANOUT**level
        last = ring.head // size
        assert ring.pyramid.folded(level) < last or level > 1 or ring.head % 777
        low, high = cells(ring, level, 1, last, [0])
        whole = values[0, size : last * size].reshape(-1, size)
        assert np.array_equal(low[0], whole.min(axis=1))
        assert np.array_equal(high[0], whole.max(axis=1))


def test_samples_that_have_left_are_an_overrun():
    ring = filled(np.zeros((1, 10_000)), capacity=4096)
    with pytest.raises(Overrun):
        fine_points(ring, (), 0, 9000, 100)


def test_nothing_gives_no_points():
    ring = filled(np.zeros((2, 10)))
    assert fine_points(ring, (), 5, 5, 100).values.shape == (2, 0)


def test_only_the_channels_that_are_asked_for_are_looked_at():
    values = np.random.default_rng(5).normal(size=(4, 100_000))
    ring = filled(values)
    how = fine.fineness(ring, 100_000, 1000)
    one = fine.fine_points(ring, (), 0, 100_000, how, [2])
    every = fine.fine_points(ring, (), 0, 100_000, how, range(4))
    assert np.array_equal(one.places[0], every.places[2])
    assert np.array_equal(one.values[0], every.values[2])


@pytest.mark.parametrize("samples", [1000, 10_000, 1_000_000, 1_234_567, 100_000_000])
def test_columns_are_no_more_than_asked_for_and_of_few_cells(samples):
    ring = Ring(1, 100_000_000)
    how = fine.fineness(ring, samples, 3000)
    assert how.are_samples or fine.FEWEST_CELLS <= how.cells_a_column <= fine.FEWEST_CELLS * FANOUT
    assert samples <= how.bucket * 3000 <= 1.5 * samples + 3000
