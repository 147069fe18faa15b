"""The ring: what is read is what was written under that index, or an Overrun; never a mixture."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.model.acquisition import Float64Array
from lablink_dpg.model.rows import Rows
from lablink_dpg.model.storage import Storage
from lablink_dpg.store.folding import FANOUT
from lablink_dpg.store.ring import CAPACITY_STEP, MIN_CAPACITY, Overrun, Ring

SIZES = st.lists(st.integers(0, 700), min_size=1, max_size=30)  # into a ring of 256 or 512

# Of NaNs, those with which to compute is "invalid": numpy warns of it.
SIGNALLING = {"f2": 0x7C01, "f4": 0x7F80_0001, "f8": 0x7FF0_0000_0000_0001}


def truth(start: int, stop: int, channels: int = 2) -> Float64Array:
    return np.arange(start, stop) + np.arange(channels)[:, None] * 1e9


def times(start: int, stop: int) -> np.ndarray:
    """Never falling, with repeats: three samples a microsecond."""
    return np.arange(start, stop) // 3 + 1000


def fill(ring: Ring, n: int) -> None:
    ring.append(times(ring.head, ring.head + n), truth(ring.head, ring.head + n, ring.channels))


@given(SIZES, st.sampled_from([1, 257]))
def test_what_is_read_is_what_was_written(sizes: list[int], capacity: int) -> None:
    ring = Ring(2, capacity)
    for n in sizes:
        fill(ring, n)
        assert ring.oldest == max(0, ring.head - ring.capacity)
        span = ring.head - ring.oldest
        for start, stop in ((ring.oldest, ring.head), (ring.oldest + span // 3, ring.head - span // 5)):
            np.testing.assert_array_equal(ring.read(start, stop), truth(start, stop))
            np.testing.assert_array_equal(ring.read_times(start, stop), times(start, stop))
        if span:
            some = np.arange(ring.oldest, ring.head, 7)
            np.testing.assert_array_equal(ring.times_at(some), some // 3 + 1000)
            assert ring.time_at(ring.head - 1) == (ring.head - 1) // 3 + 1000
            with pytest.raises(IndexError):
                ring.read(ring.oldest, ring.head + 1)
        if ring.oldest:
            for read in (
                lambda: ring.read(ring.oldest - 1, ring.head),
                lambda: ring.read_times(ring.oldest - 1, ring.oldest),
                lambda: ring.times_at(np.array([ring.oldest - 1, ring.head - 1])),
                lambda: ring.time_at(ring.oldest - 1),
            ):
                with pytest.raises(Overrun):
                    read()


@given(SIZES, st.sampled_from(["<f8", ">f4", "<i2", "|u1"]))
def test_rows_of_any_type_are_stored_as_an_array_of_them_would_be(sizes: list[int], dtype: str) -> None:
    ring, plain = Ring(2, 256), Ring(2, 256)
    for n in sizes:
        stamps = times(ring.head, ring.head + n)
        rows = (np.arange(n).astype(dtype), truth(ring.head, ring.head + n)[1])
        ring.append(stamps, Rows(rows, n))
        plain.append(stamps, np.array([rows[0].astype(np.float64), rows[1]]))
        start = max(ring.oldest, ring.head - 100)
        changed = Rows((rows[1][:50], rows[0][:50]), min(n, 50))
        as_array = np.asarray(changed)
        assert as_array.dtype == np.float64
        ring.overwrite(start, stamps[:50], changed)
        plain.overwrite(start, stamps[:50], as_array)
        np.testing.assert_array_equal(ring.read(ring.oldest, ring.head), plain.read(ring.oldest, ring.head))


@given(SIZES, st.integers(900, 8000))
def test_the_first_sample_at_or_after_a_time_is_what_searchsorted_says(sizes: list[int], time_us: int) -> None:
    ring = Ring(1, 256)
    for n in sizes:
        fill(ring, n)
        kept = times(ring.oldest, ring.head)
        for at in (time_us, *(int(kept[i]) + j for i in (0, len(kept) // 2, -1) for j in (-1, 0, 1) if len(kept))):
            assert ring.first_at_or_after(at) == ring.oldest + int(np.searchsorted(kept, at))


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 700), st.integers(0, 9999)), min_size=1, max_size=12))
def test_missing_samples_are_nan_between_the_times_of_their_neighbours(steps: list[tuple[int, int, int]]) -> None:
    ring = Ring(1, 256)
    at = 1000
    for present, missing, gap_us in steps:
        start = ring.head
        ring.append(np.full(present, at), np.zeros((1, present)))
        ring.append_missing(missing, at, at + gap_us)
        assert ring.head == start + present + missing
        first = max(start + present, ring.oldest)
        assert np.isnan(ring.read(first, ring.head)).all()
        between = ring.read_times(first, ring.head)
        assert np.all((between >= at - 1) & (between <= at + gap_us)), "a line may be 1 µs early"
        at += gap_us
        assert np.all(np.diff(ring.read_times(ring.oldest, ring.head)) >= 0)


@given(st.integers(1, 700), st.integers(0, 800), st.integers(0, 300))
def test_overwriting_reaches_only_what_is_still_here(written: int, start: int, n: int) -> None:
    ring = Ring(2, 256)
    fill(ring, written)
    here = set(range(start, start + n)) & set(range(ring.oldest, ring.head))
    assert ring.overwrite(start, times(start, start + n), -truth(start, start + n)) == len(here)
    expected = truth(ring.oldest, ring.head)
    for index in here:
        expected[:, index - ring.oldest] *= -1
    np.testing.assert_array_equal(ring.read(ring.oldest, ring.head), expected)


def test_missing_samples_can_be_spread_anew() -> None:
    ring = Ring(1, 256)
    ring.append(np.array([0]), np.zeros((1, 1)))
    ring.append_missing(9, 0, 1000)
    ring.append(np.array([1000]), np.zeros((1, 1)))
    ring.spread(1, 5, 0, 50)
    assert ring.read_times(0, 11).tolist() == [0, 10, 20, 30, 40, 500, 600, 700, 800, 900, 1000]


@pytest.mark.parametrize("n", [100, 300])
def test_values_come_as_one_array_or_as_one_a_channel_of_any_type_of_number(n: int) -> None:
    ring = Ring(2, 256)
    rows = [np.arange(n, dtype=np.int16), np.arange(n, dtype=np.float32) / 2]
    ring.append(times(0, n), Rows(tuple(rows), n))
    np.testing.assert_array_equal(ring.read(ring.oldest, n), np.stack(rows)[:, ring.oldest :])
    ring.overwrite(n - 50, times(n - 50, n), Rows(tuple(row[:50] for row in rows), 50))
    np.testing.assert_array_equal(ring.read(n - 50, n), np.stack(rows)[:, :50])
    for wrong in (Rows(tuple(rows[:1]), n), Rows(tuple(row[1:] for row in rows), n - 1)):
        with pytest.raises(ValueError, match="ring of 2 channels"):
            ring.append(times(0, n), wrong)
    assert ring.head == n


def test_float32_is_half_the_memory_seven_digits_and_infinite_beyond() -> None:
    """Also of cells of the pyramid, and of values that are filled in later."""
    ring = Ring(1, 65_536, Storage.FLOAT32)
    values = np.random.default_rng(7).normal(size=(1, 60_000))
    values[0, 30_000:30_003] = 1e39, -1e300, 3.4e38
    ring.append(times(0, 60_000), values)
    ring.overwrite(100, times(100, 101), np.array([[-1e39]]))
    values[0, 100] = -np.inf
    values[0, 30_000:30_002] = np.inf, -np.inf
    got = ring.read(0, 60_000)
    assert got.dtype == np.float32
    np.testing.assert_array_equal(got, values.astype(np.float32))
    low, high = ring.minmax_cells(2, 0, 200)
    assert low.dtype == high.dtype == np.float32
    np.testing.assert_array_equal(low[0], got[0, : 200 * 256].reshape(-1, 256).min(axis=1))
    np.testing.assert_array_equal(high[0], got[0, : 200 * 256].reshape(-1, 256).max(axis=1))
    _, lows, highs = ring.runs(50, 200, [0, 80]) or ([], [[]], [[]])
    assert (lows[0][0], highs[0][1]) == (-np.inf, float(got[0, 130:200].max()))
    whole = Ring(1, 65_536)
    assert 1.9 < whole.allocated_bytes / ring.allocated_bytes < 2


def test_capacity_is_rounded_up_so_that_no_pyramid_cell_wraps() -> None:
    assert [Ring(1, n).capacity for n in (0, 1, 256, 257, 1_000_000)] == [256, 256, 256, 512, 1_000_192]
    assert CAPACITY_STEP % FANOUT == MIN_CAPACITY % CAPACITY_STEP == 0


def test_a_block_of_another_shape_is_our_own_bug_and_says_both_shapes() -> None:
    ring = Ring(2, 256)
    with pytest.raises(ValueError, match=r"\(3, 5\).*2 channels and 5"):
        ring.append(np.arange(5), np.zeros((3, 5)))
    assert (ring.claim, ring.head) == (0, 0)


def test_size_when_full_is_known_from_the_start() -> None:
    ring = Ring(3, 65_536)
    samples = 65_536 * 8 * 3
    assert samples < ring.allocated_bytes < samples * 1.15, "where the timebase is uniform"


# -- torn reads -------------------------------------------------------------------------------------------------


class Striking(np.ndarray):
    """Storage whose writer strikes at the worst moment: when the reader has begun with the first part of two."""

    strike: Callable[[], None] | None = None
    reads = 0

    def __getitem__(self, key: object) -> object:
        self.reads += 1
        if self.strike is not None and self.reads == 2:
            strike, self.strike = self.strike, None
            strike()
        return np.asarray(self)[key]  # type: ignore[index]


class Trusting(Ring):
    """Looks at the claim before the copy, and never again."""

    looks = 0

    def check(self, start: int) -> None:
        self.looks += 1
        if self.looks == 1:
            super().check(start)


def read_while_overwritten(ring: Ring, n: int, skip: int = 0) -> tuple[Float64Array, Float64Array]:
    """(what was read, what should have been) of a read that wraps, ``n`` samples being appended in its middle."""
    fill(ring, 300)
    start, stop = ring.oldest + skip, ring.head
    storage = ring._values = ring._values.view(Striking)
    storage.strike = lambda: fill(ring, n)
    return ring.read(start, stop), truth(start, stop)


@pytest.mark.parametrize("n", [1, 100, 256, 1000])
def test_a_read_that_the_writer_reaches_is_an_overrun(n: int) -> None:
    with pytest.raises(Overrun):
        read_while_overwritten(Ring(2, 256), n)


@pytest.mark.parametrize("n", [256, 1000])
def test_without_the_second_look_the_same_read_is_torn(n: int) -> None:
    """Proof that the interleaving above really tears, and that the second look is what saves the reader."""
    got, wanted = read_while_overwritten(Trusting(2, 256), n)
    assert not np.array_equal(got, wanted)


def test_samples_written_behind_a_read_do_not_disturb_it() -> None:
    got, wanted = read_while_overwritten(Ring(2, 256), 100, skip=100)
    np.testing.assert_array_equal(got, wanted)


@pytest.mark.parametrize("is_guarded", [True, False])
def test_a_block_that_is_half_written_is_never_read(is_guarded: bool) -> None:
    """The claim is stored before the first sample: otherwise a reader would take the new half for the old one."""
    seen: list[Float64Array | None] = []

    class Halting(Ring):
        strike = False

        def _store(self, start: int, times_us: np.ndarray, values: np.ndarray, *, is_even: bool = False) -> None:
            half = values.shape[1] // 2
            super()._store(start, times_us[:half], values[:, :half])
            if self.strike:
                if not is_guarded:
                    self.claim = self.head
                try:
                    seen.append(self.read(self.head - 256, self.head))
                except Overrun:
                    seen.append(None)
            super()._store(start + half, times_us[half:], values[:, half:])

    ring = Halting(2, 256)
    fill(ring, 300)
    ring.strike = True
    fill(ring, 64)
    assert len(seen) == 1
    if is_guarded:
        assert seen[0] is None
    else:
        assert seen[0] is not None
        assert not np.array_equal(seen[0], truth(44, 300))


def test_a_reader_beside_a_writer_reads_exact_samples_or_an_overrun() -> None:
    """Two real threads. Blocks are long, so that numpy copies them without the GIL and the threads really meet."""
    ring = Ring(1, 4096)
    fill(ring, 4096)
    reads = 4000
    done = threading.Event()
    failures: list[BaseException] = []

    def write() -> None:
        try:
            while not done.is_set():
                fill(ring, 1500)
        except BaseException as error:
            failures.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    exact = overruns = 0
    random = np.random.default_rng(1)
    try:
        for _ in range(reads):
            start = ring.oldest + int(random.integers(0, 3000))
            stop = min(start + 1000, ring.head)
            try:
                got, at = ring.read(start, stop), ring.read_times(start, stop)
            except (Overrun, IndexError):
                overruns += 1
                continue
            exact += 1
            assert np.array_equal(got, truth(start, stop, 1))
            assert np.array_equal(at, times(start, stop))
    finally:
        done.set()
        writer.join()
    assert not failures
    assert exact + overruns == reads
    assert exact > 0


@given(st.integers(0, 3000), st.integers(1, 400), st.integers(1, 70))
def test_times_of_every_nth_sample_are_those_of_the_samples_named(before: int, length: int, step: int) -> None:
    ring = Ring(1, 512)
    for start in range(0, before + length, 200):
        stop = min(start + 200, before + length)
        ring.append(np.arange(start, stop) * 10, np.zeros((1, stop - start)))
    start = max(before, ring.oldest)
    stop = before + length
    if start == stop:
        return
    index = [start, *range(start - start % step + step, stop, step)]
    assert ring.times_every(start, stop, step).tolist() == [i * 10 for i in index]


@pytest.mark.parametrize("before_us", [0, 1_795_392_030_190_001, 252_000_000_000_000_003])
@pytest.mark.parametrize("span_us", [0, 1, 7, 10**17 + 1])
def test_missing_samples_lie_between_their_neighbours_however_far_in_the_future(before_us: int, span_us: int) -> None:
    ring = Ring(1, 256)
    ring.append(np.array([before_us]), np.zeros((1, 1)))
    ring.append_missing(9, before_us, before_us + span_us)
    ring.append(np.array([before_us + span_us]), np.zeros((1, 1)))
    assert np.all(np.diff(ring.read_times(0, 11)) >= 0)


@given(st.data(), st.sampled_from([Storage.FLOAT64, Storage.FLOAT32]), st.sampled_from(["f8", ">f8", "f4"]))
def test_of_values_that_may_be_infinite_those_that_are_become_nan_in_samples_and_cells(
    data: st.DataObject, storage: Storage, dtype: str
) -> None:
    ring = Ring(2, 4096, storage)
    wanted: list[Float64Array] = []
    seed = np.random.default_rng(data.draw(st.integers(0, 99)))
    for _ in range(data.draw(st.integers(1, 5))):
        n = data.draw(st.sampled_from([1, 15, 40, 1000, 1024, 1500, 3000, 4500]))
        values = seed.normal(size=(2, n)).astype(dtype)
        ends = data.draw(st.lists(st.tuples(st.integers(0, 1), st.integers(0, n - 1)), max_size=3))
        for row, at in ends:
            values[row, at] = data.draw(st.sampled_from([np.inf, -np.inf, np.nan]))
        clean = values.astype(storage.value)
        is_infinite = np.isinf(clean)
        clean[is_infinite] = np.nan
        wanted.append(clean)
        kept = is_infinite[:, -ring.capacity :]
        sent = Rows(tuple(values), n) if data.draw(st.booleans()) else values
        assert ring.append(times(ring.head, ring.head + n), sent, is_finite=False) == bool(kept.any())
    samples = np.concatenate(wanted, axis=1)
    np.testing.assert_array_equal(ring.read(ring.oldest, ring.head), samples[:, ring.oldest :])
    first, last = -(-ring.oldest // FANOUT), ring.pyramid.folded(1)
    if first < last:
        cells = samples[:, first * FANOUT : last * FANOUT].reshape(2, -1, FANOUT)
        low, high = ring.minmax_cells(1, first, last)
        np.testing.assert_array_equal(low, np.fmin.reduce(cells, axis=2))
        np.testing.assert_array_equal(high, np.fmax.reduce(cells, axis=2))


def test_what_float32_cannot_hold_was_no_infinity_and_is_none_that_is_told() -> None:
    ring = Ring(1, 256, Storage.FLOAT32)
    assert not ring.append(times(0, 3), np.array([[1e300, -1e300, 1.0]]), is_finite=False)
    assert ring.read(0, 3).tolist() == [[np.inf, -np.inf, 1.0]]


@pytest.mark.parametrize("storage", Storage)
@pytest.mark.parametrize("dtype", ["<f2", "<f4", ">f4", "<f8", ">f8"])
@pytest.mark.parametrize("as_rows", [True, False])
def test_a_signalling_nan_is_as_missing_as_any_other(storage: Storage, dtype: str, as_rows: bool) -> None:
    ring = Ring(1, 4096, storage)
    values = np.ones((1, 2000), dtype)
    values.view(f"{dtype[0]}u{dtype[2]}")[0, 5] = SIGNALLING[dtype[1:]]
    for _ in range(3):  # round its end as well
        ring.append(times(ring.head, ring.head + 2000), Rows(tuple(values), 2000) if as_rows else values)
    assert np.flatnonzero(np.isnan(ring.read(2000, 6000)[0])).tolist() == [5, 2005]
    low, high = ring.minmax_cells(1, 125, 250)
    assert (low == 1).all()
    assert (high == 1).all()
