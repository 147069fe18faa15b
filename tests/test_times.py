"""Durations: bounded memory, newest kept, in order."""

from __future__ import annotations

import pytest

from lablink_dpg.times import SETTLING_FRAMES, FrameTimes


def test_nothing_is_said_before_the_second_frame() -> None:
    times = FrameTimes()
    times.add(0.0, 1.0, 2.0)
    assert times.recent() == (0.0, 0.0, 0.0)


def test_only_the_newest_frames_are_kept_oldest_first() -> None:
    times = FrameTimes(kept=4)
    for i in range(10):
        times.add(i / 30, float(i), 2.0 * i)
    assert times.frames == 10
    assert times.prepare_ms.tolist() == [6, 7, 8, 9]
    assert times.draw_ms.tolist() == [12, 14, 16, 18]


def test_frames_a_second_come_from_when_frames_began() -> None:
    times = FrameTimes()
    for i in range(100):
        times.add(i / 25, 1.0, 3.0)
    fps, prepare, draw = times.recent()
    assert fps == pytest.approx(25)
    assert (prepare, draw) == (1.0, 3.0)


def test_intervals_are_those_between_beginnings_once_the_start_is_over() -> None:
    times = FrameTimes()
    for i in range(SETTLING_FRAMES):
        times.add(i * 1.0, 1.0, 1.0)
    assert times.interval_ms.size == 0
    for i in range(4):
        times.add(100 + i * 0.04 + (i == 3) * 0.01, 1.0, 1.0)
    assert times.interval_ms == pytest.approx([40, 40, 50])


def test_when_frames_began_is_kept_oldest_first() -> None:
    times = FrameTimes(kept=3)
    for i in range(5):
        times.add(i * 0.5, 1.0, 1.0)
    assert times.started_s.tolist() == [1.0, 1.5, 2.0]
