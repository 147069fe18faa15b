"""One message to arrays: the decoder with each accelerator against ``orjson.loads`` plus ``np.array``.

The baseline converts the whole window, as the plainest client does; the decoder converts what is new in it, a share
that stands in the name. First one message again and again, which the processor learns by heart; then windows of a
stream one after the other, decoded and stored, against a baseline that stores nothing; a large one comes into memory
that is used again, as from the link. ``python -m perf decode``.
"""

from __future__ import annotations

import itertools
import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import orjson

from lablink_dpg.model.acquisition import AcquisitionBlock
from lablink_dpg.store.store import Store
from lablink_dpg.wire import numbers
from lablink_dpg.wire.decoder import decode
from perf.result import Result, interleaved_s, table

SECONDS = 8.0  # of the default run; enough for medians that repeat within a tenth
BURST_S = (
    0.0003  # one timed burst: far above the clock's grain, and so short that few are interrupted by other processes
)
ACQUISITION = "b3a64ccb-cd88-4f37-a9ae-8a924c6b567b"
START = datetime(2026, 11, 23, 0, 0, 30, 184873)

STEP_US = 101  # from sample to sample
MADE_BYTES = 2**23  # so many that no processor knows the digits by heart, nor every window begins another second
KEPT_WINDOWS = 8  # in the ring, so that it is full soon
GROUP_BYTES = 2**18  # received at once: what a busy loop finds in its sockets; larger messages come one by one
GROUPS = 8  # in a row: a busy client does little else in between
MIN_WINDOWS = 3 * KEPT_WINDOWS

# samples, channels, new ones, and the least ratio that CI accepts from simdjson and from orjson: two thirds of what two
# virtual cores of a Xeon gave
CASES: tuple[tuple[int, int, int, float | None, float | None], ...] = (
    (100, 1, 100, 0.22, 0.2),  # small messages: their price is per message, not per sample
    (1000, 1, 500, 1.0, 0.85),  # 10 kS/s at 50 ms in windows of two intervals
    (10_000, 4, 10_000, 1.35, 0.85),
    (10_000, 4, 3333, 2.7, 1.95),
)
# The same for the whole way into the ring, with the accelerator that is active. The planner's windows are half new
# where a stream is fast, and a third where it has the most slack.
STORED: tuple[tuple[int, int, int, float | None], ...] = (
    (10_000, 4, 3333, 2.05),
    (10_000, 4, 5000, 1.7),
    (2000, 4, 1000, 1.1),
    (1000, 1, 500, 0.58),
    (100, 1, 50, 0.12),
)


def run(seconds_budget: float = SECONDS) -> list[Result]:
    """Measure for about ``seconds_budget``: each case with each accelerator, then one with NaN among the samples."""
    share_s = seconds_budget / (len(CASES) * len(numbers.ACCELERATORS) + len(STORED) + 1)
    results = []
    for samples, channels, new, *budgets in CASES:
        raw = message(samples, channels)
        for (name, accelerator), least in zip(numbers.ACCELERATORS.items(), _budgets(budgets), strict=True):
            with using(accelerator):
                label = f"{samples} × {channels}, {new} new, {name}"
                results.append(_compare(label, raw, samples - new, plain, "orjson + np.array", share_s, least))
    for samples, channels, new, least in STORED:
        results.append(_compare_stored(samples, channels, new, share_s, least))
    raw = message(1000, 1, nan_every=100)
    results.append(_compare("1000 × 1, 500 new, 1 % NaN", raw, 500, plain_json, "json + np.array", share_s, 1.1))
    return results


def _budgets(budgets: list[float | None]) -> list[float | None]:
    return budgets[-len(numbers.ACCELERATORS) :]  # without simdjson only orjson's


@contextmanager
def using(accelerator: numbers.Accelerator) -> Iterator[None]:
    before = numbers.active
    numbers.active = accelerator
    try:
        yield
    finally:
        numbers.active = before


def message(samples: int, channels: int, nan_every: int = 0, first: int = 0) -> bytes:
    """An ``acquisition_stream`` message as the server sends it, of noise with all its digits, from ``first`` on."""
    noise = np.random.default_rng((samples, first)).normal(size=(channels, samples))
    if nan_every:
        noise[:, ::nan_every] = np.nan
    stamps = [(START + timedelta(microseconds=STEP_US * (first + index))).isoformat() for index in range(samples)]
    values = {f"CH{index + 1}": row.tolist() for index, row in enumerate(noise)}
    sent: dict[str, Any] = {
        "type": "acquisition_stream",
        "acquisition_id": ACQUISITION,
        "state": "acquiring",
        "stats": {"total_samples": samples, "samples_per_channel": dict.fromkeys(values, samples), "min_values": {}},
        "data": {"timestamps": stamps, "values": values, "count": samples},
    }
    return json.dumps(sent, separators=(",", ":")).encode()


