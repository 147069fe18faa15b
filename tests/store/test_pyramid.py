"""Every cell that can be read is the minimum and maximum of its samples, whatever the blocks were."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.model.acquisition import Float64Array
from lablink_dpg.store.folding import FANOUT
from lablink_dpg.store.pyramid import FOLD_BATCH, MIN_TOP_CELLS, Pyramid
from lablink_dpg.store.ring import Overrun, Ring

APPEND = st.tuples(st.just("append"), st.integers(0, 3000), st.sampled_from([0.0, 0.02, 1.0]))
OPS = st.lists(
    st.one_of(
        APPEND,
        APPEND,
        st.tuples(st.just("missing"), st.integers(1, 3000), st.just(0.0)),
        st.tuples(st.just("overwrite"), st.integers(0, 9000), st.integers(1, 600).map(float)),
    ),
    min_size=1,
    max_size=12,
)


def samples(random: np.random.Generator, channels: int, n: int, nan_share: float) -> Float64Array:
    values = random.normal(size=(channels, n))
    values[random.random((channels, n)) < nan_share] = np.nan
    return values


def extreme(values: Float64Array) -> tuple[Float64Array, Float64Array]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # numpy says that a cell is all NaN; it may be
        return np.nanmin(values, axis=1), np.nanmax(values, axis=1)


def check_all_cells(ring: Ring, truth: Float64Array) -> int:
    """Compare every readable cell of every level with the samples; returns how many there were."""
    seen = 0
    for level in range(1, ring.pyramid.top + 1):
        size = FANOUT**level
        folded = ring.pyramid.folded(level)
        assert folded * size <= ring.head
        if level == 1:
            assert ring.head - folded * size < FOLD_BATCH + FANOUT
        first = -(-ring.oldest // size)
        if first >= folded:
            continue
        low, high = ring.minmax_cells(level, first, folded)
        for cell in range(first, folded):
            wanted_low, wanted_high = extreme(truth[:, cell * size : (cell + 1) * size])
            np.testing.assert_array_equal(low[:, cell - first], wanted_low)
            np.testing.assert_array_equal(high[:, cell - first], wanted_high)
            seen += 1
        if first > 0:
            with pytest.raises(Overrun):
                ring.minmax_cells(level, first - 1, folded)
    return seen


@given(OPS, st.sampled_from([256, 4096, 4352]), st.integers(0, 2**32 - 1))
def test_every_cell_is_the_extremes_of_its_samples(ops: list[tuple[str, int, float]], capacity: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    ring = Ring(2, capacity)
    truth = np.empty((2, 0))
    for op, a, b in ops:
        if op == "append":
            values = samples(random, 2, a, b)
            ring.append(np.zeros(a, np.int64), values)
            truth = np.concatenate((truth, values), axis=1)
        elif op == "missing":
            ring.append_missing(a, 0, 0)
            truth = np.concatenate((truth, np.full((2, a), np.nan)), axis=1)
        else:
            n = int(b)
            values = samples(random, 2, n, 0.1)
            ring.overwrite(a, np.zeros(n, np.int64), values)
            stop = min(a + n, ring.head)
            start = max(a, ring.oldest)
            if start < stop:
                truth[:, start:stop] = values[:, start - a : stop - a]
        check_all_cells(ring, truth)


def test_many_small_blocks_through_a_deep_pyramid() -> None:
    random = np.random.default_rng(5)
    ring = Ring(1, 65_536)
    assert ring.pyramid.top == 3
    truth = random.normal(size=(1, 200_000))
    at = 0
    while at < truth.shape[1]:
        n = int(random.integers(1, 400))
        ring.append(np.zeros(truth[:, at : at + n].shape[1], np.int64), truth[:, at : at + n])
        at += n
    assert check_all_cells(ring, truth) > 4000


def test_a_spike_of_one_sample_is_in_every_level() -> None:
    ring = Ring(1, 65_536)
    values = np.zeros((1, 60_000))
    values[0, 33_333] = 1.0
    ring.append(np.zeros(60_000, np.int64), values)
    for level in range(1, 4):
        _, high = ring.minmax_cells(level, 0, ring.pyramid.folded(level))
        assert high.max() == 1.0
        assert int(high[0].argmax()) == 33_333 // FANOUT**level


def test_a_pyramid_can_begin_late() -> None:
    """A ring that takes over from another one begins at its oldest sample."""
    random = np.random.default_rng(6)
    for start in (0, 1, 15, 16, 255, 4097, 123_456):
        ring = Ring(1, 4096)
        ring.claim = ring.head = start
        ring.pyramid.skip_to(start)
        truth = np.concatenate((np.full((1, start), np.nan), random.normal(size=(1, 9000))), axis=1)
        ring.append(np.zeros(4096, np.int64), truth[:, start : start + 4096])
        check_all_cells(ring, truth)
        ring.append(np.zeros(4904, np.int64), truth[:, start + 4096 :])
        assert check_all_cells(ring, truth) > 0


def test_a_cell_overwritten_while_it_is_read_is_an_overrun() -> None:
    ring = Ring(1, 4096)
    ring.append(np.zeros(4096, np.int64), np.zeros((1, 4096)))
    plain = ring.pyramid.read

    def read(level: int, first: int, last: int) -> tuple[Float64Array, Float64Array]:
        out = plain(level, first, last)
        ring.append(np.zeros(2000, np.int64), np.ones((1, 2000)))
        return out

    ring.pyramid.read = read  # type: ignore[method-assign]
    with pytest.raises(Overrun):
        ring.minmax_cells(1, 0, 256)


def test_the_memory_is_a_fifteenth_on_top() -> None:
    ring = Ring(4, 1_048_576)
    values = 4 * 1_048_576 * 8
    assert ring.pyramid.allocated_bytes < values * 2 / 15 * 1.01
    assert ring.pyramid.levels[-1].cells >= MIN_TOP_CELLS


def test_a_small_ring_has_few_levels() -> None:
    assert [Pyramid(1, capacity).top for capacity in (128, 256, 4096, 65_536)] == [0, 1, 2, 3]
