"""The REST call of a benchmark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lablink_dpg.link.rest import Rest
from lablink_dpg.model.orders import RunBenchmark

BENCHMARK = "/api/diagnostics/benchmark/{}"
BENCHMARK_TIMEOUT_S = 120.0  # hundreds of commands, each of which may wait seconds for a slow instrument


async def run_benchmark(rest: Rest, order: RunBenchmark) -> tuple[str, Mapping[str, Any]]:
    """Raises:
    RestError: also if it takes too long.
    """
    answer = await rest.post(BENCHMARK, {}, order.equipment_id, timeout_s=BENCHMARK_TIMEOUT_S)
    return f"benchmark of {order.equipment_id} done", answer if isinstance(answer, dict) else {}
