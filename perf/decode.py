"""One message to arrays: the decoder with each accelerator against ``orjson.loads`` plus ``np.array``.

The baseline converts the whole window, as the plainest client does; the decoder converts what is new in it. So the
figures are of one message, and the share that is new stands in the name. ``python -m perf decode``.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import orjson

from lablink_dpg.model.acquisition import AcquisitionBlock
from lablink_dpg.wire import numbers
from lablink_dpg.wire.decoder import decode
from perf.result import Result, interleaved_s, table

SECONDS = 8.0  # of the default run; enough for medians that repeat within a tenth
BURST_S = (
    0.0003  # one timed burst: far above the clock's grain, and so short that few are interrupted by other processes
)
ACQUISITION = "b3a64ccb-cd88-4f37-a9ae-8a924c6b567b"
START = datetime(2026, 11, 23, 0, 0, 30, 184873)

# samples, channels, new ones, and the least ratio that CI accepts from simdjson and from orjson: two thirds of what the
# slower of two kinds of processor gave, since on a busy machine the shorter of two actions suffers more
CASES: tuple[tuple[int, int, int, float | None, float | None], ...] = (
    (100, 1, 100, None, None),  # small messages: their price is per message, not per sample
    (1000, 1, 500, 1.0, 0.8),  # 10 kS/s at 50 ms in windows of two intervals
    (10_000, 4, 10_000, 1.1, None),
    (10_000, 4, 3333, 2.0, 1.5),
)


def run(seconds_budget: float = SECONDS) -> list[Result]:
    """Measure for about ``seconds_budget``: each case with each accelerator, then one with NaN among the samples."""
    share_s = seconds_budget / (len(CASES) * len(numbers.ACCELERATORS) + 1)
    results = []
    for samples, channels, new, *budgets in CASES:
        raw = message(samples, channels)
        for (name, accelerator), least in zip(numbers.ACCELERATORS.items(), _budgets(budgets), strict=True):
            with using(accelerator):
                label = f"{samples} × {channels}, {new} new, {name}"
                results.append(_compare(label, raw, samples - new, plain, "orjson + np.array", share_s, least))
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


def message(samples: int, channels: int, nan_every: int = 0) -> bytes:
    """An ``acquisition_stream`` message as the server sends it, of noise with all its digits."""
    noise = np.random.default_rng(samples).normal(size=(channels, samples))
    if nan_every:
        noise[:, ::nan_every] = np.nan
    stamps = [(START + timedelta(microseconds=101 * index)).isoformat() for index in range(samples)]
    values = {f"CH{index + 1}": row.tolist() for index, row in enumerate(noise)}
    sent: dict[str, Any] = {
        "type": "acquisition_stream",
        "acquisition_id": ACQUISITION,
        "state": "acquiring",
        "stats": {"total_samples": samples, "samples_per_channel": dict.fromkeys(values, samples), "min_values": {}},
        "data": {"timestamps": stamps, "values": values, "count": samples},
    }
    return json.dumps(sent, separators=(",", ":")).encode()


def plain(raw: bytes, loads: Callable[[bytes], Any] = orjson.loads) -> object:
    data = loads(raw)["data"]
    return np.array(data["timestamps"], "datetime64[us]"), [np.array(each) for each in data["values"].values()]


def plain_json(raw: bytes) -> object:
    return plain(raw, json.loads)


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
    ours_s, theirs_s = interleaved_s(actions, rounds, repeats)
    return Result(name, 1 / ours_s, 1 / theirs_s, "messages/s", against, at_least=at_least)


if __name__ == "__main__":
    print(table(run()))
