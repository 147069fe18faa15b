"""What the simulator spends on a sample: windows as JSON and new samples as arrays, without sockets.

Sixteen streams of four channels at 100 kS/s in turns, 50 ms a tick, JSON windows of two ticks; a figure is of one *new*
sample of one channel, everything it takes included. ``python -m perf simulator``.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import orjson

from lablink_dpg.sim import stamp_text
from lablink_dpg.sim.acquisition import Acquisition
from lablink_dpg.sim.bench import BenchOptions, configs, instruments
from lablink_dpg.sim.protocols import frame_header
from lablink_dpg.sim.sample_text import SampleText
from lablink_dpg.sim.signals import expected
from lablink_dpg.sim.timeline import Timeline
from perf.result import Result, interleaved_s, table

STREAMS, CHANNELS, RATE_HZ = 16, 4, 100_000.0
TICK_S = 0.05
NEW = round(TICK_S * RATE_HZ)  # samples a channel and tick
WINDOW = 2 * NEW
START_US = 1_764_000_000_123_456
ROUNDS = 15
JSON_GOAL_NS = 60.0  # 5 M samples a second from three tenths of a core
ARRAYS_GOAL_NS = 3.0  # 40 M samples a second from an eighth of a core
OPTION = orjson.OPT_SERIALIZE_NUMPY


def run() -> list[Result]:
    options = BenchOptions(STREAMS, RATE_HZ, CHANNELS, is_looped=True)
    found = configs(options, instruments(options, START_US))
    acquisitions = [Acquisition(config, START_US) for config in found]
    for acquisition in acquisitions:
        acquisition.start(START_US)
    timeline = Timeline(RATE_HZ, START_US)
    texts = [SampleText(timeline, config.channels, config.signals) for config in found]
    times_us = timeline.times(NEW, WINDOW)
    stamps = (
        lambda: stamp_text.write(times_us),
        lambda: orjson.dumps(times_us.view("datetime64[us]"), option=OPTION),
    )
    new = NEW * CHANNELS
    json_ns, plain_ns = _each_ns((_windows(acquisitions), _plain(texts, timeline)), new)
    arrays_ns, computed_ns = _each_ns((_arrays(texts), _computed(options)), new)
    stamps_ns, theirs_ns = _each_ns(stamps, NEW)
    return [
        Result("JSON windows, a new sample", json_ns, plain_ns, "ns", "orjson, the whole window", at_most=0.55),
        Result("the same, of what it may take", json_ns, JSON_GOAL_NS, "ns", "goal", at_most=1.0),
        Result("arrays, a new sample", arrays_ns, computed_ns, "ns", "computing it", at_most=0.13),
        Result("the same, of what it may take", arrays_ns, ARRAYS_GOAL_NS, "ns", "goal", at_most=1.0),
        Result("timestamps, each", stamps_ns, theirs_ns, "ns", "orjson", at_most=0.45),
    ]


def _each_ns(actions: Sequence[Callable[[], object]], samples: int) -> list[float]:
    """Each action is one stream's, so short that few are interrupted by other processes."""
    return [seconds / samples * 1e9 for seconds in interleaved_s(actions, ROUNDS * STREAMS)]


def _windows(acquisitions: list[Acquisition]) -> Callable[[], object]:
    """The next window of the next stream, to the frame that goes to the socket."""
    turns = itertools.count(2 * STREAMS)

    def window() -> None:
        tick, number = divmod(next(turns), STREAMS)
        pieces = acquisitions[number].pieces(WINDOW, START_US + round(tick * TICK_S * 1e6))
        pieces.joined(frame_header(len(pieces)))

    return window


def _plain(texts: list[SampleText], timeline: Timeline) -> Callable[[], object]:
    """The same window by the encoder alone, from arrays that lie ready."""
    times = timeline.times(0, WINDOW).view("datetime64[us]")
    ready = itertools.cycle(
        {"timestamps": times, "values": [each.copy() for each in text.values(0, WINDOW)]} for text in texts
    )
    return lambda: orjson.dumps(next(ready), option=OPTION)


def _arrays(texts: list[SampleText]) -> Callable[[], object]:
    """The new samples of the next stream, copied once into a message."""
    turns = itertools.count()

    def message() -> None:
        tick, number = divmod(next(turns), STREAMS)
        b"".join(values.data for values in texts[number].values(tick * NEW, (tick + 1) * NEW))

    return message


def _computed(options: BenchOptions) -> Callable[[], object]:
    """The same of signals that don't repeat."""
    computed = configs(replace(options, is_looped=False), instruments(options, START_US))
    specs = itertools.cycle([list(config.signals.values()) for config in computed])
    numbers = np.arange(NEW, dtype=np.int64)
    return lambda: b"".join(expected(spec, numbers).data for spec in next(specs))


if __name__ == "__main__":
    print(table(run()))
