"""Server to frame over loopback: the whole program, headless, against the plainest client that stores the same.

The plain client is what one writes first: one WebSocket, ``orjson.loads``, ``np.array`` of every window, keep the new
end of it. It draws nothing and compares nothing; ours may cost somewhat more for that, not a multiple.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from typing import Any

from perf.result import Result

SECONDS = 6.0

# Of six seconds a third of one goes by until 64 streams were asked for one by one, and before the last message comes.
RECEIVED_AT_LEAST = 0.92


def run() -> list[Result]:
    small = _program(16, 1000, "--wire", "json")
    large = _program(64, 10_000, "--wire", "json")
    fast = _program(16, 80_000, "--channels", "4", "--history", "100000", "--wire", "typed")
    plain = _plain(streams=64, rate_hz=10_000)
    results = []
    # A busy machine may cost the heavy run a server tick now and then; a light one has no excuse.
    for name, got, nominal, kept in (
        ("16 × 1 kS/s", small, 16_000, 1.0),
        ("64 × 10 kS/s", large, 640_000, 0.98),
        ("16 × 4 × 80 kS/s typed", fast, 5_120_000, 0.98),
    ):
        samples, verify, frame_ms = got["samples"], got["verify"], got["frame_ms"]
        wanted = nominal * got["duration_s"]
        results += [
            Result(f"{name}: received", samples["received"], wanted, "S", "rate × time", at_least=RECEIVED_AT_LEAST),
            Result(f"{name}: kept", wanted - samples["lost"], wanted, "S", "all", at_least=kept),
            Result(f"{name}: right", verify["verified"], samples["received"], "S", "received", at_least=1.0),
            Result(f"{name}: latency p99", got["latency_ms"]["p99"], 100.0, "ms", "the goal"),
            Result(f"{name}: prepare p99", frame_ms["prepare"]["p99"], 1000 / 30, "ms", "a frame"),
            Result(f"{name}: interval p99", frame_ms["interval"]["p99"], 1000 / 30, "ms", "a frame", at_most=1.5),
        ]
    ours, theirs = large["cpu_s"] / large["samples"]["received"], plain["cpu_s"] / plain["samples"]
    results.append(
        Result(
            "64 × 10 kS/s: CPU a sample, frames included", ours * 1e6, theirs * 1e6, "µs", "plain client", at_most=2.0
        )
    )
    return results


def _program(streams: int, rate_hz: float, *more: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "lablink_dpg", "--streams", str(streams), "--rate", str(rate_hz), *more]
    command += ["--duration", str(SECONDS), "--headless", "--verify", "--report", "-"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=60)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def _plain(streams: int, rate_hz: float) -> dict[str, float]:
    """The plain client in a process of its own, so that its CPU time is its own."""
    from lablink_dpg.sim.process import SimProcess

    with SimProcess(streams=streams, rate_hz=rate_hz) as simulator:
        command = [sys.executable, "-m", "perf.endtoend", simulator.url, simulator.ws_url]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=60)
    result: dict[str, float] = json.loads(done.stdout)
    return result


async def _plain_client(url: str, ws_url: str) -> dict[str, float]:
    import httpx
    import numpy as np
    import orjson
    import websockets

    kept: dict[str, list[Any]] = {}
    totals: dict[str, int] = {}
    samples = 0
    async with (
        httpx.AsyncClient(base_url=url) as rest,
        websockets.connect(ws_url, compression=None, max_size=None) as ws,
    ):
        for session in (await rest.get("/api/acquisition/sessions")).json()["sessions"]:
            request = {
                "type": "start_acquisition_stream",
                "acquisition_id": session["acquisition_id"],
                "interval_ms": 50,
                "num_samples": 1500,
            }
            await ws.send(json.dumps(request))
        before_s = time.process_time()
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            message = orjson.loads(await ws.recv())
            data = message.get("data")
            if not data:
                continue
            key, total = message["acquisition_id"], message["stats"]["total_samples"]
            times = np.array(data["timestamps"], "datetime64[us]")
            values = [np.array(each) for each in data["values"].values()]
            new = min(len(times), total - totals.get(key, total - len(times)))
            totals[key] = total
            if new > 0:
                kept.setdefault(key, []).append((times[-new:], [each[-new:] for each in values]))
                samples += new * len(values)
    return {"cpu_s": time.process_time() - before_s, "samples": samples}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_plain_client(sys.argv[1], sys.argv[2]))))
