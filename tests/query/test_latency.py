"""Ages are those of all samples that came on the screen, and of nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from lablink_dpg.query.latency import PROBES, LatencyHistogram, LatencyProbe
from lablink_dpg.store.store import Store
from tests.support.query_oracle import START_US, Server

FAR_US = START_US + 10**15  # a right edge that everything is on this side of
LATE_US = 30_000  # from a sample's timestamp to its message, for the newest of a message


def show(server: Server, probe: LatencyProbe, now_us: int) -> np.ndarray:
    return probe.measure({"a": server.series}, FAR_US, now_us)


def test_a_known_pattern_gives_the_known_distribution():
    """50 samples, 1 ms apart, in each message; the newest is LATE_US old when it is shown: 30 to 79 ms, evenly."""
    server, probe = Server(Store(10_000)), LatencyProbe()
    server.send(50)
    ages = []
    for _ in range(200):
        ages.append(show(server, probe, int(server.times(server.total - 1, 1)[0]) + LATE_US))
        server.send(50)
    assert ages[0].shape == (0,)  # what was there before is not new
    measured = np.concatenate(ages)
    assert measured.shape == (199 * PROBES,)
    assert measured.min() == 30.0
    assert measured.max() == 79.0
    for percent in (10, 50, 90):
        assert np.percentile(measured, percent) == pytest.approx(30 + 49 * percent / 100, abs=7)
    assert probe.smoothed_ms["a"] == pytest.approx(54.5)


def test_a_frame_without_new_samples_has_no_ages():
    server, probe = Server(Store(10_000)), LatencyProbe()
    server.send(50)
    show(server, probe, START_US)
    assert show(server, probe, START_US + 1_000_000).shape == (0,)
    server.send(1)
    assert show(server, probe, START_US + 50_000 + 7_000).tolist() == [7.0] * PROBES


def test_nothing_is_measured_while_held_and_resuming_brings_no_giant():
    server, probe = Server(Store(10_000)), LatencyProbe()
    server.send(50)
    show(server, probe, START_US)
    for _ in range(100):
        server.send(50)
        assert probe.rest().shape == (0,)
    now = int(server.times(server.total - 1, 1)[0]) + LATE_US
    assert show(server, probe, now).shape == (0,)
    server.send(10)
    assert show(server, probe, now + 10_000).max() == 39.0


def test_the_history_that_a_first_window_brings_was_not_late():
    server, probe = Server(Store(10_000)), LatencyProbe()
    assert show(server, probe, START_US).shape == (0,)
    server.send(5000)
    assert show(server, probe, START_US + 5_000_000).shape == (0,)
    server.send(10)
    assert show(server, probe, START_US + 5_010_000).max() == 10.0


def test_samples_that_never_came_have_no_age():
    server, probe = Server(Store(100_000)), LatencyProbe()
    server.send(50)
    show(server, probe, START_US)
    for _ in range(3):
        server.lose(8000)
        server.send(5)
    ages = show(server, probe, int(server.times(server.total - 1, 1)[0]))
    came = {0.0, 1.0, 2.0, 3.0, 4.0}
    assert set(ages) <= {base + each for base in (0, 8005, 16010) for each in came}
    assert {0.0, 16014.0} <= set(ages)


def test_a_hole_alone_has_no_ages():
    server, probe = Server(Store(100_000)), LatencyProbe()
    server.send(50)
    server.lose(20)
    server.send(5)
    probe.measure({"a": server.series}, int(server.times(49, 1)[0]), START_US)
    assert probe.measure({"a": server.series}, int(server.times(69, 1)[0]), START_US).shape == (0,)


def test_samples_that_left_the_ring_before_they_were_shown_are_left_out():
    server, probe = Server(Store(256)), LatencyProbe()
    server.send(50)
    show(server, probe, START_US)
    server.send(1000)
    ages = show(server, probe, int(server.times(1050, 1)[0]))
    assert ages.max() == 256.0


def test_a_new_ring_begins_anew():
    server, probe = Server(Store(10_000)), LatencyProbe()
    server.send(50)
    show(server, probe, START_US)
    server.channels = ("CH1", "CH2")
    server.send(50)
    assert show(server, probe, START_US + 1_000_000).shape == (0,)


def test_an_edge_that_steps_back_does_not_measure_twice():
    server, probe = Server(Store(10_000)), LatencyProbe()
    server.send(100)
    for stop in (50, 80, 60, 80):
        ages = probe.measure({"a": server.series}, int(server.times(stop - 1, 1)[0]), START_US + 100_000)
    assert ages.shape == (0,)


def test_a_histogram_gives_the_percentiles_of_what_was_added():
    rng = np.random.default_rng(3)
    histogram = LatencyHistogram()
    assert histogram.percentile(50) is None
    ages = rng.gamma(4.0, 15.0, 20_000)
    for part in np.array_split(ages, 100):
        histogram.add(part, [1])
    for percent in (50, 95, 99):
        assert histogram.percentile(percent) == pytest.approx(np.percentile(ages, percent), abs=0.2)
    assert histogram.max_ms == ages.max()


def test_a_histogram_takes_clocks_that_differ_and_ages_without_bound():
    histogram = LatencyHistogram()
    histogram.add(np.array([-3.0, 1e9]), [1])
    histogram.add(np.empty(0), [])
    assert histogram.percentile(1) == pytest.approx(0.1)
    assert histogram.percentile(100) >= LatencyHistogram.MAX_MS
    assert histogram.max_ms == 1e9


def test_samples_that_come_at_once_after_a_silence_count_each() -> None:
    """Two seconds of twenty are one frame's news, yet a tenth of the samples."""
    server, probe, histogram, ages = Server(Store(100_000)), LatencyProbe(), LatencyHistogram(), []
    server.send(40)
    for frame in range(500):
        count = 2000 if frame == 300 else 40
        now = int(server.times(server.total + count - 1, 1)[0]) + LATE_US
        first = server.total
        server.send(count)
        found = show(server, probe, now)
        histogram.add(found, probe.counts)
        if found.shape[0]:
            assert probe.counts == (count,)
            ages.append((now - server.times(first, count)) / 1000)
    for percent in (50, 95, 99):
        true = np.percentile(np.concatenate(ages), percent)
        # One probe may stand for a seventh of what came at once.
        assert histogram.percentile(percent) == pytest.approx(true, abs=7 if percent == 50 else 2000 / (PROBES - 1))


def test_no_percentile_is_beyond_the_largest_age() -> None:
    histogram = LatencyHistogram()
    histogram.add(np.array([83.391]), [5])
    assert histogram.percentile(50) == histogram.percentile(99) == histogram.max_ms == 83.391
