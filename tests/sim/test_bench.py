"""When signals are looped, and how long the loops are."""

from __future__ import annotations

import pytest

from lablink_dpg.sim import LOOPED_ABOVE, needs_loops
from lablink_dpg.sim.bench import LOOP_SAMPLES, BenchOptions, configs, instruments, loop_log2
from lablink_dpg.sim.signals import MAX_LOOP_LOG2, MIN_LOOP_LOG2


@pytest.mark.parametrize("streams", [1, 16, 64, 256, 1000, 4096])
@pytest.mark.parametrize("channels", [1, 4, 64])
def test_the_loops_of_any_bench_stay_within_their_memory(streams: int, channels: int) -> None:
    log2 = loop_log2(BenchOptions(streams, channels=channels, is_looped=True))
    assert log2 is not None
    assert MIN_LOOP_LOG2 <= log2 <= MAX_LOOP_LOG2
    assert streams * channels << log2 <= LOOP_SAMPLES


@pytest.mark.parametrize(
    "options", [BenchOptions(16), BenchOptions(None, is_looped=True), BenchOptions(0, is_looped=True)]
)
def test_signals_repeat_only_where_that_is_wanted(options: BenchOptions) -> None:
    assert loop_log2(options) is None


def test_a_looped_bench_says_so_in_every_spec() -> None:
    options = BenchOptions(3, channels=2, is_looped=True)
    specs = [spec for config in configs(options, instruments(options, 0)) for spec in config.signals.values()]
    assert [spec["loop_log2"] for spec in specs] == [loop_log2(options)] * 6


def test_loops_are_needed_above_a_rate_of_all_channels_together() -> None:
    assert not needs_loops(10, 10, LOOPED_ABOVE / 100)
    assert needs_loops(10, 10, LOOPED_ABOVE / 100 + 1)
