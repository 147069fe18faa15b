"""Benchmarks of a real simulator's devices."""

from __future__ import annotations

import asyncio

import pytest

from lablink_dpg.link.address import parse_address
from lablink_dpg.link.diagnostics_calls import BENCHMARK_TIMEOUT_S, run_benchmark
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.rest import Rest, RestError
from lablink_dpg.link.tls import tls_context
from lablink_dpg.model.orders import RunBenchmark
from lablink_dpg.sim.process import SimProcess
from lablink_dpg.wire.health import parse_benchmark


def test_a_benchmark_has_a_result_or_is_refused_and_may_take_longer_than_other_calls() -> None:
    hasty = LinkOptions(rest_timeout_s=0.05)  # the simulator takes 75 ms for it

    async def work(url: str) -> None:
        address = parse_address(url)
        async with Rest(address, LinkOptions(), tls_context(address)) as rest:
            device = (await rest.equipment())[0].equipment_id
        async with Rest(address, hasty, tls_context(address)) as rest:
            _, answer = await run_benchmark(rest, RunBenchmark(device))
            run = parse_benchmark(answer, device, 0)
            assert run is not None
            assert run.score == 100.0
            with pytest.raises(RestError, match="not found"):
                await run_benchmark(rest, RunBenchmark("nope"))

    with SimProcess(rate_hz=100.0) as sim:
        asyncio.run(work(sim.url))
    assert LinkOptions().rest_timeout_s < BENCHMARK_TIMEOUT_S
