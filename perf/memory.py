"""Memory of what is kept against the raw samples, and what keeping timestamps as lines costs.

``python -m perf memory``; half a minute. A fresh process fills real series by ``Store.ingest`` and looks at its own
resident memory before and after. Raw are the values that are kept, and 8 bytes for each timestamp where they are
irregular; where a timebase is uniform it needs none.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys

import numpy as np
import psutil

from lablink_dpg.model.acquisition import AcquisitionBlock, AcquisitionInfo, AcquisitionState, Int64Array
from lablink_dpg.model.storage import Storage
from lablink_dpg.store.ring import Ring
from lablink_dpg.store.store import Store
from perf.explicit import explicit
from perf.result import Result, interleaved_s, table

START_US = 1_795_000_000_000_000
BLOCK = 500
AT_MOST = 1.15  # of the raw bytes: the pyramid alone is 1.133
# (channels, samples a channel, streams): 16 to 80 MB of values each, so that what a process takes anyhow is little.
FILLINGS = ((1, 100_000, 96), (1, 1_000_000, 4), (1, 10_000_000, 1), (4, 100_000, 24), (4, 1_000_000, 2))
SMALL = ((1, 1_000, 1000), (1, 10_000, 200))  # for reading: what a short history costs
ROUNDS, REPEATS = 25, 40
HISTORY = 1_000_000
# Of storing the same with an array of timestamps: most of a long block's cost is to see that they are on the line, the
# more so where folding is compiled: 1.03, 1.37 and 2.0 to 2.3 were measured.
APPEND_AT_MOST = {50: 1.5, 500: 2.0, 5000: 3.3}
INGEST_AT_MOST = 1.3  # of all that a message costs after decoding
READ_AT_MOST = 2.0  # of an array that happens to be in the processor's caches
COLUMNS = 2000  # of a whole window


def run() -> list[Result]:
    out = []
    for kind in ("uniform", "jittered"):
        for storage in Storage:
            out += [_filled(kind, storage, *filling, at_most=AT_MOST) for filling in FILLINGS]
    out += [_filled("uniform", Storage.FLOAT64, *filling, at_most=None) for filling in SMALL]
    for kind in ("uniform", "jittered"):
        out += [_append(kind, n) for n in APPEND_AT_MOST]
        out += [_ingest(kind, n) for n in (50, 500)]
        out += _reading(kind)
    return out


def stamps(kind: str, first: int, n: int) -> Int64Array:
    """10 kS/s; jittered as by a clock that is read for every sample, the same for the same samples."""
    even = START_US + np.arange(first, first + n) * 100
    if kind == "uniform":
        return even
    return even + (np.arange(first, first + n) * 2_654_435_761 >> 7) % 97


def _filled(kind: str, storage: Storage, channels: int, samples: int, streams: int, *, at_most: float | None) -> Result:
    words = [kind, storage.value, str(channels), str(samples), str(streams)]
    told = subprocess.run(
        [sys.executable, "-m", "perf.memory", *words], capture_output=True, text=True, check=True, timeout=120
    )
    grown, raw, said = json.loads(told.stdout)
    name = f"memory of {streams} × {channels} × {samples:,} {storage.value} {kind} (said: {said / raw:.3f})"
    return Result(name, grown / 1e6, raw / 1e6, "MB", "values, and stamps where irregular", at_most=at_most)


def fill(kind: str, storage: Storage, channels: int, samples: int, streams: int) -> tuple[int, int, int]:
    """Bytes: that the process has grown by, raw, and as the rings say."""
    store = Store(samples, storage)
    names = [f"s{number}" for number in range(streams)]
    channel_names = tuple(f"CH{number}" for number in range(channels))
    values = np.random.default_rng(1).normal(size=(channels, BLOCK))

    def describe(name: str) -> None:
        store.describe(AcquisitionInfo(name, "e", name, AcquisitionState.ACQUIRING, channel_names, 10_000.0), "")

    def send(name: str, first: int) -> None:
        times = stamps(kind, first, BLOCK)
        block = AcquisitionBlock(name, AcquisitionState.ACQUIRING, first + BLOCK, BLOCK, times, channel_names, values)
        store.ingest(block, int(times[-1]) + 1000)

    describe("warm")
    for first in range(0, 40 * BLOCK, BLOCK):
        send("warm", first)
    for name in names:  # what a stream costs before its first sample is no part of what is kept of it
        describe(name)
    process = psutil.Process()
    before = process.memory_info().rss
    for first in range(0, samples + samples // 4, BLOCK):  # once around, and a part
        for name in names:
            send(name, first)
    grown = process.memory_info().rss - before
    rings = [store.series[name].ring for name in names]
    kept = sum(ring.head - ring.oldest for ring in rings)
    raw = kept * channels * np.dtype(storage.value).itemsize + (kept * 8 if kind == "jittered" else 0)
    return grown, raw, sum(ring.held_bytes for ring in rings)


def _append(kind: str, n: int) -> Result:
    """Into full rings; the blocks lie one after the other in memory, as what was just decoded does."""
    rings = [Ring(1, HISTORY), explicit(Ring(1, HISTORY))]
    values = np.random.default_rng(2).normal(size=(1, n))
    repeats = max(2, 20_000 // n)
    total = HISTORY + n * (repeats * ROUNDS + 1)
    times = stamps(kind, 0, total)
    for ring in rings:
        ring.append(times[:HISTORY], np.zeros((1, HISTORY)))

    def appending(ring: Ring) -> object:
        places = itertools.count(HISTORY, n)

        def append() -> None:
            at = next(places)
            ring.append(times[at : at + n], values)

        return append

    lines_s, array_s = interleaved_s([appending(ring) for ring in rings], ROUNDS, repeats)  # type: ignore[misc]
    name = f"append {n} {kind} samples"
    return Result(name, lines_s * 1e6, array_s * 1e6, "µs", "timestamps in an array", at_most=APPEND_AT_MOST[n])


def _ingest(kind: str, n: int) -> Result:
    """De-duplicated, placed in time, counted, stored, folded."""
    repeats = 20
    blocks = []
    for number in range(repeats * ROUNDS + 1):
        times = stamps(kind, number * n, n)
        total = (number + 1) * n
        blocks.append(
            AcquisitionBlock(
                "a",
                AcquisitionState.ACQUIRING,
                total,
                n,
                times,
                ("C",),
                np.random.default_rng(3).normal(size=(1, n)),
            )
        )

    def ingesting(store: Store) -> object:
        store.describe(AcquisitionInfo("a", "e", "a", AcquisitionState.ACQUIRING, ("C",), 10_000.0), "")
        coming = iter(blocks)

        def ingest() -> None:
            block = next(coming)
            store.ingest(block, block.times_us.item(-1) + 1000)

        return ingest

    stores = [Store(HISTORY), Store(HISTORY)]
    actions = [ingesting(store) for store in stores]
    explicit(stores[1].series["a"].ring)
    lines_s, array_s = interleaved_s(actions, ROUNDS, repeats)  # type: ignore[arg-type]
    name = f"ingest a message of {n} {kind} samples"
    return Result(name, lines_s * 1e6, array_s * 1e6, "µs", "timestamps in an array", at_most=INGEST_AT_MOST)


def _reading(kind: str) -> list[Result]:
    rings = [Ring(1, HISTORY), explicit(Ring(1, HISTORY))]
    capacity = rings[0].capacity
    times = stamps(kind, 0, capacity)
    for ring in rings:
        for at in range(0, capacity, BLOCK):
            ring.append(times[at : at + BLOCK], np.zeros((1, min(BLOCK, capacity - at))))
    wanted = itertools.cycle(times[::997].tolist())
    cuts = [0, 120, 376]
    step = capacity // COLUMNS

    def asked(ring: Ring) -> dict[str, object]:
        return {
            "an edge far away": lambda: ring.first_at_or_after(next(wanted)),
            "an edge near by": lambda: ring.first_at_or_after(times.item(700_300), 700_000),
            "the runs of a frame": lambda: ring.runs(capacity - 500, capacity - 100, cuts),
            f"{COLUMNS} columns of all": lambda: ring.times_every(0, capacity, step),
            "10,000 timestamps": lambda: ring.read_times(500_000, 510_000),
        }

    out = []
    for what, lines in asked(rings[0]).items():
        actions = (lines, asked(rings[1])[what])
        lines_s, array_s = interleaved_s(actions, ROUNDS, REPEATS)  # type: ignore[arg-type]
        at_most = READ_AT_MOST if kind == "uniform" else None
        name = f"{what}, {kind}"
        out.append(Result(name, lines_s * 1e6, array_s * 1e6, "µs", "timestamps in an array", at_most=at_most))
    return out


if __name__ == "__main__":
    if len(sys.argv) > 1:
        which, how, *sizes = sys.argv[1:]
        print(json.dumps(fill(which, Storage(how), *(int(each) for each in sizes))))
    else:
        print(table(run()))
