"""Running, pausing and resuming jobs of a real simulator."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from lablink_dpg.link.address import parse_address
from lablink_dpg.link.job_calls import control_job
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.rest import Rest, RestError
from lablink_dpg.link.tls import tls_context
from lablink_dpg.model.orders import ControlJob
from lablink_dpg.sim.process import SimProcess
from lablink_dpg.wire.jobs import parse_executions, parse_jobs, parse_run


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with SimProcess(rate_hz=100.0) as sim:
        yield sim.url


def test_a_job_is_run_paused_and_resumed(url: str) -> None:
    async def work() -> None:
        address = parse_address(url)
        async with Rest(address, LinkOptions(), tls_context(address)) as rest:
            (job,) = parse_jobs(await rest.get("/api/scheduler/jobs"), lambda _: 0)
            _, answer = await control_job(rest, ControlJob(job.job_id, "run"))
            runs = parse_executions(await rest.get("/api/scheduler/executions"), lambda _: 0)
            assert parse_run(answer) in [run.execution_id for run in runs]
            for action, is_enabled in (("pause", False), ("resume", True)):
                text, _ = await control_job(rest, ControlJob(job.job_id, action))  # type: ignore[arg-type]
                assert action in text
                (after,) = parse_jobs(await rest.get("/api/scheduler/jobs"), lambda _: 0)
                assert after.is_enabled is is_enabled

    asyncio.run(work())


def test_a_job_that_is_gone_is_refused_in_the_servers_words(url: str) -> None:
    async def work() -> None:
        address = parse_address(url)
        async with Rest(address, LinkOptions(), tls_context(address)) as rest:
            with pytest.raises(RestError, match="Job nope not found"):
                await control_job(rest, ControlJob("nope", "pause"))

    asyncio.run(work())
