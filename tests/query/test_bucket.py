"""A bucket changes when zoom, width or the stream do, and at no other time."""

from __future__ import annotations

import numpy as np
import pytest

from lablink_dpg.query.bucket import SteadyBucket
from lablink_dpg.query.columns import HEADROOM, bucket_for


def test_a_bucket_rests_while_a_window_fills_and_the_rate_jitters():
    rng = np.random.default_rng(5)
    for nominal in (900.0, 12_345.0, 1e6):
        steady = SteadyBucket()
        seen = {steady.samples(nominal, int(part * nominal), 380) for part in np.linspace(0, 1, 50)}
        seen |= {steady.samples(nominal, int(nominal * rng.uniform(0.92, 1.08)), 380) for _ in range(500)}
        assert seen == {bucket_for(nominal, 380)}


@pytest.mark.parametrize("nominal", [0.0, 100.0])
def test_a_stream_faster_than_its_word_gets_a_bucket_that_serves_and_stays(nominal):
    rng = np.random.default_rng(6)
    steady = SteadyBucket()
    filling = [steady.samples(nominal, count, 380) for count in range(0, 100_000, 250)]
    assert len(set(filling)) <= 10
    full = {steady.samples(nominal, int(100_000 * rng.uniform(0.92, 1.08)), 380) for _ in range(500)}
    assert len(full) == 1
    assert 1 <= 380 / (108_000 / full.pop()) <= 4 * HEADROOM


def test_a_bucket_follows_zoom_and_width_at_once_and_gives_way_when_a_stream_slows_down():
    steady = SteadyBucket()
    for nominal, width in ((1e6, 380), (1e5, 380), (1e5, 1920), (1e7, 10)):
        assert steady.samples(nominal, int(nominal), width) == bucket_for(nominal, width)
    steady.samples(0.0, 1_000_000, 380)
    assert steady.samples(0.0, 1000, 380) <= 2 * bucket_for(2000, 380)
