"""The REST calls that run, pause and resume a scheduled job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lablink_dpg.link.rest import Rest
from lablink_dpg.model.orders import ControlJob

JOB = "/api/scheduler/jobs/{}/"


async def control_job(rest: Rest, order: ControlJob) -> tuple[str, Mapping[str, Any]]:
    """Raises RestError."""
    answer = await rest.post(f"{JOB}{order.action}", {}, order.job_id)
    return f"job {order.job_id}: {order.action} done", answer if isinstance(answer, dict) else {}
