"""One clock for the whole program."""

from __future__ import annotations

import time

import pytest

from lablink_dpg import clock as clock_module
from lablink_dpg.clock import AxisClock


class Hands:
    def __init__(self) -> None:
        self.wall_ns = 1_795_000_000_000_000_999
        self.monotonic_ns = 55_000_000_500
        self.looks_at_wall = 0

    def wall(self) -> int:
        self.looks_at_wall += 1
        return self.wall_ns

    def monotonic(self) -> int:
        return self.monotonic_ns

    def pass_by(self, span_ns: int) -> None:
        self.wall_ns += span_ns
        self.monotonic_ns += span_ns


def test_it_starts_at_the_wall_clock_and_goes_on_with_the_monotonic_one() -> None:
    hands = Hands()
    clock = AxisClock(hands.wall, hands.monotonic)
    assert clock.now_us() == 1_795_000_000_000_000
    hands.pass_by(1_234_567_000)
    assert clock.now_us() == 1_795_000_001_234_567


def test_a_wall_clock_that_is_set_does_not_move_it() -> None:
    hands = Hands()
    clock = AxisClock(hands.wall, hands.monotonic)
    for jump_ns in (-3_600_000_000_000, 7_200_000_000_000, 1):
        hands.wall_ns += jump_ns
        before = clock.now_us()
        hands.monotonic_ns += 1_000
        assert clock.now_us() == before + 1
    assert hands.looks_at_wall == 1


def test_by_default_it_is_unix_time_and_never_falls() -> None:
    clock = AxisClock()
    before_us = time.time_ns() // 1000
    assert abs(clock.now_us() - before_us) < 60_000_000
    times = [clock.now_us() for _ in range(1000)]
    assert times == sorted(times)


@pytest.mark.parametrize("suspended_ns", [0, 3_600_000_000_000])
def test_by_default_the_time_in_suspend_counts_where_the_system_can_tell(
    suspended_ns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time since boot goes on, Python's monotonic clock stood still."""
    hands = Hands()
    boot_id = 7
    monkeypatch.setattr(clock_module, "_BOOTTIME", boot_id)
    monkeypatch.setattr(time, "clock_gettime_ns", {boot_id: 1_000}.__getitem__, raising=False)
    clock = AxisClock(hands.wall)
    before = clock.now_us()
    monkeypatch.setattr(time, "clock_gettime_ns", {boot_id: 6_000 + suspended_ns}.__getitem__)
    assert clock.now_us() == before + 5 + suspended_ns // 1000


def test_where_there_is_no_time_since_boot_the_monotonic_clock_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_module, "_BOOTTIME", None)
    low, now, high = time.monotonic_ns(), clock_module.elapsed_ns(), time.monotonic_ns()
    assert low <= now <= high