def plain(raw: bytes | bytearray, loads: Callable[[bytes | bytearray], Any] = orjson.loads) -> object:
    data = loads(raw)["data"]
    return np.array(data["timestamps"], "datetime64[us]"), [np.array(each) for each in data["values"].values()]


def plain_json(raw: bytes) -> object:
    return plain(raw, json.loads)


def successive(samples: int, channels: int, new: int) -> Iterator[tuple[bytes, int]]:
    """Windows of one stream without end, each ``new`` samples on, and when each arrives, in µs.

    A few megabytes of windows are made; an hour later they come again, with another count.
    """
    windows = 1 + MADE_BYTES // len(message(samples, channels))
    made = [
        message(samples, channels, first=number * new).replace(b'"total_samples":%d' % samples, b'"total_samples":%d')
        for number in range(windows)
    ]
    hour = START.strftime('"%Y-%m-%dT%H:').encode()
    total = samples
    for cycle in itertools.count():
        later = START + timedelta(hours=cycle)
        for number, raw in enumerate(made):
            head, tail = raw.replace(hour, later.strftime('"%Y-%m-%dT%H:').encode()).split(b"%d")
            newest = later + timedelta(microseconds=STEP_US * (number * new + samples))
            yield b"%s%d%s" % (head, total, tail), round(newest.replace(tzinfo=UTC).timestamp() * 1e6)
            total += new


def _compare_stored(samples: int, channels: int, new: int, seconds: float, at_least: float | None) -> Result:
    """Messages per second from bytes to ring, and of the baseline, which stores nothing."""
    name = f"{samples} × {channels}, {new} new, decoded and stored"
    store = Store(KEPT_WINDOWS * samples)
    series = successive(samples, channels, new)
    at_once = max(1, GROUP_BYTES // len(message(samples, channels)))
    costs_ns: tuple[list[float], list[float]] = ([], [])
    messages = 0
    memory = bytearray()
    warm = -(-KEPT_WINDOWS * samples // new)  # until the ring is full, and its memory not new any more
    until = time.monotonic() + seconds

    def decode_and_store(raw: bytes | bytearray, arrival_us: int) -> None:
        block = decode(raw, store.last_totals, store.last_starts)
        if not isinstance(block, AcquisitionBlock):
            raise AssertionError(f"{name}: {block}")
        store.ingest(block, arrival_us)

    # Some groups by either, in turns, since the one empties the caches for the other.
    while messages < warm + MIN_WINDOWS or time.monotonic() < until:
        turn = [list(itertools.islice(series, at_once)) for _ in range(GROUPS)]
        for action, kept in zip((decode_and_store, _plain_arrived), costs_ns, strict=True):
            for group in turn:
                received: list[tuple[bytes | bytearray, int]]
                if at_once == 1:  # into memory that is used again, as the link does with large messages
                    memory[:] = group[0][0]
                    received = [(memory, group[0][1])]
                else:  # anew, as by the library
                    received = [(bytes(bytearray(raw)), arrival_us) for raw, arrival_us in group]
                # Processor time: on a busy machine the longer of two actions is interrupted more often.
                started = time.thread_time_ns()
                for raw, arrival_us in received:
                    action(raw, arrival_us)
                kept.append((time.thread_time_ns() - started) / at_once)
        messages += GROUPS * at_once
    counters = store.series[ACQUISITION].counters
    if counters.lost or counters.received != channels * (samples + new * (messages - 1)):
        raise AssertionError(f"{name}: {counters} of {messages} messages")
    ours, theirs = (1e9 / statistics.median(each[warm // at_once :]) for each in costs_ns)
    return Result(name, ours, theirs, "messages/s", "orjson + np.array", at_least=at_least)


def _plain_arrived(raw: bytes | bytearray, arrival_us: int) -> None:
    plain(raw)


def _compare(
    name: str,
    raw: bytes,
    stored: int,
    baseline: Callable[[bytes], object],
    against: str,
    seconds: float,
    at_least: float | None,
) -> Result:
    """Messages per second of both, each fed the same copies in turn so that no copy stays in the nearest cache."""
    copies = itertools.cycle([bytes(bytearray(raw)) for _ in range(max(1, 2_000_000 // len(raw)))])
    last_totals = {ACQUISITION: stored}
    decoded = decode(raw, last_totals)
    if not isinstance(decoded, AcquisitionBlock):
        raise AssertionError(f"{name}: {decoded}")
    actions = (lambda: decode(next(copies), last_totals), lambda: baseline(next(copies)))
    once_s = sum(interleaved_s(actions, rounds=5))
    repeats = max(1, int(BURST_S / once_s))
    rounds = max(5, int(seconds / (once_s * repeats)))
    ours_s, theirs_s = interleaved_s(actions, rounds, repeats, time.thread_time)
    return Result(name, 1 / ours_s, 1 / theirs_s, "messages/s", against, at_least=at_least)


if __name__ == "__main__":
    print(table(run()))
